"""What the office records about indicators: the superiors' figures and the bases (DOMAIN 2, indicators).

Both are appended, and the newest counts: what an earlier verdict rested on stays on record.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import check_plausible, named_period, plain_number
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.targets import Better, Part
from eco_workflow.plans.demands import target_of
from eco_workflow.plans.schema import Indicator
from eco_workflow.services import standing
from eco_workflow.services.find import check_day, item_named, plan_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import AssignedFigure, BaseFigure, Item, Plan, Standing


@dataclass(frozen=True)
class Task:
    """A superior's figure as typed, with its paper; the rest where the plan leaves the measure open."""

    value: str
    source: str
    dated: date
    measure: str = ""
    better: Better | None = None
    unit: str = ""


@dataclass(frozen=True)
class Stands:
    """How an indicator stands after an act."""

    recorded: str
    """The item or part that was recorded."""
    item: str
    verdict: str
    owed_by: str
    reason: str


def assign(
    database: Database, code: str, task: Task, *, now: datetime, by: Actor, plan: str | None = None
) -> Stands:
    """Records the task that a superior has set for an indicator or a part.

    Raises `WrongInput` for a target that no superior sets, for a measure where the plan names it, and for a
    figure outside the part's range.
    """
    value = plain_number(task.value, "VALUE")
    source = one_line(task.source, "--source", "the superior's paper, e.g. its number")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        item, part = part_named(session, plan_row, code)
        by.must(Action.MANAGE_PLAN, doing="recording a superior's figure")
        check_day(plan_row, now)
        if not part.needs_assigned:
            raise WrongInput(f"{part.code} is set by no superior: its target is “{part.words}”.")
        if not part.needs_measure and (task.measure or task.better or task.unit):
            raise WrongInput(
                f"The plan says what {part.code} measures. Leave --measure, --better and --unit away."
            )
        if (task.better or task.unit) and not task.measure:
            raise WrongInput("--better and --unit describe the superior's measure: name it with --measure.")
        if not task.unit:  # A measure of its own has a range of its own.
            check_plausible(part, value, "VALUE")
        if task.dated > shanghai_date(now):
            raise WrongInput(f"--date {task.dated} lies after today, {shanghai_date(now)}.")
        row = AssignedFigure(
            plan_id=item.plan_id,
            code=part.code,
            n=_next(session, AssignedFigure, item, part.code),
            value=value,
            source=source,
            dated=task.dated,
            measure=task.measure and one_line(task.measure, "--measure", "what the task measures"),
            better=task.better or "",
            unit=task.unit and one_line(task.unit, "--unit", "the measure's unit"),
            actor=by.name,
            at=now,
        )
        session.add(row)
        standing.refresh(session, plan_row, [item], now, actor=by.name)
        detail = {
            "code": part.code,
            "value": value,
            "source": source,
            "dated": row.dated,
            "measure": row.measure,
            "better": row.better,
            "unit": row.unit,
        }
        audit.record(session, {item.plan_id: detail}, at=now, actor=by.name, action="indicator_assign")
        return stands(session, item, part.code)


def set_base(
    database: Database,
    code: str,
    value: str,
    *,
    period: str,
    source: str,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Stands:
    """Records the base of a trend.

    Raises `WrongInput` where none is needed, for a period not yet over, and for a figure outside the range.
    """
    value = plain_number(value, "VALUE")
    named = named_period(period, "--period")
    source = one_line(source, "--source", "where the figure is published")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        item, part = part_named(session, plan_row, code)
        by.must(Action.MANAGE_PLAN, doing="recording a base")
        check_day(plan_row, now)
        if not part.needs_base:
            raise WrongInput(f"{part.code} is judged without a base: its target is “{part.words}”.")
        check_plausible(part, value, "VALUE")
        if named.last > shanghai_date(now):
            raise WrongInput(
                f"--period {named.text} is not over on {shanghai_date(now)}; name an earlier one."
            )
        row = BaseFigure(
            plan_id=item.plan_id,
            code=part.code,
            n=_next(session, BaseFigure, item, part.code),
            value=value,
            period=named.text,
            source=source,
            actor=by.name,
            at=now,
        )
        session.add(row)
        standing.refresh(session, plan_row, [item], now, actor=by.name)
        detail = {"code": part.code, "value": value, "period": named.text, "source": source}
        audit.record(session, {item.plan_id: detail}, at=now, actor=by.name, action="indicator_base")
        return stands(session, item, part.code)


def part_named(session: Session, plan: Plan, code: str) -> tuple[Item, Part]:
    """The indicator and the part of it that a code means. Raises `WrongInput` with the codes there are."""
    code = unicodedata.normalize("NFKC", code).strip().upper()
    item, indicator = indicator_named(session, plan, code.partition(".")[0])
    target = standing.as_tasked(session, item.plan_id, target_of(indicator))
    part = target.part(code)
    if part is None:
        known = "、".join(f"{part.code} {part.name}" for part in target.parts)
        wrong = "is judged by its parts" if code == item.code else "is no part"
        raise WrongInput(f"{code} {wrong}. Name one of {known}.")
    return item, part


def indicator_named(session: Session, plan: Plan, code: str) -> tuple[Item, Indicator]:
    """The indicator of that code. Raises `WrongInput` for any other item."""
    item = item_named(session, plan, code)
    indicator = standing.indicator_of(session, plan, item)
    if indicator is None:
        raise WrongInput(f"{item.code} is a {item.kind}, no indicator. See: eco indicator list")
    return item, indicator


def one_line(text: str, option: str, what: str) -> str:
    """The text, without blanks around it. Raises `WrongInput` unless it is one line of something."""
    said = bounded(text, option)
    if not said or not text.isprintable():
        raise WrongInput(f"{option} {text!r} says nothing, or more than one line. Give {what}.")
    return said


def stands(session: Session, item: Item, recorded: str) -> Stands:
    """How the indicator stands now, for the person who acted."""
    row = session.get_one(Standing, (item.plan_id, item.id))
    return Stands(recorded, item.code, row.verdict, row.owed_by, row.reason)


def _next(session: Session, table: type[AssignedFigure | BaseFigure], item: Item, code: str) -> int:
    """The next number of a code's figures; the indicator's row is held meanwhile."""
    standing.take(session, [item])
    newest = session.exec(
        select(func.max(table.n)).where(col(table.plan_id) == item.plan_id, col(table.code) == code)
    ).one()
    return (newest or 0) + 1
