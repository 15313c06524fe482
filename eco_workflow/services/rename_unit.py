"""A unit has another official name from today on; what it was asked before stays recorded as it was."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.contact_card import why_no_line
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.find import check_day, document, document_as_named, plan_named, unit_named
from eco_workflow.services.notices import tell_once
from eco_workflow.services.unit_names import former_name, former_names, spellings
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Case, Item, Paper, Plan, Unit

RENAMED = "renamed"


@dataclass(frozen=True)
class Renamed:
    """A unit's names before and from today on."""

    unit: str
    """Its code, which stays."""
    old_name: str
    old_short: str
    name: str
    short: str
    since: date


def rename(
    database: Database,
    unit: str,
    name: str,
    *,
    short: str | None = None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Renamed:
    """Gives a working unit another name; without `short` that is its short one, too.

    It is found by its former names still. Versions of the plan are not rewritten, nor what was sent or
    signed; drafts that nobody signed yet are addressed anew. Raises `WrongInput` for a name that is none, or
    that another unit bears or bore; `Refused` where the name is the same or the unit was merged away.
    """
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.MANAGE_PLAN, doing="renaming a unit")
        row = unit_named(session, plan_row, unit)
        names = _read(name, "NEW_NAME"), _read(name if short is None else short, "--short")
        _check(session, plan_row, row, names)
        check_day(plan_row, now)
        today = shanghai_date(now)
        done = Renamed(row.code, row.name, row.short, *names, since=today)
        former = former_names(session, plan_row.id).get(row.id or 0, [])
        session.add(former_name(row, today))
        _address_drafts(session, row, done)
        row.name, row.short = names
        session.flush()
        _tell(session, plan_row, row, done, turn=len(former) + 1)
        detail = {"unit": row.code, "from": done.old_name, "to": done.name, "short": done.short}
        audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="rename_unit")
        return done


def _read(text: str, option: str) -> str:
    text = text.strip()
    if not text or (wrong := why_no_line(text)):
        raise WrongInput(f"{option} {wrong if text else 'is empty; a unit needs a name'}.")
    return text


def _check(session: Session, plan: Plan, row: Unit, names: tuple[str, str]) -> None:
    if row.kind not in ("unit", "office"):
        raise WrongInput(
            f"{row.name} is a {row.kind}, which is never asked; it is called as the plan document says. "
            "Change it there: eco plan load"
        )
    if row.successor_id is not None:
        into = session.get_one(Unit, row.successor_id)
        raise Refused(f"{row.short} was merged into {into.short} and is asked no more.")
    if names == (row.name, row.short):
        raise Refused(f"{row.code} is called {row.name} ({row.short}) already.")
    for taken in names:
        if whose := _bearer(session, plan, row, taken):
            raise WrongInput(f"{taken!r} is {whose}. A name must mean this unit alone.")


def _bearer(session: Session, plan: Plan, row: Unit, name: str) -> str:
    """Whose name it is, today or before, by rows or by the document, in full or as people shorten it; empty
    where it is free.
    """
    found = document(session, plan)
    named = document_as_named(session, plan).units
    is_own = any(unit.id == row.code and name in unit.spellings for unit in named)
    shortened = set() if is_own else {unit.id for unit in named if unit.is_called(name)}
    former = former_names(session, plan.id)
    said = {unit.id: set(unit.spellings) | {unit.id} for unit in found.units}
    others = select(Unit).where(Unit.plan_id == plan.id, Unit.id != row.id).order_by(col(Unit.id))
    for other in session.exec(others):
        known = {other.code, other.name, other.short} | said.get(other.code, set())
        if name in known or other.code in shortened:
            return f"a name of {other.name} ({other.code})"
        if name in spellings(former.get(other.id or 0, [])):
            return f"what {other.name} ({other.code}) was called before"
    of_item = select(Item.id).where(Item.plan_id == plan.id, Item.code == name.upper())
    if session.exec(of_item).first() is not None:
        return "the id of an item"
    if any(name == term.printed for term in found.terms):
        return "printed in the plan for what is no unit"
    return ""


def _address_drafts(session: Session, row: Unit, done: Renamed) -> None:
    """What is signed from now on goes to the unit under the name that it bears."""
    drafts = (
        select(Paper)
        .join(Case, col(Case.id) == Paper.case_id)
        .where(Case.plan_id == row.plan_id, Case.unit_id == row.id)
        .where(Paper.state == "draft", Paper.addressee == done.old_name)
    )
    for paper in session.exec(drafts):
        paper.addressee = done.name


def _tell(session: Session, plan: Plan, row: Unit, done: Renamed, *, turn: int) -> None:
    assert row.id is not None
    hearing = dict.fromkeys([(row.id, "liaison"), (row.id, "leader"), (plan.office_unit_id, "liaison")])
    facts = {"unit": row.id, "old_name": done.old_name, "new_name": done.name}
    for unit_id, role in hearing:
        key = f"{RENAMED}:{row.id}:{turn}:{unit_id}:{role}"
        tell_once(session, plan, unit_id, RENAMED, key, on=done.since, role=role, facts=facts)
