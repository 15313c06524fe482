"""`eco step`: the checkpoints by which an item's pro-rata progress is measured."""

from collections.abc import Callable
from typing import Annotated

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.common import (
    Eyes,
    ItemCode,
    Json,
    PlanCode,
    looking,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.domain.clock import read_date
from eco_workflow.services import steps

app = typer.Typer(help="Steps of an item: add, done, confirm, list.", no_args_is_help=True)


@act(app)
def add(
    desk: Desk,
    item: ItemCode,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is to be reached, in one line.")],
    weight: Annotated[int, typer.Option(help="How much of the item it is, against the other steps.")],
    due: Annotated[str | None, typer.Option(help="The date it should be reached by.")] = None,
) -> None:
    """Add a step to an item. From the first step on, its light follows pro-rata progress."""
    made = steps.add(
        desk.database, item, title, weight=weight, due_on=read_date(due, "--due") if due else None,
        now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    _tell(desk, made, f"added, weight {made.weight} of {made.of}")


def _act(name: str, does: Callable[..., steps.StepRow], meaning: str, said: str) -> None:
    """Adds a command for an act that needs nothing but the step's number."""

    def of_step(
        desk: Desk,
        item: ItemCode,
        n: Annotated[int, typer.Argument(metavar="N", help="The step's number.")],
    ) -> None:
        made = does(desk.database, item, n, now=desk.now, by=desk.by, plan=desk.plan)
        _tell(desk, made, said)

    of_step.__doc__ = meaning
    act(app, name)(of_step)


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


def _tell(desk: Desk, made: steps.StepRow, said: str) -> None:
    desk.tell(made, lambda _: out.print(f"{made.item} step {made.n}: {said}.", highlight=False))
