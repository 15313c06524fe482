"""What an indicator demands, as tests that can be decided (五 and annex 1; DOMAIN 2, indicators).

An indicator is met only if all its parts are met, a part only if all its tests are. An indicator without
parts is one part that bears the indicator's own code. I22 has branches instead of tests: its base decides
which one applies; a branch is neither asked nor counted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

Better = Literal["higher", "lower"]
Figures = Literal["share", "amount", "change"]
"""What figures a part takes: a share lies between 0 and 100 %, an amount (a count, an area, a concentration)
is not negative, a rate of change may be both negative and above 100."""
WHOLE = Decimal(100)
"""All of it, in %."""

BOUND = {"at_least": "不低于", "at_most": "不高于", "equals": "等于"}


def shown(value: Decimal, unit: str) -> str:
    """A figure with its measure, with the places that were given: 95.3%, 0.52吨标准煤/万元."""
    return f"{value:f}{unit}"


@dataclass(frozen=True)
class Bound:
    """A printed figure: ≥60, 100."""

    relation: Literal["at_least", "at_most", "equals"]
    figure: Decimal

    def holds(self, value: Decimal) -> bool:
        """Whether a figure keeps the bound."""
        if self.relation == "equals":
            return value == self.figure
        return value >= self.figure if self.relation == "at_least" else value <= self.figure

    def words(self, unit: str) -> str:
        """The demand as an official reads it."""
        return f"{BOUND[self.relation]}{shown(self.figure, unit)}"


@dataclass(frozen=True)
class Trend:
    """Against a base: stable or better within the tolerance; `strict`: better by more than it.

    `measure_from_assigned`: what the trend refers to is named by the superior's task (I07.2, I08); until
    the task names it, nothing is decided.
    """

    better: Better
    tolerance: Decimal = Decimal(0)
    strict: bool = False
    measure_from_assigned: bool = False

    def words(self, unit: str) -> str:
        """The demand as an official reads it."""
        if self.strict:
            demand = "高于基数" if self.better == "higher" else "低于基数"
        else:
            demand = "不低于基数" if self.better == "higher" else "不高于基数"
        remarks = []
        if self.tolerance:
            remarks.append(f"容差{shown(self.tolerance, unit)}")
        if self.measure_from_assigned:
            remarks.append("口径由上级任务确定")
        return demand + (f"（{'，'.join(remarks)}）" if remarks else "")


@dataclass(frozen=True)
class Rise:
    """So many percentage points above the base (I22)."""

    at_least: Decimal

    def words(self, unit: str) -> str:
        """The demand as an official reads it."""
        return f"比基数提高不少于{self.at_least:f}个百分点"


@dataclass(frozen=True)
class ByAssignment:
    """The task set by the superior: its figure is a parameter that the office records."""

    better: Better

    def words(self, unit: str) -> str:
        """The demand as an official reads it."""
        return ("不低于" if self.better == "higher" else "不高于") + "上级下达的目标值"


@dataclass(frozen=True)
class Confirmed:
    """The target figure that lead units proposed and the office confirmed (M2.1), beside what is printed.

    It is one more test. So a figure stricter than the printed bound decides, one where no bound is printed
    sets the bound, and a laxer one, which no proposal may bring but an older plan may have allowed, eases
    nothing.
    """

    better: Better
    figure: Decimal

    def words(self, unit: str) -> str:
        """The demand as an official reads it."""
        relation = "不低于" if self.better == "higher" else "不高于"
        return f"{relation}确认的目标值{shown(self.figure, unit)}"


@dataclass(frozen=True)
class Stated:
    """A qualitative demand: the unit states that it is so."""

    demand: str

    def words(self, unit: str) -> str:
        """The demand as printed."""
        return self.demand


Test = Bound | Trend | Rise | ByAssignment | Stated
"""What a plan prints."""


def direction(tests: Iterable[Test]) -> Better | None:
    """Which figures are better by these tests; None where they name none, or a single right one."""
    for test in tests:
        if isinstance(test, Rise):
            return "higher"
        if isinstance(test, Trend | ByAssignment):
            return test.better
        if isinstance(test, Bound) and test.relation != "equals":
            return "higher" if test.relation == "at_least" else "lower"
    return None


@dataclass(frozen=True)
class Branch:
    """Tests that apply where the base is at most, or above, a figure. Exactly that figure is at most."""

    tests: tuple[Test, ...]
    base_at_most: Decimal | None = None
    base_above: Decimal | None = None

    def applies(self, base: Decimal) -> bool:
        """Whether this branch is the one for that base."""
        if self.base_at_most is not None and base > self.base_at_most:
            return False
        return self.base_above is None or base > self.base_above

    def words(self, unit: str) -> str:
        """When it applies, as an official reads it."""
        if self.base_at_most is not None:
            return f"基数不高于{shown(self.base_at_most, unit)}"
        assert self.base_above is not None
        return f"基数高于{shown(self.base_above, unit)}"


@dataclass(frozen=True)
class Part:
    """What is judged by one set of figures: a part of an indicator, or an indicator without parts."""

    code: str
    name: str
    unit: str
    """The measure, e.g. `%`; empty for none."""
    tests: tuple[Test, ...] = ()
    branches: tuple[Branch, ...] = ()
    leads: frozenset[str] = frozenset()
    """The lead units that give its figures, by code, where it names its own; else all of the indicator's."""
    figures: Figures | None = None
    """None: by its measure, a share where that is %, else an amount."""

    def implausible(self, value: Decimal) -> str:
        """Why a figure cannot be one of this part, with the range; empty if it can."""
        kind = self.figures or ("share" if self.unit == "%" else "amount")
        if kind == "share" and not 0 <= value <= WHOLE:
            return "lies outside 0 to 100: it is a share in %"
        return "lies below 0: it is no rate of change" if kind == "amount" and value < 0 else ""

    def is_given_by(self, codes: Collection[str], role: str) -> bool:
        """Whether a unit of that role gives figures for it; `codes`: its own and of those merged into it."""
        return role != "lead" or not self.leads or bool(self.leads.intersection(codes))

    @property
    def all_tests(self) -> tuple[Test, ...]:
        """The tests, whichever branch applies."""
        return self.tests + tuple(test for branch in self.branches for test in branch.tests)

    @property
    def takes_number(self) -> bool:
        """Whether a figure is asked."""
        return any(not isinstance(test, Stated) for test in self.all_tests)

    @property
    def takes_statement(self) -> bool:
        """Whether the unit is asked to state that it is so."""
        return any(isinstance(test, Stated) for test in self.all_tests)

    @property
    def needs_assigned(self) -> bool:
        """Whether a superior's figure decides."""
        return any(
            isinstance(test, ByAssignment) or (isinstance(test, Trend) and test.measure_from_assigned)
            for test in self.all_tests
        )

    @property
    def needs_measure(self) -> bool:
        """Whether the superior's task must name what the trend refers to."""
        return any(isinstance(test, Trend) and test.measure_from_assigned for test in self.all_tests)

    @property
    def needs_base(self) -> bool:
        """Whether a base decides."""
        return bool(self.branches) or any(isinstance(test, (Trend, Rise)) for test in self.all_tests)

    @property
    def words(self) -> str:
        """All it demands, in an official's words."""
        if self.branches:
            return "；".join(f"{b.words(self.unit)}的，{self._said(b.tests)}" for b in self.branches)
        return self._said(self.tests)

    def _said(self, tests: tuple[Test, ...]) -> str:
        return "，".join(test.words(self.unit) for test in tests)


@dataclass(frozen=True)
class Target:
    """An indicator's demand. `providers_only`: I32, I35, I36, whose data providers answer for no result."""

    code: str
    name: str
    parts: tuple[Part, ...]
    providers_only: bool = False

    @property
    def has_parts(self) -> bool:
        """Whether figures are given part by part."""
        return any(part.code != self.code for part in self.parts)

    def given_by(self, codes: Collection[str], role: str) -> "Target":
        """The target with those parts only for which a unit gives figures (DOMAIN 3.4)."""
        return replace(self, parts=tuple(part for part in self.parts if part.is_given_by(codes, role)))

    def part(self, code: str) -> Part | None:
        """The part of that code; None where there is none."""
        return next((part for part in self.parts if part.code == code.upper()), None)
