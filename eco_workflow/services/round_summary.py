"""The draft summary of a round, as reported and not reviewed (DOMAIN 3.5)."""

from collections.abc import Iterable
from decimal import Decimal

from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.answers import ANSWERED
from eco_workflow.domain.funding import plainly
from eco_workflow.services.declarations import occurred_in
from eco_workflow.services.funding import Line, wanting
from eco_workflow.services.report_case import counted, let_pass
from eco_workflow.store.tables import Entry, Item, Plan, Report, Request, Round, Unit

LARGEST = 5
"""So many items of which money is short are named; all of them: eco funding list --short."""


def summary(session: Session, round_id: int) -> says.Summary:
    """What the units reported in a round, as of now."""
    round_row = session.get_one(Round, round_id)
    rows = session.exec(
        select(Request, Unit)
        .join(Unit, col(Unit.id) == Request.unit_id)
        .where(Request.round_id == round_id)
        .order_by(col(Unit.id))
    ).all()
    entries: dict[int, list[Entry]] = {}
    for entry in session.exec(select(Entry).where(Entry.round_id == round_id)):
        entries.setdefault(entry.unit_id, []).append(entry)
    for request, _ in rows:
        entries[request.unit_id] = counted(entries.get(request.unit_id, []), request)
    reached = [(request, unit) for request, unit in rows if request.sent_at or request.state == "answered"]
    passed = let_pass(session, [round_id])
    # A newer request took its place before it was due: the unit is asked, and answers, there.
    replaced = [
        row for row in reached if row[0].state == "superseded" and (round_id, row[0].unit_id) not in passed
    ]
    return says.Summary(
        round_on=round_row.on_date,
        units=tuple(
            says.UnitInRound(
                unit=unit.short,
                entries=len(entries[request.unit_id]),
                answered=sum(e.state in ANSWERED for e in entries[request.unit_id]),
                on_time=all(e.on_time for e in entries[request.unit_id]),
                returned=sum(e.state == "returned" for e in entries[request.unit_id]),
                note=_blockers(session, round_id, request.unit_id),
            )
            for request, unit in reached
            if (request, unit) not in replaced
        ),
        unreached=tuple(unit.short for request, unit in rows if (request, unit) not in reached),
        replaced=tuple(unit.short for _, unit in replaced),
        occurred=tuple(
            f"{unit.short}{item.code} {title}" for unit, item, title in occurred_in(session, round_id)
        ),
        adhoc=round_row.kind == "adhoc",
        funding=_funding(session, round_row),
    )


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
