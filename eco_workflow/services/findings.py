"""What reviewers find at a milestone is mended: a rectification with a unit and a due date (DOMAIN 7)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.assigned import RECTIFICATION
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services import phases, review
from eco_workflow.services.assigned import Assigned, Task, assign, listed
from eco_workflow.services.find import check_day, document, item_named, plan_named
from eco_workflow.services.progress import Recorded
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Entry, Item, Plan, Round, Unit
from eco_workflow.store.tables.rounds import OPENED


def add(
    database: Database,
    milestone: str,
    units: Sequence[str],
    title: str,
    *,
    due_on: date,
    reviewer: str,
    days: WorkingDays,
    now: datetime,
    by: Actor,
    about: str | None = None,
    plan: str | None = None,
) -> Assigned:
    """Records a reviewer's finding at a milestone as a rectification, about another item where that is said.

    Raises `WrongInput` for what is no milestone, and as `assigned.assign` does; `Refused` for a milestone of
    a phase that is closed, whose gate it could not hold any more.
    """
    with database.write() as session:
        row = plan_named(session, plan)
        by.must(Action.ASSIGN, doing="recording a finding")
        check_day(row, now)
        phases.hold(session, row)
        at = item_named(session, row, milestone)
        if at.kind != "milestone":
            raise WrongInput(f"{at.code} is no milestone; reviewers find something at one, e.g. M3.1.")
        _check_not_closed(session, row, at)
        meant = item_named(session, row, about) if about else None
        task = Task(units, title, due_on, "finding", reviewer, milestone=at, about=meant)
        return assign(session, row, task, days=days, now=now, by=by)


def _check_not_closed(session: Session, plan: Plan, milestone: Item) -> None:
    closed = {row.phase: row for row in phases.standing(session, plan) if row.state == "closed"}
    for phase in document(session, plan).phases:
        if phase.id in closed and milestone.code in [one.id for one in phase.milestones]:
            in_force = phases.in_force(session, plan)
            instead = (
                f"Name a milestone of the phase that is in force, {in_force.id} {in_force.title}: "
                + ", ".join(one.id for one in in_force.milestones)
                if in_force
                else "No phase is in force any more. Give the unit a task: eco task assign"
            )
            raise Refused(
                f"Phase {phase.id} {phase.title} was closed on {closed[phase.id].closed_on}; nothing "
                f"found at {milestone.code} could hold it. {instead}"
            )


def close(
    database: Database, item: str, *, note: str, now: datetime, by: Actor, plan: str | None = None
) -> Recorded:
    """Closes a rectification out, as `review.close` does any item: every unit has claimed it.

    `note`: how it was verified. Raises `WrongInput` without one, or for what is no rectification; `Refused`
    naming the units that have not claimed it.
    """
    note = bounded(note, "--note")
    if not note:
        raise WrongInput("Closing a finding needs --note: how it was verified.")
    with database.read() as session:
        plan_row = plan_named(session, plan)
        found = item_named(session, plan_row, item)
        if found.kind != RECTIFICATION:
            raise WrongInput(
                f"{found.code} is no rectification. Close it out with: eco report close UNIT {found.code}"
            )
        unit = _answered(session, plan_row, found)
    return review.close(database, unit, found.code, note=note, now=now, by=by, plan=plan_row.code)


def _answered(session: Session, plan: Plan, item: Item) -> str:
    """The code of the unit whose answer on the item is the newest: it may have handed the item over since."""
    newest = (
        select(Unit.code)
        .join(Entry, col(Entry.unit_id) == Unit.id)
        .join(Round, col(Round.id) == Entry.round_id)
        .where(Entry.item_id == item.id, Round.plan_id == plan.id, col(Round.state).in_(OPENED))
        .order_by(col(Entry.state).in_(("submitted", "accepted")).desc(), col(Entry.round_id).desc())
        .limit(1)
    )
    unit = session.exec(newest).first()
    if unit is None:
        raise Refused(
            f"{item.code} cannot be closed out: no unit has reported on it yet. It does with: "
            f"eco report submit UNIT {item.code} --status completed"
        )
    return unit


def findings(
    session: Session, viewer: Viewer, *, plan: str | None, now: datetime, milestone: str | None = None
) -> list[dict[str, Any]]:
    """Every rectification by unit, or those of a milestone: reviewer, due, state, late as of now."""
    row = plan_named(session, plan)
    at = item_named(session, row, milestone).code if milestone else None
    rows = listed(session, viewer, row, RECTIFICATION, now)
    return [found for found in rows if at in (None, found["milestone"])]
