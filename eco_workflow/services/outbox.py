"""What becomes of a message after its attempt, and what an operator may do about it."""

from datetime import datetime

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from eco_workflow.domain.backoff import not_before
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.ways import goes_on, trust_again
from eco_workflow.store import audit
from eco_workflow.store.decide.rounds import supersede_older
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt, Contact, Entry, Line, Message, Plan, Request
from eco_workflow.store.tables.post import AT_ONCE

_ATTEMPTED = (
    select(Message, Attempt, Contact)
    .join(Attempt, col(Attempt.message_id) == Message.id)
    .join(Contact, col(Contact.id) == Message.contact_id)
    .where(col(Message.id) == bindparam("message"), col(Attempt.n) == bindparam("n"))
)
_ASKED_ROUNDS = select(Line.ref_id).where(
    col(Line.message_id) == bindparam("message"), Line.kind == "request", col(Line.dropped).is_(False)
)
_FIX_REQUEST = (
    update(Request)
    .where(col(Request.round_id) == bindparam("of_round"), col(Request.unit_id) == bindparam("of_unit"))
    .values(due_at=bindparam("due"))
)
_FIX_ENTRIES = (
    update(Entry)
    .where(col(Entry.round_id) == bindparam("of_round"), col(Entry.unit_id) == bindparam("of_unit"))
    .where(col(Entry.state) == "awaiting")
    .values(due_at=bindparam("due"))
)


_REFUSED_ADDRESS = (
    select(Attempt.answer)
    .where(col(Attempt.message_id) == bindparam("message"), col(Attempt.channel_id).is_(None))
    .where(col(Attempt.result) == Result.REFUSED.value, col(Attempt.address) == bindparam("address"))
    .order_by(col(Attempt.n).desc())
    .limit(1)
)


def settle(session: Session, message_id: int, n: int, outcome: Outcome, now: datetime) -> bool:
    """Records the answer to attempt `n` and what follows from it, in the caller's transaction.

    Returns whether the message is to go by its contact's next way at once.
    """
    message, attempt, contact = session.exec(_ATTEMPTED, params={"message": message_id, "n": n}).one()
    attempt.answer = outcome.answer
    if outcome.result is Result.NO_ANSWER:
        # No result is recorded: nobody knows whether it arrived.
        message.state = "unknown"
        return False
    attempt.result = outcome.result.value
    if outcome.result is Result.ACCEPTED:
        _sent(session, message, now)
    elif outcome.result in (Result.REFUSED, Result.REJECTED):
        is_mail = attempt.channel_id is None and not attempt.deputy
        on_trial = is_mail and attempt.address != contact.address
        if not on_trial and goes_on(session, contact, attempt, shanghai_date(now)):
            _not_sent(session, message, "pending")
            return True
        _not_sent(session, message, "failed")
        session.flush()
        # A refused test mailbox says nothing about the contact.
        known = {"message": message_id, "address": contact.address}
        refused = session.exec(_REFUSED_ADDRESS, params=known).first()
        if refused is not None:
            contact.failed_on, contact.failed_why = shanghai_date(now), refused
    else:
        _not_sent(session, message, "pending")
        # Where nobody was reached the next delivery tries: that says nothing about this message.
        message.not_before = not_before(now, n) if outcome.reached else None
    return False


def asked_rounds(session: Session, message: Message) -> list[int]:
    """The rounds whose requests a message carries."""
    return list(session.exec(_ASKED_ROUNDS, params={"message": message.id}))


def _sent(session: Session, message: Message, now: datetime) -> None:
    message.state, message.sent_at, message.sent_on = "sent", now, shanghai_date(now)
    unit_id = session.get_one(Contact, message.contact_id).unit_id
    for round_id in asked_rounds(session, message):
        request = session.get_one(Request, (round_id, unit_id))
        request.sent_at = now
        session.flush()
        supersede_older(session.connection(), message.plan_id, unit_id, round_id)


def _not_sent(session: Session, message: Message, state: str) -> None:
    message.state = state
    unit_id = session.get_one(Contact, message.contact_id).unit_id
    for round_id in asked_rounds(session, message):
        fix_due(session, round_id, unit_id, None)


def fix_due(session: Session, round_id: int, unit_id: int, due_at: datetime | None) -> None:
    """Sets the due time of a request and its awaiting entries; empties it when the attempt failed."""
    connection = session.connection()
    for fix in (_FIX_REQUEST, _FIX_ENTRIES):
        connection.execute(fix, {"of_round": round_id, "of_unit": unit_id, "due": due_at})


def settle_unknown(database: Database, message_id: int, *, sent: bool, now: datetime, by: Actor) -> None:
    """An operator found out whether an `unknown` message arrived. As sent it counts from its attempt on.

    The operator's word stands before what the server said, which took or refused nothing.
    """
    with database.write() as session:
        message = message_numbered(session, message_id, now)
        by.must(Action.SETTLE_MESSAGE)
        if message.state != "unknown":
            raise Refused(f"Message {message_id} is {message.state}; only an unknown one can be settled.")
        attempt = last_attempt(session, message_id)
        if sent:
            attempt.result = Result.ACCEPTED.value
            _sent(session, message, attempt.started_at)
        else:
            attempt.result = Result.REFUSED.value
            _not_sent(session, message, "failed")
        settled = "sent" if sent else "failed"
        attempt.answer = "; ".join(filter(None, (f"settled as {settled} by {by.name}", attempt.answer)))
        detail = {"message": message_id, "settled": settled}
        audit.record(session, {message.plan_id: detail}, at=now, actor=by.name, action="settle_message")


def retry(database: Database, message_id: int, *, now: datetime, by: Actor) -> bool:
    """Trusts the address of a failed message again, or tries one that waits without waiting for its time.

    On the message's own day it becomes pending and leaves with the next delivery (True). Later, what it
    carried rides in the next envelope of that person (False), so that nobody has two mails in a day.
    """
    with database.write() as session:
        message = message_numbered(session, message_id, now)
        by.must(Action.SETTLE_MESSAGE, doing="trying a message again")
        plan = session.get_one(Plan, message.plan_id)
        if waits := waits_by_itself(plan, message, now):
            raise Refused(f"Message {message_id} {waits}.")
        if message.state not in ("failed", "pending"):
            raise Refused(
                f"Message {message_id} is {message.state}; only a failed one is tried again, or one that "
                "waits after a try" + (": settle it first." if message.state == "unknown" else ".")
            )
        contact = session.get_one(Contact, message.contact_id)
        if contact.ended_on is not None:
            raise Refused(
                f"{contact.name} <{contact.address}> ended on {contact.ended_on}. "
                "What the message carried goes to the successor by itself."
            )
        trust_again(session, contact)
        message.not_before = None
        today = message.on_date == shanghai_date(now) == plan.last_run_on
        if today:
            message.state = "pending"
        audit.record(
            session, {message.plan_id: {"message": message_id}}, at=now, actor=by.name, action="retry_message"
        )
        return today


def waits_by_itself(plan: Plan, message: Message, now: datetime) -> str | None:
    """What a pending message waits for at `now` that no answer put off, e.g. since no server was reached.

    None where it waits for its time, or not at all.
    """
    if message.state != "pending" or message.not_before is not None:
        return None
    if message.on_date < shanghai_date(now):
        return f"was of {message.on_date}: what it carries rides in that person's next envelope"
    if plan.held_since is not None and not message.occasion.startswith(AT_ONCE):
        return "waits until the plan is released: eco plan release"
    return (
        "waits for nothing but the next delivery: eco dispatch, or by itself under eco up. After its day "
        "what it carries rides in that person's next envelope"
    )


def last_attempt(session: Session, message_id: int) -> Attempt:
    """The last attempt of a message that was handed over at least once."""
    found = select(Attempt).where(Attempt.message_id == message_id).order_by(col(Attempt.n).desc())
    return session.exec(found.limit(1)).one()


def plan_of(session: Session, message_id: int) -> str:
    """The code of the plan that a message belongs to. Raises `WrongInput` where there is no such message."""
    return session.get_one(Plan, _found(session, message_id).plan_id).code


def message_numbered(session: Session, message_id: int, now: datetime) -> Message:
    """The message of that number. Raises `WrongInput` where there is none, or none yet on that day."""
    message = _found(session, message_id)
    if shanghai_date(now) < message.on_date:
        raise WrongInput(f"Message {message_id} is of {message.on_date}, after the day given. Correct --now.")
    return message


def _found(session: Session, message_id: int) -> Message:
    message = session.get(Message, message_id)
    if message is None:
        raise WrongInput(f"There is no message {message_id}. See: eco outbox list")
    return message
