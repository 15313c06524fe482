"""Judges what stands in a line of the table, against the indicators of the real plan."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from eco_workflow.domain.evaluation import Evaluation, evaluate
from eco_workflow.domain.figures import Assigned, Base, Known, Number, Statement
from eco_workflow.domain.periods import Period, read_period
from eco_workflow.domain.targets import Target, Test, Trend
from eco_workflow.plans.demands import target_of
from eco_workflow.plans.load import read

DUE = date(2022, 5, 31)
TARGETS = {indicator.id: target_of(indicator) for indicator in read("daxinganling-2022").plan.indicators}


def period(text: str) -> Period:
    found = read_period(text)
    assert found is not None
    return found


def cells(code: str, cell: str) -> Iterator[tuple[str, str, str]]:
    """`.1=92@2021` of I07 as `("I07.1", "92", "2021")`; what stands behind @ or / comes third."""
    for word in cell.split():
        part, _, said = word.rpartition("=")
        value, _, more = said.replace("/", "@").partition("@")
        yield code + part, value, more


def judge(
    code: str,
    said: str,
    base: str = "",
    assigned: str = "",
    on: date = DUE,
    confirmed: str = "",
    target: Target | None = None,
) -> Evaluation:
    """The evaluation of an indicator of the plan by what stands in a line."""
    target = target or TARGETS[code]
    given: dict[str, dict[str, object]] = {part.code: {} for part in target.parts}
    for part, value, more in cells(code, said):
        if value in ("是", "否"):
            given[part]["statement"] = Statement(value == "是")
        else:
            given[part]["number"] = Number(Decimal(value), period(more))
    for part, value, more in cells(code, base):
        given[part]["base"] = Base(Decimal(value), period(more))
    for part, value, more in cells(code, assigned):
        given[part]["assigned"] = Assigned(Decimal(value), "省厅文件", date(2022, 1, 10), more)
    for part, value, _ in cells(code, confirmed):
        given[part]["confirmed"] = (*given[part].get("confirmed", ()), Decimal(value))  # type: ignore[misc]
    known = {part: Known(**facts) for part, facts in given.items()}  # type: ignore[arg-type]
    return evaluate(target, known, due_on=DUE, on=on)


def with_tolerance(code: str, tolerance: str) -> Target:
    """The indicator as if the plan gave its trends that tolerance."""

    def eased(tests: tuple[Test, ...]) -> tuple[Test, ...]:
        return tuple(replace(t, tolerance=Decimal(tolerance)) if isinstance(t, Trend) else t for t in tests)

    parts = (
        replace(
            part,
            tests=eased(part.tests),
            branches=tuple(replace(branch, tests=eased(branch.tests)) for branch in part.branches),
        )
        for part in TARGETS[code].parts
    )
    return replace(TARGETS[code], parts=tuple(parts))
