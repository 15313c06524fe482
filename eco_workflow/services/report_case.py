"""A unit's case on the report clock: its answers resolve it, what it takes back opens it again (DOMAIN 5)."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.services.calendar import report_clock
from eco_workflow.services.find_entry import Place, set_aside
from eco_workflow.services.overdue import redraft, void_drafts
from eco_workflow.store.decide.late import LET_PASS
from eco_workflow.store.decide.rounds import supersede_older
from eco_workflow.store.tables import Breach, Case, Entry, Request


def still_owed(session: Session, place: Place) -> list[Entry]:
    """The entries of the place's request that are not answered; of one that is recorded afterwards none is
    owed.
    """
    if place.request.state == "backfill":
        return []
    return list(
        session.exec(
            select(Entry).where(
                Entry.round_id == place.entry.round_id,
                Entry.unit_id == place.entry.unit_id,
                col(Entry.state).in_(OWED),
            )
        )
    )


def counted(entries: Iterable[Entry], request: Request) -> list[Entry]:
    """Of a request's entries those that were answered or are owed: not what was set aside unanswered, nor
    what the unit said without being asked, which is in time whenever it is said.
    """
    asked = [entry for entry in entries if entry.volunteered_on is None or entry.state in OWED]
    return [entry for entry in asked if not set_aside(entry, request)]


def let_pass(session: Session, rounds: Collection[int]) -> set[tuple[int, int]]:
    """The rounds and units that let them pass in silence."""
    return set(session.connection().execute(LET_PASS, {"rounds": tuple(rounds)}).tuples())


def conclude_answers(session: Session, place: Place, now: datetime) -> None:
    """Marks the request answered when nothing is owed, and closes the case that this resolves."""
    if not still_owed(session, place) and place.request.state == "awaiting":
        place.request.state = "answered"
        session.flush()
        if place.request.sent_at is None:  # else it was done when the request was sent
            connection = session.connection()
            supersede_older(connection, place.obligation.plan_id, place.entry.unit_id, place.entry.round_id)
    plan_id, unit_id = place.obligation.plan_id, place.entry.unit_id
    case = open_case(session, plan_id, unit_id)
    if case is not None and not is_silent(session, plan_id, unit_id, now):
        case.closed_on, case.closed_why = shanghai_date(now), f"answered:{place.entry.round_id}"
        void_drafts(session, case)
    session.flush()


def open_case(session: Session, plan_id: int, unit_id: int) -> Case | None:
    """The unit's open case on the report clock."""
    return session.exec(
        select(Case).where(
            Case.plan_id == plan_id,
            Case.unit_id == unit_id,
            Case.clock == "report",
            col(Case.closed_on).is_(None),
        )
    ).one_or_none()


def reopen_case(session: Session, place: Place) -> None:
    """Opens again the case that the answer closed which is taken back now, at the rung where it stood."""
    plan_id, unit_id = place.obligation.plan_id, place.entry.unit_id
    if open_case(session, plan_id, unit_id) is not None:
        return
    # Two requests may stand at a time: then the case closed with the later answer, whichever that was.
    its_silence = select(Breach.case_id).where(
        Breach.case_id == Case.id, Breach.round_id == place.entry.round_id
    )
    closed = session.exec(
        select(Case)
        .where(
            Case.plan_id == plan_id,
            Case.unit_id == unit_id,
            Case.clock == "report",
            or_(
                col(Case.closed_why) == f"answered:{place.entry.round_id}",
                col(Case.closed_why).startswith("answered:") & its_silence.exists(),
            ),
            col(Case.annulled_on).is_(None),
        )
        .order_by(col(Case.id).desc())
    ).first()
    if closed is None:
        return
    closed.closed_on, closed.closed_why = None, ""
    redraft(session, closed)
    session.flush()


def is_silent(session: Session, plan_id: int, unit_id: int, now: datetime) -> bool:
    """Whether a late unit still owes an answer to a request that was sent to it and stands."""
    return unit_id in silent_units(session, plan_id, [unit_id], now)


_SILENT = (
    select(Entry.unit_id)
    .join(Request, (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id))
    .where(
        col(Request.plan_id) == bindparam("plan"),
        col(Request.unit_id).in_(bindparam("units", expanding=True)),
        Request.state == "awaiting",
        col(Request.sent_at).is_not(None),
        or_(
            col(Entry.state) == "awaiting",
            (col(Entry.state) == "returned") & (col(Entry.due_at) < bindparam("clock")),
        ),
    )
    .distinct()
)


def silent_units(session: Session, plan_id: int, units: Collection[int], now: datetime) -> set[int]:
    """Those of the late units that still owe an answer to a request that was sent to them and stands.

    The twin in SQL is `IS_SILENT` in `store/decide/silence`.
    """
    clock = report_clock(session, plan_id, now)
    return set(session.exec(_SILENT, params={"plan": plan_id, "units": list(units), "clock": clock}))
