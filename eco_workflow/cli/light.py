"""`eco light` and `eco ranking`: how units stand."""

from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    Eyes,
    Json,
    Now,
    PlanCode,
    looking,
    open_database,
    out,
    print_ended,
    print_json,
    table,
)


def light(
    unit: Annotated[
        str | None, typer.Argument(metavar="[UNIT]", help="Only this unit, with its items.")
    ] = None,
    behind: Annotated[
        bool, typer.Option("--behind", help="Only units behind pro-rata, with the items that are.")
    ] = False,
    plan: PlanCode = None,
    now: Now = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """Show the light of every unit that owes something, worst first, and why."""
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.lights import lights, shown

    at = now_or(now)
    with open_database().read() as session:
        rows = lights(
            session, looking(session, plan, as_), plan=plan, now=at, days=published_in(session),
            unit=unit, behind=behind,
        )  # fmt: skip
        if not json:
            print_ended(session, plan, at)
    if json:
        print_json([row.as_json() for row in rows])
        return
    units = table("Lights", "light", "unit", "items", "why")
    for row in rows:
        units.add_row(shown(row.judged), row.unit, str(len(row.items)), row.judged.reason)
    out.print(units, highlight=False)
    if not unit and not behind:
        return
    for row in rows:
        items = table(f"\n{row.unit}", "light", "item", "title", "role", "state", "due", "why")
        for item in row.items:
            items.add_row(
                shown(item.judged), item.item, item.title, item.role, item.state, str(item.due_on or ""),
                item.judged.reason,
            )  # fmt: skip
        out.print(items, highlight=False)


def ranking(plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """Rank units by the share late of what was due, worst first, each among its like."""
    from eco_workflow.services.ranking import ranked

    at = now_or(now)
    with open_database().read() as session:
        classes = ranked(session, looking(session, plan, as_), plan=plan, now=at)
        if not json:
            print_ended(session, plan, at)
    if json:
        print_json([one.as_json() for one in classes])
        return
    for one in classes:
        if one.rows:
            shown = table(f"\n{one.name}", "place", "unit", "share")
            for row in one.rows:
                shown.add_row(str(row.place or "—"), row.unit, row.text)
            out.print(shown, highlight=False)
