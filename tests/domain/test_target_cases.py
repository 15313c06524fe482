"""The official's table: every line is judged as it says, and no demand of the plan lacks a line.

What a line is about is found by comparing its figures here, without the product's evaluation.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from eco_workflow.domain.targets import Bound, ByAssignment, Part, Rise, Stated, Target, Test, Trend
from tests.domain.judging import TARGETS, cells, judge, with_tolerance
from tests.domain.target_cases import CASES, WITH_TOLERANCE, rows

VERDICTS = {"达标": "met", "未达标": "unmet", "不判定": "undetermined"}
OWED_BY = {"单位": "unit", "创建办": "office", "无": "none"}
LINES = list(rows(CASES))
EASED = list(rows(WITH_TOLERANCE))


@pytest.mark.parametrize(
    ("code", "said", "base", "assigned", "verdict", "owed_by"), LINES, ids=lambda cell: cell or "-"
)
def test_an_indicator_is_judged(
    code: str, said: str, base: str, assigned: str, verdict: str, owed_by: str
) -> None:
    found = judge(code, said, base, assigned)
    assert (found.verdict, found.owed_by) == (VERDICTS[verdict], OWED_BY[owed_by]), found.reason


@pytest.mark.parametrize(
    ("code", "tolerance", "said", "base", "assigned", "verdict", "owed_by"),
    EASED,
    ids=lambda cell: cell or "-",
)
def test_an_indicator_is_judged_with_a_tolerance(
    code: str, tolerance: str, said: str, base: str, assigned: str, verdict: str, owed_by: str
) -> None:
    found = judge(code, said, base, assigned, target=with_tolerance(code, tolerance))
    assert (found.verdict, found.owed_by) == (VERDICTS[verdict], OWED_BY[owed_by]), found.reason


def test_no_line_stands_twice() -> None:
    said = [tuple(line[:4]) for line in LINES]
    assert [line for line in said if said.count(line) > 1] == []


Line = dict[str, dict[str, tuple[str, str]]]
"""By part: what is given of it (number, statement, base, assigned), each with what stands behind it."""


def read_line(code: str, said: str, base: str, assigned: str) -> Line:
    line: Line = {part.code: {} for part in TARGETS[code].parts}
    for part, value, more in cells(code, said):
        line[part]["statement" if value in ("是", "否") else "number"] = (value, more)
    for name, cell in (("base", base), ("assigned", assigned)):
        for part, value, more in cells(code, cell):
            line[part][name] = (value, more)
    return line


def wanting(part: Part, given: dict[str, tuple[str, str]]) -> str:
    """What keeps the part from being judged, if one thing alone does; else several things, or nothing."""
    number, base, assigned = given.get("number"), given.get("base"), given.get("assigned")
    lacking = []
    if part.takes_number and number is None:
        lacking.append("no figure")
    if number and not "2021" <= number[1][:4] < "2022" and number[1] not in ("2022-Q1", "2022-05"):
        lacking.append("a figure of a wrong period")
    if part.takes_statement and "statement" not in given:
        lacking.append("no statement")
    if part.needs_base and base is None:
        lacking.append("no base")
    if number and base and base[1][:4] >= number[1][:4]:
        lacking.append("a base of a wrong period")
    if part.needs_assigned and assigned is None:
        lacking.append("no figure from above")
    if part.needs_measure and assigned and not assigned[1]:
        lacking.append("no measure")
    return ", ".join(lacking)


def situations(part: Part, given: dict[str, tuple[str, str]]) -> Iterator[tuple[str, bool]]:
    """Where the figures of a part stand by each of its demands, and whether that is as demanded."""
    base = Decimal(given["base"][0]) if part.needs_base else Decimal()
    if part.takes_statement:
        said = given["statement"][0]
        yield f"{stated(part)}: {said}", said == "是"
    for test in in_force(part, base):
        if isinstance(test, Stated):
            continue
        value = Decimal(given["number"][0])
        if isinstance(test, Trend):
            better = value - base if test.better == "higher" else base - value
            where = "better" if better > 0 else "equal" if better == 0 else "worse"
            yield f"the base: {where}", better > 0 or (better == 0 and not test.strict)
            continue
        limit = limit_of(test, base, given)
        where = "above" if value > limit else "at" if value == limit else "below"
        higher = test.better == "higher" if isinstance(test, ByAssignment) else True
        yield f"{named(test)}: {where}", where == "at" or (where == "above") == higher


def in_force(part: Part, base: Decimal) -> tuple[Test, ...]:
    """I22's base decides which of its demands holds."""
    if not part.branches:
        return part.tests
    return part.branches[0 if base <= 60 else 1].tests


def limit_of(test: Bound | Rise | ByAssignment, base: Decimal, given: dict[str, tuple[str, str]]) -> Decimal:
    if isinstance(test, Bound):
        return test.figure
    return base + test.at_least if isinstance(test, Rise) else Decimal(given["assigned"][0])


def stated(part: Part) -> str:
    """A unit answers all that is to be stated of a part in one word."""
    return "、".join(test.demand for test in part.tests if isinstance(test, Stated))


def named(test: Bound | Rise | ByAssignment) -> str:
    if isinstance(test, ByAssignment):
        return "the figure from above"
    return f"the bound {test.figure}" if isinstance(test, Bound) else f"the rise by {test.at_least}"


def shown_by(code: str, line: Line) -> set[str]:
    """What a line shows by itself: all parts as demanded, or one thing alone that is not."""
    target = TARGETS[code]
    lacks = {part.code: wanting(part, line[part.code]) for part in target.parts}
    found = [
        (f"{part.code} {where}", right)
        for part in target.parts
        if not lacks[part.code]
        for where, right in situations(part, line[part.code])
    ]
    wrong = {where for where, right in found if not right}
    wrong |= {f"{part} {lack}" for part, lack in lacks.items() if lack}
    if not wrong:
        return {where for where, _ in found}
    return wrong if len(wrong) == 1 else set()


def demanded(target: Target) -> Iterator[str]:
    """Every situation of which the table must have a line."""
    for part in target.parts:
        if part.takes_number:
            yield from (f"{part.code} no figure", f"{part.code} a figure of a wrong period")
        if part.takes_statement:
            words = stated(part)
            yield from (f"{part.code} {said}" for said in ("no statement", f"{words}: 是", f"{words}: 否"))
        if part.needs_base:
            yield from (f"{part.code} no base", f"{part.code} a base of a wrong period")
        if part.needs_assigned:
            yield f"{part.code} no figure from above"
        if part.needs_measure:
            yield f"{part.code} no measure"
        for test in part.all_tests:
            if isinstance(test, Trend):
                yield from (f"{part.code} the base: {where}" for where in ("better", "equal", "worse"))
            elif not isinstance(test, Stated):
                # Nothing lies above all there is.
                whole = isinstance(test, Bound) and part.unit == "%" and test.figure == 100
                places = ("at", "below") if whole else ("above", "at", "below")
                yield from (f"{part.code} {named(test)}: {where}" for where in places)


@pytest.mark.parametrize("code", TARGETS)
def test_the_table_has_a_line_for_every_side_of_every_demand(code: str) -> None:
    shown: set[str] = set()
    for line in LINES:
        if line[0] == code:
            shown |= shown_by(code, read_line(*line[:4]))
    assert [where for where in demanded(TARGETS[code]) if where not in shown] == []


def test_the_tolerance_is_kept_reached_and_passed_by_every_kind_of_trend() -> None:
    found: set[tuple[str, bool, str]] = set()
    for code, tolerance, said, base, _, _, _ in EASED:
        numbers = {part: Decimal(value) for part, value, _ in cells(code, said)}
        bases = {part: Decimal(value) for part, value, _ in cells(code, base)}
        for part in TARGETS[code].parts:
            if part.code not in bases:
                continue
            for test in in_force(part, bases[part.code]):
                if isinstance(test, Trend):
                    gain = numbers[part.code] - bases[part.code]
                    better = gain if test.better == "higher" else -gain
                    beyond = (better if test.strict else -better) - Decimal(tolerance)
                    where = "beyond" if beyond > 0 else "at" if beyond == 0 else "within"
                    found.add((test.better, test.strict, where))
    kinds = {(t.better, t.strict) for target in TARGETS.values() for p in target.parts
             for t in p.all_tests if isinstance(t, Trend)}  # fmt: skip
    assert {(*kind, where) for kind in kinds for where in ("within", "at", "beyond")} <= found
