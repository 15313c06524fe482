"""`eco rhythm`: the office's own meetings, reports, bulletins and circulars."""

from typing import Annotated, Any

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    Eyes,
    Json,
    Now,
    PlanCode,
    UnitName,
    looking,
    open_database,
    out,
    print_json,
    table,
    text_or_file,
)
from eco_workflow.domain.clock import read_date
from eco_workflow.domain.english import counted
from eco_workflow.services import issues, pro_rata_report, rhythm_done
from eco_workflow.services import rhythms as daily

app = typer.Typer(help="The office's own meetings, reports and issues.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(metavar="CODE", help="The turn's code, e.g. JC2022-03.")]
LARGEST = 2**31 - 1
"""Of the numbers that the books give."""
On = Annotated[str | None, typer.Option("--on", help="The day on which it was; today where left away.")]


@app.command("list")
def list_(plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """List every turn of what recurs for the office: when it is told, due, late and done."""
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.rhythms_shown import listed

    with open_database().read() as session:
        eyes = looking(session, plan, as_)
        rows = listed(session, eyes, plan=plan, now=now_or(now), days=published_in(session))
    if json:
        print_json(rows)
        return
    shown = table("Rhythms", "code", "title", "state", "told", "due", "done", "issue")
    for row in rows:
        shown.add_row(
            row["code"], row["title"], "late" if row["late"] else row["state"], str(row["opens_on"]),
            str(row["due_on"]), str(row["held_on"] or ""), row["issue"],
        )  # fmt: skip
    out.print(shown, highlight=False)


@app.command()
def show(code: Code, plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """Show a turn: what is prepared for it, or its minutes, resolutions, distribution list and receipts."""
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.rhythms_shown import shown

    with open_database().read() as session:
        eyes = looking(session, plan, as_)
        found = shown(session, eyes, code, plan=plan, now=now_or(now), days=published_in(session))
    if json:
        print_json(found)
        return
    late = f", late from {found['late_from']}" if found["late_from"] else ""
    done = f", {found['held_on']}" if found["held_on"] else ""
    out.print(
        f"{found['code']} {found['title']} {found['issue']}: {found['state']}{done}; "
        f"due on {found['due_on']}{late}.",
        markup=False, highlight=False,
    )  # fmt: skip
    for words in (found.get("text"), found.get("minutes")):
        if words:
            out.print(words, markup=False, highlight=False)
    _lines("Resolutions", found.get("resolutions", []), "unit", "text", "due_on")
    _lines("Behind pro-rata", found.get("behind", []), "unit", "item", "behind", "caught_up_on")
    _lines("Distribution", found.get("distribution", []), "unit", "received_on", "by")


def _lines(title: str, rows: list[dict[str, Any]], *columns: str) -> None:
    if not rows:
        return
    shown = table(f"\n{title}", *(column.replace("_", " ") for column in columns))
    for row in rows:
        shown.add_row(*(str(row[column] or "") for column in columns))
    out.print(shown, highlight=False)


@act(app, "open")
def open_(desk: Desk) -> None:
    """Open what is near, as the timetable does every morning; again changes nothing."""
    from eco_workflow.domain.roles import Action
    from eco_workflow.services.find import plan_named

    desk.by.must(Action.KEEP_RHYTHM)
    with desk.database.read() as session:
        plan = plan_named(session, desk.plan)
        code = plan.code
    done = daily.open_all(desk.database, desk.now, desk.days, actor=desk.by.name, only=code)
    desk.tell(done, lambda _: out.print(_opened(done, code), highlight=False))


def _opened(done: daily.Opened, code: str) -> str:
    if code in done.broken:
        return f"{code} is broken: {done.broken[code]}"
    if code in done.doubted:
        return f"Nothing is opened: {done.doubted[code]}"
    named = done.opened.get(code, [])
    return f"Opened: {', '.join(named)}." if named else "Nothing to open."


@act(app)
def done(
    desk: Desk,
    code: Code,
    minutes: Annotated[str, typer.Option(help="The minutes or the report: text, or a file that holds it.")],
    on: On = None,
    resolution: Annotated[
        list[str] | None, typer.Option(help='What was resolved, once each: "UNIT: text: DATE".')
    ] = None,
) -> None:
    """Record that a meeting was held or a report was made, with its minutes and what was resolved."""
    made = rhythm_done.done(
        desk.database, code, on=_day(desk, on), minutes=text_or_file(minutes, "--minutes"),
        resolutions=resolution or (), now=desk.now, days=desk.days, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(
        made,
        lambda _: out.print(
            f"{made.code} {made.title}: {made.state}, {made.held_on}; "
            f"{counted(made.resolutions, 'resolution')}.",
            highlight=False,
        ),
    )


@act(app)
def release(
    desk: Desk,
    code: Code,
    text: Annotated[str, typer.Option(help="The issue's text, or a file that holds it.")],
    to: Annotated[str, typer.Option(help="The units, with commas; all working units where left away.")] = "",
    info: Annotated[str, typer.Option(help="Numbers of information items that it takes up: 3,5.")] = "",
    on: On = None,
) -> None:
    """Release a bulletin or circular: it gets its number, and the units on its list are told."""
    made = issues.release(
        desk.database, code, text=text_or_file(text, "--text"), to=_words(to), information=_numbers(info),
        on=_day(desk, on), now=desk.now, days=desk.days, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(
        made,
        lambda _: out.print(
            f"{made.issue} ({made.code}) released on {made.released_on} to {counted(len(made.to), 'unit')}.",
            highlight=False,
        ),
    )


@act(app)
def receipt(desk: Desk, code: Code, unit: UnitName) -> None:
    """Give a unit's receipt of an issue, or record it for the unit."""
    made = issues.receipt(desk.database, code, unit, now=desk.now, days=desk.days, by=desk.by, plan=desk.plan)
    desk.tell(
        made,
        lambda _: out.print(
            f"{made.unit} received {made.code} on {made.received_on}; {made.outstanding} still to come.",
            highlight=False,
        ),
    )


@act(app)
def sign(desk: Desk, code: Code) -> None:
    """Sign a month's supervision report on units behind pro-rata, as a leader."""
    made = pro_rata_report.sign(desk.database, code, now=desk.now, days=desk.days, by=desk.by, plan=desk.plan)
    desk.tell(
        made,
        lambda _: out.print(
            f"{made.code} signed by {made.by} on {made.signed_on}: {counted(len(made.lines), 'line')}.",
            highlight=False,
        ),
    )


def _day(desk: Desk, on: str | None) -> Any:
    from eco_workflow.domain.clock import shanghai_date

    return read_date(on, "--on") if on else shanghai_date(desk.now)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("\uff0c", ",").split(",") if word.strip()]


def _numbers(text: str) -> list[int]:
    from eco_workflow.domain.errors import WrongInput

    words = _words(text)
    if not all(word.isascii() and word.isdigit() for word in words):
        raise WrongInput(f"--info {text!r} is no list of numbers. Write 3,5. See: eco info list --unused")
    # More digits than an integer of Python's is read from are not read at all.
    if beyond := [word for word in words if len(word) > 10 or not 1 <= int(word) <= LARGEST]:
        raise WrongInput(
            f"--info {beyond[0][:20]} is no number of an information item. See: eco info list --unused"
        )
    return [int(word) for word in words]
