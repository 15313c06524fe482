"""`eco calendar`: working days with their source, and years published since."""

from pathlib import Path
from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    As,
    Eyes,
    Json,
    Now,
    PlanCode,
    acting_in_all,
    looking,
    on_the_wall,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.domain.clock import YEARS, shanghai_date
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.roles import Action
from eco_workflow.services.calendar_shown import ShownYear
from eco_workflow.services.import_calendar import Imported

app = typer.Typer(help="Working days, and the years published since.", no_args_is_help=True)

UNKNOWN = (
    "Where a year is not known, Monday to Friday are taken: eco calendar import FILE when it is published."
)


@app.command()
def show(
    year: Annotated[int | None, typer.Option(help="The year; otherwise that of --now.")] = None,
    plan: PlanCode = None,
    now: Now = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """Show a year's working days with their source, and until when the calendar is known."""
    from eco_workflow.services.calendar_shown import shown
    from eco_workflow.services.find import plan_named

    at = now_or(now)
    wanted = shanghai_date(at).year if year is None else year
    if wanted not in YEARS:
        raise WrongInput(f"--year {wanted} is no year that a plan runs in.")
    with open_database().read() as session:
        looking(session, plan, as_)
        found = shown(session, wanted, shanghai_date(at), plan_named(session, plan))
    if json:
        print_json(found.as_json())
    else:
        _print(found)


def _print(found: ShownYear) -> None:
    state = "PROVISIONAL" if found.provisional else "published"
    out.print(f"[bold]{found.year}[/bold]: {state} ({found.source})", highlight=False)
    out.print(
        f"The calendar is known until {found.known_until}." if found.known_until else "Today is not known.",
        highlight=False,
    )
    rows = table("", "day", "", "works", "source", "")
    for day in found.unusual:
        rows.add_row(str(day.day), f"{day.day:%a}", "yes" if day.working else "no", day.source, day.name)
    out.print(rows)
    months = ", ".join(f"{month}: {count}" for month, count in enumerate(found.by_month, start=1))
    out.print(f"Working days by month: {months}; {sum(found.by_month)} in all.", highlight=False)
    if found.provisional:
        out.print(UNKNOWN)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A year's arrangement, YAML or CSV.")],
    correct: Annotated[
        bool, typer.Option("--correct", help="The year is known already, and changed.")
    ] = False,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Take a newly published year into the calendar of all plans; what was counted without it moves."""
    from eco_workflow.services.calendar_file import read
    from eco_workflow.services.import_calendar import import_year

    at = now_or(now)
    arrangement = read(file)
    database = open_database()
    by = acting_in_all(database, Action.MANAGE_CALENDAR, as_)
    done = import_year(database, arrangement, correct=correct, now=at, by=by)
    if json:
        print_json(done)
    else:
        _say(done)


def _say(done: Imported) -> None:
    out.print(
        f"{done.year} {'is known now' if done.fresh else 'was known so already'}: "
        f"{counted(done.holidays, 'holiday')}, {counted(done.makeup, 'make-up working day')} "
        f"({done.source}). The calendar is known until {done.known_until or 'no day yet'}.",
        highlight=False,
    )
    if done.moved:
        rows = table(
            f"\nMoved: {counted(len(done.moved), 'date')}", "plan", "unit", "item", "what", "from", "to"
        )
        for one in done.moved:
            what = f"{one.what} of {one.round_on}" if one.round_on else one.what
            before, after = (
                on_the_wall(value) if one.what == "answer" else str(value)  # type: ignore[arg-type]
                for value in (one.before, one.after)
            )
            rows.add_row(one.plan, one.unit, one.item, what, before, after)
        out.print(rows)
        out.print("Who owes them is told in the next envelope.")
