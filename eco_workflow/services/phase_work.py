"""What a phase does by itself, once a day (DOMAIN 7): task sheets, the alarm when it outlives its end, and in
consolidation the wish for current figures.

Everything is keyed by what it is about: the same day again, or a day late, changes nothing more than is due.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args

from pydantic import ValidationError
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.current_figures import current_year
from eco_workflow.domain.errors import EcoError, Unavailable, in_a_line
from eco_workflow.domain.gates import Gate
from eco_workflow.plans import schema
from eco_workflow.services import phases, task_sheets
from eco_workflow.services.calendar import held_days
from eco_workflow.services.doubt import to_doubt
from eco_workflow.services.figure_ages import figure_ages
from eco_workflow.services.find import document, plan_named
from eco_workflow.services.gate import gate_of
from eco_workflow.services.notices import tell_at_once, tell_once
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Item, Obligation, PhaseStanding, Plan, Unit

CONSOLIDATION = "consolidation"
KEYS: tuple[str, ...] = get_args(schema.Phase.model_fields["key"].annotation)


@dataclass(frozen=True)
class Worked:
    """What a plan's phase came to on a day."""

    plan: str
    phase: int
    title: str
    state: str
    """Of the phase: `open`, `planned`, `closed` or `before`."""
    gate: Gate
    sheets: int
    """Units whose task sheet was written down today."""
    outlived: bool
    """Whether it is open past its end: office and supervision office are told, once."""
    held_since: date | None
    """Since when the plan is held: then the phase is looked at, and nothing is written down or told."""
    doubted: str | None
    """Why the date is not believed: then, too, nothing is written down or told."""
    wanted: int
    """Indicators of which a current figure was asked for today."""


def keys_in_force(database: Database, now: datetime) -> list[str]:
    """The keys of the phases that are in force in the plans that run, in the order of the phases.

    Of a plan whose document cannot be read any may be: `work` says of each what is broken.
    """
    found: set[tuple[int, str]] = set()
    with database.read() as session:
        for plan in _running(session, shanghai_date(now), None):
            try:
                phase = phases.in_force(session, plan)
            except ValidationError:
                return list(KEYS)
            if phase is not None:
                found.add((phase.id, phase.key))
    return list(dict.fromkeys(key for _, key in sorted(found)))


class PlansBroken(EcoError):
    """Plans whose rows could not be looked at; what came of the others is done, and in `worked`."""

    def __init__(self, broken: dict[str, str], worked: list[Worked]) -> None:
        self.broken = broken
        self.worked = worked
        super().__init__("; ".join(f"{code} is broken: {why}" for code, why in broken.items()))


def work(database: Database, now: datetime, key: str, *, only: str | None = None) -> list[Worked]:
    """Looks at the phase of that key in every plan that runs, and does its day's work where it is in force.

    Again on the same day nothing new is written, and nothing at all while the plan is held. A broken plan
    does not stop the others: raises `PlansBroken` after them. Raises `WrongInput` for a plan that is not
    here.
    """
    today = shanghai_date(now)
    with database.read() as session:
        if only is not None:
            plan_named(session, only)
        plans = [(plan.id or 0, plan.code) for plan in _running(session, today, only)]
    found: list[Worked] = []
    broken: dict[str, str] = {}
    for plan_id, code in plans:
        try:
            worked = _work(database, plan_id, key, today)
        except Unavailable:
            raise
        except Exception as error:  # whatever a plan's rows provoke must not hold up the others
            broken[code] = in_a_line(error)
        else:
            found += [worked] if worked else []
    if broken:
        raise PlansBroken(broken, found)
    return found


def _running(session: Session, today: date, only: str | None) -> list[Plan]:
    """Not a plan that has not begun, nor one that has ended with all its phases closed."""
    goes_on = select(PhaseStanding.plan_id).where(PhaseStanding.state == "open")
    rows = select(Plan).where(
        Plan.active_from <= today,
        (col(Plan.ends_on) >= today) | col(Plan.id).in_(goes_on),
    )
    if only is not None:
        rows = rows.where(Plan.code == only)
    return list(session.exec(rows.order_by(col(Plan.id))))


def _work(database: Database, plan_id: int, key: str, today: date) -> Worked | None:
    with database.write() as session:
        plan = session.get_one(Plan, plan_id)
        phase = next((one for one in document(session, plan).phases if one.key == key), None)
        if phase is None:
            return None
        rows = {row.phase: row for row in phases.standing(session, plan, lock=True)}
        row = rows[phase.id]
        is_open = row.state == "open"
        doubted = None
        if is_open and plan.held_since is None:
            opened_on = row.opened_on or plan.active_from
            doubted = to_doubt(plan, today, held_days(session, today, plan.id), opened_on=opened_on)
        # After the plan's last day nobody is asked for anything more; what is open still is alarmed.
        acts = is_open and plan.held_since is None and not doubted
        asks = acts and today <= plan.ends_on
        sheets = task_sheets.write_down(session, plan, today) if asks else 0
        gate = gate_of(session, plan, phase.id, today)
        outlived = is_open and phase.end < today
        if outlived and acts:
            _alarm(session, plan, phase, gate, today)
        wanted = _want_figures(session, plan, today) if asks and key == CONSOLIDATION else 0
        return Worked(
            plan=plan.code,
            phase=phase.id,
            title=phase.title,
            state=row.state,
            gate=gate,
            sheets=sheets,
            outlived=outlived,
            held_since=plan.held_since,
            doubted=doubted,
            wanted=wanted,
        )


def _alarm(session: Session, plan: Plan, phase: schema.Phase, gate: Gate, today: date) -> None:
    facts = {"phase": phase.title, "ended_on": phase.end, "lacking": len(gate.reasons)}
    for unit_id in {plan.office_unit_id, plan.supervision_unit_id}:
        key = f"phase_outlived:{plan.id}:{phase.id}:{unit_id}"
        # Each morning again until it has left: after the plan's last day no run takes it along.
        tell = tell_at_once if today > plan.ends_on else tell_once
        tell(session, plan, unit_id, "phase_outlived", key, on=today, facts=facts)


def _want_figures(session: Session, plan: Plan, today: date) -> int:
    """Asks who answers for an indicator for a current figure, once a year; how many indicators were new."""
    year = current_year(today)
    new = 0
    for aged in figure_ages(session, plan):
        wanted = aged.wanted(year)
        if not wanted:
            continue
        owing = session.exec(
            select(Obligation.unit_id, Obligation.item_id)
            .join(Item, col(Item.id) == Obligation.item_id)
            .join(Unit, col(Unit.id) == Obligation.unit_id)
            .where(Obligation.plan_id == plan.id, Item.code == aged.code)
            .where(Obligation.state != "not_applicable", col(Unit.successor_id).is_(None))
            .order_by(col(Obligation.unit_id))
        ).all()
        facts = {"year": year, "value": "、".join(one.words for one in wanted)}
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
