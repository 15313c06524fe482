"""Whether an item is late for a unit, and what follows when it no longer is (DOMAIN 4).

One predicate: `domain/overdue` for a single item, `store/decide/overdue` for a run over all plans.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.overdue import (
    OPEN,
    Owed,
    falls_short,
    is_overdue,
    lacks_evidence,
    office_falls_short,
)
from eco_workflow.domain.rhythms import last_in_time
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import clock_day, report_clock
from eco_workflow.services.pauses import days_rested, pauses
from eco_workflow.store.decide.evidence import LACKS
from eco_workflow.store.decide.late import LATE_ITEMS, OFFICE_OWES, SILENT_UNITS, WITHOUT_EVIDENCE
from eco_workflow.store.tables import (
    Case,
    Extension,
    Item,
    Obligation,
    Paper,
    Plan,
    Spared,
    Standing,
)

TASK_ROLES = ("lead", "owner")
"""Roles that the task clock runs for; data providers owe figures, not results."""
REPORT = 0
"""Stands for the item where the report clock has run out: it runs for the unit as a whole."""


def overdue(session: Session, plan: Plan, now: datetime) -> set[tuple[int, int]]:
    """Pairs of unit id and item id that are late at an instant; item `REPORT` for an unanswered request.

    The predicate is the run's own; a unit whose case rests over a new round is still late. While the plan
    is held, its report clock stands. The office's own lateness where it owes no answer is `owed_by_office`.
    """
    assert plan.id is not None
    known = {"plan": plan.id, "today": clock_day(plan, now)}
    connection = session.connection()
    items = connection.execute(LATE_ITEMS, known).all()
    silent = connection.execute(SILENT_UNITS, {**known, "now": report_clock(session, plan.id, now)}).scalars()
    return {*((unit, item) for unit, item in items), *((unit, REPORT) for unit in silent)}


def owed_by_office(session: Session, plan: Plan, today: date) -> dict[int, date]:
    """Item id → due date of the indicators that wait for what the office owes (DOMAIN 4)."""
    rows = session.connection().execute(OFFICE_OWES, {"plans": (plan.id,), "today": today})
    return {row.item_id: row.due_on for row in rows}


def is_open(owed: Obligation) -> bool:
    """Whether the work itself is still owed: a claim waits for the office."""
    return owed.state in OPEN


def late_clock(session: Session, row: Obligation, today: date) -> str | None:
    """The clock that has run out for an item: `task`, `indicator`, `evidence` or none."""
    owed = _owed(session, row)
    if is_overdue(owed, today):
        return "task"
    standing = session.get(Standing, (row.plan_id, row.item_id))
    if standing and falls_short(owed, today, verdict=standing.verdict, owed_by=standing.owed_by):
        return "indicator"
    if row.state == "completed" and _lacks_evidence(session, row, owed, today):
        return "evidence"
    return None


def _lacks_evidence(session: Session, row: Obligation, owed: Owed, today: date) -> bool:
    required_from = session.get_one(Plan, row.plan_id).evidence_from
    if required_from is None:
        return False
    lacks = session.connection().execute(LACKS, {"plan": row.plan_id, "item": row.item_id}).scalar_one()
    return lacks_evidence(owed, today, required_from=required_from, missing=lacks > 0)


def without_evidence(session: Session, plan: Plan, today: date) -> set[tuple[int, int]]:
    """Pairs of unit id and item id that are late for want of evidence alone."""
    known = {"plan": plan.id, "today": today}
    return {(unit, item) for unit, item in session.connection().execute(WITHOUT_EVIDENCE, known)}


def evidence_came(session: Session, plan: Plan, item_id: int, now: datetime) -> None:
    """Closes the cases of an item that lack evidence no longer, for everybody who claimed it."""
    if plan.evidence_from is None:
        return
    claimed = select(Obligation).where(Obligation.plan_id == plan.id, Obligation.item_id == item_id)
    for row in session.exec(claimed.where(Obligation.state == "completed")).all():
        conclude_item(session, row, now, "evidence_brought")


def _owed(session: Session, row: Obligation) -> Owed:
    pending = select(Extension.id).where(
        Extension.plan_id == row.plan_id,
        Extension.unit_id == row.unit_id,
        Extension.item_id == row.item_id,
        col(Extension.decided_on).is_(None),
    )
    return Owed(
        role=row.role,
        state=row.state,
        due_on=row.due_on,
        clock_from=row.clock_from,
        listed=row.settle == "listed",
        extension_pending=session.exec(pending).first() is not None,
        spared=session.get(Spared, (row.plan_id, row.item_id, row.unit_id)) is not None,
    )


def stands(session: Session, case: Case, today: date) -> tuple[bool, bool]:
    """Whether an item's case stands: (it is late still, its clock is paused)."""
    row = session.get(Obligation, (case.plan_id, case.unit_id, case.item_id))
    if row is not None and late_clock(session, row, today) == case.clock:
        return True, False
    return is_of_office(session, case, today), row is not None and row.state == "suspended"


def is_of_office(session: Session, case: Case, today: date) -> bool:
    """Whether the case is the office's on an indicator that waits, still, for what the office owes."""
    if case.clock != "indicator" or case.unit_id != session.get_one(Plan, case.plan_id).office_unit_id:
        return False
    standing = session.get(Standing, (case.plan_id, case.item_id))
    asked = select(Obligation).where(
        Obligation.plan_id == case.plan_id,
        Obligation.item_id == case.item_id,
        col(Obligation.role).in_(("lead", "data_provider")),
    )
    owing = [_owed(session, row) for row in session.exec(asked)]
    return standing is not None and office_falls_short(
        owing, today, verdict=standing.verdict, owed_by=standing.owed_by
    )


def conclude_for_office(session: Session, plan: Plan, items: Sequence[int], now: datetime) -> None:
    """Closes the office's cases on indicators that wait for it no longer: what it owed was entered.

    Where it leads an indicator itself, its answer is about to say where the item stands, and concludes then.
    """
    today = shanghai_date(now)
    led = select(Obligation.item_id).where(
        Obligation.plan_id == plan.id,
        Obligation.unit_id == plan.office_unit_id,
        col(Obligation.role).in_(TASK_ROLES),
    )
    open_cases = select(Case).where(
        Case.plan_id == plan.id,
        Case.unit_id == plan.office_unit_id,
        Case.clock == "indicator",
        col(Case.item_id).in_(items),
        col(Case.item_id).not_in(led),
        col(Case.closed_on).is_(None),
    )
    for case in session.exec(open_cases).all():
        late, rests = stands(session, case, today)
        if not late and not rests:
            case.closed_on, case.closed_why = today, "no_longer_late"
            void_drafts(session, case)
    session.flush()


def days_late(session: Session, case: Case, today: date, days: WorkingDays) -> int:
    """Working days since an item's due date, less those on which it was suspended: then no clock ran.

    What recurs for the office is given some days more; it is late by those that follow them.
    """
    if case.due_on is None:
        return 0
    row = session.get(Obligation, (case.plan_id, case.unit_id, case.item_id))
    recurs = row is not None and session.get_one(Item, row.item_id).kind == "rhythm"
    since = last_in_time(case.due_on, row.clock_from) if row is not None and recurs else case.due_on
    key = case.unit_id, case.item_id or 0
    paused = pauses(session, case.plan_id, key).get(key, [])
    rest = days_rested(paused, since, today, days, closed_on=case.closed_on)
    return days.waited(since, today) - rest


def conclude_item(session: Session, row: Obligation, now: datetime, why: str) -> None:
    """Closes the item's cases whose clock no longer runs, and voids what was drafted and not signed."""
    session.flush()
    today = shanghai_date(now)
    cases = select(Case).where(
        Case.plan_id == row.plan_id,
        Case.unit_id == row.unit_id,
        Case.item_id == row.item_id,
        col(Case.closed_on).is_(None),
    )
    for case in session.exec(cases).all():
        late, rests = stands(session, case, today)
        if not late and not rests:
            case.closed_on, case.closed_why = today, why
            void_drafts(session, case)
    session.flush()


def reopen_item_case(session: Session, row: Obligation, now: datetime, why: str) -> None:
    """A claim that was taken back opens the case that it had closed, on the rung where it stood.

    Not where a case is open that began after the claim was returned.
    """
    session.flush()
    clock = late_clock(session, row, shanghai_date(now))
    cases = session.exec(
        select(Case)
        .where(
            Case.plan_id == row.plan_id,
            Case.unit_id == row.unit_id,
            Case.item_id == row.item_id,
            Case.clock == clock,
            col(Case.annulled_on).is_(None),
        )
        .order_by(col(Case.id).desc())
    ).all()
    closed = next((case for case in cases if case.closed_why == why), None)
    if closed is not None and all(case.closed_on is not None for case in cases):
        closed.closed_on, closed.closed_why = None, ""
        redraft(session, closed)
    session.flush()


def void_drafts(session: Session, case: Case) -> None:
    """A resolution voids unsigned drafts (DOMAIN 5)."""
    for paper in session.exec(select(Paper).where(Paper.case_id == case.id, Paper.state == "draft")):
        paper.state = "void"


def redraft(session: Session, case: Case) -> None:
    """A case is open again: what was voided when it closed stands again, what noted its end does not."""
    for paper in session.exec(select(Paper).where(Paper.case_id == case.id)):
        if paper.kind == "resolution_note":
            paper.state = "void" if paper.state == "draft" else paper.state
        elif paper.state == "void":
            paper.state = "draft"
    case.announced = False
