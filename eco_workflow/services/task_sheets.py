"""The task sheet of every unit: what the whole plan gives it to do, sent once (DOMAIN 2, 7 M1.3).

It is a notice to the unit's liaison and leader in charge, so it rides in their next envelope; what it says is
looked up when that is made up. The office wrote the plan and needs none.
"""

from collections.abc import Iterator
from datetime import date

from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.plans import schema
from eco_workflow.plans.demands import in_print
from eco_workflow.services.find import document, merged_in, successor_of
from eco_workflow.services.notices import tell_once
from eco_workflow.services.writing import Writing
from eco_workflow.store.tables import Item, ItemText, Line, Message, Notice, Obligation, Plan, Unit

TASK_SHEET = "task_sheet"
"""The kind of its notice."""

ROLES = ("lead", "owner", "data_provider", "supporting")
"""In the order of the sheet."""


def write_down(session: Session, plan: Plan, today: date) -> int:
    """Writes down that every unit with tasks is to get its sheet; returns how many were new."""
    known = set(_notices(session, plan))
    new = 0
    for unit in units_with_tasks(session, plan):
        assert unit.id is not None
        for role in ("liaison", "leader"):
            if (unit.id, role) not in known:
                key = f"{TASK_SHEET}:{unit.id}:{role}"
                tell_once(session, plan, unit.id, TASK_SHEET, key, on=today, role=role, facts={})
                new += role == "liaison"
    return new


def units_with_tasks(session: Session, plan: Plan) -> list[Unit]:
    """The units that owe or support something, also as one of a group, by their place in the plan; not the
    office.
    """
    read = document(session, plan)
    items: tuple[schema.Indicator | schema.Policy | schema.Veto, ...]
    items = (*read.indicators, *read.policies, *read.vetoes)
    named = read.expanded(code for item in items for code in item.supporting)
    rows = session.exec(select(Unit).where(Unit.plan_id == plan.id, col(Unit.code).in_(named)))
    supporting = {successor_of(session, unit).id for unit in rows}
    owing = select(Obligation.unit_id).where(
        Obligation.plan_id == plan.id, Obligation.state != "not_applicable"
    )
    return list(
        session.exec(
            select(Unit)
            .where(Unit.plan_id == plan.id, col(Unit.successor_id).is_(None), Unit.id != plan.office_unit_id)
            .where(col(Unit.kind) == "unit")
            .where(col(Unit.id).in_(owing) | col(Unit.id).in_(supporting))
            .order_by(col(Unit.id))
        )
    )


def delivered(session: Session, plan: Plan) -> dict[str, str | None]:
    """Unit by short name → the state of the message that carried its liaison's sheet; None where none was
    made yet.
    """
    states: dict[int, str] = {}
    rows = session.exec(
        select(Notice.unit_id, Message.state)
        .join(Line, (col(Line.ref_id) == Notice.id) & (col(Line.kind) == "notice"))
        .join(Message, col(Message.id) == Line.message_id)
        .where(Notice.plan_id == plan.id, Notice.kind == TASK_SHEET, Notice.role == "liaison")
        .where(col(Line.dropped).is_(False))
        .order_by(col(Message.id))
    )
    for unit_id, state in rows:
        if states.get(unit_id) != "sent":
            states[unit_id] = state
    return {unit.short: states.get(unit.id or 0) for unit in units_with_tasks(session, plan)}


def is_sheet(session: Session, notice_id: int) -> bool:
    """Whether a notice is a task sheet, which has a section of its own."""
    return session.get_one(Notice, notice_id).kind == TASK_SHEET


def sheet(writing: Writing) -> says.TaskSheet | None:
    """The sheet of the recipient's unit as of now; None where it has nothing to do by now."""
    lines = [*_owed(writing)]
    owed = {line.code for line in lines}
    lines += [line for line in _supported(writing) if line.code not in owed]
    if not lines:
        return None
    lines.sort(key=lambda line: ROLES.index(line.role))
    return says.TaskSheet(writing.plan.starts_on, writing.plan.ends_on, tuple(lines))


def _owed(writing: Writing) -> Iterator[says.SheetLine]:
    session, plan = writing.session, writing.plan
    targets = {one.id: in_print(one) for one in document(session, plan).indicators}
    rows = session.exec(
        select(Obligation, Item.code, ItemText)
        .join(Item, col(Item.id) == Obligation.item_id)
        .join(ItemText, (col(ItemText.item_id) == Item.id) & (col(ItemText.version) == plan.version))
        .where(Obligation.plan_id == plan.id, Obligation.unit_id == writing.contact.unit_id)
        .where(Obligation.state != "not_applicable")
        .order_by(col(Item.id))
    )
    for owed, code, text in rows:
        yield says.SheetLine(code, text.title, owed.role, text.place, owed.due_on, targets.get(code, ""))


def _supported(writing: Writing) -> Iterator[says.SheetLine]:
    session, plan = writing.session, writing.plan
    mine = set(
        session.exec(select(Unit.code).where(col(Unit.id).in_(merged_in(session, writing.contact.unit_id))))
    )
    read = document(session, plan)
    for indicator in read.indicators:
        if mine & set(read.expanded(indicator.supporting)):
            yield says.SheetLine(
                indicator.id, indicator.name, "supporting", indicator.source, target=in_print(indicator)
            )
    supported: tuple[schema.Policy | schema.Veto, ...] = (*read.policies, *read.vetoes)
    for item in supported:
        if mine & set(read.expanded(item.supporting)):
            yield says.SheetLine(item.id, item.title, "supporting", item.source)


def _notices(session: Session, plan: Plan) -> list[tuple[int, str]]:
    return list(
        session.exec(
            select(Notice.unit_id, Notice.role).where(Notice.plan_id == plan.id, Notice.kind == TASK_SHEET)
        ).all()
    )
