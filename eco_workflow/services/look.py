"""What people look at: entries, items, messages. Every query takes the eyes it serves (DESIGN, rule 8)."""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.escalation import EntryFact, is_late
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.calendar import report_clock
from eco_workflow.services.find import plan_named, unit_named, unit_seen
from eco_workflow.services.find_entry import set_aside
from eco_workflow.services.history import confirmed_at, figures_in, in_words, shown_in, why_set_aside
from eco_workflow.services.overdue import overdue
from eco_workflow.services.report_case import let_pass
from eco_workflow.store.tables import (
    Attempt,
    Case,
    Contact,
    Entry,
    Item,
    ItemText,
    Line,
    Message,
    Obligation,
    Plan,
    Report,
    Request,
    Round,
    Unit,
)


def entries(
    session: Session,
    viewer: Viewer,
    *,
    plan: str | None,
    unit: str | None,
    round_on: date | None,
    now: datetime,
) -> list[dict[str, Any]]:
    """The entries of a round, by default the newest open one; of a unit also what it owes to older ones; and
    what was recorded of a round before activation and waits for its review.

    `late` as of now, by the report clock. `superseded`: owed no more, since a newer request was sent.
    `set_aside`: why nothing was to be answered, else empty.
    """
    plan_row = plan_named(session, plan)
    assert plan_row.id is not None
    clock = report_clock(session, plan_row.id, now)
    if round_on is None:
        newest = select(func.max(Round.on_date)).where(Round.plan_id == plan_row.id, Round.state == "open")
        owed = (col(Request.state) == "awaiting") & col(Entry.state).in_(OWED)
        is_newest = col(Round.on_date) == newest.scalar_subquery()
        recorded = (col(Request.state) == "backfill") & (col(Entry.state) == "submitted")
        meant = or_(is_newest, recorded, owed) if unit else or_(is_newest, recorded)
    elif not session.exec(
        select(Round.id).where(Round.plan_id == plan_row.id, Round.on_date == round_on)
    ).first():
        raise WrongInput(f"The plan {plan_row.code} has no round of {round_on}.")
    else:
        meant = col(Round.on_date) == round_on
    query = (
        select(Entry, Request, Unit, Item)
        .join(Request, (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id))
        .join(Round, col(Round.id) == Entry.round_id)
        .join(Unit, col(Unit.id) == Entry.unit_id)
        .join(Item, col(Item.id) == Entry.item_id)
        .where(Round.plan_id == plan_row.id, meant)
        .order_by(col(Unit.id), col(Round.on_date), col(Round.id), col(Item.id))
    )
    if unit:
        query = query.where(Unit.id == unit_seen(session, plan_row, viewer, unit).id)
    titles = _titles(session, plan_row)
    rounds = session.exec(select(Round).where(Round.plan_id == plan_row.id))
    printed = {row.id: row.on_date for row in rounds}
    rows = [row for row in session.exec(query) if viewer.sees(row[0].unit_id)]
    said = shown_in(session, [entry for entry, _, _, _ in rows])
    passed = let_pass(session, {entry.round_id for entry, _, _, _ in rows})
    aside = why_set_aside(session, [entry for entry, asked, _, _ in rows if set_aside(entry, asked)])
    return [
        {
            "round": printed[entry.round_id],
            "unit": owner.short,
            "item": item.code,
            "title": titles[item.id or 0],
            "state": entry.state,
            "set_aside": aside.get((entry.round_id, entry.unit_id, entry.item_id), ""),
            "due_at": entry.due_at,
            "superseded": asked.state == "superseded" and entry.state in OWED,
            "backfill": asked.state == "backfill",
            "late": is_late_in(entry, asked, passed, clock),
            "on_time": entry.on_time,
            **_said(session, entry, item.code, said.get((entry.round_id, entry.unit_id, entry.item_id))),
        }
        for entry, asked, owner, item in rows
    ]


def is_late_in(entry: Entry, request: Request, passed: Collection[tuple[int, int]], clock: datetime) -> bool:
    """Whether an entry is late by the report clock: its request was really sent and stands, or was let pass.

    `passed`: the rounds and units that let them pass; a newer request took the place of theirs since.
    """
    asked = request.state == "awaiting" and request.sent_at is not None
    if not asked and (entry.round_id, entry.unit_id) not in passed:
        return False
    return is_late(EntryFact(entry.state, entry.due_at), clock)


def _said(session: Session, entry: Entry, item: str, shown: Report | None) -> dict[str, Any]:
    """What was answered to the entry's round, and by what means the office recorded it on behalf of the unit,
    if so. Of an entry without an answer `last` is the former one, and `last_round` says of which round it is.
    """
    answer = shown if shown and shown.round_id == entry.round_id else None
    return {
        "last": in_words(shown, figures_in(session, [shown]), item) if shown else "",
        "last_round": session.get_one(Round, shown.round_id).on_date if shown else None,
        "occurred": answer.occurred if answer else None,
        "progress": answer.progress if answer else None,
        "on_behalf": answer.on_behalf if answer else "",
        "confirmed_at": confirmed_at(session, answer) if answer and answer.on_behalf else None,
    }


def _titles(session: Session, plan: Plan) -> dict[int, str]:
    rows = session.exec(
        select(ItemText.item_id, ItemText.title)
        .join(Item, col(Item.id) == ItemText.item_id)
        .where(Item.plan_id == plan.id, ItemText.version == plan.version)
    )
    return dict(rows.all())


def items(
    session: Session, viewer: Viewer, *, plan: str | None, unsettled: bool, now: datetime
) -> list[dict[str, Any]]:
    """Who owes what, in which state, and what is late as of now; with `unsettled` only what activation found
    past due.
    """
    plan_row = plan_named(session, plan)
    late = overdue(session, plan_row, now)
    titles = _titles(session, plan_row)
    query = (
        select(Obligation, Item, Unit)
        .join(Item, col(Item.id) == Obligation.item_id)
        .join(Unit, col(Unit.id) == Obligation.unit_id)
        .where(Obligation.plan_id == plan_row.id)
        .order_by(col(Item.id), col(Unit.id))
    )
    if unsettled:
        query = query.where(Obligation.settle == "listed")
    return [
        {
            "item": item.code,
            "title": titles[item.id or 0],
            "unit": unit.short,
            "role": owed.role,
            "state": owed.state,
            "due_on": owed.due_on,
            "late": (owed.unit_id, owed.item_id) in late,
            "settle": owed.settle,
        }
        for owed, item, unit in session.exec(query)
        if viewer.sees(owed.unit_id)
    ]


def messages(
    session: Session, viewer: Viewer, *, plan: str | None, state: str | None, on: date | None
) -> list[dict[str, Any]]:
    """Messages, oldest first: to whom, what about, what became of them; of what came back, why.

    `address`: where the last attempt really went, as `Attempt` has it; before the first, the contact's.
    """
    plan_row = plan_named(session, plan)
    query = (
        select(Message, Contact, Unit)
        .join(Contact, col(Contact.id) == Message.contact_id)
        .join(Unit, col(Unit.id) == Contact.unit_id)
        .where(Message.plan_id == plan_row.id)
        .order_by(col(Message.id))
    )
    if state:
        query = query.where(Message.state == state)
    if on:
        query = query.where(Message.on_date == on)
    rows = [row for row in session.exec(query) if viewer.sees(row[1].unit_id)]
    about: dict[int, Counter[str]] = {}
    for message_id, kind in session.exec(
        select(Line.message_id, Line.kind)
        .join(Message, col(Message.id) == Line.message_id)
        .where(Message.plan_id == plan_row.id, col(Line.dropped).is_(False))
    ):
        about.setdefault(message_id, Counter())[kind] += 1
    tried = {
        message_id: (address, bounced or answer)
        for message_id, address, bounced, answer in session.exec(
            select(Attempt.message_id, Attempt.address, Attempt.bounced, Attempt.answer)
            .join(Message, col(Message.id) == Attempt.message_id)
            .where(Message.plan_id == plan_row.id)
            .order_by(col(Attempt.n))
        )
    }
    return [
        {
            "id": message.id,
            "on": message.on_date,
            "unit": unit.short,
            "role": contact.role,
            "name": contact.name,
            "address": tried.get(message.id or 0, (contact.address,))[0],
            "lines": dict(about.get(message.id or 0, Counter())),
            "state": message.state,
            "sent_at": message.sent_at,
            "answer": tried.get(message.id or 0, ("", None))[1],
        }
        for message, contact, unit in rows
    ]


def owed_codes(session: Session, plan: str | None, unit: str) -> list[str]:
    """The codes a unit still owes in the newest request that was sent to it."""
    plan_row = plan_named(session, plan)
    unit_row = unit_named(session, plan_row, unit)
    rows = session.exec(
        select(Request.round_id, Item.code)
        .join(Entry, (col(Entry.round_id) == Request.round_id) & (col(Entry.unit_id) == Request.unit_id))
        .join(Item, col(Item.id) == Entry.item_id)
        .where(Request.unit_id == unit_row.id, Request.state == "awaiting")
        .where(col(Entry.state).in_(OWED))
        .order_by(col(Request.round_id).desc(), col(Item.id))
    ).all()
    return [code for round_id, code in rows if round_id == rows[0][0]]


def told_by_day(session: Session, viewer: Viewer, *, plan: str | None) -> list[dict[str, Any]]:
    """Day by day: whom the envelopes went to, what they were about, and which units they concerned."""
    plan_row = plan_named(session, plan)
    rows = session.exec(
        select(Message, Contact, Line)
        .join(Contact, col(Contact.id) == Message.contact_id)
        .join(Line, col(Line.message_id) == Message.id)
        .where(Message.plan_id == plan_row.id, Message.state == "sent", col(Line.dropped).is_(False))
        .order_by(col(Message.on_date), col(Message.id))
    ).all()
    units = {unit.id: unit.short for unit in session.exec(select(Unit).where(Unit.plan_id == plan_row.id))}
    owners = dict(session.exec(select(Case.id, Case.unit_id).where(Case.plan_id == plan_row.id)).all())
    told: dict[tuple[date, str, str], list[str]] = {}
    for message, contact, line in rows:
        of_case = line.kind in ("reminder", "alert", "copy")
        concerned = owners[line.ref_id] if of_case else contact.unit_id
        if not viewer.sees(concerned):
            continue
        what = line.kind if line.rung == 0 else f"{line.kind}, rung {line.rung}"
        to = f"{contact.role}s" if line.kind in ("request", "reminder") else units[contact.unit_id]
        named = told.setdefault((message.on_date, to, what), [])
        named.append(units[concerned])
    return [{"on": on, "to": to, "what": what, "units": named} for (on, to, what), named in told.items()]
