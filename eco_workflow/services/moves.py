"""A date that moved is told from the date that was heard of last (DOMAIN 3.8).

A calendar may be corrected before the next run, or a hold and a calendar move the same answer: what nobody
was told of in between is no date that a mail could name.
"""

import json
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.services.notices import LEFT, has_left, tell_once
from eco_workflow.store.tables import Entry, Line, Message, Notice, Plan

ANSWER = ("moved_by_hold", "moved_by_calendar")
ITEM = ("due_by_calendar",)


def tell_moved(
    session: Session,
    plan: Plan,
    unit_id: int,
    kind: str,
    key: str,
    *,
    on: date,
    role: str = "liaison",
    before: date,
    after: date,
    facts: dict[str, Any],
) -> None:
    """Writes down that an answer's due time or an item's due date is another than the contact heard of.

    `before` and `after` are dates of an item, instants of an answer; `key` names what moved and the day. What
    was written down of an earlier move and has not left is taken back; where the date is again the one that
    was heard of, nothing is told.
    """
    kinds, old, new = (ITEM, "old_due_on", "due_on") if kind in ITEM else (ANSWER, "old_due_at", "due_at")
    read = type(before).fromisoformat
    earlier = select(Notice).where(
        Notice.plan_id == plan.id,
        Notice.unit_id == unit_id,
        Notice.role == role,
        col(Notice.kind).in_(kinds),
    )
    same = [
        (notice, known)
        for notice in session.exec(earlier.order_by(col(Notice.id).desc()))
        if ((known := json.loads(notice.facts)).get("request"), known.get("item"))
        == (facts.get("request"), facts.get("item"))
    ]
    last = next(((notice, known) for notice, known in same if read(known[new]) == before), None)
    if last is not None and not has_left(session, last[0].key):
        before = read(last[1][old])
        _take_back(session, last[0], on)
    if before != after:
        times = sum(notice.key.startswith(key) for notice, _ in same)
        own = f"{key}:{times}" if times else key
        told = {**facts, old: before.isoformat(), new: after.isoformat()}
        tell_once(session, plan, unit_id, kind, own, on=on, role=role, facts=told)


def return_is_untold(session: Session, entry: Entry) -> bool:
    """Whether the unit has still to hear that its answer was returned: that will name the due time then."""
    of = f"returned:{entry.round_id}:{entry.unit_id}:{entry.item_id}:"
    newest = session.exec(
        select(Notice).where(col(Notice.key).startswith(of)).order_by(col(Notice.id).desc())
    ).first()
    if newest is None or newest.told_on is None:
        return newest is not None
    waits = (
        select(Line.ref_id)
        .join(Message, col(Message.id) == Line.message_id)
        .where(Line.kind == "notice", Line.ref_id == newest.id, col(Line.dropped).is_(False))
        .where(col(Message.state).not_in(LEFT))
    )
    return session.exec(waits).first() is not None and not has_left(session, newest.key)


def _take_back(session: Session, notice: Notice, on: date) -> None:
    """Nobody needs to hear it any more, also where it waits in a message already."""
    notice.told_on, notice.told_to = on, None
    waiting = (
        select(Line)
        .join(Message, col(Message.id) == Line.message_id)
        .where(Line.kind == "notice", Line.ref_id == notice.id)
        .where(col(Message.state).not_in(LEFT))
    )
    for line in session.exec(waiting):
        line.dropped = True
