"""Whether an item is late for a unit, and what follows when it no longer is (DOMAIN 4).

One predicate: `domain/overdue` for a single item, `store/decide/overdue` for a run over all plans.
"""

from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.due import ONE_DAY, rested
from eco_workflow.domain.overdue import OPEN, Owed, falls_short, is_overdue
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import report_clock
from eco_workflow.store.decide.late import LATE_ITEMS, SILENT_UNITS
from eco_workflow.store.tables import Case, Extension, Obligation, Paper, Plan, Standing, Suspension

TASK_ROLES = ("lead", "owner")
"""Roles that the task clock runs for; data providers owe figures, not results."""
REPORT = 0
"""Stands for the item where the report clock has run out: it runs for the unit as a whole."""


def overdue(session: Session, plan: Plan, now: datetime) -> set[tuple[int, int]]:
    """Pairs of unit id and item id that are late at an instant; item `REPORT` for an unanswered request.

    The predicate is the run's own; a unit whose case rests over a new round is still late. While the plan
    is held its report clock stands still.
    """
    assert plan.id is not None
    known = {"plan": plan.id, "today": shanghai_date(now)}
    connection = session.connection()
    items = connection.execute(LATE_ITEMS, known).all()
    clock = report_clock(session, plan.id, now)
    silent = connection.execute(SILENT_UNITS, {**known, "now": clock}).scalars()
    return {*((unit, item) for unit, item in items), *((unit, REPORT) for unit in silent)}


def is_open(owed: Obligation) -> bool:
    """Whether the work itself is still owed: a claim waits for the office."""
    return owed.state in OPEN


def late_clock(session: Session, row: Obligation, today: date) -> str | None:
    """The clock that has run out for an item: `task`, `indicator` or none."""
    pending = select(Extension.id).where(
        Extension.plan_id == row.plan_id,
        Extension.unit_id == row.unit_id,
        Extension.item_id == row.item_id,
        col(Extension.decided_on).is_(None),
    )
    owed = Owed(
        role=row.role,
        state=row.state,
        due_on=row.due_on,
        clock_from=row.clock_from,
        listed=row.settle == "listed",
        extension_pending=session.exec(pending).first() is not None,
    )
    if is_overdue(owed, today):
        return "task"
    standing = session.get(Standing, (row.plan_id, row.item_id))
    if standing and falls_short(owed, today, verdict=standing.verdict, owed_by=standing.owed_by):
        return "indicator"
    return None


def stands(session: Session, case: Case, today: date) -> tuple[bool, bool]:
    """Whether an item's case stands: (it is late still, its clock is paused)."""
    row = session.get_one(Obligation, (case.plan_id, case.unit_id, case.item_id))
    return late_clock(session, row, today) == case.clock, row.state == "suspended"


def days_late(session: Session, case: Case, today: date, days: WorkingDays) -> int:
    """Working days since an item's due date, less those on which it was suspended: then no clock ran."""
    if case.due_on is None:
        return 0
    pauses = select(Suspension).where(
        Suspension.plan_id == case.plan_id,
        Suspension.unit_id == case.unit_id,
        Suspension.item_id == case.item_id,
        Suspension.state == "suspended",
        col(Suspension.confirmed_on).is_not(None),
    )
    paused = 0
    for pause in session.exec(pauses):
        since, until = pause.confirmed_on, pause.ended_on or today + ONE_DAY
        assert since is not None
        paused += rested(max(since, case.due_on + ONE_DAY), until, days)
    return days.waited(case.due_on, today) - paused


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
        if row.state != "suspended" and late_clock(session, row, today) != case.clock:
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
