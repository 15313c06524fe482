"""`eco demo`: the whole plan replayed through the real services, then what an operator asks."""

import shutil
from collections import Counter
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eco_workflow.cli.common import Json, err, out, print_json, table
from eco_workflow.domain.clock import instant
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import Refused
from eco_workflow.settings import Settings, read_settings
from eco_workflow.store.session import Database

if TYPE_CHECKING:
    from eco_workflow.cli.demo_replay import Day
    from eco_workflow.services.funding import Line
    from eco_workflow.services.surveys_shown import Shown

FIRST, LAST = date(2021, 10, 1), date(2022, 12, 31)
UNDER_PREFECT = date(2022, 3, 28)
EVENING = time(18)
SIGN = "DEMO"
"""The file that says a folder holds a demo and may be made anew."""


def demo(
    exit_: Annotated[
        bool, typer.Option("--exit", help="End after the summary (the demo has no pages to stay for yet).")
    ] = False,
    json: Json = False,
) -> None:
    """Replay the plan, October 2021 to December 2022, marked 演示数据, and show where things stand."""
    del exit_  # without pages both ways end here
    from eco_workflow.cli.demo_replay import PLAN, Span, replay
    from eco_workflow.cli.phase import tell
    from eco_workflow.cli.status import show
    from eco_workflow.domain.viewer import Viewer
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.demo_office import MARKING
    from eco_workflow.services.demo_story import STORY
    from eco_workflow.services.funding import listed as funds
    from eco_workflow.services.look import items, told_by_day
    from eco_workflow.services.overview import overview
    from eco_workflow.services.phases_shown import story
    from eco_workflow.services.rhythms_shown import listed
    from eco_workflow.services.surveys_shown import listed as surveys
    from eco_workflow.services.vetoes import listed as vetoes

    outer = read_settings()
    settings = _fresh_home(outer.home, MARKING)
    say = err if json else out
    say.print(f"[bold]Demo[/bold] 【{MARKING}】 of the plan {PLAN}: {FIRST} to {LAST} in {settings.home}")
    days = replay(settings, outer.home, Span(FIRST, LAST, UNDER_PREFECT))
    with Database(settings.database).read() as session:
        now = instant(LAST, EVENING)
        eyes, published = Viewer("demo"), published_in(session)
        found = overview(session, eyes, plan=PLAN, now=now, days=published)
        owed = items(session, eyes, plan=PLAN, unsettled=False, now=now)
        told = told_by_day(session, eyes, plan=PLAN)
        phases = story(session, None, plan=PLAN, now=now)
        declared = vetoes(session, eyes, plan=PLAN, everything=True, now=now, days=published)
        rhythm = listed(session, eyes, plan=PLAN, now=now, days=published)
        money = funds(session, eyes, plan=PLAN)
        held = surveys(session, eyes, plan=PLAN)
    boxes = sorted(path for path in settings.mail_folder.iterdir())
    if json:
        print_json(
            {
                "plan": PLAN,
                "marking": MARKING,
                "home": settings.home,
                "days": [vars(day) for day in days],
                "events": [event.as_json() for event in STORY if FIRST <= event.on <= LAST],
                "status": found.as_json(),
                "items": owed,
                "told": told,
                "phases": phases,
                "vetoes": declared,
                "rhythm": rhythm,
                "funds": [vars(line) for line in money],
                "surveys": [vars(survey) for survey in held],
                "mailboxes": [box.name for box in boxes],
            }
        )
        return
    _print_days(days)
    out.print()
    show(found)
    tell(phases)
    _print_vetoes(declared)
    _print_rhythm(rhythm)
    _print_facts(money, held)
    _print_due(owed)
    _print_told(told)
    mailboxes = counted(len(boxes), "mailbox", "mailboxes")
    out.print(f"\nMails lie in {settings.mail_folder}: {mailboxes}, one Maildir an address.")
    out.print(f"  the supervision office: {settings.mail_folder / 'lianluo@ducha.dxal.example' / 'new'}")
    out.print(f"Look further: export ECO_HOME={settings.home}", highlight=False)
    for seen in ("phase show", "round list", "evidence list", "rhythm list"):
        out.print(f"  eco {seen}", highlight=False)
    out.print(f"  eco status --now {LAST}T{EVENING}+08:00    as of the last day", highlight=False)


def _fresh_home(outer: Path, marking: str) -> Settings:
    """An empty folder for the demo; never one that holds something else."""
    home = outer.absolute() / "demo"
    if home.exists():
        if not (home / SIGN).exists():
            raise Refused(
                f"{home} exists and holds no demo. Move it away, or set ECO_HOME to another folder."
            )
        shutil.rmtree(home)
    home.mkdir(parents=True)
    (home / SIGN).write_text(f"{marking}\n", encoding="utf-8")
    return Settings(home=home, database_url=None, mail_url=None)


def _print_days(days: list["Day"]) -> None:
    """The days on which something happened; the others had their run, too, and nothing was due."""
    eventful = [day for day in days if day.is_eventful]
    shown = table("\nDay by day", "day", "round", "rungs", "mails", "answers", "what people did")
    for day in eventful:
        shown.add_row(
            f"{day.on:%a %m-%d}", f"{day.round:%m-%d}" if day.round else "", str(day.rungs or ""),
            str(day.sent or ""), str(day.answers or ""), "\n".join(day.did),
        )  # fmt: skip
    out.print(shown)
    out.print(f"On {counted(len(days) - len(eventful), 'other day')} the run found nothing due.")


def _print_vetoes(rows: list[dict[str, Any]]) -> None:
    """What was declared, and what became of it."""
    out.print("\nVeto items declared", style="bold")
    for row in rows:
        decided = f"{row['state']}, decided on {row['decided_on']}"
        cleared = f", cleared on {row['cleared_on']}: {row['document']}" if row["cleared_on"] else ""
        words = f"  {row['item']} of {row['unit']} on {row['declared_on']}: {decided}{cleared}"
        out.print(words, markup=False, highlight=False)


def _print_rhythm(rows: list[dict[str, Any]]) -> None:
    """How many of the office's own meetings, reports and issues there were, and which came late."""
    states = Counter(row["state"] for row in rows)
    said = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    late = [row["code"] for row in rows if row["held_on"] and row["held_on"] > row["due_on"]]
    after = f"; after their day: {', '.join(late)}" if late else ""
    out.print(f"\nThe office's own rhythm: {said}{after}. All of it: eco rhythm list", highlight=False)


def _print_facts(lines: list["Line"], surveys: list["Shown"]) -> None:
    """How many items have funds on record and where money is short; the surveys that figures rest on."""
    short = ", ".join(f"{line.item} of {line.unit}: {line.short}" for line in lines if line.wanting)
    said = f"{counted(len(lines), 'item')} on record; short (万元): {short or 'none'}"
    out.print(f"Funds: {said}. All of it: eco funding list", markup=False, highlight=False)
    for row in surveys:
        stand = ", ".join(f"{one['code']} {one['value']}" for one in row.figures if one["stands"])
        field = f"{row.from_on} to {row.until_on}, {row.sample} people asked by {row.unit}"
        out.print(f"Survey {row.survey} {row.name}: {field}; {stand}.", markup=False, highlight=False)


def _print_due(rows: list[dict[str, Any]]) -> None:
    """What became of all that was due: late, claimed, closed out, put off."""
    due = [row for row in rows if row["due_on"]]
    counts = Counter(_stands(row) for row in due)
    said = ", ".join(f"{count} {how}" for how, count in sorted(counts.items()))
    out.print(f"Items with a date, by unit: {said}. All of them: eco item list", highlight=False)


def _stands(row: dict[str, Any]) -> str:
    if row["late"]:
        return "late"
    if row["state"] == "completed":
        return "claimed"
    return "closed out" if row["state"] == "closed" else f"to be done by {row['due_on']}"


def _print_told(rows: list[dict[str, Any]]) -> None:
    """How many were told what, quarter by quarter."""
    quarters = sorted({_quarter(row["on"]) for row in rows})
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        to = "who owes it" if row["what"] in ("notice", "warning") else row["to"]
        of_quarter = counts.setdefault((row["what"], to), Counter())
        of_quarter[_quarter(row["on"])] += len(row["units"])
    shown = table("\nWho was told what: units concerned, by quarter", "what", "to", *quarters)
    for (what, to), of_quarter in counts.items():
        shown.add_row(what, to, *(str(of_quarter[quarter] or "") for quarter in quarters))
    out.print(shown)
    out.print("Each message: eco outbox list; what one said: eco outbox show NUMBER")


def _quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"
