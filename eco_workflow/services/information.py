"""Information that units offer for a bulletin; none is owed (DOMAIN 8)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.find import check_day, plan_named, unit_named
from eco_workflow.services.hand_over import check_works
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import InfoItem, Unit


@dataclass(frozen=True)
class Information:
    """An information item. `used_in`: the code of the issue that took it up."""

    number: int
    unit: str
    text: str
    offered_on: date
    by: str
    used_in: str


def offer(
    database: Database, unit: str, text: str, *, now: datetime, by: Actor, plan: str | None = None
) -> Information:
    """A unit's people offer an item, or an operator writes down what the unit sent.

    Raises `WrongInput` without a text or for an unknown unit, `Refused` for another unit's people.
    """
    text = bounded(text, "TEXT")
    if not text:
        raise WrongInput("An information item needs its text.")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        unit_row = unit_named(session, plan_row, unit)
        if not by.may(Action.RECORD_ON_BEHALF):
            by.must(Action.ANSWER, unit=unit_row.code, called=unit_row.short, doing="offering information")
        check_day(plan_row, now)
        check_works(session, unit_row, "asked for information")
        assert plan_row.id is not None
        assert unit_row.id is not None
        row = InfoItem(
            plan_id=plan_row.id,
            unit_id=unit_row.id,
            text=text,
            offered_on=shanghai_date(now),
            offered_by=by.name,
            at=now,
        )
        session.add(row)
        session.flush()
        detail = {"number": row.id, "unit": unit_row.code}
        audit.record(session, {plan_row.id: detail}, at=now, actor=by.name, action="offer_information")
        return _said(row, unit_row)


def listed(session: Session, viewer: Viewer, *, plan: str | None, unused: bool = False) -> list[Information]:
    """What was offered by the units that the viewer sees, newest first; `unused`: what no issue took up."""
    plan_row = plan_named(session, plan)
    rows = (
        select(InfoItem, Unit)
        .join(Unit, col(Unit.id) == InfoItem.unit_id)
        .where(InfoItem.plan_id == plan_row.id)
        .order_by(col(InfoItem.id).desc())
    )
    if unused:
        rows = rows.where(InfoItem.used_in == "")
    return [_said(row, unit) for row, unit in session.exec(rows) if viewer.sees(row.unit_id)]


def _said(row: InfoItem, unit: Unit) -> Information:
    return Information(row.id or 0, unit.short, row.text, row.offered_on, row.offered_by, row.used_in)
