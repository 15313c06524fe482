"""The phases as they were opened and closed, and what a person decided on the way (DOMAIN 7)."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class PhaseStanding(SQLModel, table=True):
    """Where a phase stands. Its days and words are the plan's; that it opened and closed is here."""

    __tablename__: ClassVar[Any] = "phase"
    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    phase: int = Field(primary_key=True)
    state: str
    """`before` (over when the plan was activated: recorded afterwards), `planned`, `open` or `closed`."""
    opened_on: date | None = None
    closed_on: date | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    facts: str = ""
    """The milestones with their states and reasons as they stood when it closed, as JSON."""
    conditional: int | None = None
    """The conditional pass by which it closed."""


class ConditionalPass(SQLModel, table=True):
    """A leader's word that a phase may close over what is missing: with a reason and a date, for good on
    record.
    """

    __tablename__: ClassVar[Any] = "conditional_pass"
    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    phase: int = Field(primary_key=True)
    n: int = Field(primary_key=True)
    leader: str
    """Who confirmed it: by name where signed in, else as the slip says."""
    slip_name: str = ""
    slip_digest: str = ""
    """SHA-256 of the signed slip, kept among the evidence; empty where the leader confirmed in person."""
    slip_quarantined_on: date | None = None
    """Since when the content of the slip is gone that must not be here; its name is empty then."""
    slip_quarantined_by: str = ""
    slip_reason: str = ""
    """Why it is."""
    reason: str
    until: date
    """The day by which what is missing shall be there."""
    lacking: str
    """What was missing when it was given, as JSON: it covers that and nothing else."""
    actor: str
    at: datetime


class Waiver(SQLModel, table=True):
    """An unmet reference indicator that need not be met, with a reason; withdrawn, never edited."""

    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    item_id: int = Field(foreign_key="item.id", primary_key=True)
    n: int = Field(primary_key=True)
    reason: str
    actor: str
    at: datetime
    withdrawn_on: date | None = None


class Award(SQLModel, table=True):
    """The title was awarded (命名): what opens with it, and the yearly re-verification counts from it."""

    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    on_date: date
    document: str
    """The document by which it was awarded: title or number."""
    actor: str
    at: datetime
