"""When the next figure of an item is expected: no round asks before (DOMAIN 3.3)."""

from dataclasses import dataclass
from datetime import date, datetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.find import duty_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database


@dataclass(frozen=True)
class Expected:
    """From when on a unit is asked; None: by every round of its rhythm."""

    unit: str
    item: str
    asked_from: date | None


def expect(
    database: Database,
    unit: str,
    item: str,
    asked_from: date | None,
    *,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Expected:
    """Sets or clears (None) the day before which no round asks the unit. What was asked already is owed.

    Raises `WrongInput` for a day that is not later than today or lies after the plan; `Refused` for a
    milestone, which is asked in its phase.
    """
    with database.write() as session:
        duty = duty_named(session, plan, unit, item, now)
        by.must(Action.MANAGE_PLAN, doing="saying when a figure is expected")
        if duty.item.kind == "milestone":
            raise Refused(f"{duty.item.code} is a milestone: it is asked in its phase and has no figure.")
        if asked_from is not None and not shanghai_date(now) < asked_from <= duty.plan.ends_on:
            raise WrongInput(
                f"--from {asked_from} must lie after today and not after the plan's end, {duty.plan.ends_on}."
            )
        duty.obligation.asked_from = asked_from
        detail = {"unit": duty.unit.code, "item": duty.item.code, "from": asked_from}
        audit.record(session, {duty.obligation.plan_id: detail}, at=now, actor=by.name, action="next_figure")
        return Expected(duty.unit.short, duty.item.code, asked_from)
