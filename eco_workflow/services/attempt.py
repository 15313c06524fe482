"""The committed attempt that precedes every handing over (DESIGN, rule 3).

In its transaction the reasons of the message are tested again, its way is chosen, its words are made and
their bytes stored.
"""

import hashlib
from dataclasses import dataclass, replace

from sqlalchemy import bindparam
from sqlmodel import col, select

from eco_workflow.domain.chat import read_chat_address
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.messages import Envelope
from eco_workflow.services.envelope import make_up
from eco_workflow.services.post import Post
from eco_workflow.services.unchanging import Known, hand_on
from eco_workflow.services.ways import Deputy, channels, deputy_now, robots, way_now, ways
from eco_workflow.store.tables import Attempt, Channel, Contact, Message, Particulars, Plan, Unit
from eco_workflow.store.tables.post import AT_ONCE

_WITH_ITS_PEOPLE = (
    select(Message, Contact, Plan, Unit, Particulars)  # type: ignore[call-overload]
    .join(Contact, col(Contact.id) == Message.contact_id)
    .join(Plan, col(Plan.id) == Message.plan_id)
    .join(Unit, col(Unit.id) == Contact.unit_id)
    .outerjoin(
        Particulars,
        (col(Particulars.contact_id) == Contact.id) & col(Particulars.ended_on).is_(None),
    )
    .where(col(Message.id) == bindparam("message"))
)
_LAST_ATTEMPT = (
    select(Attempt)
    .where(col(Attempt.message_id) == bindparam("message"))
    .order_by(col(Attempt.n).desc())
    .limit(1)
)
_HELD_SINCE = select(col(Plan.held_since)).where(col(Plan.id) == bindparam("plan")).with_for_update(read=True)


@dataclass(frozen=True)
class Attempted:
    """A committed attempt, to be handed over now."""

    n: int
    to: str
    body: bytes
    by_chat: bool
    robots: tuple[str, ...]
    """The groups that hear a neutral line once it was sent."""
    marking: str
    plan: str


class Stopped(Exception):
    """The plan was held, or the message taken back, while it was made up: nothing of the attempt stands."""


def attempt(post: Post, message_id: int, known: Known) -> Attempted | None:
    """Commits an attempt. None when nothing was left to say: the message is withdrawn. Raises `Stopped`."""
    with post.database.write() as session:
        hand_on(session, known)
        # At once, since every message asks them; who looks for one of them by its id finds it in the session.
        found = session.exec(_WITH_ITS_PEOPLE, params={"message": message_id})
        message, contact, plan, _unit, known_of = found.one()
        if message.state != "pending":
            raise Stopped
        # What a contact who has left did not get rides to the successor in the next run.
        has_left = contact.ended_on is not None
        envelope = None if has_left else make_up(session, message, post.now, post.days)
        if envelope is None:
            message.state = "withdrawn"
            session.flush()
            return None
        last = session.exec(_LAST_ATTEMPT, params={"message": message_id}).one_or_none()
        # On trial everything goes to the test mailbox.
        beside = [] if plan.trial_mailbox else channels(session, contact.id or 0)
        deputy = None if plan.trial_mailbox else deputy_now(known_of, shanghai_date(post.now))
        by_mail = bool(plan.trial_mailbox) or contact.bounced_on is None
        way = way_now(ways(beside, deputy, by_mail=by_mail), last)
        if isinstance(way, Deputy):
            envelope = in_place_of(envelope, way)
        by_chat = isinstance(way, Channel)
        body = post.chat.render(envelope) if by_chat else post.render(envelope)
        n = last.n + 1 if last else 1
        shown = read_chat_address(way.url).shown if isinstance(way, Channel) else envelope.recipient.address
        session.add(
            Attempt(
                message_id=message_id,
                n=n,
                started_at=post.now,
                address=shown,
                channel_id=way.id if isinstance(way, Channel) else None,
                deputy=way.name if isinstance(way, Deputy) else "",
                body=body,
                digest=hashlib.sha256(body).hexdigest(),
            )
        )
        message.state = "sending"
        session.flush()
        # Locked last, like everywhere: a hold that was said meanwhile stops this attempt, too.
        held_since = session.exec(_HELD_SINCE, params={"plan": plan.id}).one()
        if held_since is not None and not message.occasion.startswith(AT_ONCE):
            raise Stopped
        marking = f"【{envelope.marking}】" if envelope.marking else ""
        to = way.url if isinstance(way, Channel) else shown
        return Attempted(n, to, body, by_chat, tuple(robots(beside)), marking, plan.code)


def in_place_of(envelope: Envelope, deputy: Deputy) -> Envelope:
    """The same, addressed to the deputy of its recipient."""
    of = envelope.recipient
    recipient = replace(of, name=f"{deputy.name}（代{of.name}）", address=deputy.address)
    return replace(envelope, recipient=recipient)
