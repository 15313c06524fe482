"""Somebody brings a file that proves what an item requires (DOMAIN 1, 3)."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.evidence import check_year, media_of, years_wanted
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Actor
from eco_workflow.services.find import check_day_to_close, host_of, item_named, plan_named
from eco_workflow.services.overdue import TASK_ROLES, evidence_came
from eco_workflow.services.taking_part import unit_meant
from eco_workflow.settings import Settings
from eco_workflow.store import audit
from eco_workflow.store.content import Content, check_ordinary
from eco_workflow.store.decide.evidence import WANTED_INSTEAD
from eco_workflow.store.session import Database
from eco_workflow.store.tables import (
    ConditionalPass,
    Evidence,
    Instance,
    Item,
    Obligation,
    Plan,
    Requirement,
    SurveyFile,
    Unit,
)


@dataclass(frozen=True)
class Brought:
    """A piece of evidence and where it stands."""

    number: int
    item: str
    requirement: str
    title: str
    year: int | None
    version: int
    unit: str
    name: str
    digest: str
    size: int
    state: str
    on_behalf: bool
    wanted_instead: str
    """Of which years data are wanted, where these are of another one and prove nothing; else empty."""


def add(
    database: Database,
    settings: Settings,
    item: str,
    requirement: str,
    file: str,
    *,
    year: int | None = None,
    unit: str | None = None,
    note: str = "",
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Brought:
    """Takes a file in as evidence; it waits for the office's review.

    Lead units, data providers and supporting units bring it themselves; an operator records it for `unit`.
    The file is on the disk under its digest before its row is committed: a crash in between leaves a file
    that no row names, which `eco evidence verify` counts.

    Raises `WrongInput` for a requirement that the item does not have, a kind, size or year that is not
    taken; `Refused` for a unit that has no part in the item, for content that is there already or lies in
    quarantine.
    """
    check_ordinary(Path(file))
    name, media = media_of(file)
    note = bounded(note, "--note")
    store = Content(settings.home)
    with (
        store.arriving(Path(file), max_mib=settings.evidence_max_mib) as arrived,
        database.write() as session,
    ):
        plan_row = plan_named(session, plan)
        item_row = item_named(session, plan_row, item)
        check_day_to_close(session, plan_row, now)
        lock(session)
        bringing = unit_meant(
            session, plan_row, item_row, by, unit,
            doing="bringing evidence", which="Which unit brought it?",
        )  # fmt: skip
        wanted = _required(session, plan_row, item_row, requirement)
        today = shanghai_date(now)
        if year is not None:
            check_year(year, today.year)
        elif wanted.year:
            raise WrongInput(f"{item_row.code} {wanted.code} needs --year: the year that the data are of.")
        _check_content(session, plan_row, item_row, wanted, year or 0, arrived.digest)
        assert plan_row.id is not None
        assert item_row.id is not None
        assert bringing.id is not None
        row = Evidence(
            plan_id=plan_row.id,
            item_id=item_row.id,
            unit_id=bringing.id,
            requirement=wanted.code,
            data_year=year or 0,
            n=_versions(session, plan_row, item_row, wanted, year or 0) + 1,
            name=name,
            media=media,
            size=arrived.size,
            digest=arrived.digest,
            note=note,
            on_behalf=by.unit != bringing.code,
            actor=by.name,
            added_on=today,
            at=now,
        )
        session.add(row)
        session.flush()
        evidence_came(session, plan_row, item_row.id, now)
        # A file may be called what must not be known: the log, which forgets nothing, has the digest.
        detail = {
            "number": row.id, "item": item_row.code, "requirement": row.requirement, "year": row.data_year,
            "version": row.n, "unit": bringing.code, "digest": row.digest, "bytes": row.size,
        }  # fmt: skip
        audit.record(session, {plan_row.id: detail}, at=now, actor=by.name, action="evidence_add")
        store.keep(arrived)
        return brought(session, row)


def brought(session: Session, row: Evidence) -> Brought:
    """As a command tells of it."""
    item = session.get_one(Item, row.item_id)
    wanted = session.connection().execute(WANTED_INSTEAD, {"evidence": row.id})
    return Brought(
        number=row.id or 0,
        item=item.code,
        requirement=row.requirement,
        title=title_of(session, row),
        year=row.data_year or None,
        version=row.n,
        unit=session.get_one(Unit, row.unit_id).short,
        name=row.name,
        digest=row.digest,
        size=row.size,
        state=row.state,
        on_behalf=row.on_behalf,
        wanted_instead=", ".join(years_wanted(year, bool(or_newer)) for year, or_newer in wanted),
    )


def title_of(session: Session, row: Evidence) -> str:
    """What the document in force calls the requirement; empty where it asks for it no more."""
    titles = select(Requirement.title).where(
        Requirement.plan_id == row.plan_id,
        Requirement.item_id == row.item_id,
        Requirement.code == row.requirement,
    )
    return session.exec(titles).first() or ""


def lock(session: Session) -> None:
    """One act on evidence at a time: content in quarantine does not come back while it is being removed."""
    session.exec(select(Instance).with_for_update()).one()


def check_not_quarantined(session: Session, digest: str) -> None:
    """Raises `Refused` for content that was removed once."""
    brought_as = select(Evidence.id).where(Evidence.digest == digest, Evidence.state == "quarantined")
    surveyed = select(SurveyFile.survey_id).where(
        SurveyFile.digest == digest, col(SurveyFile.quarantined_on).is_not(None)
    )
    signed = select(ConditionalPass.n).where(
        ConditionalPass.slip_digest == digest, col(ConditionalPass.slip_quarantined_on).is_not(None)
    )
    if any(session.exec(found.limit(1)).first() for found in (brought_as, surveyed, signed)):
        raise Refused("This content lies in quarantine and is not taken in again. Nothing of it was kept.")


def is_of_host(session: Session, plan: Plan, item_id: int, unit: Unit) -> bool:
    """Whether the supervision office decides: the host owes the item, or brought the file (DOMAIN 4)."""
    return unit.code == host_of(session, plan) or owed_by_host(session, plan, item_id)


def owed_by_host(session: Session, plan: Plan, item_id: int) -> bool:
    """Whether the host bureau owes the item, alone or with others."""
    owning = (
        select(Unit.code)
        .join(Obligation, col(Obligation.unit_id) == Unit.id)
        .where(Obligation.plan_id == plan.id, Obligation.item_id == item_id)
        .where(col(Obligation.role).in_(TASK_ROLES))
    )
    return host_of(session, plan) in session.exec(owning).all()


def _required(session: Session, plan: Plan, item: Item, code: str) -> Requirement:
    asked = select(Requirement).where(Requirement.plan_id == plan.id, Requirement.item_id == item.id)
    rows = session.exec(asked.order_by(col(Requirement.code), col(Requirement.year))).all()
    for row in rows:
        if row.code == code.upper():
            return row
    known = ", ".join(dict.fromkeys(f"{row.code} {row.title}" for row in rows)) or "none"
    raise WrongInput(f"{item.code} has no requirement {code!r}. Known: {known}.")


def _check_content(
    session: Session, plan: Plan, item: Item, wanted: Requirement, year: int, digest: str
) -> None:
    check_not_quarantined(session, digest)
    for row in session.exec(
        select(Evidence).where(Evidence.digest == digest).order_by(col(Evidence.id))
    ).all():
        place = (row.plan_id, row.item_id, row.requirement, row.data_year)
        if place == (plan.id, item.id, wanted.code, year) and row.state != "returned":
            raise Refused(f"This content is there already: evidence {row.id}, {row.state}.")


def _versions(session: Session, plan: Plan, item: Item, wanted: Requirement, year: int) -> int:
    newest = select(func.max(Evidence.n)).where(
        Evidence.plan_id == plan.id,
        Evidence.item_id == item.id,
        Evidence.requirement == wanted.code,
        Evidence.data_year == year,
    )
    return session.exec(newest).one() or 0
