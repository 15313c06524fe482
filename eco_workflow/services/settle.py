"""The settling list: what was past due at activation, settled by a person (DOMAIN 2, late loading)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.overdue import OPEN
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services import standing
from eco_workflow.services.excuse import excuse
from eco_workflow.services.find import check_day, host_of, item_named, plan_named
from eco_workflow.services.notices import tell_owing
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Audit, Item, Obligation, Plan, Standing, Unit


@dataclass(frozen=True)
class Settled:
    """How an item was settled."""

    item: str
    closed: bool
    due_on: date | None
    wanting: str = ""
    """Why an indicator that was settled as done is not judged met: the gate goes on asking for it."""


def settle_item(
    database: Database,
    item: str,
    *,
    evidence: str | None,
    due_on: date | None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Settled:
    """Settles a listed item for all who owe it: closed with its evidence, or due on a new date.

    Raises `Refused` when the item is not on the list, `WrongInput` for a date that lies before today or
    after the plan.
    """
    with database.write() as session:
        plan_row = plan_named(session, plan)
        row = item_named(session, plan_row, item)
        known = session.exec(
            select(Obligation, Unit)
            .join(Unit, col(Unit.id) == Obligation.unit_id)
            .where(Obligation.plan_id == plan_row.id, Obligation.item_id == row.id, Obligation.settle != "")
            .order_by(col(Unit.id))
        ).all()
        owed = [(obligation, unit) for obligation, unit in known if obligation.settle == "listed"]
        host = host_of(session, plan_row)
        by.must(Action.SETTLE_ITEM, of_host=any(unit.code == host for _, unit in owed or known))
        if known and not owed:
            raise _already(session, plan_row, row, known, shanghai_date(now))
        if not owed:
            raise Refused(f"{row.code} is not on the settling list. See: eco item list --unsettled")
        evidence = evidence if evidence is None else bounded(evidence, "--done")
        if evidence == "":
            raise WrongInput("--done needs to say where the evidence is.")
        if due_on is not None and not shanghai_date(now) <= due_on <= plan_row.ends_on:
            raise WrongInput(f"--due {due_on} must lie between today and the plan's end, {plan_row.ends_on}.")
        check_day(plan_row, now)
        today = shanghai_date(now)
        for obligation, _ in owed:
            obligation.settle = "settled"
            kind, facts = "settled_done", {"evidence": evidence}
            if due_on is not None:
                obligation.first_due_on = obligation.first_due_on or obligation.due_on
                obligation.due_on = due_on
                kind = "settled_due"
                facts = {"due_on": str(due_on), "first_due_on": str(obligation.first_due_on)}
            else:
                obligation.state = "closed"
            tell_owing(session, plan_row, [obligation], kind, today.isoformat(), on=today, facts=facts)
        standing.refresh(session, plan_row, [row], now, actor=by.name)
        detail = {"item": row.code, "evidence": evidence, "due_on": due_on}
        assert plan_row.id is not None
        audit.record(session, {plan_row.id: detail}, at=now, actor=by.name, action="settle_item")
        if evidence is not None:
            for obligation, _ in owed:
                excuse(session, plan_row, obligation, "settle", reason=evidence, now=now, actor=by.name)
        judged = session.get(Standing, (plan_row.id, row.id)) if evidence is not None else None
        wanting = f"{judged.verdict}. {judged.reason}" if judged and judged.verdict != "met" else ""
        return Settled(row.code, closed=evidence is not None, due_on=due_on, wanting=wanting)


def settled_how(session: Session, item: Item) -> list[dict[str, Any]]:
    """How the item was settled that was past due at activation, oldest first: the books of the act itself."""
    acts = session.exec(
        select(Audit)
        .where(Audit.plan_id == item.plan_id, Audit.action == "settle_item")
        .order_by(col(Audit.n))
    )
    found = [(act, json.loads(act.detail)) for act in acts]
    return [
        {"at": act.at, "by": act.actor, "evidence": said["evidence"], "due_on": said["due_on"]}
        for act, said in found
        if said["item"] == item.code
    ]


def _already(
    session: Session, plan: Plan, item: Item, owed: Sequence[tuple[Obligation, Unit]], today: date
) -> Refused:
    """What became of it, and how a date that has not passed is put off.

    A confirmed proposal or a new version of the plan gives a date, too, and is not in the books of this act.
    """
    how = ""
    if acts := settled_how(session, item):
        last = acts[-1]
        what = f"due on {last['due_on']}" if last["due_on"] else "done"
        how = f" on {shanghai_date(last['at'])} by {last['by']} as {what}"
    units = [
        unit.short
        for row, unit in owed
        if row.state in OPEN and row.role != "data_provider" and row.due_on
        and today <= row.due_on < plan.ends_on
    ]  # fmt: skip
    way = f"See: eco item show {item.code}"
    if units:
        of = units[0] if len(units) == 1 else f"UNIT ({'、'.join(units)})"
        way = (
            "A later date is asked for, by that day, with: "
            f"eco item extend {of} {item.code} --until … --reason …"
        )
    return Refused(f"{item.code} was settled already{how}. {way}")
