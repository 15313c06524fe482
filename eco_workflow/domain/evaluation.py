"""Whether an indicator is met, why, and who owes what is missing (DOMAIN 2, 4; 五, annex 1)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal, Inexact
from typing import Literal

from eco_workflow.domain.figures import Differing, Event, Known, Number, Statement, yes_or_no
from eco_workflow.domain.periods import why_not_of_use
from eco_workflow.domain.targets import (
    Bound,
    ByAssignment,
    Confirmed,
    Part,
    Rise,
    Stated,
    Target,
    Test,
    Trend,
    direction,
    shown,
)

Verdict = Literal["met", "unmet", "undetermined"]
Numeric = Bound | Trend | Rise | ByAssignment | Confirmed
OwedBy = Literal["unit", "office", "none"]

EXACT = Context(prec=100, traps=[Inexact])
"""Sums of what may be reported are exact here; the default would round at 28 digits."""


@dataclass(frozen=True)
class Outcome:
    """A test's outcome; `demand`, `reason` and what is `lacking` to decide it are in an official's words."""

    demand: str
    verdict: Verdict
    owed_by: OwedBy
    reason: str
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class PartOutcome:
    """A part's outcome; `branch` says which one its base chose."""

    code: str
    name: str
    verdict: Verdict
    owed_by: OwedBy
    reason: str
    tests: tuple[Outcome, ...]
    branch: str = ""


@dataclass(frozen=True)
class Evaluation:
    """An indicator's verdict with its reasons.

    `owed_by`: `unit` where its own figure is missing, cannot be used, or misses the target; `office` where
    a superior's figure, its measure or a base is missing, or where units contradict each other. A unit's
    missing figure is named first: it can be given whatever the office still lacks. Where only data
    providers are asked (I32, I35, I36), a missed target is the office's.
    """

    verdict: Verdict
    owed_by: OwedBy
    reason: str
    parts: tuple[PartOutcome, ...]
    ripens_on: date | None
    """The day on which a figure's period will be over, so that it can be judged; None for no such day."""


@dataclass(frozen=True)
class _Judged:
    """A part with what is known of it, on the day of judgement."""

    part: Part
    known: Known
    due_on: date
    on: date
    asked: str
    """Who owes the figure, in words."""
    owes_unmet: OwedBy

    @property
    def unit(self) -> str:
        """The measure in which the part's figures are given."""
        assigned = self.known.assigned
        return (assigned and self.part.needs_measure and assigned.unit) or self.part.unit

    def as_set(self, test: Test) -> Test:
        """The test with the direction of the superior's measure, where that has one of its own."""
        better = self.known.assigned.better if self.known.assigned else None
        if better and self.part.needs_measure and isinstance(test, Trend | ByAssignment):
            return replace(test, better=better)
        return test


def evaluate(
    target: Target, known: Mapping[str, Known], *, due_on: date, on: date, event: Event | None = None
) -> Evaluation:
    """Judges an indicator by the figures known of each part (by code), as of a day.

    `due_on` decides which reference periods are recent enough; see `periods.why_not_of_use`.

    `event`: what is declared of the veto item to which the indicator is linked (I14 and V3). A declared
    occurrence is not yet a fact: the office confirms it or marks an error (DOMAIN 7). Until then what would
    be met is undetermined, and the office owes the decision; what is unmet without it stays unmet. What is
    confirmed leaves the indicator unmet until a leader clears it. A missing declaration holds up nothing
    here: it is owed, and chased, as an answer.
    """
    asked = "数据提供单位" if target.providers_only else "牵头单位"
    owes_unmet: OwedBy = "office" if target.providers_only else "unit"
    judged = [
        _Judged(part, known.get(part.code, Known()), due_on, on, asked, owes_unmet) for part in target.parts
    ]
    parts = tuple(map(_part, judged))
    verdict, owed_by = _together([(part.verdict, part.owed_by) for part in parts])
    if target.has_parts:
        decisive = [f"{p.code} {p.name}：{p.reason}" for p in parts if verdict == "met" or p.verdict != "met"]
        reason = "；".join(decisive)
    else:
        reason = parts[0].reason
    if event is not None:
        reason = f"{reason}；{event.words}"
        if event.confirmed:
            verdict, owed_by = "unmet", owes_unmet
        elif event.occurred and verdict == "met":
            verdict, owed_by = "undetermined", "office"
    ripens = [
        n.period.last
        for j in judged
        if isinstance(n := j.known.number, Number)
        and n.period.last > on
        and not why_not_of_use(n.period, due_on, n.period.last)
    ]
    return Evaluation(verdict, owed_by, reason, parts, min(ripens, default=None))


def _together(found: Sequence[tuple[Verdict, OwedBy]]) -> tuple[Verdict, OwedBy]:
    """All must be met. What is unmet cannot be mended by what is still undetermined."""
    for verdict in ("unmet", "undetermined"):
        owing = {owed_by for one, owed_by in found if one == verdict}
        if owing:
            return verdict, "unit" if "unit" in owing else "office"
    return "met", "none"


def _part(judged: _Judged) -> PartOutcome:
    part, known = judged.part, judged.known
    branch, tests = "", part.tests
    if part.branches:
        if known.base is None:
            outcome = _undetermined(judged, part.words, ["缺基数，无法确定适用情形"])
            return _summed(judged, (outcome,), "")
        chosen = next(b for b in part.branches if b.applies(known.base.value))
        branch, tests = chosen.words(part.unit), chosen.tests
    tests = tuple(judged.as_set(test) for test in tests)
    outcomes = [_test(judged, test) for test in (*tests, *_confirmed(known, tests))]
    return _summed(judged, tuple(outcomes), branch)


def _confirmed(known: Known, tests: Sequence[Test]) -> Iterator[Confirmed]:
    """The confirmed target figure, unless a printed bound is as strict."""
    better = direction(tests)
    if not known.confirmed or better is None:
        return
    figure = max(known.confirmed) if better == "higher" else min(known.confirmed)
    bounds = [test.figure for test in tests if isinstance(test, Bound)]
    if not any(bound >= figure if better == "higher" else bound <= figure for bound in bounds):
        yield Confirmed(better, figure)


def _summed(judged: _Judged, outcomes: tuple[Outcome, ...], branch: str) -> PartOutcome:
    """The part's outcome; what several tests lack is said once."""
    verdict, owed_by = _together([(o.verdict, o.owed_by) for o in outcomes])
    said = [o.reason for o in outcomes if o.verdict == "unmet" or o.verdict == verdict == "met"]
    lacking = dict.fromkeys(lack for o in outcomes for lack in o.lacking)
    if lacking:
        said.append(_without(lacking))
    part = judged.part
    return PartOutcome(part.code, part.name, verdict, owed_by, "；".join(said), outcomes, branch)


def _without(lacking: Iterable[str]) -> str:
    return f"{'，'.join(lacking)}，不作判定"


def _test(judged: _Judged, test: Test | Confirmed) -> Outcome:
    if isinstance(test, Stated):
        return _stated(judged, test)
    demand = test.words(judged.unit)
    number = judged.known.number
    lacking = _lacking(judged, test)
    if lacking or _why_no_number(judged) or not isinstance(number, Number):
        return _undetermined(judged, demand, lacking)
    met, comparison = _compared(judged, test, number.value)
    said = f"{number.period.words}{shown(number.value, judged.unit)}，{comparison}"
    return _decided(judged, demand, met, said)


def _decided(judged: _Judged, demand: str, met: bool, said: str) -> Outcome:
    if met:
        return Outcome(demand, "met", "none", f"{said}，达标")
    return Outcome(demand, "unmet", judged.owes_unmet, f"{said}，未达标")


def _stated(judged: _Judged, test: Stated) -> Outcome:
    statement = judged.known.statement
    if isinstance(statement, Statement):
        return _decided(
            judged, test.demand, statement.holds, f"“{test.demand}”：{yes_or_no(statement.holds)}"
        )
    if statement is None:
        lack = f"{judged.asked}未报是否“{test.demand}”"
        return Outcome(test.demand, "undetermined", "unit", _without([lack]), (lack,))
    lack = f"“{test.demand}”{statement.words}，待核定"
    return Outcome(test.demand, "undetermined", "office", _without([lack]), (lack,))


def _undetermined(judged: _Judged, demand: str, lacking: Sequence[str]) -> Outcome:
    """What the caller found lacking is the office's; the unit's figure, if it is lacking, is the unit's."""
    owed_by: OwedBy = "office"
    if why := _why_no_number(judged):
        lacking = [why, *lacking]
        if not isinstance(judged.known.number, Differing):
            owed_by = "unit"
    return Outcome(demand, "undetermined", owed_by, _without(lacking), tuple(lacking))


def _why_no_number(judged: _Judged) -> str:
    number = judged.known.number
    if number is None:
        return f"缺{judged.asked}数据"
    if isinstance(number, Differing):
        return f"{number.words}，待核定"
    why = why_not_of_use(number.period, judged.due_on, judged.on)
    return why.words if why else ""


def _lacking(judged: _Judged, test: Numeric) -> list[str]:
    """What the office owes before this test can be decided."""
    base, number, assigned = judged.known.base, judged.known.number, judged.known.assigned
    lacking = []
    by_assignment = isinstance(test, ByAssignment)
    by_measure = isinstance(test, Trend) and test.measure_from_assigned
    if (by_assignment or by_measure) and assigned is None:
        lacking.append("缺上级下达的目标值")
    if by_measure and assigned is not None and not assigned.measure:
        lacking.append("上级任务未明确口径")
    if isinstance(test, Trend | Rise):
        if base is None:
            lacking.append("缺基数")
        elif isinstance(number, Number) and base.period.last >= number.period.first:
            lacking.append(f"基数（{base.period.words}）不早于所报数据（{number.period.words}）")
    return lacking


def _compared(judged: _Judged, test: Numeric, value: Decimal) -> tuple[bool, str]:
    """Whether a figure meets a test for which nothing is lacking, and the comparison in words."""
    unit, base, assigned = judged.unit, judged.known.base, judged.known.assigned
    if isinstance(test, Bound):
        return _bound(test, value, unit)
    if isinstance(test, Confirmed):
        higher = test.better == "higher"
        met = value >= test.figure if higher else value <= test.figure
        return met, f"{_relation(higher, met)}确认的目标值{shown(test.figure, unit)}"
    if isinstance(test, ByAssignment):
        assert assigned is not None
        higher = test.better == "higher"
        met = value >= assigned.value if higher else value <= assigned.value
        paper = f"（{assigned.source}，{assigned.on}）"
        return met, f"{_relation(higher, met)}上级目标{shown(assigned.value, unit)}{paper}"
    assert base is not None
    against = f"{base.period.words}的{shown(base.value, unit)}"
    gain = EXACT.subtract(value, base.value)
    if isinstance(test, Rise):
        met = gain >= test.at_least
        moved = f"提高{gain:f}" if gain >= 0 else f"降低{gain.copy_negate():f}"
        relation = _relation(True, met)
        return met, f"比{against}{moved}个百分点，{relation}{test.at_least:f}个百分点"
    higher = test.better == "higher"
    better_by = gain if higher else gain.copy_negate()
    met = better_by > test.tolerance if test.strict else better_by >= test.tolerance.copy_negate()
    remarks = [f"容差{shown(test.tolerance, unit)}"] if test.tolerance else []
    if test.measure_from_assigned and assigned is not None:
        remarks.append(f"口径：{assigned.measure}")
    relation = _really_better(higher, met) if test.strict else _relation(higher, met)
    return met, relation + against + (f"（{'，'.join(remarks)}）" if remarks else "")


def _bound(test: Bound, value: Decimal, unit: str) -> tuple[bool, str]:
    met = test.holds(value)
    if test.relation == "equals":
        return met, ("等于" if met else "不等于") + shown(test.figure, unit)
    return met, _relation(test.relation == "at_least", met) + shown(test.figure, unit)


def _relation(higher: bool, met: bool) -> str:
    if met:
        return "不低于" if higher else "不高于"
    return "低于" if higher else "高于"


def _really_better(higher: bool, met: bool) -> str:
    return ("" if met else "未") + ("高于" if higher else "低于")
