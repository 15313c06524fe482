"""An office assigns a task besides the plan: a leader's instruction, a meeting's resolution (DOMAIN 1)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from eco_workflow.domain.assigned import TASK
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.assigned import Assigned, Task, assign, listed
from eco_workflow.services.find import check_day, plan_named
from eco_workflow.store.session import Database

FROM = ("instruction", "resolution")
"""What a task arises from by itself; an inspection records its own, a finding is a rectification."""


def assign_task(
    database: Database,
    units: Sequence[str],
    title: str,
    *,
    due_on: date,
    origin: str,
    days: WorkingDays,
    now: datetime,
    by: Actor,
    kind: str = "instruction",
    plan: str | None = None,
) -> Assigned:
    """Assigns one task to units, each of which owes it; all claim it before it is closed out.

    Raises `WrongInput` and `Refused` as `assigned.assign` does, and `WrongInput` for another kind.
    """
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.ASSIGN)
        if kind not in FROM:
            raise WrongInput(f"--kind {kind!r} is none of {', '.join(FROM)}.")
        check_day(plan_row, now)
        return assign(session, plan_row, Task(units, title, due_on, kind, origin), days=days, now=now, by=by)


def tasks(session: Session, viewer: Viewer, *, plan: str | None, now: datetime) -> list[dict[str, Any]]:
    """Every assigned task by unit: from what, due, state, late as of now."""
    return listed(session, viewer, plan_named(session, plan), TASK, now)
