"""`eco contact`: who is told. Contacts are ended and added, never edited."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eco_workflow.cli import channel
from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.asking import Yes, ask, check_can_ask
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
from eco_workflow.domain.contact_card import Card
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import WrongInput
from eco_workflow.new_file import new_file
from eco_workflow.services import contacts

if TYPE_CHECKING:
    from eco_workflow.services.import_contacts import Outcome

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
    desk.tell(done, _ended)


def _ended(done: contacts.Listed) -> None:
    out.print(f"{done.unit}: {done.role} {done.name} ended on {done.ended_on}.")
    out.print(f"Nobody fills the role now: eco contact add {done.unit} {done.role} NAME ADDRESS")


@app.command("list")
def list_(
    unit: Annotated[str | None, typer.Argument(metavar="[UNIT]", help="Only this unit.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    plan: PlanCode = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List contacts; an address that a server refused, or whose mail came back, is marked."""

    with open_database().read() as session:
        rows = contacts.listed(session, looking(session, plan, as_), plan=plan, unit=unit, everyone=everyone)
    if json:
        print_json([{**vars(row), "card": vars(row.card)} for row in rows])
        return
    shown = table(
        "Contacts", "unit", "role", "name", "post", "address", "telephone", "away, deputy", "since", "ended",
        "refused",
    )  # fmt: skip
    for row in rows:
        shown.add_row(
            row.unit, row.role, row.name, row.card.post, row.address, row.card.telephone, _away(row.card),
            str(row.since), str(row.ended_on or ""), _refused(row),
        )  # fmt: skip
    out.print(shown)


def _refused(row: contacts.Listed) -> str:
    if row.failed_on:
        return f"{row.failed_on}: {row.failed_why}"
    mail = f"mail came back on {row.bounced_on}" if row.bounced_on else ""
    deputy = f"the deputy's came back on {row.deputy_bounced_on}" if row.deputy_bounced_on else ""
    return ", ".join(filter(None, (mail, deputy)))


def _away(card: Card) -> str:
    away = f"{card.away_from} to {card.away_until}" if card.away_from else ""
    deputy = f"{card.deputy} <{card.deputy_address}>" if card.deputy else ""
    return ", ".join(filter(None, (away, deputy)))


@act(app)
def template(
    desk: Desk, file: Annotated[str, typer.Argument(metavar="FILE", help="The .xlsx to write; a new one.")]
) -> None:
    """Write the contacts as a workbook to fill in and import again."""
    from eco_workflow.services.import_contacts import template as written

    if not file.endswith(".xlsx"):
        raise WrongInput(f"FILE {file!r} is to be a workbook: give it a name that ends in .xlsx.")
    with desk.database.read() as session:
        content = written(session, now=desk.now, by=desk.by, plan=desk.plan)
    with new_file(file, "FILE") as made:
        made.write(content)
    desk.tell({"file": file}, lambda _: out.print(f"{file}: fill it in, then: eco contact import {file}"))


@act(app, "import")
def import_(
    desk: Desk,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The list, an .xlsx with the headings of the template.")
    ],
    yes: Yes = False,
) -> None:
    """Take in a whole list of contacts. Whom it does not name stays; with an error nothing is written."""
    from eco_workflow.services.contact_sheet import open_list
    from eco_workflow.services.import_contacts import preview, take_in

    check_can_ask(json=desk.json, yes=yes)
    sheet = open_list(file)
    with desk.database.read() as session:
        found = preview(session, sheet, now=desk.now, by=desk.by, plan=desk.plan)
    if not desk.json:
        _print_changes(found)
    if not found.is_nothing and not yes:
        ask("Take it in?")
    done = take_in(desk.database, sheet, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, _taken_in)


def _print_changes(found: "Outcome") -> None:
    shown = table("Contacts", "row", "unit", "role", "", "name", "address", "in place of, or what changes")
    for change in found.changes:
        if change.what != "stays":
            beside = change.former or "、".join(change.fields)
            if change.channels:
                beside += f"; ends {counted(change.channels, 'chat channel')}"
            shown.add_row(
                str(change.row), change.unit, change.role, change.what, change.name, change.address, beside
            )
    if not found.is_nothing:
        out.print(shown)
    for gap in found.gaps:
        why = "nobody is named" if gap.why == "none" else "a server refused the address"
        out.print(f"gap: {gap.unit} has no {gap.role} who can be reached: {why}.", highlight=False)


def _taken_in(done: "Outcome") -> None:
    out.print(
        f"{counted(done.new, 'contact')} added, {done.replaced} replaced, {done.changed} changed, "
        f"{done.stay} as they were; {counted(len(done.gaps), 'gap')}."
    )
