"""What recurs for the office is done: its obligation closes, and its case with it (DOMAIN 8)."""

from datetime import date, datetime

from sqlmodel import Session, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.services.notices import was_decided
from eco_workflow.services.overdue import conclude_item
from eco_workflow.store.tables import Obligation, Occurrence


def close(session: Session, row: Occurrence, held_on: date, now: datetime) -> None:
    """Marks the turn done on a day, for whoever owes it today."""
    row.state, row.held_on = "done", held_on
    owing = select(Obligation).where(Obligation.plan_id == row.plan_id, Obligation.item_id == row.item_id)
    for owed in session.exec(owing).all():
        owed.state = "closed"
        conclude_item(session, owed, now, "done")
    was_decided(session, due_key(row.plan_id, row.code), shanghai_date(now))
    session.flush()


def due_key(plan_id: int, code: str) -> str:
    """The key of the notice that tells the office of a turn."""
    return f"rhythm_due:{plan_id}:{code}"
