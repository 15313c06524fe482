"""Declared veto items and what became of them (DOMAIN 7): what holds the gate, and the list for people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.escalation import DAYS_TO_DECIDE
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of, clock_day
from eco_workflow.services.find import plan_named
from eco_workflow.services.history import standing_reports
from eco_workflow.store.tables import Item, ItemText, Plan, Report, Unit, VetoEvent

STANDS = ("pending", "confirmed")
"""The states that hold the gate."""


@dataclass(frozen=True)
class Vetoed:
    """A declared occurrence of a veto item, by one unit."""

    item: str
    title: str
    unit: str
    state: str
    """`pending` or `confirmed` where it stands; else `error`, `cleared` or `recalled`."""
    declared_on: date
    decides: str
    """The office that confirms it or marks an error."""
    decided_on: date | None
    decided_by: str
    why: str
    cleared_on: date | None
    cleared_by: str
    document: str
    """What a leader cleared it by."""
    escalated_on: date | None


def standing_vetoes(session: Session, plan: Plan) -> list[Vetoed]:
    """What holds the gate: every occurrence that waits for a decision or is confirmed, oldest first.

    Also those of units that were merged since, and of items that a newer version of the plan left out: only
    a decision, a recall or a leader's clearing ends one.
    """
    return [found for _, found in _rows(session, plan, STANDS)]


def listed(
    session: Session,
    viewer: Viewer,
    *,
    plan: str | None,
    everything: bool,
    now: datetime,
    days: WorkingDays,
) -> list[dict[str, Any]]:
    """What stands of the units that the viewer may see, or `everything` that was ever declared.

    `days` is the published calendar; the plan's own is made of it.
    """
    plan_row = plan_named(session, plan)
    today = clock_day(plan_row, now)
    own = calendar_of(session, plan_row, days, today)
    return vetoes_shown(session, viewer, plan_row, None if everything else STANDS, today, own)


def vetoes_shown(
    session: Session,
    viewer: Viewer,
    plan: Plan,
    states: Collection[str] | None,
    today: date,
    days: WorkingDays,
) -> list[dict[str, Any]]:
    """Occurrences in these states (None: in any) as people see them, counted in the plan's own calendar.

    `decide_by` is the last day for the decision, `days_late` how many working days it is past; only what is
    pending has them.
    """
    shown = []
    for unit_id, found in _rows(session, plan, states):
        if viewer.sees(unit_id):
            by = days.after(found.declared_on, DAYS_TO_DECIDE) if found.state == "pending" else None
            shown.append({**vars(found), "decide_by": by, "days_late": days.waited(by, today) if by else 0})
    return shown


def _rows(session: Session, plan: Plan, states: Collection[str] | None) -> list[tuple[int, Vetoed]]:
    """Unit id and occurrence, oldest first."""
    offices = select(Unit).where(col(Unit.id).in_((plan.office_unit_id, plan.supervision_unit_id)))
    short = {unit.id: unit.short for unit in session.exec(offices)}
    query = (
        select(VetoEvent, Item, Unit)
        .join(Item, col(Item.id) == VetoEvent.item_id)
        .join(Unit, col(Unit.id) == VetoEvent.unit_id)
        .where(VetoEvent.plan_id == plan.id)
        .order_by(col(VetoEvent.id))
    )
    if states is not None:
        query = query.where(col(VetoEvent.state).in_(states))
    return [
        (
            event.unit_id,
            Vetoed(
                item=item.code,
                title=_title(session, item.id or 0),
                unit=unit.short,
                state=event.state,
                declared_on=event.declared_on,
                decides=short[decides(plan, event)],
                decided_on=event.decided_on,
                decided_by=event.decided_by,
                why=event.why,
                cleared_on=event.cleared_on,
                cleared_by=event.cleared_by,
                document=event.document,
                escalated_on=event.escalated_on,
            ),
        )
        for event, item, unit in session.exec(query).all()
    ]


def _title(session: Session, item_id: int) -> str:
    """As the newest version of the plan that names the item words it."""
    newest = select(ItemText.title).where(ItemText.item_id == item_id).order_by(col(ItemText.version).desc())
    return session.exec(newest.limit(1)).one()


def decides(plan: Plan, event: VetoEvent) -> int:
    """The id of the office that decides: the office does not judge its own host bureau (DOMAIN 4)."""
    return plan.supervision_unit_id if event.of_host else plan.office_unit_id


def events_of(session: Session, plan_id: int, item_id: int, units: Collection[int]) -> Sequence[VetoEvent]:
    """What these units declared of an item, oldest first, held until the end of the transaction: who decides
    and who takes back at the same moment come one after the other.
    """
    return session.exec(
        select(VetoEvent)
        .where(VetoEvent.plan_id == plan_id, VetoEvent.item_id == item_id)
        .where(col(VetoEvent.unit_id).in_(units))
        .order_by(col(VetoEvent.id))
        .with_for_update()
    ).all()


def stands(session: Session, plan_id: int, item_id: int, unit_id: int) -> bool:
    """Whether what the unit declared of an item is pending or confirmed: to repeat it tells nothing new."""
    return any(event.state in STANDS for event in events_of(session, plan_id, item_id, [unit_id]))


def is_over(session: Session, kind: str, event_id: int) -> bool:
    """Whether nobody needs to hear any more what a notice of that kind says of the event."""
    event = session.get_one(VetoEvent, event_id)
    match kind:
        case "veto_occurred" | "veto_of_host" | "veto_undecided":
            return event.state != "pending"
        case "veto_confirmed":
            return event.state != "confirmed"
        case "veto_recalled":
            return _declared_again(session, event)
    return False


def _declared_again(session: Session, event: VetoEvent) -> bool:
    """Whether what was taken back is declared in the same round again, of which the office hears at once."""
    said = session.get_one(Report, event.report_id)
    standing = standing_reports(session, [said.unit_id], [said.item_id]).get((said.unit_id, said.item_id), [])
    return any(one.occurred for one in standing if one.round_id == said.round_id)
