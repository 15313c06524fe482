"""Answers' due times counted again: after a hold, and when a calendar becomes known (DOMAIN 3.8)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.rounds import due_at
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.moves import heard, matter
from eco_workflow.services.tell_moved import return_is_untold, tell_moved
from eco_workflow.store.tables import Entry, Plan, Report, Request, Round


@dataclass(frozen=True)
class Because:
    """Why due times move: the notice's kind, the day it is written, and the reason that the units read."""

    kind: str
    on: date
    reason: str


@dataclass(frozen=True)
class MovedAnswer:
    """An answer that is due at another time than before."""

    round_id: int
    round_on: date
    unit_id: int
    item_id: int
    before: datetime
    due_at: datetime
    was_returned: bool


def count_again(
    session: Session,
    plan: Plan,
    own: WorkingDays,
    because: Because,
    *,
    since: datetime,
    choose: Callable[[datetime, datetime], datetime] = lambda _before, counted: counted,
) -> list[MovedAnswer]:
    """Counts again, in the plan's own calendar, what is due at `since` or later and not accepted.

    So an answer is due on the second working day after the day of its question. `choose` may prefer the due
    time before to the one counted anew. Who owes an answer that moves is told in the next envelope,
    unless that tells of its return.
    """
    rows = session.exec(
        select(Entry, Request, Round)
        .join(Request, (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id))
        .join(Round, col(Round.id) == Entry.round_id)
        .where(Round.plan_id == plan.id, col(Entry.due_at) >= since, Entry.state != "accepted")
        .order_by(col(Entry.round_id), col(Entry.unit_id), col(Entry.item_id))
    ).all()
    returned = _returned_on(session, plan)
    moved: list[MovedAnswer] = []
    answered: list[MovedAnswer] = []
    for entry, request, round_row in rows:
        back = returned.get((entry.round_id, entry.unit_id, entry.item_id))
        asked = back or request.asked_on
        assert entry.due_at is not None
        if asked is None:  # answered to a mail that turned out lost: nothing runs before it is asked anew
            continue
        if request.due_at is not None and request.asked_on is not None and request.due_at >= since:
            request.due_at = choose(request.due_at, _due(plan, request.asked_on, own))
        before, entry.due_at = entry.due_at, choose(entry.due_at, _due(plan, asked, own))
        if entry.due_at == before:
            continue
        of = entry.round_id, round_row.on_date, entry.unit_id, entry.item_id
        one = MovedAnswer(*of, before, entry.due_at, back is not None)
        if entry.state in OWED and request.state == "awaiting":
            moved.append(one)
        elif request.state in ("awaiting", "answered"):
            answered.append(one)
    told: set[str] = set()
    for one in moved:
        if not (one.was_returned and return_is_untold(session, one.round_id, one.unit_id, one.item_id)):
            _tell(session, plan, because, one, told)
    for one in answered:  # it may be taken back, and then the date that was heard of counts
        _tell(session, plan, because, one, told, silently=True)
    return moved


def _tell(
    session: Session,
    plan: Plan,
    because: Because,
    one: MovedAnswer,
    told: set[str],
    *,
    silently: bool = False,
) -> None:
    """One notice for what is owed to the request as it stands, one for each answer that was returned."""
    about = _about(one.round_id, one.unit_id, one.item_id if one.was_returned else 0)
    key = f"{because.kind}:{one.round_id}:{one.unit_id}:{about.get('item', 0)}:{because.on}"
    if key in told:
        return
    told.add(key)
    facts = {"round_on": one.round_on, "reason": because.reason, **about}
    tell_moved(
        session, plan, one.unit_id, because.kind, key, on=because.on,
        before=one.before, after=one.due_at, facts=facts, silently=silently,
    )  # fmt: skip


def stand_by_what_was_heard(session: Session, request: Request, entry: Entry) -> None:
    """An answer that is taken back is not due before the time that its unit heard of.

    A calendar may have brought it nearer meanwhile, of which nobody tells who has answered.
    """
    if entry.due_at is None:
        return
    returned = entry.state == "returned"
    about = _about(entry.round_id, entry.unit_id, entry.item_id if returned else 0)
    of = matter(entry.unit_id, "liaison", "moved_by_calendar", about)
    entry.due_at = max(entry.due_at, heard(session, of, entry.due_at, or_will=True))
    if not returned and request.due_at is not None:
        request.due_at = max(request.due_at, entry.due_at)


def _about(round_id: int, unit_id: int, item_id: int) -> dict[str, Any]:
    """What a notice of a move is about: the request, or one answer to it that was returned."""
    return {"request": [round_id, unit_id]} | ({"item": item_id} if item_id else {})


def _due(plan: Plan, since: date, own: WorkingDays) -> datetime:
    return due_at(since, own, answer_days=plan.answer_days, answer_time=time.fromisoformat(plan.answer_time))


def _returned_on(session: Session, plan: Plan) -> dict[tuple[int, int, int], date]:
    """(round, unit, item) → the day on which the office last returned the answer."""
    reports = session.exec(
        select(Report).where(Report.plan_id == plan.id, Report.action == "return").order_by(col(Report.id))
    )
    return {(r.round_id, r.unit_id, r.item_id): shanghai_date(r.at) for r in reports}
