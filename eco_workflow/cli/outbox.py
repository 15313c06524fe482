"""`eco outbox`: every message, what became of it, and what an operator may do about it."""

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
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.roles import Actor
from eco_workflow.store.session import Database

app = typer.Typer(help="Messages and what became of them.", no_args_is_help=True)

Id = Annotated[
    int, typer.Argument(metavar="MESSAGE", min=1, max=2**31 - 1, help="The message's number, from the list.")
]


def _acting(database: Database, message: int, given: str | None) -> Actor:
    """Messages are numbered across plans: who acts is looked up in the message's own."""
    from eco_workflow.services.outbox import plan_of

    with database.read() as session:
        plan = plan_of(session, message)
    return acting(database, plan, given)


@app.command("list")
def list_(
    state: Annotated[
        str | None, typer.Option(help="pending, sending, sent, failed, unknown or withdrawn.")
    ] = None,
    on: Annotated[str | None, typer.Option(help="Only envelopes of this day.")] = None,
    plan: PlanCode = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List messages: to whom, what about, state, the server's answer."""
    from eco_workflow.domain.clock import read_date
    from eco_workflow.domain.messages import MessageState
    from eco_workflow.services.look import messages

    if state is not None and state not in list(MessageState):
        raise WrongInput(f"--state {state!r} is none of {', '.join(MessageState)}.")
    day = read_date(on, "--on") if on else None
    with open_database().read() as session:
        rows = messages(session, looking(session, plan, as_), plan=plan, state=state, on=day)
    if json:
        print_json(rows)
        return
    shown = table("Messages", "no.", "day", "to", "address", "lines", "state", "answer")
    for row in rows:
        lines = ", ".join(f"{count} {kind}" for kind, count in row["lines"].items())
        shown.add_row(
            str(row["id"]), str(row["on"]), f"{row['unit']} {row['name']}", row["address"], lines,
            row["state"], row["answer"] or "",
        )  # fmt: skip
    out.print(shown)


@app.command()
def retry(message: Id, now: Now = None, as_: As = None, json: Json = False) -> None:
    """Trust the address of a failed message again."""
    from eco_workflow.services.outbox import retry as again

    database = open_database()
    today = again(database, message, now=now_or(now), by=_acting(database, message, as_))
    if json:
        print_json({"message": message, "state": "pending" if today else "failed"})
    elif today:
        out.print(f"Message {message} is pending again; it leaves with: eco dispatch")
    else:
        out.print(f"What message {message} carried rides in that person's next envelope, with the next run.")


@app.command()
def settle(
    message: Id,
    sent: Annotated[bool, typer.Option("--sent", help="It arrived.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="It did not.")] = False,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Say what became of an unknown message, once you have found out."""
    from eco_workflow.services.outbox import settle_unknown

    if sent == failed:
        raise WrongInput("Say either --sent or --failed.")
    database = open_database()
    by = _acting(database, message, as_)
    settle_unknown(database, message, sent=sent, now=now_or(now), by=by)
    state = "sent" if sent else "failed"
    print_json({"message": message, "state": state}) if json else out.print(f"Message {message} is {state}.")
