"""What every part of one envelope needs, and an item as a line names it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.answers import ANSWERED, OWED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.words import OFFICE
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.find import parts_of, question_of
from eco_workflow.services.history import Key, Said, said_of
from eco_workflow.services.present_rung import orders_of
from eco_workflow.services.tellings import of_debtor, tellings
from eco_workflow.store.tables import (
    Case,
    Contact,
    Entry,
    Item,
    ItemText,
    Obligation,
    Plan,
    Request,
    Round,
    Unit,
)


@dataclass(frozen=True)
class Writing:
    """What every part of one envelope needs. What lines say of cases is gathered once for all of them."""

    session: Session
    plan: Plan
    contact: Contact
    now: datetime
    today: date
    days: WorkingDays
    cases: tuple[Case, ...] = ()
    """Those that the envelope's lines are about."""

    @cached_property
    def units(self) -> dict[int, Unit]:
        """The units of the cases, by id."""
        wanted = {case.unit_id for case in self.cases}
        found = self.session.exec(select(Unit).where(col(Unit.id).in_(wanted)))
        return {unit.id or 0: unit for unit in found}

    @cached_property
    def tellings(self) -> dict[int, tuple[says.Telling, ...]]:
        """Of each case, by id, what the late unit was told of it."""
        found = tellings(self.session, self.cases)
        return {number: tuple(of_debtor(told)) for number, told in found.items()}

    @cached_property
    def orders(self) -> dict[int, says.Order]:
        """Of each case that has one, by id, its supervision order or letter of request."""
        return orders_of(self.session, self.cases)


Asks = Mapping[int, Sequence[Round]]
"""Unit → the rounds meant."""


_OWED = (
    select(Entry, Item, Obligation, ItemText)
    .join(Item, col(Item.id) == Entry.item_id)
    .join(Round, col(Round.id) == Entry.round_id)
    .join(ItemText, (col(ItemText.item_id) == Entry.item_id) & (col(ItemText.version) == Round.version))
    .join(
        Obligation,
        (col(Obligation.plan_id) == Item.plan_id)
        & (col(Obligation.unit_id) == Entry.unit_id)
        & (col(Obligation.item_id) == Entry.item_id),
    )
    .where(
        col(Entry.round_id).in_(bindparam("rounds", expanding=True)),
        col(Entry.unit_id).in_(bindparam("units", expanding=True)),
        col(Entry.state).in_(OWED),
    )
    .order_by(col(Item.id), col(Entry.round_id))
)
_PAST_DUE = (
    select(Entry, col(Request.due_at))
    .join(Request, (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id))
    .join(Round, col(Round.id) == Entry.round_id)
    .where(
        col(Round.plan_id) == bindparam("plan"), col(Entry.unit_id).in_(bindparam("units", expanding=True))
    )
    .where(col(Request.sent_at).is_not(None), col(Request.due_at) < bindparam("now"))
    .order_by(col(Request.due_at).desc())
)


def items_owed(
    writing: Writing, asks: Asks, *, late_since: Asks | None = None
) -> dict[int, tuple[says.Item, ...]]:
    """What units still owe in these rounds, by place in the plan; an item that several ask stands once.

    With `late_since`, the rounds that the units let pass, each item says how late it is itself: since the
    first of them that asked it. Returned answers have a due time of their own, and are left out before it.
    """
    session = writing.session
    asked = {(row.id, unit_id) for unit_id, rounds in asks.items() for row in rounds}
    wanted = {"rounds": list({round_id for round_id, _ in asked}), "units": list(asks)}
    rows = session.exec(_OWED, params=wanted).all()
    rows = [row for row in rows if (row[0].round_id, row[0].unit_id) in asked]
    printed = {row.id: row.on_date for rounds in asks.values() for row in rounds}
    passed = _first_due(writing, late_since) if late_since else {}
    said = said_of(session, {(entry.unit_id, entry.item_id): item.code for entry, item, _, _ in rows})
    found: dict[int, dict[int, says.Item]] = {unit_id: {} for unit_id in asks}
    for entry, item, obligation, text in rows:
        returned = entry.state == "returned"
        if late_since and returned and (entry.due_at is None or entry.due_at >= writing.now):
            continue
        key = entry.unit_id, entry.item_id
        late_on, due_at = (
            (printed[entry.round_id], entry.due_at) if returned else passed.get(key, (None, None))
        )
        of_item = said.get(key, Said())
        found[entry.unit_id][entry.item_id] = says.Item(
            code=item.code,
            title=text.title,
            role=obligation.role,
            place=text.place,
            due_on=obligation.due_on,
            last=of_item.last,
            returned=of_item.returned,
            days_late=writing.days.waited(shanghai_date(due_at), writing.today) if due_at else None,
            round_on=late_on,
            due_at=due_at,
            question=question_of(session, item, text.version),
            parts=parts_of(session, item, text.version, obligation),
        )
    return {unit_id: tuple(items.values()) for unit_id, items in found.items()}


def _first_due(writing: Writing, asks: Asks) -> dict[Key, tuple[date, datetime]]:
    """To which of these rounds, and since when, a unit owes an answer on an item, so far as that is past.

    Since the first of them that asked it, or that asked it after it was last answered; what was returned
    there since its own due time.
    """
    asked = {(row.id, unit_id) for unit_id, rounds in asks.items() for row in rounds}
    wanted = {"plan": writing.plan.id, "units": list(asks), "now": writing.now}
    rows = writing.session.exec(_PAST_DUE, params=wanted)
    printed = {row.id: row.on_date for rounds in asks.values() for row in rounds}
    found: dict[Key, tuple[date, datetime]] = {}
    answered: set[Key] = set()
    for entry, asked_by in rows:
        key = entry.unit_id, entry.item_id
        due_at = entry.due_at if entry.state == "returned" else asked_by
        if entry.state in ANSWERED:
            answered.add(key)
        elif key in answered or (entry.round_id, entry.unit_id) not in asked:
            continue
        elif due_at is not None and due_at < writing.now:
            found[key] = printed[entry.round_id], due_at
    return found


def of_the_office(writing: Writing, item_id: int) -> says.Item:
    """An indicator on which the office owes no answer, but what the answer is judged by."""
    item = writing.session.get_one(Item, item_id)
    text = writing.session.get_one(ItemText, (item_id, writing.plan.version))
    return says.Item(code=item.code, title=text.title, role=OFFICE, place=text.place)


def named(writing: Writing, owed: Obligation) -> says.Item:
    """An item outside of a round, worded by the plan version in force."""
    session = writing.session
    item = session.get_one(Item, owed.item_id)
    text = session.get_one(ItemText, (owed.item_id, writing.plan.version))
    return says.Item(
        code=item.code,
        title=text.title,
        role=owed.role,
        place=text.place,
        due_on=owed.due_on,
        last=said_of(session, {(owed.unit_id, owed.item_id): item.code})
        .get((owed.unit_id, owed.item_id), Said())
        .last,
    )
