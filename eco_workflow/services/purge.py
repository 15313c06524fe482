"""The stored text of messages is kept for a set time; that it was sent, when and its digest stay for good."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select

from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt, Message

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
