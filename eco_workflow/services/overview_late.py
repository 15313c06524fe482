"""Who is late, in an overview: units that are silent, items, and the office itself (DOMAIN 4, 5)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import PAPER
from eco_workflow.domain.messages import Telling
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import clock_day
from eco_workflow.services.overdue import days_late
from eco_workflow.services.present_rung import why_untold
from eco_workflow.services.silent_rounds import silent_rounds
from eco_workflow.services.since import silent_since
from eco_workflow.services.still_late import waits_for_newer
from eco_workflow.services.tellings import tellings
from eco_workflow.services.waiting import Waiting, late_reviews
from eco_workflow.store.tables import Case, Entry, Item, Paper, Plan, Request, Unit


@dataclass(frozen=True)
class LateUnit:
    """An open case: since when, on which rung, who was told; `waiting` says why it does not climb."""

    unit: str
    rung: int
    days_late: int
    silent_rounds: int
    owes: int
    told: tuple[Telling, ...]
    file: str
    waiting: str


@dataclass(frozen=True)
class LateItem:
    """An open case of a single item: the clock that ran out, since when, on which rung, who was told."""

    unit: str
    item: str
    clock: str
    due_on: date | None
    days_late: int
    rung: int
    told: tuple[Telling, ...]
    waiting: str


@dataclass(frozen=True)
class LateOffice:
    """The office's open case over what waits for its decision: on which rung, what waits, who was told."""

    unit: str
    rung: int
    waits: tuple[Waiting, ...]
    told: tuple[Telling, ...]
    waiting: str


def late_units(
    session: Session, plan: Plan, viewer: Viewer, now: datetime, days: WorkingDays
) -> list[LateUnit]:
    rows = session.exec(
        select(Case, Unit)
        .join(Unit, col(Unit.id) == Case.unit_id)
        .where(Case.plan_id == plan.id, Case.clock == "report", col(Case.closed_on).is_(None))
        .order_by(col(Case.rung).desc(), col(Case.opened_on), col(Unit.id))
    ).all()
    rows = [row for row in rows if viewer.sees(row[0].unit_id)]
    told = tellings(session, [case for case, _ in rows])
    since = silent_since(session, [case for case, _ in rows])
    late = []
    for case, unit in rows:
        let_pass = since.get(case.id or 0)
        asked = session.exec(
            select(Request).where(Request.unit_id == case.unit_id, Request.state == "awaiting")
        ).all()
        owes = session.exec(
            select(func.count(func.distinct(Entry.item_id))).where(
                Entry.unit_id == case.unit_id,
                col(Entry.round_id).in_([request.round_id for request in asked] or [case.round_id]),
                col(Entry.state).in_(OWED),
            )
        ).one()
        file = session.exec(select(Paper).where(Paper.case_id == case.id, Paper.rung == case.rung)).first()
        late.append(
            LateUnit(
                unit=unit.short,
                rung=case.rung,
                days_late=days.waited(shanghai_date(let_pass), clock_day(plan, now)) if let_pass else 0,
                silent_rounds=len(silent_rounds(session, case)),
                owes=owes,
                told=tuple(told[case.id or 0]),
                file=f"{PAPER[file.kind]} ({file.state}) to {file.addressee}" if file else "",
                waiting=_waiting(session, plan, case, now),
            )
        )
    return late


def _waiting(session: Session, plan: Plan, case: Case, now: datetime) -> str:
    if plan.held_since is not None:
        return f"the plan is held since {plan.held_since}"
    if waits_for_newer(session, case, now):
        return "a newer request is not yet due"
    return why_untold(session, case)


def late_items(
    session: Session, plan: Plan, viewer: Viewer, today: date, days: WorkingDays
) -> list[LateItem]:
    rows = session.exec(
        select(Case, Unit, Item)
        .join(Unit, col(Unit.id) == Case.unit_id)
        .join(Item, col(Item.id) == Case.item_id)
        .where(Case.plan_id == plan.id, col(Case.closed_on).is_(None))
        .order_by(col(Case.rung).desc(), col(Case.due_on), col(Unit.id), col(Item.id))
    ).all()
    rows = [row for row in rows if viewer.sees(row[0].unit_id)]
    told = tellings(session, [case for case, _, _ in rows])
    return [
        LateItem(
            unit=unit.short,
            item=item.code,
            clock=case.clock,
            due_on=case.due_on,
            days_late=days_late(session, case, today, days),
            rung=case.rung,
            told=tuple(told[case.id or 0]),
            waiting=why_untold(session, case),
        )
        for case, unit, item in rows
    ]


def late_office(
    session: Session, plan: Plan, viewer: Viewer, today: date, days: WorkingDays
) -> list[LateOffice]:
    rows = session.exec(
        select(Case, Unit)
        .join(Unit, col(Unit.id) == Case.unit_id)
        .where(Case.plan_id == plan.id, Case.clock == "review", col(Case.closed_on).is_(None))
    ).all()
    return [
        LateOffice(
            unit=unit.short,
            rung=case.rung,
            waits=tuple(late_reviews(session, plan, today, days)),
            told=tuple(tellings(session, [case])[case.id or 0]),
            waiting=why_untold(session, case),
        )
        for case, unit in rows
        if viewer.sees(case.unit_id)
    ]
