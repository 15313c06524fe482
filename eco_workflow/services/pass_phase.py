"""What a person decides about a gate: a conditional pass, a waiver, the award (DOMAIN 7)."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.gates import Reason
from eco_workflow.domain.rhythms import turns
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services import phases
from eco_workflow.services.evidence import owed_by_host
from eco_workflow.services.find import check_day_to_close, document, plan_named
from eco_workflow.services.gate import gate_of, phase_named
from eco_workflow.services.indicator_facts import indicator_named
from eco_workflow.services.judged import judged_all
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Award, ConditionalPass, Plan, Waiver


@dataclass(frozen=True)
class Given:
    """A leader's word: who, why, until when, and the slip where it was signed on paper."""

    leader: str
    reason: str
    until: date
    slip_name: str = ""
    slip_digest: str = ""


@dataclass(frozen=True)
class Passed:
    """A conditional pass: who gave it, until when, and over what."""

    phase: int
    title: str
    leader: str
    until: date
    reason: str
    lacking: tuple[Reason, ...]


def pass_conditionally(
    database: Database,
    number: int,
    *,
    reason: str,
    until: date,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Passed:
    """Records that a phase may close over what it lacks now: a leader says so in person. It covers nothing
    that comes up later.

    Raises `WrongInput` without a reason or for a date that is not ahead; `Refused` for a phase that is
    closed or lacks nothing, and over a veto item.
    """
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.PASS_CONDITIONALLY)
        return given_over(session, plan_row, number, Given(by.name, reason, until), now=now, by=by)


def given_over(
    session: Session, plan: Plan, number: int, given: Given, *, now: datetime, by: Actor
) -> Passed:
    """Writes a conditional pass down, in the transaction of who records it. Raises as that does."""
    until, reason = given.until, bounded(given.reason, "--reason")
    if not reason:
        raise WrongInput("A conditional pass needs --reason: it stays on record.")
    phase, today = phase_named(document(session, plan), number), shanghai_date(now)
    row = next(one for one in phases.standing(session, plan, lock=True) if one.phase == number)
    check_day_to_close(session, plan, now)
    if row.state in ("closed", "planned"):
        raise Refused(f"Phase {number} {phase.title} is {row.state}; only an open phase is passed.")
    last = plan.ends_on if today < plan.ends_on else date(today.year + 1, 12, 31)
    if not today < until <= last:
        raise WrongInput(f"--until {until} must lie after today and not after {last}.")
    gate = gate_of(session, plan, number, today)
    if gate.agrees:
        raise Refused(f"Phase {number} {phase.title} lacks nothing. Close it: eco phase close {number}")
    if stands := [one for one in gate.reasons if not one.passes]:
        said = "; ".join(one.said for one in stands)
        raise Refused(f"A veto item is never passed over: {said}. See: eco veto list")
    made = ConditionalPass(
        plan_id=row.plan_id,
        phase=number,
        n=_next(session, plan, number),
        leader=given.leader,
        slip_name=given.slip_name,
        slip_digest=given.slip_digest,
        reason=reason,
        until=until,
        lacking=json.dumps([one.key for one in gate.reasons], ensure_ascii=False),
        actor=by.name,
        at=now,
    )
    session.add(made)
    detail = {
        "phase": number,
        "leader": made.leader,
        "slip": made.slip_digest,
        "reason": reason,
        "until": until,
        "lacking": [one.key for one in gate.reasons],
    }
    audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="pass_phase")
    return Passed(number, phase.title, made.leader, until, reason, gate.reasons)


def _next(session: Session, plan: Plan, number: int) -> int:
    newest = select(func.max(ConditionalPass.n)).where(
        ConditionalPass.plan_id == plan.id, ConditionalPass.phase == number
    )
    return (session.exec(newest).one() or 0) + 1


@dataclass(frozen=True)
class Waived:
    """An unmet reference indicator that need not be met; `withdrawn`: that was taken back."""

    indicator: str
    name: str
    reason: str
    withdrawn: bool = False


def waive(
    database: Database, code: str, *, reason: str, now: datetime, by: Actor, plan: str | None = None
) -> Waived:
    """Records that a reference indicator need not be met, with a reason (M2.2): an operator does, and of what
    the host bureau leads the supervision office (DOMAIN 4).

    Raises `WrongInput` without a reason, `Refused` for a binding indicator, one that is met, or one that is
    waived already.
    """
    reason = bounded(reason, "--reason")
    if not reason:
        raise WrongInput("A waiver needs --reason: it stays on record.")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        item, indicator = indicator_named(session, plan_row, code)
        of_host = owed_by_host(session, plan_row, item.id or 0)
        by.must(Action.CLOSE_OUT, of_host=of_host, doing="waiving an indicator")
        check_day_to_close(session, plan_row, now)
        [judged] = [j for j in judged_all(session, plan_row, shanghai_date(now)) if j.code == item.code]
        if indicator.binding:
            raise Refused(
                f"{item.code} {indicator.name} is binding: it is met, or a leader passes the phase over it "
                "(eco phase pass)."
            )
        if judged.verdict == "met":
            raise Refused(f"{item.code} {indicator.name} is met; there is nothing to waive.")
        if _waiver(session, item.plan_id, item.id or 0) is not None:
            raise Refused(f"{item.code} {indicator.name} is waived already. See: eco phase show")
        newest = select(func.max(Waiver.n)).where(Waiver.plan_id == item.plan_id, Waiver.item_id == item.id)
        n = (session.exec(newest).one() or 0) + 1
        session.add(
            Waiver(plan_id=item.plan_id, item_id=item.id or 0, n=n, reason=reason, actor=by.name, at=now)
        )
        detail = {"indicator": item.code, "reason": reason, "verdict": judged.verdict, "value": judged.value}
        audit.record(session, {item.plan_id: detail}, at=now, actor=by.name, action="waive")
        return Waived(item.code, indicator.name, reason)


def withdraw_waiver(
    database: Database, code: str, *, now: datetime, by: Actor, plan: str | None = None
) -> Waived:
    """Takes a waiver back. Raises `Refused` where there is none."""
    with database.write() as session:
        plan_row = plan_named(session, plan)
        item, indicator = indicator_named(session, plan_row, code)
        of_host = owed_by_host(session, plan_row, item.id or 0)
        by.must(Action.CLOSE_OUT, of_host=of_host, doing="withdrawing a waiver")
        check_day_to_close(session, plan_row, now)
        row = _waiver(session, item.plan_id, item.id or 0)
        if row is None:
            raise Refused(f"{item.code} {indicator.name} is not waived.")
        row.withdrawn_on = shanghai_date(now)
        detail = {"indicator": item.code, "reason": row.reason}
        audit.record(session, {item.plan_id: detail}, at=now, actor=by.name, action="withdraw_waiver")
        return Waived(item.code, indicator.name, row.reason, withdrawn=True)


def _waiver(session: Session, plan_id: int, item_id: int) -> Waiver | None:
    found = select(Waiver).where(
        Waiver.plan_id == plan_id, Waiver.item_id == item_id, col(Waiver.withdrawn_on).is_(None)
    )
    return session.exec(found).one_or_none()


@dataclass(frozen=True)
class Awarded:
    """The title was awarded; `opened`: milestones that are asked about from now on."""

    on: date
    document: str
    opened: tuple[str, ...]
    verified_anew: tuple[date, ...] | None
    """The anniversaries within the plan, for which all is verified anew; None where it asks for none."""
    plan_ends_on: date


def award(
    database: Database, on: date, *, document_: str, now: datetime, by: Actor, plan: str | None = None
) -> Awarded:
    """Records the award (命名): what opens with it is asked about from the next round on (M4.2).

    Raises `WrongInput` for a day ahead or without the document; `Refused` where it is recorded already, and
    before the phase is open in which a milestone waits for it.
    """
    named = bounded(document_, "--document")
    if not named:
        raise WrongInput("The award needs --document: the title or number of the paper that says so.")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.CLOSE_PHASE, doing="recording the award")
        check_day_to_close(session, plan_row, now)
        if not plan_row.starts_on <= on <= shanghai_date(now):
            raise WrongInput(f"--on {on} must lie within the plan and not after today.")
        if (known := session.get(Award, plan_row.id)) is not None:
            raise Refused(f"The award of {known.on_date} is recorded already: {known.document}.")
        _check_its_phase_is_reached(session, plan_row)
        assert plan_row.id is not None
        session.add(Award(plan_id=plan_row.id, on_date=on, document=named, actor=by.name, at=now))
        session.flush()
        phases.ask_about_milestones(session, plan_row)
        opened = tuple(
            milestone.id
            for phase in document(session, plan_row).phases
            for milestone in phase.milestones
            if milestone.opens == "award"
        )
        detail = {"on": on, "document": named, "opened": list(opened)}
        audit.record(session, {plan_row.id: detail}, at=now, actor=by.name, action="award")
        return Awarded(on, named, opened, _anniversaries(session, plan_row, on), plan_row.ends_on)


def _anniversaries(session: Session, plan: Plan, on: date) -> tuple[date, ...] | None:
    yearly = [one for one in document(session, plan).rhythms.office if one.every == "award_year"]
    if not yearly:
        return None
    return tuple(turn.last for turn in turns("award_year", plan.starts_on, plan.ends_on, on))


def _check_its_phase_is_reached(session: Session, plan: Plan) -> None:
    """There is no title before the reviewers were here, and an award on record is not taken back."""
    states = {row.phase: row.state for row in phases.standing(session, plan)}
    for phase in document(session, plan).phases:
        waits = any(milestone.opens == "award" for milestone in phase.milestones)
        if waits and states[phase.id] == "planned":
            raise Refused(
                f"Phase {phase.id} {phase.title} is not open yet: an award is recorded from then on. "
                "See: eco phase show"
            )
