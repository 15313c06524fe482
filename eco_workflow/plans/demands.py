"""From an indicator in the plan file to the target that can be judged: the one place that converts."""

from eco_workflow.domain import targets as judged
from eco_workflow.plans.schema import Indicator
from eco_workflow.plans.targets import Assigned, Bound, Branch, Rise, Test, Trend


def target_of(indicator: Indicator) -> judged.Target:
    """What an indicator demands. Without parts it is one part with the indicator's own code."""
    parts = [
        judged.Part(
            part.id,
            part.name,
            part.unit or "",
            tests=tuple(map(_test, part.tests)),
            leads=frozenset(part.lead),
            figures=part.figures,
        )
        for part in indicator.parts
    ] or [
        judged.Part(
            indicator.id,
            indicator.name,
            indicator.unit or "",
            tests=tuple(map(_test, indicator.tests)),
            branches=tuple(map(_branch, indicator.branches)),
            figures=indicator.figures,
        )
    ]
    return judged.Target(indicator.id, indicator.name, tuple(parts), providers_only=not indicator.lead)


def in_print(indicator: Indicator) -> str:
    """The printed target as it can be read by itself: parts and branches by name, figures with their measure.

    `≥50 100 逐步下降` is 节能家电市场占有率：≥50%；在售用水器具中节水型器具占比：100%；….
    """
    named = [(part.name, _measured(part.target, part.unit)) for part in indicator.parts]
    for branch in indicator.branches:
        points = any(isinstance(test, Rise) for test in branch.tests)
        named.append((branch.name, _measured(branch.target, "个百分点" if points else indicator.unit)))
    if len({target for _, target in named}) > 1:
        return "；".join(f"{name}：{target}" for name, target in named)
    return _measured(indicator.target, indicator.unit)


def _measured(target: str, unit: str | None) -> str:
    return f"{target}{unit or ''}" if target[-1].isdigit() else target


def _branch(branch: Branch) -> judged.Branch:
    return judged.Branch(
        tuple(map(_test, branch.tests)),
        base_at_most=branch.applies.base_at_most,
        base_above=branch.applies.base_above,
    )


def _test(test: Test) -> judged.Test:
    if isinstance(test, Bound):
        return _bound(test)
    if isinstance(test, Trend):
        return judged.Trend(test.better, test.tolerance, test.strict, test.measure_from_assigned)
    if isinstance(test, Rise):
        return judged.Rise(test.at_least)
    if isinstance(test, Assigned):
        return judged.ByAssignment(test.better)
    return judged.Stated(test.words)


def _bound(bound: Bound) -> judged.Bound:
    if bound.at_least is not None:
        return judged.Bound("at_least", bound.at_least)
    if bound.at_most is not None:
        return judged.Bound("at_most", bound.at_most)
    assert bound.equals is not None
    return judged.Bound("equals", bound.equals)
