"""What an envelope says, as plain facts, before anyone words or carries it.

One envelope goes to one person in one unit of one plan on one day (DOMAIN 5). The services gather
these facts as of the moment of the attempt; `notifications` words them (`Render`) and hands the bytes
over (`Send`). Nothing here knows the database.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from eco_workflow.domain.answers import Question
from eco_workflow.domain.free_text import on_a_line


class MessageState(StrEnum):
    """Where a message stands (DESIGN, rule 3)."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Item:
    """One obligation as a line names it: code, short title, place in the source, last known state."""

    code: str
    title: str
    role: str
    """`lead`, `data_provider` or `owner` (of a milestone)."""
    place: str
    """Where the source says so, e.g. `五(二)7`."""
    due_on: date | None = None
    last: str = ""
    """What the unit reported last, in words; empty when it never did."""
    returned: str = ""
    """Why the office returned the answer; empty unless it did."""
    days_late: int | None = None
    """Whole working days since `due_at`."""
    round_on: date | None = None
    """The printed date of the round to which an answer that is late is owed."""
    due_at: datetime | None = None
    """When that answer was due: a due time of the item's own (a returned answer); else that of the round."""
    question: Question = "progress"
    """What it asks: where it stands, or only a yes or no."""
    parts: tuple[tuple[str, str], ...] = ()
    """Code and name of each part for which a figure is asked of its own, in order: `I07.1`, …."""
    late_from: date | None = None
    """In an early warning: the first day of lateness, where that is not the day after the due date."""


@dataclass(frozen=True)
class Request:
    """A round asks the recipient's unit. Answers are due at `due_at` (an aware instant)."""

    round_on: date
    due_at: datetime
    items: tuple[Item, ...]
    cover_note: str = ""
    """Why an ad-hoc round (临时调度) asks; empty in a regular one."""


@dataclass(frozen=True)
class NextStep:
    """What follows by rule, and on which day at the earliest, when nothing is answered."""

    rung: int
    on: date
    who: str


@dataclass(frozen=True)
class Reminder:
    """A unit's silence, told to the unit itself (rungs 1 and 2; at rung 3 when a further round passed)."""

    rung: int
    round_on: date
    """With `due_at` and `days_late`: of what is owed longest; items owed to later rounds have their own."""
    due_at: datetime
    days_late: int
    """Whole working days since the day the answer was due."""
    silent_rounds: tuple[date, ...]
    """The printed dates of the rounds that the unit let pass, oldest first."""
    items: tuple[Item, ...]
    """Empty where each of them is overdue work, too, and stands there (`domain/one_line`)."""
    next_step: NextStep | None
    in_part: tuple["InPart", ...] = ()
    """Of these rounds those to which the unit gave some answers."""


@dataclass(frozen=True)
class InPart:
    """A round that a unit let pass without answering all that it asked, as it stands now."""

    round_on: date
    entries: int
    answered: int
    returned: int
    """Answers that the office gave back to be mended."""


Owed = tuple[date, datetime, int]
"""A round's printed date, when an answer to it was due, and how many whole working days that is since."""


def owed_longest(items: Iterable[Item]) -> Owed | None:
    """Of the items that are late what is owed longest; None where none says since when."""
    late = [
        (item.round_on, item.due_at, item.days_late)
        for item in items
        if item.round_on is not None and item.due_at is not None and item.days_late is not None
    ]
    return min(late, key=lambda owed: owed[1], default=None)


@dataclass(frozen=True)
class Order:
    """The supervision order or letter of request of a unit that lists a case: one a unit and day."""

    drafted_on: date
    signed: bool = False
    """Nothing waits for a signature."""


@dataclass(frozen=True)
class Overdue:
    """An item past its due date, or claimed and not shown to be met or proven (DOMAIN 4)."""

    unit: str
    clock: str
    """`task`, `indicator`, `evidence`, or `office`: an indicator that waits for what the office owes."""
    rung: int
    due_on: date
    days_late: int
    """Whole working days since the due date."""
    item: Item
    why: str
    """Why an indicator's target is not shown to be met, or which evidence is missing; else empty."""
    next_step: NextStep | None
    """In a reminder: what follows by rule; in an alert None."""
    tellings: tuple["Telling", ...]
    """In an alert: who was told before; in a reminder empty."""
    independent: bool
    """Not subordinate: a letter of request is drafted instead of a supervision order."""
    order: Order | None = None
    """In an alert: that paper, where it is drafted."""
    answer_late: int | None = None
    """Whole working days by which an answer on it to a round is late as well; none where none is owed."""


@dataclass(frozen=True)
class Notice:
    """Something that happened and is told once (DOMAIN 5): `kind` is the key of its words."""

    kind: str
    """A key of `domain/notices.KINDS`, which says what `facts` must hold and who hears it."""
    on: date
    """When it happened."""
    unit: str
    """The unit it is about."""
    item: Item | None
    facts: dict[str, str]
    """What else the words need, by name; `domain/notices.read_facts` checks and reads them."""


@dataclass(frozen=True)
class Telling:
    """Who was told of a rung, on which day, and by what means."""

    rung: int
    on: date
    who: str
    """Unit, role and name."""
    means: str
    """In Chinese, e.g. `邮件`."""


@dataclass(frozen=True)
class Alert:
    """A unit at rung 3, told to the supervision office (or, as a copy, to those the plan names)."""

    unit: str
    round_on: date
    """With `due_at` and `days_late`: of what is owed longest; items owed to later rounds have their own."""
    due_at: datetime
    days_late: int
    silent_rounds: tuple[date, ...]
    """The printed dates of the rounds that the unit let pass, oldest first."""
    items: tuple[Item, ...]
    tellings: tuple[Telling, ...]
    independent: bool
    """Not subordinate: a letter of request is drafted instead of a supervision order."""
    order: Order | None = None
    """In an alert: that paper, where it is drafted."""
    in_part: tuple[InPart, ...] = ()
    """Of these rounds those to which the unit gave some answers."""


@dataclass(frozen=True)
class StillSilent:
    """A unit at rung 3 that let a further round pass, told to who heard its alert before: the count alone."""

    unit: str
    since: datetime
    """When its first unanswered request was due."""
    silent_rounds: tuple[date, ...]
    """The printed dates of the rounds that the unit let pass, oldest first."""
    independent: bool
    """Not subordinate: a letter of request is drafted instead of a supervision order."""
    order: Order | None = None
    """That paper, where it is drafted."""
    in_part: tuple[InPart, ...] = ()
    """Of these rounds those to which the unit gave some answers."""


@dataclass(frozen=True)
class Waiting:
    """Things of one kind that have waited too long for the office's decision."""

    kind: str
    """`answer`, `step`, `extension`, `proposal`, `evidence` or `summary` (of a round, not released)."""
    count: int
    since: date
    waited: int
    """Whole working days since then."""
    within: int
    """Whole working days in which they were to be decided."""


@dataclass(frozen=True)
class Backlog:
    """The office is late with what waits for its decision (review clock, DOMAIN 4)."""

    unit: str
    rung: int
    waits: tuple[Waiting, ...]
    """Longest late first; never empty."""
    days_late: int
    """Whole working days beyond those in which the worst was to be decided."""
    next_step: NextStep | None
    """In a reminder: what follows by rule; in an alert None."""
    tellings: tuple[Telling, ...]
    """In an alert: who was told before; in a reminder empty."""
    independent: bool
    """Not subordinate: a letter of request is drafted instead of a supervision order."""
    order: Order | None = None
    """In an alert: that paper, where it is drafted."""


@dataclass(frozen=True)
class UnitInRound:
    """One unit's row in the summary of a round."""

    unit: str
    entries: int
    answered: int
    on_time: bool
    returned: int = 0
    """Answers that the office gave back to be mended."""
    note: str = ""
    """What stands in the way, as reported; empty when nothing does."""


@dataclass(frozen=True)
class Wanting:
    """Money that items lack, or that was spent beyond their budgets: of how many, how much in 万元, and the
    largest in words, the item first.
    """

    overspent: bool
    count: int
    total: str
    largest: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """The draft summary of a round, as reported and not reviewed (DOMAIN 3.5)."""

    round_on: date
    units: tuple[UnitInRound, ...]
    unreached: tuple[str, ...]
    """Units whose request could not be sent."""
    replaced: tuple[str, ...] = ()
    """Units whose request gave way to a newer one before it was due: they are asked there."""
    merged: tuple[tuple[str, str], ...] = ()
    """Units that were merged before their answer was due, each with the unit that it went into."""
    occurred: tuple[str, ...] = ()
    """Veto items that were declared as occurred: unit, code and title in words."""
    adhoc: bool = False
    """Of an ad-hoc round (临时调度), which may have the date of a regular one."""
    funding: tuple[Wanting, ...] = ()
    """What is short, then what was overspent, where there is any."""
    release_by: date | None = None
    """The last day on which the office releases it in time; none for who only reads it."""


@dataclass(frozen=True)
class RoundOfWeek:
    """A round that was opened in the days reported on: units asked, and those that answered in full."""

    round_on: date
    asked: int
    answered: int
    adhoc: bool = False


@dataclass(frozen=True)
class Task:
    """What awaits the operators, and the command that shows it."""

    kind: str
    """As `Waiting.kind` (of summaries every one that is not released); `paper` (not signed), `unsettled`
    (past due at activation), `unknown` (messages), `failed` (messages of these days), `untold` (persons whom
    nothing reaches), `no_contact` (units), `night` (nights that failed or were missed), `calendar` (a year
    that is not known).
    """
    count: int
    command: str
    since: date | None = None
    """Since when the oldest waits; of a calendar the first day that is not known."""
    names: tuple[str, ...] = ()
    """Of units without a contact, and of persons whom nothing reaches, who they are."""


@dataclass(frozen=True)
class WeeklyReport:
    """What the engine did from `since` to `until`, what it did not, and what awaits the operators now."""

    since: date
    until: date
    due: int
    """Days on which a run was due: all, but those on which the plan was held."""
    missed: tuple[date, ...]
    """Those of them without a run."""
    late: tuple[datetime, ...]
    """When runs began that began more than an hour after their time."""
    rounds: tuple[RoundOfWeek, ...]
    skipped: tuple[date, ...]
    """Printed dates of the rounds that an outage left out."""
    messages: tuple[tuple[str, int], ...]
    """Of these days, by state."""
    tasks: tuple[Task, ...]
    nothing_left: tuple[date, ...] = ()
    """Days on which messages were tried and none was taken."""


@dataclass(frozen=True)
class SheetLine:
    """What a unit has to do with an item over the whole plan."""

    code: str
    title: str
    role: str
    """As `Item.role`, or `supporting`: informed, owes nothing."""
    place: str
    due_on: date | None = None
    target: str = ""
    """Of an indicator, as printed, with its measure."""


@dataclass(frozen=True)
class TaskSheet:
    """Everything the plan gives a unit to do, sent once: leads first, what it supports last."""

    since: date
    until: date
    """The plan's first and last day."""
    lines: tuple[SheetLine, ...]
    """Never empty."""


@dataclass(frozen=True)
class Recipient:
    """One person in one unit of one plan."""

    name: str
    role: str
    """`liaison` or `leader`."""
    unit: str
    address: str


@dataclass(frozen=True)
class Office:
    """Whom to call."""

    name: str
    telephone: str


@dataclass(frozen=True)
class Attachment:
    """A file that goes with an envelope."""

    name: str
    """As the reader is to see it, with its ending, e.g. `督办单.docx`."""
    kind: str
    """Its media type, e.g. `application/pdf`; of a text with its charset."""
    content: bytes


@dataclass(frozen=True)
class Envelope:
    """Everything one person hears on one day. Sections without lines are empty tuples."""

    message_id: str
    """Stable over all attempts; made of ids and ISO dates (DESIGN, rules 3 and 4)."""
    plan: str
    marking: str
    """`演示数据` or `试运行`; empty in earnest."""
    on: date
    written_at: datetime
    recipient: Recipient
    office: Office
    requests: tuple[Request, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    alerts: tuple[Alert, ...] = ()
    copies: tuple[Alert, ...] = ()
    """Alerts of which the recipient gets a copy only."""
    still_silent: tuple[StillSilent, ...] = ()
    """Of units whose alert the recipient heard before: how many rounds it is now."""
    still_silent_copies: tuple[StillSilent, ...] = ()
    summaries: tuple[Summary, ...] = ()
    overdue: tuple[Overdue, ...] = ()
    """The recipient's own unit is late with these items."""
    overdue_alerts: tuple[Overdue, ...] = ()
    overdue_copies: tuple[Overdue, ...] = ()
    backlog: tuple[Backlog, ...] = ()
    """What waits for the office too long; the recipient is of the office."""
    backlog_alerts: tuple[Backlog, ...] = ()
    backlog_copies: tuple[Backlog, ...] = ()
    warnings: tuple[Item, ...] = ()
    """Items of the recipient's unit that fall due within the next working days (rung 0)."""
    notices: tuple[Notice, ...] = ()
    task_sheets: tuple[TaskSheet, ...] = ()
    """One at most."""
    weekly: tuple[WeeklyReport, ...] = ()
    """One at most; the recipient is of the office."""
    attachments: tuple[Attachment, ...] = ()


class Result(StrEnum):
    """What the other side said to one attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """The address is definitely not taken, and not worth repeating before someone corrects it."""
    REJECTED = "rejected"
    """This mail or its sender is definitely not taken; nothing is wrong with the address."""
    LATER = "later"
    """Definitely not taken, but the same again may succeed."""
    NO_ANSWER = "no_answer"
    """Handed over without an answer: nobody can know whether it arrived."""


LONGEST_ANSWER = 500
"""Characters of an answer that are kept: servers that refuse explain themselves in a few lines."""


@dataclass(frozen=True)
class Outcome:
    """The result of an attempt and the other side's own words."""

    result: Result
    answer: str
    """One line of signs that can be printed, at most `LONGEST_ANSWER` of them."""
    reached: bool = True
    """Whether the other side spoke of this message; False where nobody was there to take any."""

    def __post_init__(self) -> None:
        # Whatever a server says ends up in a terminal and in the database.
        object.__setattr__(self, "answer", on_a_line(self.answer, LONGEST_ANSWER))


Render = Callable[[Envelope], bytes]
"""Words an envelope as a complete RFC 5322 message, plain and HTML."""

Send = Callable[[str, bytes], Outcome]
"""Hands bytes over to an address. Never raises for what the other side does: that is an `Outcome`."""
