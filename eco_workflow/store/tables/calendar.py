"""Arrangements of public holidays that were published after this program was made (FINDINGS, calendar)."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class CalendarYear(SQLModel, table=True):
    """A year whose arrangement was imported; it is known from then on."""

    __tablename__: ClassVar[Any] = "calendar_year"
    __table_args__ = NATURAL
    year: int = Field(primary_key=True)
    source: str
    """The document that published it."""
    imported_at: datetime
    imported_by: str


class CalendarDay(SQLModel, table=True):
    """A day of an imported arrangement; those of the December before belong to the year too."""

    __tablename__: ClassVar[Any] = "calendar_day"
    __table_args__ = NATURAL
    year: int = Field(primary_key=True)
    day: date = Field(primary_key=True)
    kind: str
    """`holiday` or `makeup`."""
    name: str = ""
