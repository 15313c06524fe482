"""`eco inspection`: inspections and what they demand of units."""

from typing import Annotated

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    Eyes,
    Json,
    Now,
    PlanCode,
    looking,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.cli.task import say_assigned
from eco_workflow.domain.assigned import DEMAND, read_demand
from eco_workflow.domain.clock import read_date
from eco_workflow.services import inspections

app = typer.Typer(help="Inspections: record, list.", no_args_is_help=True)


@act(app)
def record(
    desk: Desk,
    scope: Annotated[str, typer.Argument(metavar="SCOPE", help="What was inspected, in one line.")],
    team: Annotated[str, typer.Option(help="Who inspected.")],
    on: Annotated[str, typer.Option(help="The day of the inspection, today or before.")],
    finding: Annotated[
        list[str] | None, typer.Option(help=f"What a unit must do: {DEMAND} (repeat it).")
    ] = None,
    note: Annotated[str, typer.Option(help="Anything else to keep of it.")] = "",
) -> None:
    """Record an inspection; each of its findings becomes a task of the unit."""
    done = inspections.record(
        desk.database, scope, team=team, on=read_date(on, "--on"), note=note,
        findings=[read_demand(text, "--finding") for text in finding or []],
        days=desk.days, now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(done, _say)


def _say(done: inspections.Recorded) -> None:
    out.print(f"Inspection {done.inspection} of {done.on}: {done.scope}", markup=False, highlight=False)
    for task in done.tasks:
        say_assigned(task)


@app.command("list")
def list_(plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """List the inspections with their tasks and where those stand."""
    with open_database().read() as session:
        eyes = looking(session, plan, as_)
        rows = inspections.inspections(session, eyes, plan=plan, now=now_or(now))
    if json:
        print_json(rows)
        return
    shown = table("Inspections", "no.", "on", "scope", "team", "tasks", "note")
    for row in rows:
        tasks = [f"{task['item']} {task['unit']} {task['state']}" for task in row["tasks"]]
        shown.add_row(
            str(row["inspection"]), str(row["on"]), row["scope"], row["team"], "\n".join(tasks), row["note"]
        )
    out.print(shown)
