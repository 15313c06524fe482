"""On how many working days an item rested while it was late: then no clock ran (DOMAIN 5)."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, select

from eco_workflow.domain.due import ONE_DAY, rested
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.store.tables import Suspension

Key = tuple[int, int]
"""Unit and item."""


def pauses(session: Session, plan_id: int, key: Key | None = None) -> dict[Key, list[Suspension]]:
    """The suspensions in force and past, of one unit's item or of the whole plan, oldest first."""
    query = select(Suspension).where(
        Suspension.plan_id == plan_id,
        Suspension.state == "suspended",
        col(Suspension.confirmed_on).is_not(None),
    )
    if key is not None:
        query = query.where(Suspension.unit_id == key[0], Suspension.item_id == key[1])
    found: dict[Key, list[Suspension]] = {}
    for row in session.exec(query.order_by(col(Suspension.id))):
        found.setdefault((row.unit_id, row.item_id), []).append(row)
    return found


def days_rested(
    paused: Iterable[Suspension],
    since: date,
    today: date,
    days: WorkingDays,
    *,
    closed_on: date | None = None,
) -> int:
    """Working days after `since`, up to and including `today`, on which these suspensions paused the item.

    `closed_on`: when the case closed that is looked at. What left the unit paused the cases that had closed
    by then, not what it took over since; what came to the unit is the other way round.
    """
    return sum(
        rested(max(pause.confirmed_on, since + ONE_DAY), min(_until(pause), today + ONE_DAY), days)
        for pause in paused
        if pause.confirmed_on is not None
        if pause.left_on is None or (closed_on is not None and closed_on <= pause.left_on)
        if pause.came_on is None or closed_on is None or closed_on > pause.came_on
    )


def _until(pause: Suspension) -> date:
    """The first day that is no rest. What left the unit while it rested did so on that day still."""
    if pause.ended_on is None:
        return date.max
    return pause.ended_on + ONE_DAY if pause.ended_on == pause.left_on else pause.ended_on
