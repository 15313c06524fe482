"""What a meeting resolved: a unit, what it should do, and by when (DOMAIN 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from eco_workflow.domain.clock import read_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.services.find import unit_named
from eco_workflow.services.hand_over import check_works
from eco_workflow.store.tables import Occurrence, Plan, Resolution, Unit

HOW = '--resolution is written "UNIT: text: DATE", e.g. "水务局: 补报河湖岸线保护率: 2022-04-15".'


@dataclass(frozen=True)
class Wanted:
    """A resolution as the minutes say it."""

    unit: Unit
    text: str
    due_on: date


def read_resolutions(session: Session, plan: Plan, said: Sequence[str], held_on: date) -> list[Wanted]:
    """Resolutions as typed. Raises `WrongInput` for one that is not so written, an unknown unit, or a date
    before the meeting or after the plan.
    """
    found = []
    for one in said:
        parts = one.replace("\uff1a", ":").split(":")
        if len(parts) < 3 or not parts[0].strip():
            raise WrongInput(f"{one!r} is no resolution. {HOW}")
        unit = unit_named(session, plan, parts[0].strip())
        check_works(session, unit, "given tasks")
        text = bounded(":".join(parts[1:-1]), "--resolution")
        if not text or not text.isprintable():
            raise WrongInput(f"{one!r} says nothing to do, in one line. {HOW}")
        due_on = read_date(parts[-1].strip(), "--resolution")
        if not held_on <= due_on <= plan.ends_on:
            raise WrongInput(
                f"--resolution {one!r}: {due_on} must lie between the meeting, {held_on}, "
                f"and the plan's end, {plan.ends_on}."
            )
        found.append(Wanted(unit, text, due_on))
    return found


def record_resolutions(session: Session, row: Occurrence, wanted: Sequence[Wanted]) -> None:
    """Writes a meeting's resolutions down, in the transaction that records its minutes."""
    for n, one in enumerate(wanted, start=1):
        assert one.unit.id is not None
        session.add(
            Resolution(
                plan_id=row.plan_id, code=row.code, n=n, unit_id=one.unit.id, text=one.text, due_on=one.due_on
            )
        )
    session.flush()
