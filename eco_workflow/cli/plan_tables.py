"""A plan as a person reads it in a terminal."""

from collections.abc import Callable

from eco_workflow.cli.common import out, table
from eco_workflow.plans.ladder import LadderRung
from eco_workflow.plans.schema import Plan

Names = Callable[[list[str]], str]


def print_plan(plan: Plan) -> None:
    """Phases, items, duties, units, the leading group, the ladder, and what is inconsistent."""
    short = {unit.id: unit.short for unit in plan.units}

    def names(codes: list[str]) -> str:
        return "、".join(short[code] for code in codes)

    out.print(f"[bold]{plan.title}[/bold] ({plan.id}), {plan.starts_on} to {plan.ends_on}")
    phases = table("\nPhases", "", "from", "to", "milestones")
    for phase in plan.phases:
        milestones = "\n".join(f"{milestone.id} {milestone.title}" for milestone in phase.milestones)
        phases.add_row(f"{phase.id} {phase.title}", str(phase.start), str(phase.end), milestones)
    out.print(phases)
    _print_items(plan, names)
    duties = table("\nDuties and veto items", "id", "title", "place", "unit", "")
    for duty in plan.duties:
        note = "never asked" if duty.catch_all else duty.rhythm or ""
        duties.add_row(duty.id, duty.title, duty.source, names([duty.unit]), note)
    for veto in plan.vetoes:
        duties.add_row(veto.id, veto.title, veto.source, names(veto.lead), veto.rhythm or "")
    out.print(duties)
    units = table("\nUnits", "code", "name", "kind", "relation")
    for unit in plan.units:
        units.add_row(unit.id, unit.name, unit.kind, unit.relation or "")
    out.print(units)
    roster = table("\nLeading group", "name", "post", "role")
    for member in plan.roster:
        roster.add_row(member.name, member.post, member.role)
    out.print(roster)
    ladder = table("\nLadder", "rung", "", "when, in working days", "clocks")
    for rung in plan.ladder.rungs:
        ladder.add_row(str(rung.rung), rung.title, _when(rung), ", ".join(rung.clocks))
    out.print(ladder)
    warnings = table("\nWhere the source is inconsistent", "where", "printed", "decided")
    for warning in plan.warnings:
        warnings.add_row(warning.where, warning.printed, warning.decided)
    out.print(warnings)


def _print_items(plan: Plan, names: Names) -> None:
    items = table("\nIndicators and policies", "id", "name", "kind", "target", "place", "due", "lead", "data")
    for indicator in plan.indicators:
        items.add_row(
            indicator.id,
            indicator.name,
            "约束性" if indicator.binding else "参考性",
            indicator.target,
            indicator.source,
            str(indicator.due_on),
            names(indicator.lead),
            names(indicator.data_providers),
        )
        for part in indicator.parts:
            items.add_row(part.id, part.name, "", part.target, "", "", names(part.lead), "")
        for branch in indicator.branches:
            items.add_row(branch.id, branch.name, "", branch.target, "", "", "", "")
    for policy in plan.policies:
        leads = names(policy.lead)
        items.add_row(policy.id, policy.title, "", "", policy.source, str(policy.due_on), leads, "")
    out.print(items)


def _when(rung: LadderRung) -> str:
    if rung.before_due is not None:
        return f"{rung.before_due} before the due date"
    if rung.after is None:
        return "when a leader so decides"
    return f"{rung.after} after the rung below" if rung.after else "when the clock has run out"
