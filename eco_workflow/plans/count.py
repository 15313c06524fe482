"""The totals of a plan as they are counted, and walks over what a plan names."""

from collections.abc import Iterator

from eco_workflow.domain.targets import Figures
from eco_workflow.plans.finding import Path
from eco_workflow.plans.schema import Declared, Plan
from eco_workflow.plans.targets import Evidence, Test


def count(plan: Plan) -> Declared:
    """The totals of a plan as they are counted."""
    return Declared(
        phases=len(plan.phases),
        milestones=sum(len(phase.milestones) for phase in plan.phases),
        units=len(plan.working_units),
        superiors=sum(unit.kind == "superior" for unit in plan.units),
        groups=sum(unit.kind == "group" for unit in plan.units),
        indicators=len(plan.indicators),
        binding=sum(indicator.binding for indicator in plan.indicators),
        lead_links=sum(len(indicator.lead) for indicator in plan.indicators),
        supporting_links=sum(len(indicator.supporting) for indicator in plan.indicators),
        data_provider_links=sum(len(indicator.data_providers) for indicator in plan.indicators),
        policies=len(plan.policies),
        policy_lead_links=sum(len(policy.lead) for policy in plan.policies),
        parts=sum(len(indicator.parts) for indicator in plan.indicators),
        branches=sum(len(indicator.branches) for indicator in plan.indicators),
        assigned_targets=sum(any(test.kind == "assigned" for test in tests) for *_, tests in targets(plan)),
        duties=len(plan.duties),
        catch_all_duties=sum(duty.catch_all for duty in plan.duties),
        vetoes=len(plan.vetoes),
        veto_lead_links=sum(len(veto.lead) for veto in plan.vetoes),
        roster=len(plan.roster),
        roster_names=len({member.name for member in plan.roster}),
    )


def items(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Every item: where its id stands, and the id."""
    for p, phase in enumerate(plan.phases):
        for m, milestone in enumerate(phase.milestones):
            yield ("phases", p, "milestones", m, "id"), milestone.id
    for n, indicator in enumerate(plan.indicators):
        yield ("indicators", n, "id"), indicator.id
    for n, policy in enumerate(plan.policies):
        yield ("policies", n, "id"), policy.id
    for n, veto in enumerate(plan.vetoes):
        yield ("vetoes", n, "id"), veto.id
    for n, duty in enumerate(plan.duties):
        yield ("duties", n, "id"), duty.id


def targets(plan: Plan) -> Iterator[tuple[Path, str, str | None, Figures | None, list[Test]]]:
    """Every list of tests: its owner's place, the printed target, the measure, what figures it takes."""
    for n, indicator in enumerate(plan.indicators):
        if indicator.tests:
            yield ("indicators", n), indicator.target, indicator.unit, indicator.figures, indicator.tests
        for m, part in enumerate(indicator.parts):
            yield ("indicators", n, "parts", m), part.target, part.unit, part.figures, part.tests
        for m, branch in enumerate(indicator.branches):
            yield (
                ("indicators", n, "branches", m),
                branch.target,
                indicator.unit,
                indicator.figures,
                branch.tests,
            )


def evidence(plan: Plan) -> Iterator[tuple[Path, list[Evidence]]]:
    """Every list of required evidence and where it stands."""
    for p, phase in enumerate(plan.phases):
        for m, milestone in enumerate(phase.milestones):
            yield ("phases", p, "milestones", m, "evidence"), milestone.evidence
    for n, indicator in enumerate(plan.indicators):
        yield ("indicators", n, "evidence"), indicator.evidence
    for n, policy in enumerate(plan.policies):
        yield ("policies", n, "evidence"), policy.evidence
