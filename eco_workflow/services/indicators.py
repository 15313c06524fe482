"""The indicators as people look at them: a list, and one that explains itself (DOMAIN 2, 4)."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.declarations import declarations
from eco_workflow.services.find import document, plan_named
from eco_workflow.services.indicator_facts import indicator_named
from eco_workflow.services.standing import Judged, judge
from eco_workflow.store.tables import Item, Plan, Proposal, Survey, SurveyAnswer, Unit


def listed(session: Session, viewer: Viewer, *, plan: str | None, now: datetime) -> list[dict[str, Any]]:
    """Every indicator with its verdict as of now."""
    plan_row = plan_named(session, plan)
    items = session.exec(select(Item).where(Item.plan_id == plan_row.id).order_by(col(Item.id))).all()
    return [
        {
            "indicator": judged.item.code,
            "name": judged.indicator.name,
            "binding": judged.indicator.binding,
            "units": [unit.short for _, unit in judged.owing],
            "due_on": judged.due_on,
            "verdict": judged.found.verdict,
            "owed_by": judged.found.owed_by,
            "reason": judged.found.reason,
        }
        for judged in judge(session, plan_row, items, shanghai_date(now))
        if _seen(viewer, judged)
    ]


def shown(session: Session, viewer: Viewer, code: str, *, plan: str | None, now: datetime) -> dict[str, Any]:
    """One indicator with everything that its verdict rests on. A part's code shows its indicator."""
    plan_row = plan_named(session, plan)
    item, indicator = indicator_named(session, plan_row, code.partition(".")[0])
    [judged] = judge(session, plan_row, [item], shanghai_date(now))
    if not _seen(viewer, judged):
        raise WrongInput(f"{item.code} is none of your unit's indicators.")
    found = judged.found
    return {
        "indicator": item.code,
        "name": indicator.name,
        "place": indicator.source,
        "binding": indicator.binding,
        "printed_target": indicator.target,
        "scope": indicator.scope,
        "note": indicator.note,
        "on": shanghai_date(now),
        "due_on": judged.due_on,
        "verdict": found.verdict,
        "owed_by": found.owed_by,
        "reason": found.reason,
        "ripens_on": found.ripens_on,
        "units": [
            {"unit": unit.short, "role": owed.role, "state": owed.state, "due_on": owed.due_on}
            for owed, unit in judged.owing
        ],
        "linked_veto": _linked_veto(session, plan_row, indicator.linked_veto),
        "parts": _parts(judged, _surveys(session, judged)),
        "proposals": _proposals(session, plan_row, item),
    }


def _linked_veto(session: Session, plan: Plan, code: str | None) -> dict[str, Any] | None:
    """The veto item that speaks of the same event, and what stands of its lead units' declarations."""
    if code is None:
        return None
    title = next(veto.title for veto in document(session, plan).vetoes if veto.id == code)
    said = [one.as_json() for one in declarations(session, plan, [code])]
    return {"item": code, "title": title, "declarations": said}


def _seen(viewer: Viewer, judged: Judged) -> bool:
    return any(viewer.sees(owed.unit_id) for owed, _ in judged.owing)


def _surveys(session: Session, judged: Judged) -> dict[int, dict[str, Any]]:
    """Report → what is said of its figures, where they are known by a survey."""
    reports = {figure.report_id for given in judged.given.values() for _, figure in given}
    rows = session.exec(
        select(SurveyAnswer.report_id, Survey)
        .join(Survey, col(Survey.id) == SurveyAnswer.survey_id)
        .where(col(SurveyAnswer.report_id).in_(reports))
    )
    return {report_id: {"survey": {"number": row.id, "name": row.name}} for report_id, row in rows}


def _parts(judged: Judged, surveys: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    parts = []
    for part, outcome in zip(judged.target.parts, judged.found.parts, strict=True):
        known = judged.known[part.code]
        parts.append(
            {
                "code": part.code,
                "name": part.name,
                "unit": part.unit,
                "lead": [unit.short for owed, unit in judged.owing if unit.code in part.leads],
                "target": part.words,
                "branch": outcome.branch,
                "figures": [
                    {
                        "unit": unit.short,
                        "value": figure.value,
                        "period": figure.period,
                        **surveys.get(figure.report_id, {}),
                    }
                    for unit, figure in judged.given[part.code]
                ],
                "base": known.base
                and {
                    "value": f"{known.base.value:f}",
                    "period": known.base.period.text,
                    "source": known.base.source,
                },
                "assigned": known.assigned
                and {
                    "value": f"{known.assigned.value:f}",
                    "source": known.assigned.source,
                    "date": known.assigned.on,
                    "measure": known.assigned.measure,
                    "better": known.assigned.better,
                    "unit": known.assigned.unit,
                },
                "confirmed": [f"{figure:f}" for figure in known.confirmed],
                "verdict": outcome.verdict,
                "owed_by": outcome.owed_by,
                "reason": outcome.reason,
                "tests": [
                    {
                        "demand": test.demand,
                        "verdict": test.verdict,
                        "owed_by": test.owed_by,
                        "reason": test.reason,
                    }
                    for test in outcome.tests
                ],
            }
        )
    return parts


def _proposals(session: Session, plan: Plan, item: Item) -> list[dict[str, Any]]:
    rows = session.exec(
        select(Proposal, Unit)
        .join(Unit, col(Unit.id) == Proposal.unit_id)
        .where(Proposal.plan_id == plan.id, Proposal.item_id == item.id)
        .order_by(col(Unit.id), col(Proposal.n))
    )
    return [
        {
            "unit": unit.short,
            "due_on": row.due_on,
            "target": row.target,
            "source": row.source,
            "proposed_on": shanghai_date(row.at),
            "confirmed_on": row.confirmed_at and shanghai_date(row.confirmed_at),
            "declined_on": row.declined_at and shanghai_date(row.declined_at),
            "decision": row.decision,
            "reason": row.reason,
        }
        for row, unit in rows
    ]
