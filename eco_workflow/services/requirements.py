"""What a document asks to be proven, as rows: written when it comes into force."""

from collections.abc import Mapping

from sqlalchemy import delete
from sqlmodel import Session, col

from eco_workflow.plans import schema
from eco_workflow.plans.targets import Evidence as Required
from eco_workflow.store.tables import Plan, Requirement


def require(session: Session, row: Plan, plan: schema.Plan, items: Mapping[str, int]) -> None:
    """Takes the document's evidence in, in the place of what was asked before. `items`: code → id.

    An indicator's files are of a year: of each that the plan names, otherwise of the year before its last
    one or of a newer one. Those of milestones and policies are of any.
    """
    row.evidence_from = plan.evidence.required_from
    session.execute(delete(Requirement).where(col(Requirement.plan_id) == row.id))
    named = plan.evidence.data_years
    years = dict.fromkeys(named) or [plan.ends_on.year - 1]
    for indicator in plan.indicators:
        for year in years:
            _add(session, row, items[indicator.id], indicator.evidence, year, or_newer=not named)
    for milestone in (one for phase in plan.phases for one in phase.milestones):
        _add(session, row, items[milestone.id], milestone.evidence)
    for policy in plan.policies:
        _add(session, row, items[policy.id], policy.evidence)
    session.flush()


def _add(
    session: Session,
    row: Plan,
    item_id: int,
    required: list[Required],
    year: int = 0,
    *,
    or_newer: bool = False,
) -> None:
    assert row.id is not None
    session.add_all(
        Requirement(
            plan_id=row.id, item_id=item_id, code=one.id, year=year, or_newer=or_newer, title=one.title
        )
        for one in required
    )
