"""Of which period the figures are that stand, and whether they were accepted (DOMAIN 7, M4.2)."""

from itertools import chain

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.current_figures import Aged, Asked, Dated
from eco_workflow.domain.periods import read_period
from eco_workflow.domain.targets import Part
from eco_workflow.plans import schema
from eco_workflow.plans.demands import target_of
from eco_workflow.services.find import document, target_for
from eco_workflow.services.history import Key, figures_in, speakers, standing_reports
from eco_workflow.store.tables import Entry, Figure, Item, Obligation, Plan, Report, Unit

Owing = list[tuple[Obligation, Unit]]


def figure_ages(session: Session, plan: Plan) -> list[Aged]:
    """Every indicator of the document in force that some unit owes figures of."""
    owing = _owing(session, plan)
    units = {owed.unit_id for of_item in owing.values() for owed, _ in of_item}
    items = {owed.item_id for of_item in owing.values() for owed, _ in of_item}
    spoke = speakers(session, units, items)
    givers = {unit for of in spoke.values() for unit in of}
    said = standing_reports(session, givers, items)
    reports = {report.id: report for report in chain.from_iterable(said.values())}
    accepted = _accepted(session, givers, items)
    by_giver: dict[Key, list[tuple[Figure, Dated]]] = {}
    for figure in figures_in(session, reports.values()):
        report = reports[figure.report_id]
        key = report.unit_id, report.item_id
        is_accepted = (report.round_id, *key) in accepted
        by_giver.setdefault(key, []).append((figure, _dated(figure, report, accepted=is_accepted)))
    given = {
        (unit, item): [one for giver in of for one in by_giver.get((giver, item), [])]
        for (unit, item), of in spoke.items()
    }
    return [
        _aged(session, indicator, owing[indicator.id], given)
        for indicator in document(session, plan).indicators
        if indicator.id in owing
    ]


def _owing(session: Session, plan: Plan) -> dict[str, Owing]:
    """Who is asked for the figures of an indicator, by its code."""
    found: dict[str, Owing] = {}
    rows = session.exec(
        select(Obligation, Unit, Item.code)
        .join(Unit, col(Unit.id) == Obligation.unit_id)
        .join(Item, col(Item.id) == Obligation.item_id)
        .where(Obligation.plan_id == plan.id, Item.kind == "indicator")
        .where(col(Obligation.role).in_(("lead", "data_provider")), Obligation.state != "not_applicable")
        .order_by(col(Unit.id))
    )
    for owed, unit, code in rows:
        found.setdefault(code, []).append((owed, unit))
    return found


def _accepted(session: Session, units: set[int], items: set[int]) -> set[tuple[int, int, int]]:
    """Entries whose answer was accepted. A newer figure of what is closed out stands beside such an answer,
    and nobody reviews it again.
    """
    rows = session.exec(
        select(Entry.round_id, Entry.unit_id, Entry.item_id)
        .where(col(Entry.unit_id).in_(units), col(Entry.item_id).in_(items))
        .where(Entry.state == "accepted")
    )
    return set(rows.all())


def _dated(figure: Figure, report: Report, *, accepted: bool) -> Dated:
    period = read_period(figure.period)
    if period is None:
        year = shanghai_date(report.at).year
        return Dated(str(year), year, accepted)
    return Dated(period.text, period.last.year, accepted)


def _aged(
    session: Session,
    indicator: schema.Indicator,
    owing: Owing,
    given: dict[Key, list[tuple[Figure, Dated]]],
) -> Aged:
    target = target_of(indicator)
    stands: dict[tuple[str, str], list[Dated]] = {}
    for owed, _ in owing:
        # Neither a part of an older version of the plan, nor one that another unit leads by now.
        mine = {part.code for part in target_for(session, indicator, owed).parts}
        for figure, dated in given.get((owed.unit_id, owed.item_id), []):
            if figure.code in mine:
                stands.setdefault((figure.code, figure.kind), []).append(dated)
    leads = [unit.short for owed, unit in owing if owed.role == "lead"]
    return Aged(
        code=indicator.id,
        name=indicator.name,
        units=tuple(leads or [unit.short for _, unit in owing]),
        asked=tuple(
            Asked(part.code if target.has_parts else "", tuple(stands.get((part.code, kind), ())))
            for part in target.parts
            for kind in _kinds(part)
        ),
    )


def _kinds(part: Part) -> list[str]:
    wants = {"number": part.takes_number, "statement": part.takes_statement}
    return [kind for kind, is_asked in wants.items() if is_asked]
