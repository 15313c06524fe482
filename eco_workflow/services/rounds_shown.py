"""The rounds of a plan and the summary of each, as people look at them (DOMAIN 3)."""

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import ANSWERED
from eco_workflow.domain.clock import wall_time
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.declarations import occurred_in
from eco_workflow.services.find import plan_named
from eco_workflow.services.release_summary import round_named
from eco_workflow.store.tables import Entry, Request, Round, RoundSummary, Unit


def rounds(session: Session, viewer: Viewer, *, plan: str | None) -> list[dict[str, Any]]:
    """Every round of the plan by date; figures of summaries for those who see every unit."""
    plan_row = plan_named(session, plan)
    rows = session.exec(
        select(Round, RoundSummary)
        .join(RoundSummary, col(RoundSummary.round_id) == Round.id, isouter=True)
        .where(Round.plan_id == plan_row.id)
        .order_by(col(Round.on_date), col(Round.id))
    )
    return [{**_row(row), **_summary(summary if viewer.units is None else None)} for row, summary in rows]


def round_(
    session: Session, viewer: Viewer, *, on: date, kind: str | None, plan: str | None
) -> dict[str, Any]:
    """One round: its units, what each was asked and answered, and its summary."""
    plan_row = plan_named(session, plan)
    row = round_named(session, plan_row, on, kind)
    entries: dict[int, list[Entry]] = {}
    for entry in session.exec(select(Entry).where(Entry.round_id == row.id)):
        entries.setdefault(entry.unit_id, []).append(entry)
    asked = session.exec(
        select(Request, Unit)
        .join(Unit, col(Unit.id) == Request.unit_id)
        .where(Request.round_id == row.id)
        .order_by(col(Unit.id))
    )
    summary = session.get(RoundSummary, row.id) if viewer.units is None else None
    return {
        **_row(row),
        **_summary(summary),
        "cover_note": row.cover_note,
        "occurred": [
            {"unit": unit.short, "item": item.code, "title": title}
            for unit, item, title in occurred_in(session, row.id or 0)
            if viewer.sees(unit.id or 0)
        ],
        "units": [
            {
                "unit": unit.short,
                "state": request.state,
                "sent_at": request.sent_at and wall_time(request.sent_at),
                "due_at": request.due_at and wall_time(request.due_at),
                "entries": len(entries[request.unit_id]),
                "answered": sum(entry.state in ANSWERED for entry in entries[request.unit_id]),
            }
            for request, unit in asked
            if viewer.sees(request.unit_id)
        ],
    }


def _row(row: Round) -> dict[str, Any]:
    return {"round": row.on_date, "kind": row.kind, "state": row.state, "opened_on": row.opened_on}


def _summary(summary: RoundSummary | None) -> dict[str, Any]:
    if summary is None:
        return dict.fromkeys(("drafted_on", "released_on", "asked", "answered", "unreached"))
    return {
        "drafted_on": summary.drafted_on,
        "released_on": summary.released_on,
        "asked": summary.asked,
        "answered": summary.answered,
        "unreached": summary.unreached,
    }
