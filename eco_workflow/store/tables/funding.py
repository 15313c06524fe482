"""What an item costs a unit, where the money comes from, what of it arrived and was spent."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class Funding(SQLModel, table=True):
    """The funds of a unit for an item as recorded at an instant; recorded anew, never edited.

    Amounts are exact decimals in text, in 万元.
    """

    __table_args__ = (
        Index(
            "funding_current",
            "plan_id",
            "item_id",
            "unit_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        NATURAL,
    )
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    item_id: int = Field(foreign_key="item.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    n: int = Field(primary_key=True)
    budget: str
    source: str
    """Where the money comes from, in words."""
    arrived: str
    spent: str
    actor: str
    at: datetime
    ended_at: datetime | None = None
    """When a newer record took its place: the unit's own, or that of the unit that took the item over."""
