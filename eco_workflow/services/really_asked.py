"""What a unit was really asked, once it turns out that a request never reached it: that silence was none."""

from datetime import date

from sqlmodel import Session, col, select

from eco_workflow.services.overdue import void_drafts
from eco_workflow.store.tables import Breach, Case, Request, Round, Unit

TRIAL_ENDED = "trial_ended"
NEVER_ASKED = "never_asked"
WAS_NONE = (TRIAL_ENDED, NEVER_ASKED)
"""Why a case closed that leaves no mark on its unit."""


def stand_again(session: Session, unit: Unit, today: date, *, why: str) -> set[int]:
    """What the unit was really asked stands where a request superseded it that was not; where it was not
    asked, it was not silent. Returns the cases that had counted such a silence.
    """
    rows = session.exec(
        select(Request, Round)
        .join(Round, col(Round.id) == Request.round_id)
        .where(Request.unit_id == unit.id)
        .order_by(col(Request.round_id).desc())
    ).all()
    stood = unit.successor_id is not None  # what a merged unit was asked stands no more
    for request, round_row in rows:
        if request.sent_at is None and request.state != "answered":
            continue
        if request.state == "superseded" and not stood:
            request.state, round_row.state = "awaiting", "open"
        # What is older gave way to a regular request; ad-hoc ones may have stood beside each other.
        stood = stood or round_row.kind == "regular"
    asked = {request.round_id for request, _ in rows if request.sent_at is not None}
    never_silent = set()
    of_unit = select(Case).where(Case.unit_id == unit.id, Case.clock == "report")
    for case in session.exec(of_unit.where(col(Case.closed_on).is_(None))):
        silent = set()
        for breach in session.exec(select(Breach).where(Breach.case_id == case.id)).all():
            if breach.round_id in asked:
                silent.add(breach.round_id)
            else:
                session.delete(breach)
                never_silent.add(breach.case_id)
        if silent:
            case.round_id = max(silent)
        else:
            close_unheard(session, case, today, why=why)
    session.flush()
    return never_silent


def close_unheard(session: Session, case: Case, today: date, *, why: str) -> None:
    """After a trial nobody has heard of it in earnest, so nobody hears that it ended."""
    case.closed_on, case.closed_why = today, why
    case.announced = case.announced or why == TRIAL_ENDED
    void_drafts(session, case)
