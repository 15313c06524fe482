"""Where the indicators stand: what is known of each, the verdict, and the row that keeps it (DOMAIN 2, 4).

Every act that can change a verdict refreshes its row in its own transaction. Only one thing changes a
verdict without an act: a figure was given before its period was over, and now it is (`refresh_ripe`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from sqlalchemy import delete
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import target_numbers
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.evaluation import Evaluation, evaluate
from eco_workflow.domain.figures import (
    Assigned,
    Base,
    Event,
    Given,
    Known,
    Number,
    Statement,
    number_of,
    statement_of,
)
from eco_workflow.domain.periods import read_period, why_not_of_use
from eco_workflow.domain.targets import Better, Target
from eco_workflow.plans import schema
from eco_workflow.plans.demands import target_of
from eco_workflow.services.declarations import events
from eco_workflow.services.find import document, target_for
from eco_workflow.services.history import Key, figures_for, figures_in
from eco_workflow.services.overdue import conclude_for_office
from eco_workflow.services.reopen import reopen_fallen
from eco_workflow.store.tables import (
    AssignedFigure,
    BaseFigure,
    Figure,
    Item,
    Obligation,
    Plan,
    Proposal,
    Report,
    Spared,
    Standing,
    Unit,
)


@dataclass(frozen=True)
class Judged:
    """An indicator with all that is known of it and the verdict that follows."""

    item: Item
    indicator: schema.Indicator
    target: Target
    owing: tuple[tuple[Obligation, Unit], ...]
    """The units that are asked for figures."""
    given: dict[str, list[tuple[Unit, Figure]]]
    """The figures that stand, by part, and who gave them: also a unit from which the item was taken over."""
    known: dict[str, Known]
    due_on: date
    found: Evaluation
    spared: tuple[int, ...] = ()
    """Units whose own parts lack nothing of what the units owe: it is other leads' to give."""


def judge(session: Session, plan: Plan, items: Iterable[Item], on: date) -> list[Judged]:
    """Judges those of the items that are indicators, as of a day, by what stands now."""
    wanted = {item.id: item for item in items if item.kind == "indicator"}
    if not wanted:
        return []
    owing: dict[int, list[tuple[Obligation, Unit]]] = {}
    for obligation, unit in session.exec(
        select(Obligation, Unit)
        .join(Unit, col(Unit.id) == Obligation.unit_id)
        .where(Obligation.plan_id == plan.id, col(Obligation.item_id).in_(wanted))
        .where(col(Obligation.role).in_(("lead", "data_provider")))
        .where(Obligation.state != "not_applicable")
        .order_by(col(Unit.id))
    ):
        owing.setdefault(obligation.item_id, []).append((obligation, unit))
    indicators = {indicator.id: indicator for indicator in document(session, plan).indicators}
    linked = {i.linked_veto for item in wanted.values() if (i := indicators.get(item.code)) and i.linked_veto}
    facts = _facts(session, plan, owing, linked)
    return [
        _judged(session, item, indicators[item.code], owing.get(item.id or 0, []), facts, on)
        for item in wanted.values()
        if item.code in indicators  # an item outlives the version of the plan that named it
    ]


def not_judged(session: Session, plan: Plan, item: Item, report: Report, on: date) -> tuple[str, ...]:
    """Of the figures in an answer that was just given, those that cannot be judged on that day, and why."""
    given = [figure for figure in figures_in(session, [report]) if figure.kind == "number"]
    if not given:
        return ()
    found = []
    for judged in judge(session, plan, [item], on):
        for figure in given:
            period = read_period(figure.period)
            if period is not None and (why := why_not_of_use(period, judged.due_on, on)):
                found.append(f"The figure of {figure.code} cannot be judged: {why.english}")
    return tuple(found)


@dataclass(frozen=True)
class _Facts:
    """What units gave, and by part the newest base, the newest figure from above, the confirmed targets."""

    given: dict[Key, list[tuple[int, Figure]]]
    bases: dict[str, Base]
    assigned: dict[str, Assigned]
    confirmed: dict[str, tuple[Decimal, ...]]
    events: dict[str, Event]
    """Of the veto items to which indicators are linked."""


def _facts(
    session: Session, plan: Plan, owing: dict[int, list[tuple[Obligation, Unit]]], linked: set[str]
) -> _Facts:
    units = {obligation.unit_id for owed in owing.values() for obligation, _ in owed}
    bases = session.exec(select(BaseFigure).where(BaseFigure.plan_id == plan.id).order_by(col(BaseFigure.n)))
    assigned = session.exec(
        select(AssignedFigure).where(AssignedFigure.plan_id == plan.id).order_by(col(AssignedFigure.n))
    )
    return _Facts(
        figures_for(session, units, owing.keys()),
        {row.code: _base(row) for row in bases},
        {row.code: _assigned(row) for row in assigned},
        _confirmed(session, plan, owing),
        events(session, plan, linked) if linked else {},
    )


def _confirmed(
    session: Session, plan: Plan, owing: dict[int, list[tuple[Obligation, Unit]]]
) -> dict[str, tuple[Decimal, ...]]:
    """The confirmed target figures by part: of each unit that answers, what was confirmed last (M2.1)."""
    rows = session.exec(
        select(Proposal, Item.code)
        .join(Item, col(Item.id) == Proposal.item_id)
        .where(Proposal.plan_id == plan.id, col(Proposal.item_id).in_(owing))
        .where(col(Proposal.confirmed_at).is_not(None))
        .order_by(col(Proposal.n))
    )
    answer = {(owed.unit_id, owed.item_id) for of_item in owing.values() for owed, _ in of_item}
    last = {
        (row.unit_id, row.item_id): target_numbers(row.target, code)
        for row, code in rows
        if (row.unit_id, row.item_id) in answer
    }
    found: dict[str, tuple[Decimal, ...]] = {}
    for numbers in last.values():
        for code, figure in numbers.items():
            found[code] = (*found.get(code, ()), figure)
    return found


def _judged(
    session: Session,
    item: Item,
    indicator: schema.Indicator,
    owing: list[tuple[Obligation, Unit]],
    facts: _Facts,
    on: date,
) -> Judged:
    target = target_of(indicator)
    given: dict[str, list[tuple[Unit, Figure]]] = {part.code: [] for part in target.parts}
    mine = {}
    for obligation, _ in owing:
        mine[obligation.unit_id] = {part.code for part in target_for(session, indicator, obligation).parts}
        for giver, figure in facts.given.get((obligation.unit_id, obligation.item_id), []):
            # Neither a part of an older version of the plan, nor one that another unit leads by now.
            if figure.code in mine[obligation.unit_id]:
                given[figure.code].append((session.get_one(Unit, giver), figure))
    known = {}
    for part in target.parts:
        said = [_given(unit, figure) for unit, figure in given[part.code]]
        known[part.code] = Known(
            number=number_of(said, part.unit),
            statement=statement_of(said),
            base=facts.bases.get(part.code),
            assigned=facts.assigned.get(part.code),
            confirmed=facts.confirmed.get(part.code, ()),
        )
    # Where leads have different dates, the first one is when the indicator is wanted.
    due_on = min((o.due_on for o, _ in owing if o.due_on), default=indicator.due_on)
    event = facts.events.get(indicator.linked_veto) if indicator.linked_veto else None
    found = evaluate(target, known, due_on=due_on, on=on, event=event)
    wanting = {part.code for part in found.parts if part.owed_by == "unit"}
    spared = tuple(unit_id for unit_id, codes in mine.items() if wanting and not wanting & codes)
    return Judged(item, indicator, target, tuple(owing), given, known, due_on, found, spared)


def _given(unit: Unit, figure: Figure) -> Given:
    if figure.kind == "statement":
        return Given(unit.short, statement=Statement(figure.value == "是"))
    period = read_period(figure.period)
    assert period is not None
    return Given(unit.short, number=Number(Decimal(figure.value), period))


def _base(row: BaseFigure) -> Base:
    period = read_period(row.period)
    assert period is not None
    return Base(Decimal(row.value), period, row.source)


def _assigned(row: AssignedFigure) -> Assigned:
    better: dict[str, Better] = {"higher": "higher", "lower": "lower"}
    return Assigned(Decimal(row.value), row.source, row.dated, row.measure, better.get(row.better), row.unit)


def as_tasked(session: Session, plan_id: int, target: Target) -> Target:
    """The target as superiors' tasks have it: the plan's range does not hold for another unit."""
    left_open = [part.code for part in target.parts if part.needs_measure]
    if not left_open:
        return target
    tasks = session.exec(
        select(AssignedFigure)
        .where(AssignedFigure.plan_id == plan_id, col(AssignedFigure.code).in_(left_open))
        .order_by(col(AssignedFigure.n))
    )
    unit = {task.code: task.unit for task in tasks}
    parts = (replace(part, figures="change") if unit.get(part.code) else part for part in target.parts)
    return replace(target, parts=tuple(parts))


def indicator_of(session: Session, plan: Plan, item: Item) -> schema.Indicator | None:
    """The item as the plan in force words it; None for what is no indicator of it."""
    if item.kind != "indicator":
        return None
    return next((i for i in document(session, plan).indicators if i.id == item.code), None)


def take(session: Session, items: Sequence[Item]) -> dict[int, Standing]:
    """The indicators' rows by item, held until the end of the transaction.

    They are taken before figures are read or numbered: of two units that answer at the same moment, the
    second sees what the first one said.
    """
    rows = session.exec(
        select(Standing)
        .where(col(Standing.item_id).in_([item.id for item in items]))
        .where(col(Standing.plan_id).in_({item.plan_id for item in items}))
        .order_by(col(Standing.item_id))
        .with_for_update()
    )
    return {row.item_id: row for row in rows}


def refresh(session: Session, plan: Plan, items: Sequence[Item], now: datetime, *, actor: str) -> None:
    """Judges those of the items that are indicators, keeps the verdicts, and does what follows from them.

    One that has fallen is open again; what no longer waits for the office closes the office's case. An
    indicator that the plan names no longer has no verdict.
    """
    session.flush()
    items = [item for item in items if item.kind == "indicator"]
    if not items:
        return
    rows = take(session, items)
    fallen: list[Judged] = []
    kept: list[int] = []
    spared: list[Spared] = []
    for judged in judge(session, plan, items, shanghai_date(now)):
        found, item_id = judged.found, judged.item.id
        assert item_id is not None
        made = Standing(
            plan_id=judged.item.plan_id,
            item_id=item_id,
            verdict=found.verdict,
            owed_by=found.owed_by,
            reason=found.reason,
            evaluated_at=now,
            ripens_on=found.ripens_on,
        )
        kept.append(item_id)
        spared += [Spared(plan_id=made.plan_id, item_id=item_id, unit_id=unit) for unit in judged.spared]
        row = rows.pop(item_id, None)
        if row is None:
            session.add(made)
            continue
        if found.verdict == "unmet" and row.verdict != "unmet":
            fallen.append(judged)
        row.sqlmodel_update(made.model_dump())
    for gone in rows.values():
        session.delete(gone)
    session.connection().execute(
        delete(Spared).where(col(Spared.plan_id) == plan.id, col(Spared.item_id).in_(kept))
    )
    session.add_all(spared)
    session.flush()
    for judged in fallen:
        reopen_fallen(
            session, plan, judged.item, judged.target, judged.known, judged.found, now=now, actor=actor
        )
    conclude_for_office(session, plan, kept, now)


def refresh_ripe(session: Session, plans: Sequence[int], now: datetime, actor: str) -> int:
    """Judges again what was given before its period was over; returns how many indicators.

    For the run of each day: what it reads from the rows afterwards is true on that day.
    """
    ripe = session.exec(
        select(Plan, Item)
        .join(Standing, col(Standing.plan_id) == Plan.id)
        .join(Item, col(Item.id) == Standing.item_id)
        .where(col(Standing.plan_id).in_(plans), col(Standing.ripens_on) <= shanghai_date(now))
        .order_by(col(Plan.id), col(Item.id))
    ).all()
    for _, of_plan in groupby(ripe, key=lambda row: row[1].plan_id):
        found = list(of_plan)
        refresh(session, found[0][0], [item for _, item in found], now, actor=actor)
    return len(ripe)
