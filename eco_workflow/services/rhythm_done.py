"""The office records that a meeting was held or a report was made (DOMAIN 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import LONGEST_PAPER, bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.find import check_day_to_close, plan_named
from eco_workflow.services.resolutions import read_resolutions, record_resolutions
from eco_workflow.services.rhythm_close import close
from eco_workflow.services.rhythm_turns import is_scheduled, lock, scheduled_named
from eco_workflow.services.rhythms import occurrence, open_turn
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Occurrence, Plan


@dataclass(frozen=True)
class Recorded:
    """What recurred, as recorded. `state`: `done`, or `backfill` for a turn before the activation."""

    code: str
    title: str
    state: str
    held_on: date
    late: bool
    resolutions: int


def done(
    database: Database,
    code: str,
    *,
    on: date,
    minutes: str,
    resolutions: Sequence[str] = (),
    now: datetime,
    days: WorkingDays,
    by: Actor,
    plan: str | None = None,
) -> Recorded:
    """Records the minutes of a meeting, or a report, and what was resolved; its obligation closes.

    A turn that was not opened yet is recorded all the same; one that ended before the activation is backfill:
    nothing was owed. Raises `WrongInput` for an unknown code, a day outside the turn or after today, and
    without minutes; `Refused` for what was recorded already, or is done otherwise.
    """
    minutes = bounded(minutes, "--minutes", LONGEST_PAPER)
    if not minutes:
        raise WrongInput("--minutes needs the text, or a file that holds it.")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.KEEP_RHYTHM)
        check_day_to_close(session, plan_row, now)
        lock(session, plan_row)
        row = to_record(session, plan_row, code, on, now, days)
        if row.form not in ("meeting", "report"):
            how = {"series": f"eco rhythm release {row.code}", "pro_rata": f"eco rhythm sign {row.code}"}
            raise Refused(f"{row.title} is not recorded with minutes. Do it with: {how[row.form]}")
        wanted = read_resolutions(session, plan_row, resolutions, on)
        row.minutes, row.recorded_by = minutes, by.name
        finish(session, row, on, now)
        tasks = record_resolutions(session, plan_row, row, wanted, days=days, now=now, by=by)
        detail = {"code": row.code, "held_on": on, "resolutions": len(wanted), "tasks": tasks}
        audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="rhythm_done")
        return Recorded(row.code, row.title, row.state, on, on > row.due_on, len(wanted))


def to_record(
    session: Session, plan: Plan, code: str, on: date, now: datetime, days: WorkingDays
) -> Occurrence:
    """The turn, open, whether it was opened before or is only now; backfill is marked as such.

    Whoever calls it holds the plan.
    """
    row = session.get(Occurrence, (plan.id, code.upper()))
    if row is not None and row.state != "open":
        raise Refused(f"{row.title} was recorded already: {row.state}, {row.held_on}.")
    today = shanghai_date(now)
    if row is not None and not is_scheduled(session, plan, row.code, days):
        # A changed document names it no longer; what was opened is closed all the same.
        if on > today:
            raise WrongInput(f"{on} is later than today, {today}.")
        return row
    one = scheduled_named(session, plan, code, days)
    first = max(one.turn.first, plan.starts_on)
    if not first <= on <= today:
        raise WrongInput(f"{on} is no day of {one.title}: it must lie between {first} and today, {today}.")
    if row is not None:
        return row
    if one.due_on < plan.active_from:
        row = occurrence(plan, one, today)
        row.state = "backfill"
        session.add(row)
        session.flush()
        return row
    if one.recurring.form == "pro_rata":
        raise Refused(f"{one.title} is drafted on {one.due_on}.")
    return open_turn(session, plan, one, now, days)


def finish(session: Session, row: Occurrence, on: date, now: datetime) -> None:
    """Marks the turn done; backfill stays backfill: it was never owed."""
    if row.state == "backfill":
        row.held_on = on
    else:
        close(session, row, on, now)
