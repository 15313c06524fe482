"""`eco account`: who acts besides the units' contacts. Accounts are ended and added, never edited."""

from typing import Annotated

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.common import Json, PlanCode, open_database, out, print_json, table
from eco_workflow.services import accounts

app = typer.Typer(help="Who may act, and as what.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The person's name, as given with --as.")]
Role = Annotated[
    str,
    typer.Argument(
        metavar="ROLE", help="operator, supervisor, leader, liaison, unit_leader, auditor or admin."
    ),
]


@act(app)
def add(
    desk: Desk,
    name: Name,
    role: Role,
    unit: Annotated[str | None, typer.Option(help="The unit of a liaison or unit_leader.")] = None,
) -> None:
    """Give a person a role. One person, one name; no account is shared."""
    done = accounts.add(desk.database, name, role, unit=unit, now=desk.now, by=desk.by, plan=desk.plan)
    of_unit = f" of {done.unit}" if done.unit else ""
    desk.tell(done, lambda _: out.print(f"{done.name} is {done.role}{of_unit} from {done.since}."))


@act(app)
def end(desk: Desk, name: Name, role: Role) -> None:
    """End a person's role from today on."""
    done = accounts.end(desk.database, name, role, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, lambda _: out.print(f"{done.name}: {done.role} ended on {done.ended_on}."))


@app.command("list")
def list_(
    everyone: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    plan: PlanCode = None,
    json: Json = False,
) -> None:
    """List accounts. Contacts act without one: eco contact list."""
    from eco_workflow.domain.viewer import Viewer

    with open_database().read() as session:
        rows = accounts.listed(session, Viewer("console"), plan=plan, everyone=everyone)
    if json:
        print_json([vars(row) for row in rows])
        return
    shown = table("Accounts", "name", "role", "unit", "since", "ended")
    for row in rows:
        shown.add_row(row.name, row.role, row.unit, str(row.since), str(row.ended_on or ""))
    out.print(shown)
