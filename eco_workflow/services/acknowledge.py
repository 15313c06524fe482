"""Somebody received what a case tells: put on record, and nothing stops (DOMAIN 5)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor, Role
from eco_workflow.services.case_named import CasePlace, case_numbered
from eco_workflow.services.people import supervision_office
from eco_workflow.services.tellings import tellings
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Acknowledgement, Contact


@dataclass(frozen=True)
class Acknowledged:
    """Who received it, and since when that is on record."""

    case: int
    name: str
    at: datetime


def acknowledge(
    database: Database, number: int, *, of: str | None = None, now: datetime, by: Actor
) -> Acknowledged:
    """Records receipt by the unit's own people or the supervision office; the same again changes nothing.

    An operator records it on behalf of one of these persons: `of` is the name. Raises `Refused` where
    nobody was told yet or for anybody else, `WrongInput` for a name that is none of theirs.
    """
    with database.write() as session:
        place = case_numbered(session, number, now)
        name = _who(session, place, of, by)
        if place.case.annulled_on is not None:
            raise Refused(f"{place.name} was annulled on {place.case.annulled_on}.")
        told = tellings(session, [place.case])[number]
        if not told:
            raise Refused(f"Nobody was told of {place.name} yet; there is nothing to acknowledge.")
        if shanghai_date(now) < told[0].on:
            raise WrongInput(f"{place.name} was told on {told[0].on}, after the day given. Correct --now.")
        before = session.get(Acknowledgement, (number, name))
        if before is not None:
            return Acknowledged(number, name, before.at)
        session.add(Acknowledgement(case_id=number, name=name, at=now))
        detail = {"case": number, "received_by": name}
        audit.record(session, {place.case.plan_id: detail}, at=now, actor=by.name, action="case_ack")
        return Acknowledged(number, name, now)


def _who(session: Session, place: CasePlace, of: str | None, by: Actor) -> str:
    if of is None:
        if Role.SUPERVISOR not in by.roles:
            by.must(Action.ACKNOWLEDGE, unit=place.unit.code, called=place.unit.short)
        return by.name
    by.must(Action.RECORD_ON_BEHALF, doing="acknowledging receipt on behalf of somebody")
    units = (place.case.unit_id, supervision_office(session, place.plan) or 0)
    named = session.exec(
        select(Contact.name).where(col(Contact.unit_id).in_(units), col(Contact.ended_on).is_(None))
    ).all()
    if of not in named:
        raise WrongInput(
            f"{of!r} is nobody of {place.unit.short} or the supervision office. Known: {', '.join(named)}."
        )
    return of
