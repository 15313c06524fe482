"""Contacts are ended, never edited; reminders go to the contact of the day (DOMAIN 1, 5)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.address import why_unusable
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.contact_card import Card
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.contact_cards import NOTHING_KNOWN, card_of, particulars_of
from eco_workflow.services.find import check_day, plan_named, unit_named, unit_seen
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Contact, Particulars, Unit

ROLES = ("liaison", "leader")


@dataclass(frozen=True)
class Person:
    """A person as a unit names one."""

    role: str
    name: str
    address: str


@dataclass(frozen=True)
class Listed:
    """A contact as it is shown."""

    unit: str
    role: str
    name: str
    address: str
    since: date
    ended_on: date | None
    failed_on: date | None
    failed_why: str
    bounced_on: date | None
    """The day on which a mail came back; a channel takes what is left to say."""
    card: Card
    deputy_bounced_on: date | None


def add(
    database: Database, unit: str, person: Person, *, now: datetime, by: Actor, plan: str | None = None
) -> Listed:
    """Names a unit's liaison or leader.

    Raises `WrongInput` for an address that is none, `Refused` while the role is filled.
    """
    check_role(person.role)
    if unusable := why_unusable(person.address):
        raise WrongInput(unusable)
    if not person.name.strip() or not person.name.isprintable():
        raise WrongInput("A contact needs a name of one line.")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.MANAGE_CONTACTS)
        unit_row = unit_named(session, plan_row, unit)
        check_has_contacts(session, unit_row)
        former = current(session, unit_row, person.role)
        if former is not None:
            raise Refused(
                f"{unit_row.short} has a {person.role}, {former.name} <{former.address}>. "
                f"End that one first: eco contact end {unit_row.code} {person.role}"
            )
        check_day(plan_row, now)
        contact = new_contact(unit_row, person.role, person.name.strip(), person.address, shanghai_date(now))
        session.add(contact)
        detail = {"unit": unit_row.code, "role": person.role, "name": contact.name}
        audit.record(session, {unit_row.plan_id: detail}, at=now, actor=by.name, action="contact_add")
        return _listed(contact, unit_row)


def end(
    database: Database, unit: str, role: str, *, now: datetime, by: Actor, plan: str | None = None
) -> Listed:
    """Ends a unit's liaison or leader. Raises `WrongInput` where the role is not filled."""
    check_role(role)
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.MANAGE_CONTACTS)
        unit_row = unit_named(session, plan_row, unit)
        contact = current(session, unit_row, role)
        if contact is None:
            raise WrongInput(f"{unit_row.short} has no {role} to end. See: eco contact list {unit_row.code}")
        check_day(plan_row, now)
        if shanghai_date(now) < contact.since:
            raise WrongInput(
                f"{contact.name} was named on {contact.since}, after {shanghai_date(now)}. Correct --now."
            )
        contact.ended_on = shanghai_date(now)
        detail = {"unit": unit_row.code, "role": role, "name": contact.name}
        audit.record(session, {unit_row.plan_id: detail}, at=now, actor=by.name, action="contact_end")
        return _listed(contact, unit_row)


def listed(
    session: Session, viewer: Viewer, *, plan: str | None, unit: str | None, everyone: bool
) -> list[Listed]:
    """Contacts by unit; those who ended only with `everyone`."""
    plan_row = plan_named(session, plan)
    query = select(Contact, Unit).join(Unit, col(Unit.id) == Contact.unit_id)
    query = query.where(Contact.plan_id == plan_row.id)
    if unit:
        query = query.where(Unit.id == unit_seen(session, plan_row, viewer, unit).id)
    if not everyone:
        query = query.where(col(Contact.ended_on).is_(None))
    rows = session.exec(query.order_by(col(Unit.id), col(Contact.role).desc(), col(Contact.id)))
    seen = [(contact, row) for contact, row in rows if viewer.sees(contact.unit_id)]
    known = particulars_of(session, (contact.id for contact, _ in seen))
    return [_listed(contact, row, known.get(contact.id or 0)) for contact, row in seen]


def check_role(role: str) -> None:
    """Raises `WrongInput` for a role that no contact has."""
    if role not in ROLES:
        raise WrongInput(f"{role!r} is no role; use liaison or leader.")


def check_has_contacts(session: Session, unit: Unit) -> None:
    """Raises `WrongInput` for what is no working unit, `Refused` for one that was merged into another."""
    if unit.kind not in ("unit", "office"):
        raise WrongInput(f"{unit.name} is a {unit.kind}; it is never asked and has no contacts.")
    if unit.successor_id is not None:
        into = session.get_one(Unit, unit.successor_id)
        raise Refused(f"{unit.short} was merged into {into.short}; name the contact there.")


def new_contact(unit: Unit, role: str, name: str, address: str, since: date) -> Contact:
    """The row of a person whom a unit names from a day on; the role must be free."""
    assert unit.id is not None
    return Contact(plan_id=unit.plan_id, unit_id=unit.id, role=role, name=name, address=address, since=since)


def current(session: Session, unit: Unit, role: str) -> Contact | None:
    """Who fills a role of a unit today."""
    return session.exec(
        select(Contact).where(
            Contact.unit_id == unit.id, Contact.role == role, col(Contact.ended_on).is_(None)
        )
    ).one_or_none()


def _listed(contact: Contact, unit: Unit, known: Particulars | None = None) -> Listed:
    return Listed(
        unit=unit.short,
        role=contact.role,
        name=contact.name,
        address=contact.address,
        since=contact.since,
        ended_on=contact.ended_on,
        failed_on=contact.failed_on,
        failed_why=contact.failed_why,
        bounced_on=contact.bounced_on,
        card=card_of(known) if known else NOTHING_KNOWN,
        deputy_bounced_on=known.bounced_on if known else None,
    )
