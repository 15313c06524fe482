"""The review clock in an envelope: what waits for the office too long (DOMAIN 4, 5)."""

from eco_workflow.domain import messages as says
from eco_workflow.services.silence import next_step
from eco_workflow.services.waiting import late_reviews
from eco_workflow.services.writing import Writing
from eco_workflow.store.tables import Case, Line


def backlog(writing: Writing, case: Case, line: Line) -> says.Backlog:
    """What waits, as the office is reminded of it or as others are told."""
    session = writing.session
    late = late_reviews(session, writing.plan, writing.today, writing.days)
    unit = writing.units[case.unit_id]
    to_office = line.kind == "reminder"
    return says.Backlog(
        unit=unit.short,
        rung=line.rung,
        waits=tuple(says.Waiting(one.kind, one.count, one.since, one.waited, one.within) for one in late),
        days_late=max(one.days_late for one in late),
        next_step=next_step(writing, case, line.rung) if to_office else None,
        tellings=() if to_office else writing.tellings[case.id or 0],
        independent=unit.relation != "subordinate",
        order=None if to_office else writing.orders.get(case.id or 0),
    )
