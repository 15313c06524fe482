"""By which way a message goes to its contact: mail and personal channels in order of preference (DOMAIN 5).

A way that definitely refuses makes room for the next; one that may succeed later, or of which nobody knows,
does not.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, or_, update
from sqlmodel import Session, col, select

from eco_workflow.domain.chat import Chat, read_chat_address
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.messages import Result
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt, Channel

_CHANNELS = (
    select(Channel)
    .where(col(Channel.contact_id) == bindparam("contact"), col(Channel.ended_on).is_(None))
    .order_by(col(Channel.place))
)

MAIL = None
"""Among the ways: the contact's address."""

Way = Channel | None


def channels(session: Session, contact_id: int) -> Sequence[Channel]:
    """The channels of a contact that are in force, in order."""
    return session.exec(_CHANNELS, params={"contact": contact_id}).all()


def ways(found: Sequence[Channel]) -> list[Way]:
    """The contact's ways in order of preference. Group robots are none: nobody in particular hears them."""
    personal = [channel for channel in found if not read_chat_address(channel.url).is_robot]
    before = [channel for channel in personal if channel.place < 0]
    return [*before, MAIL, *personal[len(before) :]]


def way_now(of: Sequence[Way], last: Attempt | None) -> Way:
    """The way of the next attempt: the one behind what refused last, else the same again, else the first."""
    if last is None:
        return of[0]
    used = _place(of, last.channel_id)
    if used is None:
        return of[0]
    if last.result in (Result.REFUSED, Result.REJECTED):
        return of[used + 1] if used + 1 < len(of) else of[0]
    return of[used]


def goes_on(session: Session, contact_id: int, attempt: Attempt) -> bool:
    """Whether another way is left behind the one that this attempt took."""
    of = ways(channels(session, contact_id))
    used = _place(of, attempt.channel_id)
    return used is not None and used + 1 < len(of)


def _place(of: Sequence[Way], channel_id: int | None) -> int | None:
    """Where a way stands; none where it was removed since."""
    known = [way.id if way else None for way in of]
    return known.index(channel_id) if channel_id in known else None


def robots(found: Sequence[Channel]) -> list[str]:
    """The addresses of the groups that hear a neutral line when the contact was sent something."""
    return [channel.url for channel in found if read_chat_address(channel.url).is_robot]


def call_robots(database: Database, chat: Chat, urls: Sequence[str], line: str, now: datetime) -> None:
    """Says the neutral line in each group, once a day. It tells nobody anything, so it counts for nothing."""
    today = shanghai_date(now)
    for url in urls:
        # Claimed first: who dies behind it has said it at most once.
        claim = update(Channel).where(col(Channel.url) == url)
        claim = claim.where(or_(col(Channel.called_on).is_(None), col(Channel.called_on) < today))
        with database.write() as session:
            if not session.connection().execute(claim.values(called_on=today, answer="")).rowcount:
                continue
        said = chat.send(url, line.encode())
        answered = update(Channel).where(col(Channel.url) == url).values(answer=said.answer)
        with database.write() as session:
            session.connection().execute(answered)
