"""A declared veto item is confirmed, or marked an error (DOMAIN 7).

The office decides; of its own host bureau's declaration the supervision office does (DOMAIN 4).
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services import standing
from eco_workflow.services.declarations import linked_to
from eco_workflow.services.find import holder_of
from eco_workflow.services.find_entry import Place
from eco_workflow.services.history import shown_in
from eco_workflow.services.notices import acted, tell_at_once
from eco_workflow.services.people import leading_group
from eco_workflow.services.review import accept_in
from eco_workflow.services.veto_named import VetoPlace, veto_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Entry, Obligation, Report, Request, Round


@dataclass(frozen=True)
class Decided:
    """What was found of a declaration, with its `reason`."""

    item: str
    unit: str
    declared_on: date
    state: str
    """`confirmed` or `error`."""
    reason: str
    to: tuple[str, ...] = ()
    """The leaders who have an account, where it was confirmed: it reaches head and deputies on paper."""
    told_at_once: bool = False
    """A message about it waits to be handed over at once."""


def confirm(
    database: Database,
    item: str,
    unit: str,
    reason: str,
    *,
    declared: date | None = None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Decided:
    """Confirms that what a unit declared did occur: from now on only a leader's document clears it.

    The supervision office hears at once and brings it to the leaders; so does the unit. The answer that
    declared it is accepted with it. `declared`: the day of the declaration, where several wait.

    Raises `WrongInput` without a reason, for an item that is no veto item, or where it is not clear which
    declaration is meant; `Refused` where none waits, or this person may not.
    """
    return _decide(database, item, unit, reason, "confirmed", declared, now, by, plan)


def mark_error(
    database: Database,
    item: str,
    unit: str,
    reason: str,
    *,
    declared: date | None = None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Decided:
    """Marks what a unit declared as an error: it holds nothing up any more; the unit hears at once, and why.

    Raises what `confirm` raises.
    """
    return _decide(database, item, unit, reason, "error", declared, now, by, plan)


def _decide(
    database: Database,
    item: str,
    unit: str,
    reason: str,
    state: str,
    declared: date | None,
    now: datetime,
    by: Actor,
    plan: str | None,
) -> Decided:
    reason = bounded(reason, "--reason")
    if not reason:
        raise WrongInput("Deciding on a declared veto item needs --reason: the unit and the offices read it.")
    with database.write() as session:
        found = veto_named(session, plan, item, unit, state="pending", declared=declared, now=now)
        event = found.event
        by.must(Action.REVIEW, of_host=event.of_host, doing="deciding on a declared veto item")
        today = shanghai_date(now)
        if today < event.declared_on:
            raise WrongInput(f"{found.name} was declared on {event.declared_on}, a later day. Correct --now.")
        event.state, event.decided_on, event.decided_by, event.why = state, today, by.name, reason
        session.flush()
        _accept(session, found, now, by)
        standing.refresh(session, found.plan, linked_to(session, found.plan, found.item), now, actor=by.name)
        facts = {
            "unit": event.unit_id,
            "item": event.item_id,
            "veto": event.id,
            "by": acted(session, found.plan, by.name),
            "reason": reason,
            "declared_on": event.declared_on,
        }
        told = False
        if state == "confirmed":
            above = found.plan.supervision_unit_id
            key = f"veto_confirmed:{event.id}"
            told = tell_at_once(session, found.plan, above, "veto_confirmed", key, on=today, facts=facts)
        for unit_id, role in _who_hears(session, found):
            key = f"veto_decided:{event.id}:{unit_id}:{role}"
            said = {**facts, "found": state}
            told |= tell_at_once(
                session, found.plan, unit_id, "veto_decided", key, on=today, role=role, facts=said
            )
        to = leading_group(session, found.plan) if state == "confirmed" else ()
        detail = {
            "unit": found.unit.code, "item": found.item.code, "declared_on": event.declared_on,
            "reason": reason, "to": to,
        }  # fmt: skip
        action = "veto_confirm" if state == "confirmed" else "veto_error"
        audit.record(session, {event.plan_id: detail}, at=now, actor=by.name, action=action)
        return Decided(
            found.item.code, found.unit.short, event.declared_on, state, reason, to, told_at_once=told
        )


def _who_hears(session: Session, found: VetoPlace) -> list[tuple[int, str]]:
    """Who has to know what was decided: the unit, and the office where another one decided."""
    office, owes = found.plan.office_unit_id, _owes(session, found)
    hears = [(owes, "liaison"), (owes, "leader")] if owes != office else []
    return [*hears, (office, "liaison")] if found.event.of_host else hears


def _owes(session: Session, found: VetoPlace) -> int:
    """The id of the unit that owes the item today."""
    return holder_of(session, found.unit, found.event.item_id).id or 0


def _accept(session: Session, found: VetoPlace, now: datetime, by: Actor) -> None:
    """The answer that declared it is reviewed by this: nobody has to accept it once more."""
    said = session.get_one(Report, found.event.report_id)
    entry = session.get_one(Entry, (said.round_id, said.unit_id, said.item_id))
    shown = shown_in(session, [entry]).get((said.round_id, said.unit_id, said.item_id))
    if entry.state != "submitted" or shown != said:
        return
    place = Place(
        plan=found.plan,
        unit=found.unit,
        item=found.item,
        round=session.get_one(Round, said.round_id),
        request=session.get_one(Request, (said.round_id, said.unit_id)),
        entry=entry,
        obligation=session.get_one(Obligation, (said.plan_id, _owes(session, found), said.item_id)),
        of_host=found.event.of_host,
    )
    accept_in(session, place, now, by)
