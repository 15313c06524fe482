"""An inspection is recorded, and what it demands of units is assigned in the same act (DOMAIN 1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.assigned import TASK, Demand
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.assigned import Assigned, Task, assign, listed, one_line
from eco_workflow.services.find import check_day, plan_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Inspection


@dataclass(frozen=True)
class Recorded:
    """An inspection by its number, and the tasks that it left behind."""

    inspection: int
    scope: str
    on: date
    tasks: tuple[Assigned, ...]


def record(
    database: Database,
    scope: str,
    *,
    team: str,
    on: date,
    findings: Sequence[Demand] = (),
    note: str = "",
    days: WorkingDays,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Recorded:
    """Records what was inspected by whom, and assigns each of its findings; all of it or nothing.

    Raises `WrongInput` for a scope or team that is not one line, a day that is still to come or before the
    plan; and as `assigned.assign` does for a finding.
    """
    scope, team = one_line(scope, "SCOPE", "what was inspected"), one_line(team, "--team", "who inspected")
    note = bounded(note, "--note")
    with database.write() as session:
        row = plan_named(session, plan)
        by.must(Action.ASSIGN, doing="recording an inspection")
        check_day(row, now)
        if not row.starts_on <= on <= shanghai_date(now):
            raise WrongInput(f"--on {on} must lie between the plan's start, {row.starts_on}, and today.")
        assert row.id is not None
        made = Inspection(
            plan_id=row.id, scope=scope, team=team, on_date=on, note=note, actor=by.name, at=now
        )
        session.add(made)
        session.flush()
        assert made.id is not None
        origin = f"{scope}（{team}，{on.month}月{on.day}日）"
        tasks = [
            Task(
                [demand.unit],
                demand.title,
                demand.due_on,
                "inspection",
                origin,
                inspection=made,
                since=on,
                option="--finding",
            )
            for demand in findings
        ]
        assigned = tuple(assign(session, row, task, days=days, now=now, by=by) for task in tasks)
        detail = {"inspection": made.id, "scope": scope, "team": team, "on": on, "note": note}
        audit.record(session, {row.id: detail}, at=now, actor=by.name, action="inspection")
        return Recorded(made.id, scope, on, assigned)


def inspections(session: Session, viewer: Viewer, *, plan: str | None, now: datetime) -> list[dict[str, Any]]:
    """Every inspection, oldest first, with its tasks and where they stand; to a unit's people those that left
    a task with their unit.
    """
    row = plan_named(session, plan)
    tasks: dict[int, list[dict[str, Any]]] = {}
    for task in listed(session, viewer, row, TASK, now):
        tasks.setdefault(task["inspection"], []).append(task)
    found = select(Inspection).where(Inspection.plan_id == row.id).order_by(col(Inspection.id))
    return [
        {
            "inspection": made.id,
            "scope": made.scope,
            "team": made.team,
            "on": made.on_date,
            "note": made.note,
            "by": made.actor,
            "tasks": tasks.get(made.id or 0, []),
        }
        for made in session.exec(found)
        if viewer.units is None or made.id in tasks
    ]
