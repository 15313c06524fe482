"""A creation office in which few items are still open, so that a story reads and runs quickly."""

from datetime import date
from typing import Any

from sqlalchemy import select as sa_select
from sqlalchemy import update
from sqlmodel import col, select

from eco_workflow.domain.roles import Actor, Role
from eco_workflow.store.tables import Case, Contact, Entry, Item, Notice, Obligation, Round, Unit
from tests.office import Office

LEADER = Actor("leader", frozenset({Role.LEADER}))
SECOND_OPERATOR = Actor("second operator", frozenset({Role.OPERATOR}))


def unit_leader(unit: str) -> Actor:
    """Who leads a unit."""
    return Actor(f"leader of {unit}", frozenset({Role.UNIT_LEADER}), unit)


def keep_open(office: Office, *codes: str) -> None:
    """Every other item was closed out long ago."""
    with office.database.write() as session:
        kept = select(Item.id).where(col(Item.code).in_(codes))
        session.connection().execute(
            update(Obligation).where(col(Obligation.item_id).not_in(kept)).values(state="closed")
        )


def owed(office: Office, unit: str, item: str) -> Obligation:
    """What a unit owes on an item, as it is kept."""
    with office.database.read() as session:
        return session.exec(
            select(Obligation)
            .join(Unit, col(Unit.id) == Obligation.unit_id)
            .join(Item, col(Item.id) == Obligation.item_id)
            .where(Unit.code == unit, Item.code == item)
        ).one()


def cases(office: Office, clock: str = "task") -> list[tuple[Any, ...]]:
    """Unit, item, due date, rung and why it closed, oldest first."""
    with office.database.read() as session:
        rows = (
            session.connection()
            .execute(
                sa_select(
                    col(Unit.code), col(Item.code), col(Case.due_on), col(Case.rung), col(Case.closed_why)
                )
                .join(Unit, col(Unit.id) == Case.unit_id)
                .join(Item, col(Item.id) == Case.item_id, isouter=True)
                .where(col(Case.clock) == clock)
                .order_by(col(Case.id))
            )
            .all()
        )
    return [(unit, item, due and str(due), rung, why) for unit, item, due, rung, why in rows]


def told(office: Office, day: str, *kinds: str) -> list[tuple[str, str, str]]:
    """Kind, unit and role of the notices told on a day."""
    with office.database.read() as session:
        rows = session.exec(
            select(Notice.kind, Unit.code, Contact.role)
            .join(Contact, col(Contact.id) == Notice.told_to)
            .join(Unit, col(Unit.id) == Contact.unit_id)
            .where(Notice.told_on == date.fromisoformat(day), col(Notice.kind).in_(kinds))
        ).all()
    return sorted((kind, unit, role) for kind, unit, role in rows)


def entries(office: Office, unit: str, item: str) -> list[tuple[str, str]]:
    """Round and state of what a unit was asked about an item."""
    with office.database.read() as session:
        rows = (
            session.connection()
            .execute(
                sa_select(col(Round.on_date), col(Entry.state))
                .join(Round, col(Round.id) == Entry.round_id)
                .join(Unit, col(Unit.id) == Entry.unit_id)
                .join(Item, col(Item.id) == Entry.item_id)
                .where(col(Unit.code) == unit, col(Item.code) == item, col(Round.state) == "open")
                .order_by(col(Round.id))
            )
            .all()
        )
    return [(str(on_date), state) for on_date, state in rows]
