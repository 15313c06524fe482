"""The rung on which a case stands: whether it was told, and to whom it is to be told (DOMAIN 5).

The run does this for all cases at once (`store/decide/cases`); this is the same for a single case, for what
people do by hand.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.errors import Refused
from eco_workflow.domain.escalation import SUPERVISION, Ladder, earliest_day
from eco_workflow.domain.words import LEADING_GROUP, ROLE
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.case_named import CasePlace
from eco_workflow.services.tellings import tellings
from eco_workflow.services.unchanging import once
from eco_workflow.store.decide.late import CAN_BE_TOLD
from eco_workflow.store.tables import (
    Case,
    Contact,
    Exemption,
    Hears,
    LadderRung,
    Line,
    Message,
    Paper,
    Rung,
    Unit,
)

LOST = ("failed", "withdrawn")


def is_on_paper(session: Session, case: Case) -> bool:
    """Whether nobody is told of this rung by a message: a paper is drafted, and leaves when signed."""
    exempt = session.get(Exemption, (case.plan_id, case.rung, case.unit_id))
    return case.rung > SUPERVISION or exempt is not None


def orders_of(session: Session, cases: Iterable[Case]) -> dict[int, says.Order]:
    """Case id → the supervision order or letter of request that lists the case, where there is one."""
    papers = session.exec(
        select(Paper).where(
            col(Paper.case_id).in_([case.id for case in cases]),
            Paper.rung == SUPERVISION,
            Paper.state != "void",
        )
    )
    return {paper.case_id: says.Order(paper.drafted_on, signed=paper.state == "signed") for paper in papers}


def carrying(session: Session, case: Case) -> list[Message]:
    """The messages that tell the present rung to its principal recipient, newest first."""
    found = select(Message).join(Line, col(Line.message_id) == Message.id)
    found = found.where(
        Message.plan_id == case.plan_id,
        Message.contact_id == case.told_to,
        Message.on_date == case.told_on,
        Line.ref_id == case.id,
        Line.rung == case.rung,
        col(Line.kind).in_(("reminder", "alert")),
        col(Line.dropped).is_(False),
    )
    return list(session.exec(found.order_by(col(Message.id).desc())))


def told_on(session: Session, case: Case) -> date | None:
    """The day on which the present rung was really told; none where its message is lost or under way.

    What a contact heard who has left does not count below supervision: the successor is told anew. Where a
    paper to the leader above tells it, that is the day on which it was signed (decision 0015).
    """
    if case.told_on is None:
        return None
    if case.told_to is None:
        return signed_above(session, case)
    if _heard_by_former(session, case):
        return None
    return next((message.sent_on for message in carrying(session, case) if message.state == "sent"), None)


def _heard_by_former(session: Session, case: Case) -> bool:
    """Whether who heard the present rung has left, and the successor is to be told anew."""
    told = session.get(Contact, case.told_to) if case.rung < SUPERVISION else None
    return told is not None and told.ended_on is not None


def signed_above(session: Session, case: Case) -> date | None:
    """The day on which the report to the leader above was signed that tells the present rung, if any."""
    signed = select(Paper).where(
        Paper.case_id == case.id,
        Paper.kind == "report_above",
        Paper.rung == case.rung,
        Paper.state == "signed",
    )
    paper = session.exec(signed).first()
    return paper.signed_on if paper is not None else None


def why_untold(session: Session, case: Case) -> str:
    """Why the present rung does not count as told yet; empty when it does, or is a matter of papers."""
    if case.told_on is None:
        return "the next run tells it" if _reached(session, case) else "nobody to tell it to can be reached"
    if case.told_to is None:
        return ""
    messages = carrying(session, case)
    if any(message.state == "sent" for message in messages):
        if not _heard_by_former(session, case):
            return ""
        anew = "the next run tells it to the present one"
        return "it was told to a former contact; " + (
            anew if _reached(session, case) else "no other can be reached"
        )
    if not messages:
        return "its message had nothing left to say"
    lost = messages[0].state in LOST and _reached(session, case)
    return f"message {messages[0].id} is {messages[0].state}" + (
        "; the next run tells it again" if lost else ""
    )


def _reached(session: Session, case: Case) -> bool:
    """Whether the run would find somebody to tell the present rung to, whose address was not refused."""
    return session.connection().execute(CAN_BE_TOLD, {"case": case.id}).scalar() is not None


def heard_on(session: Session, case: Case, day: date) -> bool:
    """Whether a reminder or alert of the case was sent on a day, may have been, or is about to be."""
    found = select(Message.id).join(Line, col(Line.message_id) == Message.id)
    found = found.where(
        Message.plan_id == case.plan_id,
        Message.on_date == day,
        col(Message.state).not_in(LOST),
        Line.ref_id == case.id,
        col(Line.kind).in_(("reminder", "alert")),
        col(Line.dropped).is_(False),
    )
    return session.exec(found.limit(1)).first() is not None


def hearers(session: Session, case: Case) -> list[Hears]:
    """Who hears of the present rung by the plan, the principal first."""
    found = select(Hears).where(Hears.plan_id == case.plan_id, Hears.rung == case.rung)
    return list(session.exec(found.order_by(col(Hears.principal).desc(), col(Hears.unit_id))))


def filling(session: Session, unit_id: int, role: str) -> Contact | None:
    """Who fills a role of a unit today, whether or not the address works."""
    found = select(Contact).where(
        Contact.unit_id == unit_id, Contact.role == role, col(Contact.ended_on).is_(None)
    )
    return session.exec(found).one_or_none()


def principal(session: Session, place: CasePlace) -> tuple[Contact, str]:
    """To whom the present rung is told, and the kind of line that tells it: `reminder` or `alert`.

    Raises `Refused` where the rung is a matter of papers, or where nobody hears of it or fills the role.
    """
    case = place.case
    if is_on_paper(session, case):
        raise Refused(
            f"Rung {case.rung} of {place.name} is told by a paper that somebody signs. "
            f"See: eco case show {place.number}"
        )
    hears = next(iter(hearers(session, case)), None)
    if hears is None:
        why = nobody_hears(case.rung)
        raise Refused(f"{place.name} cannot be told: {why}. Name somebody under who_hears: eco plan load")
    unit_id = hears.unit_id or case.unit_id
    contact = filling(session, unit_id, hears.role)
    if contact is None and hears.otherwise:
        contact = filling(session, unit_id, hears.otherwise)
    if contact is None:
        raise Refused(
            f"Nobody fills the role that hears rung {case.rung} of {place.name}: {hears.role}. "
            "Name somebody first: eco contact add"
        )
    return contact, hears.kind


def count_as_told(session: Session, case: Case, contact: Contact, on: date, today: date) -> None:
    """The present rung is told to a person with what goes out on a day; graces count from it once sent.

    The log keeps one row a rung that was not released: a telling that failed is released today.
    """
    case.told_on, case.told_to = on, contact.id
    former = select(Rung).where(
        Rung.case_id == case.id, Rung.rung == case.rung, col(Rung.released_on).is_(None), Rung.on_date != on
    )
    for row in session.exec(former):
        row.released_on = today
    session.flush()
    assert case.id is not None
    logged = session.get(Rung, (case.id, case.rung, on))
    if logged is None:
        session.add(Rung(case_id=case.id, rung=case.rung, on_date=on, told_to=contact.id))
    else:
        logged.told_to, logged.released_on = contact.id, None
    session.flush()


def ladder_of(session: Session, case: Case) -> Ladder:
    """The ladder version that the case named when it opened."""

    def read() -> Ladder:
        rungs = session.exec(select(LadderRung).where(LadderRung.ladder_id == case.ladder_id))
        return Ladder({row.rung: row.after for row in rungs})

    return once(session, (LadderRung, case.ladder_id), read)


def reached_on(session: Session, case: Case, days: WorkingDays) -> date:
    """The first day on which the present rung could be told, by the rule of the rung below."""
    below = [telling.on for telling in tellings(session, [case])[case.id or 0] if telling.rung < case.rung]
    by_rule = earliest_day(case.rung - 1, max(below), ladder_of(session, case), days) if below else None
    return max(case.opened_on, by_rule or case.opened_on)


_PRINCIPAL = (
    select(Hears.role, Unit.short)
    .outerjoin(Unit, col(Unit.id) == Hears.unit_id)
    .where(col(Hears.plan_id) == bindparam("plan"), col(Hears.rung) == bindparam("rung"))
    .where(col(Hears.principal).is_(True))
)


def nobody_hears(rung: int) -> str:
    """What is said of a rung for which the plan has no row: the check refuses such a plan, so it is old."""
    return f"nobody hears of rung {rung} by the plan"


def who_hears_next(session: Session, case: Case, rung: int) -> str:
    """Who hears of a rung by the plan, in words: the unit's own people by role, others by name.

    Empty where nobody does: no mail fails for what it would say of the next step.
    """
    above = session.get(Exemption, (case.plan_id, rung, case.unit_id))
    if above is not None:
        return above.addressee
    if rung > SUPERVISION:
        return LEADING_GROUP
    for role, unit in session.exec(_PRINCIPAL, params={"plan": case.plan_id, "rung": rung}):
        return unit or ROLE[role]
    return ""
