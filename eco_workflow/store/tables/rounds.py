"""Rounds, requests, entries: silence is a row (DOMAIN 3)."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL

OPENED = ("open", "taken_up")
"""States of a round that left here, and of whose answers some may be given or reviewed still."""


class Round(SQLModel, table=True):
    """A dispatch round. Every regular one is a row from the plan's activation on."""

    __table_args__ = (UniqueConstraint("plan_id", "on_date", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    on_date: date
    """The printed date: it names the round, whenever the requests really left."""
    kind: str = "regular"
    """`regular`, or `adhoc`: chosen units and items, superseding nothing (DOMAIN 3.7)."""
    version: int
    state: str = "planned"
    """`planned`, `open`, `skipped` (outage) or `backfill`; `taken_up`: an ad-hoc one, none of whose requests
    stands any more, or that found nobody to ask.
    """
    opened_on: date | None = None
    cover_note: str = ""
    """Why an ad-hoc round asks."""
    note: str = ""
    """Why a regular round was skipped, as an operator noted."""


class RoundAsks(SQLModel, table=True):
    """A rhythm whose obligations the round asks; settled when the plan is activated (DOMAIN 3.3)."""

    __tablename__: ClassVar[Any] = "round_asks"
    __table_args__ = NATURAL
    round_id: int = Field(primary_key=True)
    rhythm: str = Field(primary_key=True)


class RoundChoice(SQLModel, table=True):
    """An obligation that an ad-hoc round asks."""

    __tablename__: ClassVar[Any] = "round_choice"
    __table_args__ = NATURAL
    round_id: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
    item_id: int = Field(primary_key=True)


class Request(SQLModel, table=True):
    """One unit in one round, with its contacts as they were when asked."""

    __table_args__ = (
        Index(
            "request_awaiting",
            "plan_id",
            "unit_id",
            sqlite_where=text("state = 'awaiting'"),
            postgresql_where=text("state = 'awaiting'"),
        ),
        NATURAL,
    )
    round_id: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
    plan_id: int
    liaison_id: int | None = None
    leader_id: int | None = None
    state: str = "awaiting"
    """`awaiting`, `answered`, `superseded` (a newer one was sent) or `backfill`."""
    asked_on: date | None = None
    """The day of the envelope that carries it; empty while it could not be sent."""
    due_at: datetime | None = None
    """Fixed with each attempt to send, emptied when the attempt fails."""
    sent_at: datetime | None = None


class Entry(SQLModel, table=True):
    """One obligation asked in one round."""

    __table_args__ = (
        Index(
            "entry_to_review",
            "round_id",
            "submitted_on",
            sqlite_where=text("submitted_on IS NOT NULL"),
            postgresql_where=text("submitted_on IS NOT NULL"),
        ),
        NATURAL,
    )
    round_id: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
    item_id: int = Field(primary_key=True)
    state: str = "awaiting"
    """`awaiting`, `submitted`, `accepted` or `returned`."""
    due_at: datetime | None = None
    on_time: bool | None = None
    """The mark of the first answer that was not recalled; it stays when that is returned."""
    submitted_on: date | None = None
    """The day of the answer that waits for review."""
    volunteered_on: date | None = None
    """The day on which the unit declared it unasked; empty for what the round asks."""


class Report(SQLModel, table=True):
    """What was said and decided about an entry; appended, never edited. Its figures are rows of `figure`."""

    __table_args__ = (Index("report_of", "unit_id", "item_id", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    round_id: int
    unit_id: int
    item_id: int
    action: str
    """`submit`, `confirm`, `recall`, `accept`, `return`, `close`, `settle`; `suspended`, `not_applicable`,
    `split`.
    """
    status: str = ""
    note: str = ""
    blocker: str = ""
    no_change: bool = False
    occurred: bool | None = None
    """The declaration of a veto item."""
    progress: bool | None = None
    """The answer to a yes/no duty."""
    reason: str = ""
    on_behalf: str = ""
    """`phone` or `paper` where the office recorded a unit's answer (代填); empty where the unit gave it."""
    actor: str
    at: datetime


class TakenOver(SQLModel, table=True):
    """A unit whose answers on an item stand for the one that owes it by now, after a merger or a split.

    Unlike `HandedOver` it stays when the document has caught up: what was said was said.
    """

    __tablename__: ClassVar[Any] = "taken_over"
    __table_args__ = NATURAL
    plan_id: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
    """Who took it over."""
    item_id: int = Field(primary_key=True)
    from_unit_id: int = Field(primary_key=True)


class RoundSummary(SQLModel, table=True):
    """The draft summary of a round, as reported and not reviewed (DOMAIN 3.5)."""

    __tablename__: ClassVar[Any] = "round_summary"
    round_id: int = Field(foreign_key="round.id", primary_key=True)
    plan_id: int = Field(index=True)
    drafted_on: date
    told_on: date | None = None
    told_to: int | None = None
    asked: int
    answered: int
    unreached: int
    released_on: date | None = None
    """The day an operator released it to head and deputies."""
