"""Who owes today what a document says, which may still name units that were merged away (DOMAIN 5)."""

from collections.abc import Mapping
from dataclasses import replace

from sqlmodel import Session, col, select

from eco_workflow.plans import schema
from eco_workflow.services.find import successor_of
from eco_workflow.services.load_plan import Owed, owed_in
from eco_workflow.store.tables import Unit

Successors = Mapping[str, str]
"""Code of each merged unit → that of the unit which owes today what it owed."""


def successors(session: Session, plan_id: int) -> Successors:
    """The merged units of a plan, each with its last successor."""
    merged = select(Unit).where(Unit.plan_id == plan_id, col(Unit.successor_id).is_not(None))
    return {unit.code: successor_of(session, unit).code for unit in session.exec(merged).all()}


def owed_today(plan: schema.Plan, merged: Successors) -> dict[tuple[str, str], Owed]:
    """Unit and item → what is owed. As in a merger, what the successor owes by itself stands."""
    owed = {(one.unit, one.item): one for one in owed_in(plan) if one.unit not in merged}
    for one in owed_in(plan):
        if one.unit in merged:
            unit = merged[one.unit]
            owed.setdefault((unit, one.item), replace(one, unit=unit))
    return owed
