"""A message that a server took and that came back: an operator records it, and it was not sent (DOMAIN 5)."""

from datetime import date, datetime

from sqlmodel import Session

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.contact_cards import particulars
from eco_workflow.services.outbox import asked_rounds, fix_due, last_attempt, message_numbered
from eco_workflow.services.really_asked import NEVER_ASKED, stand_again
from eco_workflow.services.ways import mark_unreachable
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt, Channel, Contact, Message, Request, Unit


def bounce(database: Database, message_id: int, why: str, *, now: datetime, by: Actor) -> bool:
    """The message is failed, and the way it took is passed over from now on; where none is left the contact
    is marked, as one whom nobody can reach. What it asked was not asked: what it superseded stands
    again. What it told on a case's present rung is released by the next run, as of any failed message.

    Returns whether the contact can be told by another way.

    Raises `Refused` for a message that was not sent through a channel, `WrongInput` without a reason.
    """
    why = bounded(why, "--why")
    if not why or not why.isprintable():
        raise WrongInput("--why needs the reason on one line, as the returned mail gives it.")
    with database.write() as session:
        message = message_numbered(session, message_id, now)
        by.must(Action.SETTLE_MESSAGE, doing="recording a bounce")
        if message.channel == "told":
            raise Refused(f"Message {message_id} was told by hand; it cannot have come back.")
        if message.state != "sent":
            raise Refused(
                f"Message {message_id} is {message.state}; only a sent one can have come back"
                + (": settle it with --failed." if message.state == "unknown" else ".")
            )
        attempt = last_attempt(session, message_id)
        attempt.bounced = why
        message.state, message.sent_on, message.sent_at = "failed", None, None
        contact = session.get_one(Contact, message.contact_id)
        _shut(session, contact, attempt, shanghai_date(now))
        _not_asked(session, message, contact.unit_id, now)
        detail = {"message": message_id, "why": why}
        audit.record(session, {message.plan_id: detail}, at=now, actor=by.name, action="bounce")
        return contact.failed_on is None


def _shut(session: Session, contact: Contact, attempt: Attempt, today: date) -> None:
    """Marks the way that the attempt took."""
    if attempt.deputy:
        known = particulars(session, contact.id or 0)
        if known is not None and known.deputy_address == attempt.address:
            known.bounced_on = today
        return
    if attempt.channel_id is not None:
        session.get_one(Channel, attempt.channel_id).bounced_on = today
    elif attempt.address == contact.address:  # a returned test mail says nothing about the contact
        contact.bounced_on = today
    session.flush()
    mark_unreachable(session, contact, today, attempt.bounced or "")


def _not_asked(session: Session, message: Message, unit_id: int, now: datetime) -> None:
    rounds = asked_rounds(session, message)
    for round_id in rounds:
        request = session.get_one(Request, (round_id, unit_id))
        if request.state == "answered":  # whoever answered was asked, by whatever way
            continue
        request.sent_at = None
        fix_due(session, round_id, unit_id, None)
    session.flush()
    if rounds:
        stand_again(session, session.get_one(Unit, unit_id), shanghai_date(now), why=NEVER_ASKED)
