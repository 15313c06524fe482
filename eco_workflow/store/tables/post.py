"""The outbox: messages found by key, their lines, and every attempt with the server's own answer."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL

ENVELOPE = "envelope"
AT_ONCE = "at-once."
"""What the occasion of a message begins with that waits for no run and no hold (DOMAIN 3.8), before the
notice's id.
"""


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
    """`envelope`, or the stable key of the event that could not wait for the day's."""
    channel: str = "mail"
    """`mail`, or `told`: by telephone or letter, written down by an operator."""
    state: str = "pending"
    sent_on: date | None = None
    sent_at: datetime | None = None
    not_before: datetime | None = None
    """Not taken before: it is not tried again before then (`domain/backoff`)."""


class Line(SQLModel, table=True):
    """What an envelope is about, as a reference: a round's request or summary, a case, an item, a notice."""

    __table_args__ = (
        Index(
            "line_of_alert",
            "ref_id",
            sqlite_where=text("kind = 'alert' OR kind = 'copy'"),
            postgresql_where=text("kind = 'alert' OR kind = 'copy'"),
        ),
        NATURAL,
    )
    message_id: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    """`request` and `summary` refer to a round; `reminder`, `alert` and `copy` to a case; `warning` to an
    item; `notice` to a notice.
    """
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
    address: str
    """Where it really went: the contact's address, the test mailbox of a plan on trial, or a channel without
    its secret.
    """
    channel_id: int | None = None
    """By which of the contact's channels; empty for mail."""
    deputy: str = ""
    """The name of the contact's deputy, where it went to that one while the contact was away."""
    body: bytes | None
    """What was handed over; empty once it was purged (`services/purge`)."""
    digest: str
    """SHA-256 of the body; it stays."""
    result: str | None = None
    answer: str | None = None
    bounced: str | None = None
    """Why it came back after all, as an operator recorded it."""


class Notice(SQLModel, table=True):
    """A fact that a unit or the office is told once: a decision, a resolution, a correction, a task.

    It rides in the next envelope of the contact in that role, or leaves at once in a message of its own.
    """

    __table_args__ = (
        Index(
            "notice_told",
            "plan_id",
            sqlite_where=text("told_to IS NOT NULL"),
            postgresql_where=text("told_to IS NOT NULL"),
        ),
        Index(
            "notice_untold",
            "plan_id",
            sqlite_where=text("told_on IS NULL"),
            postgresql_where=text("told_on IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    unit_id: int = Field(foreign_key="unit.id")
    role: str
    kind: str
    """The key of its words: `extension_granted`, `resolved`, `no_contact`, …"""
    key: str = Field(unique=True)
    """Made of ids and ISO dates: the same event is told once."""
    facts: str
    """What the words need, as JSON."""
    made_on: date
    told_on: date | None = None
    told_to: int | None = None


class Told(SQLModel, table=True):
    """What a message with the channel `told` was: how, by whom, in which words."""

    message_id: int = Field(primary_key=True)
    means: str
    """`telephone` or `letter`."""
    by: str
    said: str
