"""Surveys of which an indicator's figure is the result (the source plan, 四(二十六))."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from eco_workflow.store.tables.plan import NATURAL


class Survey(SQLModel, table=True):
    """A survey that was held: what was asked, of how many, when."""

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    """The unit whose figures it gives."""
    name: str
    sample: int
    """How many answered."""
    from_on: date
    until_on: date
    """The field days, the first and the last."""
    actor: str
    at: datetime


class SurveyFile(SQLModel, table=True):
    """The questionnaire or the report of a survey. Its content lies with the evidence, by its digest."""

    __tablename__: ClassVar[Any] = "survey_file"
    __table_args__ = NATURAL
    survey_id: int = Field(foreign_key="survey.id", primary_key=True)
    part: str = Field(primary_key=True)
    """`questionnaire` or `report`."""
    name: str
    """As the person's own file was called: it is shown, never used as a path. Empty in quarantine."""
    media: str
    size: int
    """Bytes."""
    digest: str = Field(index=True)
    """SHA-256 of the content."""
    quarantined_on: date | None = None
    """Since when the content is gone that must not be here."""
    quarantined_by: str = ""
    reason: str = ""


class SurveyAnswer(SQLModel, table=True):
    """The answer by which a survey's figures of an indicator were recorded."""

    __tablename__: ClassVar[Any] = "survey_answer"
    __table_args__ = NATURAL
    survey_id: int = Field(foreign_key="survey.id", primary_key=True)
    item_id: int = Field(foreign_key="item.id", primary_key=True)
    report_id: int = Field(foreign_key="report.id", unique=True)
