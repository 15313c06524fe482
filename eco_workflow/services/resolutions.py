"""What a meeting resolved becomes an assigned task: a unit, what it should do, and by when (DOMAIN 8)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session

from eco_workflow.domain.assigned import Demand, read_demand
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.roles import Actor
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.assigned import Task, assign
from eco_workflow.services.find import item_named, unit_named
from eco_workflow.services.hand_over import check_works
from eco_workflow.store.tables import Occurrence, Plan, Resolution

OPTION = "--resolution"


def read_resolutions(session: Session, plan: Plan, said: Sequence[str], held_on: date) -> list[Demand]:
    """Resolutions as typed. Raises `WrongInput` for one that is not so written, an unknown unit, or a date
    before the meeting or after the plan.
    """
    found = []
    for one in said:
        demand = read_demand(one, OPTION)
        check_works(session, unit_named(session, plan, demand.unit), "given tasks")
        if not held_on <= demand.due_on <= plan.ends_on:
            raise WrongInput(
                f"{OPTION} {one!r}: {demand.due_on} must lie between the meeting, {held_on}, "
                f"and the plan's end, {plan.ends_on}."
            )
        found.append(demand)
    return found


def record_resolutions(
    session: Session,
    plan: Plan,
    row: Occurrence,
    wanted: Sequence[Demand],
    *,
    days: WorkingDays,
    now: datetime,
    by: Actor,
) -> list[str]:
    """Writes a meeting's resolutions down, in the transaction that records its minutes; each is a task from
    then on. Their codes; none of a meeting before the activation, of which nothing is owed.
    """
    codes, held = [], row.held_on
    # The title names the period: the year stands in the origin only where the meeting was held in another.
    year = f"{held.year}年" if held and str(held.year) not in row.title else ""
    origin = f"{row.title}{year}{held.month}月{held.day}日" if held else row.title
    for n, one in enumerate(wanted, start=1):
        unit = unit_named(session, plan, one.unit)
        assert unit.id is not None
        kept = Resolution(
            plan_id=row.plan_id, code=row.code, n=n, unit_id=unit.id, text=one.title, due_on=one.due_on
        )
        if row.state != "backfill":
            task = Task(
                [one.unit], one.title, one.due_on, "resolution", origin, since=row.held_on, option=OPTION
            )
            made = assign(session, plan, task, days=days, now=now, by=by)
            kept.item_id = item_named(session, plan, made.item).id
            codes.append(made.item)
        session.add(kept)
    session.flush()
    return codes
