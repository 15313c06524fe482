"""Units propose an indicator's date and target figure, the office decides (M2.1; DOMAIN 2, time)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import proposed, target_in_words
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.plans.demands import target_of
from eco_workflow.services import standing
from eco_workflow.services.find import Duty, check_day, host_of, plan_named, target_for, unit_named
from eco_workflow.services.indicator_facts import indicator_named, one_line
from eco_workflow.services.notices import tell_owing, tell_unit
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Extension, Item, Obligation, Plan, Proposal, Unit


@dataclass(frozen=True)
class Proposed:
    """What a unit proposes for an indicator."""

    item: str
    unit: str
    due_on: date
    target: str
    source: str
    needs_decision: bool
    """The date is later than the plan's: a leader must decide before the office can confirm."""


def propose(
    database: Database,
    code: str,
    unit: str,
    *,
    due_on: date,
    target: str,
    source: str,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Proposed:
    """Records a unit's proposal; a newer one takes its place until one is decided.

    Raises `WrongInput` for a unit that does not answer for the indicator, a date that is past or after
    the plan, and a target figure that falls short of the printed one; `Refused` for a date that only an
    extension gives.
    """
    source = one_line(source, "--source", "where the target figure comes from")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        item, indicator = indicator_named(session, plan_row, code)
        unit_row = unit_named(session, plan_row, unit)
        if not by.may(Action.RECORD_ON_BEHALF):
            by.must(
                Action.ANSWER, unit=unit_row.code, called=unit_row.short, doing="proposing a date and target"
            )
        obligation = _obligation(session, plan_row, item, unit_row)
        own = target_for(session, indicator, obligation)
        own = standing.as_tasked(session, obligation.plan_id, own)
        figures = proposed(target, own)
        _check_date(plan_row, due_on, now)
        _check_move(session, obligation, due_on, item, unit_row, now)
        check_day(plan_row, now)
        standing.take(session, [item])
        earlier = _proposals(session, obligation)
        row = Proposal(
            plan_id=obligation.plan_id,
            item_id=obligation.item_id,
            unit_id=obligation.unit_id,
            n=len(earlier) + 1,
            due_on=due_on,
            target=" ".join(f"{f.code}={f.value}" if f.code != item.code else f.value for f in figures),
            source=source,
            actor=by.name,
            at=now,
        )
        session.add(row)
        detail = {"item": item.code, "unit": unit_row.code, "due_on": due_on, "target": row.target}
        audit.record(session, {item.plan_id: detail}, at=now, actor=by.name, action="indicator_propose")
        return Proposed(
            item.code, unit_row.short, due_on, row.target, source, needs_decision=due_on > indicator.due_on
        )


def confirm(
    database: Database,
    code: str,
    unit: str,
    *,
    decision: str,
    reason: str,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Proposed:
    """Confirms a unit's newest proposal: its date becomes the date on which the indicator is due, and its
    target figure is judged by, beside what the plan prints.

    A date later than the plan's needs a leader's `decision`, named, and its `reason`. Raises `WrongInput`
    where there is nothing to confirm or these are missing, `Refused` once the indicator is closed out, for a
    later date once the one in force has passed, and where an extension was granted. The first date stays on
    record.
    """
    with database.write() as session:
        plan_row = plan_named(session, plan)
        item, indicator = indicator_named(session, plan_row, code)
        unit_row = unit_named(session, plan_row, unit)
        of_host = unit_row.code == host_of(session, plan_row)
        by.must(Action.REVIEW, of_host=of_host, doing="confirming a date and target")
        obligation = _obligation(session, plan_row, item, unit_row)
        standing.take(session, [item])
        row = _undecided(session, obligation, item, unit_row)
        if obligation.state == "closed":
            raise Refused(f"{item.code} is closed out for {unit_row.short}; its date is past changing.")
        _check_date(plan_row, row.due_on, now)
        _check_move(session, obligation, row.due_on, item, unit_row, now)
        later = row.due_on > indicator.due_on
        if later:
            wanted = f"{row.due_on} is later than the plan's date, {indicator.due_on}"
            if not decision.strip() or not reason.strip():
                raise WrongInput(f"{wanted}: name the leader's decision (--decision) and why (--reason).")
            row.decision = one_line(decision, "--decision", "the leader's decision")
            row.reason = one_line(reason, "--reason", "why it is later")
        elif decision or reason:
            raise WrongInput(f"{row.due_on} is within the plan: no decision is needed. Leave it away.")
        check_day(plan_row, now)
        row.confirmed_at, row.confirmed_by = now, by.name
        if obligation.due_on not in (None, row.due_on):
            obligation.first_due_on = obligation.first_due_on or obligation.due_on
        obligation.due_on = row.due_on
        if obligation.settle == "listed":  # a new date is one way to settle it
            obligation.settle = "settled"
        standing.refresh(session, plan_row, [item], now, actor=by.name)
        facts = {"due_on": row.due_on, "target": target_in_words(row.target, target_of(indicator))}
        tell_owing(
            session,
            plan_row,
            [obligation],
            "proposal_confirmed",
            str(row.n),
            on=shanghai_date(now),
            facts=facts,
        )
        detail = {
            "item": item.code,
            "unit": unit_row.code,
            "due_on": row.due_on,
            "target": row.target,
            "decision": row.decision,
            "reason": row.reason,
        }
        audit.record(session, {item.plan_id: detail}, at=now, actor=by.name, action="indicator_confirm")
        return Proposed(item.code, unit_row.short, row.due_on, row.target, row.source, later)


def decline(
    database: Database,
    code: str,
    unit: str,
    *,
    reason: str,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Proposed:
    """Declines a unit's newest proposal; its people are told why, and the date in force stays.

    Raises `WrongInput` where there is nothing to decline or no reason.
    """
    reason = one_line(reason, "--reason", "why it is declined")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        item, indicator = indicator_named(session, plan_row, code)
        unit_row = unit_named(session, plan_row, unit)
        of_host = unit_row.code == host_of(session, plan_row)
        by.must(Action.REVIEW, of_host=of_host, doing="declining a date and target")
        obligation = _obligation(session, plan_row, item, unit_row)
        row = _undecided(session, obligation, item, unit_row)
        check_day(plan_row, now)
        row.declined_at, row.declined_by, row.reason = now, by.name, reason
        words = target_in_words(row.target, target_of(indicator))
        facts = {"due_on": row.due_on, "target": words, "reason": reason, "proposal": row.n}
        key = f"proposal_declined:{item.id}:{unit_row.id}:{row.n}"
        duty = Duty(plan_row, unit_row, item, obligation, of_host)
        tell_unit(session, duty, "proposal_declined", key, on=shanghai_date(now), facts=facts)
        detail = {"item": item.code, "unit": unit_row.code, "n": row.n, "reason": reason}
        audit.record(session, {item.plan_id: detail}, at=now, actor=by.name, action="indicator_decline")
        return Proposed(
            item.code, unit_row.short, row.due_on, row.target, row.source, row.due_on > indicator.due_on
        )


def _undecided(session: Session, obligation: Obligation, item: Item, unit: Unit) -> Proposal:
    """The unit's newest proposal. Raises `WrongInput` where it is decided, or there is none."""
    row = next(iter(_proposals(session, obligation)[-1:]), None)
    if row is None or row.confirmed_at is not None or row.declined_at is not None:
        raise WrongInput(
            f"{unit.short} has proposed nothing for {item.code} that waits to be confirmed. "
            f"It proposes with: eco indicator propose {item.code} --unit {unit.short} …"
        )
    return row


def _obligation(session: Session, plan: Plan, item: Item, unit: Unit) -> Obligation:
    found = session.get(Obligation, (plan.id, unit.id, item.id))
    if found is None or found.role not in ("lead", "data_provider"):
        owing = session.exec(
            select(Unit.short)
            .join(Obligation, col(Obligation.unit_id) == Unit.id)
            .where(Obligation.plan_id == plan.id, Obligation.item_id == item.id)
            .order_by(col(Unit.id))
        ).all()
        raise WrongInput(f"{unit.short} does not answer for {item.code}; {'、'.join(owing)} do.")
    return found


def _proposals(session: Session, obligation: Obligation) -> list[Proposal]:
    """The unit's proposals for the indicator, oldest first."""
    return list(
        session.exec(
            select(Proposal)
            .where(
                Proposal.plan_id == obligation.plan_id,
                Proposal.item_id == obligation.item_id,
                Proposal.unit_id == obligation.unit_id,
            )
            .order_by(col(Proposal.n))
        )
    )


def _check_move(
    session: Session, obligation: Obligation, due_on: date, item: Item, unit: Unit, now: datetime
) -> None:
    """A date is agreed on before it is due (M2.1); afterwards, and a second time, an extension moves it
    (DOMAIN 4, 5). What was past due at activation is settled by a date.
    """
    if obligation.due_on is None or due_on <= obligation.due_on or obligation.settle == "listed":
        return
    if obligation.due_on < shanghai_date(now):
        raise Refused(
            f"{item.code} of {unit.short} was due on {obligation.due_on}; a date that has passed stays."
        )
    granted = session.exec(
        select(col(Extension.until)).where(
            Extension.plan_id == obligation.plan_id,
            Extension.unit_id == obligation.unit_id,
            Extension.item_id == obligation.item_id,
            col(Extension.granted).is_(True),
        )
    ).first()
    if granted is not None:
        raise Refused(
            f"{item.code} of {unit.short} was extended until {granted} already. A further extension is a "
            f"leader's: eco item extend {unit.short} {item.code} --until {due_on} …"
        )


def _check_date(plan: Plan, due_on: date, now: datetime) -> None:
    if not shanghai_date(now) <= due_on <= plan.ends_on:
        raise WrongInput(
            f"The date proposed, {due_on}, must lie between today, {shanghai_date(now)}, "
            f"and the plan's end, {plan.ends_on}."
        )
