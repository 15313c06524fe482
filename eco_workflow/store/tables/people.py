"""Who acts besides the contacts that the units named (DOMAIN 9)."""

from datetime import date

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class Account(SQLModel, table=True):
    """A role that a person of this name holds. Accounts are ended, never edited; none is shared."""

    __table_args__ = (
        Index(
            "account_current",
            "plan_id",
            "name",
            "role",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    name: str
    role: str
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    """The one unit of a liaison or unit leader; others have none."""
    since: date
    ended_on: date | None = None
