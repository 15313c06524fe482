"""Steps: the checkpoints by which an item's pro-rata progress is measured (DOMAIN 6)."""

from datetime import date

from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class Step(SQLModel, table=True):
    """A step of an item, common to all who owe it. Claimed by a unit, confirmed by the office."""

    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    item_id: int = Field(foreign_key="item.id", primary_key=True)
    n: int = Field(primary_key=True)
    title: str
    weight: int
    due_on: date | None = None
    done_on: date | None = None
    confirmed_on: date | None = None
    confirmed_by: str = ""
