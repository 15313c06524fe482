"""The rounds of a plan and the summary of each, as people look at them (DOMAIN 3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused
from eco_workflow.domain.overdue import review_is_late
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.words import LEADING_GROUP
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of, clock_day, report_clock
from eco_workflow.services.declarations import occurred_in
from eco_workflow.services.find import plan_named
from eco_workflow.services.look import is_late_in
from eco_workflow.services.release_summary import drafted, round_named
from eco_workflow.services.report_case import let_pass
from eco_workflow.services.round_count import asked_in
from eco_workflow.services.round_summary import summary
from eco_workflow.services.trial import marking_of
from eco_workflow.store.tables import Entry, Plan, Round, RoundSummary, Unit

SUMMARY = ("drafted_on", "released_on", "release_late", "asked", "answered", "unreached")


def rounds(
    session: Session, viewer: Viewer, *, plan: str | None, now: datetime, days: WorkingDays
) -> list[dict[str, Any]]:
    """Every round of the plan by date; figures of summaries, and whether the release of one is late as of
    now, for those who see every unit. `days`: the published calendar.
    """
    plan_row = plan_named(session, plan)
    late = _late(session, plan_row, now, days)
    rows = session.exec(
        select(Round, RoundSummary)
        .join(RoundSummary, col(RoundSummary.round_id) == Round.id, isouter=True)
        .where(Round.plan_id == plan_row.id)
        .order_by(col(Round.on_date), col(Round.id))
    )
    sees_all = viewer.units is None
    return [{**_row(row), **_summary(drawn_up if sees_all else None, late)} for row, drawn_up in rows]


def round_(
    session: Session,
    viewer: Viewer,
    *,
    on: date,
    kind: str | None,
    plan: str | None,
    now: datetime,
    days: WorkingDays,
) -> dict[str, Any]:
    """One round: its units, what each was asked and answered, who is late as of now, and its summary."""
    plan_row = plan_named(session, plan)
    assert plan_row.id is not None
    clock = report_clock(session, plan_row.id, now)
    row = round_named(session, plan_row, on, kind)
    assert row.id is not None
    asked = asked_in(session, [row.id]).get(row.id, [])
    entries: dict[int, list[Entry]] = {}
    for entry in session.exec(select(Entry).where(Entry.round_id == row.id)):
        entries.setdefault(entry.unit_id, []).append(entry)
    passed = let_pass(session, [row.id or 0])
    drawn_up = session.get(RoundSummary, row.id) if viewer.units is None else None
    return {
        **_row(row),
        **_summary(drawn_up, _late(session, plan_row, now, days)),
        "cover_note": row.cover_note,
        "occurred": [
            {"unit": unit.short, "item": item.code, "title": title}
            for unit, item, title in occurred_in(session, row.id or 0)
            if viewer.sees(unit.id or 0)
        ],
        "units": [
            {
                "unit": one.unit.short,
                "state": one.request.state,
                "sent_at": one.request.sent_at,
                "due_at": one.request.due_at,
                "late": any(
                    is_late_in(entry, one.request, passed, clock) for entry in entries[one.request.unit_id]
                ),
                "entries": len(one.entries),
                "answered": one.entries_answered,
            }
            for one in asked
            if viewer.sees(one.request.unit_id)
        ],
    }


@dataclass(frozen=True)
class Sheet:
    """The summary of a round as leaders read it; nobody carries the envelope, it is handed over on paper."""

    round: date
    kind: str
    drafted_on: date
    released_on: date | None
    envelope: says.Envelope


def sheet(
    session: Session, viewer: Viewer, *, on: date, kind: str | None, plan: str | None, now: datetime
) -> Sheet:
    """What the summary of a round says as of now. Raises `Refused` before it is drafted, and for who does not
    see every unit.
    """
    if viewer.units is not None:
        raise Refused(
            f"{viewer.name} sees the own unit only; a summary speaks of all. See: eco round show {on}"
        )
    plan_row = plan_named(session, plan)
    row = round_named(session, plan_row, on, kind)
    found = drafted(session, row)
    office = session.get_one(Unit, plan_row.office_unit_id)
    envelope = says.Envelope(
        message_id="",
        plan=plan_row.title,
        marking=marking_of(plan_row),
        on=shanghai_date(now),
        written_at=now,
        recipient=says.Recipient(name="", role="leader", unit=LEADING_GROUP, address=""),
        office=says.Office(office.short, plan_row.office_telephone),
        summaries=(summary(session, found.round_id),),
    )
    return Sheet(row.on_date, row.kind, found.drafted_on, found.released_on, envelope)


def _row(row: Round) -> dict[str, Any]:
    return {"round": row.on_date, "kind": row.kind, "state": row.state, "opened_on": row.opened_on}


def _late(session: Session, plan: Plan, now: datetime, days: WorkingDays) -> Callable[[RoundSummary], bool]:
    """By what the release of a summary is told to be late."""
    today = clock_day(plan, now)
    own = calendar_of(session, plan, days, today)

    def late(summary: RoundSummary) -> bool:
        drafts = [summary.drafted_on] if summary.released_on is None else []
        return review_is_late([], drafts, today, own, review_days=plan.review_days)

    return late


def _summary(summary: RoundSummary | None, late: Callable[[RoundSummary], bool]) -> dict[str, Any]:
    if summary is None:
        return dict.fromkeys(SUMMARY)
    return {
        "drafted_on": summary.drafted_on,
        "released_on": summary.released_on,
        "release_late": late(summary),
        "asked": summary.asked,
        "answered": summary.answered,
        "unreached": summary.unreached,
    }
