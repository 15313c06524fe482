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
    """The ladder of the report clock."""
    item_ladder_id: int = Field(foreign_key="ladder.id")
    """The ladder of the clocks that run for single items: tasks and indicators."""
    evidence_ladder_id: int | None = Field(default=None, foreign_key="ladder.id")
    """The ladder of the evidence clock."""
    early_days: int
    """Working days before a due date at which its liaison is warned (rung 0)."""
    review_days: int
    """Working days after which what waits for the office's decision makes the office late (DOMAIN 4)."""
    evidence_from: date | None = None
    """From this day on a claim without its evidence is late (DOMAIN 4); empty: the gates alone ask for it."""
    office_unit_id: int = 0
    host_unit_id: int = 0
    """The bureau in which the office sits, which the office does not judge; 0 where it sits in none."""
    office_telephone: str
    supervision_unit_id: int = 0
    last_run_on: date | None = None
    held_since: date | None = None
    """All sending stops while this is set (DOMAIN 3.8)."""
    trial_mailbox: str = ""
    """Where every message goes while the plan is on trial; empty in earnest."""
    trial_since: datetime | None = None
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

    __table_args__ = (
        UniqueConstraint("plan_id", "code"),
        Index(
            "unit_unreached",
            "plan_id",
            sqlite_where=text("unreached_on IS NOT NULL"),
            postgresql_where=text("unreached_on IS NOT NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    code: str
    name: str
    short: str
    kind: str
    relation: str | None = None
    unreached_on: date | None = None
    """The day on which the last working liaison was lost, as a run found; empty while there is one."""
    successor_id: int | None = None
    """The unit into which this one was merged."""


class FormerName(SQLModel, table=True):
    """What a unit was called until it was renamed on a day; it is still found by it."""

    __tablename__: ClassVar[Any] = "former_name"
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    name: str
    short: str
    until: date


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
        Index(
            "contact_lost",
            "plan_id",
            "unit_id",
            sqlite_where=text("ended_on IS NOT NULL OR failed_on IS NOT NULL"),
            postgresql_where=text("ended_on IS NOT NULL OR failed_on IS NOT NULL"),
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
    bounced_on: date | None = None
    """The day on which a mail that the server took came back, while a channel is left."""


class Particulars(SQLModel, table=True):
    """What may change about a contact without another person being told: ended, never edited."""

    __table_args__ = (
        Index(
            "particulars_current",
            "contact_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id")
    post: str = ""
    telephone: str = ""
    deputy: str = ""
    """Who hears in the contact's place while that is away; empty where nobody is named."""
    deputy_address: str = ""
    away_from: date | None = None
    """The first and the last day of an absence, in Shanghai."""
    away_until: date | None = None
    since: date
    ended_on: date | None = None
    bounced_on: date | None = None
    """The day on which what the deputy was sent came back; the contact is told instead."""


class Channel(SQLModel, table=True):
    """A further way to a contact besides mail, in order of preference. Ended, never edited."""

    __table_args__ = (
        Index(
            "channel_current",
            "contact_id",
            "place",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id")
    place: int
    """Below 0: before mail; above: after it."""
    url: str
    """With its secret: it is shown without (`domain/chat`)."""
    since: date
    ended_on: date | None = None
    called_on: date | None = None
    """Of a group's robot: the day on which its neutral line was last handed over, and what was answered."""
    answer: str = ""
    bounced_on: date | None = None
    """The day on which a message that it took came back; it carries none until somebody trusts it again."""


class Item(SQLModel, table=True):
    """A milestone, indicator, policy, duty or veto item: its code is unique in the plan, over versions."""

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

    __table_args__ = (
        Index(
            "obligation_due",
            "plan_id",
            "due_on",
            sqlite_where=text("state = 'not_started' OR state = 'in_progress'"),
            postgresql_where=text("state = 'not_started' OR state = 'in_progress'"),
        ),
        Index(
            "obligation_claimed",
            "plan_id",
            "due_on",
            sqlite_where=text("state = 'completed'"),
            postgresql_where=text("state = 'completed'"),
        ),
        Index(
            "obligation_warned",
            "plan_id",
            "warned_on",
            sqlite_where=text("warned_to IS NOT NULL"),
            postgresql_where=text("warned_to IS NOT NULL"),
        ),
        NATURAL,
    )
    plan_id: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
    item_id: int = Field(primary_key=True)
    role: str
    """`lead`, `data_provider` or `owner`."""
    version: int
    state: str = "not_started"
    """`not_started`, `in_progress`, `completed` (claimed), `closed`, `suspended` or `not_applicable`."""
    due_on: date | None = None
    first_due_on: date | None = None
    """The first due date, once it was moved: it stays on record."""
    clock_from: date | None = None
    """No rung is told before this day: a date that fell due just after activation, or a refused extension."""
    paused_as: str = ""
    """The state in which a suspended item goes on."""
    taken_over_as: str | None = None
    """The state in which it came from a merged unit: what holds when the successor takes its answer back."""
    warned_for: date | None = None
    """The due date of which rung 0 warned, on `warned_on` to `warned_to`."""
    warned_on: date | None = None
    warned_to: int | None = None
    rhythm: str
    """Asked by the rounds that ask this rhythm (`round_asks`)."""
    asked_from: date | None = None
    asked_until: date | None = None
    settle: str = ""
    """`listed` when past due at activation, then `settled` (DOMAIN 2, late loading)."""


class HandedOver(SQLModel, table=True):
    """Who owes an item in the place of the unit that the plan names: a unit was split (DOMAIN 5)."""

    __tablename__: ClassVar[Any] = "handed_over"
    __table_args__ = NATURAL
    plan_id: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
    """The unit that a document names, or by which the item went on."""
    item_id: int = Field(primary_key=True)
    to_unit_id: int
    on_date: date


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
