"""What indicators are judged by, and how they stand (DOMAIN 2, 4, M2.1 in 7)."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class Figure(SQLModel, table=True):
    """A figure given in a report, for an item or for one of its parts."""

    __table_args__ = NATURAL
    report_id: int = Field(foreign_key="report.id", primary_key=True)
    code: str = Field(primary_key=True)
    """The item's code, or the part's: I24, I07.1."""
    kind: str = Field(primary_key=True)
    """`number` or `statement`."""
    value: str
    """An exact decimal in text, as reported; 是 or 否 for a statement."""
    period: str = ""
    """The figure's reference period: 2021, 2022-Q1 or 2022-05."""


class AssignedFigure(SQLModel, table=True):
    """A task set by the superior; appended, the newest counts."""

    __tablename__: ClassVar[Any] = "assigned_figure"
    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    code: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    value: str
    source: str
    dated: date
    """Of the superior's paper."""
    measure: str = ""
    better: str = ""
    """The measure's direction, `higher` or `lower`, where it is not the part's own."""
    unit: str = ""
    """The measure's unit, where it is not the part's own."""
    actor: str
    at: datetime


class BaseFigure(SQLModel, table=True):
    """What a trend is measured against; appended, the newest counts."""

    __tablename__: ClassVar[Any] = "base_figure"
    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    code: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    value: str
    period: str
    source: str
    actor: str
    at: datetime


class Proposal(SQLModel, table=True):
    """A unit's date and target figure for an indicator, and what the office decided about them (M2.1)."""

    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    item_id: int = Field(foreign_key="item.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    n: int = Field(primary_key=True)
    due_on: date
    target: str
    """The target figure; several with their parts: `I07.1=92 I07.2=3`."""
    source: str
    actor: str
    at: datetime
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    declined_at: datetime | None = None
    declined_by: str = ""
    decision: str = ""
    """The leader's decision that allows a date later than the plan's."""
    reason: str = ""
    """Why it is later, or why it was declined."""


class Standing(SQLModel, table=True):
    """Where an indicator stands now; written by every act that can change it."""

    __table_args__ = (
        Index(
            "standing_ripens",
            "ripens_on",
            "plan_id",
            sqlite_where=text("ripens_on IS NOT NULL"),
            postgresql_where=text("ripens_on IS NOT NULL"),
        ),
        NATURAL,
    )
    plan_id: int = Field(primary_key=True)
    item_id: int = Field(primary_key=True)
    verdict: str
    """`met`, `unmet` or `undetermined`."""
    owed_by: str
    """Who owes what is missing or missed: `unit`, `office` or `none`."""
    reason: str
    evaluated_at: datetime
    ripens_on: date | None = None
    """The day on which a figure's period will be over: then it is to be judged again without an act."""


class Spared(SQLModel, table=True):
    """A lead unit that owes nothing of what an indicator lacks: parts that other units lead (DOMAIN 3.4)."""

    __table_args__ = (NATURAL,)
    plan_id: int = Field(primary_key=True)
    item_id: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
