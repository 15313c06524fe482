"""What one unit owes goes on to another: by a merger, or dealt out by a split (DOMAIN 5).

The breach stays with who let it pass: its cases close on record, and who takes over starts at rung 1 with
fresh notice, by the next run's predicate.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import case, delete, update
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.overdue import OPEN, SET_ASIDE, owes_more
from eco_workflow.services import standing
from eco_workflow.services.entry_acts import SHARE_ADDED
from eco_workflow.services.overdue import void_drafts
from eco_workflow.services.reopen import remember
from eco_workflow.store.tables import (
    Case,
    Extension,
    Item,
    Obligation,
    Plan,
    Proposal,
    Round,
    RoundChoice,
    Spared,
    Suspension,
    TakenOver,
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
    now: datetime,
    who: str,
    why: str,
) -> tuple[int, int]:
    """(moved, kept): the receiver keeps what it owed already, unless the other owed more: who gave figures
    leads what it takes over, and who had claimed its own share has to claim with the other's, which is open.

    Extensions, suspensions and proposals go along, and the figures that were given stand for the receiver;
    it is warned anew. What rested stays on record as well with whom it rested for.
    """
    assert old.id is not None
    assert new.id is not None
    connection, on = session.connection(), shanghai_date(now)
    theirs, own = _roles(session, plan, old), _roles(session, plan, new)
    both = set(items) & own.keys()
    added = _add_open_shares(session, plan, old, new, both, now=now, who=who)
    staying = {item for item in both - added if not owes_more(theirs[item], own[item])}
    moving = set(items) - staying
    _take_over(session, plan, old, new, moving | (staying - _not_applicable(session, plan, old)))
    for unit, given_up in ((new, both - staying), (old, staying)):
        _give_up(session, plan, unit, given_up, on=on, who=who, why=why)
    connection.execute(
        delete(Spared).where(col(Spared.unit_id).in_((old.id, new.id)), col(Spared.item_id).in_(both))
    )
    _move_proposals(session, plan, old, new, moving)
    _move_suspensions(session, old, new, moving, on=on, who=who, why=why)
    for table in (Obligation, Extension, Spared):
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
    session.expire_all()
    return len(moving), len(staying)


def _add_open_shares(
    session: Session, plan: Plan, old: Unit, new: Unit, both: Collection[int], *, now: datetime, who: str
) -> set[int]:
    """The items of which the one unit's share is open and the receiver's claimed: a claim needs all
    (DOMAIN 3.4), so the item is open for the receiver, and its history says why.

    Not of an indicator: its figure is the same whoever gives it, and the verdict says whether it is met.
    """
    added = set()
    for item_id in sorted(both):
        comes, own = (session.get_one(Obligation, (plan.id, unit.id, item_id)) for unit in (old, new))
        is_judged = session.get_one(Item, item_id).kind == "indicator"
        if is_judged or _got_to(comes) not in OPEN or _got_to(own) not in ("completed", "closed"):
            continue
        # The receiver has done its part of it.
        if comes.state == "suspended":
            comes.paused_as = "in_progress"
        else:
            comes.state = "in_progress"
        remember(session, own, SHARE_ADDED, f"{old.short}承担的部分尚未完成", now, who)
        added.add(item_id)
    session.flush()
    return added


def _got_to(owed: Obligation) -> str:
    """How far the unit has got; where it rests, how far it had."""
    return owed.paused_as if owed.state == "suspended" else owed.state


def _roles(session: Session, plan: Plan, unit: Unit) -> dict[int, str]:
    """Item id → the unit's role in what it owes, closed or not."""
    owed = select(Obligation.item_id, Obligation.role)
    return dict(session.exec(owed.where(Obligation.plan_id == plan.id, Obligation.unit_id == unit.id)).all())


def _not_applicable(session: Session, plan: Plan, unit: Unit) -> set[int]:
    """The ids of the items that the unit owes in the document alone: what it said of them does not count."""
    owed = select(Obligation.item_id).where(Obligation.plan_id == plan.id, Obligation.unit_id == unit.id)
    return set(session.exec(owed.where(Obligation.state == "not_applicable")))


def take_verdicts(session: Session, plan: Plan, unit: Unit) -> Sequence[Item]:
    """The items that the unit owes, with their verdicts held, as an answer takes them; to be judged again
    once they are handed over.
    """
    items = session.exec(
        select(Item).where(col(Item.id).in_(owed_by(session, plan, unit))).order_by(col(Item.id))
    ).all()
    standing.take(session, items)
    return items


def _take_over(session: Session, plan: Plan, old: Unit, new: Unit, items: Collection[int]) -> None:
    """What the unit said of these items, and those before it, stands for the receiver from now on."""
    of_old = (TakenOver.plan_id == plan.id, TakenOver.unit_id == old.id, col(TakenOver.item_id).in_(items))
    rows = session.exec(select(TakenOver).where(*of_old)).all()
    spoke = {(row.item_id, row.from_unit_id) for row in rows} | {(item, old.id or 0) for item in items}
    for row in rows:
        session.delete(row)
    assert plan.id is not None
    assert new.id is not None
    for item_id, giver in sorted(spoke):
        if giver != new.id and session.get(TakenOver, (plan.id, new.id, item_id, giver)) is None:
            session.add(TakenOver(plan_id=plan.id, unit_id=new.id, item_id=item_id, from_unit_id=giver))
    session.flush()


def _give_up(
    session: Session, plan: Plan, unit: Unit, items: Collection[int], *, on: date, who: str, why: str
) -> None:
    """The unit owes these items no more in its own role: no date is left to decide on, and nothing rests."""
    for item_id in items:
        session.delete(session.get_one(Obligation, (plan.id, unit.id, item_id)))
    asked = select(Extension).where(Extension.unit_id == unit.id, col(Extension.item_id).in_(items))
    for pending in session.exec(asked.where(col(Extension.decided_on).is_(None))):
        pending.decided_on, pending.decided_by, pending.granted, pending.why = on, who, False, why
    for aside in _set_aside(session, unit, items):
        _leave(aside, on=on, who=who, why=why)
    session.flush()


def _set_aside(session: Session, unit: Unit, items: Collection[int]) -> Sequence[Suspension]:
    """What was set aside, or asked to be, of what the unit owes on these items."""
    rows = select(Suspension).where(Suspension.unit_id == unit.id, col(Suspension.item_id).in_(items))
    return session.exec(rows.where(col(Suspension.left_on).is_(None)).order_by(col(Suspension.id))).all()


def _leave(aside: Suspension, *, on: date, who: str, why: str) -> None:
    """It ends, if it had not, and pauses nothing that the unit may owe on the item later."""
    if aside.ended_on is None:
        aside.ended_on, aside.ended_by, aside.ended_why = on, who, why
    aside.left_on = on


def _move_suspensions(
    session: Session, old: Unit, new: Unit, items: Collection[int], *, on: date, who: str, why: str
) -> None:
    """They go with the clock that they pause; that it rested stays on record for the cases of the unit."""
    for aside in _set_aside(session, old, items):
        if aside.state == "suspended" and aside.confirmed_on is not None:
            kept = Suspension(**aside.model_dump(exclude={"id"}))
            _leave(kept, on=on, who=who, why=why)
            session.add(kept)
        aside.unit_id, aside.came_on = new.id or 0, on
    session.flush()


def _move_proposals(session: Session, plan: Plan, old: Unit, new: Unit, items: Collection[int]) -> None:
    """Numbered after whatever the receiver has proposed itself: the newest one that is confirmed holds."""
    proposals = select(Proposal).where(Proposal.plan_id == plan.id, col(Proposal.item_id).in_(items))
    proposals = proposals.order_by(col(Proposal.n))
    last = {row.item_id: row.n for row in session.exec(proposals.where(Proposal.unit_id == new.id))}
    for row in session.exec(proposals.where(Proposal.unit_id == old.id)).all():
        row.unit_id, row.n = new.id or 0, row.n + last.get(row.item_id, 0)
    session.flush()


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
