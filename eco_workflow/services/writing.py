"""What every part of one envelope needs, and an item as a line names it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.answers import OWED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.words import OFFICE
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.find import parts_of, question_of
from eco_workflow.services.history import Said, said_of
from eco_workflow.store.tables import Contact, Entry, Item, ItemText, Obligation, Plan, Request, Round


@dataclass(frozen=True)
class Writing:
    """What every part of one envelope needs."""

    session: Session
    plan: Plan
    contact: Contact
    now: datetime
    today: date
    days: WorkingDays


def items_owed(
    writing: Writing, rounds: Sequence[Round], unit_id: int, *, late_since: Sequence[Round] = ()
) -> tuple[says.Item, ...]:
    """What the unit still owes in these rounds, by place in the plan; an item that several ask stands once.

    With `late_since`, the rounds that the unit let pass, each item says how late it is itself: since the
    first of them that asked it. Returned answers have a due time of their own, and are left out before it.
    """
    rows = writing.session.exec(
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
            col(Entry.round_id).in_([round_row.id for round_row in rounds]),
            Entry.unit_id == unit_id,
            col(Entry.state).in_(OWED),
        )
        .order_by(col(Item.id), col(Entry.round_id))
    ).all()
    passed = _first_due(writing, late_since, unit_id) if late_since else {}
    said = said_of(writing.session, unit_id, {item.id or 0: item.code for _, item, _, _ in rows})
    found: dict[int, says.Item] = {}
    for entry, item, obligation, text in rows:
        returned = entry.state == "returned"
        if late_since and returned and (entry.due_at is None or entry.due_at >= writing.now):
            continue
        due_at = entry.due_at if returned else passed.get(entry.item_id)
        of_item = said.get(entry.item_id, Said())
        found[entry.item_id] = says.Item(
            code=item.code,
            title=text.title,
            role=obligation.role,
            place=text.place,
            due_on=obligation.due_on,
            last=of_item.last,
            returned=of_item.returned,
            days_late=writing.days.waited(shanghai_date(due_at), writing.today) if due_at else None,
            question=question_of(writing.session, item, text.version),
            parts=parts_of(writing.session, item, text.version, obligation),
        )
    return tuple(found.values())


def _first_due(writing: Writing, rounds: Sequence[Round], unit_id: int) -> dict[int, datetime]:
    """Item → when an answer on it was first due in these rounds, so far as that is past."""
    rows = writing.session.exec(
        select(Entry.item_id, col(Request.due_at))
        .join(Request, (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id))
        .where(col(Entry.round_id).in_([row.id for row in rounds]), Entry.unit_id == unit_id)
        .where(col(Request.sent_at).is_not(None), col(Request.due_at) < writing.now)
        .order_by(col(Request.due_at).desc())
    )
    return {item_id: due_at for item_id, due_at in rows if due_at is not None}


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
        last=said_of(session, owed.unit_id, {owed.item_id: item.code}).get(owed.item_id, Said()).last,
    )
