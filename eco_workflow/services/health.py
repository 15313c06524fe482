"""Whether the engine does its work, as a machine that watches it asks (`eco health`)."""

import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, select

from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.english import counted
from eco_workflow.store.tables import Message, Plan, Run

LATE_AFTER = timedelta(hours=1)
"""A run that has not begun so long after its time is late."""
SCARCE_BYTES = 500_000_000
"""Less free room than this on the disk of ECO_HOME is too little."""


@dataclass(frozen=True)
class PlanHealth:
    """One plan: its last run, and since when it has waited for the next."""

    plan: str
    last_run_at: datetime | None
    missed_since: datetime | None
    """The time of the last run that should have been and was not; None while all is well."""


@dataclass(frozen=True)
class Health:
    """What there is to know, and in words whatever is wrong; nothing wrong: the engine is well."""

    at: datetime
    engine: bool
    """Whether `eco up` runs in this ECO_HOME."""
    next_run_at: datetime
    plans: tuple[PlanHealth, ...]
    pending: int
    oldest_pending_on: date | None
    failed: int
    unknown: int
    free_bytes: int
    wrong: tuple[str, ...]


def health(
    session: Session, home: Path, now: datetime, *, due_at: datetime, next_run_at: datetime, engine: bool
) -> Health:
    """Looks at every plan that runs now. `due_at`: when the last run should have begun, by the timetable."""
    plans = tuple(_of_plan(session, plan, now, due_at) for plan in session.exec(select(Plan)))
    counts = dict(session.exec(select(Message.state, func.count()).group_by(Message.state)).all())
    oldest = session.exec(select(func.min(Message.on_date)).where(Message.state == "pending")).one()
    free = shutil.disk_usage(home).free
    wrong = [
        f"{plan.plan}: the run of {wall_time(plan.missed_since)} has not begun. Is eco up running? "
        "By hand: eco dispatch"
        for plan in plans
        if plan.missed_since
    ]
    if oldest is not None and oldest < shanghai_date(now):
        wrong.append(f"messages of {oldest} still wait: see eco outbox list --state pending")
    for state in ("unknown", "sending"):
        if count := counts.get(state, 0):
            wrong.append(f"{counted(count, 'message is', 'messages are')} {state}: settle with eco outbox")
    if free < SCARCE_BYTES:
        wrong.append(f"{free // 1_000_000} MB are free for {home}: make room")
    if not engine:
        wrong.append("eco up does not run here")
    return Health(
        at=now,
        engine=engine,
        next_run_at=next_run_at,
        plans=plans,
        pending=counts.get("pending", 0),
        oldest_pending_on=oldest,
        failed=counts.get("failed", 0),
        unknown=counts.get("unknown", 0),
        free_bytes=free,
        wrong=tuple(wrong),
    )


def _of_plan(session: Session, plan: Plan, now: datetime, due_at: datetime) -> PlanHealth:
    last = session.exec(select(func.max(Run.started_at)).where(Run.plan_id == plan.id)).one()
    due_on = shanghai_date(due_at)
    runs = plan.active_from <= due_on <= plan.ends_on
    ran = plan.last_run_on is not None and plan.last_run_on >= due_on
    late = runs and not ran and now >= due_at + LATE_AFTER
    return PlanHealth(plan.code, last, due_at if late else None)
