"""What units declare of veto items (DOMAIN 7): one that occurred goes to the office at once, on any day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused
from eco_workflow.domain.escalation import DAYS_TO_DECIDE
from eco_workflow.domain.figures import Event
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services import phases
from eco_workflow.services.calendar import calendar_of, published_in
from eco_workflow.services.find import document
from eco_workflow.services.find_entry import Place
from eco_workflow.services.history import shown_in, standing_reports
from eco_workflow.services.left import has_left
from eco_workflow.services.notices import acted, tell_at_once, tell_once
from eco_workflow.services.vetoes import decides, events_of, stands
from eco_workflow.store.tables import Item, ItemText, Obligation, Plan, Report, Unit, VetoEvent

NO_NOTE = "无"
"""Said where the unit gave no facts: who decides then knows that it must ask for them."""


def is_news(session: Session, place: Place, answer: Answer) -> bool:
    """Whether an answer declares an occurrence; one that repeats what stands tells nothing new.

    Asked before the answer is appended: the phases and what was declared before are held first, the audit
    chain last.
    """
    if not answer.occurred:
        return False
    phases.hold(session, place.plan)
    entry, plan_id = place.entry, place.obligation.plan_id
    return not answer.no_change or not stands(session, plan_id, entry.item_id, entry.unit_id)


def tell_of_occurrence(session: Session, place: Place, said: Report, now: datetime) -> bool:
    """Writes down that an occurrence waits for a decision, with messages that leave with the next delivery:
    to the office, and for its host bureau to the supervision office, which decides there.

    False while nobody of these can be reached: then the next run tells it.
    """
    today, plan = shanghai_date(now), place.plan
    days = calendar_of(session, plan, published_in(session), today)
    event = VetoEvent(
        plan_id=said.plan_id,
        item_id=said.item_id,
        unit_id=said.unit_id,
        report_id=said.id or 0,
        declared_on=today,
        of_host=place.of_host,
    )
    session.add(event)
    session.flush()
    facts = {
        "unit": said.unit_id,
        "item": said.item_id,
        "veto": event.id,
        "by": acted(session, plan, said.actor),
        "until": days.after(today, DAYS_TO_DECIDE),
        "note": said.note or NO_NOTE,
    }
    more = {"veto_of_host": {"decides": session.get_one(Unit, decides(plan, event)).short}}
    told = [
        tell_at_once(
            session, plan, office, kind, _key(kind, event), on=today, facts=facts | more.get(kind, {})
        )
        for office, kind in _told_of(plan, event)
    ]
    return any(told)


def check_nothing_waits(session: Session, place: Place) -> None:
    """Raises `Refused` where the entry's answer declares what waits for a decision or is confirmed: who
    decides does not return it instead.
    """
    event, _ = _declared(session, place)
    if event is not None:
        raise Refused(f"{place.name} declares what waits for a decision. Decide it: {_decisions(place)}")


def take_back(session: Session, place: Place, now: datetime, by: Actor) -> None:
    """What the entry declares is taken back by the unit: those who were told of the occurrence hear in their
    next mail. Where a later answer repeats the declaration, it rests on that one from now on.

    Raises `Refused` for what is confirmed, and for what was told above as undecided, and for who does not
    act for the unit, also where its answer was recorded on its behalf.
    """
    entry = place.entry
    event, known = _declared(session, place)
    if event is None:
        return
    by.must(
        Action.RECALL, unit=place.unit.code, called=place.unit.short, doing="recalling a declared occurrence"
    )
    standing = standing_reports(session, [entry.unit_id], [entry.item_id])
    for later in standing.get((entry.unit_id, entry.item_id), []):
        if later.occurred and (later.id or 0) > event.report_id and later.id not in known:
            event.report_id = later.id or 0
            return
    if event.escalated_on is not None:
        raise Refused(
            f"Of {place.name} the supervision office heard on {event.escalated_on} that it is undecided; it "
            f"is taken back no more. The office decides it: {_decisions(place)}"
        )
    event.state = "recalled"
    facts = {
        "unit": entry.unit_id,
        "item": entry.item_id,
        "veto": event.id,
        "by": acted(session, place.plan, by.name),
        "declared_on": event.declared_on,
    }
    for office, kind in _told_of(place.plan, event):
        if has_left(session, _key(kind, event)):
            key, today = f"veto_recalled:{event.id}:{office}", shanghai_date(now)
            tell_once(session, place.plan, office, "veto_recalled", key, on=today, facts=facts)


def _declared(session: Session, place: Place) -> tuple[VetoEvent | None, set[int]]:
    """What the entry's answer declared and no error ended, and the answers on which the unit's declarations
    rest. Raises `Refused` for what is confirmed.
    """
    entry = place.entry
    said = shown_in(session, [entry]).get((entry.round_id, entry.unit_id, entry.item_id))
    found = events_of(session, place.obligation.plan_id, entry.item_id, [entry.unit_id]) if said else ()
    event = next((one for one in found if said and one.report_id == said.id), None)
    if event is None or event.state == "error":
        return None, set()
    if event.state != "pending":
        raise Refused(
            f"{place.name} declares what was confirmed on {event.decided_on}; a leader clears it: "
            f"eco veto clear {place.item.code} {place.unit.short} --document …"
        )
    return event, {one.report_id for one in found}


def _decisions(place: Place) -> str:
    which = f"{place.item.code} {place.unit.short} --reason …"
    return f"eco veto confirm {which}, or eco veto error {which}"


def _told_of(plan: Plan, event: VetoEvent) -> list[tuple[int, str]]:
    """Which office hears of an occurrence at once, and in which words: who decides is asked to."""
    told = [(decides(plan, event), "veto_occurred")]
    return [*told, (plan.office_unit_id, "veto_of_host")] if event.of_host else told


def _key(kind: str, event: VetoEvent) -> str:
    return f"{kind}:{event.id}"


@dataclass(frozen=True)
class Declaration:
    """What a unit declared of a veto item; nothing it took back, or the office returned."""

    unit: Unit
    item: Item
    occurred: bool
    on: date

    def as_json(self) -> dict[str, Any]:
        """By names."""
        return {
            "unit": self.unit.short, "item": self.item.code, "occurred": self.occurred, "on": self.on,
        }  # fmt: skip


def declarations(session: Session, plan: Plan, codes: Collection[str]) -> list[Declaration]:
    """What stands of every unit on veto items: its last occurrence, and its last declaration if later.

    An occurrence stands until it is taken back or returned: a "no" in a later round speaks of its own time.
    """
    items = session.exec(select(Item).where(Item.plan_id == plan.id, col(Item.code).in_(codes))).all()
    by_id = {item.id: item for item in items}
    if not by_id:
        return []
    owing = session.exec(
        select(Obligation.item_id, Unit)
        .join(Unit, col(Unit.id) == Obligation.unit_id)
        .where(Obligation.plan_id == plan.id, col(Obligation.item_id).in_(by_id))
        .where(Obligation.state != "not_applicable")
        .order_by(col(Obligation.item_id), col(Unit.id))
    ).all()
    said = standing_reports(session, {unit.id or 0 for _, unit in owing}, {item_id for item_id, _ in owing})
    found = []
    for item_id, unit in owing:
        declared = [r for r in said.get((unit.id or 0, item_id), []) if r.occurred is not None]
        last, occurred = declared[-1:], [r for r in declared if r.occurred][-1:]
        found += [
            Declaration(unit, by_id[item_id], bool(one.occurred), shanghai_date(one.at))
            for one in (occurred if occurred == last else occurred + last)
        ]
    return found


def events(session: Session, plan: Plan, codes: Collection[str]) -> dict[str, Event]:
    """Veto item → what its lead units say of it and what was decided, for the indicators linked to it."""
    said = declarations(session, plan, codes)
    rows = session.exec(
        select(VetoEvent, Item.code, Unit.short)
        .join(Item, col(Item.id) == VetoEvent.item_id)
        .join(Unit, col(Unit.id) == VetoEvent.unit_id)
        .where(VetoEvent.plan_id == plan.id, col(Item.code).in_(codes))
        .order_by(col(Unit.id), col(VetoEvent.id))
    ).all()
    found = {}
    for code in codes:
        of_code = [(event, unit) for event, item, unit in rows if item == code]
        denied = max((one.on for one in said if one.item.code == code and not one.occurred), default=None)
        last = max((event for event, _ in of_code), key=lambda event: event.id or 0, default=None)
        found[code] = Event(
            code,
            occurred=_units(of_code, "pending"),
            confirmed=_units(of_code, "confirmed"),
            declared=any(one.item.code == code for one in said),
            settled=last.state if last and (denied is None or denied <= last.declared_on) else "",
        )
    return found


def _units(events: Iterable[tuple[VetoEvent, str]], state: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(unit for event, unit in events if event.state == state))


def linked_to(session: Session, plan: Plan, item: Item) -> list[Item]:
    """The indicators that speak of the same event as a veto item."""
    if item.kind != "veto":
        return []
    codes = [i.id for i in document(session, plan).indicators if i.linked_veto == item.code]
    return list(session.exec(select(Item).where(Item.plan_id == plan.id, col(Item.code).in_(codes))))


def occurred_in(session: Session, round_id: int) -> list[tuple[Unit, Item, str]]:
    """Unit, item and its title of every declaration \"occurred\" that stands in a round and was no error."""
    rows = session.exec(
        select(Report, Unit, Item, ItemText.title)
        .join(Unit, col(Unit.id) == Report.unit_id)
        .join(Item, col(Item.id) == Report.item_id)
        .join(Plan, col(Plan.id) == Report.plan_id)
        .join(ItemText, (col(ItemText.item_id) == Item.id) & (col(ItemText.version) == Plan.version))
        .where(Report.round_id == round_id, Item.kind == "veto")
        .where(col(Report.action).in_(("submit", "recall", "return")))
        .order_by(col(Report.id))
    )
    last = {(unit.id, item.id): (report, unit, item, title) for report, unit, item, title in rows}
    mistaken = set(session.exec(select(VetoEvent.report_id).where(VetoEvent.state == "error")))
    return [
        (unit, item, title)
        for report, unit, item, title in last.values()
        if report.occurred and report.id not in mistaken
    ]
