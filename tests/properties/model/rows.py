"""What the office's books hold: people, rounds, what is owed, cases."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from eco_workflow.domain.escalation import EntryFact, is_late
from eco_workflow.domain.overdue import OPEN, SET_ASIDE

OWED = ("awaiting", "returned")


@dataclass(eq=False)
class Person:
    """A liaison or leader in charge."""

    unit: str
    role: str
    address: str
    ended: bool = False
    failed: bool = False
    lost_on: date | None = None
    """The day on which it ended, or on which the address was first refused."""

    def lose(self, on: date) -> None:
        """From that day on nobody is reached here."""
        self.lost_on = self.lost_on or on

    @property
    def reachable(self) -> bool:
        return not self.ended and not self.failed


@dataclass(eq=False)
class Round:
    """A regular round of a printed date, or an ad-hoc one with what it was chosen to ask."""

    printed: date
    month_end: bool
    chosen: set[tuple[str, str]] | None = None
    state: str = "planned"
    opened_on: date | None = None
    drafted_on: date | None = None
    released: bool = False
    """Whether the office released its summary."""
    summary_on: date | None = None
    summary_to: Person | None = None

    @property
    def is_adhoc(self) -> bool:
        return self.chosen is not None

    @property
    def order(self) -> tuple[date, bool]:
        """The newer the higher; of one day the ad-hoc round is the newer."""
        return self.printed, self.is_adhoc

    @property
    def name(self) -> tuple[date, str]:
        return self.printed, "adhoc" if self.is_adhoc else "regular"


@dataclass
class Owes:
    """What a unit owes on an item."""

    rhythm: str
    asked_from: date | None
    asked_until: date | None
    role: str = "lead"
    due_on: date | None = None
    clock_from: date | None = None
    state: str = "not_started"
    paused_as: str = ""
    """The state to which a suspended item returns."""
    came_as: str = "not_started"
    """How far the merged unit had got that it came from: without an own answer, that holds."""
    warned_for: date | None = None
    warned_on: date | None = None
    warned_to: Person | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_set_aside(self) -> bool:
        return self.state in SET_ASIDE

    @property
    def got_to(self) -> str:
        """How far the unit has got; where it rests, how far it had."""
        return self.paused_as if self.state == "suspended" else self.state

    def is_asked(self, printed: date, month_end: bool) -> bool:
        """Whether it is its turn in the regular round of a printed date."""
        turn = {
            "every_round": True,
            "monthly": month_end,
            "quarterly": month_end and printed.month in (3, 6, 9, 12),
            "never": False,
        }
        return (
            turn[self.rhythm]
            and (self.asked_from is None or self.asked_from <= printed)
            and (self.asked_until is None or printed <= self.asked_until)
        )


@dataclass
class Entry:
    """One item in one request."""

    state: str = "awaiting"
    due_at: datetime | None = None
    returns: int = 0
    returned_on: date | None = None
    submitted_on: date | None = None
    on_time: bool | None = None
    """Of the first answer that was not recalled."""
    said: list[str] = field(default_factory=list)
    """The answers that stand: neither recalled nor returned."""
    touched: bool = False
    """Whether anything was ever said or decided about it."""

    def late(self, now: datetime) -> bool:
        return is_late(EntryFact(self.state, self.due_at), now)


@dataclass(eq=False)
class Request:
    """One unit in one round."""

    round: Round
    unit: str
    liaison: Person | None
    entries: dict[str, Entry]
    state: str = "awaiting"
    asked_on: date | None = None
    due_at: datetime | None = None
    sent_on: date | None = None

    @property
    def sent(self) -> bool:
        return self.sent_on is not None

    @property
    def owed(self) -> dict[str, Entry]:
        return {item: entry for item, entry in self.entries.items() if entry.state in OWED}


@dataclass(eq=False)
class Hold:
    """From the day it began to the day before the plan went on."""

    began_at: datetime
    since: date
    until: date | None = None


@dataclass(eq=False)
class Extension:
    """A later due date that was asked for."""

    unit: str
    item: str
    until: date
    asked_on: date
    granted: bool | None = None


@dataclass(eq=False)
class Aside:
    """An item that is to be suspended or not applicable: asked by one office, confirmed by the other."""

    unit: str
    item: str
    state: str
    asked_as: str
    confirmed_on: date | None = None
    ended_on: date | None = None
    came_on: date | None = None
    """When the unit took it over, with what it pauses."""
    left_on: date | None = None
    """When the unit came to owe the item no more, or as another does."""

    def rested_until(self, day: date) -> date:
        """The first day that is no rest, as seen on a day; what left while it rested did so that day too."""
        if self.ended_on is None:
            return day + timedelta(days=1)
        return self.ended_on + timedelta(days=1) if self.ended_on == self.left_on else self.ended_on

    def is_of(self, case: "Case") -> bool:
        """Whether it pauses a case: not one that closed before it came, nor what came after it left."""
        came_before = self.came_on is None or case.closed_on is None or case.closed_on > self.came_on
        left_after = self.left_on is None or (case.closed_on is not None and case.closed_on <= self.left_on)
        return came_before and left_after

    @property
    def ended(self) -> bool:
        return self.ended_on is not None


@dataclass
class Telling:
    """A row of the rungs' log."""

    rung: int
    on: date
    to: Person | None
    released_on: date | None = None


@dataclass
class Breach:
    """A round that the unit let pass."""

    round: Round
    on: date
    since: datetime
    """When the first of what it owed in that round ran out."""
    tell: bool
    told_on: date | None = None
    told_to: Person | None = None


@dataclass(eq=False)
class Case:
    """A unit's silence, an item that is late, or what waits for the office; only an item has a code."""

    unit: str
    opened_on: date
    clock: str = "report"
    item: str = ""
    due_on: date | None = None
    rung: int = 1
    told_on: date | None = None
    told_to: Person | None = None
    waits_from: date | None = None
    """The rung has waited since then, where later than its telling: a suspension paused it."""
    reminded_on: date | None = None
    """The day it was last reminded of by hand: nothing more is said of it on that day."""
    closed_on: date | None = None
    closed_by: Round | None = None
    """The round whose answer or claim closed it."""
    announced: bool = False
    report_on: date | None = None
    """The day its supervision report was drafted; nobody signs one here."""
    report_void: bool = True
    above_on: date | None = None
    """The day its report to the leader above was drafted, because the alert would go to the unit itself."""
    above_signed_on: date | None = None
    note_on: date | None = None
    """The day a note was drafted that says to the leader above that it is resolved; nobody signs one here."""
    note_void: bool = True
    breaches: list[Breach] = field(default_factory=list)
    log: list[Telling] = field(default_factory=list)

    @property
    def newest(self) -> tuple[date, bool]:
        return max(breach.round.order for breach in self.breaches)

    def untell(self) -> None:
        self.told_on = self.told_to = None

    def close(self, on: date, by: Round | None = None) -> None:
        self.closed_on, self.closed_by = on, by
        self.report_void = True

    def reopen(self) -> None:
        self.closed_on = self.closed_by = None
        self.announced = False
        self.note_void = True
        self.report_void = self.report_on is None
