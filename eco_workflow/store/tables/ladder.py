"""The case is the ladder's state; the rung row is its log (DOMAIN 5)."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class Ladder(SQLModel, table=True):
    """A version of the ladder; cases name the one in force when they opened."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)


class LadderRung(SQLModel, table=True):
    """A rung and its grace in working days after the rung below was sent."""

    __tablename__: ClassVar[Any] = "ladder_rung"
    ladder_id: int = Field(foreign_key="ladder.id", primary_key=True)
    rung: int = Field(primary_key=True)
    after: int


class Case(SQLModel, table=True):
    """A clock that ran out. `told_on` and `told_to` find the message that told the present rung."""

    __tablename__: ClassVar[Any] = "ladder_case"
    __table_args__ = (
        Index(
            "case_open",
            "plan_id",
            "unit_id",
            "clock",
            "item_id",
            unique=True,
            sqlite_where=text("closed_on IS NULL"),
            postgresql_where=text("closed_on IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    unit_id: int = Field(foreign_key="unit.id")
    clock: str = "report"
    item_id: int = 0
    """0 on the report clock: one case per unit, across rounds."""
    ladder_id: int
    rung: int
    round_id: int
    """The newest round whose silence is counted."""
    opened_on: date
    told_on: date | None = None
    told_to: int | None = None
    """The principal recipient; empty with `told_on` set where the rung is a draft."""
    closed_on: date | None = None
    closed_why: str = ""


class Breach(SQLModel, table=True):
    """A round that a unit let pass; it stays recorded. `tell`: the case already stood at rung 3."""

    __table_args__ = NATURAL
    case_id: int = Field(primary_key=True)
    round_id: int = Field(primary_key=True)
    on_date: date
    tell: bool
    told_on: date | None = None
    told_to: int | None = None


class Rung(SQLModel, table=True):
    """A rung was told (or drafted) on a day; released when its message failed."""

    __table_args__ = (
        Index(
            "rung_unreleased",
            "case_id",
            "rung",
            unique=True,
            sqlite_where=text("released_on IS NULL"),
            postgresql_where=text("released_on IS NULL"),
        ),
        NATURAL,
    )
    case_id: int = Field(primary_key=True)
    rung: int = Field(primary_key=True)
    on_date: date = Field(primary_key=True)
    told_to: int | None = None
    released_on: date | None = None


class SupervisionFile(SQLModel, table=True):
    """督办件, opened at rung 3, with the paper drafted for it. The paper leaves only when signed."""

    __tablename__: ClassVar[Any] = "supervision_file"
    case_id: int = Field(foreign_key="ladder_case.id", primary_key=True)
    paper: str
    """`supervision_order`, `letter_of_request` or `report_above`."""
    addressee: str
    opened_on: date
    state: str = "draft"
    """`draft`, or `void` once the case is resolved unsigned."""
