"""The case is the ladder's state; the rung row is its log (DOMAIN 5)."""

from datetime import date, datetime
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
        Index(
            "case_to_announce",
            "plan_id",
            sqlite_where=text("closed_on IS NOT NULL AND rung >= 3 AND NOT announced"),
            postgresql_where=text("closed_on IS NOT NULL AND rung >= 3 AND NOT announced"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    unit_id: int = Field(foreign_key="unit.id")
    clock: str = "report"
    """`report`, `task`, `indicator` or `review` (what waits for the office's decision)."""
    item_id: int = 0
    """0 on the report clock, one case per unit across rounds, and on the review clock, one per plan."""
    due_on: date | None = None
    """Since when an item is late; empty on the report and review clocks, where what is owed says it."""
    ladder_id: int
    rung: int
    round_id: int
    """The newest round whose silence is counted; 0 on the other clocks."""
    opened_on: date
    told_on: date | None = None
    told_to: int | None = None
    """The principal recipient; empty with `told_on` set where the rung is a draft."""
    waits_from: date | None = None
    """The present rung has waited since then, where later than its telling: a suspension paused it."""
    closed_on: date | None = None
    closed_why: str = ""
    reminded_on: date | None = None
    """The day an operator last reminded of it by hand: nothing more is said of it on that day."""
    announced: bool = False
    """Whether its end was told to those who had heard of it at rung 3."""
    annulled_on: date | None = None
    """The day two persons annulled it: it counts for nothing any more."""


class Breach(SQLModel, table=True):
    """A round that a unit let pass; it stays recorded. `tell`: the case already stood at rung 3."""

    __table_args__ = NATURAL
    case_id: int = Field(primary_key=True)
    round_id: int = Field(primary_key=True)
    on_date: date
    due_at: datetime
    """What was let pass: of its answers that were late on that day, the earliest due time of their own."""
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


class Paper(SQLModel, table=True):
    """A paper that a case calls for: drafted by the run, leaving only when signed (DOMAIN 5)."""

    __table_args__ = NATURAL
    case_id: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    """`supervision_order`, `letter_of_request` or `report_above` at rung 3, `supervision_report` at rung 4,
    `accountability_file` at rung 5, `resolution_note` once a case told by such a paper is resolved.
    """
    rung: int
    addressee: str
    drafted_on: date
    state: str = "draft"
    """`draft`, `signed`, or `void`: the case was resolved unsigned, merged or annulled."""
    signed_on: date | None = None
    signed_by: str = ""
    reason: str = ""
    """Why a leader decided on accountability; empty for the papers that follow by rule."""


class Acknowledgement(SQLModel, table=True):
    """Somebody received what a case tells; it stops nothing."""

    __table_args__ = NATURAL
    case_id: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    at: datetime


class Annulment(SQLModel, table=True):
    """A case that was an error: asked for by one, confirmed by another, with a reason."""

    __table_args__ = NATURAL
    case_id: int = Field(primary_key=True)
    asked_by: str
    asked_as: str
    """The role in which it was asked for; who may confirm depends on it (DOMAIN 4, 9)."""
    asked_at: datetime
    reason: str
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
