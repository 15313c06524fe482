"""The claim of a run, the audit chain, and the instance's own name."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class Run(SQLModel, table=True):
    """One run per plan and day: inserting the row is the claim (DOMAIN 5)."""

    __table_args__ = NATURAL
    plan_id: int = Field(primary_key=True)
    on_date: date = Field(primary_key=True)
    started_at: datetime
    actor: str


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


class Instance(SQLModel, table=True):
    """This installation; its name is part of every Message-ID."""

    id: int = Field(default=1, primary_key=True)
    name: str
