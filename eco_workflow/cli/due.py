"""`eco item …`: what people do about due dates: extend, set aside, go on, say when a figure is expected."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import typer

from eco_workflow.cli import item as items
from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    Eyes,
    ItemCode,
    Json,
    Means,
    Now,
    PlanCode,
    UnitName,
    looking,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.domain.clock import read_date, wall_time
from eco_workflow.domain.due import ONE_DAY
from eco_workflow.domain.english import ended
from eco_workflow.domain.errors import WrongInput
from eco_workflow.services import extension, next_figure, suspension

app = items.app

Reason = Annotated[str, typer.Option(help="Why; others read it.")]


def _say_extension(done: extension.Extended) -> None:
    due = f"due on {done.due_on}" + (
        f" (first {done.first_due_on})" if done.first_due_on != done.due_on else ""
    )
    if done.late_from is None:
        after = "not late until it is decided"
    elif done.late_from == done.due_on + ONE_DAY:
        after = f"late from {done.late_from}"
    else:
        after = f"reminded as late from {done.late_from}, days late count from {done.due_on}"
    out.print(f"{done.item} of {done.unit}: extension until {done.until} {done.state}; {due}, {after}.")


@act(app)
def extend(
    desk: Desk,
    unit: UnitName,
    item: ItemCode,
    until: Annotated[str, typer.Option(help="The due date asked for.")],
    reason: Reason = "",
    means: Means = "",
) -> None:
    """Ask for a later due date, as the unit or on its behalf; on the due date at the latest."""
    done = extension.ask(
        desk.database, unit, item,
        until=read_date(until, "--until"), reason=reason, means=means,
        now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(done, _say_extension)


@act(app)
def decide(
    desk: Desk,
    unit: UnitName,
    item: ItemCode,
    grant: Annotated[bool, typer.Option("--grant", help="The due date moves.")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="It stays; give --reason.")] = False,
    reason: Reason = "",
) -> None:
    """Grant or refuse an extension; a further one is granted by a leader."""
    if grant == refuse:
        raise WrongInput("Say either --grant or --refuse.")
    done = extension.decide(
        desk.database, unit, item,
        grant=grant, reason=reason, days=desk.days, now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(done, _say_extension)


def _say_aside(done: suspension.SetAside) -> None:
    due = f", due on {done.due_on}" if done.due_on and done.state != "not_applicable" else ""
    asked = f"; {done.asked} waits to be confirmed" if done.asked else ""
    out.print(f"{done.item} of {done.unit} is {done.state}{due}{asked}.")


def _set_aside(name: str, state: str, meaning: str) -> None:
    """Adds a command that asks for an item to be set aside."""

    def ask(desk: Desk, unit: UnitName, item: ItemCode, reason: Reason = "") -> None:
        done = suspension.set_aside(
            desk.database, unit, item, state, reason=reason, now=desk.now, by=desk.by, plan=desk.plan
        )
        desk.tell(done, _say_aside)

    ask.__doc__ = meaning
    act(app, name)(ask)


_set_aside("suspend", "suspended", "Ask for an item to rest; the other office confirms it.")
_set_aside("not-applicable", "not_applicable", "Ask for an item to be dropped for a unit; likewise.")


@act(app)
def confirm(desk: Desk, unit: UnitName, item: ItemCode) -> None:
    """Confirm, as the other office, that an item is suspended or not applicable."""
    done = suspension.confirm(desk.database, unit, item, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, _say_aside)


@act(app)
def resume(
    desk: Desk,
    unit: UnitName,
    item: ItemCode,
    reason: Reason = "",
) -> None:
    """Go on with a suspended item, or take back what was asked and not confirmed."""
    done = suspension.resume(
        desk.database,
        unit,
        item,
        reason=reason,
        days=desk.days,
        now=desk.now,
        by=desk.by,
        plan=desk.plan,
    )
    desk.tell(done, _say_aside)


@act(app, "next-figure")
def next_figure_(
    desk: Desk,
    unit: UnitName,
    item: ItemCode,
    from_: Annotated[str | None, typer.Option("--from", help="No round asks before this day.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Every round asks again.")] = False,
) -> None:
    """Say when the next figure of an item is expected of a unit."""
    if (from_ is None) == (not clear):
        raise WrongInput("Say either --from DATE or --clear.")
    day: date | None = read_date(from_, "--from") if from_ else None
    done = next_figure.expect(desk.database, unit, item, day, now=desk.now, by=desk.by, plan=desk.plan)
    when = (
        f"not asked before {done.asked_from}; what is asked already stays owed"
        if done.asked_from
        else "asked by every round again"
    )
    desk.tell(done, lambda _: out.print(f"{done.item} of {done.unit} is {when}."))


@app.command()
def show(
    item: ItemCode, plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False
) -> None:
    """Show everything about an item, by unit: dates, extensions, suspensions, cases, last answers."""
    from eco_workflow.services import look_item

    with open_database().read() as session:
        row = look_item.item(session, looking(session, plan, as_), item, plan=plan, now=now_or(now))
    if json:
        print_json(row)
        return
    out.print(f"{row['item']} {row['title']} ({row['kind']}, {row['place']})", markup=False, highlight=False)
    if row["waits_on"]:
        out.print(f"It waits on {', '.join(row['waits_on'])}: not due before that is closed out.")
    shown = table(
        "By unit", "unit", "role", "state", "due", "", "first due", "not late before", "not asked before"
    )
    for unit in row["units"]:
        shown.add_row(
            unit["unit"], unit["role"], unit["state"],
            str(unit["due_on"] or ""), "late" if unit["late"] else "",
            *(str(unit[key] or "") for key in ("first_due_on", "late_not_before", "asked_from")),
        )  # fmt: skip
    out.print(shown)
    for title, key, word in HISTORIES:
        rows = [(unit["unit"], line) for unit in row["units"] for line in unit[key]]
        if rows:
            out.print(f"\n{title}", style="bold")
        for unit, line in rows:
            out.print(f"- {unit}: {word(line)}", markup=False, highlight=False)


def _extension(line: dict[str, Any]) -> str:
    asked = f"{line['asked_on']} {line['asked_by']}: until {line['until']}, {line['reason']}"
    if line["granted"] is None:
        return f"{asked}; pending"
    decided = "granted" if line["granted"] else "refused"
    return f"{asked}; {decided} {line['decided_on']} {line['decided_by']} {line['why']}".rstrip()


def _aside(line: dict[str, Any]) -> str:
    words = f"{line['state']}: {line['asked_on']} {line['asked_by']}, {line['reason']}"
    if line["confirmed_on"]:
        words += f"; confirmed {line['confirmed_on']} {line['confirmed_by']}"
    if line["ended_on"]:
        words += f"; ended {line['ended_on']} {line['ended_by']}, {line['why_ended']}"
    return words


def _case(line: dict[str, Any]) -> str:
    words = f"case {line['case']}, {line['clock']} clock, since {line['since']}, rung {line['rung']}"
    return words + (
        f"; closed {line['closed_on']} ({ended(line['closed_why'])})" if line["closed_on"] else ""
    )


def _answer(line: dict[str, Any]) -> str:
    said = (line["said"], line["note"], line["blocker"], line["reason"])
    who = f"{wall_time(line['at'])} {line['by']}, round {line['round']}"
    return f"{who}: {line['action']} {', '.join(filter(None, said))}"


def _settled(line: dict[str, Any]) -> str:
    how = f"done: {line['evidence']}" if line["evidence"] is not None else f"due on {line['due_on']}"
    return f"{wall_time(line['at'])} {line['by']}: {how}"


Word = Callable[[dict[str, Any]], str]
HISTORIES: tuple[tuple[str, str, Word], ...] = (
    ("Settled", "settled", _settled),
    ("Extensions", "extensions", _extension),
    ("Set aside", "set_aside", _aside),
    ("Cases", "cases", _case),
    ("Last acts", "last", _answer),
)
