"""What is told once because it happened: every kind, the facts its words need, and who hears it (DOMAIN 5).

The services that write a notice and the templates that word it meet in `KINDS`, and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from eco_workflow.domain.messages import Notice
from eco_workflow.domain.overdue import CASE_CLOCKS
from eco_workflow.domain.words import MEANS, ROLE

Fact = str | int | date | datetime


@dataclass(frozen=True)
class Kind:
    """One kind of notice."""

    hears: str
    """Who gets it, for those who write the service."""
    facts: tuple[str, ...]
    """The facts its words need, no more and no fewer; `FACTS` says how each is written."""
    item: bool = True
    """Whether it is always about an item; else it may be about a unit's answer to a round."""
    asks: bool = False
    """Whether the recipient has something to do; then its words begin with that."""

    @property
    def owes_answer(self) -> bool:
        """Whether what it asks for is an answer of the late or asked unit itself."""
        return self.asks and self.hears == "the unit"


# In the order in which a mail tells them: what asks for something first, most urgent first.
KINDS = {
    "veto_occurred": Kind(
        "who decides, at once on any day: the office, for its host the supervision office",
        ("by", "until", "note"),
        asks=True,
    ),
    "veto_confirmed": Kind(
        "the supervision office, at once on any day", ("by", "declared_on", "reason"), asks=True
    ),
    "veto_undecided": Kind("the supervision office", ("declared_on", "until", "decides"), asks=True),
    "returned": Kind("the unit", ("reason", "due_at"), asks=True),
    "moved_by_hold": Kind("the unit", ("round_on", "old_due_at", "due_at", "reason"), item=False, asks=True),
    "moved_by_calendar": Kind(
        "the unit", ("round_on", "old_due_at", "due_at", "reason"), item=False, asks=True
    ),
    "due_by_calendar": Kind("the unit", ("old_due_on", "due_on", "reason"), asks=True),
    "assigned": Kind("the unit", ("due_on",), asks=True),
    "reopened": Kind("the unit", ("value", "target", "due_on"), asks=True),
    "extension_refused": Kind("the unit", ("until", "reason", "first_due_on", "late_from", "by"), asks=True),
    "proposal_declined": Kind("the unit", ("due_on", "target", "reason"), asks=True),
    "evidence_returned": Kind("the unit that brought it", ("file", "reason"), asks=True),
    "confirm_on_behalf": Kind("the unit", ("recorded", "means", "by"), asks=True),
    "rhythm_due": Kind(
        "the office", ("due_on", "late_from", "open_items", "red", "yellow", "resolutions"), asks=True
    ),
    "reverification_due": Kind(
        "the office", ("due_on", "late_from", "met", "unmet", "undetermined", "outdated"), asks=True
    ),
    "no_contact": Kind("the office", ("role", "why", "above"), item=False, asks=True),
    "extension_asked": Kind(
        "who decides: the office, for its host's items the supervision office",
        ("until", "reason", "by"),
        asks=True,
    ),
    "suspension_asked": Kind("the supervision office", ("state", "reason", "by"), asks=True),
    "report_drafted": Kind("the supervision office", ("addressee", "count", "units"), item=False, asks=True),
    "note_drafted": Kind("the supervision office", ("addressee", "count", "units"), item=False, asks=True),
    "pro_rata_drafted": Kind(
        "the supervision office", ("period", "code", "count", "units"), item=False, asks=True
    ),
    "no_contact_long": Kind("the supervision office", ("since", "days"), item=False, asks=True),
    "phase_outlived": Kind(
        "the office and the supervision office", ("phase", "ended_on", "lacking"), item=False, asks=True
    ),
    "value_wanted": Kind("the unit", ("year", "value"), asks=True),
    "issue_released": Kind(
        "a unit on its distribution list", ("issue", "code", "text"), item=False, asks=True
    ),
    "veto_of_host": Kind("the office, of its host, at once on any day", ("by", "until", "note", "decides")),
    "veto_decided": Kind(
        "the unit; of its host the office too; at once on any day", ("by", "declared_on", "found", "reason")
    ),
    "veto_cleared": Kind(
        "the unit, the office, the supervision office, at once on any day", ("by", "document")
    ),
    "veto_recalled": Kind("the offices that were told of the occurrence", ("by", "declared_on")),
    "annulled": Kind(
        "everyone who was told of the case",
        ("clock", "opened_on", "stands", "reason", "asked_by", "confirmed_by"),
        item=False,
    ),
    "phase_closed": Kind("every working unit", ("phase", "closed_on", "next"), item=False),
    "phase_passed": Kind(
        "every working unit", ("phase", "closed_on", "next", "lacking", "until"), item=False
    ),
    "last_phase_closed": Kind("every working unit", ("phase", "closed_on"), item=False),
    "last_phase_passed": Kind("every working unit", ("phase", "closed_on", "lacking", "until"), item=False),
    "merged": Kind("the successor", ("predecessor", "successor"), item=False),
    "renamed": Kind("the unit and the office", ("old_name", "new_name"), item=False),
    "split": Kind("the unit and who takes over", ("predecessor", "successor", "items"), item=False),
    "resumed": Kind("the unit", ("reason",)),
    "suspended": Kind("the unit", ("reason",)),
    "not_applicable": Kind("the unit", ("reason",)),
    "extension_granted": Kind("the unit", ("until", "reason", "first_due_on", "by")),
    "proposal_confirmed": Kind("the unit", ("due_on", "target")),
    "settled_due": Kind("the unit", ("due_on", "first_due_on")),
    "settled_done": Kind("the unit", ("evidence",)),
    "closed_out": Kind("the unit", ()),
    "evidence_quarantined": Kind("the unit that brought it", ("file", "reason")),
    "resolved": Kind("everyone who was sent the alert of rung 3 or a copy", ("closed_on", "how"), item=False),
}


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return moment


def _words(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text


def _one_of(*codes: str) -> Callable[[str], str]:
    def choose(text: str) -> str:
        if text not in codes:
            raise ValueError(f"{text!r} is none of {', '.join(codes)}")
        return text

    return choose


FACTS: dict[str, Callable[[str], Fact]] = {
    "above": _words,
    "addressee": _words,
    "asked_by": _words,
    "by": _words,
    "closed_on": date.fromisoformat,
    "clock": _one_of(*CASE_CLOCKS),
    "code": _words,
    "confirmed_by": _words,
    "count": int,
    "days": int,
    "decides": _words,
    "declared_on": date.fromisoformat,
    "document": _words,
    "due_at": _instant,
    "due_on": date.fromisoformat,
    "ended_on": date.fromisoformat,
    "evidence": _words,
    "file": _words,
    "first_due_on": date.fromisoformat,
    "found": _one_of("confirmed", "error"),
    "how": _one_of("over", "put_off"),
    "issue": _words,
    "items": _words,
    "lacking": int,
    "late_from": date.fromisoformat,
    "met": int,
    "means": _one_of(*MEANS),
    "new_name": _words,
    "next": _words,
    "note": _words,
    "old_due_at": _instant,
    "old_due_on": date.fromisoformat,
    "old_name": _words,
    "open_items": int,
    "opened_on": date.fromisoformat,
    "phase": _words,
    "outdated": int,
    "period": _words,
    "predecessor": _words,
    "reason": _words,
    "recorded": _words,
    "red": int,
    "resolutions": int,
    "role": _one_of(*ROLE),
    "round_on": date.fromisoformat,
    "since": date.fromisoformat,
    "stands": _one_of("late", "over"),
    "state": _one_of("suspended", "not_applicable"),
    "successor": _words,
    "target": _words,
    "text": _words,
    "undetermined": int,
    "units": int,
    "unmet": int,
    "until": date.fromisoformat,
    "value": _words,
    "why": _one_of("none", "refused"),
    "year": int,
    "yellow": int,
}
"""How each fact is written, since a notice holds text only: dates and instants (with a zone) in ISO 8601,
whole numbers in digits (`days`: working days; `lacking`: what keeps a phase from closing; `count` papers, or
items, on `units` units; `red` and `yellow`: units with that light; `met`, `unmet`, `undetermined` and
`outdated`: indicators), a `code` of what recurs, codes from a list, else words as they stand.

`above`: the supervision office, which hears after some days. `file`: the requirement that a file was brought
for, never its own name. `late_from`: the first day on which the item counts as late. `why`: nobody is
named, or the address was refused. `stands`: what the case was about is late still, or over. `by`: who asked,
decided or wrote it down. `how`: what was late is done or owed no more, or its date was put off.
`decides`: the office that confirms a declared veto item or marks an error; `found`: what it came to.
`text`: an issue's whole text, of several lines.
"""


def read_facts(notice: Notice) -> dict[str, Fact]:
    """The facts of a notice as what they are.

    Raises `ValueError` that names the notice and each fact which is missing, unknown or not so written:
    whoever writes notices calls this first, so that nothing incomplete is ever stored.
    """
    kind = KINDS.get(notice.kind)
    if kind is None:
        raise ValueError(f"Notice {notice.kind!r} is no kind of notice. Add it to KINDS and to its words.")
    wrong = [f"{name} is missing" for name in kind.facts if name not in notice.facts]
    wrong += [f"{name} has no words" for name in notice.facts if name not in kind.facts]
    if kind.item and notice.item is None:
        wrong.append("the item is missing")
    read: dict[str, Fact] = {}
    for name in kind.facts:
        if name in notice.facts:
            try:
                read[name] = FACTS[name](notice.facts[name])
            except ValueError as error:
                wrong.append(f"{name} is wrong: {error}")
    if wrong:
        raise ValueError(f"Notice {notice.kind!r} about {notice.unit}: {'; '.join(wrong)}.")
    return read
