"""Which units have a part in an item, and for which of them a person acts (DOMAIN 1, supporting units)."""

from itertools import chain

from sqlmodel import Session, col, select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.find import document, successor_of, unit_named
from eco_workflow.services.overdue import TASK_ROLES
from eco_workflow.store.tables import Item, Obligation, Plan, Unit


def unit_meant(
    session: Session, plan: Plan, item: Item, by: Actor, named: str | None, *, doing: str, which: str
) -> Unit:
    """The unit for which something is recorded on an item: a person's own; an operator's choice, or the one
    that leads it.

    Raises `WrongInput` where that is not clear (`which` asks for it), `Refused` for who may not be `doing`
    it, and for a unit that neither owes the item nor supports it.
    """
    given = unit_named(session, plan, named) if named is not None else None
    taking_part = _taking_part(session, plan, item)
    if not by.may(Action.RECORD_ON_BEHALF):
        if given is None and by.unit:
            given = unit_named(session, plan, by.unit)
        code, called = (given.code, given.short) if given else ("", "")
        by.must(Action.ANSWER, unit=code, called=called, doing=doing)
        assert given is not None  # only a unit's own people may answer
    elif given is None:
        own = [unit for unit in taking_part.values() if unit.code == by.unit]
        led = [session.get_one(Unit, unit_id) for unit_id in _leading(session, plan, item)]
        choice = own or led or list(taking_part.values())
        if len(choice) != 1:
            known = "、".join(unit.short for unit in choice)
            raise WrongInput(f"{which} Name it with --unit. {item.code}: {known}.")
        [given] = choice
    if given.id not in taking_part:
        known = "、".join(unit.short for unit in taking_part.values())
        raise Refused(f"{given.short} neither owes {item.code} nor supports it. Who does: {known}.")
    return given


def _leading(session: Session, plan: Plan, item: Item) -> list[int]:
    owed = select(Obligation.unit_id).where(Obligation.plan_id == plan.id, Obligation.item_id == item.id)
    owed = owed.where(col(Obligation.role).in_(TASK_ROLES), Obligation.state != "not_applicable")
    return list(session.exec(owed.order_by(col(Obligation.unit_id))))


def _taking_part(session: Session, plan: Plan, item: Item) -> dict[int, Unit]:
    """Who owes an item or its figures, then who supports it, groups unit by unit; by id."""
    owed = (
        select(Unit)
        .join(Obligation, col(Obligation.unit_id) == Unit.id)
        .where(Obligation.plan_id == plan.id, Obligation.item_id == item.id)
        .where(Obligation.state != "not_applicable")
    )
    found = {unit.id or 0: unit for unit in session.exec(owed.order_by(col(Unit.id)))}
    plan_document = document(session, plan)
    named = [one.supporting for one in plan_document.indicators if one.id == item.code]
    named += [one.supporting for one in plan_document.policies if one.id == item.code]
    codes = plan_document.expanded(chain.from_iterable(named))
    supporting = select(Unit).where(Unit.plan_id == plan.id, col(Unit.code).in_(codes))
    for row in session.exec(supporting.where(col(Unit.kind).in_(("unit", "office"))).order_by(col(Unit.id))):
        today = successor_of(session, row)
        found.setdefault(today.id or 0, today)
    return found
