"""A closed indicator that falls is open again, due in 20 working days (DOMAIN 7, M4.1)."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.evaluation import Evaluation
from eco_workflow.domain.figure_words import target_missed, value_of
from eco_workflow.domain.figures import Known
from eco_workflow.domain.targets import Target
from eco_workflow.services.calendar import calendar_of, published_in
from eco_workflow.services.notices import tell_once
from eco_workflow.store import audit
from eco_workflow.store.tables import Entry, Item, Obligation, Plan, Report, Unit

DAYS_TO_MEND = 20
"""Working days after the fall until it is due again."""


def reopen_fallen(
    session: Session,
    plan: Plan,
    item: Item,
    target: Target,
    known: dict[str, Known],
    found: Evaluation,
    *,
    now: datetime,
    actor: str,
) -> None:
    """Takes back the close-out of an indicator that has just become unmet, for all who had closed it.

    Its lead units are told. Where data providers alone are asked, they are asked again, and the office is
    told: a missed target is the office's there (DOMAIN 4). Nothing happens where nobody had closed it.
    """
    today = shanghai_date(now)
    closed = _closed(session, item)
    if not closed:
        return
    own = calendar_of(session, plan, published_in(session), today)
    due_on = min(own.after(today, DAYS_TO_MEND), plan.ends_on)
    unmet = [part for part in found.parts if part.verdict == "unmet"]
    facts = {
        "item": item.id,
        # Where no part is unmet, a veto item of the same event was confirmed: the reason names it.
        "value": "；".join(value_of(target, known, part) for part in unmet) or found.reason,
        "target": "；".join(target_missed(target, part) for part in unmet or found.parts),
        "due_on": due_on,
    }
    for owed in closed:
        owed.first_due_on = owed.first_due_on or owed.due_on
        owed.state, owed.due_on = "in_progress", due_on
        owed.clock_from = owed.asked_from = None
        if owed.taken_over_as is not None:  # what the unit before had claimed is open again with the rest
            owed.taken_over_as = "in_progress"
        remember(session, owed, "reopen", found.reason, now, actor)
        told = owed.unit_id if owed.role == "lead" else plan.office_unit_id
        key = f"reopened:{owed.item_id}:{told}:{today.isoformat()}"
        tell_once(session, plan, told, "reopened", key, on=today, facts=facts)
    units = session.exec(select(Unit.code).where(col(Unit.id).in_([owed.unit_id for owed in closed])))
    detail = {"item": item.code, "units": sorted(units), "due_on": due_on, "reason": found.reason}
    audit.record(session, {item.plan_id: detail}, at=now, actor=actor, action="indicator_reopen")


def _closed(session: Session, item: Item) -> list[Obligation]:
    """What is closed out of it: of its lead units, or of its data providers where it has none."""
    owing = session.exec(
        select(Obligation)
        .where(Obligation.plan_id == item.plan_id, Obligation.item_id == item.id)
        .where(col(Obligation.role).in_(("lead", "data_provider")), Obligation.state != "not_applicable")
        .order_by(col(Obligation.unit_id))
    ).all()
    wanted = [owed for owed in owing if owed.role == "lead"] or owing
    return [owed for owed in wanted if owed.state == "closed"]


def remember(session: Session, owed: Obligation, action: str, reason: str, now: datetime, actor: str) -> None:
    """A row in the history of the round that last asked the unit; what was never asked has none."""
    newest = session.exec(
        select(func.max(Entry.round_id)).where(Entry.unit_id == owed.unit_id, Entry.item_id == owed.item_id)
    ).one()
    if newest is not None:
        session.add(
            Report(
                plan_id=owed.plan_id,
                round_id=newest,
                unit_id=owed.unit_id,
                item_id=owed.item_id,
                action=action,
                reason=reason,
                actor=actor,
                at=now,
            )
        )
        session.flush()
