"""From what a person types (a unit's name, an item's code, a round's date) to the rows meant."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import Question
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import near
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.targets import Target
from eco_workflow.domain.viewer import Viewer
from eco_workflow.plans.demands import target_of
from eco_workflow.plans.schema import Contact as Person
from eco_workflow.plans.schema import Indicator
from eco_workflow.plans.schema import Plan as Document
from eco_workflow.services.unchanging import once
from eco_workflow.services.unit_names import as_named
from eco_workflow.store.tables import (
    Contact,
    HandedOver,
    Item,
    Obligation,
    PhaseStanding,
    Plan,
    PlanVersion,
    Unit,
)


def plan_named(session: Session, code: str | None) -> Plan:
    """The plan of that code, or the only one. Raises `WrongInput` when it is not clear which."""
    plans = session.exec(select(Plan).order_by(col(Plan.code))).all()
    if code is None and len(plans) == 1:
        return plans[0]
    for plan in plans:
        if plan.code == code:
            return plan
    known = ", ".join(plan.code for plan in plans) or "none; load one with: eco init"
    raise WrongInput(
        f"There is no plan {code!r} here. Known: {known}."
        if code
        else f"Which plan? Name it with --plan. Known: {known}."
    )


def check_day(plan: Plan, now: datetime) -> None:
    """Raises `WrongInput` for an act dated outside the plan's life here, or before its last run: a slip in
    `--now`, or a try to mend the past. What was said earlier, by telephone, is written down as of today.
    """
    today = shanghai_date(now)
    _check_not_before(plan, today)
    if today > plan.ends_on:
        raise WrongInput(
            f"{_after_the_end(plan, today)} Only what is left to close it can still be recorded, as long as "
            "a phase is open. See: eco phase show"
        )


TO_CLOSE = timedelta(days=731)
"""How long after its last day a plan is still closed; what lies further away is a slip in `--now`."""


def check_day_to_close(session: Session, plan: Plan, now: datetime) -> None:
    """As `check_day`, for what finishes a plan: people close its phases after its last day too, and until the
    last one is closed all that a gate waits for may come (decision 0029).
    """
    today = shanghai_date(now)
    _check_not_before(plan, today)
    if today > plan.ends_on + TO_CLOSE:
        check_day(plan, now)
    if today > plan.ends_on and not _has_open_phase(session, plan):
        raise WrongInput(f"{_after_the_end(plan, today)} No phase is open: nothing is left to record.")


def _has_open_phase(session: Session, plan: Plan) -> bool:
    is_open = select(PhaseStanding.phase).where(
        PhaseStanding.plan_id == plan.id, PhaseStanding.state == "open"
    )
    return session.exec(is_open).first() is not None


def _after_the_end(plan: Plan, today: date) -> str:
    said = f"{today} lies outside the plan {plan.code}: it ended on {plan.ends_on}, and is over."
    return (
        f"{said} Is that the day meant? It is the one of --now." if today > plan.ends_on + TO_CLOSE else said
    )


def _check_not_before(plan: Plan, today: date) -> None:
    if plan.last_run_on is not None and today < plan.last_run_on:
        raise WrongInput(
            f"{today} lies before the last run of {plan.code}, on {plan.last_run_on}. Nothing is dated back: "
            "correct --now."
        )
    if today < plan.active_from:
        raise WrongInput(
            f"{today} lies outside the plan {plan.code}, which is active from {plan.active_from} "
            f"to {plan.ends_on}. Give the day meant with --now."
        )


def document(session: Session, plan: Plan) -> Document:
    """The plan document in force."""
    assert plan.id is not None
    return _version(session, plan.id, plan.version)


def _version(session: Session, plan_id: int, version: int) -> Document:
    """A version of a plan. It never changes, and every line of a message asks it: read once in a process."""

    def read() -> Document:
        is_it = (col(PlanVersion.plan_id) == plan_id, col(PlanVersion.version) == version)
        digest = session.exec(select(PlanVersion.digest).where(*is_it)).one()
        if digest not in _documents:
            text = session.exec(select(PlanVersion.document).where(*is_it)).one()
            _documents[digest] = Document.model_validate_json(text)
        return _documents[digest]

    return once(session, (PlanVersion, plan_id, version), read)


_documents: dict[str, Document] = {}
"""By digest; a process meets few of them."""


def parts_of(session: Session, item: Item, version: int, owed: Obligation) -> tuple[tuple[str, str], ...]:
    """Code and name of the parts that a unit gives figures for, as a version of the plan names them."""
    if item.kind != "indicator":
        return ()
    found = _version(session, item.plan_id, version)
    indicator = next((indicator for indicator in found.indicators if indicator.id == item.code), None)
    if indicator is None or not indicator.parts:
        return ()
    return tuple((part.code, part.name) for part in target_for(session, indicator, owed).parts)


def target_for(session: Session, indicator: Indicator, owed: Obligation) -> Target:
    """The target with those parts only for which the unit gives figures (DOMAIN 3.4)."""
    target = target_of(indicator)
    if not any(part.leads for part in target.parts):
        return target
    return target.given_by(codes_of(session, owed.unit_id, owed.item_id), owed.role)


def codes_of(session: Session, unit_id: int, item_id: int) -> frozenset[str]:
    """The codes under which a plan may name who owes an item: the unit's own, those of the units merged into
    it, and those of the units that handed the item over to any of them.
    """
    ids = merged_in(session, unit_id)
    handed = select(HandedOver.unit_id).where(
        HandedOver.item_id == item_id, col(HandedOver.to_unit_id).in_(ids)
    )
    named = ids | set(session.exec(handed))
    return frozenset(session.exec(select(Unit.code).where(col(Unit.id).in_(named))))


def merged_in(session: Session, unit_id: int) -> set[int]:
    """The ids of a unit and of all that were merged into it."""
    merged = session.exec(select(Unit.id).where(Unit.successor_id == unit_id)).all()
    return {unit_id}.union(*(merged_in(session, one) for one in merged if one is not None))


def question_of(session: Session, item: Item, version: int) -> Question:
    """What an item asks, as a version of the plan says."""
    return _version(session, item.plan_id, version).question(item.code)


def host_of(session: Session, plan: Plan) -> str | None:
    """The code of the bureau in which the office sits; the office does not judge it (DOMAIN 4)."""
    found = document(session, plan)
    return found.unit(found.office.unit).host


def document_as_named(session: Session, plan: Plan) -> Document:
    """The document in force, with the names that the units bear today; what they were called is an alias."""
    return as_named(session, plan.id, document(session, plan))


def document_of_the_day(session: Session, plan: Plan) -> Document:
    """The document in force, with the names that the units bear and the people whom they name today."""
    found = document_as_named(session, plan)
    named: dict[str, list[Person]] = {}
    current = (
        select(Unit.code, Contact)
        .join(Unit, col(Unit.id) == Contact.unit_id)
        .where(Contact.plan_id == plan.id, col(Contact.ended_on).is_(None))
        .order_by(col(Contact.role).desc())
    )
    for code, contact in session.exec(current):
        said = {"name": contact.name, "role": contact.role, "address": contact.address}
        named.setdefault(code, []).append(Person.model_validate(said))
    units = [unit.model_copy(update={"contacts": named.get(unit.id, [])}) for unit in found.units]
    return found.model_copy(update={"units": units})


def unit_named(session: Session, plan: Plan, text: str) -> Unit:
    """The unit of that code, name or alias, also by what it was called before. Raises `WrongInput` with near
    matches.
    """
    unit = session.exec(select(Unit).where(Unit.plan_id == plan.id, Unit.code == text)).one_or_none()
    if unit is not None:
        return unit
    code = document_as_named(session, plan).find_unit(text).id
    return session.exec(select(Unit).where(Unit.plan_id == plan.id, Unit.code == code)).one()


def unit_seen(session: Session, plan: Plan, viewer: Viewer, text: str) -> Unit:
    """The unit named, for who may see it. Raises `Refused` for another's, `WrongInput` with near matches."""
    unit = unit_named(session, plan, text)
    assert unit.id is not None
    if not viewer.sees(unit.id):
        raise Refused(
            f"{viewer.name} sees the own unit only; {unit.short} is another. "
            "Its own people, the offices and leaders see it."
        )
    return unit


def successor_of(session: Session, unit: Unit) -> Unit:
    """The unit that owes today what this one owed: itself, or the one it was merged into in the end."""
    while unit.successor_id is not None:
        unit = session.get_one(Unit, unit.successor_id)
    return unit


def holder_of(session: Session, unit: Unit, item_id: int) -> Unit:
    """The unit that owes an item today where this one was asked for it."""
    handed = session.get(HandedOver, (unit.plan_id, unit.id, item_id))
    return successor_of(session, session.get_one(Unit, handed.to_unit_id) if handed else unit)


def item_named(session: Session, plan: Plan, code: str) -> Item:
    """The item of that code. Raises `WrongInput` with near matches."""
    of_plan = select(Item).where(Item.plan_id == plan.id)
    item = session.exec(of_plan.where(Item.code == code.upper())).one_or_none()
    if item is not None:
        return item
    codes = [item.code for item in session.exec(of_plan.order_by(col(Item.id)))]
    meant = near(code.upper(), codes, otherwise="See: eco item list")
    raise WrongInput(f"There is no item {code!r} in the plan {plan.code}. {meant}")


@dataclass(frozen=True)
class Duty:
    """What one unit owes on one item, whether it was asked or not."""

    plan: Plan
    unit: Unit
    item: Item
    obligation: Obligation
    of_host: bool
    """Whether the unit is the office's own host bureau, which the office does not judge (DOMAIN 4)."""

    @property
    def name(self) -> str:
        """As a message to the operator names it."""
        return f"{self.item.code} of {self.unit.short}"


def at_once(unit: Unit, item: Item) -> str:
    """The command by which the office asks a unit about an item before its next round does."""
    return f"eco round adhoc --units {unit.short} --items {item.code} --on … --note …"


def duty_named(
    session: Session,
    plan_code: str | None,
    unit_text: str,
    item_code: str,
    now: datetime,
    *,
    to_close: bool = False,
) -> Duty:
    """What that unit owes on that item. Raises `WrongInput` where it owes nothing, or `now` lies outside
    the plan; `to_close`: for what may come after its last day too.
    """
    plan = plan_named(session, plan_code)
    unit = unit_named(session, plan, unit_text)
    item = item_named(session, plan, item_code)
    obligation = session.get(Obligation, (plan.id, unit.id, item.id))
    if obligation is None:
        raise WrongInput(f"{unit.short} owes nothing on {item.code}. Who does: eco item show {item.code}")
    if to_close:
        check_day_to_close(session, plan, now)
    else:
        check_day(plan, now)
    return Duty(plan, unit, item, obligation, unit.code == host_of(session, plan))
