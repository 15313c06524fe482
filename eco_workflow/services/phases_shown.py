"""The story of the phases: opened, closed, by whom, over what; and what the open one lacks (DOMAIN 7)."""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.services import phases
from eco_workflow.services.close_phase import as_facts, as_json
from eco_workflow.services.find import document, plan_named
from eco_workflow.services.gate import gate_of, phase_named
from eco_workflow.store.tables import Award, ConditionalPass, Item, Plan, Waiver


def story(session: Session, number: int | None, *, plan: str | None, now: datetime) -> dict[str, Any]:
    """Every phase, or the one of that number.

    A closed one with its facts as they stood, an open one as it stands now. Raises `WrongInput` for a phase
    that the plan has not.
    """
    plan_row = plan_named(session, plan)
    read = document(session, plan_row)
    if number is not None:
        phase_named(read, number)
    rows = {row.phase: row for row in phases.standing(session, plan_row)}
    award = session.get(Award, plan_row.id)
    shown = []
    for phase in read.phases:
        if number not in (None, phase.id):
            continue
        row = rows[phase.id]
        made: dict[str, Any] = {
            "phase": phase.id,
            "key": phase.key,
            "title": phase.title,
            "start": phase.start,
            "end": phase.end,
            "state": row.state,
            "opened_on": row.opened_on,
            "closed_on": row.closed_on,
            "closed_by": row.closed_by,
            "late": (row.closed_on or shanghai_date(now)) > phase.end
            if row.state in ("open", "closed")
            else False,
            "conditional": _passed(session, plan_row, phase.id, row.conditional),
        }
        if row.state == "closed":
            made |= {"milestones": json.loads(row.facts), "lacking": []}
        elif row.state == "planned":
            made |= {"milestones": [], "lacking": []}
        else:
            gate = gate_of(session, plan_row, phase.id, shanghai_date(now))
            made |= {
                "milestones": as_facts(gate),
                "lacking": [as_json(reason) for reason in gate.reasons],
            }
        shown.append(made)
    return {
        "plan": plan_row.code,
        "on": shanghai_date(now),
        "phases": shown,
        "award": award and {"on": award.on_date, "document": award.document},
        "waivers": _waivers(session, plan_row),
    }


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
