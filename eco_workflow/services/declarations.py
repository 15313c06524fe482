"""What units declare of veto items (DOMAIN 7): one that occurred goes to the office at once, on any day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.figures import Event
from eco_workflow.services.calendar import calendar_of, published_in
from eco_workflow.services.find import Place, document
from eco_workflow.services.history import shown_in, standing_reports
from eco_workflow.services.notices import acted, has_left, tell_at_once, tell_once
from eco_workflow.store.tables import Item, ItemText, Obligation, Plan, Report, Unit

DAYS_TO_CONFIRM = 1
"""Working days within which the office confirms a declared occurrence or marks it an error."""

NO_NOTE = "无"
"""Said where the unit gave no facts: the office then knows that it must ask for them."""


def is_news(said: Report) -> bool:
    """Whether an answer declares an occurrence; one that repeats the last answer tells nothing new."""
    return bool(said.occurred) and not said.no_change


def tell_of_occurrence(session: Session, place: Place, said: Report, now: datetime) -> bool:
    """Writes a message to the office that leaves with the next delivery; False while nobody there can be
    reached: then the next run tells it.
    """
    today = shanghai_date(now)
    days = calendar_of(session, place.plan, published_in(session), today)
    facts = {
        "unit": place.unit.id,
        "item": place.item.id,
        "report": said.id,
        "by": acted(session, place.plan, said.actor),
        "until": days.after(today, DAYS_TO_CONFIRM),
        "note": said.note or NO_NOTE,
    }
    return tell_at_once(
        session, place.plan, place.plan.office_unit_id, "veto_occurred", _key(said), on=today, facts=facts
    )


def tell_of_recall(session: Session, place: Place, now: datetime, by: str) -> None:
    """Tells the office, in its next mail, that the occurrence which the entry declares is taken back.

    Nothing where the mail about it has not left: that one is dropped.
    """
    entry = place.entry
    said = shown_in(session, [entry]).get((entry.round_id, entry.unit_id, entry.item_id))
    if said is None or not has_left(session, _key(said)):
        return
    facts = {
        "unit": place.unit.id,
        "item": place.item.id,
        "report": said.id,
        "by": acted(session, place.plan, by),
        "declared_on": shanghai_date(said.at),
    }
    key, today = f"veto_recalled:{said.id}", shanghai_date(now)
    tell_once(session, place.plan, place.plan.office_unit_id, "veto_recalled", key, on=today, facts=facts)


def _key(said: Report) -> str:
    return f"veto_occurred:{said.id}"


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
    """Veto item → what its lead units say of it, for the indicators that are linked to it."""
    said = declarations(session, plan, codes)
    return {
        code: Event(
            code,
            occurred=tuple(one.unit.short for one in said if one.item.code == code and one.occurred),
            declared=any(one.item.code == code for one in said),
        )
        for code in codes
    }


def linked_to(session: Session, plan: Plan, item: Item) -> list[Item]:
    """The indicators that speak of the same event as a veto item."""
    if item.kind != "veto":
        return []
    codes = [i.id for i in document(session, plan).indicators if i.linked_veto == item.code]
    return list(session.exec(select(Item).where(Item.plan_id == plan.id, col(Item.code).in_(codes))))


def occurred_in(session: Session, round_id: int) -> list[tuple[Unit, Item, str]]:
    """Unit, item and its title of every declaration \"occurred\" that stands in a round."""
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
    return [(unit, item, title) for report, unit, item, title in last.values() if report.occurred]
