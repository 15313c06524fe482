"""Everything about one item, unit by unit: where it stands, and how it came to stand there."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.awaited import waits_on
from eco_workflow.services.find import item_named, plan_named
from eco_workflow.services.history import figures_in, in_words
from eco_workflow.services.overdue import overdue
from eco_workflow.services.settle import settled_how
from eco_workflow.services.since import late_since
from eco_workflow.store.tables import (
    Case,
    Extension,
    ItemText,
    Obligation,
    Report,
    Round,
    Suspension,
    Unit,
)

_OfDuty = TypeVar("_OfDuty", Extension, Suspension, Case)

LAST = 3
"""So many of a unit's last acts on its entries are shown."""


def item(session: Session, viewer: Viewer, code: str, *, plan: str | None, now: datetime) -> dict[str, Any]:
    """The item with its place in the source and what it waits on; what each unit owes, asked, was granted and
    said; `late` as of now.
    """
    plan_row = plan_named(session, plan)
    late = overdue(session, plan_row, now)
    row = item_named(session, plan_row, code)
    text = session.get_one(ItemText, (row.id, plan_row.version))
    settled = settled_how(session, row)
    owing = session.exec(
        select(Obligation, Unit)
        .join(Unit, col(Unit.id) == Obligation.unit_id)
        .where(Obligation.plan_id == plan_row.id, Obligation.item_id == row.id)
        .order_by(col(Unit.id))
    )
    return {
        "item": row.code,
        "kind": row.kind,
        "title": text.title,
        "place": text.place,
        "waits_on": waits_on(session, plan_row, row.code),
        "units": [
            {
                "unit": unit.short,
                "role": owed.role,
                "state": owed.state,
                "paused_as": owed.paused_as,
                "due_on": owed.due_on,
                "first_due_on": owed.first_due_on or owed.due_on,
                "late": (owed.unit_id, owed.item_id) in late,
                "late_not_before": owed.clock_from,
                "asked_from": owed.asked_from,
                "settle": owed.settle,
                "settled": settled if owed.settle == "settled" else [],
                "extensions": _extensions(session, owed),
                "set_aside": _set_aside(session, owed),
                "cases": _cases(session, owed),
                "last": _last(session, owed, row.code),
            }
            for owed, unit in owing
            if viewer.sees(owed.unit_id)
        ],
    }


def _rows(session: Session, table: type[_OfDuty], owed: Obligation) -> Iterable[_OfDuty]:
    """What a table holds of a unit's item, oldest first."""
    of_duty = select(table).where(table.plan_id == owed.plan_id, table.unit_id == owed.unit_id)
    return session.exec(of_duty.where(table.item_id == owed.item_id).order_by(col(table.id)))


def _extensions(session: Session, owed: Obligation) -> list[dict[str, Any]]:
    return [
        {
            "asked_on": row.asked_on,
            "asked_by": row.asked_by,
            "on_behalf": row.on_behalf,
            "until": row.until,
            "reason": row.reason,
            "granted": row.granted,
            "decided_on": row.decided_on,
            "decided_by": row.decided_by,
            "why": row.why,
        }
        for row in _rows(session, Extension, owed)
    ]


def _set_aside(session: Session, owed: Obligation) -> list[dict[str, Any]]:
    """What was given away while it rested, and came back, is one suspension."""
    rows = list(_rows(session, Suspension, owed))
    here = {(row.state, row.asked_on, row.confirmed_on) for row in rows if row.left_on is None}
    return [
        {
            "state": row.state,
            "reason": row.reason,
            "asked_on": row.asked_on,
            "asked_by": row.asked_by,
            "confirmed_on": row.confirmed_on,
            "confirmed_by": row.confirmed_by,
            "ended_on": row.ended_on,
            "ended_by": row.ended_by,
            "why_ended": row.ended_why,
        }
        for row in rows
        if row.left_on is None or (row.state, row.asked_on, row.confirmed_on) not in here
    ]


def _cases(session: Session, owed: Obligation) -> list[dict[str, Any]]:
    return [
        {
            "case": row.id,
            "clock": row.clock,
            "due_on": row.due_on,
            "rung": row.rung,
            "since": late_since(session, row),
            "opened_on": row.opened_on,
            "told_on": row.told_on,
            "closed_on": row.closed_on,
            "closed_why": row.closed_why,
        }
        for row in _rows(session, Case, owed)
    ]


def _last(session: Session, owed: Obligation, code: str) -> list[dict[str, Any]]:
    rows = session.exec(
        select(Report, Round)
        .join(Round, col(Round.id) == Report.round_id)
        .where(Report.unit_id == owed.unit_id, Report.item_id == owed.item_id)
        .order_by(col(Report.id).desc())
        .limit(LAST)
    )
    return [
        {
            "at": report.at,
            "round": asked_in.on_date,
            "action": report.action,
            "said": in_words(report, figures, code) if report.action == "submit" else "",
            "status": report.status,
            "occurred": report.occurred,
            "progress": report.progress,
            "figures": [
                {"code": given.code, "value": given.value, "period": given.period} for given in figures
            ],
            "note": report.note,
            "blocker": report.blocker,
            "reason": report.reason,
            "by": report.actor,
        }
        for report, asked_in in rows
        for figures in [figures_in(session, [report])]
    ]
