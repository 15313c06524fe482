"""`eco report`: what units answer, and what the office decides about it."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    CorrectsPeriod,
    Eyes,
    ItemCode,
    Json,
    Means,
    Now,
    PlanCode,
    UnitName,
    looking,
    on_the_wall,
    open_database,
    out,
    print_ended,
    print_json,
    table,
)
from eco_workflow.domain.answers import STATEMENTS, Answer
from eco_workflow.domain.clock import read_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.services import on_behalf, progress, review

app = typer.Typer(
    help="Progress reports: submit, confirm, recall, accept, return, close, list.", no_args_is_help=True
)

RoundDate = Annotated[
    str | None, typer.Option("--round", help="The round's printed date; default: the newest.")
]


def _date(text: str | None) -> date | None:
    return read_date(text, "--round") if text else None


def _say(done: progress.Recorded) -> None:
    late = "" if done.on_time is not False else " (first answer late)"
    out.print(f"{done.round} {done.unit} {done.item}: {done.state}{late}; the item is {done.item_state}.")
    if done.on_behalf:
        later = "; the unit confirms it later" if done.unit_confirms else ""
        out.print(f"Recorded on behalf of {done.unit} ({done.on_behalf}){later}.")
    if done.told_at_once:
        out.print("The office is told at once. See: eco outbox list")
    for line in done.not_judged:
        out.print(line)
    if done.rest:
        out.print(f"Still owed by {done.unit} in this round: {', '.join(done.rest)}")
    for other in done.elsewhere:
        its_answer = f"eco report submit {done.unit} {done.item} --round {other.round} …"
        out.print(f"Still owed: {other.round} {done.item}, {other.state}: {its_answer}")


@act(app)
def submit(
    desk: Desk,
    unit: UnitName,
    item: ItemCode,
    status: Annotated[str, typer.Option(help="not_started, in_progress or completed (a claim).")] = "",
    value: Annotated[
        list[str] | None,
        typer.Option(help="A figure, 95.3; one of a part, I07.1=95.3 (repeat it); for words, 是 or 否."),
    ] = None,
    period: Annotated[
        list[str] | None,
        typer.Option(help="The reference period: 2021, 2022-Q1, 2022-05; of one part: I07.1=2021 (repeat)."),
    ] = None,
    note: Annotated[str, typer.Option(help="What was done.")] = "",
    blocker: Annotated[str, typer.Option(help="What stands in the way.")] = "",
    occurred: Annotated[
        str | None, typer.Option(help="yes or no: the declaration of a veto item (V1, …).")
    ] = None,
    progress_: Annotated[
        str | None, typer.Option("--progress", help="yes or no: the whole answer where only that is asked.")
    ] = None,
    means: Means = "",
    no_change: Annotated[bool, typer.Option("--no-change", help="Repeat the last answer.")] = False,
    corrects_period: CorrectsPeriod = False,
    round_: RoundDate = None,
) -> None:
    """Answer as the unit's liaison or leader in charge, or as an operator record on the unit's behalf.

    A veto item declared as occurred is told to the office at once, on any day.
    """
    from eco_workflow.settings import read_settings
    from flows.wiring import post_office

    answer = Answer(
        status, " ".join(value or []), " ".join(period or []), note, blocker, no_change,
        occurred=_yes_or_no(occurred, "--occurred"), progress=_yes_or_no(progress_, "--progress"),
        corrects_period=corrects_period,
    )  # fmt: skip
    if answer.occurred:
        with post_office(read_settings(), desk.now):
            pass  # A mail setting that cannot be used is said before anything is written.
    done = progress.submit(
        desk.database, unit, item, answer,
        now=desk.now, by=desk.by, means=means, plan=desk.plan, round_on=_date(round_),
    )  # fmt: skip
    desk.send_and_tell(done, _say)


def _yes_or_no(text: str | None, option: str) -> bool | None:
    if text is None:
        return None
    said = STATEMENTS.get(text.strip().lower())
    if said is None:
        raise WrongInput(f"{option} {text!r} is neither yes nor no.")
    return said == "是"


def _act(name: str, does: Callable[..., progress.Recorded], meaning: str) -> None:
    """Adds a command for an act that needs nothing but the entry."""

    def of_entry(desk: Desk, unit: UnitName, item: ItemCode, round_: RoundDate = None) -> None:
        done = does(
            desk.database, unit, item, now=desk.now, by=desk.by, plan=desk.plan, round_on=_date(round_)
        )
        desk.tell(done, _say)

    of_entry.__doc__ = meaning
    act(app, name)(of_entry)


_act("confirm", on_behalf.confirm, "Confirm, as the unit, an answer that the office recorded for it.")
_act("recall", progress.recall, "Take a submitted answer back, until it is reviewed.")
_act("accept", review.accept, "Accept a submitted answer.")
_act("close", review.close, "Close out an item that every lead unit claims completed.")


@act(app, "return")
def return_(
    desk: Desk,
    unit: UnitName,
    item: ItemCode,
    reason: Annotated[str, typer.Option(help="What the unit must mend.")] = "",
    round_: RoundDate = None,
) -> None:
    """Return a submitted answer with a reason; it is due again two working days later."""
    done = review.return_(
        desk.database, unit, item, reason, desk.days,
        now=desk.now, by=desk.by, plan=desk.plan, round_on=_date(round_),
    )  # fmt: skip
    desk.tell(done, _say)


@app.command("list")
def list_(
    unit: Annotated[str | None, typer.Argument(metavar="[UNIT]", help="Only this unit.")] = None,
    round_: RoundDate = None,
    plan: PlanCode = None,
    now: Now = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List the entries of a round (default: the newest open one), where each stands, and what is late."""
    from eco_workflow.services.look import entries

    at = now_or(now)
    with open_database().read() as session:
        rows = entries(
            session, looking(session, plan, as_), plan=plan, unit=unit, round_on=_date(round_), now=at
        )
        if not json:
            print_ended(session, plan, at)
    if json:
        print_json(rows)
        return
    shown = table("Entries", "round", "unit", "item", "title", "state", "due", "", "last answer", "on behalf")
    for row in rows:
        shown.add_row(
            str(row["round"]), row["unit"], row["item"], row["title"], _state(row),
            on_the_wall(row["due_at"]), "late" if row["late"] else "", _last(row),
            row["on_behalf"] + (", confirmed" if row["confirmed_at"] else ""),
        )  # fmt: skip
    out.print(shown)


def _state(row: dict[str, Any]) -> str:
    if row["set_aside"]:
        return f"set aside ({row['set_aside']})"
    if row["backfill"]:
        return "backfill" if row["state"] == "awaiting" else f"{row['state']} (backfill)"
    return "superseded" if row["superseded"] else str(row["state"])


def _last(row: dict[str, Any]) -> str:
    """The answer to the entry's round; that of an earlier one says so."""
    former = row["last_round"] not in (None, row["round"])
    return f"{row['last']} ({row['last_round']})" if former else str(row["last"])
