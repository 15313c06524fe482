"""A date that moved is written down for who owes it; what was not told of an earlier move is taken back."""

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.services.left import LEFT, has_left, still_to_leave
from eco_workflow.services.moves import heard, matter, told_of
from eco_workflow.services.notices import tell_once
from eco_workflow.store.tables import Line, Message, Notice, Plan


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
    silently: bool = False,
) -> None:
    """Writes down that an answer's due time or an item's due date is another.

    `before` and `after` are dates of an item, instants of an answer; `key` names what moved and the day.
    Where the date is again the one that was heard of, nothing is told. `silently`: nobody owes it now, but
    the date that was heard of stays known.
    """
    of = matter(unit_id, role, kind, facts)
    old, new = of.names
    read = type(before).fromisoformat
    same = list(told_of(session, of))
    last = next((notice for notice, _, then in same if read(then) == before), None)
    if last is not None and not has_left(session, last.key):
        _take_back(session, last, on)
    if not silently and heard(session, of, before) == after:
        return
    times = sum(notice.key.startswith(key) for notice, _, _ in same)
    own = f"{key}:{times}" if times else key
    told = {**facts, old: before.isoformat(), new: after.isoformat()}
    tell_once(session, plan, unit_id, kind, own, on=on, role=role, facts=told, silently=silently)


def return_is_untold(session: Session, round_id: int, unit_id: int, item_id: int) -> bool:
    """Whether the unit has still to hear that its answer was returned: that will name the due time then."""
    of = f"returned:{round_id}:{unit_id}:{item_id}:"
    newest = select(Notice).where(col(Notice.key).startswith(of)).order_by(col(Notice.id).desc())
    returned = session.exec(newest).first()
    return returned is not None and still_to_leave(session, returned)


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
