"""Who is late, in an overview: units that are silent, items, and the office itself (DOMAIN 4, 5)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from eco_workflow.domain.answers import OWED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import PAPER
from eco_workflow.domain.messages import Telling
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import clock_day
from eco_workflow.services.overdue import REPORT, days_late, overdue
from eco_workflow.services.present_rung import why_untold
from eco_workflow.services.silent_rounds import silent_rounds
from eco_workflow.services.since import silent_since
from eco_workflow.services.still_late import waits_for_newer
from eco_workflow.services.tellings import tellings
from eco_workflow.services.waiting import Waiting, late_reviews
from eco_workflow.store.tables import Case, Entry, Item, Obligation, Paper, Plan, Request, Unit


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
class PastDue:
    """A unit that is late by the predicate with something for which the next run will open its case."""

    unit: str
    silent: bool
    """Whether it let the due time of its answers pass."""
    items: tuple[str, ...]
    """Codes of items that are late."""


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
    """The open cases of items, worst first; one whose item is suspended rests, and nobody is late with it."""
    rows = session.exec(
        select(Case, Unit, Item)
        .join(Unit, col(Unit.id) == Case.unit_id)
        .join(Item, col(Item.id) == Case.item_id)
        .join(
            Obligation,
            (col(Obligation.unit_id) == Case.unit_id) & (col(Obligation.item_id) == Case.item_id),
            isouter=True,
        )
        .where(Case.plan_id == plan.id, col(Case.closed_on).is_(None))
        .where(or_(col(Obligation.state).is_(None), Obligation.state != "suspended"))
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


def past_due(session: Session, plan: Plan, viewer: Viewer, now: datetime) -> list[PastDue]:
    """Who is late since the last run, and on no rung yet: by the predicate of lights, lists and runs."""
    cases = select(Case.unit_id, Case.item_id).where(Case.plan_id == plan.id, col(Case.closed_on).is_(None))
    late = overdue(session, plan, now).difference(session.exec(cases.where(Case.clock != "review")).all())
    units = select(Unit).where(col(Unit.id).in_({unit_id for unit_id, _ in late})).order_by(col(Unit.id))
    items = session.exec(select(Item).where(col(Item.id).in_({item_id for _, item_id in late})))
    codes = {item.id: item.code for item in items}
    return [
        PastDue(
            unit=unit.short,
            silent=(unit.id, REPORT) in late,
            items=tuple(sorted(codes[item] for owes, item in late if owes == unit.id and item != REPORT)),
        )
        for unit in session.exec(units)
        if viewer.sees(unit.id or 0)
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
