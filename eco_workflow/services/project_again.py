"""What was counted with a provisional calendar is counted again when the year is known.

Stored, and so counted again, are: when answers are due; due dates put off by a suspension or set when a
closed indicator fell; from when on an item is late after a refused extension, after activation or after a
suspension; and from when on a case waits. Everything else is counted anew on every day. A date is known to
have been counted by its giving the same again in the calendar before: what a person chose is left alone.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED
from eco_workflow.domain.clock import instant, shanghai_date
from eco_workflow.domain.due import ONE_DAY, clock_after, due_after, last_day, waits_from
from eco_workflow.domain.overdue import OPEN
from eco_workflow.domain.rounds import due_at
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.due_times import Because, MovedAnswer, count_again
from eco_workflow.services.left import still_to_leave
from eco_workflow.services.load_plan import JUST_AFTER
from eco_workflow.services.overdue import void_drafts
from eco_workflow.services.reopen import DAYS_TO_MEND
from eco_workflow.services.report_case import open_case
from eco_workflow.services.tell_moved import tell_moved
from eco_workflow.store.tables import (
    Breach,
    Case,
    Entry,
    Extension,
    Item,
    Notice,
    Obligation,
    Plan,
    Report,
    Request,
    Suspension,
    Unit,
)

Key = tuple[int, int]
"""Unit and item."""


@dataclass(frozen=True)
class Moved:
    """A date that is another now."""

    plan: str
    unit: str
    item: str
    """Empty where the whole case waits."""
    what: str
    """`answer` (of the round `round_on`), `due date`, `late from` or `waits from`."""
    before: date | datetime
    after: date | datetime
    round_on: date | None = None


@dataclass(frozen=True)
class _Calendars:
    """The plan's calendar as it was and as it is, on the day of the import."""

    before: WorkingDays
    after: WorkingDays
    today: date

    def fair(self, before: date, counted: date, *, over: date, soonest: date) -> date:
        """The date that holds: what lies behind by both stays, none comes nearer than one can hear of it."""
        if max(before, counted) < over:
            return before
        return min(before, max(counted, soonest)) if counted < before else counted


def project_again(
    session: Session,
    plan: Plan,
    before: WorkingDays,
    after: WorkingDays,
    *,
    first: date,
    source: str,
    now: datetime,
) -> list[Moved]:
    """Moves the plan's dates from one published calendar to another that differs from the day `first` on.

    Who owes what moved is told in the next envelope, with the `source` as the reason.
    """
    today = shanghai_date(now)
    own = _Calendars(
        calendar_of(session, plan, before, today), calendar_of(session, plan, after, today), today
    )
    moved = _answers(session, plan, own, first, source, now)
    moved += _items(session, plan, own, source)
    moved += _cases(session, plan, own)
    session.flush()
    return _named(session, plan, moved)


def _answers(
    session: Session, plan: Plan, own: _Calendars, first: date, source: str, now: datetime
) -> list[Moved]:
    clock = time.fromisoformat(plan.answer_time)
    soonest = due_at(own.today, own.after, answer_days=1, answer_time=clock)

    def choose(before: datetime, counted: datetime) -> datetime:
        if max(before, counted) < now:
            return before
        return min(before, max(counted, soonest)) if counted < before else counted

    because = Because("moved_by_calendar", own.today, source)
    found = count_again(session, plan, own.after, because, since=instant(first, time()), choose=choose)
    _close_mistaken(session, plan, [one for one in found if one.before < now], now)
    return [
        Moved("", str(one.unit_id), str(one.item_id), "answer", one.before, one.due_at, one.round_on)
        for one in found
    ]


def _close_mistaken(session: Session, plan: Plan, moved: list[MovedAnswer], now: datetime) -> None:
    """Closes the cases of units that were late by the calendar before alone: they have not run out yet."""
    rounds: dict[int, set[int]] = {}
    for one in moved:
        rounds.setdefault(one.unit_id, set()).add(one.round_id)
    late = (
        select(Entry.unit_id)
        .join(Request, (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id))
        .where(Request.plan_id == plan.id, Request.state == "awaiting", col(Request.sent_at).is_not(None))
        .where(col(Entry.state).in_(OWED), col(Entry.due_at) < now)
    )
    still = set(session.exec(late).all())
    for unit_id in sorted(set(rounds) - still):
        case = open_case(session, plan.id or 0, unit_id)
        if case is None:
            continue
        silent = set(session.exec(select(Breach.round_id).where(Breach.case_id == case.id)).all())
        if silent <= rounds[unit_id]:
            case.closed_on, case.closed_why = shanghai_date(now), "nothing_owed"
            void_drafts(session, case)


def _items(session: Session, plan: Plan, own: _Calendars, source: str) -> list[Moved]:
    rested, fallen, refused = _suspensions(session, plan), _fallen(session, plan), _decided(session, plan)
    moved = []
    query = select(Obligation).where(
        Obligation.plan_id == plan.id, col(Obligation.due_on).is_not(None),
        col(Obligation.state).in_((*OPEN, "completed", "suspended")),
    )  # fmt: skip
    for owed in session.exec(query.order_by(col(Obligation.unit_id), col(Obligation.item_id))):
        key = owed.unit_id, owed.item_id
        was = owed.due_on, owed.clock_from
        _move(owed, plan, own, rested.get(key, [])[-1:], fallen.get(key), refused.get(key))
        for what, old, new in zip(
            ("due date", "late from"), was, (owed.due_on, owed.clock_from), strict=True
        ):
            if old and new and old != new:
                moved.append(Moved("", str(owed.unit_id), str(owed.item_id), what, old, new))
        last = last_day(*was, own.before)
        now_last = last_day(owed.due_on, owed.clock_from, own.after)
        if owed.state not in OPEN or last == now_last or _told_right(session, owed, was):
            continue
        if last and now_last and owed.unit_id != plan.office_unit_id:
            _tell(session, plan, owed, own.today, last, now_last, source)
    return moved


def _tell(
    session: Session, plan: Plan, owed: Obligation, today: date, before: date, after: date, source: str
) -> None:
    """Liaison and leader in charge hear by when the item is due now; the office decided it itself."""
    for role in ("liaison", "leader"):
        tell_moved(
            session, plan, owed.unit_id, "due_by_calendar",
            f"due_by_calendar:{owed.item_id}:{owed.unit_id}:{today}:{role}",
            on=today, role=role, before=before, after=after,
            facts={"item": owed.item_id, "reason": source},
        )  # fmt: skip


def _told_right(session: Session, owed: Obligation, was: tuple[date | None, date | None]) -> bool:
    """Whether something about the item is still to be told that names its date; what was written down of the
    date before is corrected. Then nobody ever heard otherwise.
    """
    told_right = False
    about = select(Notice).where(
        Notice.plan_id == owed.plan_id, Notice.unit_id == owed.unit_id,
        col(Notice.kind).in_(("assigned", "resumed", *_WRITTEN)),
    )  # fmt: skip
    for notice in session.exec(about):
        facts = json.loads(notice.facts)
        if facts.get("item") != owed.item_id or not still_to_leave(session, notice):
            continue
        if notice.kind in _WRITTEN:
            name, of = _WRITTEN[notice.kind]
            if facts[name] != str(was[of]):
                continue
            new = (owed.due_on, owed.clock_from)[of]
            notice.facts = json.dumps({**facts, name: str(new)}, ensure_ascii=False, sort_keys=True)
        told_right = True
    return told_right


_WRITTEN = {"reopened": ("due_on", 0), "extension_refused": ("late_from", 1)}
"""The notices that hold a date of the item: the fact, and which one it is, the due date or the late one."""


def _move(
    owed: Obligation,
    plan: Plan,
    own: _Calendars,
    rested: list[Suspension],
    fallen: date | None,
    refused: date | None,
) -> None:
    """Counts the item's dates again, with the last suspension that lies between them and where they began."""
    due_on, clock_from, first = owed.due_on, owed.clock_from, owed.first_due_on or owed.due_on

    def due(given: date | None, days: WorkingDays) -> date | None:
        """What was given again: the day of the fall counts, if it gave that date."""
        if fallen is None or given != min(own.before.after(fallen, DAYS_TO_MEND), plan.ends_on):
            return given
        return min(days.after(fallen, DAYS_TO_MEND), plan.ends_on)

    def clock(given: date | None, days: WorkingDays) -> date | None:
        for since, count in ((refused, 2), (first, JUST_AFTER)):
            if since is not None and given == own.before.after(since, count):
                return days.after(since, count)
        return given

    for row in rested:
        assert row.confirmed_on is not None
        assert row.ended_on is not None
        span = row.confirmed_on, row.ended_on
        if due_on == due_after(row.due_before, *span, plan.ends_on, own.before):
            row.due_before = due(row.due_before, own.after)
            due_on = due_after(row.due_before, *span, plan.ends_on, own.after)
        if clock_from == clock_after(row.clock_before, *span, own.before):
            row.clock_before = clock(row.clock_before, own.after)
            clock_from = clock_after(row.clock_before, *span, own.after)
    due_on, clock_from = due(due_on, own.after), clock(clock_from, own.after)
    if owed.due_on and due_on:
        soonest = own.after.after(own.today, 1)
        owed.due_on = own.fair(owed.due_on, due_on, over=own.today, soonest=soonest)
    if owed.clock_from and clock_from:
        soonest = own.after.after(own.today, 2)
        owed.clock_from = own.fair(owed.clock_from, clock_from, over=own.today + ONE_DAY, soonest=soonest)


def _cases(session: Session, plan: Plan, own: _Calendars) -> list[Moved]:
    """From when on a rung waits whose item was suspended meanwhile: it lies behind, but counts on."""
    rested, moved = _suspensions(session, plan), []
    waiting = select(Case).where(
        Case.plan_id == plan.id, col(Case.closed_on).is_(None),
        col(Case.told_on).is_not(None), col(Case.waits_from).is_not(None),
    )  # fmt: skip
    for case in session.exec(waiting.order_by(col(Case.id))):
        spans = [
            (row.confirmed_on, row.ended_on)
            for row in rested.get((case.unit_id, case.item_id), [])
            if row.confirmed_on and row.ended_on and case.told_on and row.confirmed_on >= case.told_on
        ]
        before = case.waits_from
        if before is not None and before == _waits(case, spans, own.before):
            case.waits_from = _waits(case, spans, own.after)
            if case.waits_from and case.waits_from != before:
                moved.append(
                    Moved("", str(case.unit_id), str(case.item_id), "waits from", before, case.waits_from)
                )
    return moved


def _waits(case: Case, spans: list[tuple[date, date]], days: WorkingDays) -> date | None:
    told = case.told_on
    for since, until in spans:
        assert told is not None
        told = waits_from(told, since, until, days)
    return told


def _suspensions(session: Session, plan: Plan) -> dict[Key, list[Suspension]]:
    """The suspensions that are over, of what is owed still, oldest first."""
    found: dict[Key, list[Suspension]] = {}
    over = select(Suspension).where(
        Suspension.plan_id == plan.id, Suspension.state == "suspended",
        col(Suspension.confirmed_on).is_not(None), col(Suspension.ended_on).is_not(None),
        col(Suspension.left_on).is_(None),
    )  # fmt: skip
    for row in session.exec(over.order_by(col(Suspension.id))):
        found.setdefault((row.unit_id, row.item_id), []).append(row)
    return found


def _fallen(session: Session, plan: Plan) -> dict[Key, date]:
    """When a closed indicator fell, the last time."""
    reports = select(Report).where(Report.plan_id == plan.id, Report.action == "reopen")
    return {
        (row.unit_id, row.item_id): shanghai_date(row.at)
        for row in session.exec(reports.order_by(col(Report.id)))
    }


def _decided(session: Session, plan: Plan) -> dict[Key, date]:
    """When an extension was decided, the last time."""
    decided = select(Extension).where(Extension.plan_id == plan.id, col(Extension.decided_on).is_not(None))
    return {
        (row.unit_id, row.item_id): row.decided_on
        for row in session.exec(decided.order_by(col(Extension.id)))
        if row.decided_on is not None
    }


def _named(session: Session, plan: Plan, moved: list[Moved]) -> list[Moved]:
    """By the names that the plan gives."""
    units = dict(session.exec(select(Unit.id, Unit.code).where(Unit.plan_id == plan.id)).all())
    items = dict(session.exec(select(Item.id, Item.code).where(Item.plan_id == plan.id)).all())
    return [
        replace(one, plan=plan.code, unit=units[int(one.unit)], item=items.get(int(one.item), ""))
        for one in moved
    ]
