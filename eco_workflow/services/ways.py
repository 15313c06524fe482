"""By which way a message goes to its contact: mail and personal channels in order of preference (DOMAIN 5).

While a contact is away the deputy's mail comes before all of them: what is told there is told to the role.
A way that definitely refuses makes room for the next; one that may succeed later, or of which nobody knows,
does not. A way whose message came back is passed over until somebody trusts it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, or_, update
from sqlmodel import Session, col, select

from eco_workflow.domain.chat import Chat, read_chat_address
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.messages import Result
from eco_workflow.services.contact_cards import card_of, particulars
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt, Channel, Contact, Message, Particulars

_CHANNELS = (
    select(Channel)
    .where(col(Channel.contact_id) == bindparam("contact"), col(Channel.ended_on).is_(None))
    .order_by(col(Channel.place))
)

_CAME_BACK = (
    select(Attempt.bounced)
    .join(Message, col(Message.id) == Attempt.message_id)
    .where(col(Message.contact_id) == bindparam("contact"), col(Attempt.address) == bindparam("address"))
    .where(col(Attempt.bounced).is_not(None))
    .order_by(col(Attempt.started_at).desc())
    .limit(1)
)


@dataclass(frozen=True)
class Deputy:
    """Who hears in the place of a contact that is away."""

    name: str
    address: str


MAIL = None
"""Among the ways: the contact's address."""

Way = Channel | Deputy | None


def deputy_now(row: Particulars | None, today: date) -> Deputy | None:
    """The deputy of a contact that is away today, by what is known of it; none where nobody is named."""
    if row is None or not row.deputy or row.bounced_on is not None or not card_of(row).is_away(today):
        return None
    return Deputy(row.deputy, row.deputy_address)


def channels(session: Session, contact_id: int) -> Sequence[Channel]:
    """The channels of a contact that are in force, in order."""
    return session.exec(_CHANNELS, params={"contact": contact_id}).all()


def ways(found: Sequence[Channel], deputy: Deputy | None, *, by_mail: bool) -> list[Way]:
    """The contact's ways in order of preference; mail where there is no other.

    Group robots are none: nobody in particular hears them.
    """
    personal = open_channels(found)
    before = [channel for channel in personal if channel.place < 0]
    mail: list[Way] = [MAIL] if by_mail else []
    deputies: list[Way] = [deputy] if deputy else []
    return [*deputies, *before, *mail, *personal[len(before) :]] or [MAIL]


def open_channels(found: Sequence[Channel]) -> list[Channel]:
    """Those that carry messages to the contact alone."""
    return [one for one in found if one.bounced_on is None and not read_chat_address(one.url).is_robot]


def mark_unreachable(session: Session, contact: Contact, today: date, why: str = "") -> None:
    """Marks a contact whose mail came back and who has no channel left: nobody can reach it.

    `why`: what shut the last way; where that was an operator, why the mail came back stands.
    """
    found = channels(session, contact.id or 0)
    if contact.failed_on is None and contact.bounced_on is not None and not open_channels(found):
        known = {"contact": contact.id, "address": contact.address}
        contact.failed_on = today
        contact.failed_why = why or session.exec(_CAME_BACK, params=known).first() or ""


def trust_again(session: Session, contact: Contact) -> None:
    """Whatever refused or came back before, every way of the contact is taken again."""
    contact.failed_on, contact.failed_why = None, ""
    known = particulars(session, contact.id or 0)
    for way in (contact, *([known] if known else []), *channels(session, contact.id or 0)):
        way.bounced_on = None


def way_now(of: Sequence[Way], last: Attempt | None) -> Way:
    """The way of the next attempt: the one behind what refused last, else the same again, else the first."""
    if last is None:
        return of[0]
    used = _place(of, last)
    if used is None:
        return of[0]
    if last.result in (Result.REFUSED, Result.REJECTED):
        return of[used + 1] if used + 1 < len(of) else of[0]
    return of[used]


def goes_on(session: Session, contact: Contact, attempt: Attempt, today: date) -> bool:
    """Whether another way is left behind the one that this attempt took."""
    known = particulars(session, contact.id or 0)
    found = channels(session, contact.id or 0)
    of = ways(found, deputy_now(known, today), by_mail=contact.bounced_on is None)
    used = _place(of, attempt)
    return used is not None and used + 1 < len(of)


def _place(of: Sequence[Way], attempt: Attempt) -> int | None:
    """Where the way of an attempt stands; none where it was removed since, or the deputy is another."""
    known = [way.address if isinstance(way, Deputy) else way.id if way else None for way in of]
    used = attempt.address if attempt.deputy else attempt.channel_id
    return known.index(used) if used in known else None


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
