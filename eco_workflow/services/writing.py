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
from eco_workflow.services.history import in_words, last_said, returned_why
from eco_workflow.store.tables import Contact, Entry, Item, ItemText, Obligation, Plan, Round


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
    writing: Writing, rounds: Sequence[Round], unit_id: int, *, late_only: bool
) -> tuple[says.Item, ...]:
    """What the unit still owes in these rounds, by place in the plan; an item that several ask stands once.

    `late_only` leaves out returned answers that are not due yet: they have a due time of their own.
    """
    session = writing.session
    versions = {round_row.id: round_row.version for round_row in rounds}
    rows = session.exec(
        select(Entry, Item, Obligation)
        .join(Item, col(Item.id) == Entry.item_id)
        .join(
            Obligation,
            (col(Obligation.plan_id) == Item.plan_id)
            & (col(Obligation.unit_id) == Entry.unit_id)
            & (col(Obligation.item_id) == Entry.item_id),
        )
        .where(
            col(Entry.round_id).in_(versions),
            Entry.unit_id == unit_id,
            col(Entry.state).in_(OWED),
        )
        .order_by(col(Item.id), col(Entry.round_id))
    ).all()
    found: dict[int, says.Item] = {}
    for entry, item, obligation in rows:
        returned = entry.state == "returned"
        if late_only and returned and (entry.due_at is None or entry.due_at >= writing.now):
            continue
        text = session.get_one(ItemText, (entry.item_id, versions[entry.round_id]))
        found[entry.item_id] = says.Item(
            code=item.code,
            title=text.title,
            role=obligation.role,
            place=text.place,
            due_on=obligation.due_on,
            last=in_words(session, last_said(session, unit_id, entry.item_id), item.code),
            returned=returned_why(session, unit_id, entry.item_id),
            days_late=_own_lateness(writing, entry) if returned else None,
        )
    return tuple(found.values())


def _own_lateness(writing: Writing, entry: Entry) -> int | None:
    return writing.days.waited(shanghai_date(entry.due_at), writing.today) if entry.due_at else None


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
        last=in_words(session, last_said(session, owed.unit_id, owed.item_id), item.code),
    )
