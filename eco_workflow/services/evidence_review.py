"""The office looks at evidence: accepts it, returns it, or puts it into quarantine (DOMAIN 4, 9, 10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.evidence import Brought, brought, is_of_host, lock, title_of
from eco_workflow.services.find import check_day_to_close
from eco_workflow.services.notices import tell_once
from eco_workflow.settings import Settings
from eco_workflow.store import audit
from eco_workflow.store.content import Content
from eco_workflow.store.session import Database
from eco_workflow.store.tables import ConditionalPass, Evidence, Plan, Survey, SurveyFile, Unit


@dataclass(frozen=True)
class Quarantined:
    """What was put into quarantine, and whether there was content to remove."""

    evidence: tuple[Brought, ...]
    digest: str
    removed: bool


def plan_of(session: Session, number: int) -> str:
    """The code of the plan that a piece of evidence belongs to. Raises `WrongInput` where there is none."""
    return session.get_one(Plan, numbered(session, number).plan_id).code


def numbered(session: Session, number: int) -> Evidence:
    """The piece of evidence. Raises `WrongInput` where there is none of that number."""
    row = session.get(Evidence, number)
    if row is None:
        raise WrongInput(f"There is no evidence {number}. See: eco evidence list")
    return row


def accept(database: Database, settings: Settings, number: int, *, now: datetime, by: Actor) -> Brought:
    """Accepts a file that waits: it proves its requirement from now on.

    Raises `Refused` for any other, and for one whose content is gone or not what it was: nobody can have
    looked at it.
    """
    with database.write() as session:
        row, plan = _to_review(session, number, now, by, "accepting evidence")
        if row.state != "pending":
            hint = " The unit brings it anew: eco evidence add" if row.state == "returned" else ""
            raise Refused(f"Evidence {number} is {row.state}; only a pending one is accepted.{hint}")
        if not Content(settings.home).is_whole(row.digest):
            raise Refused(
                f"The content of evidence {number} is missing, or not what it was when it was brought. Put "
                "it back from a backup, or return it, so that it is handed in again: "
                f"eco evidence review {number} return --reason …"
            )
        _decide(session, plan, row, "accepted", "", now, by)
        return brought(session, row)


def return_(database: Database, number: int, reason: str, *, now: datetime, by: Actor) -> Brought:
    """Returns a file, also one that was accepted before: it proves nothing any more, and the unit is told.

    Raises `WrongInput` without a reason, `Refused` for one that was returned or lies in quarantine.
    """
    reason = needed(reason, "A returned file needs --reason: the unit must know what to mend.")
    with database.write() as session:
        row, plan = _to_review(session, number, now, by, "returning evidence")
        if row.state not in ("pending", "accepted"):
            raise Refused(f"Evidence {number} is {row.state} already.")
        _decide(session, plan, row, "returned", reason, now, by)
        _tell(session, plan, row, "evidence_returned", now)
        return brought(session, row)


def quarantine(
    database: Database, settings: Settings, number: int, reason: str, *, now: datetime, by: Actor
) -> Quarantined:
    """Takes what slipped in out of sight, wherever the same content stands; digest and record stay.

    The rows say so first, then the content goes: said again, the same command removes what a crash has left.
    What was copied into a backup before is there still. Raises `WrongInput` without a reason.
    """
    reason = needed(reason, "A quarantine needs --reason.")
    with database.write() as session:
        row, plan = _looked_up(session, number, now)
        unit = session.get_one(Unit, row.unit_id)
        of_host = is_of_host(session, plan, row.item_id, unit)
        by.must(Action.QUARANTINE, of_host=of_host)
        told, digest = put_away(session, row.digest, reason, now, by), row.digest
    return Quarantined(told, digest, Content(settings.home).remove(digest))


def put_away(session: Session, digest: str, reason: str, now: datetime, by: Actor) -> tuple[Brought, ...]:
    """Says of every row of that content, in every plan, that it lies in quarantine; returns the evidence.

    The content itself goes when that is committed.
    """
    same = select(Evidence).where(Evidence.digest == digest).order_by(col(Evidence.id))
    rows = session.exec(same).all()
    details: dict[int, dict[str, Any]] = {}
    for one in rows:
        if one.state == "quarantined":
            continue
        _set(one, "quarantined", reason, now, by)
        one.name, one.note = "", ""
        _tell(session, session.get_one(Plan, one.plan_id), one, "evidence_quarantined", now)
        details.setdefault(one.plan_id, {}).setdefault("numbers", []).append(one.id)
    for file, survey in session.exec(
        select(SurveyFile, Survey)
        .join(Survey, col(Survey.id) == SurveyFile.survey_id)
        .where(SurveyFile.digest == digest, col(SurveyFile.quarantined_on).is_(None))
        .order_by(col(SurveyFile.survey_id), col(SurveyFile.part))
    ):
        file.quarantined_on, file.quarantined_by, file.reason = shanghai_date(now), by.name, reason
        file.name = ""
        named = f"{file.part} of {survey.id}"
        details.setdefault(survey.plan_id, {}).setdefault("surveys", []).append(named)
    for slip in session.exec(
        select(ConditionalPass)
        .where(ConditionalPass.slip_digest == digest, col(ConditionalPass.slip_quarantined_on).is_(None))
        .order_by(col(ConditionalPass.plan_id), col(ConditionalPass.phase), col(ConditionalPass.n))
    ):
        slip.slip_quarantined_on, slip.slip_quarantined_by = shanghai_date(now), by.name
        slip.slip_reason, slip.slip_name = reason, ""
        details.setdefault(slip.plan_id, {}).setdefault("slips", []).append(f"{slip.n} of {slip.phase}")
    for detail in details.values():
        detail.update({"digest": digest, "reason": reason})
    if details:
        audit.record(session, details, at=now, actor=by.name, action="evidence_quarantine")
    return tuple(brought(session, one) for one in rows)


def _looked_up(session: Session, number: int, now: datetime) -> tuple[Evidence, Plan]:
    lock(session)
    row = numbered(session, number)
    plan = session.get_one(Plan, row.plan_id)
    check_day_to_close(session, plan, now)
    if shanghai_date(now) < row.added_on:
        raise WrongInput(f"Evidence {number} was added on {row.added_on}, later than --now. Correct --now.")
    return row, plan


def _to_review(session: Session, number: int, now: datetime, by: Actor, doing: str) -> tuple[Evidence, Plan]:
    row, plan = _looked_up(session, number, now)
    of_host = is_of_host(session, plan, row.item_id, session.get_one(Unit, row.unit_id))
    by.must(Action.REVIEW, of_host=of_host, doing=doing)
    return row, plan


def _decide(
    session: Session, plan: Plan, row: Evidence, state: str, reason: str, now: datetime, by: Actor
) -> None:
    before = row.state
    _set(row, state, reason, now, by)
    detail = {"number": row.id, "digest": row.digest, "before": before, "state": state, "reason": reason}
    assert plan.id is not None
    audit.record(session, {plan.id: detail}, at=now, actor=by.name, action="evidence_review")


def _set(row: Evidence, state: str, reason: str, now: datetime, by: Actor) -> None:
    row.state, row.reason = state, reason
    row.decided_on, row.decided_by = shanghai_date(now), by.name


def _tell(session: Session, plan: Plan, row: Evidence, kind: str, now: datetime) -> None:
    """The unit's liaison is told; the office knows what it decided about its own."""
    if row.unit_id == plan.office_unit_id:
        return
    file = " ".join((row.requirement, title_of(session, row), str(row.data_year or ""))).strip()
    facts = {"item": row.item_id, "evidence": row.id, "file": file, "reason": row.reason}
    key = f"{kind}:{row.id}"
    tell_once(session, plan, row.unit_id, kind, key, on=shanghai_date(now), facts=facts)


def needed(reason: str, otherwise: str) -> str:
    """The reason in one line. Raises `WrongInput` with these words where there is none."""
    reason = bounded(reason, "--reason")
    if not reason:
        raise WrongInput(otherwise)
    return reason
