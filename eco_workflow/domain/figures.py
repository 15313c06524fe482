"""What is known about an indicator: the units' figures, the base, the superior's task (DOMAIN 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from eco_workflow.domain.periods import Period
from eco_workflow.domain.targets import Better, shown
from eco_workflow.domain.words import OCCURRED, VETO_SETTLED


@dataclass(frozen=True)
class Number:
    """A unit's figure with its own reference period."""

    value: Decimal
    period: Period


@dataclass(frozen=True)
class Statement:
    """A unit says that a qualitative demand is fulfilled, or is not. It speaks of the day it is made."""

    holds: bool


def yes_or_no(holds: bool) -> str:
    """A statement as an official writes it."""
    return "是" if holds else "否"


@dataclass(frozen=True)
class Differing:
    """Several units said different things; `words` names who said what."""

    words: str


@dataclass(frozen=True)
class Base:
    """What a trend is measured against."""

    value: Decimal
    period: Period
    source: str = ""


@dataclass(frozen=True)
class Assigned:
    """The task set by the superior: its figure, its paper and that paper's date.

    Where the plan leaves to the superior what a trend refers to (I07.2, I08), the task names the `measure`,
    and with it the direction and unit where they are not the part's own: the part may speak of a share
    where the task speaks of a concentration. Then all figures of the part are in that measure.
    """

    value: Decimal
    source: str
    on: date
    measure: str = ""
    better: Better | None = None
    unit: str = ""


@dataclass(frozen=True)
class Event:
    """What the lead units of a veto item declare of it, for an indicator that speaks of the same event."""

    code: str
    occurred: tuple[str, ...] = ()
    """The units that declare that it occurred, of which nothing is decided yet."""
    declared: bool = True
    """Whether anybody has declared anything yet."""
    confirmed: tuple[str, ...] = ()
    """The units whose declaration was confirmed and is not cleared."""
    settled: str = ""
    """What became of the last declared occurrence, where nothing was declared since."""

    @property
    def words(self) -> str:
        """As an official reads it, behind the reason of the verdict."""
        if self.confirmed:
            return f"{self.code}{'、'.join(self.confirmed)}申报发生，核实属实"
        if self.occurred:
            return f"{self.code}{'、'.join(self.occurred)}{OCCURRED[True]}，待创建办核实，不作判定"
        if self.settled in VETO_SETTLED:
            return f"{self.code}{VETO_SETTLED[self.settled]}"
        return f"{self.code}{OCCURRED[False] if self.declared else '尚未申报'}"


@dataclass(frozen=True)
class Known:
    """All that is known about one part. None: not given yet."""

    number: Number | Differing | None = None
    statement: Statement | Differing | None = None
    base: Base | None = None
    assigned: Assigned | None = None
    confirmed: tuple[Decimal, ...] = ()
    """The target figures confirmed (M2.1), one of each lead unit that proposed any; the strictest counts."""


@dataclass(frozen=True)
class Given:
    """What one unit gave for a part."""

    unit: str
    number: Number | None = None
    statement: Statement | None = None


def number_of(given: Sequence[Given], unit: str) -> Number | Differing | None:
    """The one figure of all units that give it: of the newest period, on which they must agree.

    Several lead units may report at different times, so an older period gives way to a newer one. Two
    different figures for the same period are for the office to settle (it returns the wrong answer).
    `unit` is the part's measure, for the words.
    """
    numbers = [(g, g.number) for g in given if g.number is not None]
    if not numbers:
        return None
    newest = max((number.period for _, number in numbers), key=lambda period: period.newest)
    of_it = [(g, number) for g, number in numbers if number.period == newest]
    if len({number.value for _, number in of_it}) == 1:
        return of_it[0][1]
    said = "，".join(f"{g.unit}{shown(number.value, unit)}" for g, number in of_it)
    return Differing(f"{newest.words}数据不一致（{said}）")


def statement_of(given: Sequence[Given]) -> Statement | Differing | None:
    """The one statement of all units that make it; where they differ the office settles it."""
    statements = [(g, g.statement) for g in given if g.statement is not None]
    if not statements:
        return None
    if len({statement.holds for _, statement in statements}) == 1:
        return statements[0][1]
    said = "，".join(f"{g.unit}报{yes_or_no(statement.holds)}" for g, statement in statements)
    return Differing(f"各单位所报不一致（{said}）")
