"""The engine in numbers, for who draws curves of them: counts and times, of no unit and no item."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import instant
from eco_workflow.services.health import Health
from eco_workflow.store.tables import Case, Message, Plan, Round, Run


@dataclass(frozen=True)
class Measured:
    """What the books hold, counted, beside what `eco health` says."""

    health: Health
    runs: Mapping[str, int]
    """By plan: runs on record."""
    rounds: Mapping[tuple[str, str], int]
    """By plan and state."""
    cases: Mapping[tuple[str, int], int]
    """Open ones by clock and rung."""
    oldest_pending_at: datetime | None
    """Since when the oldest pending message has waited: since the run of its day, or, where its person could
    not be told on the days before, since the first of them.
    """


def measure(session: Session, health: Health) -> Measured:
    """Counts in a few statements; `health` is of the same moment."""
    runs = select(Plan.code, func.count()).join(Run, col(Run.plan_id) == Plan.id).group_by(Plan.code)
    rounds = (
        select(Plan.code, Round.state, func.count())
        .join(Round, col(Round.plan_id) == Plan.id)
        .group_by(Plan.code, Round.state)
    )
    cases = select(Case.clock, Case.rung, func.count()).where(col(Case.closed_on).is_(None))
    return Measured(
        health=health,
        runs=dict(session.exec(runs).all()),
        rounds={(plan, state): count for plan, state, count in session.exec(rounds)},
        cases={
            (clock, rung): count
            for clock, rung, count in session.exec(cases.group_by(Case.clock, col(Case.rung)))
        },
        oldest_pending_at=min(
            (at for at in (_pending_since(session, health), health.untold_since) if at), default=None
        ),
    )


def _pending_since(session: Session, health: Health) -> datetime | None:
    oldest = health.oldest_pending_on
    if oldest is None:
        return None
    began = session.exec(
        select(func.min(Run.started_at))
        .join(Message, (col(Message.plan_id) == Run.plan_id) & (col(Message.on_date) == Run.on_date))
        .where(Message.state == "pending", Message.on_date == oldest)
    ).one()
    return began or instant(oldest, time())
