"""What is known of contacts besides name and address: a row at a time, ended and never edited."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from eco_workflow.domain.contact_card import Card
from eco_workflow.store.tables import Particulars

NOTHING_KNOWN = Card()


_PARTICULARS = select(Particulars).where(
    col(Particulars.contact_id) == bindparam("contact"), col(Particulars.ended_on).is_(None)
)


def particulars(session: Session, contact_id: int) -> Particulars | None:
    """What is known of a contact now."""
    return session.exec(_PARTICULARS, params={"contact": contact_id}).one_or_none()


def particulars_of(session: Session, contacts: Iterable[int | None]) -> dict[int, Particulars]:
    """Contact id → what is known of it now; without an entry where nothing was said."""
    current = select(Particulars).where(
        col(Particulars.contact_id).in_(list(contacts)), col(Particulars.ended_on).is_(None)
    )
    return {row.contact_id: row for row in session.exec(current)}


def cards(session: Session, contacts: Iterable[int | None]) -> dict[int, Card]:
    """Contact id → what holds of it; without an entry where nothing was said."""
    return {contact: card_of(row) for contact, row in particulars_of(session, contacts).items()}


def put(session: Session, contact_id: int, card: Card, today: date) -> None:
    """From today on this holds of the contact, in place of what was said before."""
    bounced_on = None
    if former := particulars(session, contact_id):
        former.ended_on = today
        session.flush()
        if former.deputy_address == card.deputy_address:
            bounced_on = former.bounced_on
    if card != NOTHING_KNOWN:
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
