"""Every morning: what recurs for the office is opened when its turn is near (DOMAIN 8).

An obligation of the office comes into being with its item, and a notice that says what is prepared. From then
on it is late, warned of and laddered like any other. No round asks it: it is done when its minutes, its issue
or its signature is recorded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Unavailable, in_a_line
from eco_workflow.domain.overdue import OPEN
from eco_workflow.domain.rhythms import late_from
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services import pro_rata_report
from eco_workflow.services.calendar import calendar_of, held_days
from eco_workflow.services.doubt import to_confirm
from eco_workflow.services.load_plan import lenient
from eco_workflow.services.material import prepared
from eco_workflow.services.notices import tell_once
from eco_workflow.services.reverification import tally, verified
from eco_workflow.services.rhythm_close import due_key
from eco_workflow.services.rhythm_turns import Scheduled, lock, scheduled
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Item, ItemText, Obligation, Occurrence, Plan


@dataclass
class Opened:
    """What a morning came to: codes by plan, and what kept a plan from it."""

    opened: dict[str, list[str]] = field(default_factory=dict)
    moved: dict[str, list[str]] = field(default_factory=dict)
    """Due or late on other days than before: the plan was held, or a calendar became known."""
    closed: dict[str, list[str]] = field(default_factory=dict)
    """Pro-rata reports of which nobody is behind any more."""
    doubted: dict[str, str] = field(default_factory=dict)
    """Why the date is not believed: nothing is done for the plan before a person confirms it."""
    broken: dict[str, str] = field(default_factory=dict)


def open_all(
    database: Database, now: datetime, days: WorkingDays, *, actor: str, only: str | None = None
) -> Opened:
    """Opens what is due to be opened in every plan that runs today; again changes nothing.

    A plan that is held, has not begun or has ended is left alone, and so is one whose date a person has to
    confirm; a broken one does not stop the others.
    """
    today, done = shanghai_date(now), Opened()
    running = select(Plan.id, Plan.code).where(
        Plan.active_from <= today, Plan.ends_on >= today, col(Plan.held_since).is_(None)
    )
    if only is not None:
        running = running.where(Plan.code == only)
    with database.read() as session:
        plans = session.exec(running.order_by(col(Plan.id))).all()
        held = held_days(session, today)
    for plan_id, code in plans:
        try:
            with database.read() as session:
                plan = session.get_one(Plan, plan_id)
                doubted = to_confirm(plan, today, held)
                idle = doubted or not _work(session, plan, now, days)
            if doubted:
                done.doubted[code] = doubted
            if idle:
                continue
            with database.write() as session:
                plan = session.get_one(Plan, plan_id)
                lock(session, plan)
                _do(session, plan, now, days, actor, done)
        except Unavailable:
            raise
        except Exception as error:  # whatever a plan's rows provoke must not hold up the others
            done.broken[code] = in_a_line(error)
    return done


@dataclass(frozen=True)
class _Work:
    to_open: list[Scheduled]
    to_move: list[tuple[Occurrence, Obligation, date, date]]
    """With its new due day and its new first day of lateness."""
    to_close: list[Occurrence]

    def __bool__(self) -> bool:
        return bool(self.to_open or self.to_move or self.to_close)


def _work(session: Session, plan: Plan, now: datetime, days: WorkingDays) -> _Work:
    today = shanghai_date(now)
    known = {row.code: row for row in session.exec(select(Occurrence).where(Occurrence.plan_id == plan.id))}
    turns = {one.code: one for one in scheduled(session, plan, days)}
    to_open = [
        one
        for one in turns.values()
        if one.code not in known and one.opens_on <= today and one.due_on >= plan.active_from
    ]
    still = [row for row in known.values() if row.state == "open"]
    to_close = pro_rata_report.caught_up(session, plan, still, now, days)
    return _Work(to_open, list(_moved(session, plan, still, turns, days, today)), to_close)


def _moved(
    session: Session,
    plan: Plan,
    still: list[Occurrence],
    turns: dict[str, Scheduled],
    days: WorkingDays,
    today: date,
) -> Iterator[tuple[Occurrence, Obligation, date, date]]:
    """What is owed still and counts otherwise by now: held days do not count, a calendar became known.

    What a person decided stands: an extended date, a suspension, a later first day of lateness.
    """
    own = calendar_of(session, plan, days, today)
    for row in still:
        one = turns.get(row.code)
        owed = obligation_of(session, row)
        if one is None or owed is None or owed.state not in OPEN or owed.due_on != row.due_on:
            continue
        late = first_late(plan, one, row.opened_on, own)
        if one.due_on != row.due_on or owed.clock_from is None or late > owed.clock_from:
            yield row, owed, one.due_on, late


def _do(session: Session, plan: Plan, now: datetime, days: WorkingDays, actor: str, done: Opened) -> None:
    work = _work(session, plan, now, days)
    if not work:
        return
    for one in work.to_open:
        open_turn(session, plan, one, now, days)
    for row, owed, due, late in work.to_move:
        row.due_on = owed.due_on = due
        owed.clock_from = late
    for row in work.to_close:
        pro_rata_report.close_unsigned(session, row, now)
    said = {
        "opened": [one.code for one in work.to_open],
        "moved": [row.code for row, *_ in work.to_move],
        "closed": [row.code for row in work.to_close],
    }
    assert plan.id is not None
    detail = {"on": shanghai_date(now), **{name: codes for name, codes in said.items() if codes}}
    audit.record(session, {plan.id: detail}, at=now, actor=actor, action="open_rhythms")
    for name, codes in said.items():
        if codes:
            getattr(done, name)[plan.code] = codes


def open_turn(session: Session, plan: Plan, one: Scheduled, now: datetime, days: WorkingDays) -> Occurrence:
    """Opens one turn: the office owes it from now on, and is told. Whoever calls it holds the plan."""
    today = shanghai_date(now)
    if one.recurring.form == "pro_rata":
        row = pro_rata_report.draft(session, plan, occurrence(plan, one, today), now, days)
        if row.state != "open":
            return row
    else:
        row = occurrence(plan, one, today)
        session.add(row)
    late = owe(session, plan, one, row, calendar_of(session, plan, days, today))
    if one.recurring.form == "pro_rata":
        pro_rata_report.ask_for_signature(session, plan, row, one, today)
        return row
    key = due_key(row.plan_id, row.code)
    facts = {"item": row.item_id, "due_on": one.due_on, "late_from": late}
    if one.recurring.every == "award_year":
        facts |= tally(verified(session, plan, today))
        tell_once(session, plan, plan.office_unit_id, "reverification_due", key, on=today, facts=facts)
        return row
    ready = prepared(session, plan, now, days)
    facts |= {
        "open_items": ready.open_items,
        "red": ready.count("red"),
        "yellow": ready.count("yellow"),
        "resolutions": len(ready.resolutions),
    }
    tell_once(session, plan, plan.office_unit_id, "rhythm_due", key, on=today, facts=facts)
    return row


def occurrence(plan: Plan, one: Scheduled, today: date) -> Occurrence:
    """The row of a turn, not yet added."""
    assert plan.id is not None
    return Occurrence(
        plan_id=plan.id,
        code=one.code,
        rhythm=one.recurring.id,
        period=one.turn.text,
        title=one.title,
        form=one.recurring.form,
        due_on=one.due_on,
        opened_on=today,
    )


def owe(session: Session, plan: Plan, one: Scheduled, row: Occurrence, own: WorkingDays) -> date:
    """Makes the turn an item that the office owes; returns the first day on which it is late."""
    assert plan.id is not None
    item = Item(plan_id=plan.id, code=one.code, kind="rhythm")
    session.add(item)
    session.flush()
    assert item.id is not None
    row.item_id = item.id
    late = first_late(plan, one, row.opened_on, own)
    session.add(ItemText(item_id=item.id, version=plan.version, title=one.title, place=one.recurring.source))
    session.add(
        Obligation(
            plan_id=plan.id,
            unit_id=plan.office_unit_id,
            item_id=item.id,
            role="owner",
            version=plan.version,
            due_on=one.due_on,
            clock_from=late,
            rhythm="never",
        )
    )
    session.flush()
    return late


def first_late(plan: Plan, one: Scheduled, opened_on: date, own: WorkingDays) -> date:
    """The first day on which the turn is late, in the plan's own calendar."""
    late = late_from(one.due_on, opened_on, one.recurring.late_after, own)
    return max(late, lenient(one.due_on, plan.active_from, own) or late)


def obligation_of(session: Session, row: Occurrence) -> Obligation | None:
    """Who owes the turn today: the office, or the unit to which a split gave it."""
    owed = select(Obligation).where(Obligation.plan_id == row.plan_id, Obligation.item_id == row.item_id)
    return session.exec(owed.where(Obligation.state != "not_applicable")).first()
