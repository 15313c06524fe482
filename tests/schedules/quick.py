"""A timetable of every few seconds, on which each start is the next morning of March 2022.

The morning is told by the database: the first that has no run yet, or whose messages wait. So a start that
was killed is made good by the next one, as on a real day, and the month goes on.
"""

import os
from datetime import date, datetime, time, timedelta

from prefect import flow
from sqlmodel import col, select

from eco_workflow.domain.clock import instant
from eco_workflow.services.outbox import settle_unknown
from eco_workflow.services.people import console
from eco_workflow.settings import Settings, read_settings
from eco_workflow.store.tables import Message, Plan
from flows.dispatch import dispatch
from flows.wiring import open_checked, waiting_now
from schedules.timetable import Job

NINE = time(9)
FIRST = date(2022, 3, 14)
LAST = date.fromisoformat(os.environ.get("ECO_QUICK_LAST", "2022-03-18"))
QUICK = (Job("follow-up", "* * * * * */6", "tests.schedules.quick:next_morning", "a day every six seconds"),)


def morning(settings: Settings, last: date = LAST) -> datetime | None:
    """Nine o'clock on the day that is next; None once the last is done."""
    with open_checked(settings) as database, database.read() as session:
        ran_on = session.exec(select(col(Plan.last_run_on))).one()
    day = max(ran_on or FIRST, FIRST)
    at = instant(day, NINE)
    if ran_on is not None and not waiting_now(settings, at):
        day += timedelta(days=1)
        at = instant(day, NINE)
    return at if day <= last else None


@flow(name="follow-up")
async def next_morning() -> None:
    """The whole run of that morning."""
    settings = read_settings()
    if at := morning(settings):
        await dispatch(at, "schedule")
        settle(settings, at)


def settle(settings: Settings, at: datetime) -> int:
    """What a killed run left unknown, an operator found to have arrived; returns how many."""
    with open_checked(settings) as database:
        with database.read() as session:
            unknown = session.exec(select(col(Message.id)).where(Message.state == "unknown")).all()
        for number in unknown:
            settle_unknown(database, number or 0, sent=True, now=at, by=console("root@console"))
    return len(unknown)
