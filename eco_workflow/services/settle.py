"""The settling list: what was past due at activation, settled by a person (DOMAIN 2, late loading)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from eco_workflow.domain.answers import OWED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services.find import check_day, entry_named, item_named, plan_named
from eco_workflow.services.progress import append, conclude_answers
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Entry, Obligation, Request, Round, Unit


@dataclass(frozen=True)
class Settled:
    """How an item was settled."""

    item: str
    closed: bool
    due_on: date | None


def settle_item(
    database: Database,
    item: str,
    *,
    evidence: str | None,
    due_on: date | None,
    now: datetime,
    actor: str,
    plan: str | None = None,
) -> Settled:
    """Settles a listed item for all who owe it: closed with its evidence, or due on a new date.

    Raises `Refused` when the item is not on the list, `WrongInput` for a date that lies before today or
    after the plan.
    """
    with database.write() as session:
        plan_row = plan_named(session, plan)
        row = item_named(session, plan_row, item)
        owed = session.exec(
            select(Obligation).where(
                Obligation.plan_id == plan_row.id, Obligation.item_id == row.id, Obligation.settle == "listed"
            )
        ).all()
        if not owed:
            raise Refused(f"{row.code} is not on the settling list. See: eco item list --unsettled")
        if evidence is not None and not evidence.strip():
            raise WrongInput("--done needs to say where the evidence is.")
        if due_on is not None and not shanghai_date(now) <= due_on <= plan_row.ends_on:
            raise WrongInput(f"--due {due_on} must lie between today and the plan's end, {plan_row.ends_on}.")
        check_day(plan_row, now)
        for obligation in owed:
            obligation.settle = "settled"
            if due_on is not None:
                obligation.due_on = due_on
            else:
                obligation.state = "closed"
        session.flush()
        detail = {"item": row.code, "evidence": evidence, "due_on": due_on}
        assert plan_row.id is not None
        audit.record(session, {plan_row.id: detail}, at=now, actor=actor, action="settle_item")
        if evidence is not None:
            # What is done is no longer owed in a round that asked for it.
            asked = session.exec(
                select(col(Unit.code), col(Round.on_date))
                .join(Entry, col(Entry.unit_id) == Unit.id)
                .join(Round, col(Round.id) == Entry.round_id)
                .join(
                    Request,
                    (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id),
                )
                .where(Entry.item_id == row.id, Request.state == "awaiting")
                .where(col(Entry.state).in_(OWED))
            ).all()
            for unit, on_date in asked:
                place = entry_named(session, plan_row.code, unit, row.code, on_date, now)
                append(session, place, "settle", now=now, actor=actor, reason=evidence)
                place.entry.state = "accepted"
                conclude_answers(session, place, now)
        return Settled(row.code, closed=evidence is not None, due_on=due_on)
