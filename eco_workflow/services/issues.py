"""Bulletins and circulars: two numbered series, issues with a distribution list and receipts (DOMAIN 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import LONGEST_PAPER, bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.find import check_day_to_close, document, plan_named, successor_of, unit_named
from eco_workflow.services.hand_over import check_works
from eco_workflow.services.notices import tell_once, was_decided
from eco_workflow.services.rhythm_done import finish, to_record
from eco_workflow.services.rhythm_turns import lock, occurrence_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Distribution, InfoItem, Occurrence, Plan, Unit


@dataclass(frozen=True)
class Issued:
    """An issue that was released. `issue`: 工作简报2022年第3期; `to`: units on its list."""

    code: str
    issue: str
    state: str
    released_on: date
    to: tuple[str, ...]
    information: int


@dataclass(frozen=True)
class Receipt:
    """A unit's receipt, and how many of the list are still to come."""

    code: str
    unit: str
    received_on: date
    by: str
    outstanding: int


def release(
    database: Database,
    code: str,
    *,
    text: str,
    to: Sequence[str] = (),
    information: Sequence[int] = (),
    on: date | None = None,
    now: datetime,
    days: WorkingDays,
    by: Actor,
    plan: str | None = None,
) -> Issued:
    """Releases an issue: it gets the next number of its series, and the units on its list are told.

    `to`: the units; all working units where none is named. `information`: numbers of items that it takes up.
    `on`: the day of release, today where none is given; backfill is told nobody.

    Raises `WrongInput` for unknown codes, units and numbers and without a text; `Refused` for what is no
    series or was released already.
    """
    text = bounded(text, "--text", LONGEST_PAPER)
    if not text:
        raise WrongInput("--text needs the issue's text, or a file that holds it.")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.KEEP_RHYTHM)
        check_day_to_close(session, plan_row, now)
        lock(session, plan_row)
        today = shanghai_date(now)
        row = to_record(session, plan_row, code, on or today, now, days)
        if row.form != "series":
            raise Refused(f"{row.title} is no series that is released. See: eco rhythm show {row.code}")
        units = _listed(session, plan_row, to)
        used = _take_up(session, plan_row, row, information)
        row.minutes, row.recorded_by = text, by.name
        row.number, row.numbered_in = _next_number(session, row, on or today), (on or today).year
        finish(session, row, on or today, now)
        issue = issue_of(session, plan_row, row)
        for unit in units:
            assert unit.id is not None
            session.add(Distribution(plan_id=row.plan_id, code=row.code, unit_id=unit.id))
            if row.state != "backfill":
                facts = {"issue": issue, "code": row.code}
                tell_once(
                    session, plan_row, unit.id, "issue_released", _key(row, unit.id), on=today, facts=facts
                )
        detail = {"code": row.code, "issue": issue, "to": [unit.code for unit in units], "information": used}
        audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="release_issue")
        names = tuple(unit.short for unit in units)
        return Issued(row.code, issue, row.state, on or today, names, len(used))


def receipt(
    database: Database,
    code: str,
    unit: str,
    *,
    now: datetime,
    days: WorkingDays,
    by: Actor,
    plan: str | None = None,
) -> Receipt:
    """A unit gives its receipt of an issue, or an operator records it for the unit. For one that was merged
    since, its successor's people do, under its name.

    Raises `Refused` where the unit is not on the list or gave it already, `WrongInput` for an unknown code or
    a day before the release.
    """
    with database.write() as session:
        plan_row = plan_named(session, plan)
        unit_row = unit_named(session, plan_row, unit)
        if not by.may(Action.RECORD_ON_BEHALF):
            gives = successor_of(session, unit_row)
            by.must(Action.ACKNOWLEDGE, unit=gives.code, called=gives.short, doing="giving a receipt")
        check_day_to_close(session, plan_row, now)
        lock(session, plan_row)
        row = occurrence_named(session, plan_row, code, days)
        listed = session.get(Distribution, (plan_row.id, code.upper(), unit_row.id))
        if row is None or listed is None:
            raise Refused(f"{unit_row.short} is not on a distribution list of {code.upper()}.")
        today = shanghai_date(now)
        if listed.received_on is not None:
            raise Refused(f"{unit_row.short} gave its receipt of {row.code} on {listed.received_on} already.")
        if row.held_on is not None and today < row.held_on:
            raise WrongInput(f"{row.code} was released on {row.held_on}, a later day. Correct --now.")
        listed.received_on, listed.received_by = today, by.name
        assert unit_row.id is not None
        was_decided(session, _key(row, unit_row.id), today)
        session.flush()
        detail = {"code": row.code, "unit": unit_row.code}
        audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="receipt")
        return Receipt(row.code, unit_row.short, today, by.name, _outstanding(session, row))


def issue_of(session: Session, plan: Plan, row: Occurrence) -> str:
    """工作简报2022年第3期; empty before its release."""
    if row.number is None:
        return ""
    series = [one.title for one in document(session, plan).rhythms.office if one.id == row.rhythm]
    name = series[0] if series else row.title
    return f"{name}{row.numbered_in}年第{row.number}期"


def _key(row: Occurrence, unit_id: int) -> str:
    return f"issue_released:{row.plan_id}:{row.code}:{unit_id}"


def _listed(session: Session, plan: Plan, to: Sequence[str]) -> list[Unit]:
    """The units of a distribution list, each once; the office, which issues it, is on none by itself."""
    if not to:
        working = select(Unit).where(
            Unit.plan_id == plan.id, Unit.kind == "unit", col(Unit.successor_id).is_(None)
        )
        return list(session.exec(working.order_by(col(Unit.id))))
    found = {}
    for name in to:
        unit = unit_named(session, plan, name)
        check_works(session, unit, "sent issues")
        found[unit.id] = unit
    return list(found.values())


def _take_up(session: Session, plan: Plan, row: Occurrence, numbers: Sequence[int]) -> list[int]:
    for number in numbers:
        item = session.get(InfoItem, number)
        if item is None or item.plan_id != plan.id:
            raise WrongInput(f"There is no information item {number}. See: eco info list")
        if item.used_in not in ("", row.code):
            raise Refused(f"The information item {number} stands in {item.used_in} already.")
        item.used_in = row.code
    return sorted(set(numbers))


def _next_number(session: Session, row: Occurrence, on: date) -> int:
    last = select(func.max(Occurrence.number)).where(
        Occurrence.plan_id == row.plan_id, Occurrence.rhythm == row.rhythm, Occurrence.numbered_in == on.year
    )
    return (session.exec(last).one() or 0) + 1


def _outstanding(session: Session, row: Occurrence) -> int:
    waiting = select(func.count()).where(
        Distribution.plan_id == row.plan_id,
        Distribution.code == row.code,
        col(Distribution.received_on).is_(None),
    )
    return session.exec(waiting).one()
