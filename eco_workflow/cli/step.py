"""`eco step`: the checkpoints by which an item's pro-rata progress is measured."""

from collections.abc import Callable
from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    As,
    Eyes,
    Json,
    Now,
    PlanCode,
    acting,
    looking,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.domain.clock import read_date
from eco_workflow.services import steps

app = typer.Typer(help="Steps of an item: add, done, confirm, list.", no_args_is_help=True)

ItemCode = Annotated[str, typer.Argument(metavar="ITEM", help="The item's code, e.g. I07.")]


@app.command()
def add(
    item: ItemCode,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is to be reached, in one line.")],
    weight: Annotated[int, typer.Option(help="How much of the item it is, against the other steps.")],
    due: Annotated[str | None, typer.Option(help="The date it should be reached by.")] = None,
    plan: PlanCode = None,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Add a step to an item. From the first step on, its light follows pro-rata progress."""
    database = open_database()
    made = steps.add(
        database, item, title, weight=weight, due_on=read_date(due, "--due") if due else None,
        now=now_or(now), by=acting(database, plan, as_), plan=plan,
    )  # fmt: skip
    _say(made, f"added, weight {made.weight} of {made.of}", json)


def _act(name: str, does: Callable[..., steps.StepRow], meaning: str, said: str) -> None:
    """Adds a command for an act that needs nothing but the step's number."""

    def act(
        item: ItemCode,
        n: Annotated[int, typer.Argument(metavar="N", help="The step's number.")],
        plan: PlanCode = None,
        now: Now = None,
        as_: As = None,
        json: Json = False,
    ) -> None:
        database = open_database()
        made = does(database, item, n, now=now_or(now), by=acting(database, plan, as_), plan=plan)
        _say(made, said, json)

    app.command(name, help=meaning)(act)


_act("done", steps.done, "Report a step done; it counts once the office confirms it.", "reported done")
_act("confirm", steps.confirm, "Confirm a step that was reported done (the office).", "confirmed")


@app.command("list")
def list_(item: ItemCode, plan: PlanCode = None, as_: Eyes = None, json: Json = False) -> None:
    """List the steps of an item and where each stands."""

    with open_database().read() as session:
        rows = steps.listed(session, looking(session, plan, as_), plan=plan, item=item)
    if json:
        print_json([vars(row) for row in rows])
        return
    shown = table("Steps", "step", "title", "weight", "due", "done", "confirmed", "by")
    for row in rows:
        shown.add_row(
            f"{row.item} {row.n}", row.title, f"{row.weight}/{row.of}", str(row.due_on or ""),
            str(row.done_on or ""), str(row.confirmed_on or ""), row.confirmed_by,
        )  # fmt: skip
    out.print(shown)


def _say(made: steps.StepRow, said: str, json: bool) -> None:
    if json:
        print_json(made)
    else:
        out.print(f"{made.item} step {made.n}: {said}.", highlight=False)
