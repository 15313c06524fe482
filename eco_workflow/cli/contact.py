"""`eco contact`: who is told. Contacts are ended and added, never edited."""

from typing import Annotated

import typer

from eco_workflow.cli import channel
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
)
from eco_workflow.services import contacts

app = typer.Typer(help="Liaisons and leaders in charge.", no_args_is_help=True)
app.add_typer(channel.of_contacts, name="channel")

Role = Annotated[str, typer.Argument(metavar="ROLE", help="liaison or leader.")]


@act(app)
def add(
    desk: Desk,
    unit: UnitName,
    role: Role,
    name: Annotated[str, typer.Argument(help="The person's name.")],
    address: Annotated[str, typer.Argument(help="The mail address.")],
) -> None:
    """Name a unit's liaison or leader. End the former one first."""
    person = contacts.Person(role=role, name=name, address=address)
    done = contacts.add(desk.database, unit, person, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, lambda _: out.print(f"{done.unit}: {done.role} {done.name} <{done.address}>"))


@act(app)
def end(desk: Desk, unit: UnitName, role: Role) -> None:
    """End a unit's liaison or leader from today on."""
    done = contacts.end(desk.database, unit, role, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, lambda _: out.print(f"{done.unit}: {done.role} {done.name} ended on {done.ended_on}."))


@app.command("list")
def list_(
    unit: Annotated[str | None, typer.Argument(metavar="[UNIT]", help="Only this unit.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    plan: PlanCode = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List contacts; an address that a server refused is marked."""

    with open_database().read() as session:
        rows = contacts.listed(session, looking(session, plan, as_), plan=plan, unit=unit, everyone=everyone)
    if json:
        print_json([vars(row) for row in rows])
        return
    shown = table("Contacts", "unit", "role", "name", "address", "since", "ended", "refused")
    for row in rows:
        refused = f"{row.failed_on}: {row.failed_why}" if row.failed_on else ""
        shown.add_row(
            row.unit, row.role, row.name, row.address, str(row.since), str(row.ended_on or ""), refused
        )
    out.print(shown)
