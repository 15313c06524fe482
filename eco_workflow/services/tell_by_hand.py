"""A rung told by telephone or letter and written down: it counts like a mail (DOMAIN 5)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.case_named import CasePlace, case_numbered, check_open
from eco_workflow.services.present_rung import (
    LOST,
    count_as_told,
    filling,
    hearers,
    principal,
    reached_on,
    told_on,
)
from eco_workflow.services.still_late import stands
from eco_workflow.store import audit
from eco_workflow.store.decide.batch import Batch
from eco_workflow.store.decide.cases import draft_papers
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Contact, Line, Message, Told, Unit

MEANS = ("telephone", "letter")


@dataclass(frozen=True)
class ToldByHand:
    """What was written down: the rung, to whom, on which day, how."""

    case: int
    unit: str
    rung: int
    to: str
    on: date
    means: str


def tell(
    database: Database,
    number: int,
    days: WorkingDays,
    *,
    means: str,
    said: str,
    on: date | None = None,
    now: datetime,
    by: Actor,
) -> ToldByHand:
    """Records that the present rung was told to its principal recipient by hand; graces count from that day.

    It works where the recipient's mail address failed; somebody must fill the role. Others whom the plan
    lets hear are sent their line as usual. Raises `WrongInput` for a day in the future or before the rung
    was reached, `Refused` where the rung was told already, rests, or is a matter of papers.
    """
    if means not in MEANS:
        raise WrongInput(f"--means {means!r} is none of {', '.join(MEANS)}.")
    said = bounded(said, "--said")
    if not said:
        raise WrongInput("--said needs the words that were said or written.")
    with database.write() as session:
        place = case_numbered(session, number, now)
        by.must(Action.TELL)
        check_open(place)
        case, today = place.case, shanghai_date(now)
        own = calendar_of(session, place.plan, days, today)
        day = on or today
        contact, kind = principal(session, place)
        if (before := told_on(session, case)) is not None:
            raise Refused(f"Rung {case.rung} of {place.name} was told on {before} already.")
        late, rests = stands(session, case, now)
        if rests:
            raise Refused(f"{place.name} rests: the item is suspended.")
        if not late:
            raise Refused(f"{place.name} is late no longer; the next run closes it.")
        _check_day(session, place, day, today, own)
        if day < contact.since:
            raise WrongInput(
                f"--on {day} lies before {contact.since}, since when {contact.name} fills the role. Who left "
                "does not count: tell the successor."
            )
        count_as_told(session, case, contact, day, today)
        _write_down(
            session,
            place,
            contact,
            kind,
            day,
            now,
            Told(message_id=0, means=means, by=by.name, said=said),
        )
        _tell_others(session, place, contact, today)
        assert place.plan.id is not None
        batch = Batch(plans=(place.plan.id,), today=today, now=now, days=own)
        draft_papers(session.connection(), batch)
        detail = {"case": number, "rung": case.rung, "to": contact.name, "on": day, "means": means}
        audit.record(session, {place.plan.id: detail}, at=now, actor=by.name, action="case_tell")
        unit = session.get_one(Unit, contact.unit_id)
        return ToldByHand(number, place.unit.short, case.rung, f"{unit.short} {contact.name}", day, means)


def _check_day(session: Session, place: CasePlace, day: date, today: date, days: WorkingDays) -> None:
    if day > today:
        raise WrongInput(f"--on {day} lies in the future. Record it once it is said.")
    # A hold that began since moves what comes; what was decided before it was reached by today at the latest.
    first = min(reached_on(session, place.case, days), today)
    if day < first:
        raise WrongInput(f"--on {day} lies before {first}, when {place.name} reached rung {place.case.rung}.")


def _write_down(
    session: Session, place: CasePlace, contact: Contact, kind: str, day: date, now: datetime, told: Told
) -> None:
    case = place.case
    message = Message(
        plan_id=case.plan_id,
        contact_id=contact.id or 0,
        on_date=day,
        occasion=occasion(place),
        channel="told",
        state="sent",
        sent_on=day,
        sent_at=now if day == shanghai_date(now) else None,
    )
    session.add(message)
    session.flush()
    assert message.id is not None
    told.message_id = message.id
    line = Line(message_id=message.id, kind=kind, ref_id=place.number, rung=case.rung, principal=True)
    session.add_all((told, line))
    session.flush()


def _tell_others(session: Session, place: CasePlace, told: Contact, today: date) -> None:
    """Whoever else the plan lets hear gets a line of the same event, if nobody sent it to him before.

    Where the day has no further delivery, it rides in his next envelope, like any line that was lost.
    """
    case = place.case
    for hears in hearers(session, case):
        contact = filling(session, hears.unit_id or case.unit_id, hears.role)
        copied_on_itself = hears.kind == "copy" and hears.unit_id == case.unit_id
        if (
            contact is None
            or contact.failed_on
            or contact.id == told.id
            or hears.principal
            or copied_on_itself
        ):
            continue
        if _has_heard(session, place, contact, hears.kind) or _was_written(session, place, contact, today):
            continue
        message = Message(
            plan_id=case.plan_id, contact_id=contact.id or 0, on_date=today, occasion=occasion(place)
        )
        session.add(message)
        session.flush()
        assert message.id is not None
        session.add(Line(message_id=message.id, kind=hears.kind, ref_id=place.number, rung=case.rung))
    session.flush()


def _has_heard(session: Session, place: CasePlace, contact: Contact, kind: str) -> bool:
    case = place.case
    heard = select(Message.id).join(Line, col(Line.message_id) == Message.id)
    heard = heard.where(
        Message.plan_id == case.plan_id,
        Message.contact_id == contact.id,
        Message.on_date >= case.opened_on,
        col(Message.state).not_in(LOST),
        Line.kind == kind,
        Line.ref_id == case.id,
        Line.rung == case.rung,
        col(Line.dropped).is_(False),
    )
    return session.exec(heard.limit(1)).first() is not None


def _was_written(session: Session, place: CasePlace, contact: Contact, today: date) -> bool:
    """Whether a message of this event was made today, though it was lost: one a day and person."""
    made = select(Message.id).where(
        Message.plan_id == place.case.plan_id,
        Message.contact_id == contact.id,
        Message.on_date == today,
        Message.occasion == occasion(place),
    )
    return session.exec(made).first() is not None


def occasion(place: CasePlace) -> str:
    """The key of a telling by hand."""
    return f"told.{place.number}.{place.case.rung}"
