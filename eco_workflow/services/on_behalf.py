"""A unit confirms what the office recorded on its behalf (代填, DOMAIN 1)."""

from datetime import date, datetime

from eco_workflow.domain.errors import Refused
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.entry_acts import append
from eco_workflow.services.find_entry import entry_named
from eco_workflow.services.history import unconfirmed
from eco_workflow.services.progress import Recorded, recorded
from eco_workflow.store.session import Database


def confirm(
    database: Database,
    unit: str,
    item: str,
    *,
    now: datetime,
    by: Actor,
    plan: str | None = None,
    round_on: date | None = None,
) -> Recorded:
    """Appends the unit's word that the answer recorded on its behalf is its own; nothing else changes.

    Raises `Refused` where there is no such answer, or for anybody but the unit's own people.
    """
    with database.write() as session:
        place = entry_named(session, plan, unit, item, round_on, now)
        by.must(Action.ANSWER, unit=place.unit.code, called=place.unit.short, doing="confirming an answer")
        if unconfirmed(session, place) is None:
            raise Refused(
                f"{place.name} has no answer that was recorded on behalf of {place.unit.short} "
                f"and waits to be confirmed. See: eco report list {place.unit.short}"
            )
        append(session, place, "confirm", now=now, actor=by.name)
        session.flush()
        return recorded(session, place)
