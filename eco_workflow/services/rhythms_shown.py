"""What recurs for the office, as people see it: the list, and one turn with its material or its record."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.errors import Refused
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services import pro_rata_report
from eco_workflow.services.find import plan_named
from eco_workflow.services.issues import issue_of
from eco_workflow.services.material import Material, as_text, prepared, resolutions_of
from eco_workflow.services.overdue import overdue
from eco_workflow.services.reverification import reverifies
from eco_workflow.services.rhythm_turns import scheduled, scheduled_named
from eco_workflow.services.rhythms import obligation_of
from eco_workflow.store.tables import Distribution, Occurrence, Plan, Unit

OTHERS = "the office's rhythm is shown to the offices and leaders, and to units what was sent to them"


def listed(
    session: Session, viewer: Viewer, *, plan: str | None, now: datetime, days: WorkingDays
) -> list[dict[str, Any]]:
    """Every turn of the plan, by due day. A unit's people see the issues that were sent to it.

    `state`: `planned`, `open`, `done`, `backfill`, or `not_owed` for a turn before the activation.
    """
    plan_row = plan_named(session, plan)
    sent = _sent_to(session, plan_row, viewer)
    late = overdue(session, plan_row, now)
    known = {
        row.code: row for row in session.exec(select(Occurrence).where(Occurrence.plan_id == plan_row.id))
    }
    rows = []
    for one in scheduled(session, plan_row, days):
        row = known.pop(one.code, None)
        if row is not None:
            rows.append(_row(session, plan_row, row, late))
            continue
        state = "not_owed" if one.due_on < plan_row.active_from else "planned"
        rows.append(_planned(one.code, one.title, state, one.opens_on, one.due_on))
    # What a changed document names no longer stays on record.
    rows += [_row(session, plan_row, row, late) for row in known.values()]
    rows = [row for row in rows if sent is None or row["code"] in sent]
    return sorted(rows, key=lambda row: (row["due_on"], row["code"]))


def shown(
    session: Session, viewer: Viewer, code: str, *, plan: str | None, now: datetime, days: WorkingDays
) -> dict[str, Any]:
    """One turn: what was recorded of it; the material as of now as long as it is not done.

    Raises `WrongInput` for an unknown code, `Refused` for whom it was not sent to.
    """
    plan_row = plan_named(session, plan)
    sent = _sent_to(session, plan_row, viewer)
    if sent is not None and code.upper() not in sent:
        raise Refused(f"{viewer.name} sees the own unit only: {OTHERS}.")
    row = session.get(Occurrence, (plan_row.id, code.upper()))
    if row is None:
        one = scheduled_named(session, plan_row, code, days)
        state = "not_owed" if one.due_on < plan_row.active_from else "planned"
        found = _planned(one.code, one.title, state, one.opens_on, one.due_on)
        rhythm = one.recurring.id
    else:
        rhythm = row.rhythm
        found = _row(session, plan_row, row, overdue(session, plan_row, now))
        found |= {"minutes": row.minutes, "by": row.recorded_by}
        found["resolutions"] = [vars(said) for said in resolutions_of(session, plan_row, row.code)]
        found["distribution"] = _distribution(session, row, viewer)
        found["behind"] = [vars(line) for line in pro_rata_report.lines(session, row)]
    if found["state"] in ("open", "planned"):
        ready = prepared(session, plan_row, now, days, reverifying=reverifies(session, plan_row, rhythm))
        found |= {"material": as_data(ready), "text": as_text(ready)}
    return found


def as_data(ready: Material) -> dict[str, Any]:
    """Material as JSON: yellow and red lights with their reasons, the others counted."""
    return {
        "as_of": ready.as_of,
        "open_items": ready.open_items,
        "lights": {colour: ready.count(colour) for colour in ("red", "yellow", "green", "grey")},
        "units": [
            {"unit": row.unit, "light": row.judged.light.code, "reason": row.judged.reason}
            for row in ready.lights
            if row.judged.light.code in ("red", "yellow")
        ],
        "last_resolutions": [vars(one) for one in ready.resolutions],
        "offered": [vars(one) for one in ready.offered],
    } | ({"indicators": [vars(one) for one in ready.indicators]} if ready.indicators else {})


def _planned(code: str, title: str, state: str, opens_on: date, due_on: date) -> dict[str, Any]:
    return {
        "code": code, "title": title, "state": state, "opens_on": opens_on, "due_on": due_on,
        "late_from": None, "late": False, "held_on": None, "issue": "",
    }  # fmt: skip


def _row(session: Session, plan: Plan, row: Occurrence, late: set[tuple[int, int]]) -> dict[str, Any]:
    owed = obligation_of(session, row)
    return {
        "code": row.code,
        "title": row.title,
        "state": row.state,
        "opens_on": row.opened_on,
        "due_on": owed.due_on if owed else row.due_on,
        "late_from": owed.clock_from if owed else None,
        "late": owed is not None and (owed.unit_id, owed.item_id) in late,
        "held_on": row.held_on,
        "issue": issue_of(session, plan, row),
    }


def _sent_to(session: Session, plan: Plan, viewer: Viewer) -> set[str] | None:
    """The codes of issues that were sent to the viewer's unit; None for who sees everything."""
    if viewer.units is None:
        return None
    sent = select(Distribution.code).where(
        Distribution.plan_id == plan.id, col(Distribution.unit_id).in_(viewer.units)
    )
    return set(session.exec(sent))


def _distribution(session: Session, row: Occurrence, viewer: Viewer) -> list[dict[str, Any]]:
    listed = session.exec(
        select(Distribution, Unit)
        .join(Unit, col(Unit.id) == Distribution.unit_id)
        .where(Distribution.plan_id == row.plan_id, Distribution.code == row.code)
        .order_by(col(Unit.id))
    )
    return [
        {"unit": unit.short, "received_on": sent.received_on, "by": sent.received_by}
        for sent, unit in listed
        if viewer.sees(sent.unit_id)
    ]
