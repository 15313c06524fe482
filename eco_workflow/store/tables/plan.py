"""The plan as rows: units, contacts, items, who owes what, and who hears of what."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

NATURAL: dict[str, Any] = {"sqlite_with_rowid": False}
"""The natural key is the table (WITHOUT ROWID): half the space and no second look-up."""


class Plan(SQLModel, table=True):
    """One prefecture's plan and where it stands."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    title: str
    marking: str = ""
    """`演示数据` on everything a demo writes; empty in earnest."""
    version: int
    starts_on: date
    ends_on: date
    active_from: date
    answer_days: int
    answer_time: str
    """HH:MM in Asia/Shanghai."""
    wait_for_working_day: bool
    summary_days: int
    ladder_id: int = Field(foreign_key="ladder.id")
    office_unit_id: int = 0
    office_telephone: str
    last_run_on: date | None = None
    audit_rows: int = 0
    audit_head: str = ""


class PlanVersion(SQLModel, table=True):
    """A plan document as loaded; append-only, rounds and obligations name the version."""

    __tablename__: ClassVar[Any] = "plan_version"
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    version: int = Field(primary_key=True)
    digest: str
    document: str
    loaded_at: datetime


class Unit(SQLModel, table=True):
    """A unit, group or superior named by the plan."""

    __table_args__ = (UniqueConstraint("plan_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    code: str
    name: str
    short: str
    kind: str
    relation: str | None = None


class Contact(SQLModel, table=True):
    """A person whom a unit named. Contacts are ended, never edited."""

    __table_args__ = (
        Index(
            "contact_current",
            "unit_id",
            "role",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    role: str
    name: str
    address: str
    since: date
    ended_on: date | None = None
    failed_on: date | None = None
    """The day a server refused the address for good; until corrected nothing more is sent there."""
    failed_why: str = ""


class Item(SQLModel, table=True):
    """A milestone, indicator or policy: its code is unique in the plan and outlives versions."""

    __table_args__ = (UniqueConstraint("plan_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    code: str
    kind: str


class ItemText(SQLModel, table=True):
    """How a plan version words an item, and where the source says so."""

    __tablename__: ClassVar[Any] = "item_text"
    __table_args__ = NATURAL
    item_id: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    title: str
    place: str


class Obligation(SQLModel, table=True):
    """A unit owes an answer on an item (DOMAIN 3.1)."""

    __table_args__ = NATURAL
    plan_id: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
    item_id: int = Field(primary_key=True)
    role: str
    """`lead`, `data_provider` or `owner`."""
    version: int
    state: str = "not_started"
    due_on: date | None = None
    rhythm: str
    """`every_round`, `monthly` (the month's last round day) or `never`."""
    asked_from: date | None = None
    asked_until: date | None = None
    settle: str = ""
    """`listed` when past due at activation, then `settled` (DOMAIN 2, late loading)."""


class Hears(SQLModel, table=True):
    """Who hears of a rung; `unit_id` 0 is the debtor itself (DOMAIN 5)."""

    __table_args__ = NATURAL
    plan_id: int = Field(primary_key=True)
    rung: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
    role: str = Field(primary_key=True)
    otherwise: str = ""
    """The role that hears where nobody fills the first."""
    kind: str
    principal: bool


class Exemption(SQLModel, table=True):
    """A debtor whose rung is a draft to a leader above instead of an alert."""

    __table_args__ = NATURAL
    plan_id: int = Field(primary_key=True)
    rung: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
    addressee: str
