"""Surveys as a person sees them, their files handed out, and what must not be here removed (DOMAIN 10)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.surveys import PARTS
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.evidence import lock
from eco_workflow.services.evidence_review import needed, put_away
from eco_workflow.services.evidence_shown import write_out
from eco_workflow.services.find import check_day_to_close, host_of, plan_named
from eco_workflow.services.history import figures_in, standing_reports
from eco_workflow.settings import Settings
from eco_workflow.store.content import Content
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Item, Plan, Report, Survey, SurveyAnswer, SurveyFile, Unit


@dataclass(frozen=True)
class Shown:
    """A survey with its files and what it found."""

    survey: int
    name: str
    unit: str
    sample: int
    from_on: date
    until_on: date
    figures: tuple[dict[str, Any], ...]
    """Code, value and period; `stands`: neither taken back nor returned."""
    files: tuple[dict[str, Any], ...]
    """Part, name, bytes, digest; since when it lies in quarantine."""
    recorded_at: datetime
    recorded_by: str


def listed(session: Session, viewer: Viewer, *, plan: str | None) -> list[Shown]:
    """The surveys of the units that the viewer sees, oldest first."""
    plan_row = plan_named(session, plan)
    rows = session.exec(select(Survey).where(Survey.plan_id == plan_row.id).order_by(col(Survey.id))).all()
    return [_shown(session, row) for row in rows if viewer.sees(row.unit_id)]


def one(session: Session, viewer: Viewer, number: int) -> Shown:
    """One survey. Raises `WrongInput` where there is none, `Refused` for another unit's."""
    return _shown(session, _for(session, viewer, number))


def hand_out(session: Session, viewer: Viewer, settings: Settings, number: int, part: str, to: str) -> int:
    """Writes questionnaire or report into a new file; returns its bytes. Raises as `write_out` does, and
    `Refused` for another unit's or what lies in quarantine.
    """
    file = session.get_one(SurveyFile, (_for(session, viewer, number).id, part))
    if file.quarantined_on is not None:
        raise Refused(
            f"The {part} of survey {number} lies in quarantine: its content was removed, its digest is kept."
        )
    return write_out(settings, file.digest, to, f"--{part}")


def plan_of(session: Session, number: int) -> str:
    """The code of the plan that a survey belongs to. Raises `WrongInput` where there is none."""
    return session.get_one(Plan, _numbered(session, number).plan_id).code


@dataclass(frozen=True)
class Quarantined:
    """A file of a survey that was put into quarantine, and whether there was content to remove."""

    survey: int
    part: str
    digest: str
    removed: bool


def quarantine(
    database: Database,
    settings: Settings,
    number: int,
    part: str,
    reason: str,
    *,
    now: datetime,
    by: Actor,
) -> Quarantined:
    """Takes a file out of sight that must not be here, wherever the same content stands; as of evidence.

    Raises `WrongInput` for what is no part of a survey, and without a reason.
    """
    reason = needed(reason, "A quarantine needs --reason.")
    if part not in PARTS:
        raise WrongInput(f"{part!r} is no part of a survey: {' or '.join(PARTS)}.")
    with database.write() as session:
        lock(session)
        row = _numbered(session, number)
        plan = session.get_one(Plan, row.plan_id)
        check_day_to_close(session, plan, now)
        of_host = session.get_one(Unit, row.unit_id).code == host_of(session, plan)
        by.must(Action.QUARANTINE, of_host=of_host, doing="putting a survey's file into quarantine")
        digest = session.get_one(SurveyFile, (number, part)).digest
        put_away(session, digest, reason, now, by)
    return Quarantined(number, part, digest, Content(settings.home).remove(digest))


def _numbered(session: Session, number: int) -> Survey:
    row = session.get(Survey, number)
    if row is None:
        raise WrongInput(f"There is no survey {number}. See: eco survey list")
    return row


def _for(session: Session, viewer: Viewer, number: int) -> Survey:
    row = _numbered(session, number)
    if not viewer.sees(row.unit_id):
        raise Refused(f"{viewer.name} sees surveys of the own unit only.")
    return row


def _shown(session: Session, row: Survey) -> Shown:
    answers = session.exec(
        select(Report, Item)
        .join(SurveyAnswer, col(SurveyAnswer.report_id) == Report.id)
        .join(Item, col(Item.id) == Report.item_id)
        .where(SurveyAnswer.survey_id == row.id)
        .order_by(col(Item.id))
    ).all()
    said = standing_reports(session, [row.unit_id], [item.id or 0 for _, item in answers])
    stands = {report.id for reports in said.values() for report in reports}
    files = session.exec(
        select(SurveyFile).where(SurveyFile.survey_id == row.id).order_by(col(SurveyFile.part))
    )
    return Shown(
        survey=row.id or 0,
        name=row.name,
        unit=session.get_one(Unit, row.unit_id).short,
        sample=row.sample,
        from_on=row.from_on,
        until_on=row.until_on,
        figures=tuple(
            {"code": one.code, "value": one.value, "period": one.period, "stands": one.report_id in stands}
            for one in figures_in(session, [report for report, _ in answers])
        ),
        files=tuple(
            {
                "part": file.part,
                "name": file.name,
                "bytes": file.size,
                "digest": file.digest,
                "quarantined_on": file.quarantined_on,
                "quarantined_by": file.quarantined_by,
                "reason": file.reason,
            }
            for file in files
        ),
        recorded_at=row.at,
        recorded_by=row.actor,
    )
