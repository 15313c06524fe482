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
from eco_workflow.services.find import Duty, Place, duty_named, entry_named, question_of
from eco_workflow.services.history import standing_reports
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

    Raises `Refused` where the unit was not asked anything yet.
    """
    try:
        return entry_named(session, duty.plan.code, duty.unit.code, duty.item.code, None, now, reviewed=True)
    except WrongInput:
        place = _beside(session, duty, now, states=("awaiting", "answered", "backfill"))
        place.entry.state = "accepted"
        session.flush()
        return place


def _beside(
    session: Session, duty: Duty, now: datetime, states: Collection[str] = ("awaiting", "answered")
) -> Place:
    """An entry in the unit's newest request in one of these states, beside what that asks. Raises `Refused`
    where there is none.
    """
    newest = session.exec(
        select(Request, Round)
        .join(Round, col(Round.id) == Request.round_id)
        .where(Request.plan_id == duty.plan.id, Request.unit_id == duty.unit.id)
        .where(col(Request.state).in_(states))
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
            f"eco round adhoc --units {duty.unit.short} --items {duty.item.code}"
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
