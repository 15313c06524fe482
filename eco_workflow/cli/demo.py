"""`eco demo`: three weeks of March 2022 replayed through the real services, then what an operator asks."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from eco_workflow.cli.common import Json, err, out, print_json, progress, table
from eco_workflow.domain.answers import Question
from eco_workflow.domain.clock import instant
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import Refused
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.services.cast import Cast
from eco_workflow.settings import Settings, read_settings
from eco_workflow.store.session import Database

PLAN = "daxinganling-2022"
ACTIVE_FROM = date(2022, 3, 1)
FIRST, LAST = date(2022, 3, 14), date(2022, 4, 1)
UNDER_PREFECT = date(2022, 3, 28)
MORNING = time(9, 0)
MARKING = "演示数据"
SIGN = "DEMO"
"""The file that says a folder holds a demo and may be made anew."""


@dataclass(frozen=True)
class Day:
    """One replayed day, as the summary lists it."""

    on: date
    opened: int
    rungs: int
    sent: int
    closed: int
    answers: int
    how: str


def demo(
    exit_: Annotated[
        bool, typer.Option("--exit", help="End after the summary (the demo has no pages to stay for yet).")
    ] = False,
    json: Json = False,
) -> None:
    """Replay 14 March to 1 April 2022 with a small cast, marked 演示数据, and show where things stand."""
    del exit_  # without pages both ways end here
    from eco_workflow.cli.status import show
    from eco_workflow.domain.viewer import Viewer
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.look import told_by_day
    from eco_workflow.services.overview import overview

    outer = read_settings()
    settings = _fresh_home(outer.home)
    say = err if json else out
    say.print(f"[bold]Demo[/bold] 【{MARKING}】 of the plan {PLAN}: {FIRST} to {LAST} in {settings.home}")
    days = _replay(settings, outer.home)
    with Database(settings.database).read() as session:
        found = overview(
            session, Viewer("demo"), plan=PLAN, now=instant(LAST, time(18, 0)), days=published_in(session)
        )
        told = told_by_day(session, Viewer("demo"), plan=PLAN)
    boxes = sorted(path for path in settings.mail_folder.iterdir())
    if json:
        print_json(
            {
                "plan": PLAN,
                "marking": MARKING,
                "home": settings.home,
                "days": [vars(day) for day in days],
                "status": found.as_json(),
                "told": told,
                "mailboxes": [box.name for box in boxes],
            }
        )
        return
    replayed = table("\nDay by day", "day", "round", "rungs decided", "mails sent", "entries answered", "run")
    for day in days:
        replayed.add_row(
            f"{day.on:%a %m-%d}", "opened" if day.opened else "", str(day.rungs or ""),
            str(day.sent or ""), str(day.answers or ""), day.how,
        )  # fmt: skip
    out.print(replayed)
    out.print()
    show(found)
    _print_told(told)
    mailboxes = counted(len(boxes), "mailbox", "mailboxes")
    out.print(f"\nMails lie in {settings.mail_folder}: {mailboxes}, one Maildir an address.")
    out.print(f"  the supervision office: {settings.mail_folder / 'lianluo@ducha.dxal.example' / 'new'}")
    out.print(f"Look further: ECO_HOME={settings.home} eco status | outbox list | report list | contact list")


def _fresh_home(outer: Path) -> Settings:
    """An empty folder for the demo; never one that holds something else."""
    home = outer.absolute() / "demo"
    if home.exists():
        if not (home / SIGN).exists():
            raise Refused(
                f"{home} exists and holds no demo. Move it away, or set ECO_HOME to another folder."
            )
        shutil.rmtree(home)
    home.mkdir(parents=True)
    (home / SIGN).write_text(f"{MARKING}\n", encoding="utf-8")
    return Settings(home=home, database_url=None, mail_url=None)


def _replay(settings: Settings, outer: Path) -> list[Day]:
    from eco_workflow.plans.load import read
    from eco_workflow.services.calendar import published_for
    from eco_workflow.services.load_plan import activate
    from eco_workflow.store.migrate import upgrade
    from flows.wiring import Order, run_directly
    from schedules.server import prefect_server

    database = Database(settings.database)
    upgrade(database)
    loaded = read(PLAN)
    before = datetime(2022, 3, 1, 0, 30, tzinfo=UTC)
    activate(database, loaded, active_from=ACTIVE_FROM, now=before, actor=MARKING, marking=MARKING)
    cast = Cast([unit.id for unit in loaded.plan.working_units])
    calendar = published_for(database)
    span = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    working = [day for day in span if calendar.is_working(day)]
    replayed: list[Day] = []
    opened_on = FIRST
    with progress(quiet=False) as bar:
        task = bar.add_task("replay (days)", total=len(working))
        for day in working:
            order = Order(now=instant(day, MORNING), actor=MARKING)
            if day == UNDER_PREFECT:
                with prefect_server(outer.absolute(), say=err.print):
                    from flows.dispatch import run_under_prefect

                    result = run_under_prefect(settings, order)
            else:
                result = run_directly(settings, order)
            opened_on = day if result.decision.opened else opened_on
            answers = sum(
                _answer_all(database, loaded.plan.question, member.unit, cast, day)
                for member in cast.answering(calendar.waited(opened_on, day))
            )
            replayed.append(
                Day(
                    on=day,
                    opened=result.decision.opened,
                    rungs=result.decision.rungs,
                    sent=result.delivered.sent,
                    closed=result.decision.closed,
                    answers=answers,
                    how="Prefect flow" if day == UNDER_PREFECT else "direct",
                )
            )
            bar.advance(task)
    return replayed


def _answer_all(
    database: Database, question: Callable[[str], Question], unit: str, cast: Cast, day: date
) -> int:
    """The unit answers what it owes in the newest round, if anything; returns how many entries."""
    from eco_workflow.services.look import owed_codes
    from eco_workflow.services.progress import submit

    with database.read() as session:
        codes = owed_codes(session, PLAN, unit)
    for code in codes:
        submit(
            database,
            unit,
            code,
            cast.answer(question(code), day),
            now=instant(day, cast.clock()),
            by=Actor(f"{MARKING}·{unit}", frozenset({Role.LIAISON}), unit),
            plan=PLAN,
        )
    return len(codes)


def _print_told(rows: list[dict[str, Any]]) -> None:
    shown = table("\nWho was told what, and when", "day", "to", "what", "units concerned")
    for row in rows:
        shown.add_row(f"{row['on']:%m-%d}", row["to"], row["what"], "、".join(row["units"]))
    out.print(shown)
