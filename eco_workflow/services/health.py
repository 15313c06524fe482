"""Whether the engine does its work, as a machine that watches it asks (`eco health`)."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import Unavailable
from eco_workflow.domain.working_days import ONE_DAY, WorkingDays
from eco_workflow.services import audit_log
from eco_workflow.services.calendar import held_days, published_in
from eco_workflow.services.doubt import to_confirm
from eco_workflow.services.missed_runs import missed_since, running_since
from eco_workflow.services.night import Nights, nights
from eco_workflow.services.not_leaving import NotLeaving, not_leaving
from eco_workflow.settings import Settings
from eco_workflow.store import anchors
from eco_workflow.store.tables import Attempt, Message, Plan, Run

LATE_AFTER = timedelta(hours=1)
"""A run that has not begun so long after its time is late."""
STUCK_AFTER = timedelta(hours=1)
"""A message that is being handed over for longer was left behind by a process that died."""
SCARCE_BYTES = 500_000_000
"""Less free room than this on the disk of ECO_HOME is too little."""
SOON = timedelta(days=30)
"""A year whose working days are unknown is wrong so long before it begins: importing it takes a minute."""


@dataclass(frozen=True)
class PlanHealth:
    """One plan: its last run, since when it has waited for the next, and how far its calendar is known."""

    plan: str
    last_run_at: datetime | None
    missed_since: datetime | None
    """The time of the first run since the last that should have been and was not; None while all is well."""
    late_seconds: int | None
    """How long after its time the last run that was due began, or the first one missed since has not; None
    where none was due.
    """
    to_confirm: str | None
    """Why nothing is sent before a person confirms the date, and how; None where nothing stops it."""
    provisional_from: date | None
    """The first day ahead, of the plan's own, whose working days are not published; None where all are."""


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
    untold: int
    """Persons whom nothing has reached for hours."""
    untold_since: datetime | None
    """Since when the first of them waits, over as many mornings as it takes; None where nobody does."""
    nothing_leaves: bool
    """Whether nothing at all was taken since then."""
    failed: int
    unknown: int
    messages: Mapping[str, int]
    """By state, all of them."""
    nights: Nights | None
    """How the nights went; None where there was none yet."""
    free_bytes: int
    wrong: tuple[str, ...]


def health(
    session: Session,
    settings: Settings,
    now: datetime,
    *,
    due_at: datetime,
    next_run_at: datetime,
    engine: bool,
    lacks: Sequence[str] = (),
) -> Health:
    """Looks at every plan that runs now. `due_at`: when the last run should have begun, by the timetable;
    `lacks`: what an engine that runs says it lacks.
    """
    home = settings.home
    days = published_in(session)
    runs = select(Run.plan_id, func.max(Run.started_at)).group_by(col(Run.plan_id))
    last = dict(session.exec(runs).all())
    held = held_days(session, shanghai_date(now))
    since = running_since(session)
    rows = [plan for plan, _ in since]
    plans = tuple(
        _of_plan(plan, began, last.get(plan.id or 0), now, due_at, days, held) for plan, began in since
    )
    waiting = not_leaving(session, rows, now, days)
    counts = dict(session.exec(select(Message.state, func.count()).group_by(Message.state)).all())
    leaves = [plan.id for plan in rows if not plan.held_since and shanghai_date(now) <= plan.ends_on]
    pending = select(func.min(Message.on_date)).where(Message.state == "pending")
    oldest = session.exec(pending.where(col(Message.plan_id).in_(leaves))).one()
    free = shutil.disk_usage(home).free
    wrong = [*lacks]
    wrong += [f"{plan.plan}: {plan.to_confirm}" for plan in plans if plan.to_confirm]
    wrong += [
        f"{plan.plan}: the run of {wall_time(plan.missed_since)} has not begun. Is eco up running? "
        "By hand: eco dispatch"
        for plan in plans
        if plan.missed_since and not plan.to_confirm
    ]
    wrong += [
        f"{plan.plan}: working days from {plan.provisional_from} on are not known. "
        "Once they are published: eco calendar import FILE"
        for plan in plans
        if plan.provisional_from and plan.provisional_from <= shanghai_date(now) + SOON
    ]
    if waiting.untold:
        wrong.append(said_of(waiting))
    elif oldest is not None and oldest < shanghai_date(now):
        wrong.append(f"messages of {oldest} still wait: see eco outbox list --state pending")
    if count := counts.get("unknown", 0):
        wrong.append(f"{counted(count, 'message is', 'messages are')} unknown: settle with eco outbox")
    if count := _stuck(session, now) if counts.get("sending") else 0:
        wrong.append(
            f"{counted(count, 'message is', 'messages are')} sending for more than an hour: "
            "the next delivery makes it unknown (eco dispatch)"
        )
    kept = nights(session, shanghai_date(now))
    if kept and kept.wrong:
        wrong.append(f"the night of {shanghai_date(kept.last_at)}: {kept.wrong}. The next one tries again")
    if kept and kept.overdue(now):
        wrong.append(f"no night since {wall_time(kept.last_at)}. Is eco up running? By hand: eco backup")
    said = _of_anchors(session, settings)
    if said and not (kept and said in kept.wrong):
        wrong.append(said)
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
        untold=len(waiting.untold),
        untold_since=waiting.since,
        nothing_leaves=waiting.nothing_leaves,
        failed=counts.get("failed", 0),
        unknown=counts.get("unknown", 0),
        messages=counts,
        nights=kept,
        free_bytes=free,
        wrong=tuple(wrong),
    )


def said_of(found: NotLeaving) -> str:
    """One line about whom nothing reaches, of no unit and no person; there is somebody."""
    assert found.since is not None
    waits = counted(len(found.untold), "person", "people")
    if found.nothing_leaves:
        return (
            f"no message has left since {wall_time(found.since)}, and {waits} could not be told: "
            "see eco up --check"
        )
    return f"{waits} could not be told since {wall_time(found.since)}: see eco outbox list --state pending"


def _of_anchors(session: Session, settings: Settings) -> str:
    """What keeps the audit chains from being compared with what was anchored; empty where nothing does."""
    try:
        return audit_log.lost(session, settings.audit_heads, anchors.read(settings.audit_heads))
    except Unavailable as error:
        return str(error).rstrip(".")


def _stuck(session: Session, now: datetime) -> int:
    """How many messages have been `sending` for so long that nobody sends them any more."""
    lately = exists().where(
        col(Attempt.message_id) == col(Message.id), col(Attempt.started_at) >= now - STUCK_AFTER
    )
    return session.exec(select(func.count()).where(Message.state == "sending", ~lately)).one()


def _of_plan(
    plan: Plan,
    since: datetime,
    last: datetime | None,
    now: datetime,
    due_at: datetime,
    days: WorkingDays,
    held: Mapping[int, frozenset[date]],
) -> PlanHealth:
    """`since`: since when runs are its own; `last`: when its last run began."""
    late, missed = None, missed_since(plan, since, due_at)
    if missed:
        late = now - missed
    elif last is not None and since <= due_at and shanghai_date(last) == shanghai_date(due_at):
        late = max(last - due_at, timedelta(0))
    return PlanHealth(
        plan=plan.code,
        last_run_at=last,
        missed_since=missed if late is not None and late >= LATE_AFTER else None,
        late_seconds=int(late.total_seconds()) if late is not None else None,
        to_confirm=to_confirm(plan, shanghai_date(now), held),
        provisional_from=provisional_from(plan, shanghai_date(now), days),
    )


def provisional_from(plan: Plan, today: date, days: WorkingDays) -> date | None:
    """The plan's first day from `today` on whose working days are not published; None where all are."""
    first = max(today, plan.active_from)
    known = days.known_until(first)
    since = known + ONE_DAY if known else first
    return since if since <= plan.ends_on else None
