"""The outbox: messages found by key, their lines, and every attempt with the server's own answer."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL

ENVELOPE = "envelope"


class Message(SQLModel, table=True):
    """One envelope: one person, one day, one occasion. Its words are made at the attempt."""

    __table_args__ = (
        UniqueConstraint("plan_id", "contact_id", "on_date", "occasion"),
        Index(
            # Said with OR: from IN, SQLite does not see that `state = 'pending'` is among these rows.
            "message_waiting",
            "state",
            "on_date",
            "id",
            sqlite_where=text("state = 'pending' OR state = 'sending'"),
            postgresql_where=text("state = 'pending' OR state = 'sending'"),
        ),
        Index(
            "message_lost",
            "plan_id",
            sqlite_where=text("state = 'failed' OR state = 'withdrawn'"),
            postgresql_where=text("state = 'failed' OR state = 'withdrawn'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int
    contact_id: int
    on_date: date
    occasion: str = ENVELOPE
    state: str = "pending"
    sent_on: date | None = None
    sent_at: datetime | None = None


class Line(SQLModel, table=True):
    """What an envelope is about, as a reference: a round's request or summary, or a case."""

    __table_args__ = NATURAL
    message_id: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    """`request` and `summary` refer to a round; `reminder`, `alert` and `copy` to a case."""
    ref_id: int = Field(primary_key=True)
    rung: int = 0
    principal: bool = False
    dropped: bool = False
    """Its reason was gone when the envelope was made up."""


class Attempt(SQLModel, table=True):
    """One handing over. Without a result nobody knows whether it arrived."""

    message_id: int = Field(primary_key=True)
    n: int = Field(primary_key=True)
    started_at: datetime
    body: bytes
    digest: str
    result: str | None = None
    answer: str | None = None
