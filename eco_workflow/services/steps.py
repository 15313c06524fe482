"""Steps of an item: set by the office, claimed by a unit, confirmed by the office (DOMAIN 6)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.find import check_day, host_of, item_named, plan_named, unit_named
from eco_workflow.services.overdue import TASK_ROLES
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Item, Obligation, Plan, Step, Unit

HEAVIEST = 10_000


@dataclass(frozen=True)
class StepRow:
    """A step as a person sees it. `weight` counts against the sum of the item's weights, `of`."""

    item: str
    n: int
    title: str
    weight: int
    of: int
    due_on: date | None
    done_on: date | None
    confirmed_on: date | None
    confirmed_by: str


def add(
    database: Database,
    item: str,
    title: str,
    *,
    weight: int,
    due_on: date | None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> StepRow:
    """Adds a step to an item that a unit leads or owns; it gets the next number.

    Raises `WrongInput` for an empty title, a weight that is no positive whole number, or a date before
    the plan or after the item's own; `Refused` for an item that is closed, or asks for figures only.
    """
    title = bounded(title, "The title")
    if not title or not title.isprintable():
        raise WrongInput("A step needs a title: one line of text.")
    if not 1 <= weight <= HEAVIEST:
        raise WrongInput(f"--weight {weight} must be a whole number from 1 to {HEAVIEST}.")
    with database.write() as session:
        plan_row, row = _item(session, plan, item, now)
        by.must(Action.MANAGE_PLAN, doing="adding a step")
        _check_takes_steps(session, plan_row, row, due_on)
        steps = _steps(session, plan_row, row)
        assert plan_row.id is not None
        assert row.id is not None
        step = Step(
            plan_id=plan_row.id, item_id=row.id, n=len(steps) + 1, title=title, weight=weight, due_on=due_on
        )
        session.add(step)
        said = {"title": title, "weight": weight, "due_on": due_on}
        _record(session, plan_row, row, step, "step_add", now, by, **said)
        return _row(row, step, [*steps, step])


def done(
    database: Database, item: str, n: int, *, now: datetime, by: Actor, plan: str | None = None
) -> StepRow:
    """A unit claims a step. It counts when the office confirms it, and is not held against the unit before.

    Raises `WrongInput` where there is no such step, `Refused` when it is claimed already.
    """
    with database.write() as session:
        plan_row, row = _item(session, plan, item, now)
        owners = _owners(session, plan_row, row)
        if not by.may(Action.RECORD_ON_BEHALF) and by.unit not in owners:
            called = " or ".join(unit_named(session, plan_row, code).short for code in owners)
            by.must(Action.ANSWER, unit=" or ".join(owners), called=called, doing="reporting a step done")
        steps = _steps(session, plan_row, row)
        step = _numbered(row, steps, n)
        if step.done_on is not None:
            raise Refused(f"Step {n} of {row.code} was reported done on {step.done_on} already.")
        step.done_on = shanghai_date(now)
        _record(session, plan_row, row, step, "step_done", now, by)
        return _row(row, step, steps)


def confirm(
    database: Database, item: str, n: int, *, now: datetime, by: Actor, plan: str | None = None
) -> StepRow:
    """The office confirms a claimed step; from that day on it counts as progress.

    Raises `WrongInput` where there is no such step or the day lies before the claim's, `Refused` when it
    is not claimed, or confirmed already.
    """
    with database.write() as session:
        plan_row, row = _item(session, plan, item, now)
        host = host_of(session, plan_row)
        of_host = host in _owners(session, plan_row, row)
        by.must(Action.REVIEW, of_host=of_host, doing="confirming a step")
        steps = _steps(session, plan_row, row)
        step = _numbered(row, steps, n)
        if step.confirmed_on is not None:
            raise Refused(f"Step {n} of {row.code} was confirmed on {step.confirmed_on} already.")
        if step.done_on is None:
            raise Refused(f"Step {n} of {row.code} is not reported done. First: eco step done {row.code} {n}")
        today = shanghai_date(now)
        if today < step.done_on:
            raise WrongInput(
                f"Step {n} of {row.code} was reported done on {step.done_on}, later than {today}. "
                "Correct --now."
            )
        step.confirmed_on, step.confirmed_by = today, by.name
        _record(session, plan_row, row, step, "step_confirm", now, by)
        return _row(row, step, steps)


def listed(session: Session, viewer: Viewer, *, plan: str | None, item: str) -> list[StepRow]:
    """The steps of an item, in order; none where the viewer sees no unit that owes it."""
    plan_row = plan_named(session, plan)
    row = item_named(session, plan_row, item)
    owed = select(Obligation.unit_id).where(Obligation.plan_id == plan_row.id, Obligation.item_id == row.id)
    if not any(viewer.sees(unit_id) for unit_id in session.exec(owed)):
        return []
    steps = _steps(session, plan_row, row)
    return [_row(row, step, steps) for step in steps]


def _item(session: Session, plan: str | None, item: str, now: datetime) -> tuple[Plan, Item]:
    """The item, locked: two people who add a step at once get two numbers."""
    plan_row = plan_named(session, plan)
    row = item_named(session, plan_row, item)
    check_day(plan_row, now)
    session.exec(select(Item).where(Item.id == row.id).with_for_update()).one()
    return plan_row, row


def _owners(session: Session, plan: Plan, item: Item) -> list[str]:
    """Codes of the units that lead or own the item."""
    owed = select(Unit.code).join(Obligation, col(Obligation.unit_id) == Unit.id)
    owed = owed.where(Obligation.plan_id == plan.id, Obligation.item_id == item.id)
    return list(session.exec(owed.where(col(Obligation.role).in_(TASK_ROLES)).order_by(col(Unit.id))))


def _steps(session: Session, plan: Plan, item: Item) -> list[Step]:
    query = select(Step).where(Step.plan_id == plan.id, Step.item_id == item.id).order_by(col(Step.n))
    return list(session.exec(query))


def _numbered(item: Item, steps: list[Step], n: int) -> Step:
    for step in steps:
        if step.n == n:
            return step
    known = ", ".join(str(step.n) for step in steps) or f"none; add one with: eco step add {item.code}"
    raise WrongInput(f"{item.code} has no step {n}. Known: {known}.")


def _check_takes_steps(session: Session, plan: Plan, item: Item, due_on: date | None) -> None:
    owed = session.exec(
        select(col(Obligation.state), col(Obligation.due_on)).where(
            Obligation.plan_id == plan.id,
            Obligation.item_id == item.id,
            col(Obligation.role).in_(TASK_ROLES),
        )
    ).all()
    if not owed:
        raise Refused(f"{item.code} asks for figures only; steps belong to items that a unit leads or owns.")
    if all(state == "closed" for state, _ in owed):
        raise Refused(f"{item.code} is closed out; it takes no more steps.")
    last = max((due for _, due in owed if due), default=plan.ends_on)
    if due_on is not None and not plan.starts_on <= due_on <= last:
        raise WrongInput(
            f"--due {due_on} must lie between the plan's start, {plan.starts_on}, and {last}, "
            f"when {item.code} itself is due."
        )


def _record(
    session: Session,
    plan: Plan,
    item: Item,
    step: Step,
    action: str,
    now: datetime,
    by: Actor,
    **more: Any,
) -> None:
    assert plan.id is not None
    detail = {"step": f"{item.code} {step.n}", **more}
    audit.record(session, {plan.id: detail}, at=now, actor=by.name, action=action)


def _row(item: Item, step: Step, steps: list[Step]) -> StepRow:
    return StepRow(
        item=item.code,
        n=step.n,
        title=step.title,
        weight=step.weight,
        of=sum(one.weight for one in steps),
        due_on=step.due_on,
        done_on=step.done_on,
        confirmed_on=step.confirmed_on,
        confirmed_by=step.confirmed_by,
    )
