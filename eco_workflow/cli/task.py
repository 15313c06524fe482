"""`eco task`: what is assigned to units besides the plan."""

from typing import Annotated

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    Due,
    Eyes,
    Json,
    Now,
    PlanCode,
    UnitNames,
    looking,
    names_in,
    open_database,
    out,
    print_ended,
    print_json,
    table,
)
from eco_workflow.domain.clock import read_date
from eco_workflow.services import assign_task
from eco_workflow.services.assigned import Assigned

app = typer.Typer(help="Tasks assigned besides the plan: assign, list.", no_args_is_help=True)


def say_assigned(done: Assigned) -> None:
    """Prints what was assigned, to whom, until when."""
    said = f"{done.item} assigned to {'、'.join(done.units)}, due on {done.due_on}: {done.title}"
    out.print(said, markup=False, highlight=False)


@act(app)
def assign(
    desk: Desk,
    units: UnitNames,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is to be done, in one line.")],
    due: Due,
    from_: Annotated[str, typer.Option("--from", help="Whose instruction, or which meeting's resolution.")],
    kind: Annotated[str, typer.Option(help="instruction or resolution.")] = "instruction",
) -> None:
    """Assign a task to units: every round asks for it, and its units are told."""
    done = assign_task.assign_task(
        desk.database, names_in(units), title, due_on=read_date(due, "--due"), origin=from_, kind=kind,
        days=desk.days, now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(done, say_assigned)


@app.command("list")
def list_(plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """List the assigned tasks by unit: from what, due, state, whether late."""
    at = now_or(now)
    with open_database().read() as session:
        rows = assign_task.tasks(session, looking(session, plan, as_), plan=plan, now=at)
        if not json:
            print_ended(session, plan, at)
    if json:
        print_json(rows)
        return
    shown = table("Tasks", "item", "title", "unit", "from", "assigned", "due", "", "state")
    for row in rows:
        shown.add_row(
            row["item"], row["title"], row["unit"], f"{row['kind']}: {row['origin']}",
            str(row["assigned_on"]), str(row["due_on"]), "late" if row["late"] else "", row["state"],
        )  # fmt: skip
    out.print(shown)
