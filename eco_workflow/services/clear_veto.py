"""A leader clears a confirmed veto item with a document; never one of the host bureau (DOMAIN 7)."""

from dataclasses import dataclass
from datetime import date, datetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services import standing
from eco_workflow.services.declarations import linked_to
from eco_workflow.services.find import holder_of
from eco_workflow.services.notices import acted, tell_at_once
from eco_workflow.services.veto_named import veto_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database


@dataclass(frozen=True)
class Cleared:
    """A veto item that holds nothing up any more, and the document that says so."""

    item: str
    unit: str
    declared_on: date
    cleared_on: date
    document: str
    told_at_once: bool = False
    """A message about it waits to be handed over at once."""


def clear(
    database: Database,
    item: str,
    unit: str,
    document: str,
    *,
    declared: date | None = None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Cleared:
    """Clears what was confirmed; the unit and both offices hear at once.

    Raises `WrongInput` where the document is not named, for an item that is no veto item, or where it is not
    clear which declaration is meant; `Refused` where none is confirmed, or for who is no leader or is one of
    the office or its host bureau.
    """
    document = bounded(document, "--document")
    if not document:
        raise WrongInput("Clearing a veto item needs --document: the paper's name, number and date.")
    with database.write() as session:
        found = veto_named(session, plan, item, unit, state="confirmed", declared=declared, now=now)
        by.must(Action.CLEAR_VETO)
        event, today = found.event, shanghai_date(now)
        if event.decided_on is not None and today < event.decided_on:
            raise WrongInput(f"{found.name} was confirmed on {event.decided_on}, a later day. Correct --now.")
        event.state, event.cleared_on, event.cleared_by, event.document = "cleared", today, by.name, document
        session.flush()
        standing.refresh(session, found.plan, linked_to(session, found.plan, found.item), now, actor=by.name)
        owes = holder_of(session, found.unit, event.item_id).id or 0
        offices = found.plan.office_unit_id, found.plan.supervision_unit_id
        facts = {
            "unit": event.unit_id,
            "item": event.item_id,
            "veto": event.id,
            "by": acted(session, found.plan, by.name),
            "document": document,
        }
        told = False
        for unit_id, role in dict.fromkeys(
            [(owes, "liaison"), (owes, "leader"), *((office, "liaison") for office in offices)]
        ):
            key = f"veto_cleared:{event.id}:{unit_id}:{role}"
            told |= tell_at_once(
                session, found.plan, unit_id, "veto_cleared", key, on=today, role=role, facts=facts
            )
        detail = {
            "unit": found.unit.code, "item": found.item.code, "declared_on": event.declared_on,
            "document": document,
        }  # fmt: skip
        audit.record(session, {event.plan_id: detail}, at=now, actor=by.name, action="veto_clear")
        return Cleared(found.item.code, found.unit.short, event.declared_on, today, document, told)
