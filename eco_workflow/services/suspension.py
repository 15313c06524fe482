"""Items set aside for a unit: suspended for a time, or not applicable (DOMAIN 5 and 9).

Operator and supervisor do it together, one asks and the other confirms; of the host bureau's items the
supervision office decides alone. Suspension pauses the clocks: `domain/due` says which days count.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.due import clock_after, due_after, waits_from
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor, Role, Signed, needs_both
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.excuse import excuse
from eco_workflow.services.find import Duty, duty_named
from eco_workflow.services.notices import acted, ask_to_decide, tell_unit, was_decided
from eco_workflow.services.overdue import conclude_item
from eco_workflow.services.present_rung import signed_above
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Case, Obligation, Suspension

ACTIONS = {"suspended": Action.SUSPEND, "not_applicable": Action.NOT_APPLICABLE}


@dataclass(frozen=True)
class SetAside:
    """Where an item stands for a unit. `asked`: the state that waits for the other office to confirm."""

    unit: str
    item: str
    state: str
    due_on: date | None
    asked: str


def set_aside(
    database: Database,
    unit: str,
    item: str,
    state: str,
    *,
    reason: str,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> SetAside:
    """Asks for an item to be `suspended` or `not_applicable`; for the host bureau's items it is so at once.

    Raises `WrongInput` without a reason; `Refused` where it is closed or set aside already, or something
    was asked and waits, or this person may not.
    """
    reason = bounded(reason, "--reason")
    if not reason:
        raise WrongInput("Setting an item aside needs --reason: the other office and the unit must know why.")
    with database.write() as session:
        duty = duty_named(session, plan, unit, item, now)
        action, owed, today = ACTIONS[state], duty.obligation, shanghai_date(now)
        first = by.signed(action, of_host=duty.of_host)
        if owed.state in ("closed", "not_applicable", state):
            raise Refused(f"{duty.name} is {owed.state} already.")
        if asked := _asked(session, owed):
            raise Refused(
                f"{asked.asked_by} asked on {asked.asked_on} that {duty.name} be {asked.state}. Confirm it: "
                f"eco item confirm {duty.unit.short} {duty.item.code}, or take it back: eco item resume …"
            )
        row = Suspension(
            plan_id=owed.plan_id,
            unit_id=owed.unit_id,
            item_id=owed.item_id,
            state=state,
            reason=reason,
            asked_by=first.name,
            asked_as=first.role,
            asked_on=today,
        )
        session.add(row)
        session.flush()
        if not needs_both(action, of_host=duty.of_host):
            _confirmed(session, duty, row, first, now)
            return _result(session, duty)
        _record(session, duty, row, now, by, f"ask_{action}")
        other = duty.plan.supervision_unit_id if first.role is Role.OPERATOR else duty.plan.office_unit_id
        ask_to_decide(
            session, duty, other, "suspension_asked", _key(row), on=today,
            facts={"state": state, "reason": row.reason, "by": acted(session, duty.plan, first.name)},
        )  # fmt: skip
        return _result(session, duty)


def confirm(
    database: Database, unit: str, item: str, *, now: datetime, by: Actor, plan: str | None = None
) -> SetAside:
    """Confirms what the other office asked: from now on the item is set aside.

    Nothing more is asked of the unit, its open entries are no longer owed. Not applicable closes its cases;
    suspended, they rest. Raises `Refused` where nothing waits, or this is not the other office.
    """
    with database.write() as session:
        duty = duty_named(session, plan, unit, item, now)
        row = _asked(session, duty.obligation)
        if row is None:
            by.must(Action.SUSPEND, of_host=duty.of_host)
            raise Refused(f"Nothing was asked about {duty.name} that could be confirmed.")
        first = Signed(row.asked_by, Role(row.asked_as))
        second = by.must_confirm(ACTIONS[row.state], first, of_host=duty.of_host)
        if shanghai_date(now) < row.asked_on:
            raise WrongInput(f"It was asked on {row.asked_on}, later than the instant given. Correct --now.")
        _confirmed(session, duty, row, second, now)
        return _result(session, duty)


def resume(
    database: Database,
    unit: str,
    item: str,
    *,
    reason: str,
    days: WorkingDays,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> SetAside:
    """Goes on with a suspended item, or takes back what was asked and not confirmed; one person may.

    What had not run out when it was suspended is put off by the working days it rested: the due date (the
    first stays on record, the plan's end is the last), and the waiting of its case on the rung where it
    stands.

    Raises `WrongInput` without a reason; `Refused` where nothing is suspended or asked.
    """
    reason = bounded(reason, "--reason")
    if not reason:
        raise WrongInput("Going on needs --reason: the unit must know why it is asked again.")
    with database.write() as session:
        duty = duty_named(session, plan, unit, item, now)
        by.must(Action.SUSPEND, of_host=duty.of_host, doing="resuming an item")
        owed, today = duty.obligation, shanghai_date(now)
        row = _asked(session, owed) or _in_force(session, owed)
        if row is None:
            raise Refused(f"{duty.name} is {owed.state}, and nothing was asked: there is nothing to resume.")
        if today < (row.confirmed_on or row.asked_on):
            raise WrongInput(f"{duty.name} was set aside later than the instant given. Correct --now.")
        row.ended_on, row.ended_by, row.ended_why = today, by.name, reason
        if row.confirmed_on is None:
            was_decided(session, _key(row), today)
        else:
            owed.state, owed.paused_as = owed.paused_as, ""
            own = calendar_of(session, duty.plan, days, today)
            row.due_before, row.clock_before = owed.due_on, owed.clock_from
            _put_off(session, duty, row.confirmed_on, today, own)
            tell_unit(
                session, duty, "resumed", f"resumed:{row.id}", on=today, facts={"reason": row.ended_why}
            )
        _record(session, duty, row, now, by, "resume", row.ended_why)
        return _result(session, duty)


def _confirmed(session: Session, duty: Duty, row: Suspension, second: Signed, now: datetime) -> None:
    today, owed = shanghai_date(now), duty.obligation
    if owed.state in ("closed", row.state):
        raise Refused(f"{duty.name} is {owed.state} by now. Take back what was asked: eco item resume …")
    row.confirmed_by, row.confirmed_on = second.name, today
    if row.state == "suspended":
        owed.paused_as = owed.state
    elif paused := _in_force(session, owed):
        paused.ended_on, paused.ended_by, paused.ended_why = today, second.name, row.reason
    owed.state = row.state
    conclude_item(session, owed, now, row.state)
    excuse(session, duty.plan, owed, row.state, reason=row.reason, now=now, actor=second.name)
    was_decided(session, _key(row), today)
    tell_unit(session, duty, row.state, f"{row.state}:{row.id}", on=today, facts={"reason": row.reason})
    detail = {"unit": duty.unit.code, "item": duty.item.code, "asked_by": row.asked_by, "reason": row.reason}
    audit.record(session, {owed.plan_id: detail}, at=now, actor=second.name, action=row.state)


def _put_off(session: Session, duty: Duty, since: date, today: date, days: WorkingDays) -> None:
    """Moves what had not run out by the days it rested."""
    owed = duty.obligation
    due_on = due_after(owed.due_on, since, today, duty.plan.ends_on, days)
    if due_on != owed.due_on:
        owed.first_due_on = owed.first_due_on or owed.due_on
        owed.due_on = due_on
    owed.clock_from = clock_after(owed.clock_from, since, today, days)
    cases = select(Case).where(
        Case.plan_id == owed.plan_id,
        Case.unit_id == owed.unit_id,
        Case.item_id == owed.item_id,
        col(Case.closed_on).is_(None),
        col(Case.told_on).is_not(None),
    )
    for case in session.exec(cases):
        told = max(filter(None, (case.told_on, signed_above(session, case), case.waits_from)))
        case.waits_from = waits_from(told, since, today, days)


def _asked(session: Session, owed: Obligation) -> Suspension | None:
    """What was asked and waits for its confirmation."""
    return session.exec(
        select(Suspension).where(
            Suspension.plan_id == owed.plan_id,
            Suspension.unit_id == owed.unit_id,
            Suspension.item_id == owed.item_id,
            col(Suspension.confirmed_on).is_(None),
            col(Suspension.ended_on).is_(None),
        )
    ).first()


def _in_force(session: Session, owed: Obligation) -> Suspension | None:
    """The suspension by which the item rests."""
    if owed.state != "suspended":
        return None
    return session.exec(
        select(Suspension).where(
            Suspension.plan_id == owed.plan_id,
            Suspension.unit_id == owed.unit_id,
            Suspension.item_id == owed.item_id,
            Suspension.state == "suspended",
            col(Suspension.confirmed_on).is_not(None),
            col(Suspension.ended_on).is_(None),
        )
    ).one()


def _record(
    session: Session, duty: Duty, row: Suspension, now: datetime, by: Actor, action: str, why: str = ""
) -> None:
    detail = {
        "unit": duty.unit.code, "item": duty.item.code, "state": row.state, "reason": why or row.reason,
    }  # fmt: skip
    audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action=action)


def _key(row: Suspension) -> str:
    """The key of the notice that asks for the confirmation."""
    return f"suspension_asked:{row.id}"


def _result(session: Session, duty: Duty) -> SetAside:
    session.flush()
    asked = _asked(session, duty.obligation)
    owed = duty.obligation
    return SetAside(duty.unit.short, duty.item.code, owed.state, owed.due_on, asked.state if asked else "")
