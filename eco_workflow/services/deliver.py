"""Delivery that tells the truth about every message (DESIGN, rule 3).

For each message one committed attempt precedes the handing over: in that transaction the reasons are
tested again, the words are made and their bytes stored. Then it is sent, then the answer is recorded.
An attempt without a result is `unknown`, and nothing else is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from logging import ERROR, WARNING

from sqlalchemy import ColumnElement, and_, func, or_, update
from sqlmodel import col, select

from eco_workflow.domain.chat import NEUTRAL_LINE
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Unavailable, in_a_line
from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.log import note
from eco_workflow.services import outbox
from eco_workflow.services.attempt import Attempted, Stopped, attempt
from eco_workflow.services.pace import Pace
from eco_workflow.services.post import Post
from eco_workflow.services.unchanging import Known
from eco_workflow.services.ways import call_robots
from eco_workflow.store.delivery_lock import delivery_lock
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Message, Plan
from eco_workflow.store.tables.post import AT_ONCE

GIVE_UP_AFTER = 5
"""After so many messages in a row that nobody took, or of which nobody knows, the rest waits for the next
delivery.
"""


LOOKED_UP = 50
"""So many pending messages are looked up at a time."""


COUNTED = ("sent", "failed", "unknown", "withdrawn", "later")


class _Broken(Exception):
    """Why a message cannot be made up."""


@dataclass
class Delivered:
    """What one pass did. `last_id` lets the next pass go on behind it."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    withdrawn: int = 0
    later: int = 0
    """Not taken now; they stay pending."""
    last_id: int = 0
    ended: bool = False
    """Nothing is left to try in this run."""
    last_answer: str = ""
    """Why the last was not taken, or of which nobody knows."""
    sent_ids: list[int] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many went which way."""
        return {name: getattr(self, name) for name in COUNTED}

    def add(self, other: "Delivered") -> None:
        """Adds a further pass of the same run."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.sent_ids += other.sent_ids
        self.last_id, self.ended = other.last_id, other.ended
        self.last_answer = other.last_answer or self.last_answer


def waiting(database: Database, now: datetime) -> int:
    """How many messages of today wait for a delivery, now or later: to be handed over, or to be marked
    `unknown` where a process died over them.
    """
    with database.read() as session:
        today = shanghai_date(now)
        return session.exec(
            select(func.count(col(Message.id)))
            .join(Plan, col(Plan.id) == Message.plan_id)
            .where(
                or_(
                    col(Message.state) == "sending",
                    and_(
                        col(Message.state) == "pending",
                        col(Message.on_date) == today,
                        *_may_leave(today),
                    ),
                )
            )
        ).one()


def _may_leave(today: date) -> tuple[ColumnElement[bool], ...]:
    """Of which plans something may leave.

    Not of one that is held, but for what leaves at once (DOMAIN 3.8), nor of one that ran on a later day,
    whose clock has gone back.
    """
    return (
        or_(col(Plan.held_since).is_(None), col(Message.occasion).startswith(AT_ONCE)),
        or_(col(Plan.last_run_on).is_(None), col(Plan.last_run_on) <= today),
    )


def deliver(
    post: Post,
    *,
    behind: int = 0,
    at_most: int | None = None,
    handed_over: Callable[[], None] | None = None,
) -> Delivered:
    """Hands over today's pending messages with an id above `behind`, one by one, at most `at_most`.

    Messages of a held plan stay where they are, but for those that leave at once, and so does what was not
    taken before, until its time.

    Runs also where another process has claimed the day. What an earlier process left in `sending` is
    `unknown` from here on. `handed_over` is called after each message. Raises `Ending` where the `stop` of
    the post says so: what was not handed over waits as before, and nothing is left in `sending`.
    """
    done = Delivered(last_id=behind)
    known: Known = {}
    with delivery_lock(post.database, post.stop):
        done.unknown += _own_up(post.database)
        pace = Pace(post.per_minute, sleep=post.stop.within)
        in_a_row = 0
        waiting_ids: list[int] = []
        while at_most is None or _tried(done) < at_most:
            waiting_ids = waiting_ids or _next(post.database, post.now, done.last_id)
            if not waiting_ids or in_a_row == GIVE_UP_AFTER:
                done.ended = True
                break
            message_id = waiting_ids.pop(0)
            done.last_id = message_id
            # Waited for before the attempt: who dies meanwhile leaves nothing in doubt.
            pace.wait()
            if post.stop.is_said():
                break
            outcome = _one(post, message_id, done, known)
            not_taken = outcome is not None and outcome.result in (Result.LATER, Result.NO_ANSWER)
            in_a_row = in_a_row + 1 if not_taken else 0
            if handed_over:
                handed_over()
    if post.stop.is_said():
        note("delivery ended early", level=WARNING, counts=done.counts())
        post.stop.check()
    return done


def _tried(done: Delivered) -> int:
    return done.sent + done.failed + done.unknown + done.withdrawn + done.later


def _own_up(database: Database) -> int:
    """Nobody else holds the lock: what still says `sending` has an attempt without a result."""
    with database.read() as session:
        if session.exec(select(Message.id).where(Message.state == "sending").limit(1)).first() is None:
            return 0
    with database.write() as session:
        orphaned = update(Message).where(col(Message.state) == "sending").values(state="unknown")
        return session.connection().execute(orphaned).rowcount


def _next(database: Database, now: datetime, behind: int) -> list[int]:
    """The next messages to try, in order; whether each may leave still is asked again when it is made up."""
    with database.read() as session:
        today = shanghai_date(now)
        found = session.exec(
            select(Message.id)
            .join(Plan, col(Plan.id) == Message.plan_id)
            .where(Message.state == "pending", Message.on_date == today, col(Message.id) > behind)
            .where(*_may_leave(today))
            .where(or_(col(Message.not_before).is_(None), col(Message.not_before) <= now))
            .order_by(col(Message.id))
            .limit(LOOKED_UP)
        )
        return [message_id for message_id in found if message_id is not None]


def _one(post: Post, message_id: int, done: Delivered, known: Known) -> Outcome | None:
    """Attempt, send, settle. Returns None when nothing was handed over."""
    try:
        handed = _by_one_way_or_the_next(post, message_id, known)
    except Unavailable:
        raise
    except Stopped:
        return None
    except _Broken as error:
        note("message", level=ERROR, number=message_id, state="not made up", error=error.__cause__)
        done.later += 1
        done.last_answer = str(error)
        return None
    if handed is None:
        done.withdrawn += 1
        return None
    attempted, outcome = handed
    match outcome.result:
        case Result.ACCEPTED:
            done.sent += 1
            done.sent_ids.append(message_id)
            line = attempted.marking + NEUTRAL_LINE
            if not post.stop.is_said():  # a group whose line cannot leave any more is called by a later one
                call_robots(post.database, post.chat, attempted.robots, line, post.now)
        case Result.REFUSED | Result.REJECTED:
            done.failed += 1
        case Result.LATER:
            done.later += 1
            done.last_answer = outcome.answer
        case Result.NO_ANSWER:
            done.unknown += 1
            done.last_answer = outcome.answer
    if outcome.result is not Result.ACCEPTED:
        note("message", level=WARNING, plan=attempted.plan, number=message_id, state=outcome.result)
    return outcome


def _by_one_way_or_the_next(post: Post, message_id: int, known: Known) -> tuple[Attempted, Outcome] | None:
    """Each way has an attempt of its own; a death between two leaves the message pending for the next."""
    while True:
        try:
            attempted = attempt(post, message_id, known)
        except (Unavailable, Stopped):
            raise
        except Exception as error:  # whatever one message's rows provoke must not hold up the others
            said = f"message {message_id} cannot be made up: {in_a_line(error)}"
            raise _Broken(said) from error
        if attempted is None:
            return None
        send = post.chat.send if attempted.by_chat else post.send
        outcome = send(attempted.to, attempted.body)
        with post.database.write() as session:
            goes_on = outbox.settle(session, message_id, attempted.n, outcome, post.now)
        if not goes_on:
            return attempted, outcome
