"""What is assigned besides the plan document: an item of its own, owed like any other (DOMAIN 1, 3.3, 7).

Its units are asked by every round from now on and stand under the task clock; they may also report on it
before a round asks (`unasked`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain import assigned as says
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.due import ONE_DAY
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.awaited import PASSED
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.find import Duty, host_of, unit_named
from eco_workflow.services.hand_over import check_works
from eco_workflow.services.notices import tell_unit
from eco_workflow.services.overdue import overdue
from eco_workflow.store import audit
from eco_workflow.store.tables import Assignment, Inspection, Item, ItemText, Obligation, Plan, Unit


@dataclass(frozen=True)
class Task:
    """What is to be assigned. `kind` as in `domain/assigned.KINDS`; units by code, name or alias.

    `since`: the day of the inspection or meeting that demanded it, where that may be recorded later than its
    date. `option`: by which the date was given.
    """

    units: Sequence[str]
    title: str
    due_on: date
    kind: str
    origin: str
    inspection: Inspection | None = None
    milestone: Item | None = None
    about: Item | None = None
    since: date | None = None
    option: str = "--due"


@dataclass(frozen=True)
class Assigned:
    """An item that was assigned."""

    item: str
    units: tuple[str, ...]
    title: str
    due_on: date


def assign(
    session: Session, plan: Plan, task: Task, *, days: WorkingDays, now: datetime, by: Actor
) -> Assigned:
    """Makes the item, owed by each of its units, and tells their liaisons and leaders in charge. That the
    person may, and the day, are checked by whoever calls.

    `days` is the published calendar. Raises `WrongInput` for a title or origin that is not one line, for no
    unit or one that does no work, or a due date after the plan or before the units hear of it (of what is
    recorded later: before it was demanded); `Refused` for a unit that was merged away.
    """
    title = one_line(task.title, "TITLE", "what is to be done")
    origin = one_line(task.origin, "--from", "whose word it is")
    units = list(
        {unit.id: unit for unit in (unit_named(session, plan, name) for name in task.units)}.values()
    )
    if not units:
        raise WrongInput("A task needs at least one unit that owes it.")
    for unit in units:
        check_works(session, unit, "given tasks")
    today = shanghai_date(now)
    heard_on = calendar_of(session, plan, days, today).after(today, 1)
    _check_due(plan, task, heard_on)
    for meant in filter(None, (task.milestone, task.about)):
        # Before the plan, as who adds a step to the item locks them.
        session.refresh(meant, with_for_update={"read": True, "key_share": True})
    item = _new_item(session, plan, says.KINDS[task.kind])
    assert plan.id is not None
    assert item.id is not None
    place = says.place(
        task.kind, origin,
        task.milestone.code if task.milestone else "", task.about.code if task.about else "",
    )  # fmt: skip
    # In the words of every version: a round that is open speaks an older one.
    session.add_all(
        ItemText(item_id=item.id, version=version, title=title, place=place)
        for version in range(1, plan.version + 1)
    )
    session.add(
        Assignment(
            plan_id=plan.id,
            item_id=item.id,
            kind=task.kind,
            origin=origin,
            inspection_id=task.inspection.id if task.inspection else None,
            milestone_id=task.milestone.id if task.milestone else None,
            about_item_id=task.about.id if task.about else None,
            assigned_on=today,
            actor=by.name,
            at=now,
        )
    )
    host = host_of(session, plan)
    for unit in units:
        assert unit.id is not None
        owed = Obligation(
            plan_id=plan.id,
            unit_id=unit.id,
            item_id=item.id,
            role="owner",
            version=plan.version,
            due_on=task.due_on,
            # Nobody is late who was not told: a date that was over by then counts from the day after.
            clock_from=heard_on + ONE_DAY if task.due_on < heard_on else None,
            rhythm="every_round",
            asked_from=today,
        )
        session.add(owed)
        session.flush()
        duty = Duty(plan, unit, item, owed, unit.code == host)
        key = f"assigned:{item.id}:{unit.id}"
        tell_unit(session, duty, "assigned", key, on=today, facts={"due_on": task.due_on})
    detail = {
        "item": item.code, "units": [unit.code for unit in units], "title": title, "due_on": task.due_on,
        "kind": task.kind, "origin": origin,
    }  # fmt: skip
    audit.record(session, {plan.id: detail}, at=now, actor=by.name, action="assign")
    return Assigned(item.code, tuple(unit.short for unit in units), title, task.due_on)


def one_line(text: str, option: str, meaning: str) -> str:
    """A text that stands in one line of a mail. Raises `WrongInput` naming the option and what it says."""
    text = bounded(text, option)
    if not text or not text.isprintable():
        raise WrongInput(f"{option} must say in one line {meaning}.")
    return text


def _check_due(plan: Plan, task: Task, heard_on: date) -> None:
    if not (task.since or heard_on) <= task.due_on <= plan.ends_on:
        first = f"{task.since}, when it was demanded" if task.since else f"{heard_on}, when the unit is told"
        raise WrongInput(
            f"{task.option} {task.due_on} must lie between {first}, and the plan's end, {plan.ends_on}."
        )


def _new_item(session: Session, plan: Plan, kind: str) -> Item:
    """The next item of its kind. The plan is locked: two people who assign at once get two numbers, and no
    version that is being loaded leaves the item without words.
    """
    session.refresh(plan, with_for_update=True)
    made = select(func.count()).select_from(Item).where(Item.plan_id == plan.id, Item.kind == kind)
    assert plan.id is not None
    item = Item(plan_id=plan.id, code=says.code(kind, session.exec(made).one() + 1), kind=kind)
    session.add(item)
    session.flush()
    return item


@dataclass(frozen=True)
class Row:
    """What one unit owes on an assigned item. `milestone`, `about`: codes, empty where there is none."""

    item: str
    title: str
    unit: str
    kind: str
    origin: str
    milestone: str
    about: str
    inspection: int | None
    assigned_on: date
    due_on: date | None
    state: str
    unit_id: int = field(repr=False)
    item_id: int = field(repr=False)

    @property
    def closed(self) -> bool:
        """Whether nothing of it is open any more: closed out, or not applicable to the unit."""
        return self.state in PASSED


def rectifications(session: Session, plan: Plan, milestone: str | None = None) -> list[Row]:
    """Every rectification of a plan, or those found at the milestone of that code, by item and unit."""
    rows = rows_of(session, plan, says.RECTIFICATION)
    return [row for row in rows if milestone in (None, row.milestone)]


def rows_of(session: Session, plan: Plan, kind: str) -> list[Row]:
    """Who owes what of the assigned items of a kind (`domain/assigned`), in their order."""
    found = session.exec(
        select(Assignment, Item, Obligation, Unit)
        .join(Item, col(Item.id) == Assignment.item_id)
        .join(
            Obligation,
            (col(Obligation.plan_id) == Assignment.plan_id) & (col(Obligation.item_id) == Assignment.item_id),
        )
        .join(Unit, col(Unit.id) == Obligation.unit_id)
        .where(Assignment.plan_id == plan.id, Item.kind == kind)
        .order_by(col(Item.id), col(Unit.id))
    ).all()
    made = [assigned for assigned, *_ in found]
    meant = {number for row in made for number in (row.milestone_id, row.about_item_id)}
    codes = dict(session.exec(select(Item.id, Item.code).where(col(Item.id).in_(meant - {None}))).all())
    titles = dict(
        session.exec(
            select(ItemText.item_id, ItemText.title).where(
                ItemText.version == plan.version, col(ItemText.item_id).in_({row.item_id for row in made})
            )
        ).all()
    )
    return [
        Row(
            item=item.code,
            title=titles[assigned.item_id],
            unit=unit.short,
            kind=assigned.kind,
            origin=assigned.origin,
            milestone=codes.get(assigned.milestone_id, ""),
            about=codes.get(assigned.about_item_id, ""),
            inspection=assigned.inspection_id,
            assigned_on=assigned.assigned_on,
            due_on=owed.due_on,
            state=owed.state,
            unit_id=owed.unit_id,
            item_id=owed.item_id,
        )
        for assigned, item, owed, unit in found
    ]


def listed(session: Session, viewer: Viewer, plan: Plan, kind: str, now: datetime) -> list[dict[str, Any]]:
    """The assigned items of a kind as a person sees them, by item and unit; late as of now."""
    late = overdue(session, plan, now)
    hidden = ("unit_id", "item_id")
    return [
        {name: value for name, value in vars(row).items() if name not in hidden}
        | {"late": (row.unit_id, row.item_id) in late, "closed": row.closed}
        for row in rows_of(session, plan, kind)
        if viewer.sees(row.unit_id)
    ]
