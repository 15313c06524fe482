"""`eco round`: the rounds, ad-hoc ones, and the release of their summaries."""

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
    names_in,
    on_the_wall,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.domain.clock import read_date
from eco_workflow.domain.english import counted
from eco_workflow.services.adhoc_round import AdhocRound, plan_adhoc_round
from eco_workflow.services.release_summary import release as release_

app = typer.Typer(help="Rounds, and the release of their summaries.", no_args_is_help=True)

On = Annotated[str, typer.Argument(metavar="DATE", help="The round's printed date.")]
Kind = Annotated[
    str | None, typer.Option("--kind", help="regular or adhoc, where both are printed for the date.")
]


@app.command("list")
def list_(plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """List the plan's rounds: state, answers, summary drafted and released, or late."""
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.rounds_shown import rounds

    with open_database().read() as session:
        eyes = looking(session, plan, as_)
        rows = rounds(session, eyes, plan=plan, now=now_or(now), days=published_in(session))
    if json:
        print_json(rows)
        return
    shown = table(
        "Rounds", "round", "kind", "state", "opened", "answered when summarised", "summary", "released"
    )
    for row in rows:
        answered = f"{row['answered']}/{row['asked']}" if row["drafted_on"] else ""
        shown.add_row(
            str(row["round"]), row["kind"], row["state"], str(row["opened_on"] or ""), answered,
            str(row["drafted_on"] or ""), _released(row),
        )  # fmt: skip
    out.print(shown)


@app.command()
def show(
    on: On, kind: Kind = None, plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False
) -> None:
    """Show a round by unit: sent, due, answered, late."""
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.rounds_shown import round_

    day = read_date(on, "DATE")
    with open_database().read() as session:
        found = round_(
            session, looking(session, plan, as_), on=day, kind=kind, plan=plan,
            now=now_or(now), days=published_in(session),
        )  # fmt: skip
    if json:
        print_json(found)
        return
    shown = table(
        f"Round of {day} ({found['kind']}, {found['state']})", "unit", "state", "sent", "due", "", "answered"
    )
    for row in found["units"]:
        sent, due = on_the_wall(row["sent_at"]), on_the_wall(row["due_at"])
        late = "late" if row["late"] else ""
        answered = f"{row['answered']}/{row['entries']}" if row["entries"] else "set aside"
        shown.add_row(row["unit"], row["state"], sent, due, late, answered)
    out.print(shown)
    for one in found["occurred"]:
        out.print(f"Declared as occurred: {one['unit']} {one['item']} {one['title']}", markup=False)
    if found["cover_note"]:
        out.print(found["cover_note"], markup=False)
    if found["drafted_on"]:
        released = f"released on {found['released_on']}" if found["released_on"] else "not released"
        late = ": late" if found["release_late"] else ""
        out.print(f"Summary drafted on {found['drafted_on']}, {released}{late}.", highlight=False)


def _released(row: dict[str, Any]) -> str:
    return "late" if row["release_late"] else str(row["released_on"] or "")


@app.command()
def summary(
    on: On, kind: Kind = None, plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False
) -> None:
    """Print a round's summary as the leaders read it, by what is reported up to now."""
    from eco_workflow.services.rounds_shown import sheet
    from notifications.render import on_paper

    day = read_date(on, "DATE")
    with open_database().read() as session:
        found = sheet(session, looking(session, plan, as_), on=day, kind=kind, plan=plan, now=now_or(now))
    text = on_paper(found.envelope)
    if json:
        about = ("round", "kind", "drafted_on", "released_on")
        print_json({**{name: getattr(found, name) for name in about}, "text": text})
    else:
        typer.echo(text, nl=False)


@act(app)
def release(desk: Desk, on: On, kind: Kind = None) -> None:
    """Release a round's summary to head and deputies, on paper."""
    day = read_date(on, "DATE")
    done = release_(desk.database, day, kind=kind, now=desk.now, by=desk.by, plan=desk.plan)
    to = "、".join(done.to) or "head and deputies"
    said = f"Round of {done.round}: summary released on {done.released_on}. Hand it on paper to: {to}"
    its_text = f"Its text: eco round summary {done.round} --kind {done.kind}"
    desk.tell(done, lambda _: out.print(f"{said}\n{its_text}"))


@act(app)
def note(
    desk: Desk, on: On, text: Annotated[str, typer.Argument(metavar="NOTE", help="Why it was skipped.")]
) -> None:
    """Note why a round was skipped; phase 2 is not closed without."""
    from eco_workflow.services.note_round import note_round

    done = note_round(desk.database, read_date(on, "DATE"), text, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, lambda _: out.print(f"Round of {done.round}, skipped: {done.note}", markup=False))


@act(app)
def adhoc(
    desk: Desk,
    on: Annotated[str, typer.Option("--on", help="Its date, today or later.")],
    units: Annotated[str, typer.Option(help="Units by code, name or alias, with commas between.")] = "",
    items: Annotated[str, typer.Option(help="Items by code, with commas between.")] = "",
    note: Annotated[str, typer.Option(help="Why; the request says it.")] = "",
) -> None:
    """Plan an ad-hoc round (临时调度): chosen units about chosen items, beside the regular rounds."""
    made = plan_adhoc_round(
        desk.database, on=read_date(on, "--on"), units=names_in(units), items=names_in(items), note=note,
        now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(made, _planned)


def _planned(made: AdhocRound) -> None:
    leaves = "the next run, since that day's is over" if made.after_the_run else "the run of that day"
    out.print(f"Ad-hoc round of {made.on}: {counted(len(made.asks), 'unit')}. It leaves with {leaves}.")
    for unit, codes in made.asks.items():
        out.print(f"  {unit}: {'、'.join(codes)}", highlight=False)
