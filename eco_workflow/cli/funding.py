"""`eco funding`: what items cost, what of it arrived and was spent, and what is short."""

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
from eco_workflow.domain.english import counted
from eco_workflow.services import funding

app = typer.Typer(help="Funding in 万元: set, list.", no_args_is_help=True)


@act(app, "set")
def set_(
    desk: Desk,
    item: ItemCode,
    budget: Annotated[str | None, typer.Option(help="What it costs, in 万元.")] = None,
    source: Annotated[str | None, typer.Option(help="Where the money comes from.")] = None,
    arrived: Annotated[str | None, typer.Option(help="What of it has arrived so far, in 万元.")] = None,
    spent: Annotated[str | None, typer.Option(help="What was spent so far, in 万元.")] = None,
    unit: Annotated[str | None, typer.Option(help="Whose funds, where the office records them.")] = None,
) -> None:
    """Record a unit's funds for an item; what is not given stays as it was recorded last."""
    typed = funding.Typed(budget, source, arrived, spent)
    done = funding.set_(
        desk.database, item, typed, unit=unit, now=desk.now, by=desk.by, plan=desk.plan
    )  # fmt: skip
    desk.tell(done, _say)


def _say(line: funding.Line) -> None:
    out.print(f"{amounts_of(line)} (万元, {line.source})", markup=False, highlight=False)


def amounts_of(line: funding.Line) -> str:
    """The amounts in one line; what is short and what was overspent only where there is any."""
    said = f"{line.item} of {line.unit}: budget {line.budget}, arrived {line.arrived}, spent {line.spent}"
    said += f", short {line.short}" if line.short != "0" else ""
    return said + (f", overspent {line.overspent}" if line.overspent != "0" else "")


@app.command("list")
def list_(
    short: Annotated[bool, typer.Option("--short", help="Only what is short or overspent.")] = False,
    plan: PlanCode = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List what items cost, what arrived, was spent, is short of the budget, and overspent; in 万元."""
    with open_database().read() as session:
        rows = funding.listed(session, looking(session, plan, as_), plan=plan, wanting=short)
    if json:
        print_json([vars(row) for row in rows])
        return
    shown = table(
        f"Funding: {counted(len(rows), 'item')}, 万元",
        "item", "title", "unit", "budget", "source", "arrived", "spent", "short", "overspent", "recorded",
    )  # fmt: skip
    for row in rows:
        short_of = ("" if value == "0" else value for value in (row.short, row.overspent))
        shown.add_row(
            row.item, row.title, row.unit, row.budget, row.source, row.arrived, row.spent, *short_of,
            str(row.recorded_on),
        )  # fmt: skip
    out.print(shown, markup=False)
