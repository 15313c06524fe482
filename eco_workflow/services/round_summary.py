"""The draft summary of a round, as reported and not reviewed (DOMAIN 3.5)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.funding import plainly
from eco_workflow.domain.overdue import DAYS_TO_RELEASE
from eco_workflow.services.declarations import occurred_in
from eco_workflow.services.find import successor_of
from eco_workflow.services.funding import Line, wanting
from eco_workflow.services.round_count import asked_in
from eco_workflow.services.writing import Writing
from eco_workflow.store.tables import Item, Plan, Report, Round, RoundSummary

LARGEST = 5
"""So many items of which money is short are named; all of them: eco funding list --short."""


def summary(session: Session, round_id: int, *, before: date | None = None) -> says.Summary:
    """What the units reported in a round, as of now; `before`: who was first asked before this day."""
    round_row = session.get_one(Round, round_id)
    rows = asked_in(session, [round_id], before=before).get(round_id, [])
    return says.Summary(
        round_on=round_row.on_date,
        units=tuple(
            says.UnitInRound(
                unit=one.unit.short,
                entries=len(one.entries),
                answered=one.entries_answered,
                on_time=all(entry.on_time for entry in one.entries),
                returned=sum(entry.state == "returned" for entry in one.entries),
                note=_blockers(session, round_id, one.request.unit_id),
            )
            for one in rows
            if not one.unreached and not one.gave_way
        ),
        unreached=tuple(one.unit.short for one in rows if one.unreached),
        replaced=tuple(one.unit.short for one in rows if one.gave_way and not one.merged),
        merged=tuple((one.unit.short, successor_of(session, one.unit).short) for one in rows if one.merged),
        occurred=tuple(
            f"{unit.short}{item.code} {title}" for unit, item, title in occurred_in(session, round_id)
        ),
        adhoc=round_row.kind == "adhoc",
        funding=_funding(session, round_row),
    )


def to_release(writing: Writing, round_id: int) -> says.Summary:
    """The same for the office, with the day by which it is released; none once it was.

    Who was first asked on the morning on which the run drafted it, or later, was not asked by then: so it
    says what the run decided, however far the delivery is.
    """
    drafted = writing.session.get_one(RoundSummary, round_id)
    said = summary(writing.session, round_id, before=drafted.drafted_on)
    if drafted.released_on is not None:
        return said
    return replace(said, release_by=writing.days.after(drafted.drafted_on, DAYS_TO_RELEASE))


def _funding(session: Session, round_row: Round) -> tuple[says.Wanting, ...]:
    """What is short and what was overspent as of now; an ad-hoc round is about what it asks alone."""
    if round_row.kind == "adhoc":
        return ()
    lines = wanting(session, session.get_one(Plan, round_row.plan_id))
    short = _summed(((line, Decimal(line.short)) for line in lines), overspent=False)
    return short + _summed(((line, Decimal(line.overspent)) for line in lines), overspent=True)


def _summed(lines: Iterable[tuple[Line, Decimal]], *, overspent: bool) -> tuple[says.Wanting, ...]:
    found = sorted((one for one in lines if one[1]), key=lambda one: one[1], reverse=True)
    if not found:
        return ()
    total = sum((amount for _, amount in found), Decimal(0))
    largest = tuple(f"{line.item}{line.unit}{plainly(amount)}万元" for line, amount in found[:LARGEST])
    return (says.Wanting(overspent, len(found), plainly(total), largest),)


def _blockers(session: Session, round_id: int, unit_id: int) -> str:
    """What stands in the way, by the answers that stand: what was taken back was not said."""
    rows = session.exec(
        select(Item.code, Report)
        .join(Item, col(Item.id) == Report.item_id)
        .where(Report.round_id == round_id, Report.unit_id == unit_id)
        .where(col(Report.action).in_(("submit", "recall")))
        .order_by(col(Report.id))
    )
    standing: dict[str, str] = {}
    for code, report in rows:
        standing[code] = report.blocker if report.action == "submit" else ""
    return "；".join(f"{code}：{blocker}" for code, blocker in standing.items() if blocker)
