"""`eco round`: the rounds, ad-hoc ones, and the release of their summaries."""

import re
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
from eco_workflow.domain.clock import read_date
from eco_workflow.domain.english import counted

app = typer.Typer(help="Rounds, and the release of their summaries.", no_args_is_help=True)

On = Annotated[str, typer.Argument(metavar="DATE", help="The round's printed date.")]
Kind = Annotated[
    str | None, typer.Option("--kind", help="regular or adhoc, where both are printed for the date.")
]


@app.command("list")
def list_(plan: PlanCode = None, as_: Eyes = None, json: Json = False) -> None:
    """List the plan's rounds: state, answers, summary drafted and released."""
    from eco_workflow.services.rounds_shown import rounds

    with open_database().read() as session:
        rows = rounds(session, looking(session, plan, as_), plan=plan)
    if json:
        print_json(rows)
        return
    shown = table("Rounds", "round", "kind", "state", "opened", "units answered", "summary", "released")
    for row in rows:
        answered = f"{row['answered']}/{row['asked']}" if row["drafted_on"] else ""
        shown.add_row(
            str(row["round"]), row["kind"], row["state"], str(row["opened_on"] or ""), answered,
            str(row["drafted_on"] or ""), str(row["released_on"] or ""),
        )  # fmt: skip
    out.print(shown)


@app.command()
def show(on: On, kind: Kind = None, plan: PlanCode = None, as_: Eyes = None, json: Json = False) -> None:
    """Show a round by unit: sent, due, answered."""
    from eco_workflow.services.rounds_shown import round_

    day = read_date(on, "DATE")
    with open_database().read() as session:
        found = round_(session, looking(session, plan, as_), on=day, kind=kind, plan=plan)
    if json:
        print_json(found)
        return
    shown = table(
        f"Round of {day} ({found['kind']}, {found['state']})", "unit", "state", "sent", "due", "answered"
    )
    for row in found["units"]:
        answered = f"{row['answered']}/{row['entries']}"
        shown.add_row(row["unit"], row["state"], row["sent_at"] or "", row["due_at"] or "", answered)
    out.print(shown)
    for one in found["occurred"]:
        out.print(f"Declared as occurred: {one['unit']} {one['item']} {one['title']}", markup=False)
    if found["cover_note"]:
        out.print(found["cover_note"], markup=False)
    if found["drafted_on"]:
        released = f"released on {found['released_on']}" if found["released_on"] else "not released"
        out.print(f"Summary drafted on {found['drafted_on']}, {released}.", highlight=False)


@app.command()
def release(
    on: On, kind: Kind = None, plan: PlanCode = None, now: Now = None, as_: As = None, json: Json = False
) -> None:
    """Release a round's summary to head and deputies, on paper."""
    from eco_workflow.services.release_summary import release as release_

    day = read_date(on, "DATE")
    database = open_database()
    by = acting(database, plan, as_)
    done = release_(database, day, kind=kind, now=now_or(now), by=by, plan=plan)
    if json:
        print_json(done)
        return
    to = "、".join(done.to) or "head and deputies"
    out.print(f"Round of {done.round}: summary released on {done.released_on}. Hand it on paper to: {to}")


def _names(text: str) -> list[str]:
    """What stands between commas, Chinese ones included; each once."""
    return list(dict.fromkeys(name.strip() for name in re.split(r"[,，、]", text) if name.strip()))


@app.command()
def adhoc(
    on: Annotated[str, typer.Option("--on", help="Its date, today or later.")],
    units: Annotated[str, typer.Option(help="Units by code, name or alias, with commas between.")] = "",
    items: Annotated[str, typer.Option(help="Items by code, with commas between.")] = "",
    note: Annotated[str, typer.Option(help="Why; the request says it.")] = "",
    plan: PlanCode = None,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Plan an ad-hoc round (临时调度): chosen units about chosen items, beside the regular rounds."""
    from eco_workflow.services.adhoc_round import plan_adhoc_round

    day = read_date(on, "--on")
    database = open_database()
    by = acting(database, plan, as_)
    made = plan_adhoc_round(
        database,
        on=day,
        units=_names(units),
        items=_names(items),
        note=note,
        now=now_or(now),
        by=by,
        plan=plan,
    )
    if json:
        print_json(made)
        return
    leaves = "the next run, since that day's is over" if made.after_the_run else "the run of that day"
    out.print(f"Ad-hoc round of {made.on}: {counted(len(made.asks), 'unit')}. It leaves with {leaves}.")
    for unit, codes in made.asks.items():
        out.print(f"  {unit}: {'、'.join(codes)}", highlight=False)
