"""`eco init` and `eco plan`."""

from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import As, Json, Now, PlanCode, actor, open_database, out, print_json, table
from eco_workflow.domain.clock import read_date, shanghai_date
from eco_workflow.settings import read_settings
from eco_workflow.store.session import Database

DEFAULT_PLAN = "daxinganling-2022"

plan = typer.Typer(help="The plan that runs here.", no_args_is_help=True)


def init(
    plan: Annotated[str, typer.Option(help="A packaged plan's name, or a plan file.")] = DEFAULT_PLAN,
    active_from: Annotated[
        str | None, typer.Option(help="The plan's first day here; what lies before it is backfill.")
    ] = None,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Make the database and activate a plan. The same again changes nothing."""
    from eco_workflow.plans.load import read
    from eco_workflow.services.load_plan import activate
    from eco_workflow.store.migrate import upgrade

    at = now_or(now)
    day = read_date(active_from, "--active-from") if active_from else shanghai_date(at)
    loaded = read(plan)
    loaded.plan.check_activation(day)
    database = Database(read_settings().database)
    upgrade(database)
    done = activate(database, loaded, active_from=day, now=at, actor=actor(as_))
    if json:
        print_json(done)
        return
    out.print(
        f"{done.code} {'is active' if done.fresh else 'was active already'} from {done.active_from}: "
        f"{done.units} units and groups, {done.obligations} obligations, {done.rounds} rounds "
        f"({done.backfilled} before activation, recorded as backfill)."
    )
    if done.to_settle:
        out.print(
            f"{done.to_settle} items were past due at activation. Settle them: eco item list --unsettled"
        )
    out.print(f"Database: {database.name}")


@plan.command("show")
def show(plan_code: PlanCode = None, json: Json = False) -> None:
    """Show the plan in force: phases, units, indicators, policies."""
    from eco_workflow.services.find import document, plan_named

    with open_database().read() as session:
        found = document(session, plan_named(session, plan_code))
    if json:
        print_json(found.model_dump(mode="json"))
        return
    out.print(f"[bold]{found.title}[/bold] ({found.id}), {found.starts_on} to {found.ends_on}")
    phases = table("\nPhases", "", "from", "to", "milestones")
    for phase in found.phases:
        phases.add_row(
            f"{phase.id} {phase.name}",
            str(phase.start),
            str(phase.end),
            "\n".join(f"{milestone.id} {milestone.title}" for milestone in phase.milestones),
        )
    out.print(phases)
    items = table("\nIndicators and policies", "id", "name", "kind", "place", "due", "lead", "data")
    short = {unit.id: unit.short for unit in found.units}
    for indicator in found.indicators:
        items.add_row(
            indicator.id,
            indicator.name,
            "约束性" if indicator.binding else "参考性",
            indicator.source,
            str(indicator.due_on),
            "、".join(short[code] for code in indicator.lead),
            "、".join(short[code] for code in indicator.data_providers),
        )
    for policy in found.policies:
        leads = "、".join(short[code] for code in policy.lead)
        items.add_row(policy.id, policy.title, "", policy.source, str(policy.due_on), leads, "")
    out.print(items)
    units = table("\nUnits", "code", "name", "kind", "relation")
    for unit in found.units:
        units.add_row(unit.id, unit.name, unit.kind, unit.relation or "")
    out.print(units)
    ladder = table("\nLadder of the report clock", "rung", "", "working days after the rung below")
    for rung in found.ladder.rungs:
        ladder.add_row(str(rung.rung), rung.title, str(rung.after))
    out.print(ladder)
    warnings = table("\nWhere the source is inconsistent", "where", "printed", "decided")
    for warning in found.warnings:
        warnings.add_row(warning.where, warning.printed, warning.decided)
    out.print(warnings)
