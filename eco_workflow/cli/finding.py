"""`eco finding`: what reviewers found at a milestone, and whether it is mended."""

from typing import Annotated

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    Due,
    Eyes,
    ItemCode,
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
from eco_workflow.cli.task import say_assigned
from eco_workflow.domain.clock import read_date
from eco_workflow.services import findings

app = typer.Typer(help="Reviewers' findings and their rectification: add, close, list.", no_args_is_help=True)


@act(app)
def add(
    desk: Desk,
    milestone: Annotated[str, typer.Argument(metavar="MILESTONE", help="Where it was found, e.g. M3.1.")],
    units: UnitNames,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is to be mended, in one line.")],
    due: Due,
    by: Annotated[str, typer.Option(help="Who found it: a reviewer, an expert group.")],
    about: Annotated[str | None, typer.Option(help="The item that falls short by it, e.g. I07.")] = None,
) -> None:
    """Record a finding as a rectification of a unit; the milestone's gate waits for it."""
    done = findings.add(
        desk.database, milestone, names_in(units), title, due_on=read_date(due, "--due"), reviewer=by,
        about=about, days=desk.days, now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(done, say_assigned)


@act(app)
def close(
    desk: Desk, item: ItemCode, note: Annotated[str, typer.Option(help="How it was verified.")] = ""
) -> None:
    """Close a rectification out, once its units have claimed it."""
    done = findings.close(desk.database, item, note=note, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, lambda _: out.print(f"{done.item}: {done.item_state}.", highlight=False))


@app.command("list")
def list_(
    milestone: Annotated[str | None, typer.Argument(metavar="[MILESTONE]", help="Only of this one.")] = None,
    plan: PlanCode = None,
    now: Now = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List findings by unit: milestone, reviewer, due, state, whether late."""
    at = now_or(now)
    with open_database().read() as session:
        eyes = looking(session, plan, as_)
        rows = findings.findings(session, eyes, plan=plan, milestone=milestone, now=at)
        if not json:
            print_ended(session, plan, at)
    if json:
        print_json(rows)
        return
    shown = table("Findings", "item", "title", "unit", "at", "about", "by", "due", "", "state")
    for row in rows:
        shown.add_row(
            row["item"], row["title"], row["unit"], row["milestone"], row["about"], row["origin"],
            str(row["due_on"]), "late" if row["late"] else "", row["state"],
        )  # fmt: skip
    out.print(shown)
