"""What happened is told once: written in the transaction of the act, worded when the envelope is made up."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.answers import OWED
from eco_workflow.domain.due import last_day
from eco_workflow.domain.escalation import DAYS_TO_DECIDE
from eco_workflow.domain.notices import read_facts
from eco_workflow.domain.overdue import OPEN
from eco_workflow.domain.roles import as_read
from eco_workflow.services import vetoes
from eco_workflow.services.find import Duty
from eco_workflow.services.history import waits_to_be_confirmed
from eco_workflow.services.moves import ANSWER, ITEM, heard, matter_of
from eco_workflow.services.overdue import is_open
from eco_workflow.services.writing import Writing, named
from eco_workflow.store.decide.rounds import gives_way_today
from eco_workflow.store.tables import (
    Case,
    Contact,
    Entry,
    Evidence,
    Extension,
    Item,
    ItemText,
    Line,
    Message,
    Notice,
    Obligation,
    Occurrence,
    Paper,
    Plan,
    Proposal,
    Report,
    Request,
    Suspension,
    Unit,
    VetoEvent,
)
from eco_workflow.store.tables.post import AT_ONCE

DRAFTED = {"report_drafted": "supervision_report", "note_drafted": "resolution_note"}
"""A notice that papers wait for their signature, and which."""

DEMANDS = ("assigned", "reopened")
"""A notice by which a unit first hears of a date: the one that binds when it is told, not when it was set."""


def tell_once(
    session: Session,
    plan: Plan,
    unit_id: int,
    kind: str,
    key: str,
    *,
    on: date,
    role: str = "liaison",
    facts: dict[str, Any],
    silently: bool = False,
) -> bool:
    """Writes down that the contact of a unit in a role is to be told; False where the same `key` was already.

    The next run takes it along. After the plan's last day there is none: then it leaves by itself.
    `facts`: what the words need. `case`, `unit` and `item` are ids, anything else is text. `silently`: it is
    written down as a fact that nobody is told of.
    """
    if session.exec(select(Notice.id).where(Notice.key == key)).first() is not None:
        return False
    assert plan.id is not None
    notice = Notice(
        plan_id=plan.id,
        unit_id=unit_id,
        role=role,
        kind=kind,
        key=key,
        facts=json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str),
        made_on=on,
        told_on=on if silently else None,
    )
    session.add(notice)
    session.flush()
    if on > plan.ends_on and plan.held_since is None and not silently:
        _send_alone(session, plan, notice, on)
    return True


def tell_at_once(
    session: Session,
    plan: Plan,
    unit_id: int,
    kind: str,
    key: str,
    *,
    on: date,
    role: str = "liaison",
    facts: dict[str, Any],
) -> bool:
    """As `tell_once`, in a message of its own that waits for no run (DOMAIN 5).

    False where nobody there can be reached: then it rides in the next envelope of whoever can.
    """
    made = tell_once(session, plan, unit_id, kind, key, on=on, role=role, facts=facts)
    notice = session.exec(select(Notice).where(Notice.key == key)).one()
    return made if notice.told_on is not None else _send_alone(session, plan, notice, on)


def _send_alone(session: Session, plan: Plan, notice: Notice, on: date) -> bool:
    contact = session.exec(
        select(Contact).where(
            Contact.unit_id == notice.unit_id,
            Contact.role == notice.role,
            col(Contact.ended_on).is_(None),
            col(Contact.failed_on).is_(None),
        )
    ).first()
    if contact is None:
        return False
    assert plan.id is not None
    assert contact.id is not None
    message = Message(plan_id=plan.id, contact_id=contact.id, on_date=on, occasion=f"{AT_ONCE}{notice.id}")
    session.add(message)
    session.flush()
    assert message.id is not None
    assert notice.id is not None
    session.add(Line(message_id=message.id, kind="notice", ref_id=notice.id))
    notice.told_on, notice.told_to = on, contact.id
    session.flush()
    return True


def tell_unit(session: Session, duty: Duty, kind: str, key: str, *, on: date, facts: dict[str, Any]) -> None:
    """A decision about what a unit owes: its liaison and its leader in charge are told."""
    assert duty.unit.id is not None
    about = {"unit": duty.unit.id, "item": duty.item.id, **facts}
    _tell_both(session, duty.plan, duty.unit.id, kind, key, on=on, facts=about)


def tell_owing(
    session: Session,
    plan: Plan,
    owing: Iterable[Obligation],
    kind: str,
    key: str,
    *,
    on: date,
    facts: dict[str, Any],
) -> None:
    """A decision about an item, for all who owe it; the office knows what it decided itself."""
    for owed in owing:
        if owed.unit_id == plan.office_unit_id:
            continue
        once, about = f"{kind}:{owed.item_id}:{owed.unit_id}:{key}", {"item": owed.item_id, **facts}
        _tell_both(session, plan, owed.unit_id, kind, once, on=on, facts=about)


def _tell_both(
    session: Session, plan: Plan, unit_id: int, kind: str, key: str, *, on: date, facts: dict[str, Any]
) -> None:
    for role in ("liaison", "leader"):
        tell_once(session, plan, unit_id, kind, f"{key}:{role}", on=on, role=role, facts=facts)


def ask_to_decide(
    session: Session, duty: Duty, office_id: int, kind: str, key: str, *, on: date, facts: dict[str, Any]
) -> None:
    """Something about what a unit owes waits for an office: its liaison is told."""
    about = {"unit": duty.unit.id, "item": duty.item.id, **facts}
    tell_once(session, duty.plan, office_id, kind, key, on=on, facts=about)


def acted(session: Session, plan: Plan, name: str) -> str:
    """Who acted, as a mail names it."""
    return as_read(name, session.get_one(Unit, plan.office_unit_id).short)


def was_decided(session: Session, key: str, on: date) -> None:
    """What was to be decided is decided before anybody was told to: nobody needs to hear it any more."""
    asked = select(Notice).where(Notice.key == key, col(Notice.told_on).is_(None))
    for notice in session.exec(asked):
        notice.told_on = on


def worded(writing: Writing, notice_id: int) -> says.Notice | None:
    """A notice with names instead of ids; None when its matter is over before it was told."""
    session = writing.session
    notice = session.get_one(Notice, notice_id)
    facts = json.loads(notice.facts)
    unit_id, item_id = facts.pop("unit", notice.unit_id), facts.pop("item", 0)
    if case_id := facts.pop("case", None):
        case = session.get_one(Case, case_id)
        unit_id, item_id = case.unit_id, case.item_id
        if notice.kind == "resolved":
            facts |= _ended(session, case, notice.made_on)
    unit = session.get_one(Unit, unit_id)
    if notice.kind in ("no_contact", "no_contact_long"):
        if unit.unreached_on is None:
            return None
        facts |= _without_liaison(writing, unit, long=notice.kind == "no_contact_long")
    if notice.kind == "veto_undecided":
        facts |= _undecided(writing, session.get_one(VetoEvent, facts["veto"]))
    if notice.kind == "issue_released":
        facts["text"] = session.get_one(Occurrence, (notice.plan_id, facts["code"])).minutes
    if notice.kind in DRAFTED:
        if not (drafts := _still_to_sign(session, notice)):
            return None
        facts |= drafts
    if _is_where_it_was(session, notice, facts) or _is_over(writing, notice, facts, item_id):
        return None
    item = _item(writing, unit_id, item_id) if item_id else None
    if notice.kind in DEMANDS and item is not None and item.due_on is not None:
        facts["due_on"] = item.due_on
    said = says.Notice(
        kind=notice.kind,
        on=notice.made_on,
        unit=unit.short,
        item=item,
        facts={name: str(fact) for name, fact in facts.items()},
    )
    read_facts(said)
    return said


def _is_where_it_was(session: Session, notice: Notice, facts: dict[str, Any]) -> bool:
    """Of a date that moved: whether it is the one that was heard of last; else that goes into the facts."""
    if notice.kind not in (*ANSWER, *ITEM):
        return False
    of = matter_of(notice)
    old, new = of.names
    read = date.fromisoformat if of.is_item else datetime.fromisoformat
    known = heard(session, of, read(facts[old]), before=notice.id)
    facts[old] = known.isoformat()
    return known == read(facts[new])


def _is_over(writing: Writing, notice: Notice, facts: dict[str, Any], item_id: int) -> bool:
    """Whether nobody needs to hear it any more. Takes out of the facts what only this asks for."""
    session = writing.session
    over = False
    if event := facts.pop("veto", None):
        return vetoes.is_over(session, notice.kind, event)
    match notice.kind:
        case "returned":
            entry = session.get(Entry, tuple(facts.pop("entry")))
            over = entry is None or entry.state != "returned"
            # Since then a hold or a calendar may have moved it.
            facts["due_at"] = entry.due_at.isoformat() if entry and entry.due_at else facts["due_at"]
        case "moved_by_hold" | "moved_by_calendar":
            round_id, asked = facts.pop("request")
            due_at = datetime.fromisoformat(facts["due_at"])
            over = not _still_runs(writing, round_id, asked, item_id, due_at)
        case "due_by_calendar" | "assigned" | "rhythm_due" | "reverification_due":
            owed = session.get(Obligation, (notice.plan_id, notice.unit_id, item_id))
            over = owed is None or owed.state not in OPEN
            if owed is not None and notice.kind == "due_by_calendar":
                # Since then an extension or another calendar may have moved it.
                over |= str(last_day(owed.due_on, owed.clock_from, writing.days)) != facts["due_on"]
        case "proposal_declined":
            over = _proposed_anew(session, notice, facts.pop("proposal"))
        case "confirm_on_behalf":
            over = not waits_to_be_confirmed(session, session.get_one(Report, facts.pop("report")))
        case "evidence_returned":
            over = session.get_one(Evidence, facts.pop("evidence")).state != "returned"
        case "evidence_quarantined":
            facts.pop("evidence")
        case "extension_asked" | "suspension_asked":
            over = not _still_waits(session, notice)
        case "closed_out":
            owed = session.get(Obligation, (notice.plan_id, notice.unit_id, item_id))
            over = owed is None or owed.state != "closed"
    return over


def _ended(session: Session, case: Case, told_on: date) -> dict[str, Any]:
    """When a case ended, and whether only because its date was put off: then the work is still owed."""
    owed = session.get(Obligation, (case.plan_id, case.unit_id, case.item_id))
    ended_on = case.closed_on or told_on
    put_off = (
        owed is not None
        and case.due_on is not None
        and owed.due_on is not None
        and case.due_on < ended_on <= owed.due_on
        and (is_open(owed) or (owed.state == "completed" and case.clock != "task"))
    )
    return {"closed_on": ended_on, "how": "put_off" if put_off else "over"}


def _without_liaison(writing: Writing, unit: Unit, *, long: bool) -> dict[str, Any]:
    assert unit.unreached_on is not None
    if long:
        return {"since": unit.unreached_on, "days": writing.days.waited(unit.unreached_on, writing.today)}
    named = select(Contact.id).where(
        Contact.unit_id == unit.id, Contact.role == "liaison", col(Contact.ended_on).is_(None)
    )
    above = writing.session.get_one(Unit, writing.plan.supervision_unit_id)
    why = "refused" if writing.session.exec(named).first() else "none"
    return {"role": "liaison", "why": why, "above": above.short}


def _undecided(writing: Writing, event: VetoEvent) -> dict[str, Any]:
    decides = writing.session.get_one(Unit, vetoes.decides(writing.plan, event)).short
    until = writing.days.after(event.declared_on, DAYS_TO_DECIDE)
    return {"declared_on": event.declared_on, "until": until, "decides": decides}


def _still_to_sign(session: Session, notice: Notice) -> dict[str, Any]:
    """How many papers of that day wait to be signed, and of how many units; empty where none does."""
    drafts = (
        select(Case.unit_id, Paper.addressee)
        .join(Paper, col(Paper.case_id) == Case.id)
        .where(Case.plan_id == notice.plan_id, Paper.kind == DRAFTED[notice.kind])
        .where(Paper.state == "draft", Paper.drafted_on == notice.made_on)
    )
    found = session.exec(drafts).all()
    units, addressees = {unit for unit, _ in found}, dict.fromkeys(addressee for _, addressee in found)
    return {"count": len(found), "units": len(units), "addressee": "、".join(addressees)} if found else {}


def _still_runs(writing: Writing, round_id: int, unit_id: int, item_id: int, due_at: datetime) -> bool:
    """Whether an answer to the request (on the item, if there is one) is owed by then, still.

    Not where a newer request that leaves today asks it: that one says by when.
    """
    session, plan_id = writing.session, writing.plan.id or 0
    request = session.get_one(Request, (round_id, unit_id))
    if request.state != "awaiting":
        return False
    if gives_way_today(session.connection(), plan_id, unit_id, round_id, writing.today):
        return False
    # What was returned has a due time, and a notice, of its own.
    states = OWED if item_id else ("awaiting",)
    owed = select(Entry.due_at).where(
        Entry.round_id == round_id, Entry.unit_id == unit_id, col(Entry.state).in_(states)
    )
    if item_id:
        owed = owed.where(Entry.item_id == item_id)
    return due_at in session.exec(owed).all()


def _proposed_anew(session: Session, notice: Notice, declined: int) -> bool:
    newer = select(Proposal.n).where(
        Proposal.plan_id == notice.plan_id,
        Proposal.unit_id == notice.unit_id,
        Proposal.item_id == json.loads(notice.facts)["item"],
        Proposal.n > declined,
    )
    return session.exec(newer).first() is not None


def _still_waits(session: Session, notice: Notice) -> bool:
    """Whether what an office is asked to decide is still undecided."""
    number = int(notice.key.rpartition(":")[2])
    if notice.kind == "extension_asked":
        return session.get_one(Extension, number).decided_on is None
    asked = session.get_one(Suspension, number)
    return asked.confirmed_on is None and asked.ended_on is None


def _item(writing: Writing, unit_id: int, item_id: int) -> says.Item:
    owed = writing.session.get(Obligation, (writing.plan.id, unit_id, item_id))
    if owed is not None:
        return named(writing, owed)
    item = writing.session.get_one(Item, item_id)
    text = writing.session.get_one(ItemText, (item_id, writing.plan.version))
    return says.Item(code=item.code, title=text.title, role="lead", place=text.place)
