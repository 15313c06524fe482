"""What a phase does by itself, once a day (DOMAIN 7): task sheets, the alarm when it outlives its end, and in
consolidation the wish for current figures.

Everything is keyed by what it is about: the same day again, or a day late, changes nothing more than is due.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.gates import Gate
from eco_workflow.plans import schema
from eco_workflow.services import phases, task_sheets
from eco_workflow.services.gate import AGED_OUT, gate_of, judged_all
from eco_workflow.services.notices import tell_once
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Item, Obligation, Plan, Unit

CONSOLIDATION = "consolidation"


@dataclass(frozen=True)
class Worked:
    """What a plan's phase came to on a day."""

    plan: str
    phase: int | None
    """The one in force; None once the last one is closed."""
    key: str
    title: str
    gate: Gate
    sheets: int = 0
    """Task sheets that were written down today."""
    outlived: bool = False
    """Whether its end has passed: office and supervision office are told, once."""
    wanted: int = 0
    """Indicators of which a current figure was asked for today."""


def work(database: Database, now: datetime, *, only: str | None = None) -> list[Worked]:
    """Does the day's work of the phase in force, of every plan that runs; again nothing new."""
    today = shanghai_date(now)
    with database.read() as session:
        plans = session.exec(
            select(Plan.id)
            .where(Plan.active_from <= today, Plan.ends_on >= today, col(Plan.held_since).is_(None))
            .where(col(Plan.code) == only if only else col(Plan.id) > 0)
            .order_by(col(Plan.id))
        ).all()
    return [_work(database, plan_id or 0, today) for plan_id in plans]


def _work(database: Database, plan_id: int, today: date) -> Worked:
    with database.write() as session:
        plan = session.get_one(Plan, plan_id)
        phase = phases.in_force(session, plan)
        sheets = task_sheets.write_down(session, plan, today)
        if phase is None:
            return Worked(plan.code, None, "", "", Gate(()), sheets)
        gate = gate_of(session, plan, phase.id, today)
        outlived = phase.end < today
        if outlived:
            _alarm(session, plan, phase, gate, today)
        wanted = _want_figures(session, plan, today) if phase.key == CONSOLIDATION else 0
        return Worked(plan.code, phase.id, phase.key, phase.title, gate, sheets, outlived, wanted)


def _alarm(session: Session, plan: Plan, phase: schema.Phase, gate: Gate, today: date) -> None:
    facts = {"phase": phase.title, "ended_on": phase.end, "lacking": len(gate.reasons)}
    for unit_id in {plan.office_unit_id, plan.supervision_unit_id}:
        key = f"phase_outlived:{plan.id}:{phase.id}:{unit_id}"
        tell_once(session, plan, unit_id, "phase_outlived", key, on=today, facts=facts)


def _want_figures(session: Session, plan: Plan, today: date) -> int:
    """Asks who answers for an indicator for a current figure, once a year; how many indicators were new."""
    year = today.year - AGED_OUT
    new = 0
    for judged in judged_all(session, plan, today):
        if not judged.outdated:
            continue
        owing = session.exec(
            select(Obligation.unit_id, Obligation.item_id)
            .join(Item, col(Item.id) == Obligation.item_id)
            .join(Unit, col(Unit.id) == Obligation.unit_id)
            .where(Obligation.plan_id == plan.id, Item.code == judged.code)
            .where(Obligation.state != "not_applicable", col(Unit.successor_id).is_(None))
            .order_by(col(Obligation.unit_id))
        ).all()
        facts = {"year": year, "value": "、".join(judged.outdated)}
        written = [
            tell_once(
                session,
                plan,
                unit_id,
                "value_wanted",
                f"value_wanted:{item_id}:{unit_id}:{year}",
                on=today,
                facts={"item": item_id, **facts},
            )
            for unit_id, item_id in owing
        ]
        new += any(written)
    return new
