"""The story of the phases: opened, closed, by whom, over what; and what the open one lacks (DOMAIN 7)."""

import json
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.gates import Gate
from eco_workflow.plans import schema
from eco_workflow.services import phases
from eco_workflow.services.close_phase import as_facts, as_json
from eco_workflow.services.find import document, plan_named
from eco_workflow.services.gate import gate_of, phase_named
from eco_workflow.store.tables import Award, ConditionalPass, Item, PhaseStanding, Plan, Waiver


def story(session: Session, number: int | None, *, plan: str | None, now: datetime) -> dict[str, Any]:
    """Every phase, or the one of that number.

    Each as it stands now; a closed one with what stood otherwise at its closing. Raises `WrongInput` for a
    phase that the plan has not.
    """
    plan_row = plan_named(session, plan)
    read = document(session, plan_row)
    if number is not None:
        phase_named(read, number)
    rows = {row.phase: row for row in phases.standing(session, plan_row)}
    award = session.get(Award, plan_row.id)
    return {
        "plan": plan_row.code,
        "on": shanghai_date(now),
        "phases": [
            _phase(session, plan_row, phase, rows[phase.id], shanghai_date(now))
            for phase in read.phases
            if number in (None, phase.id)
        ],
        "award": award and {"on": award.on_date, "document": award.document},
        "waivers": _waivers(session, plan_row),
    }


def in_short(session: Session, plan: Plan, today: date) -> list[dict[str, Any]]:
    """The phase in force, and those of which something is to be done that a leader passed over; by the
    numbers that `story` shows.
    """
    rows = {row.phase: row for row in phases.standing(session, plan)}
    shown = [
        _phase(session, plan, phase, row, today)
        for phase in document(session, plan).phases
        if (row := rows[phase.id]).state == "open" or (row.state == "closed" and row.conditional is not None)
    ]
    return [
        {name: phase[name] for name in ("phase", "title", "state", "opened_on", "closed_on", "late")}
        | {"lacking": len(phase["lacking"]), "conditional": _running(phase, today)}
        for phase in shown
        if phase["state"] == "open" or phase["lacking"]
    ]


def _running(phase: dict[str, Any], today: date) -> dict[str, Any] | None:
    """The pass that still has something to say: it was used, or can be until its date."""
    passed: dict[str, Any] | None = phase["conditional"]
    if passed is None or not (passed["used"] or passed["until"] >= today):
        return None
    return {name: passed[name] for name in ("leader", "until", "used")}


def _phase(
    session: Session, plan: Plan, phase: schema.Phase, row: PhaseStanding, today: date
) -> dict[str, Any]:
    """A phase as it stands on a day, and its milestones as they stood at its closing where that differs."""
    looks = row.state != "planned"
    gate = gate_of(session, plan, phase.id, today) if looks else Gate(())
    then = {one["milestone"]: one for one in json.loads(row.facts)} if row.state == "closed" else {}
    return {
        "phase": phase.id,
        "key": phase.key,
        "title": phase.title,
        "start": phase.start,
        "end": phase.end,
        "state": row.state,
        "opened_on": row.opened_on,
        "closed_on": row.closed_on,
        "closed_by": row.closed_by,
        "late": row.state in ("open", "closed") and (row.closed_on or today) > phase.end,
        "conditional": _passed(session, plan, phase.id, row.conditional),
        "milestones": [one | {"at_closing": _at_closing(one, then)} for one in as_facts(gate)],
        "lacking": [as_json(reason) for reason in gate.reasons],
    }


def _at_closing(milestone: dict[str, Any], then: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """State, date and reasons as they stood when the phase was closed; None where they are the same now."""
    was = then.get(milestone["milestone"])
    names = ("state", "due_on", "reasons")
    if was is None or all(str(was[name]) == str(milestone[name]) for name in names):
        return None
    return {name: was[name] for name in names}


def _passed(session: Session, plan: Plan, number: int, by: int | None) -> dict[str, Any] | None:
    """The pass by which a phase closed; of an open one the newest that was given."""
    rows = select(ConditionalPass).where(ConditionalPass.plan_id == plan.id, ConditionalPass.phase == number)
    if by is not None:
        rows = rows.where(ConditionalPass.n == by)
    row = session.exec(rows.order_by(col(ConditionalPass.n).desc())).first()
    if row is None:
        return None
    return {
        "leader": row.leader,
        "slip": row.slip_name,
        "slip_digest": row.slip_digest,
        "slip_quarantined_on": row.slip_quarantined_on,
        "reason": row.reason,
        "until": row.until,
        "given_on": shanghai_date(row.at),
        "covers": json.loads(row.lacking),
        "used": by is not None,
    }


def _waivers(session: Session, plan: Plan) -> list[dict[str, Any]]:
    rows = session.exec(
        select(Waiver, Item.code)
        .join(Item, col(Item.id) == Waiver.item_id)
        .where(Waiver.plan_id == plan.id)
        .order_by(col(Waiver.item_id), col(Waiver.n))
    )
    return [
        {
            "indicator": code,
            "reason": row.reason,
            "by": row.actor,
            "on": shanghai_date(row.at),
            "withdrawn_on": row.withdrawn_on,
        }
        for row, code in rows
    ]
