"""`eco outbox`: every message, what became of it, and what an operator may do about it."""

from typing import Annotated, Any

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    Eyes,
    Json,
    Now,
    PlanCode,
    looking,
    on_the_wall,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import WrongInput
from eco_workflow.settings import read_settings
from eco_workflow.store.session import Database

PLAIN: dict[str, Any] = {"markup": False, "highlight": False}
"""What servers and people wrote is printed as it is."""

app = typer.Typer(help="Messages and what became of them.", no_args_is_help=True)

Id = Annotated[
    int, typer.Argument(metavar="MESSAGE", min=1, max=2**31 - 1, help="The message's number, from the list.")
]


def _plan_of(database: Database, given: dict[str, Any]) -> str:
    """Messages are numbered across plans: who acts is looked up in the message's own."""
    from eco_workflow.services.outbox import plan_of

    with database.read() as session:
        return plan_of(session, given["message"])


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
def show(message: Id, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """Show one message: its lines, every attempt with the server's answer, the text as it left."""
    from eco_workflow.services.look_message import message as everything
    from eco_workflow.services.outbox import plan_of

    with open_database().read() as session:
        row = everything(session, looking(session, plan_of(session, message), as_), message, now_or(now))
    if json:
        print_json(row)
        return
    out.print(f"Message {row['id']} of {row['on']}: {row['state']}", highlight=False, style="bold")
    out.print(f"  to {row['unit']} {row['role']} {row['name']} <{row['address']}>", **PLAIN)
    if row["not_before"]:
        out.print(f"  not tried again before {on_the_wall(row['not_before'])}", **PLAIN)
    if row["waits"]:
        out.print(f"  {row['waits']}", **PLAIN)
    for line in row["lines"]:
        rung = f", rung {line['rung']}" if line["rung"] else ""
        gone = "; its reason was gone" if line["dropped"] else ""
        out.print(f"  {line['kind']}: {line['about']}{rung}{gone}", **PLAIN)
    for tried in row["attempts"]:
        said = f"{tried['result'] or 'nobody knows'}: {tried['answer'] or 'no answer'}"
        deputy = f" (deputy {tried['deputy']})" if tried["deputy"] else ""
        out.print(f"  {on_the_wall(tried['at'])} {tried['address']}{deputy}: {said}", **PLAIN)
        if tried["bounced"]:
            out.print(f"    came back: {tried['bounced']}", **PLAIN)
    if row["told"]:
        out.print(f"  told by {row['told']['means']}, by {row['told']['by']}: {row['told']['said']}", **PLAIN)
    if row["text"]:
        out.print(f"\n{row['text']}", **PLAIN)
    elif row["attempts"]:
        out.print(f"  the text was purged; its digest was {row['attempts'][-1]['digest']}", **PLAIN)


@app.command()
def purge(now: Now = None, json: Json = False) -> None:
    """Empty the stored texts of messages older than ECO_KEEP_BODIES_DAYS; their digests stay."""
    from eco_workflow.services.purge import purge_bodies

    settings = read_settings()
    purged = purge_bodies(open_database(settings), keep_days=settings.keep_bodies_days, now=now_or(now))
    if json:
        print_json({"purged": purged})
        return
    out.print(f"{counted(purged, 'text')} older than {counted(settings.keep_bodies_days, 'day')} purged.")


@act(app, plan_of=_plan_of)
def bounce(
    desk: Desk,
    message: Id,
    why: Annotated[str, typer.Option(help="What the returned mail says.")],
) -> None:
    """Record that a sent message came back: it was not sent."""
    from eco_workflow.services.bounce import bounce as came_back

    again = "once the contact is corrected"
    if came_back(desk.database, message, why, now=desk.now, by=desk.by):
        again = "by another way, with the next run"
    done = {"message": message, "state": "failed"}
    said = f"Message {message} is failed; what it told is told again {again}."
    desk.tell(done, lambda _: out.print(said))


@act(app, plan_of=_plan_of)
def retry(desk: Desk, message: Id) -> None:
    """Trust the address of a failed message again, or try one that waits at once."""
    from eco_workflow.services.outbox import retry as again

    said = (
        f"That address is trusted again. What message {message} carried and nothing has told since rides in "
        "that person's next envelope, with the next run."
    )
    if today := again(desk.database, message, now=desk.now, by=desk.by):
        said = f"Message {message} is pending again; it leaves with: eco dispatch"
    done = {"message": message, "state": "pending" if today else "failed"}
    desk.tell(done, lambda _: out.print(said))


@act(app, plan_of=_plan_of)
def settle(
    desk: Desk,
    message: Id,
    sent: Annotated[bool, typer.Option("--sent", help="It arrived.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="It did not.")] = False,
) -> None:
    """Say what became of an unknown message, once you have found out."""
    from eco_workflow.services.outbox import settle_unknown

    if sent == failed:
        raise WrongInput("Say either --sent or --failed.")
    settle_unknown(desk.database, message, sent=sent, now=desk.now, by=desk.by)
    done = {"message": message, "state": "sent" if sent else "failed"}
    desk.tell(done, lambda _: out.print(f"Message {message} is {done['state']}."))
