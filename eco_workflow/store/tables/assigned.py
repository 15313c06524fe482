"""Assigned tasks and rectifications, and the inspections from which some of them arose (DOMAIN 1, 7)."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class Inspection(SQLModel, table=True):
    """What was inspected, by whom and when."""

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True)
    scope: str
    team: str
    on_date: date
    note: str = ""
    actor: str
    at: datetime


class Assignment(SQLModel, table=True):
    """From what an item arose that no plan document names. Who owes it stands with its obligations."""

    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    item_id: int = Field(foreign_key="item.id", primary_key=True)
    kind: str
    """`instruction`, `resolution`, `inspection` or `finding`."""
    origin: str
    """Whose instruction or finding, which meeting's resolution, which inspection."""
    inspection_id: int | None = Field(default=None, foreign_key="inspection.id")
    milestone_id: int | None = Field(default=None, foreign_key="item.id")
    """The milestone at whose review it was found: its gate waits for the rectification."""
    about_item_id: int | None = Field(default=None, foreign_key="item.id")
    """The item that falls short by it."""
    assigned_on: date
    actor: str
    at: datetime
