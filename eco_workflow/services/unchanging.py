"""What never changes once it is written: the instance's name, a version of a plan, a version of a ladder.

A session reads each of them once. A delivery, which uses one session a message, hands what it knows on.
"""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from sqlmodel import Session

T = TypeVar("T")

Known = dict[Hashable, object]
"""By what it is and its key, e.g. the table and the row's id."""


def hand_on(session: Session, known: Known) -> None:
    """The session goes on with what others of the same database have read, and adds to it.

    Not for a session that itself writes such rows: what it takes back would stay known.
    """
    session.info[hand_on] = known


def once(session: Session, key: Hashable, read: Callable[[], T]) -> T:
    """What `read` finds in this session for `key`, read only where it is not known yet."""
    known: Known = session.info.setdefault(hand_on, {})
    if key not in known:
        known[key] = read()
    return cast("T", known[key])
