"""Whether a case's clock still runs, asked once more before anything leaves (DOMAIN 4, 5)."""

from datetime import datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.services import overdue
from eco_workflow.services.calendar import calendar_of, clock_day, published_in, report_clock
from eco_workflow.services.report_case import is_silent
from eco_workflow.services.waiting import late_reviews
from eco_workflow.store.tables import Case, Plan, Request


def stands(session: Session, case: Case, now: datetime) -> tuple[bool, bool]:
    """Whether a case stands as of now: (it is late still, its clock is paused)."""
    if case.closed_on is not None:
        return False, False
    plan = session.get_one(Plan, case.plan_id)
    today = clock_day(plan, now)
    if case.clock == "report":
        return is_silent(session, case.plan_id, case.unit_id, now), False
    if case.clock == "review":
        own = calendar_of(session, plan, published_in(session), today)
        return bool(late_reviews(session, plan, today, own)), False
    return overdue.stands(session, case, today)


def close_unless_late(session: Session, case: Case, now: datetime) -> bool:
    """Whether the case stands and does not rest. One that stands no longer is closed, its drafts are void."""
    late, rests = stands(session, case, now)
    if not late and not rests and case.closed_on is None:
        case.closed_on, case.closed_why = shanghai_date(now), "nothing_owed"
        overdue.void_drafts(session, case)
        session.flush()
    return late and not rests


def waits_for_newer(session: Session, case: Case, now: datetime) -> bool:
    """Whether a unit's case rests over a request that is under way, or sent and not yet due.

    The twin in SQL is `IS_RESTING` in `store/decide/silence`.
    """
    if case.clock != "report":
        return False
    asked = session.exec(
        select(Request.due_at).where(
            Request.plan_id == case.plan_id,
            Request.unit_id == case.unit_id,
            Request.state == "awaiting",
            col(Request.asked_on).is_not(None),
        )
    )
    clock = report_clock(session, case.plan_id, now)
    return any(due_at is None or due_at >= clock for due_at in asked)
