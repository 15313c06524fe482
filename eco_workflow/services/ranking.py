"""The ranking of units, for leaders and supervisors (DOMAIN 6)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from eco_workflow.domain.errors import Refused
from eco_workflow.domain.ranking import Row, Rules, Standing, ranking
from eco_workflow.domain.viewer import RANKING_ROLES, Viewer
from eco_workflow.domain.words import RANKING_CLASS
from eco_workflow.services.calendar import clock_day, report_clock
from eco_workflow.services.find import document, plan_named
from eco_workflow.services.overdue import TASK_ROLES, overdue
from eco_workflow.store.tables import (
    Breach,
    Case,
    Entry,
    Figure,
    Item,
    Obligation,
    Plan,
    Report,
    Request,
    Unit,
)

NOT_COUNTED = ("suspended", "not_applicable")
STANDING = ("duty", "veto")
"""Kinds of items that go on without a due date: they are answered, never finished."""

_of_entry = and_(col(Breach.round_id) == Entry.round_id, col(Case.unit_id) == Entry.unit_id)
_breach = exists().where(col(Breach.case_id) == Case.id, _of_entry)
# An answer given in time is not what a case was about, whatever else of its round was late.
ANNULLED_SILENCE = and_(
    or_(col(Entry.on_time).is_not(True), col(Entry.state) == "awaiting"),
    _breach.where(col(Case.annulled_on).is_not(None)),
    not_(_breach.where(col(Case.annulled_on).is_(None))),
)
"""An entry whose silence counts for nothing: all cases that covered it were annulled (DOMAIN 5)."""


@dataclass(frozen=True)
class Class:
    """A class with its units, worst first."""

    code: str
    name: str
    rows: tuple[Row, ...]

    def as_json(self) -> dict[str, Any]:
        """Rows with their share in words."""
        return {
            "class": self.code,
            "name": self.name,
            "units": [{**vars(row), "text": row.text} for row in self.rows],
        }


def ranked(session: Session, viewer: Viewer, *, plan: str | None, now: datetime) -> list[Class]:
    """Every class with its units, then those that are not ranked; units by their short names.

    Units that owe nothing, such as supporting ones, are left out.

    Raises `Refused` for a viewer who may not see units one against the other.
    """
    if not viewer.sees_ranking:
        raise Refused(
            f"The ranking is shown to {' and '.join(RANKING_ROLES)} only; {viewer.name} is neither."
        )
    plan_row = plan_named(session, plan)
    said = document(session, plan_row).ranking
    rules = Rules(tuple((one.id, one.at_least) for one in said.classes), frozenset(said.unranked))
    names = {**RANKING_CLASS, **{one.id: one.title for one in said.classes}}
    found = ranking(list(_standings(session, viewer, plan_row, now)), rules)
    return [Class(code, names[code], rows) for code, rows in found.items()]


def _standings(session: Session, viewer: Viewer, plan: Plan, now: datetime) -> Iterator[Standing]:
    today = clock_day(plan, now)
    late_pairs = overdue(session, plan, now)
    annulled = _annulled_items(session, plan)
    obligations, due, late = Counter[int](), Counter[int](), Counter[int]()
    owing: set[int] = set()
    provides: set[int] = set()
    query = (
        select(Obligation, Item.kind)
        .join(Item, col(Item.id) == Obligation.item_id)
        .where(Obligation.plan_id == plan.id, col(Obligation.state).not_in(NOT_COUNTED))
    )
    for owed, kind in session.exec(query):
        owing.add(owed.unit_id)
        if owed.role == "data_provider":
            provides.add(owed.unit_id)
        elif kind not in STANDING:
            obligations[owed.unit_id] += 1
            if (owed.unit_id, owed.item_id, owed.due_on) in annulled:
                continue
            # A date before activation is backfill; without one nothing falls due.
            if owed.due_on and owed.due_on >= plan.active_from:
                is_due = owed.due_on < today
                due[owed.unit_id] += is_due
                # What was claimed early may lack evidence: it counts once it is due.
                late[owed.unit_id] += is_due and (owed.unit_id, owed.item_id) in late_pairs
    assert plan.id is not None
    clock = report_clock(session, plan.id, now)
    requested, on_time = _figures(session, plan, clock)
    asked, answered = _answers(session, plan, clock)
    for unit in session.exec(select(Unit).where(Unit.plan_id == plan.id).order_by(col(Unit.id))):
        assert unit.id is not None
        if unit.id in owing and viewer.sees(unit.id):
            yield Standing(
                unit=unit.short,
                relation=unit.relation or "",
                obligations=obligations[unit.id],
                due=due[unit.id],
                late=late[unit.id],
                asked=asked[unit.id],
                answered=answered[unit.id],
                provides_data=unit.id in provides,
                requested=requested[unit.id],
                on_time=on_time[unit.id],
            )


def _annulled_items(session: Session, plan: Plan) -> set[tuple[int, int, date | None]]:
    """Unit, item and due date of lateness that counts for nothing: all its cases were annulled (DOMAIN 5).

    Past another due date, as after an extension, the item is late anew.
    """
    said = (col(Case.unit_id), col(Case.item_id), col(Case.due_on))
    found = (
        select(*said)
        .where(Case.plan_id == plan.id, Case.item_id != 0)
        .group_by(*said)
        .having(func.count(col(Case.annulled_on)) == func.count())
    )
    return {(unit, item, due_on) for unit, item, due_on in session.exec(found)}


def _due(plan: Plan, now: datetime) -> SelectOfScalar[int]:
    """The unit of each entry whose request was sent and whose due time has passed.

    A round that could not be sent requests nothing; a silence annulled as an error is out of the ranking, and
    so is what a unit said unasked.
    """
    return (
        select(Entry.unit_id)
        .join(
            Request,
            (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id),
        )
        .join(
            Obligation,
            (col(Obligation.plan_id) == Request.plan_id)
            & (col(Obligation.unit_id) == Entry.unit_id)
            & (col(Obligation.item_id) == Entry.item_id),
        )
        .where(
            Request.plan_id == plan.id,
            col(Request.sent_at).is_not(None),
            col(Request.due_at) < now,
            Request.state != "backfill",
            col(Entry.volunteered_on).is_(None),
            not_(ANNULLED_SILENCE),
        )
    )


def _answers(session: Session, plan: Plan, now: datetime) -> tuple[Counter[int], Counter[int]]:
    """Answers owed on duties and veto declarations whose due time has passed, and those given by then.

    What was set aside unanswered is neither.
    """
    asked = (
        _due(plan, now)
        .join(Item, col(Item.id) == Entry.item_id)
        .where(col(Item.kind).in_(STANDING), col(Obligation.role).in_(TASK_ROLES))
        .where(or_(col(Entry.state) != "accepted", col(Entry.on_time).is_not(None)))
    )
    on_time = asked.where(col(Entry.on_time).is_(True))
    return Counter(session.exec(asked)), Counter(session.exec(on_time))


def _figures(session: Session, plan: Plan, now: datetime) -> tuple[Counter[int], Counter[int]]:
    """Figures requested of data providers whose due time has passed, and those given by then, per unit.

    A figure is a value, not an answer without one. What was recalled is as if never given.
    """
    asked = _due(plan, now).where(Obligation.role == "data_provider")
    back, between = aliased(Report), aliased(Report)
    returned_before = exists().where(
        _same_entry(between),
        col(between.action) == "return",
        col(between.id).between(col(Report.id), col(back.id)),
    )
    recalled = exists().where(
        _same_entry(back), col(back.action) == "recall", col(back.id) > col(Report.id), ~returned_before
    )
    given = exists().where(
        col(Report.unit_id) == Entry.unit_id,
        col(Report.item_id) == Entry.item_id,
        col(Report.round_id) == Entry.round_id,
        col(Report.action) == "submit",
        col(Figure.report_id) == Report.id,
        col(Report.at) <= Request.due_at,
        ~recalled,
    )
    return Counter(session.exec(asked)), Counter(session.exec(asked.where(given)))


def _same_entry(other: type[Report]) -> ColumnElement[bool]:
    """Acts on the entry that a report is about."""
    return and_(
        col(other.unit_id) == Report.unit_id,
        col(other.item_id) == Report.item_id,
        col(other.round_id) == Report.round_id,
    )
