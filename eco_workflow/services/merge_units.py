"""One unit goes into another: what it owed moves on, what it failed to do stays with it (DOMAIN 5)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services import standing
from eco_workflow.services.find import check_day, host_of, plan_named, unit_named
from eco_workflow.services.hand_over import (
    check_works,
    close_cases,
    move_choices,
    move_obligations,
    owed_by,
    take_verdicts,
)
from eco_workflow.services.notices import tell_once
from eco_workflow.store import audit
from eco_workflow.store.decide.rounds import close_taken_up
from eco_workflow.store.session import Database
from eco_workflow.store.tables import (
    Account,
    Contact,
    Exemption,
    Hears,
    Plan,
    Request,
    Unit,
)

MERGED = "merged"


@dataclass(frozen=True)
class Merged:
    """What moved and what stayed: counts."""

    predecessor: str
    successor: str
    moved: int
    """Obligations that the successor owes now."""
    kept: int
    """Obligations that it owed already, in no lesser role and no further on; its own stand."""
    closed: int
    """Open cases of the predecessor, on record with it."""


def merge(
    database: Database,
    predecessor: str,
    successor: str,
    *,
    now: datetime,
    by: Actor,
    plan: str | None = None,
    kept: bool = True,
) -> Merged:
    """Merges a unit into another from today on.

    The successor is asked from the next round on and starts at rung 1, with fresh notice, by the next run's
    predicate. Not `kept`: what it would come to, and nothing is changed.
    Raises `WrongInput` for units that cannot be merged, `Refused` for one that is merged already, or that
    itself hears of other units' rungs.
    """
    with database.write(kept=kept) as session:
        plan_row = plan_named(session, plan)
        by.must(Action.MANAGE_PLAN, doing="merging units")
        old, new = unit_named(session, plan_row, predecessor), unit_named(session, plan_row, successor)
        _check(session, plan_row, old, new)
        check_day(plan_row, now)
        today = shanghai_date(now)
        assert old.id is not None
        assert new.id is not None
        judged = take_verdicts(session, plan_row, old)
        heard = close_cases(session, old, now, MERGED)
        items = owed_by(session, plan_row, old)
        moved, stood = move_obligations(session, plan_row, old, new, items, now=now, who=by.name, why=MERGED)
        _exempt_likewise(session, plan_row, old, new)
        _leave_rounds(session, old, new)
        for person in (Contact, Account):
            session.connection().execute(
                update(person)
                .where(col(person.unit_id) == old.id, col(person.ended_on).is_(None))
                .values(ended_on=today)
            )
        old.successor_id, old.unreached_on = new.id, None
        session.flush()
        facts = {"unit": new.id, "predecessor": old.short, "successor": new.short}
        hearing = [(new.id, "liaison"), (new.id, "leader")]
        if any(rung >= SUPERVISION for rung in heard):
            hearing.append((plan_row.supervision_unit_id, "liaison"))
        for unit_id, role in hearing:
            key = f"merged:{old.id}:{unit_id}:{role}"
            tell_once(session, plan_row, unit_id, MERGED, key, on=today, role=role, facts=facts)
        standing.refresh(session, plan_row, judged, now, actor=by.name)
        detail = {"from": old.code, "into": new.code, "moved": moved, "kept": stood, "cases": len(heard)}
        assert plan_row.id is not None
        audit.record(session, {plan_row.id: detail}, at=now, actor=by.name, action="merge_units")
        return Merged(old.short, new.short, moved, stood, len(heard))


def _check(session: Session, plan: Plan, old: Unit, new: Unit) -> None:
    if old.id == new.id:
        raise WrongInput(f"{old.short} cannot be merged into itself.")
    for unit in (old, new):
        check_works(session, unit, "merged")
    hears = select(Hears.rung).where(Hears.plan_id == plan.id, Hears.unit_id == old.id)
    rungs = sorted(session.exec(hears).all())
    is_office, is_host = old.id == plan.office_unit_id, old.code == host_of(session, plan)
    if is_office or is_host or rungs:
        what = "is the office that runs the plan" if is_office else "is the office's own host bureau"
        what = f"hears rung {rungs[0]} of other units" if rungs else what
        raise Refused(f"{old.short} {what}; that is settled by a new version of the plan, not by a merger.")


def _exempt_likewise(session: Session, plan: Plan, old: Unit, new: Unit) -> None:
    exempt = select(Exemption).where(Exemption.plan_id == plan.id, Exemption.unit_id == old.id)
    for rule in session.exec(exempt).all():
        if session.get(Exemption, (plan.id, rule.rung, new.id)) is None:
            session.add(
                Exemption(plan_id=rule.plan_id, rung=rule.rung, unit_id=new.id or 0, addressee=rule.addressee)
            )
    session.flush()


def _leave_rounds(session: Session, old: Unit, new: Unit) -> None:
    """The predecessor is asked no more; what an ad-hoc round still to come would ask it, the successor is."""
    session.connection().execute(
        update(Request)
        .where(col(Request.unit_id) == old.id, col(Request.state) == "awaiting")
        .values(state="superseded")
    )
    close_taken_up(session.connection(), (old.plan_id,))
    move_choices(session, old, new)
