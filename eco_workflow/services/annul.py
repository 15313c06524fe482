"""A case that was an error: annulled by two persons, with a correction to everyone told (DOMAIN 5)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.english import PAPER
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor, Role, Signed
from eco_workflow.services.case_named import CasePlace, case_numbered
from eco_workflow.services.notices import acted, tell_once
from eco_workflow.services.still_late import stands
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Annulment, Contact, Line, Message, Paper


@dataclass(frozen=True)
class Annulled:
    """An annulment: asked for, or confirmed from `annulled_on` on."""

    case: int
    unit: str
    reason: str
    asked_by: str
    confirmed_by: str
    annulled_on: date | None
    corrected: int
    """How many people get a correction on the next working day."""
    still_late: bool
    """Its clock runs on: the next run opens a new case, at rung 1."""
    left_on_paper: tuple[str, ...]
    """Signed papers that a letter of the office has to take back: kind and addressee."""


def annul(database: Database, number: int, reason: str, *, now: datetime, by: Actor) -> Annulled:
    """Asks for the annulment of a case; the same by another person of the three offices confirms it.

    What happened stays on record. An open case closes, its papers are void, and everyone who was sent a
    line about it gets a correction. Where the clock still runs, the next run opens a new case at rung 1,
    and the correction says so. Raises `Refused` for a case that is annulled already, or where this person
    may not ask or confirm.
    """
    with database.write() as session:
        place = case_numbered(session, number, now)
        if place.case.annulled_on is not None:
            raise Refused(f"{place.name} was annulled on {place.case.annulled_on} already.")
        asked = session.get(Annulment, number)
        others_judge = place.of_host or _is_the_office(place, by)
        if asked is None:
            first = by.signed(Action.ANNUL, of_host=others_judge)
            reason = bounded(reason, "--reason")
            if not reason:
                raise WrongInput("An annulment needs --reason: everyone who was told hears it.")
            if shanghai_date(now) < place.case.opened_on:
                raise WrongInput(
                    f"{place.name} opened on {place.case.opened_on}, a later day. Correct --now."
                )
            asked = Annulment(
                case_id=number,
                asked_by=first.name,
                asked_as=first.role,
                asked_at=now,
                reason=reason,
            )
            session.add(asked)
            return _done(session, place, asked, now, by, "annul_ask")
        by.must_confirm(Action.ANNUL, Signed(asked.asked_by, Role(asked.asked_as)), of_host=others_judge)
        if now < asked.asked_at:
            raise WrongInput(f"It was asked for at {wall_time(asked.asked_at)}, later. Correct --now.")
        asked.confirmed_by, asked.confirmed_at = by.name, now
        still_late, _ = stands(session, place.case, now)
        corrected = _take_back(session, place, asked, shanghai_date(now), still_late)
        return _done(session, place, asked, now, by, "annul_confirm", corrected, still_late)


def _is_the_office(place: CasePlace, by: Actor) -> bool:
    """Whether the case is the office's own, whose record operators do not strike out: they are `Refused`."""
    if place.case.unit_id != place.plan.office_unit_id:
        return False
    if not by.may(Action.ANNUL, of_host=True):
        raise Refused(
            f"{place.name} is a case of the office itself; annulling it needs a supervisor or a leader."
        )
    return True


def _take_back(session: Session, place: CasePlace, asked: Annulment, today: date, still_late: bool) -> int:
    case = place.case
    case.annulled_on = today
    if case.closed_on is None:
        case.closed_on, case.closed_why = today, "annulled"
    for paper in session.exec(select(Paper).where(Paper.case_id == case.id)):
        paper.state = "void"
    facts = {
        "unit": case.unit_id,
        **({"item": case.item_id} if case.item_id else {}),
        "clock": case.clock,
        "opened_on": case.opened_on,
        "stands": "late" if still_late else "over",
        "reason": asked.reason,
        "asked_by": acted(session, place.plan, asked.asked_by),
        "confirmed_by": acted(session, place.plan, asked.confirmed_by),
    }
    told = session.exec(
        select(Contact.unit_id, Contact.role)
        .distinct()
        .join(Message, col(Message.contact_id) == Contact.id)
        .join(Line, col(Line.message_id) == Message.id)
        .where(Message.state == "sent", Line.ref_id == case.id, col(Line.dropped).is_(False))
        .where(col(Line.kind).in_(("reminder", "alert", "copy")))
        .order_by(col(Contact.unit_id), col(Contact.role))
    ).all()
    for unit_id, role in told:
        key = f"annulled:{place.number}:{unit_id}:{role}"
        tell_once(session, place.plan, unit_id, "annulled", key, on=today, role=role, facts=facts)
    return len(told)


def _done(
    session: Session,
    place: CasePlace,
    asked: Annulment,
    now: datetime,
    by: Actor,
    action: str,
    corrected: int = 0,
    still_late: bool = False,
) -> Annulled:
    detail = {"case": place.number, "reason": asked.reason}
    audit.record(session, {place.case.plan_id: detail}, at=now, actor=by.name, action=action)
    signed = session.exec(
        select(Paper).where(Paper.case_id == place.case.id, col(Paper.signed_on).is_not(None))
    )
    return Annulled(
        case=place.number,
        unit=place.unit.short,
        reason=asked.reason,
        asked_by=asked.asked_by,
        confirmed_by=asked.confirmed_by,
        annulled_on=place.case.annulled_on,
        corrected=corrected,
        still_late=still_late,
        left_on_paper=tuple(f"{PAPER[paper.kind]} to {paper.addressee}" for paper in signed),
    )
