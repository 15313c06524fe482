"""What one unit owes goes on to another: by a merger, or dealt out by a split (DOMAIN 5).

The breach stays with who let it pass: its cases close on record, and who takes over starts at rung 1 with
fresh notice, by the next run's predicate.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import case, delete, update
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.overdue import SET_ASIDE
from eco_workflow.services.overdue import void_drafts
from eco_workflow.store.tables import (
    Case,
    Extension,
    Obligation,
    Plan,
    Proposal,
    Round,
    RoundChoice,
    Spared,
    Suspension,
    Unit,
)


def check_works(session: Session, unit: Unit, done: str) -> None:
    """Raises `WrongInput` for what is no working unit, `Refused` for one that was merged into another."""
    if unit.kind not in ("unit", "office"):
        raise WrongInput(f"{unit.name} is a {unit.kind}; only working units are {done}.")
    if unit.successor_id is not None:
        into = session.get_one(Unit, unit.successor_id)
        raise Refused(f"{unit.short} was merged into {into.short} already.")


def owed_by(session: Session, plan: Plan, unit: Unit) -> set[int]:
    """The ids of all items on which a unit owes something, closed ones too."""
    owed = select(Obligation.item_id).where(Obligation.plan_id == plan.id, Obligation.unit_id == unit.id)
    return set(session.exec(owed))


def close_cases(
    session: Session, unit: Unit, now: datetime, why: str, items: Collection[int] | None = None
) -> list[int]:
    """Closes the unit's open cases, all or those of these items; returns the rungs on which they stood.

    It is no resolution: nobody is told that anything was done.
    """
    rungs = []
    cases = select(Case).where(Case.unit_id == unit.id, col(Case.closed_on).is_(None))
    if items is not None:
        cases = cases.where(col(Case.item_id).in_(items))
    for late in session.exec(cases).all():
        late.closed_on, late.closed_why, late.announced = shanghai_date(now), why, True
        void_drafts(session, late)
        rungs.append(late.rung)
    session.flush()
    return rungs


def move_obligations(
    session: Session,
    plan: Plan,
    old: Unit,
    new: Unit,
    items: Collection[int],
    *,
    on: date,
    who: str,
    why: str,
) -> tuple[int, int]:
    """(moved, kept): what the receiver owed already stands. Extensions, suspensions and proposals go along;
    the receiver is warned anew.
    """
    assert old.id is not None
    assert new.id is not None
    connection = session.connection()
    own = owed_by(session, plan, new)
    moving, staying = set(items) - own, set(items) & own
    for table in (Obligation, Extension, Suspension, Proposal, Spared):
        connection.execute(
            update(table)
            .where(
                col(table.plan_id) == plan.id, col(table.unit_id) == old.id, col(table.item_id).in_(moving)
            )
            .values(unit_id=new.id)
        )
    state = col(Obligation.state)
    said_of_it = case(
        (state.in_(SET_ASIDE), Obligation.paused_as), (state == "closed", "completed"), else_=state
    )
    connection.execute(
        update(Obligation)
        .where(col(Obligation.plan_id) == plan.id, col(Obligation.unit_id) == new.id)
        .where(col(Obligation.item_id).in_(moving))
        .values(warned_for=None, warned_on=None, warned_to=None, taken_over_as=said_of_it)
    )
    connection.execute(
        delete(Spared).where(col(Spared.unit_id).in_((old.id, new.id)), col(Spared.item_id).in_(staying))
    )
    session.expire_all()
    for item_id in staying:
        # What the receiver owes by itself stands; nobody decides on a date of the other any more.
        for pending in session.exec(
            select(Extension).where(
                Extension.unit_id == old.id, Extension.item_id == item_id, col(Extension.decided_on).is_(None)
            )
        ):
            pending.decided_on, pending.decided_by, pending.granted, pending.why = on, who, False, why
        session.delete(session.get_one(Obligation, (plan.id, old.id, item_id)))
    session.flush()
    return len(moving), len(staying)


def move_choices(session: Session, old: Unit, new: Unit, items: Collection[int] | None = None) -> None:
    """What an ad-hoc round still to come would ask the one, it asks the other; all, or of these items."""
    chosen = (
        select(RoundChoice)
        .join(Round, col(Round.id) == RoundChoice.round_id)
        .where(RoundChoice.unit_id == old.id, Round.state == "planned")
    )
    if items is not None:
        chosen = chosen.where(col(RoundChoice.item_id).in_(items))
    for choice in session.exec(chosen).all():
        if session.get(RoundChoice, (choice.round_id, new.id, choice.item_id)) is None:
            session.add(RoundChoice(round_id=choice.round_id, unit_id=new.id or 0, item_id=choice.item_id))
        session.delete(choice)
    session.flush()
