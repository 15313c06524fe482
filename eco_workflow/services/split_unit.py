"""A unit's obligations are dealt out to other units; what it failed to do stays with it (DOMAIN 5)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services import standing
from eco_workflow.services.excuse import excuse
from eco_workflow.services.find import check_day, item_named, merged_in, plan_named, unit_named
from eco_workflow.services.hand_over import (
    check_works,
    close_cases,
    move_choices,
    move_obligations,
    owed_by,
    take_verdicts,
)
from eco_workflow.services.notices import tell_once
from eco_workflow.services.report_case import open_case
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import HandedOver, Item, Obligation, Plan, Unit

SPLIT = "split"
GIVEN = "--give ITEMS:UNIT, e.g. --give I07,P3:水务局"


@dataclass(frozen=True)
class Share:
    """What one unit takes over."""

    successor: str
    items: tuple[str, ...]
    moved: int
    kept: int
    """Obligations that it owed already, in no lesser role and no further on; its own stand."""


@dataclass(frozen=True)
class Split:
    """What was dealt out, and what stayed."""

    unit: str
    shares: tuple[Share, ...]
    stays: tuple[str, ...]
    """Items that the unit owes still."""
    closed: int
    """Open cases of the unit that ended with it, on record there."""


def split(
    database: Database,
    unit: str,
    gives: Sequence[str],
    *,
    rest: str | None = None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
    kept: bool = True,
) -> Split:
    """Deals items out to other units from today on; `rest` takes over whatever was not named.

    As after a merger the receivers are asked from the next round on and start at rung 1, with fresh notice.
    Not `kept`: what it would come to, and nothing is changed.
    Raises `WrongInput` for what is no such word, unit or item; `Refused` for a unit that was merged away.
    """
    with database.write(kept=kept) as session:
        plan_row = plan_named(session, plan)
        by.must(Action.MANAGE_PLAN, doing="splitting a unit")
        old = unit_named(session, plan_row, unit)
        check_works(session, old, "split")
        dealt = _dealt(session, plan_row, old, gives, rest)
        check_day(plan_row, now)
        judged = take_verdicts(session, plan_row, old)
        before = {item.id for item in judged}
        shares, closed = [], 0
        for new, items in dealt:
            share, ended = _hand_over(session, plan_row, old, new, items, now, by.name)
            shares.append(share)
            closed += ended
        given = {item.id for _, items in dealt for item in items}
        stays = select(Item.code).where(col(Item.id).in_(before - given)).order_by(col(Item.id))
        done = Split(old.short, tuple(shares), tuple(session.exec(stays)), closed)
        standing.refresh(session, plan_row, judged, now, actor=by.name)
        detail = {
            "unit": old.code,
            "given": {new.code: [item.code for item in items] for new, items in dealt},
            "cases": closed,
        }
        audit.record(session, {old.plan_id: detail}, at=now, actor=by.name, action="split_unit")
        return done


def _dealt(
    session: Session, plan: Plan, old: Unit, gives: Sequence[str], rest: str | None
) -> list[tuple[Unit, list[Item]]]:
    """Who gets which items, by place in the plan; nothing twice, and nothing that the unit does not owe."""
    owed = owed_by(session, plan, old)
    to: dict[int, Unit] = {}
    for give in gives:
        codes, colon, name = re.sub("：", ":", give).rpartition(":")
        if not colon or not codes.strip() or not name.strip():
            raise WrongInput(f"{give!r} deals nothing out. Say {GIVEN}.")
        new = _receiver(session, plan, old, name.strip())
        for code in filter(None, re.split(r"[,，、\s]+", codes)):
            item = item_named(session, plan, code)
            assert item.id is not None
            if item.id not in owed:
                raise WrongInput(
                    f"{old.short} owes nothing on {item.code}. What it owes: eco light {old.code}"
                )
            if item.id in to:
                raise WrongInput(f"{item.code} is given to {to[item.id].short} already; to one unit only.")
            to[item.id] = new
    if rest is not None:
        remaining = _receiver(session, plan, old, rest)
        to |= dict.fromkeys(owed - to.keys(), remaining)
    if not to:
        raise WrongInput(
            f"Nothing would be dealt out. Say {GIVEN}, or --rest UNIT for all that is not named."
        )
    shares: dict[int | None, tuple[Unit, list[Item]]] = {}
    for item_id in sorted(to):
        share = shares.setdefault(to[item_id].id, (to[item_id], []))
        share[1].append(session.get_one(Item, item_id))
    return list(shares.values())


def _receiver(session: Session, plan: Plan, old: Unit, name: str) -> Unit:
    try:
        new = unit_named(session, plan, name)
    except WrongInput as unknown:
        raise WrongInput(f"{unknown} A new unit comes with a version of the plan: eco plan load") from None
    check_works(session, new, "given items")
    if new.id == old.id:
        raise WrongInput(f"{old.short} owes it already; leave out what stays.")
    return new


def _hand_over(
    session: Session, plan: Plan, old: Unit, new: Unit, items: Sequence[Item], now: datetime, who: str
) -> tuple[Share, int]:
    assert plan.id is not None
    assert old.id is not None
    assert new.id is not None
    today, ids = shanghai_date(now), [item.id for item in items if item.id is not None]
    heard = close_cases(session, old, now, SPLIT, ids)
    silent = open_case(session, plan.id, old.id)
    for item_id in ids:
        owed = session.get_one(Obligation, (plan.id, old.id, item_id))
        excuse(session, plan, owed, SPLIT, reason=f"由{new.short}承担", now=now, actor=who)
    if silent is not None and silent.closed_on is not None:
        # It owes no answer any more since others owe it: that resolves nothing.
        silent.closed_why, silent.announced = SPLIT, True
        heard.append(silent.rung)
    moved, kept = move_obligations(session, plan, old, new, ids, now=now, who=who, why=SPLIT)
    move_choices(session, old, new, ids)
    _remember(session, old, new, ids, today)
    codes = tuple(item.code for item in items)
    facts = {"unit": old.id, "predecessor": old.short, "successor": new.short, "items": "、".join(codes)}
    hearing = [(unit.id, role) for unit in (old, new) for role in ("liaison", "leader")]
    if any(rung >= SUPERVISION for rung in heard):
        hearing.append((plan.supervision_unit_id, "liaison"))
    for unit_id, role in dict.fromkeys(hearing):
        key = f"{SPLIT}:{old.id}:{new.id}:{today}:{'.'.join(map(str, ids))}:{unit_id}:{role}"
        tell_once(session, plan, unit_id or 0, SPLIT, key, on=today, role=role, facts=facts)
    return Share(new.short, codes, moved, kept), len(heard)


def _remember(session: Session, old: Unit, new: Unit, items: Sequence[int], today: date) -> None:
    """Whatever a document says of the items by any unit whose they were, is the receiver's from now on."""
    assert old.id is not None
    assert new.id is not None
    of_old = merged_in(session, old.id)
    for item_id in items:
        passed_on = select(HandedOver).where(
            HandedOver.plan_id == old.plan_id,
            HandedOver.item_id == item_id,
            col(HandedOver.to_unit_id).in_(of_old),
        )
        named = of_old | {row.unit_id for row in session.exec(passed_on)}
        for unit_id in named:
            row = session.get(HandedOver, (old.plan_id, unit_id, item_id))
            if unit_id == new.id:
                if row is not None:
                    session.delete(row)
            elif row is not None:
                row.to_unit_id, row.on_date = new.id, today
            else:
                session.add(
                    HandedOver(
                        plan_id=old.plan_id,
                        unit_id=unit_id,
                        item_id=item_id,
                        to_unit_id=new.id,
                        on_date=today,
                    )
                )
    session.flush()
