"""What of a date that moved was heard (DOMAIN 3.8): what nobody was told of in between is no date for a mail.

A calendar may be corrected before the next run, a hold and a calendar may move the same answer, and a mail
that told of a move may come back. So the date that was heard of is looked for when a mail is made up.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from eco_workflow.services.left import has_left, still_to_leave
from eco_workflow.store.tables import Notice

ANSWER = ("moved_by_hold", "moved_by_calendar")
"""The kinds that tell of another due time of answers."""

ITEM = ("due_by_calendar",)
"""The kinds that tell of another due date of an item."""


@dataclass(frozen=True)
class Matter:
    """Whose date moved: of a request's answers, of one returned answer, or of an item; and who hears it."""

    unit_id: int
    role: str
    is_item: bool
    request: tuple[int, int] | None
    item_id: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of notices that tell of it."""
        return ITEM if self.is_item else ANSWER

    @property
    def names(self) -> tuple[str, str]:
        """The facts that hold the date before and after."""
        return ("old_due_on", "due_on") if self.is_item else ("old_due_at", "due_at")


def matter_of(notice: Notice) -> Matter:
    """What a notice of a move is about."""
    return matter(notice.unit_id, notice.role, notice.kind, json.loads(notice.facts))


def matter(unit_id: int, role: str, kind: str, facts: dict[str, Any]) -> Matter:
    """What a notice with these facts is about."""
    request = facts.get("request")
    asked = (request[0], request[1]) if request else None
    return Matter(unit_id, role, kind in ITEM, asked, facts.get("item", 0))


def told_of(session: Session, of: Matter) -> Iterator[tuple[Notice, str, str]]:
    """The notices about it, newest first, with the dates before and after."""
    found = select(Notice).where(
        Notice.unit_id == of.unit_id, Notice.role == of.role, col(Notice.kind).in_(of.kinds)
    )
    old, new = of.names
    for notice in session.exec(found.order_by(col(Notice.id).desc())).all():
        facts = json.loads(notice.facts)
        if matter(notice.unit_id, notice.role, notice.kind, facts) == of:
            yield notice, facts[old], facts[new]


Moment = TypeVar("Moment", date, datetime)


def heard(
    session: Session, of: Matter, now: Moment, *, before: int | None = None, or_will: bool = False
) -> Moment:
    """The date that was heard of last, where it is `now`.

    `before`: the notice that is about to tell it. `or_will`: what is still to leave counts as heard.
    """
    read = type(now).fromisoformat
    for notice, old, new in told_of(session, of):
        if (before is not None and (notice.id or 0) >= before) or read(new) != now:
            continue
        if has_left(session, notice.key, wait=False) or (or_will and still_to_leave(session, notice)):
            break
        now = read(old)
    return now
