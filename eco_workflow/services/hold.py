"""A plan is held: all sending stops at once, and its days do not count (DOMAIN 3.8).

What was under way stays as it is: pending messages of the day leave when the plan goes on that day, later
the next run withdraws them and what they carried rides anew. Rounds printed meanwhile were missed and are
made good like any other. People may answer and review all the time.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED
from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.rounds import due_at
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.find import check_day, plan_named
from eco_workflow.services.notices import tell_once
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Entry, Hold, Plan, Report, Request, Round


@dataclass(frozen=True)
class Held:
    """A plan that is held."""

    plan: str
    since: date
    why: str


@dataclass(frozen=True)
class Released:
    """A plan that goes on. `working_days`: those that the hold took; `moved`: answers now due later."""

    plan: str
    since: date
    until: date
    working_days: int
    moved: int


def hold(database: Database, reason: str, *, now: datetime, by: Actor, plan: str | None = None) -> Held:
    """Stops all sending of a plan from this instant on.

    Raises `WrongInput` without a reason or for an instant before something that happened already, `Refused`
    where the plan is held or this person may not.
    """
    reason = bounded(reason, "--reason")
    if not reason or not reason.isprintable():
        raise WrongInput("A hold needs --reason in one line: the units read it when their due times move.")
    with database.write() as session:
        row = plan_named(session, plan)
        by.must(Action.HOLD)
        check_day(row, now)
        if row.held_since is not None:
            raise Refused(f"The plan {row.code} has been held since {row.held_since} already.")
        today = shanghai_date(now)
        went_on = session.exec(select(func.max(Hold.until)).where(Hold.plan_id == row.id)).one()
        latest = max(filter(None, (row.last_run_on, went_on)), default=today)
        if today < latest:
            raise WrongInput(f"{today} is over: the plan {row.code} ran or went on {latest}. Correct --now.")
        assert row.id is not None
        again = session.get(Hold, (row.id, today))  # held and let go on the same day, no day was lost
        if again is not None:
            session.delete(again)
            session.flush()
        session.add(Hold(plan_id=row.id, since=today, began_at=now, why=reason))
        row.held_since = today
        session.flush()
        detail = {"since": today, "why": reason}
        audit.record(session, {row.id: detail}, at=now, actor=by.name, action="hold")
        return Held(row.code, today, reason)


def release(
    database: Database, published: WorkingDays, *, now: datetime, by: Actor, plan: str | None = None
) -> Released:
    """Lets a held plan go on: due times that were open move, and the next envelope of the unit says so.

    Raises `Refused` where the plan is not held or this person may not, `WrongInput` for an instant before
    the hold.
    """
    with database.write() as session:
        row = plan_named(session, plan)
        by.must(Action.HOLD)
        check_day(row, now)
        if row.held_since is None:
            raise Refused(f"The plan {row.code} is not held. Hold it with: eco plan hold --reason …")
        assert row.id is not None
        held = session.get_one(Hold, (row.id, row.held_since))
        if now < held.began_at:
            raise WrongInput(
                f"The plan {row.code} is held since {wall_time(held.began_at)}, "
                "later than the instant given. Correct --now."
            )
        held.until, row.held_since = shanghai_date(now), None
        session.flush()
        own = calendar_of(session, row, published, held.until)
        moved = _move_due_times(session, row, held, own)
        lost = sum(published.is_working(day) for day in own.held if day >= held.since)
        detail = {"since": held.since, "until": held.until, "working_days": lost, "moved": moved}
        audit.record(session, {row.id: detail}, at=now, actor=by.name, action="release")
        return Released(row.code, held.since, held.until, lost, moved)


def _move_due_times(session: Session, plan: Plan, held: Hold, own: WorkingDays) -> int:
    """Counts again, in the plan's own calendar, what was open when the hold began or set during it.

    So an answer is due on the second working day after the day of its question, whatever was held between.
    Returns how many answers that are owed are due later now.
    """
    rows = session.exec(
        select(Entry, Request, Round)
        .join(Request, (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id))
        .join(Round, col(Round.id) == Entry.round_id)
        .where(Round.plan_id == plan.id, col(Entry.due_at) >= held.began_at, Entry.state != "accepted")
        .order_by(col(Entry.round_id), col(Entry.unit_id), col(Entry.item_id))
    ).all()
    returned = _returned_on(session, plan)
    moved = 0
    for entry, request, round_row in rows:
        back = returned.get((entry.round_id, entry.unit_id, entry.item_id))
        since = back or request.asked_on
        assert entry.due_at is not None
        assert held.until is not None
        if since is None:  # answered to a mail that turned out lost: nothing runs before it is asked anew
            continue
        if request.due_at is not None and request.asked_on is not None and request.due_at >= held.began_at:
            request.due_at = _due(plan, request.asked_on, own)
        before, entry.due_at = entry.due_at, _due(plan, since, own)
        if entry.due_at == before or entry.state not in OWED or request.state != "awaiting":
            continue
        moved += 1
        # One notice for what is owed to the request as it stands, one for each answer that was returned.
        about = {"item": entry.item_id} if back else {}
        key = f"moved_by_hold:{entry.round_id}:{entry.unit_id}:{about.get('item', 0)}:{held.until}"
        facts = {
            "round_on": round_row.on_date,
            "old_due_at": before.isoformat(),
            "due_at": entry.due_at.isoformat(),
            "reason": held.why,
            "request": [entry.round_id, entry.unit_id],
        }
        tell_once(session, plan, entry.unit_id, "moved_by_hold", key, on=held.until, facts={**facts, **about})
    return moved


def _due(plan: Plan, since: date, own: WorkingDays) -> datetime:
    return due_at(since, own, answer_days=plan.answer_days, answer_time=time.fromisoformat(plan.answer_time))


def _returned_on(session: Session, plan: Plan) -> dict[tuple[int, int, int], date]:
    """(round, unit, item) → the day on which the office last returned the answer."""
    reports = session.exec(
        select(Report).where(Report.plan_id == plan.id, Report.action == "return").order_by(col(Report.id))
    )
    return {(r.round_id, r.unit_id, r.item_id): shanghai_date(r.at) for r in reports}
