"""What is done or set aside is no longer owed in a round that asked for it."""

from datetime import datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED
from eco_workflow.services.entry_acts import append
from eco_workflow.services.find import host_of
from eco_workflow.services.find_entry import Place
from eco_workflow.services.report_case import conclude_answers
from eco_workflow.store.tables import Entry, Item, Obligation, Plan, Request, Round, Unit


def excuse(
    session: Session, plan: Plan, owed: Obligation, action: str, *, reason: str, now: datetime, actor: str
) -> None:
    """Takes the unit's open entries of an item as answered; the history says why.

    A request that owes nothing else is answered by that, and the unit's case on the report clock closes.
    What was submitted still waits for its review.
    """
    session.flush()
    rows = session.exec(
        select(Entry, Request, Round)
        .join(Request, (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id))
        .join(Round, col(Round.id) == Entry.round_id)
        .where(Entry.unit_id == owed.unit_id, Entry.item_id == owed.item_id)
        .where(Request.state == "awaiting", col(Entry.state).in_(OWED))
        .order_by(col(Round.id))
    ).all()
    unit, item = session.get_one(Unit, owed.unit_id), session.get_one(Item, owed.item_id)
    of_host = unit.code == host_of(session, plan)
    for entry, request, asked_in in rows:
        place = Place(plan, unit, item, asked_in, request, entry, owed, of_host)
        append(session, place, action, now=now, actor=actor, reason=reason)
        entry.state = "accepted"
        conclude_answers(session, place, now)
