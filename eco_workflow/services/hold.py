"""A plan is held: all sending stops at once, and its days do not count (DOMAIN 3.8).

What was under way stays as it is: pending messages of the day leave when the plan goes on that day, later
the next run withdraws them and what they carried rides anew. Rounds printed meanwhile were missed and are
made good like any other. People may answer and review all the time.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import select

from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.due_times import Because, count_again
from eco_workflow.services.find import check_day, plan_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Hold


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
        because = Because("moved_by_hold", held.until, held.why)
        moved = len(count_again(session, row, own, because, since=held.began_at))
        lost = sum(published.is_working(day) for day in own.held if day >= held.since)
        detail = {"since": held.since, "until": held.until, "working_days": lost, "moved": moved}
        audit.record(session, {row.id: detail}, at=now, actor=by.name, action="release")
        return Released(row.code, held.since, held.until, lost, moved)
