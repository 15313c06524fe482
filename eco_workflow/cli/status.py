"""`eco status`: where the plan stands."""

from datetime import date
from typing import Any

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    ENDED,
    Eyes,
    Json,
    Now,
    PlanCode,
    looking,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.cli.funding import amounts_of
from eco_workflow.cli.veto import what_follows
from eco_workflow.cli.waiting import waiting_line
from eco_workflow.domain.english import counted
from eco_workflow.services.overview import Overview


def status(plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """Show rounds and answer rates, who is late on which rung, who was told, and what needs a person."""
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.overview import overview

    with open_database().read() as session:
        eyes = looking(session, plan, as_)
        found = overview(session, eyes, plan=plan, now=now_or(now), days=published_in(session))
    if json:
        print_json(found.as_json())
    else:
        show(found)


def show(found: Overview) -> None:
    """Prints an overview for an operator's terminal."""
    marking = f" 【{found.marking}】" if found.marking else ""
    out.print(f"[bold]{found.title}[/bold] ({found.plan}){marking}, on {found.on}", highlight=False)
    out.print(
        f"Active from {found.active_from}; last run {found.last_run_on or 'none'}; "
        f"next round {found.next_round or 'none'}" + (" (provisional calendar)" if found.provisional else ""),
        highlight=False,
    )
    if not found.ended_on and (found.calendar_known_until or date.min) < found.ends_on:
        until = (
            f"is known until {found.calendar_known_until}" if found.calendar_known_until else "is not known"
        )
        out.print(
            f"The calendar {until}; later days are provisional, Monday to Friday: eco calendar import FILE",
            highlight=False,
        )
    if found.ended_on:
        out.print(ENDED.format(found.ended_on), highlight=False)
    if found.held_since:
        out.print(f"Held since {found.held_since}: {found.held_why}. Nothing is sent.", highlight=False)
    if found.to_confirm:
        out.print(f"Stopped: {found.to_confirm}", highlight=False)
    if found.trial_mailbox:
        out.print(f"On trial: every message goes to {found.trial_mailbox}.", highlight=False)
    for phase in found.phases:
        out.print(phase_line(phase), markup=False, highlight=False)
    for veto in found.vetoes:
        out.print(
            f"Veto item {veto['item']} of {veto['unit']} is {veto['state']}, declared on "
            f"{veto['declared_on']}: {what_follows(veto)}. No phase passes over it.",
            markup=False,
            highlight=False,
        )
    rounds = table(
        "\nRounds", "round", "state", "opened", "answered by now", "of them late", "entries", "not reached"
    )
    for row in found.rounds:
        entries = f"{row.entries_answered}/{row.entries}" if row.entries else ""
        rounds.add_row(
            f"{row.on_date} ad hoc" if row.kind == "adhoc" else str(row.on_date),
            row.state, str(row.opened_on or ""), row.rate,
            str(row.late or ""), entries, str(row.unreached or ""),
        )  # fmt: skip
    out.print(rounds)
    if found.late:
        late = table(
            f"\nLate: {counted(len(found.late), 'unit')}",
            "unit", "rung", "working days", "silent rounds", "owes", "told", "",
        )  # fmt: skip
        for unit in found.late:
            late.add_row(
                unit.unit, str(unit.rung), str(unit.days_late), str(unit.silent_rounds), str(unit.owes),
                "\n".join(f"{t.rung} on {t.on:%m-%d}" for t in unit.told), unit.waiting or unit.file,
            )  # fmt: skip
        out.print(late)
    elif not any(one.silent for one in found.past_due):
        out.print("\nNo unit is late with its answers.")
    if found.late_items:
        items = table(
            f"\nOverdue: {counted(len(found.late_items), 'item')}",
            "unit", "item", "clock", "due", "working days", "rung", "told", "",
        )  # fmt: skip
        for item in found.late_items:
            items.add_row(
                item.unit, item.item, item.clock, str(item.due_on or ""), str(item.days_late), str(item.rung),
                "\n".join(f"{t.rung} on {t.on:%m-%d}" for t in item.told), item.waiting,
            )  # fmt: skip
        out.print(items)
    if found.past_due:
        silent = counted(sum(one.silent for one in found.past_due), "unit") + " with answers"
        due = counted(sum(len(one.items) for one in found.past_due), "item")
        out.print(f"\nPast due since the last run: {silent}, {due}. The next run opens their cases.")
    for office in found.late_office:
        told = ", ".join(f"{t.rung} on {t.on:%m-%d}" for t in office.told) or "nobody yet"
        waits = counted(sum(one.count for one in office.waits), "thing waits", "things wait")
        out.print(
            f"\n{office.unit} is late itself: {waits} for it, rung {office.rung}, told: {told}",
            highlight=False,
        )
        for one in office.waits:
            out.print(waiting_line(vars(one)), highlight=False)
    if found.funding:
        out.print("\nFunding, in 万元:")
        for funds in found.funding:
            out.print(f"  {amounts_of(funds)}", markup=False, highlight=False)
    out.print("\nMessages: " + (", ".join(f"{n} {s}" for s, n in found.messages.items()) or "none"))
    _show_unreached(found)
    if found.messages.get("unknown"):
        out.print("Unknown messages wait for you: eco outbox list --state unknown")
    if found.to_settle:
        out.print(
            f"{counted(found.to_settle, 'item waits', 'items wait')} to be settled: eco item list --unsettled"
        )


def _show_unreached(found: Overview) -> None:
    if found.not_leaving:
        out.print(f"Not told: {found.not_leaving}", highlight=False)
        for line in found.untold:
            out.print(f"  {line}", highlight=False, markup=False)
    for line in found.unreachable:
        out.print(f"Cannot be reached: {line}", highlight=False)


def phase_line(phase: dict[str, Any]) -> str:
    """Where a phase stands in one line, and the leader's pass that it rests on."""
    is_open = phase["state"] == "open"
    over = " and past its end" if is_open and phase["late"] else ""
    since = f"open since {phase['opened_on']}{over}" if is_open else f"closed on {phase['closed_on']}"
    words = f"Phase {phase['phase']} {phase['title']}: {since}, {counted(phase['lacking'], 'reason')} left"
    if passed := phase["conditional"]:
        words += f"; passed conditionally by {passed['leader']} until {passed['until']}"
    return f"{words} (eco phase show {phase['phase']})"
