"""Single items in an envelope: overdue work, claims that fall short, early warnings (DOMAIN 4 and 5)."""

from dataclasses import replace

from eco_workflow.domain import messages as says
from eco_workflow.domain.due import ONE_DAY
from eco_workflow.domain.words import OFFICE
from eco_workflow.services.gaps import gaps
from eco_workflow.services.overdue import days_late, is_of_office
from eco_workflow.services.silence import next_step
from eco_workflow.services.writing import Writing, named, of_the_office
from eco_workflow.store.tables import Case, Item, Line, Obligation, Standing


def overdue_item(writing: Writing, case: Case, line: Line) -> says.Overdue:
    """An item that is late, as its unit is reminded of it or as others are told."""
    session = writing.session
    owed = session.get(Obligation, (case.plan_id, case.unit_id, case.item_id))
    unit = writing.units[case.unit_id]
    standing = session.get(Standing, (case.plan_id, case.item_id)) if case.clock == "indicator" else None
    of_office = owed is None or is_of_office(session, case, writing.today)
    lacks = _lacking(writing, case) if case.clock == "evidence" else ""
    assert case.due_on is not None, "an item is late since a date"
    to_unit = line.kind == "reminder"
    return says.Overdue(
        unit=unit.short,
        clock=OFFICE if of_office else case.clock,
        rung=line.rung,
        due_on=case.due_on,
        days_late=days_late(session, case, writing.today, writing.days),
        item=named(writing, owed) if owed else of_the_office(writing, case.item_id),
        why=standing.reason if standing else lacks,
        next_step=next_step(writing, case, line.rung) if to_unit else None,
        tellings=() if to_unit else writing.tellings[case.id or 0],
        independent=unit.relation != "subordinate",
        order=None if to_unit else writing.orders.get(case.id or 0),
    )


def _lacking(writing: Writing, case: Case) -> str:
    """The requirements that nothing was brought for, or only what was returned."""
    item = writing.session.get_one(Item, case.item_id)
    found = [gap for gap in gaps(writing.session, writing.plan, [item.code]) if gap.why != "pending"]
    return "缺少" + "、".join(f"{gap.requirement} {gap.title}" for gap in found) if found else ""


def early_warning(writing: Writing, item_id: int) -> says.Item:
    """An item of the recipient's own unit that falls due soon."""
    key = (writing.plan.id, writing.contact.unit_id, item_id)
    owed = writing.session.get_one(Obligation, key)
    assert owed.due_on is not None, "what falls due has a date"
    later = owed.clock_from is not None and owed.clock_from > owed.due_on + ONE_DAY
    return replace(named(writing, owed), late_from=owed.clock_from if later else None)
