"""`eco item`: the items and the settling list of activation; `due` adds what people do about due dates."""

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
    print_ended,
    print_json,
    table,
)
from eco_workflow.domain.clock import read_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.services.settle import Settled, settle_item

app = typer.Typer(help="Items of the plan and what was past due at activation.", no_args_is_help=True)


@app.command("list")
def list_(
    unsettled: Annotated[
        bool, typer.Option("--unsettled", help="Only what was past due at activation and is not settled.")
    ] = False,
    plan: PlanCode = None,
    now: Now = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List the plan's items by unit: role, state, due date, whether late."""
    from eco_workflow.services.look import items

    at = now_or(now)
    with open_database().read() as session:
        rows = items(session, looking(session, plan, as_), plan=plan, unsettled=unsettled, now=at)
        if not json:
            print_ended(session, plan, at)
    if json:
        print_json(rows)
        return
    shown = table("Items", "item", "title", "unit", "role", "state", "due", "", "settling")
    for row in rows:
        shown.add_row(
            row["item"], row["title"], row["unit"], row["role"], row["state"],
            str(row["due_on"] or ""), "late" if row["late"] else "", row["settle"],
        )  # fmt: skip
    out.print(shown)


@act(app)
def settle(
    desk: Desk,
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The item's code, e.g. M1.1.")],
    done: Annotated[str | None, typer.Option("--done", help="It is done; say where the evidence is.")] = None,
    due: Annotated[str | None, typer.Option("--due", help="It is not; its new due date.")] = None,
) -> None:
    """Settle an item that was past due at activation: done with its evidence, or a new date."""
    if (done is None) == (due is None):
        raise WrongInput("Say either --done EVIDENCE or --due DATE.")
    result = settle_item(
        desk.database, item, evidence=done, due_on=read_date(due, "--due") if due else None,
        now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(result, lambda _: _print_settled(result, done))


def _print_settled(result: Settled, done: str | None) -> None:
    said = f"{result.item}: due on {result.due_on}."
    if result.closed:
        said = f"{result.item}: closed. Its evidence, as recorded: {done}"
    out.print(said, markup=False, highlight=False)
    if result.wanting:
        how = f"eco report submit UNIT {result.item} --status completed --value … --period …"
        out.print(f"The gate will ask for it: {result.wanting}", markup=False, highlight=False)
        out.print(f"A figure is recorded with: {how}", markup=False, highlight=False)
