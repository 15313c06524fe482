"""`eco info`: what units offer for a bulletin."""

from typing import Annotated

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.common import (
    Eyes,
    Json,
    PlanCode,
    UnitName,
    looking,
    open_database,
    out,
    print_json,
    table,
    text_or_file,
)
from eco_workflow.services import information

app = typer.Typer(help="Information items for the bulletin: offer, list.", no_args_is_help=True)


@act(app)
def offer(
    desk: Desk,
    unit: UnitName,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The item, or a file that holds it.")],
) -> None:
    """Offer an information item for the bulletin, as the unit or for it; none is owed."""
    made = information.offer(
        desk.database, unit, text_or_file(text, "TEXT"), now=desk.now, by=desk.by, plan=desk.plan
    )
    desk.tell(made, lambda _: out.print(f"{made.number}: offered by {made.unit}.", highlight=False))


@app.command("list")
def list_(
    unused: Annotated[bool, typer.Option("--unused", help="Only what no issue has taken up.")] = False,
    plan: PlanCode = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List what was offered, newest first, and the issue that took it up."""
    with open_database().read() as session:
        rows = information.listed(session, looking(session, plan, as_), plan=plan, unused=unused)
    if json:
        print_json([vars(row) for row in rows])
        return
    shown = table("Information", "number", "unit", "offered", "text", "issue")
    for row in rows:
        shown.add_row(str(row.number), row.unit, str(row.offered_on), row.text, row.used_in)
    out.print(shown, highlight=False)
