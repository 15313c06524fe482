"""From an item, a unit and a day to the one declared occurrence that is meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services.find import check_day_to_close, item_named, merged_in, plan_named, unit_named
from eco_workflow.services.vetoes import events_of
from eco_workflow.store.tables import Item, Plan, Unit, VetoEvent


@dataclass(frozen=True)
class VetoPlace:
    """A declared occurrence with all that belongs to it; it is held until the end of the transaction."""

    plan: Plan
    unit: Unit
    """Who declared it, also where that unit was merged since."""
    item: Item
    event: VetoEvent

    @property
    def name(self) -> str:
        """As a message to the operator names it."""
        return f"{self.item.code} of {self.unit.short}"


def veto_named(
    session: Session,
    plan_code: str | None,
    item_code: str,
    unit_text: str,
    *,
    state: str,
    declared: date | None,
    now: datetime,
) -> VetoPlace:
    """The occurrence in that state that a unit declared of an item; where it declared none itself, a unit
    that was merged into it. An act given twice does not go on from the one to the other.

    Raises `WrongInput` for what is no veto item, a `now` outside the plan, and where `declared` has to say
    which of several is meant; `Refused` where none is in that state.
    """
    plan = plan_named(session, plan_code)
    unit, item = unit_named(session, plan, unit_text), item_named(session, plan, item_code)
    if item.kind != "veto":
        raise WrongInput(f"{item.code} is no veto item; what occurred is declared of those alone.")
    check_day_to_close(session, plan, now)
    found = events_of(session, item.plan_id, item.id or 0, merged_in(session, unit.id or 0))
    if declared is not None:
        found = [event for event in found if event.declared_on == declared]
    own = [event for event in found if event.unit_id == unit.id] or found
    wanted = [event for event in own if event.state == state]
    if len(wanted) > 1:
        raise WrongInput(_which(session, wanted, item, unit))
    if not wanted:
        others = [event for event in found if event.state == state]
        declarer = session.get_one(Unit, own[-1].unit_id) if own else unit
        raise Refused(_why_not(own, item, declarer, declared) + _of_others(session, others, unit))
    event = wanted[0]
    return VetoPlace(plan, session.get_one(Unit, event.unit_id), item, event)


def _which(session: Session, wanted: Sequence[VetoEvent], item: Item, unit: Unit) -> str:
    """What has to be said of several: the day, or the former unit where those of several are meant."""
    by = {event.unit_id: session.get_one(Unit, event.unit_id).short for event in wanted}
    if len(by) == 1:
        days = ", ".join(str(event.declared_on) for event in wanted)
        return f"{unit.short} declared {item.code} on several days: {days}. Say which with --declared."
    declared = ", ".join(f"{by[event.unit_id]} on {event.declared_on}" for event in wanted)
    is_day_enough = len({event.declared_on for event in wanted}) == len(wanted)
    or_day = ", or its day with --declared" if is_day_enough else ""
    return (
        f"Units that were merged into {unit.short} declared {item.code}: {declared}. "
        f"Name the unit that declared it{or_day}."
    )


def _of_others(session: Session, others: Sequence[VetoEvent], unit: Unit) -> str:
    """The units merged into this one whose declarations could be meant, and how."""
    names = sorted({session.get_one(Unit, event.unit_id).short for event in others})
    if not names:
        return ""
    declared = f"That of {names[0]}" if len(names) == 1 else f"Those of {' and '.join(names)}"
    return f" {declared}, merged into {unit.short}, can be meant: name the unit that declared it."


def _why_not(found: Sequence[VetoEvent], item: Item, unit: Unit, declared: date | None) -> str:
    """What stands instead, and what can be done about it."""
    name, which = f"{item.code} of {unit.short}", f"{item.code} {unit.short}"
    if not found:
        when = f" on {declared}" if declared else ""
        return f"{unit.short} has not declared an occurrence of {item.code}{when}. See: eco veto list --all"
    last = found[-1]
    decided = f"on {last.decided_on} by {last.decided_by}"
    then = f"A leader clears it: eco veto clear {which} --document …"
    return {
        "pending": f"{name} is not confirmed yet. Confirm it first: eco veto confirm {which} --reason …",
        "confirmed": f"{name} was confirmed {decided}. {then}",
        "error": f"{name} was marked an error {decided}.",
        "cleared": f"{name} was cleared on {last.cleared_on} by {last.cleared_by}.",
        "recalled": f"{name} was taken back.",
    }[last.state]
