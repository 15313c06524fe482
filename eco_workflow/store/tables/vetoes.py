"""Veto items that a unit declared as occurred, and what was decided of it (DOMAIN 7)."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class VetoEvent(SQLModel, table=True):
    """One declared occurrence: it holds the gate until it is an error, taken back, or cleared.

    By when it is to be decided is counted, never kept: days on which the plan is held do not count.
    """

    __tablename__: ClassVar[Any] = "veto_event"
    __table_args__ = (
        Index("veto_of_item", "plan_id", "item_id", "unit_id"),
        Index(
            "veto_undecided",
            "plan_id",
            sqlite_where=text("state = 'pending' AND escalated_on IS NULL"),
            postgresql_where=text("state = 'pending' AND escalated_on IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    item_id: int = Field(foreign_key="item.id")
    unit_id: int = Field(foreign_key="unit.id")
    report_id: int = Field(foreign_key="report.id", unique=True)
    """The declaration that it rests on."""
    declared_on: date
    of_host: bool
    """Whether the host bureau declared it: then the supervision office decides (DOMAIN 4)."""
    state: str = "pending"
    """`pending`, `confirmed`, `error`, `cleared`, or `recalled` (taken back by the unit)."""
    decided_on: date | None = None
    decided_by: str = ""
    why: str = ""
    cleared_on: date | None = None
    cleared_by: str = ""
    document: str = ""
    """What a leader cleared it by."""
    escalated_on: date | None = None
    """The day on which the supervision office was to hear that it is undecided."""
