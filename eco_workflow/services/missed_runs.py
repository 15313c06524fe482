"""Which runs should have been and were not: what the health address tells, and a later start makes good."""

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import instant, shanghai_date
from eco_workflow.domain.rounds import RUN_AT
from eco_workflow.domain.working_days import ONE_DAY
from eco_workflow.services.calendar import held_days
from eco_workflow.services.doubt import to_confirm
from eco_workflow.store.tables import Audit, Hold, Plan, PlanVersion, Run

MADE_GOOD_AFTER = timedelta(minutes=10)
"""A day's run that has not begun so long after its time is not waited for any more: its start was lost, or
it failed, e.g. because the database was away.
"""


def running_since(session: Session) -> list[tuple[Plan, datetime]]:
    """Every plan, with when it was activated here or, after a hold, last went on: runs due before are not
    its own.
    """
    found = select(Plan, PlanVersion.loaded_at).join(PlanVersion, col(PlanVersion.plan_id) == Plan.id)
    loaded = session.exec(found.where(PlanVersion.version == 1).order_by(col(Plan.id))).all()
    went_on = _went_on(session)
    return [(plan, went_on.get(plan.id or 0, since)) for plan, since in loaded]


def missed_since(plan: Plan, since: datetime, due_at: datetime) -> datetime | None:
    """When the first of the plan's runs should have been that have not begun; None where all have.

    `since`: since when runs are its own; `due_at`: the last that is due. A plan that is held waits for none.
    """
    due_on, last = shanghai_date(due_at), plan.last_run_on
    is_due = since <= due_at and plan.active_from <= due_on <= plan.ends_on
    if not is_due or plan.held_since is not None or (last is not None and last >= due_on):
        return None
    first = plan.active_from if last is None else max(plan.active_from, last + ONE_DAY)
    missed = due_at - (due_on - first)
    while missed < since:
        missed += ONE_DAY
    return missed if missed <= due_at else None


def lacking_todays(session: Session, now: datetime) -> list[str]:
    """The codes of the plans whose run of today has not begun, and which one at `now` would make good
    (docs/decisions/0038).

    Not before its time, which makes good whatever was missed before; not of a plan that waits for a person to
    confirm the date, nor of one whose day is claimed already, by a clock that was ahead.
    """
    today = shanghai_date(now)
    due_at = instant(today, RUN_AT)
    if now < due_at + MADE_GOOD_AFTER:
        return []
    held = held_days(session, today)
    claimed = set(session.exec(select(Run.plan_id).where(Run.on_date == today)).all())
    return [
        plan.code
        for plan, since in running_since(session)
        if missed_since(plan, since, due_at) is not None
        and plan.id not in claimed
        and to_confirm(plan, today, held) is None
    ]


def _went_on(session: Session) -> dict[int, datetime]:
    """By plan, when it last went on after a hold."""
    was_held = select(Hold.plan_id).where(col(Hold.until).is_not(None))
    released = select(Audit.plan_id, func.max(Audit.at)).where(
        Audit.action == "release", col(Audit.plan_id).in_(was_held)
    )
    return dict(session.exec(released.group_by(col(Audit.plan_id))).all())
