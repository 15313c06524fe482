"""What a unit says without being asked: that a veto item occurred, on any day (DOMAIN 7), and how an assigned
task or a rectification stands, whose due date may lie before the next round; what a survey found, and a
newer figure of what is closed out, are known on a day of their own, too.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.assigned import is_assigned
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.overdue import OPEN, SET_ASIDE
from eco_workflow.services.find import Duty, at_once, duty_named, question_of
from eco_workflow.services.find_entry import Place, entry_named
from eco_workflow.services.history import speakers, standing_reports
from eco_workflow.services.vetoes import stands
from eco_workflow.store.tables import Entry, Plan, Report, Request, Round


def volunteer(
    session: Session, plan: str | None, unit: str, item: str, answer: Answer, now: datetime
) -> Place:
    """An entry, in the unit's newest request, for what it says unasked.

    Raises `WrongInput` where the unit owes nothing on the item, or nothing that is said unasked; `Refused`
    before the first round, and for what was assigned once it is done with.
    """
    duty = duty_named(session, plan, unit, item, now, to_close=True)
    if is_assigned(duty.item.code):
        if duty.obligation.state not in OPEN:
            raise Refused(f"{duty.name} is {duty.obligation.state}; there is nothing to report on it.")
    elif question_of(session, duty.item, duty.plan.version) != "occurred" or not answer.occurred:
        raise WrongInput(f"{duty.item.code} is no veto item; what occurred is declared of those alone.")
    return _beside(session, duty, now)


def place_of_figure(session: Session, plan: Plan, unit: str, item: str, now: datetime) -> Place:
    """Where a figure of an indicator is written that comes on a day of its own: the entry by which the unit
    is asked about it, answered or not; else one in its newest request.

    Raises `WrongInput` where no figure of the unit is wanted, `Refused` before the first round, and where
    the indicator was set aside.
    """
    duty = duty_named(session, plan.code, unit, item, now, to_close=True)
    if duty.obligation.state in SET_ASIDE:
        raise Refused(f"{duty.name} is {duty.obligation.state}; no figure is taken for it.")
    try:
        return entry_named(session, plan.code, unit, item, None, now)
    except WrongInput:
        return _beside(session, duty, now)


def place_of_newer_figure(session: Session, duty: Duty, now: datetime) -> Place:
    """Where a newer figure of a closed indicator is written: the entry by which the unit was last asked about
    it; who took it over and was not gets one that is accepted, as the answer is of the unit before.

    Raises `Refused` where nobody has answered, or the unit was not asked anything yet.
    """
    try:
        return entry_named(session, duty.plan.code, duty.unit.code, duty.item.code, None, now, reviewed=True)
    except WrongInput:
        if not _is_answered(session, duty):
            raise unanswered(duty) from None
        place = _beside(session, duty, now, states=ANY)
        place.entry.state = "accepted"
        session.flush()
        return place


def place_of_first_figure(
    session: Session, plan: str | None, unit: str, item: str, now: datetime
) -> Place | None:
    """Where a unit answers about an indicator that was settled as done unanswered, and that no
    round asked the unit about: an entry beside what it was asked. None where that is not so.

    Raises `Refused` where the unit was not asked anything yet.
    """
    try:
        duty = duty_named(session, plan, unit, item, now, to_close=True)
    except WrongInput:
        return None
    if duty.item.kind != "indicator" or duty.obligation.state != "closed" or _is_answered(session, duty):
        return None
    return _beside(session, duty, now, states=ANY)


def unanswered(duty: Duty) -> Refused:
    """Why no further figure is taken of what is closed without an accepted answer."""
    of = f"{duty.unit.short} {duty.item.code}"
    return Refused(
        f"{duty.item.code} of {duty.unit.short} is closed without an accepted answer; its figure is given "
        f"with that, and reviewed: eco report submit {of} --status completed --value … --period …"
    )


def _is_answered(session: Session, duty: Duty) -> bool:
    """Whether an answer of the unit stands, or of one from which it took the item over."""
    of = duty.unit.id or 0, duty.item.id or 0
    givers = speakers(session, [of[0]], [of[1]])[of]
    return any(standing_reports(session, givers, [of[1]]).values())


ANY = ("awaiting", "answered", "backfill")
"""The states of a request beside which what is closed may be spoken of."""


def _beside(
    session: Session, duty: Duty, now: datetime, states: Collection[str] = ("awaiting", "answered")
) -> Place:
    """An entry in the unit's newest request in one of these states, beside what that asks. Raises `Refused`
    where there is none.
    """
    asked_of_it = select(Entry.round_id).where(
        Entry.round_id == Request.round_id, Entry.unit_id == Request.unit_id, Entry.item_id == duty.item.id
    )
    newest = session.exec(
        select(Request, Round)
        .join(Round, col(Round.id) == Request.round_id)
        .where(Request.plan_id == duty.plan.id, Request.unit_id == duty.unit.id)
        .where(col(Request.state).in_(states), ~asked_of_it.exists())
        .order_by(col(Request.round_id).desc())
    ).first()
    if newest is None and duty.obligation.state == "closed":
        raise Refused(
            f"{duty.unit.short} was not asked anything yet. A figure of what is closed is recorded once "
            "a round has asked it."
        )
    if newest is None:
        raise Refused(
            f"{duty.unit.short} was not asked anything yet. Tell the office by telephone "
            f"({duty.plan.office_telephone}); it asks at once with: "
            f"{at_once(duty.unit, duty.item)}"
        )
    request, round_row = newest
    entry = Entry(
        round_id=request.round_id,
        unit_id=request.unit_id,
        item_id=duty.item.id or 0,
        volunteered_on=shanghai_date(now),
    )
    session.add(entry)
    session.flush()
    return Place(duty.plan, duty.unit, duty.item, round_row, request, entry, duty.obligation, duty.of_host)


def may_declare_again(session: Session, place: Place, answer: Answer) -> bool:
    """Whether an entry that was answered takes one answer more: what has occurred since, which waits for
    nobody to be asked. Not where it says so already and that was neither an error nor cleared, or where
    nothing is owed on the item.
    """
    if not answer.occurred or answer.no_change or place.obligation.state in SET_ASIDE:
        return False
    said = _said_here(session, place)
    if not said or not said[-1].occurred:
        return bool(said)
    return not stands(session, place.obligation.plan_id, place.entry.item_id, place.entry.unit_id)


def declared_beside(session: Session, place: Place) -> bool:
    """Puts an entry back whose last answer, given without being asked for it, was recalled.

    False where the round asked for what was recalled: then it is owed again.
    """
    entry = place.entry
    said = _said_here(session, place)
    if not said:
        if entry.volunteered_on is None:
            return False
        session.delete(entry)
        session.flush()
        return True
    accepted = session.exec(
        select(Report.id)
        .where(Report.round_id == entry.round_id, Report.unit_id == entry.unit_id)
        .where(Report.item_id == entry.item_id, Report.action == "accept", col(Report.id) > said[-1].id)
    ).first()
    entry.state = "accepted" if accepted else "submitted"
    entry.submitted_on = None if accepted else shanghai_date(said[-1].at)
    place.obligation.state = said[-1].status or place.obligation.state
    session.flush()
    return True


def _said_here(session: Session, place: Place) -> list[Report]:
    """The answers to this entry that stand, oldest first."""
    entry = place.entry
    said = standing_reports(session, [entry.unit_id], [entry.item_id]).get((entry.unit_id, entry.item_id), [])
    return [report for report in said if report.round_id == entry.round_id]
