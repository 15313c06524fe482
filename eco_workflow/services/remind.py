"""A reminder by hand: a message of its own, once a day at most (DOMAIN 5)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused
from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.case_named import CasePlace, case_numbered, check_open
from eco_workflow.services.present_rung import (
    count_as_told,
    filling,
    heard_on,
    is_on_paper,
    principal,
    told_on,
)
from eco_workflow.services.still_late import stands, waits_for_newer
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Contact, Line, Message, Unit


@dataclass(frozen=True)
class Reminded:
    """A message that waits to be handed over; `counts` where it tells a rung that was not told yet."""

    message: int
    case: int
    unit: str
    rung: int
    to: str
    on: date
    counts: bool


def remind(database: Database, number: int, days: WorkingDays, *, now: datetime, by: Actor) -> Reminded:
    """Writes a reminder of a case that leaves with the next delivery, whoever makes it.

    A rung that was not told yet is told by it, to its principal recipient. One that was told is brought to
    mind again: rungs 1 and 2 to the same role, from supervision on to the unit itself. Raises `Refused`
    while the plan is held, on a day that is no working day, where the case was heard of today already,
    rests or is late no longer, or where nobody can be reached by mail.
    """
    with database.write() as session:
        place = case_numbered(session, number, now)
        by.must(Action.REMIND)
        check_open(place)
        today = shanghai_date(now)
        _check_due(session, place, today, calendar_of(session, place.plan, days, today))
        late, suspended = stands(session, place.case, now)
        if suspended:
            raise Refused(f"{place.name} rests: the item is suspended.")
        if not late:
            raise Refused(f"{place.name} is late no longer; the next run closes it.")
        if waits_for_newer(session, place.case, now):
            raise Refused(f"{place.name} rests: a newer request is not yet due.")
        contact, kind, counts = _recipient(session, place)
        message = _message(session, place, contact, kind, counts, today)
        if counts:
            count_as_told(session, place.case, contact, today, today)
        place.case.reminded_on = today
        detail = {"case": number, "rung": place.case.rung, "to": contact.name, "counts": counts}
        audit.record(session, {place.case.plan_id: detail}, at=now, actor=by.name, action="case_remind")
        unit = session.get_one(Unit, contact.unit_id)
        return Reminded(
            message=message,
            case=number,
            unit=place.unit.short,
            rung=place.case.rung,
            to=f"{unit.short} {contact.name}",
            on=today,
            counts=counts,
        )


def _check_due(session: Session, place: CasePlace, today: date, days: WorkingDays) -> None:
    if place.plan.held_since is not None:
        raise Refused(
            f"The plan {place.plan.code} is held since {place.plan.held_since}: nothing is sent before it "
            "goes on. Let it go on with: eco plan release"
        )
    if not days.is_working(today):
        raise Refused(
            f"{today} is no working day; reminders leave on working days only. "
            f"To tell it by telephone: eco case tell {place.number} --means telephone --said …"
        )
    if heard_on(session, place.case, today):
        raise Refused(f"{place.name} was told or reminded of today already; once a day at most.")


def _recipient(session: Session, place: CasePlace) -> tuple[Contact, str, bool]:
    """Who is reminded, by which kind of line, and whether that tells the present rung."""
    case = place.case
    on_paper = is_on_paper(session, case)
    counts = not on_paper and told_on(session, case) is None
    if counts or (case.rung < SUPERVISION and not on_paper):
        contact, kind = principal(session, place)
        if contact.failed_on is None:
            return contact, kind, counts
        raise Refused(
            f"{contact.name} <{contact.address}> cannot be reached: {contact.failed_why}. "
            f"Correct the address, or tell it by hand: eco case tell {place.number}"
        )
    for role in ("liaison", "leader"):
        own = filling(session, case.unit_id, role)
        if own is not None and own.failed_on is None:
            return own, "reminder", False
    raise Refused(
        f"{place.unit.short} has nobody who can be reached. See: eco contact list {place.unit.short}"
    )


def _message(
    session: Session, place: CasePlace, contact: Contact, kind: str, counts: bool, today: date
) -> int:
    occasion = f"remind.{place.number}"
    lost = session.exec(
        select(Message.id).where(
            Message.plan_id == place.case.plan_id,
            Message.contact_id == contact.id,
            Message.on_date == today,
            Message.occasion == occasion,
        )
    ).first()
    if lost is not None:
        raise Refused(f"Message {lost} of today reminds of {place.name}. See: eco outbox list --on {today}")
    message = Message(
        plan_id=place.case.plan_id, contact_id=contact.id or 0, on_date=today, occasion=occasion
    )
    session.add(message)
    session.flush()
    assert message.id is not None
    line = Line(message_id=message.id, kind=kind, ref_id=place.number, rung=place.case.rung, principal=counts)
    session.add(line)
    session.flush()
    return message.id


def state_of(session: Session, message_id: int) -> str:
    """What became of a message."""
    return session.exec(select(Message.state).where(col(Message.id) == message_id)).one()
