"""An operator closes a phase, and the next one opens (DOMAIN 7)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import Refused
from eco_workflow.domain.gates import Gate, Reason, State, not_covered
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.plans import schema
from eco_workflow.services import phases, standing
from eco_workflow.services.awaited import PASSED, set_due
from eco_workflow.services.excuse import excuse
from eco_workflow.services.find import check_day_to_close, document, plan_named
from eco_workflow.services.gate import gate_of, phase_named
from eco_workflow.services.notices import tell_once
from eco_workflow.services.overdue import conclude_item
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import ConditionalPass, Item, Obligation, PhaseStanding, Plan, Unit


class GateClosed(Refused):
    """A phase cannot be closed; every reason is named."""

    def __init__(self, said: str, reasons: Iterable[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join([said, *(f"  {reason.said}" for reason in self.reasons)]))


@dataclass(frozen=True)
class Closed:
    """What closing a phase led to."""

    phase: int
    title: str
    closed_on: date
    conditional: bool
    lacking: tuple[Reason, ...]
    """What a leader passed over; empty where nothing was missing."""
    closed_out: tuple[str, ...]
    """Milestones that were closed out with the phase."""
    opened: int | None
    """The phase that opened."""
    in_force: int | None
    """The phase that is open from now on; None after the last."""


def close(
    database: Database,
    number: int,
    *,
    conditional: bool = False,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Closed:
    """Closes a phase whose gate agrees, or for which a leader's conditional pass covers all that is missing.

    Milestones that lack nothing are closed out with it; the facts are kept as they stood; every unit is told.

    Raises `GateClosed` with every reason; `Refused` for a phase that is not the open one, or where no pass
    was given; `WrongInput` for a phase that the plan has not.
    """
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.CLOSE_PHASE)
        read, today = document(session, plan_row), shanghai_date(now)
        phase = phase_named(read, number)
        rows = phases.standing(session, plan_row, lock=True)
        row = _to_close(rows, read, phase)
        check_day_to_close(session, plan_row, now)
        gate = gate_of(session, plan_row, number, today)
        passed = _passing(session, plan_row, phase, gate, today) if conditional else None
        if passed is None and not gate.agrees:
            raise GateClosed(f"{_named(phase)} cannot be closed:", gate.reasons)
        was_open = row.state == "open"
        row.state, row.closed_on, row.closed_at, row.closed_by = "closed", today, now, by.name
        row.facts = json.dumps(as_facts(gate), ensure_ascii=False, default=str)
        row.conditional = passed.n if passed else None
        session.flush()
        closed_out = _close_out(session, plan_row, gate, now, by.name)
        bound = _due_by(session, plan_row, gate, passed.until, now, by.name) if passed else []
        opened = phases.open_next(session, plan_row, rows, today) if was_open else None
        phases.ask_about_milestones(session, plan_row)
        _tell_units(session, plan_row, read, phase, opened, today, gate, passed)
        detail = {
            "phase": number,
            "opened": opened,
            "conditional": passed.n if passed else None,
            "lacking": [reason.key for reason in gate.reasons],
            "closed_out": closed_out,
            **({"until": passed.until, "due_by_then": bound} if passed else {}),
        }
        audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="close_phase")
        return Closed(
            phase=number,
            title=phase.title,
            closed_on=today,
            conditional=passed is not None,
            lacking=gate.reasons,
            closed_out=tuple(closed_out),
            opened=opened,
            in_force=next((row.phase for row in rows if row.state == "open"), None),
        )


def as_facts(gate: Gate) -> list[dict[str, object]]:
    """The milestones with their states and reasons, as they are kept and shown."""
    return [
        {
            "milestone": one.code,
            "title": one.title,
            "state": one.state,
            "due_on": one.due_on,
            "blocks": one.blocks,
            "reasons": [as_json(reason) for reason in one.reasons],
        }
        for one in gate.milestones
    ]


def as_json(reason: Reason) -> dict[str, object]:
    """A reason by its parts."""
    return {
        "kind": reason.kind,
        "about": reason.subject,
        "name": reason.name,
        "units": list(reason.units),
        "value": reason.value,
        "wanted": reason.wanted,
        "said": reason.said,
    }


def _named(phase: schema.Phase) -> str:
    return f"Phase {phase.id} {phase.title}"


def _to_close(rows: Iterable[PhaseStanding], read: schema.Plan, phase: schema.Phase) -> PhaseStanding:
    """The row of a phase that may be closed now: the open one, or one that lay before the activation."""
    by_number = {row.phase: row for row in rows}
    row = by_number[phase.id]
    if row.state == "closed":
        raise Refused(f"{_named(phase)} was closed on {row.closed_on} by {row.closed_by}.")
    if row.state == "planned":
        in_force = [one for one in read.phases if by_number[one.id].state == "open"]
        first = f"{_named(in_force[0])} is open, and is closed first" if in_force else "none is open"
        raise Refused(f"{_named(phase)} has not been opened: {first}. See: eco phase show")
    return row


def _passing(
    session: Session, plan: Plan, phase: schema.Phase, gate: Gate, today: date
) -> ConditionalPass | None:
    """The leader's newest pass of a phase; None where nothing is missing by now.

    Raises `Refused` where there is none, `GateClosed` with what it does not cover.
    """
    if gate.agrees:
        return None
    row = session.exec(
        select(ConditionalPass)
        .where(ConditionalPass.plan_id == plan.id, ConditionalPass.phase == phase.id)
        .order_by(col(ConditionalPass.n).desc())
    ).first()
    if row is None:
        raise GateClosed(
            f"No leader has passed {_named(phase)} conditionally (eco phase pass {phase.id} …). It lacks:",
            gate.reasons,
        )
    if row.until < today:
        raise GateClosed(
            f"The conditional pass of {_named(phase)} ran until {row.until}. It lacks:", gate.reasons
        )
    if left := not_covered(gate.reasons, json.loads(row.lacking)):
        counts = counted(len(left), "reason")
        raise GateClosed(
            f"The conditional pass of {_named(phase)} by {row.leader} does not cover {counts}:", left
        )
    return row


def _owing(session: Session, plan: Plan, codes: Iterable[str]) -> list[tuple[Obligation, Item]]:
    return list(
        session.exec(
            select(Obligation, Item)
            .join(Item, col(Item.id) == Obligation.item_id)
            .where(Obligation.plan_id == plan.id, col(Item.code).in_(list(codes)))
            .order_by(col(Item.id), col(Obligation.unit_id))
        ).all()
    )


def _close_out(session: Session, plan: Plan, gate: Gate, now: datetime, actor: str) -> list[str]:
    """Milestones that are ready are verified by the gate: they are closed out. Their codes."""
    ready = [one.code for one in gate.milestones if one.state is State.READY]
    for owed, item in _owing(session, plan, ready):
        owed.state = "closed"
        conclude_item(session, owed, now, "closed_out")
        set_due(session, plan, item, now)
        excuse(session, plan, owed, "settle", reason="closed out with its phase", now=now, actor=actor)
    return ready


def _due_by(session: Session, plan: Plan, gate: Gate, until: date, now: datetime, actor: str) -> list[str]:
    """What a leader passed over has still to be done: milestones that lack something and the items that were
    named are due by the date of the pass, sooner or later than they were; the first date stays on record.

    Their codes. Not what is closed out, nor what waits for others and has no date.
    """
    lacking = [one.code for one in gate.milestones if one.state in (State.WAITING, State.OVERDUE)]
    bound: dict[str, Item] = {}
    for owed, item in _owing(session, plan, {*lacking, *(reason.item for reason in gate.reasons)}):
        if owed.state in PASSED or owed.due_on is None:
            continue
        if owed.due_on != until:
            owed.first_due_on = owed.first_due_on or owed.due_on
            owed.due_on, owed.clock_from = until, None
        if owed.asked_from is not None:
            owed.asked_from = min(owed.asked_from, shanghai_date(now))
        if owed.settle == "listed":  # a new date is one way to settle it
            owed.settle = "settled"
        bound[item.code] = item
    standing.refresh(session, plan, list(bound.values()), now, actor=actor)
    for owed, _ in _owing(session, plan, bound):
        conclude_item(session, owed, now, "passed_over")
    return list(bound)


def _tell_units(
    session: Session,
    plan: Plan,
    read: schema.Plan,
    phase: schema.Phase,
    opened: int | None,
    today: date,
    gate: Gate,
    passed: ConditionalPass | None,
) -> None:
    """Every working unit hears that the phase is closed, what it still lacks, and which one it is now."""
    if opened is None and phase is not read.phases[-1]:
        return  # it lay before the activation, and is recorded afterwards
    kind = "phase_passed" if passed else "phase_closed"
    facts: dict[str, Any] = {"phase": phase.title, "closed_on": today}
    if passed is not None:
        facts |= {"lacking": len(gate.reasons), "until": passed.until}
    following = next((one.title for one in read.phases if one.id == opened), None)
    if following is None:
        kind = f"last_{kind}"
    else:
        facts["next"] = following
    units = session.exec(
        select(Unit.id).where(Unit.plan_id == plan.id, Unit.kind == "unit", col(Unit.successor_id).is_(None))
    )
    for unit_id in units.all():
        assert unit_id is not None
        key = f"{kind}:{plan.id}:{phase.id}:{unit_id}"
        tell_once(session, plan, unit_id, kind, key, on=today, facts=facts)
