"""`eco report`: what units answer, and what the office decides about it."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import As, Json, Now, PlanCode, actor, open_database, out, print_json, table
from eco_workflow.domain.answers import Answer
from eco_workflow.domain.clock import read_date
from eco_workflow.services import progress, review
from eco_workflow.services.calendar import published_calendar

app = typer.Typer(help="Progress reports: submit, recall, accept, return, close, list.", no_args_is_help=True)

UnitName = Annotated[str, typer.Argument(metavar="UNIT", help="The unit's code, name or alias.")]
ItemCode = Annotated[str, typer.Argument(metavar="ITEM", help="The item's code, e.g. I07.")]
RoundDate = Annotated[
    str | None, typer.Option("--round", help="The round's printed date; default: the newest.")
]


def _date(text: str | None) -> date | None:
    return read_date(text, "--round") if text else None


def _say(done: progress.Recorded, json: bool) -> None:
    if json:
        print_json(done)
        return
    late = "" if done.on_time is not False else " (first answer late)"
    out.print(f"{done.round} {done.unit} {done.item}: {done.state}{late}; the item is {done.item_state}.")
    if done.rest:
        out.print(f"Still owed by {done.unit} in this round: {', '.join(done.rest)}")


@app.command()
def submit(
    unit: UnitName,
    item: ItemCode,
    status: Annotated[str, typer.Option(help="not_started, in_progress or completed (a claim).")] = "",
    value: Annotated[str, typer.Option(help="The figure, a plain decimal.")] = "",
    period: Annotated[str, typer.Option(help="The figure's reference period: 2021, 2022-Q1, 2022-05.")] = "",
    note: Annotated[str, typer.Option(help="What was done.")] = "",
    blocker: Annotated[str, typer.Option(help="What stands in the way.")] = "",
    no_change: Annotated[bool, typer.Option("--no-change", help="Repeat the last answer.")] = False,
    round_: RoundDate = None,
    plan: PlanCode = None,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Record a unit's answer to an entry."""
    answer = Answer(status, value, period, note, blocker, no_change)
    done = progress.submit(
        open_database(), unit, item, answer,
        now=now_or(now), actor=actor(as_), plan=plan, round_on=_date(round_),
    )  # fmt: skip
    _say(done, json)


def _act(name: str, does: Callable[..., progress.Recorded], meaning: str) -> None:
    """Adds a command for an act that needs nothing but the entry."""

    def act(
        unit: UnitName,
        item: ItemCode,
        round_: RoundDate = None,
        plan: PlanCode = None,
        now: Now = None,
        as_: As = None,
        json: Json = False,
    ) -> None:
        done = does(
            open_database(), unit, item, now=now_or(now), actor=actor(as_), plan=plan, round_on=_date(round_)
        )
        _say(done, json)

    app.command(name, help=meaning)(act)


_act("recall", progress.recall, "Take a submitted answer back, until it is reviewed.")
_act("accept", review.accept, "Accept a submitted answer.")
_act("close", review.close, "Close out an item that every lead unit claims completed.")


@app.command("return")
def return_(
    unit: UnitName,
    item: ItemCode,
    reason: Annotated[str, typer.Option(help="What the unit must mend.")] = "",
    round_: RoundDate = None,
    plan: PlanCode = None,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Return a submitted answer with a reason; it is due again two working days later."""
    done = review.return_(
        open_database(), unit, item, reason, published_calendar(),
        now=now_or(now), actor=actor(as_), plan=plan, round_on=_date(round_),
    )  # fmt: skip
    _say(done, json)


@app.command("list")
def list_(
    unit: Annotated[str | None, typer.Argument(metavar="[UNIT]", help="Only this unit.")] = None,
    round_: RoundDate = None,
    plan: PlanCode = None,
    json: Json = False,
) -> None:
    """List the entries of a round (default: the newest open one) and where each stands."""
    from eco_workflow.domain.viewer import Viewer
    from eco_workflow.services.look import entries

    with open_database().read() as session:
        rows = entries(session, Viewer("console"), plan=plan, unit=unit, round_on=_date(round_))
    if json:
        print_json(rows)
        return
    shown = table("Entries", "round", "unit", "item", "title", "state", "due", "last answer")
    for row in rows:
        shown.add_row(
            str(row["round"]), row["unit"], row["item"], row["title"], row["state"],
            row["due_at"] or "", row["last"],
        )  # fmt: skip
    out.print(shown)
