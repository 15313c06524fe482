"""From a case's number to the case and all that belongs to it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from eco_workflow.domain.english import ended
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services.find import check_day, host_of
from eco_workflow.store.tables import Case, Item, Plan, Unit


@dataclass(frozen=True)
class CasePlace:
    """A case with its plan, the unit whose clock ran out, and the item (none on the report clock)."""

    case: Case
    plan: Plan
    unit: Unit
    item: Item | None
    of_host: bool
    """Whether the unit is the office's own host bureau, which the office does not judge (DOMAIN 4)."""

    @property
    def number(self) -> int:
        """The case's number, in every plan of this database."""
        assert self.case.id is not None
        return self.case.id

    @property
    def name(self) -> str:
        """As a message to the operator or an audit row names it."""
        about = f" {self.item.code}" if self.item else ""
        return f"case {self.number} ({self.unit.short}{about}, {self.case.clock} clock)"


def case_numbered(session: Session, number: int, now: datetime) -> CasePlace:
    """The case of that number. Raises `WrongInput` where there is none, or for a day outside its plan."""
    place = place_of(session, _case(session, number))
    check_day(place.plan, now)
    return place


def place_of(session: Session, case: Case) -> CasePlace:
    """A case with what belongs to it."""
    plan = session.get_one(Plan, case.plan_id)
    unit = session.get_one(Unit, case.unit_id)
    item = session.get_one(Item, case.item_id) if case.item_id else None
    return CasePlace(case, plan, unit, item, of_host=unit.code == host_of(session, plan))


def plan_of_case(session: Session, number: int) -> str:
    """The code of the plan that a case belongs to. Raises `WrongInput` where there is no such case."""
    return session.get_one(Plan, _case(session, number).plan_id).code


def check_open(place: CasePlace) -> None:
    """Raises `Refused` for a case that is closed or annulled."""
    case = place.case
    if case.annulled_on is not None:
        raise Refused(f"{place.name} was annulled on {case.annulled_on}; it counts for nothing any more.")
    if case.closed_on is not None:
        raise Refused(f"{place.name} closed on {case.closed_on} ({ended(case.closed_why)}).")


def _case(session: Session, number: int) -> Case:
    case = session.get(Case, number)
    if case is None:
        raise WrongInput(f"There is no case {number}. See: eco case list --all")
    return case
