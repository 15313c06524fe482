"""What kinds of lines a mail holds, and what it tells of other units than the recipient's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from eco_workflow.domain.messages import Alert, Backlog, Envelope, Overdue, StillSilent
from eco_workflow.domain.notices import KINDS

Supervised = Alert | Overdue | Backlog | StillSilent
"""What a supervision office hears of a unit."""


@dataclass(frozen=True)
class Above:
    """What an envelope tells of late units to who supervises them, or copies to others."""

    silent: Sequence[Alert]
    overdue: Sequence[Overdue]
    backlogs: Sequence[Backlog]
    still: Sequence[StillSilent]

    @property
    def in_full(self) -> list[Alert | Overdue | Backlog]:
        """Those that are told whole, with who was told of them before."""
        return [*self.silent, *self.overdue, *self.backlogs]

    @property
    def all(self) -> list[Supervised]:
        """Everything, also what is only counted on."""
        return [*self.in_full, *self.still]


def alerted(envelope: Envelope) -> Above:
    """Of which units the recipient is alerted."""
    return Above(envelope.alerts, envelope.overdue_alerts, envelope.backlog_alerts, envelope.still_silent)


def copied(envelope: Envelope) -> Above:
    """Of which units the recipient gets a copy."""
    return Above(
        envelope.copies, envelope.overdue_copies, envelope.backlog_copies, envelope.still_silent_copies
    )


def sections(envelope: Envelope) -> list[str]:
    """Which kinds of lines the mail holds, what is worst first: the stems of the templates' names."""
    kinds = {
        "alert": alerted(envelope).all,
        "overdue": envelope.overdue,
        "backlog": envelope.backlog,
        "reminder": [one for one in envelope.reminders if one.items],
        "request": envelope.requests,
        "warning": envelope.warnings,
        "notice": envelope.notices,
        "task_sheet": envelope.task_sheets,
        "weekly": envelope.weekly,
        "summary": envelope.summaries,
        "copies": copied(envelope).all,
    }
    return [kind for kind, lines in kinds.items() if lines]


def detailed(sections: Sequence[str]) -> list[str]:
    """The two kinds of which the subject gives details: what is worst, and what has a time to act by."""
    first = list(sections[:2])
    return [first[0], "request"] if "request" in sections and "request" not in first else first


def owes_answer(envelope: Envelope) -> bool:
    """Whether the recipient's unit is to report something; the office reports to nobody by this way."""
    if envelope.recipient.unit == envelope.office.name:
        return False
    owed = (envelope.requests, envelope.reminders, envelope.overdue, envelope.warnings)
    return any(owed) or any(KINDS[notice.kind].owes_answer for notice in envelope.notices)


FILTERS = {filter_.__name__: filter_ for filter_ in (alerted, copied, detailed, owes_answer)}
