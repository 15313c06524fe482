"""What is known of contacts besides name and address: a row at a time, ended and never edited."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from sqlmodel import Session, col, select

from eco_workflow.domain.contact_card import Card
from eco_workflow.store.tables import Particulars

NOTHING_KNOWN = Card()


def cards(session: Session, contacts: Iterable[int | None]) -> dict[int, Card]:
    """Contact id → what holds of it; without an entry where nothing was said."""
    current = select(Particulars).where(
        col(Particulars.contact_id).in_(list(contacts)), col(Particulars.ended_on).is_(None)
    )
    return {row.contact_id: card_of(row) for row in session.exec(current)}


def deputies_lost(session: Session, contacts: Iterable[int | None]) -> dict[int, date]:
    """Contact id → the day on which what its deputy was sent came back."""
    current = select(Particulars).where(
        col(Particulars.contact_id).in_(list(contacts)), col(Particulars.ended_on).is_(None)
    )
    return {row.contact_id: row.bounced_on for row in session.exec(current) if row.bounced_on is not None}


def put(session: Session, contact_id: int, card: Card, today: date) -> None:
    """From today on this holds of the contact, in place of what was said before."""
    former = session.exec(
        select(Particulars).where(Particulars.contact_id == contact_id, col(Particulars.ended_on).is_(None))
    ).one_or_none()
    if former is not None:
        former.ended_on = today
        session.flush()
    if card != NOTHING_KNOWN:
        same_deputy = former is not None and former.deputy_address == card.deputy_address
        bounced_on = former.bounced_on if former is not None and same_deputy else None
        session.add(Particulars(contact_id=contact_id, since=today, bounced_on=bounced_on, **asdict(card)))
        session.flush()


def card_of(row: Particulars) -> Card:
    """What a row says."""
    return Card(
        post=row.post,
        telephone=row.telephone,
        deputy=row.deputy,
        deputy_address=row.deputy_address,
        away_from=row.away_from,
        away_until=row.away_until,
    )
