"""Which indicators have fallen after they were closed out, and are not mended yet (DOMAIN 7, M4.1)."""

from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.services.history import figures_in, speakers, standing_reports
from eco_workflow.store.tables import Notice, Obligation, Plan, Report


def fallen(session: Session, plan: Plan) -> dict[int, bool]:
    """Item id → whether the last figure that each unit gave since it fell is accepted, of one unit at least.

    Of every indicator that was opened again because it had become unmet (`reopen`), and that those who had
    closed it have not closed out again.
    """
    keys = session.exec(select(Notice.key).where(Notice.plan_id == plan.id, Notice.kind == "reopened"))
    fell: dict[int, date] = {}
    for key in keys:
        _, item, _, on = key.split(":")
        fell[int(item)] = max(fell.get(int(item), date.min), date.fromisoformat(on))
    found = {}
    for item_id, day in sorted(fell.items()):
        owing = session.exec(
            select(Obligation)
            .where(Obligation.plan_id == plan.id, Obligation.item_id == item_id)
            .where(col(Obligation.role).in_(("lead", "data_provider")))
            .where(Obligation.state != "not_applicable")
        ).all()
        wanted = [owed for owed in owing if owed.role == "lead"] or owing
        if not wanted or any(owed.state != "closed" for owed in wanted):
            found[item_id] = _renewed(session, item_id, {owed.unit_id for owed in owing}, day)
    return found


def _renewed(session: Session, item_id: int, units: set[int], fell_on: date) -> bool:
    """Whether the office accepted the last figure that each unit, or those before it, gave after the
    fall.
    """
    spoke = speakers(session, units, [item_id])
    givers = {unit for of in spoke.values() for unit in of}
    of_item = select(func.max(Report.id)).where(Report.item_id == item_id)
    fall = session.exec(of_item.where(Report.action == "reopen")).one()
    said = [
        report
        for reports in standing_reports(session, givers, [item_id]).values()
        for report in reports
        # What no round had asked about has no row of its fall: there its day decides.
        if ((report.id or 0) > fall if fall else shanghai_date(report.at) > fell_on)
    ]
    with_figure = {figure.report_id for figure in figures_in(session, said)}
    given = sorted((report for report in said if report.id in with_figure), key=lambda one: one.id or 0)
    last = [[one for one in given if one.unit_id in of][-1:] for of in spoke.values()]
    accepted = session.exec(select(Report).where(Report.item_id == item_id, Report.action == "accept")).all()
    return bool(given) and all(
        any(
            (one.round_id, one.unit_id) == (report.round_id, report.unit_id)
            and (one.id or 0) > (report.id or 0)
            for one in accepted
        )
        for reports in last
        for report in reports
    )
