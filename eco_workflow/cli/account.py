"""`eco account`: who acts besides the units' contacts. Accounts are ended and added, never edited."""

from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import As, Json, Now, PlanCode, acting, open_database, out, print_json, table
from eco_workflow.services import accounts

app = typer.Typer(help="Who may act, and as what.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The person's name, as given with --as.")]
Role = Annotated[
    str,
    typer.Argument(
        metavar="ROLE", help="operator, supervisor, leader, liaison, unit_leader, auditor or admin."
    ),
]


@app.command()
def add(
    name: Name,
    role: Role,
    unit: Annotated[str | None, typer.Option(help="The unit of a liaison or unit_leader.")] = None,
    plan: PlanCode = None,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Give a person a role. One person, one name; no account is shared."""
    database = open_database()
    by = acting(database, plan, as_)
    done = accounts.add(database, name, role, unit=unit, now=now_or(now), by=by, plan=plan)
    of_unit = f" of {done.unit}" if done.unit else ""
    print_json(done) if json else out.print(f"{done.name} is {done.role}{of_unit} from {done.since}.")


@app.command()
def end(
    name: Name, role: Role, plan: PlanCode = None, now: Now = None, as_: As = None, json: Json = False
) -> None:
    """End a person's role from today on."""
    database = open_database()
    by = acting(database, plan, as_)
    done = accounts.end(database, name, role, now=now_or(now), by=by, plan=plan)
    print_json(done) if json else out.print(f"{done.name}: {done.role} ended on {done.ended_on}.")


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
