"""What waits on an external milestone gets its due date when that is closed out (DOMAIN 2, time)."""

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.services.find import document
from eco_workflow.store.tables import Item, Obligation, Plan

PASSED = ("closed", "not_applicable")


def waits_on(session: Session, plan: Plan, code: str) -> list[str]:
    """The external milestones that an item waits on still, by code."""
    milestones = [m for phase in document(session, plan).phases for m in phase.milestones]
    return [
        awaited
        for milestone in milestones
        if milestone.id == code
        for awaited in milestone.waits_on
        if any(owed.state not in PASSED for owed in session.exec(owing(plan, awaited)))
    ]


def set_due(session: Session, plan: Plan, closed: Item, now: datetime) -> None:
    """Once all that a milestone waits on is closed: due at its phase's end, or that of the one in force."""
    read = document(session, plan)
    in_force = read.phase_on(shanghai_date(now))
    for phase in read.phases:
        for milestone in phase.milestones:
            if closed.code in milestone.waits_on and not waits_on(session, plan, milestone.id):
                due_on = max(phase.end, in_force.end) if in_force else phase.end
                for owed in session.exec(owing(plan, milestone.id)).all():
                    if owed.due_on is None:
                        owed.due_on = due_on


def owing(plan: Plan, code: str) -> SelectOfScalar[Obligation]:
    """Who owes the item of that code."""
    return (
        select(Obligation)
        .join(Item, col(Item.id) == Obligation.item_id)
        .where(Obligation.plan_id == plan.id, Item.code == code)
    )
