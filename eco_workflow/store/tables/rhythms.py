"""The office's own rhythm: what recurs, what was resolved, who was sent it, what was offered (DOMAIN 8)."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class Occurrence(SQLModel, table=True):
    """A turn of what recurs for the office, from the day on which the office is told."""

    __table_args__ = (UniqueConstraint("plan_id", "rhythm", "numbered_in", "number"), NATURAL)
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    code: str = Field(primary_key=True)
    """JC2022-03; the item's code, where there is an item."""
    rhythm: str
    """The plan's id of what recurs."""
    period: str
    title: str
    form: str
    item_id: int | None = Field(default=None, foreign_key="item.id")
    """Empty where nothing was owed: backfill, or a month in which nobody was behind."""
    due_on: date
    opened_on: date
    state: str = "open"
    """`open`, `done` or `backfill`: recorded afterwards for a turn that ended before the activation."""
    held_on: date | None = None
    """The day on which it was held, handed in, released or signed."""
    minutes: str = ""
    """Minutes, report or text of the issue, as recorded; for a month without anybody behind, that."""
    number: int | None = None
    """Of an issue in its own series, counted anew in each year."""
    numbered_in: int | None = None
    recorded_by: str = ""


class Resolution(SQLModel, table=True):
    """What a meeting resolved that a unit should do."""

    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    code: str = Field(primary_key=True)
    """The meeting's."""
    n: int = Field(primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    text: str
    due_on: date
    item_id: int | None = Field(default=None, foreign_key="item.id")
    """The task that it became for the unit."""


class Distribution(SQLModel, table=True):
    """A unit to which an issue was sent, and its receipt."""

    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    code: str = Field(primary_key=True)
    """The issue's."""
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    received_on: date | None = None
    received_by: str = ""
    """Who gave the receipt, or recorded it for the unit."""


class InfoItem(SQLModel, table=True):
    """What a unit offers for a bulletin; none is owed."""

    __tablename__: ClassVar[Any] = "info_item"
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    text: str
    offered_on: date
    offered_by: str
    at: datetime
    used_in: str = ""
    """The code of the issue that took it up."""


class ProRataLine(SQLModel, table=True):
    """An item by which a unit was behind pro-rata when a month's report was drafted (DOMAIN 8)."""

    __tablename__: ClassVar[Any] = "pro_rata_line"
    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    code: str = Field(primary_key=True)
    """The report's."""
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    item_id: int = Field(foreign_key="item.id", primary_key=True)
    behind: str
    """Percentage points, to the tenth."""
    caught_up_on: date | None = None
    """The day on which that was found to be over, before the report was signed."""
