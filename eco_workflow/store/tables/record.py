"""The claim of a run, the audit chain, and the instance's own name."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class Run(SQLModel, table=True):
    """One run per plan and day: inserting the row is the claim (DOMAIN 5)."""

    __table_args__ = NATURAL
    plan_id: int = Field(primary_key=True)
    on_date: date = Field(primary_key=True)
    started_at: datetime
    actor: str


class Night(SQLModel, table=True):
    """What a night came to: the backup, the audit chains anchored and verified, old texts emptied."""

    __table_args__ = NATURAL
    on_date: date = Field(primary_key=True)
    at: datetime
    backed_up: bool
    anchored: bool
    wrong: str
    """Which part failed and why, what the backup lacks, what the audit chains show; empty: nothing wrong."""


class Audit(SQLModel, table=True):
    """One row per run or human act, chained per plan: `digest` covers `previous` (DESIGN, rule 10)."""

    plan_id: int = Field(primary_key=True)
    n: int = Field(primary_key=True)
    at: datetime
    actor: str
    action: str
    detail: str
    previous: str
    digest: str


class Extension(SQLModel, table=True):
    """A later due date, asked for before the old one and decided by the office (DOMAIN 4)."""

    __table_args__ = (
        Index(
            "extension_pending",
            "plan_id",
            "unit_id",
            "item_id",
            unique=True,
            sqlite_where=text("decided_on IS NULL"),
            postgresql_where=text("decided_on IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    unit_id: int = Field(foreign_key="unit.id")
    item_id: int = Field(foreign_key="item.id")
    asked_on: date
    asked_by: str
    on_behalf: str = ""
    """The means by which the unit told the operator who recorded it; empty where it asked itself."""
    until: date
    reason: str
    decided_on: date | None = None
    decided_by: str = ""
    granted: bool | None = None
    why: str = ""


class Hold(SQLModel, table=True):
    """Days on which a plan was held: no working days of it (DOMAIN 3.8)."""

    __table_args__ = NATURAL
    plan_id: int = Field(primary_key=True)
    since: date = Field(primary_key=True)
    began_at: datetime
    """From this instant on nothing was sent; answers due later were not late."""
    until: date | None = None
    """The day on which it went on, which counts again; empty while it is held."""
    why: str


class Suspension(SQLModel, table=True):
    """An item set aside for a unit: asked by one office, confirmed by the other.

    Without `confirmed_on` it is merely asked; without `ended_on` it is asked or in force.
    """

    __table_args__ = (
        Index(
            "suspension_current",
            "plan_id",
            "unit_id",
            "item_id",
            "state",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    unit_id: int = Field(foreign_key="unit.id")
    item_id: int = Field(foreign_key="item.id")
    state: str
    """`suspended` or `not_applicable`."""
    reason: str
    asked_by: str
    asked_as: str
    """The role of who asked: another must confirm."""
    asked_on: date
    confirmed_by: str = ""
    confirmed_on: date | None = None
    ended_on: date | None = None
    ended_by: str = ""
    ended_why: str = ""
    due_before: date | None = None
    """The due date before it was put off on resuming: it is counted again when a calendar becomes known."""
    clock_before: date | None = None
    """Likewise, from when on the item could be late."""
    came_on: date | None = None
    """The day on which the unit took over what it pauses: it pauses nothing that the unit owed before."""
    left_on: date | None = None
    """The day on which what it paused left the unit: it pauses nothing that the unit owes there later."""


class Instance(SQLModel, table=True):
    """This installation; its name is part of every Message-ID."""

    id: int = Field(default=1, primary_key=True)
    name: str
