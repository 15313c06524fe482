"""What is told: notices, and letters with their lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.properties.model.rows import Case, Entry, Person, Request, Round


@dataclass
class Line:
    """What a letter is about."""

    principal: bool
    dropped: bool = False


@dataclass(eq=False)
class Notice:
    """Something told once to whoever fills a role in a unit."""

    kind: str
    about: tuple[object, ...]
    unit: str
    role: str
    made_on: date
    entry: Entry | None = None
    """The entry that was returned: mended before it was told, there is nothing to tell."""
    moved: tuple[Request, datetime] | None = None
    """The request whose due time a hold moved, and to when."""
    told_on: date | None = None
    told_to: Person | None = None


@dataclass(eq=False)
class Warned:
    """The item that an early warning is about."""

    unit: str
    item: str


Subject = Request | Case | Round | Notice | Warned
LineKey = tuple[str, Subject, int]
"""Kind, what it refers to, rung."""


@dataclass(eq=False)
class Letter:
    """One envelope: one person, one day; or what an operator told (`told`) or reminded of (`remind`)."""

    to: Person
    on: date
    occasion: str = "envelope"
    of: Case | None = None
    of_rung: int = 0
    """The case and rung that were told by hand."""
    state: str = "pending"
    sent_on: date | None = None
    tried_on: date | None = None
    lines: dict[LineKey, Line] = field(default_factory=dict)

    def add(self, key: LineKey, *, principal: bool = False) -> None:
        self.lines.setdefault(key, Line(principal))

    def standing(self) -> Iterator[tuple[LineKey, Line]]:
        return ((key, line) for key, line in self.lines.items() if not line.dropped)

    def is_same_event(self, other: "Letter") -> bool:
        """Whether both go to one person on one day for one reason."""
        return all(
            getattr(self, name) == getattr(other, name) for name in ("to", "on", "occasion", "of", "of_rung")
        )

    @property
    def is_lost(self) -> bool:
        return self.state in ("failed", "withdrawn")

    @property
    def has_left(self) -> bool:
        """Whether it was handed over, or may have been."""
        return self.state in ("sent", "unknown")

    def tells(self, case: Case, *, rung: int = 0, dropped: bool = False) -> bool:
        """Whether it tells a case, or a rung of it; `dropped` counts lines that were dropped."""
        return any(
            subject is case and rung in (0, told) and kind in ("reminder", "alert")
            for (kind, subject, told), line in self.lines.items()
            if dropped or not line.dropped
        )
