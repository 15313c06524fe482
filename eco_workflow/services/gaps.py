"""What is still to be proven: indicator × year of data × requirement (DOMAIN 4, 7)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from eco_workflow.domain.viewer import Viewer
from eco_workflow.store.decide.evidence import GAPS
from eco_workflow.store.tables import Obligation, Plan, Unit


@dataclass(frozen=True)
class Gap:
    """A requirement that no accepted file meets."""

    item: str
    requirement: str
    title: str
    year: int | None
    """Of the data; None where a file of any year does."""
    or_newer: bool
    """Whether data of a later year do as well."""
    why: str
    """`none`: nothing was brought; `pending`: a file waits for the office; `returned`: it was returned;
    `other_year`: what was brought is of a year that proves nothing.
    """
    of_year: int | None
    """The newest of the years that prove nothing and of which something was brought."""
    due_on: date | None
    """When the item is due, for the first of those who owe it."""
    units: tuple[str, ...]
    """Who owes the item: lead units and owners; of an item without any, those who owe its figures."""


def gaps(
    session: Session, plan: Plan, items: Collection[str] | None = None, viewer: Viewer | None = None
) -> list[Gap]:
    """Every gap of a plan, in the order of its items; of these items only, and as far as the viewer sees.

    What is not applicable to any unit needs no evidence. What was settled or closed out in words still needs
    its files.
    """
    rows = session.connection().execute(GAPS, {"plan": plan.id}).all()
    if items is not None:
        rows = [row for row in rows if row.item in items]
    owing = _owing(session, plan, {row.item_id for row in rows})
    return [
        Gap(
            item=row.item,
            requirement=row.requirement,
            title=row.title,
            year=row.year or None,
            or_newer=bool(row.or_newer),
            why=row.why,
            of_year=row.of_year,
            due_on=row.due_on,
            units=tuple(unit.short for unit in owing[row.item_id]),
        )
        for row in rows
        if viewer is None or any(viewer.sees(unit.id or 0) for unit in owing[row.item_id])
    ]


def _owing(session: Session, plan: Plan, items: Collection[int]) -> dict[int, list[Unit]]:
    owed = (
        select(Obligation.item_id, Obligation.role, Unit)
        .join(Unit, col(Unit.id) == Obligation.unit_id)
        .where(Obligation.plan_id == plan.id, col(Obligation.item_id).in_(items))
        .where(Obligation.state != "not_applicable")
        .order_by(col(Unit.id))
    )
    leads: dict[int, list[Unit]] = {}
    providers: dict[int, list[Unit]] = {}
    for item_id, role, unit in session.exec(owed):
        (providers if role == "data_provider" else leads).setdefault(item_id, []).append(unit)
    return {**providers, **leads}
