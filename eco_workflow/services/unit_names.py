"""What units were called before they were renamed: still found by it, and not renamed back by a document."""

from collections.abc import Iterator
from datetime import date

from sqlmodel import Session, col, select

from eco_workflow.plans import schema
from eco_workflow.store.tables import FormerName, Unit


def former_names(session: Session, plan_id: int | None) -> dict[int, list[FormerName]]:
    """Unit id → what it was called before, the oldest first; only units that were renamed."""
    found: dict[int, list[FormerName]] = {}
    rows = select(FormerName).where(FormerName.plan_id == plan_id).order_by(col(FormerName.id))
    for row in session.exec(rows):
        found.setdefault(row.unit_id, []).append(row)
    return found


def spellings(names: list[FormerName]) -> set[str]:
    """Every former name, long and short."""
    return {text for row in names for text in (row.name, row.short)}


def former_name(unit: Unit, until: date) -> FormerName:
    """The record of the name that a unit bears until a day."""
    assert unit.id is not None
    return FormerName(plan_id=unit.plan_id, unit_id=unit.id, name=unit.name, short=unit.short, until=until)


def as_named(session: Session, plan_id: int | None, document: schema.Plan) -> schema.Plan:
    """A document with its units under the names that they bear today; the former ones are aliases.

    A former name that the document gives to another unit is that one's.
    """
    former = former_names(session, plan_id)
    if not former:
        return document
    today = {row.code: row for row in session.exec(select(Unit).where(col(Unit.id).in_(former)))}
    units = [_named(unit, today, former, document) for unit in document.units]
    return document.model_copy(update={"units": units})


def _named(
    unit: schema.Unit, today: dict[str, Unit], former: dict[int, list[FormerName]], document: schema.Plan
) -> schema.Unit:
    row = today.get(unit.id)
    if row is None:
        return unit
    others = {text for other in document.units if other.id != unit.id for text in other.spellings}
    known = {*unit.spellings, *spellings(former[row.id or 0])} - {row.name, row.short} - others
    names = {"name": row.name, "short": row.short, "aliases": sorted(known)}
    return unit.model_copy(update=names)


def names_kept(session: Session, plan_id: int | None, document: schema.Plan) -> list[str]:
    """What is to be said of units that a document calls by a former name: they keep the one they have."""
    former = former_names(session, plan_id)
    rows = {row.code: row for row in session.exec(select(Unit).where(col(Unit.id).in_(former)))}
    said = []
    for unit in document.units:
        row = rows.get(unit.id)
        if row is not None and ({unit.name, unit.short} & spellings(former[row.id or 0])) - {
            row.name,
            row.short,
        }:
            said.append(
                f"{unit.id} is called {unit.name} in the document; it was renamed to {row.name} "
                f"on {former[row.id or 0][-1].until} and keeps that name."
            )
    return said


def claimed_by_others(
    session: Session, plan_id: int | None, document: schema.Plan
) -> Iterator[tuple[str, str, date]]:
    """(name, code of the unit that a document calls so, day) of names that another unit bears by renaming."""
    former = former_names(session, plan_id)
    for row in session.exec(select(Unit).where(col(Unit.id).in_(former)).order_by(col(Unit.id))):
        renamed_on = former[row.id or 0][-1].until
        for unit in document.units:
            for text in sorted({row.name, row.short} & set(unit.spellings)) if unit.id != row.code else ():
                yield text, unit.id, renamed_on
