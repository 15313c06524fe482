"""Extensions: asked for before the due date, decided by the office (DOMAIN 4, 5 and 9).

Up to the decision the item is not late. The report clock knows no extension.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import on_behalf_of
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.due import ONE_DAY, late_from
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.overdue import OPEN
from eco_workflow.domain.roles import Action, Actor, Role
from eco_workflow.domain.words import LEADING_GROUP
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.find import Duty, duty_named
from eco_workflow.services.notices import acted, ask_to_decide, tell_unit, was_decided
from eco_workflow.services.overdue import conclude_item
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Extension, Obligation, Unit


@dataclass(frozen=True)
class Extended:
    """Where an extension stands. `late_from`: the first day on which the item is late; None while pending."""

    unit: str
    item: str
    state: str
    """`pending`, `granted` or `refused`."""
    until: date
    due_on: date
    first_due_on: date
    late_from: date | None
    on_behalf: str
    """The means by which the unit told the operator who recorded it; else empty."""


def ask(
    database: Database,
    unit: str,
    item: str,
    *,
    until: date,
    reason: str,
    now: datetime,
    by: Actor,
    means: str = "",
    plan: str | None = None,
) -> Extended:
    """Asks for a later due date, on the due date at the latest.

    A unit's own people ask; an operator records on its behalf what it said or wrote (`means`).

    Raises `WrongInput` without a reason, or for a date that is not later than the due date or lies after
    the plan; `Refused` where no due date runs, it has passed, one is pending already, or the work is no
    longer owed.
    """
    reason = bounded(reason, "--reason")
    if not reason:
        raise WrongInput("An extension needs --reason: who decides must know why.")
    with database.write() as session:
        duty = duty_named(session, plan, unit, item, now)
        on_behalf = on_behalf_of(duty.unit.code, by, Action.ASK_EXTENSION, means, called=duty.unit.short)
        today, due_on = shanghai_date(now), _still_to_come(duty, shanghai_date(now))
        if not due_on < until <= duty.plan.ends_on:
            raise WrongInput(
                f"--until {until} must be later than the due date, {due_on}, and not after the plan's end, "
                f"{duty.plan.ends_on}."
            )
        if pending := _pending(session, duty.obligation):
            raise Refused(
                f"An extension of {duty.name} until {pending.until} has waited for its decision since "
                f"{pending.asked_on}: eco item decide {duty.unit.short} {duty.item.code}"
            )
        row = Extension(
            plan_id=duty.obligation.plan_id,
            unit_id=duty.obligation.unit_id,
            item_id=duty.obligation.item_id,
            asked_on=today,
            asked_by=by.name,
            on_behalf=on_behalf,
            until=until,
            reason=reason,
        )
        session.add(row)
        session.flush()
        detail = {"unit": duty.unit.code, "item": duty.item.code, "until": until, "reason": row.reason}
        audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="ask_extension")
        ask_to_decide(
            session, duty,
            duty.plan.supervision_unit_id if duty.of_host else duty.plan.office_unit_id,
            "extension_asked", _asked(row), on=today,
            facts={"until": until, "reason": row.reason, "by": acted(session, duty.plan, by.name)},
        )  # fmt: skip
        return _result(duty, row, None)


def decide(
    database: Database,
    unit: str,
    item: str,
    *,
    grant: bool,
    reason: str,
    days: WorkingDays,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Extended:
    """Grants or refuses the pending extension; the first due date stays on record.

    Decided after the due date (or after the day asked for), one working day remains. One extension is
    granted by the office; a further one by a leader alone, though the office may refuse it.

    Raises `WrongInput` for a refusal without a reason; `Refused` where nothing is pending or this person
    may not decide it.
    """
    reason = bounded(reason, "--reason")
    if not grant and not reason:
        raise WrongInput("A refusal needs --reason: the unit must know why.")
    with database.write() as session:
        duty = duty_named(session, plan, unit, item, now)
        today, owed = shanghai_date(now), duty.obligation
        row = _pending(session, owed)
        if row is None:
            if not by.may(Action.EXTEND_AGAIN):
                by.must(Action.DECIDE_EXTENSION, of_host=duty.of_host)
            raise Refused(f"No extension of {duty.name} waits for a decision. See: eco item show {item}")
        role = _decider(session, duty, by, grant=grant)
        if today < row.asked_on:
            raise WrongInput(f"The extension of {duty.name} was asked for on {row.asked_on}. Correct --now.")
        if owed.state == "suspended":
            raise Refused(f"{duty.name} is suspended, its clock rests. Resume it first, or decide then.")
        assert owed.due_on is not None, "an extension is asked for where there is a due date"
        if grant:
            if row.until <= owed.due_on:
                raise Refused(f"{duty.name} is due on {owed.due_on}: not before {row.until}. Refuse it.")
            owed.first_due_on = owed.first_due_on or owed.due_on
            owed.due_on = row.until
        first_late = _late_from(owed, today, calendar_of(session, duty.plan, days, today))
        if first_late > owed.due_on + ONE_DAY:
            owed.clock_from = first_late
        row.granted, row.decided_on, row.decided_by, row.why = grant, today, by.name, reason
        conclude_item(session, owed, now, "extended")
        detail = {
            "unit": duty.unit.code, "item": duty.item.code, "until": row.until,
            "granted": grant, "reason": row.why,
        }  # fmt: skip
        audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="decide_extension")
        was_decided(session, _asked(row), today)
        facts = {
            "until": row.until,
            "reason": row.why or row.reason,
            "first_due_on": owed.first_due_on or owed.due_on,
            "by": _office(session, duty, role),
        }
        if not grant:
            facts["late_from"] = first_late
        kind = "extension_granted" if grant else "extension_refused"
        tell_unit(session, duty, kind, f"{kind}:{row.id}", on=today, facts=facts)
        return _result(duty, row, first_late)


def _still_to_come(duty: Duty, today: date) -> date:
    """The due date that an extension would move."""
    owed = duty.obligation
    if owed.due_on is None or owed.role == "data_provider":
        raise Refused(
            f"No due date of {duty.name} runs out"
            + (", it owes figures" if owed.role == "data_provider" else "")
            + "; answers to a round know no extension."
        )
    if owed.state not in OPEN:
        raise Refused(f"{duty.name} is {owed.state}: there is nothing to extend.")
    if today > owed.due_on:
        raise Refused(
            f"{duty.name} was due on {owed.due_on}; an extension is asked for on that day at the latest."
        )
    return owed.due_on


def _decider(session: Session, duty: Duty, by: Actor, *, grant: bool) -> Role:
    """As what this person decides it; beyond the first extension only a leader grants."""
    owed = duty.obligation
    again = session.exec(
        select(Extension.id)
        .where(
            Extension.plan_id == owed.plan_id,
            Extension.unit_id == owed.unit_id,
            Extension.item_id == owed.item_id,
            col(Extension.granted).is_(True),
        )
        .limit(1)
    ).first()
    if again is not None and (grant or by.may(Action.EXTEND_AGAIN)):
        return by.must(Action.EXTEND_AGAIN)
    return by.must(Action.DECIDE_EXTENSION, of_host=duty.of_host)


def _late_from(owed: Obligation, today: date, days: WorkingDays) -> date:
    """What keeps the clock from running already, such as a due date just after activation, stays."""
    assert owed.due_on is not None
    first_late = late_from(owed.due_on, today, days)
    return max(first_late, owed.clock_from) if owed.clock_from else first_late


def _pending(session: Session, owed: Obligation) -> Extension | None:
    return session.exec(
        select(Extension).where(
            Extension.plan_id == owed.plan_id,
            Extension.unit_id == owed.unit_id,
            Extension.item_id == owed.item_id,
            col(Extension.decided_on).is_(None),
        )
    ).first()


def _asked(row: Extension) -> str:
    """The key of the notice that asks for the decision."""
    return f"extension_asked:{row.id}"


def _office(session: Session, duty: Duty, role: Role) -> str:
    """Who decided, as the unit reads it."""
    if role is Role.LEADER:
        return LEADING_GROUP
    supervises = role is Role.SUPERVISOR
    unit_id = duty.plan.supervision_unit_id if supervises else duty.plan.office_unit_id
    return session.get_one(Unit, unit_id).short


def _result(duty: Duty, row: Extension, first_late: date | None) -> Extended:
    owed = duty.obligation
    assert owed.due_on is not None
    return Extended(
        unit=duty.unit.short,
        item=duty.item.code,
        state="pending" if row.granted is None else "granted" if row.granted else "refused",
        until=row.until,
        due_on=owed.due_on,
        first_due_on=owed.first_due_on or owed.due_on,
        late_from=first_late,
        on_behalf=row.on_behalf,
    )
