"""`eco contact channel`: a contact's channels besides mail; `eco channel test`: whether one works."""

import sys
from typing import Annotated

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
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
from eco_workflow.domain.address import why_unusable
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services import channels
from eco_workflow.settings import read_settings

of_contacts = typer.Typer(help="Channels besides mail, in order of preference.", no_args_is_help=True)
app = typer.Typer(help="Whether messages can leave.", no_args_is_help=True)

Role = Annotated[str, typer.Argument(metavar="ROLE", help="liaison or leader.")]
Url = Annotated[
    str,
    typer.Argument(metavar="URL", help="wechat://…, wecombot://…, jsons://…; - reads standard input."),
]
AddressOrUrl = Annotated[
    str, typer.Argument(metavar="ADDRESS|URL", help="A mail address, a channel's URL; - reads it.")
]


def _given(url: str) -> str:
    """A URL holds a secret, which on a command line shows in the list of processes: `-` reads it instead."""
    return sys.stdin.readline().strip() if url == "-" else url


@app.callback()
def _group() -> None:
    """Keeps `test` a word of its own."""


@act(of_contacts)
def add(
    desk: Desk,
    unit: UnitName,
    role: Role,
    url: Annotated[
        str,
        typer.Argument(metavar="URL", help="wechat://…, wecombot://…, jsons://…; - reads standard input."),
    ],
    first: Annotated[bool, typer.Option("--first", help="Before mail and every other channel.")] = False,
) -> None:
    """Add a channel to a unit's liaison or leader: as the last, or with --first."""
    done = channels.add(
        desk.database, unit, role, _given(url), first=first, now=desk.now, by=desk.by, plan=desk.plan
    )
    desk.tell(done, lambda _: out.print(f"{done.unit}: {done.role} {done.name}, {done.address}"))


@act(of_contacts)
def remove(
    desk: Desk,
    unit: UnitName,
    role: Role,
    number: Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="The channel's number, from the list.")],
) -> None:
    """Use a channel no more."""
    done = channels.remove(desk.database, unit, role, number, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, lambda _: out.print(f"{done.unit}: {done.role} {done.name} without {done.address}"))


@of_contacts.command("list")
def list_(
    unit: Annotated[str | None, typer.Argument(metavar="[UNIT]", help="Only this unit.")] = None,
    plan: PlanCode = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List channels without their secrets; mail stands between those before and those after it."""
    with open_database().read() as session:
        rows = channels.listed(session, looking(session, plan, as_), plan=plan, unit=unit)
    if json:
        print_json([vars(row) for row in rows])
        return
    shown = table("Channels", "no.", "unit", "role", "name", "place", "address", "carries", "last called")
    for row in rows:
        place = "before mail" if row.place < 0 else "after mail"
        called = f"{row.called_on}: {row.answer}" if row.called_on else ""
        if row.bounced_on:
            called = f"came back on {row.bounced_on}: used no more"
        shown.add_row(str(row.channel), row.unit, row.role, row.name, place, row.address, row.carries, called)
    out.print(shown)


@app.command("test")
def try_out(
    to: Annotated[
        str, typer.Argument(metavar="ADDRESS|URL", help="A mail address, a channel's URL, or - to read it.")
    ],
    json: Json = False,
) -> None:
    """Send one test message, marked as such, and say what the server answered."""
    from eco_workflow.domain.chat import read_chat_address
    from eco_workflow.domain.messages import Result

    to = _given(to)
    if "://" in to:
        from notifications.chat import send as say
        from notifications.trying import try_chat

        read = read_chat_address(to)
        shown, outcome = read.shown, try_chat(say, to)
    else:
        from flows.wiring import mail_channel
        from notifications.trying import try_mail

        if unusable := why_unusable(to):
            raise WrongInput(unusable)
        settings = read_settings()
        with mail_channel(settings) as send:
            shown, outcome = to, try_mail(send, settings.mail_from, to, now_or(None))
    if json:
        print_json({"to": shown, "result": outcome.result.value, "answer": outcome.answer})
    else:
        result = "nobody knows" if outcome.result is Result.NO_ANSWER else outcome.result
        out.print(f"{shown}: {result}: {outcome.answer}", markup=False, highlight=False)
    if outcome.result is Result.NO_ANSWER:
        raise Refused(f"Nobody knows whether the test message to {shown} arrived. Look there.")
    if outcome.result is not Result.ACCEPTED:
        raise Refused(f"The test message to {shown} was not taken.")
