"""The indicators as a gate sees them: verdict and cause, agreed on, waived, fallen (DOMAIN 7)."""

from datetime import date

from sqlmodel import Session, col, select

from eco_workflow.domain import gates
from eco_workflow.domain.evaluation import Evaluation
from eco_workflow.domain.figure_words import value_of
from eco_workflow.domain.set_by_others import not_recorded
from eco_workflow.services.fallen import fallen
from eco_workflow.services.standing import Judged, judge
from eco_workflow.store.tables import Item, Plan, Proposal, Waiver


def judged_all(session: Session, plan: Plan, today: date) -> list[gates.Judged]:
    """Every indicator of the document in force as a gate sees it, as of a day."""
    items = session.exec(
        select(Item).where(Item.plan_id == plan.id, Item.kind == "indicator").order_by(col(Item.id))
    ).all()
    waived = set(
        session.exec(
            select(Waiver.item_id).where(Waiver.plan_id == plan.id, col(Waiver.withdrawn_on).is_(None))
        )
    )
    fell = fallen(session, plan)
    confirmed = set(
        session.exec(
            select(Proposal.unit_id, Proposal.item_id).where(
                Proposal.plan_id == plan.id, col(Proposal.confirmed_at).is_not(None)
            )
        ).all()
    )
    return [_seen(one, waived, fell, confirmed) for one in judge(session, plan, items, today)]


def _seen(
    judged: Judged, waived: set[int], fell: dict[int, bool], confirmed: set[tuple[int, int]]
) -> gates.Judged:
    item_id = judged.item.id or 0
    values = [value_of(judged.target, judged.known, part) for part in judged.found.parts]
    leads = [unit.short for owed, unit in judged.owing if owed.role == "lead"]
    return gates.Judged(
        code=judged.item.code,
        name=judged.indicator.name,
        binding=judged.indicator.binding,
        verdict=judged.found.verdict,
        value="；".join(value for value in values if value),
        target=judged.indicator.target,
        units=tuple(leads or [unit.short for _, unit in judged.owing]),
        waived=item_id in waived,
        fell=item_id in fell,
        renewed=fell.get(item_id, False),
        unconfirmed=tuple(
            unit.short
            for owed, unit in judged.owing
            if owed.role == "lead" and (owed.unit_id, item_id) not in confirmed
        ),
        because=_because(judged.found, given=any(values)),
        # Not applicable to anybody, nothing is agreed on and nothing asked for.
        unknown=not_recorded(judged.target, judged.known) if judged.owing else (),
    )


def _because(found: Evaluation, *, given: bool) -> str:
    """The cause of a verdict that does not follow from the figures that stand, or their absence: what units
    contradict each other in, what is wanting besides, a veto item that was declared.
    """
    if found.verdict == "undetermined":
        return found.reason if given or found.owed_by == "office" else ""
    of_parts = {part.verdict for part in found.parts}
    return found.reason if found.verdict == "unmet" and "unmet" not in of_parts else ""
