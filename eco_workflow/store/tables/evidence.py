"""What is to be proven by files, and the files that were brought (DOMAIN 1, 佐证材料)."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class Requirement(SQLModel, table=True):
    """A file that an item needs, as the document in force says, once for each year of data."""

    __table_args__ = NATURAL
    plan_id: int = Field(foreign_key="plan.id", primary_key=True)
    item_id: int = Field(foreign_key="item.id", primary_key=True)
    code: str = Field(primary_key=True)
    """`E1`: unique in its item."""
    year: int = Field(primary_key=True)
    """Of the data; 0 where a file of any year does, or of none."""
    or_newer: bool
    """Whether data of a later year does as well."""
    title: str


class Evidence(SQLModel, table=True):
    """A file that somebody brought for a requirement. Its content lies beside the database, by its digest."""

    __table_args__ = (
        UniqueConstraint("plan_id", "item_id", "requirement", "data_year", "n"),
        Index("evidence_content", "digest"),
        Index(
            "evidence_to_review",
            "plan_id",
            "added_on",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id")
    item_id: int = Field(foreign_key="item.id")
    unit_id: int = Field(foreign_key="unit.id")
    """The unit that brought it: a lead unit, a data provider or a supporting one."""
    requirement: str
    data_year: int = 0
    """The year that the data are of; 0 where none was given."""
    n: int
    """Version: the how many-th file for this requirement and year."""
    name: str
    """As the person's own file was called: it is shown, never used as a path. Empty in quarantine."""
    media: str
    size: int
    """Bytes."""
    digest: str
    """SHA-256 of the content."""
    note: str = ""
    on_behalf: bool = False
    """The office recorded what the unit brought."""
    actor: str
    added_on: date
    at: datetime
    state: str = "pending"
    """`pending`, `accepted`, `returned`, or `quarantined`: then the content is gone."""
    decided_on: date | None = None
    decided_by: str = ""
    reason: str = ""
