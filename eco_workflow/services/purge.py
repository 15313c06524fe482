"""The stored text of messages is kept for a set time; that it was sent, when and its digest stay for good."""

from datetime import datetime, time, timedelta

from sqlalchemy import func, update
from sqlmodel import col, select

from eco_workflow.domain.clock import instant
from eco_workflow.domain.rounds import LONGEST_SILENCE
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt, Message, Plan

AT_ONCE = 500
"""So many messages lose their text in one transaction, so that nobody waits long for the database."""

SETTLED = ("sent", "failed", "withdrawn")
"""An unknown message keeps its text: whoever asks what became of it must know what it said."""


def purge_bodies(database: Database, *, keep_days: int, now: datetime) -> int:
    """Empties the texts of attempts older than `keep_days` days; returns how many. Again changes nothing."""
    before = now - timedelta(days=keep_days)
    old = (
        select(Attempt.message_id)
        .join(Message, col(Message.id) == Attempt.message_id)
        .where(col(Attempt.body).is_not(None), col(Attempt.started_at) < before)
        .where(col(Message.state).in_(SETTLED))
        .distinct()
        .order_by(col(Attempt.message_id))
        .limit(AT_ONCE)
    )
    purged = 0
    while True:
        with database.write() as session:
            found = session.exec(old).all()
            if not found:
                return purged
            emptied = update(Attempt).where(
                col(Attempt.message_id).in_(found),
                col(Attempt.body).is_not(None),
                col(Attempt.started_at) < before,
            )
            purged += session.connection().execute(emptied.values(body=None)).rowcount


def purge_by_the_clock(database: Database, *, keep_days: int, now: datetime) -> int:
    """`purge_bodies` where no person sees that the clock is wrong: what is emptied is gone for good.

    The clock is believed as far as for a run (DOMAIN 3.6): up to 45 days behind the last one of any plan.
    """
    with database.read() as session:
        ran_on = session.exec(select(func.max(Plan.last_run_on))).one()
    if ran_on is None:
        return 0
    return purge_bodies(
        database, keep_days=keep_days, now=min(now, instant(ran_on + LONGEST_SILENCE, time()))
    )
