"""Where the phases of a plan stand, and which milestones are asked about because of it (DOMAIN 3.3, 7).

One phase is open at a time. What lay before the activation is recorded afterwards (`before`); a phase that
outlives its end stays the one in force until it is closed, and its milestones are asked about until then.
"""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from eco_workflow.domain.errors import Refused
from eco_workflow.plans import schema
from eco_workflow.services.find import document
from eco_workflow.store.tables import Award, Item, Obligation, PhaseStanding, Plan

UNASKED = "never"
"""The rhythm of a milestone that no round asks about."""


def begin(session: Session, plan: Plan) -> None:
    """Writes the phases of a plan that is being activated, and asks about the milestones of the open one."""
    assert plan.id is not None
    for phase in document(session, plan).phases:
        is_open = phase.start <= plan.active_from <= phase.end
        state = "open" if is_open else "planned" if phase.start > plan.active_from else "before"
        opened_on = plan.active_from if is_open else None
        session.add(PhaseStanding(plan_id=plan.id, phase=phase.id, state=state, opened_on=opened_on))
    session.flush()
    ask_about_milestones(session, plan)


def follow_document(session: Session, plan: Plan) -> None:
    """A new version may have further phases or milestones: they are asked about in their turn."""
    assert plan.id is not None
    known = {row.phase for row in standing(session, plan)}
    for phase in document(session, plan).phases:
        if phase.id not in known:
            session.add(PhaseStanding(plan_id=plan.id, phase=phase.id, state="planned"))
    session.flush()
    ask_about_milestones(session, plan)


def standing(session: Session, plan: Plan, *, lock: bool = False) -> Sequence[PhaseStanding]:
    """Every phase, in order; `lock`: held until the end of the transaction, so that two cannot close one."""
    rows = select(PhaseStanding).where(PhaseStanding.plan_id == plan.id).order_by(col(PhaseStanding.phase))
    return session.exec(rows.with_for_update() if lock else rows).all()


def hold(session: Session, plan: Plan) -> None:
    """No phase is closed before the end of the transaction: what is declared in it holds the gate. Whoever
    closes one is waited for; then what is declared came later.
    """
    rows = select(PhaseStanding.phase).where(PhaseStanding.plan_id == plan.id)
    session.exec(rows.order_by(col(PhaseStanding.phase)).with_for_update(read=True)).all()


def in_force(session: Session, plan: Plan) -> schema.Phase | None:
    """The phase that is open; None once the last one is closed."""
    number = session.exec(
        select(PhaseStanding.phase).where(PhaseStanding.plan_id == plan.id, PhaseStanding.state == "open")
    ).first()
    return next((phase for phase in document(session, plan).phases if phase.id == number), None)


def open_next(session: Session, plan: Plan, rows: Sequence[PhaseStanding], today: date) -> int | None:
    """Opens the phase behind the one that was closed last; None where there is none."""
    planned = next((row for row in rows if row.state == "planned"), None)
    if any(row.state == "open" for row in rows):
        raise Refused("A phase is open; one follows the other.")
    if planned is None:
        return None
    planned.state, planned.opened_on = "open", today
    session.flush()
    ask_about_milestones(session, plan)
    for owed in session.exec(_milestones_of(session, plan, planned.phase)):
        if owed.asked_from is not None:  # a phase that opens early asks at once
            owed.asked_from = min(owed.asked_from, today)
    session.flush()
    return planned.phase


def ask_about_milestones(session: Session, plan: Plan) -> None:
    """Rounds ask about the milestones of the open phase, and about what was left open when one closed. Of
    what lay before the activation, the rounds that are recorded afterwards did.
    """
    read = document(session, plan)
    states = {row.phase: row.state for row in standing(session, plan)}
    awarded = session.get(Award, plan.id) is not None
    phases = {milestone.id: (phase, milestone) for phase in read.phases for milestone in phase.milestones}
    owing = session.exec(
        select(Obligation, Item.code)
        .join(Item, col(Item.id) == Obligation.item_id)
        .where(Obligation.plan_id == plan.id, Item.kind == "milestone")
    ).all()
    for owed, code in owing:
        if code not in phases:
            continue  # it outlives the version that named it
        phase, milestone = phases[code]
        state = states[phase.id]
        waits = state == "planned" or (milestone.opens == "award" and not awarded)
        owed.rhythm = UNASKED if waits else read.rhythms.milestone
        # What a leader passed over is asked about until it is done, however late its phase was closed.
        owed.asked_until = phase.end if state == "before" else None
    session.flush()


def _milestones_of(session: Session, plan: Plan, number: int) -> SelectOfScalar[Obligation]:
    """Who owes the milestones of a phase."""
    read = document(session, plan)
    codes = [milestone.id for phase in read.phases if phase.id == number for milestone in phase.milestones]
    return (
        select(Obligation)
        .join(Item, col(Item.id) == Obligation.item_id)
        .where(Obligation.plan_id == plan.id, col(Item.code).in_(codes))
    )
