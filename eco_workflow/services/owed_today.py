"""Who owes today what a document says, which may name units that were merged away or split (DOMAIN 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from eco_workflow.domain.overdue import owes_more
from eco_workflow.plans import schema
from eco_workflow.services.find import holder_of, successor_of
from eco_workflow.services.load_plan import Owed, owed_in
from eco_workflow.store.tables import HandedOver, Item, Unit


@dataclass(frozen=True)
class Successors:
    """Who stands in the place of whom, by code."""

    units: Mapping[str, str]
    """Each merged unit → the unit which owes today what it owed."""
    items: Mapping[tuple[str, str], str]
    """A unit and an item that it handed over → the unit which owes it today."""

    def owing(self, unit: str, item: str) -> str:
        """The code of the unit that owes today what a document says of this one."""
        return self.items.get((unit, item)) or self.units.get(unit, unit)


def successors(session: Session, plan_id: int) -> Successors:
    """What mergers and splits of a plan's units made of them."""
    merged = select(Unit).where(Unit.plan_id == plan_id, col(Unit.successor_id).is_not(None))
    handed = (
        select(Unit, Item)
        .join(HandedOver, col(HandedOver.unit_id) == Unit.id)
        .join(Item, col(Item.id) == HandedOver.item_id)
        .where(HandedOver.plan_id == plan_id)
    )
    return Successors(
        units={unit.code: successor_of(session, unit).code for unit in session.exec(merged).all()},
        items={
            (unit.code, item.code): holder_of(session, unit, item.id or 0).code
            for unit, item in session.exec(handed).all()
        },
    )


def owed_today(plan: schema.Plan, now: Successors) -> dict[tuple[str, str], Owed]:
    """Unit and item → what is owed. As in a merger, what the successor owes by itself stands, unless the
    other owed more.
    """
    owed = {(one.unit, one.item): one for one in owed_in(plan) if now.owing(one.unit, one.item) == one.unit}
    for one in owed_in(plan):
        unit = now.owing(one.unit, one.item)
        if unit != one.unit:
            own = owed.get((unit, one.item))
            if own is None or owes_more(one.role, own.role):
                owed[unit, one.item] = replace(one, unit=unit)
    return owed
