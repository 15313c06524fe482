"""The timetable of the long soak: `quick`, on a plan of years, with units that answer."""

import asyncio
from datetime import date, datetime, timedelta

from prefect import flow
from sqlmodel import col, select

from eco_workflow.domain.clock import instant, shanghai_date
from eco_workflow.domain.working_days import ONE_DAY
from eco_workflow.settings import Settings, read_settings
from eco_workflow.store.tables import Plan, Request, Unit
from flows.dispatch import dispatch
from flows.wiring import Order, deliver_batch, open_checked, run_directly, waiting_now
from schedules.timetable import Job
from tests.office import Office
from tests.schedules import quick

LAST = date(2026, 12, 31)
# Started more often than it ends, it would keep the server busy with runs that are late.
STORMY = (Job("follow-up", "* * * * * */6", "tests.soak.stormy:next_morning", "a day every six seconds"),)


@flow(name="follow-up")
async def next_morning() -> None:
    """The answers that came since, then the whole run of that morning."""
    settings = read_settings()
    if at := quick.morning(settings, LAST):
        await asyncio.to_thread(answer, settings, at)
        await dispatch(at, "schedule")
        quick.settle(settings, at)


def answer(settings: Settings, at: datetime) -> None:
    """Every third unit never answers, one the day after it was asked, one six days after.

    It depends on what is on record alone: a start that was killed in the middle goes on where it was.
    """
    office = Office(settings.database, settings.home)
    today = shanghai_date(at)
    with office.database.read() as session:
        owing = session.exec(
            select(Unit.code, Request)
            .join(Request, col(Request.unit_id) == Unit.id)
            .where(Request.state == "awaiting", col(Request.sent_at).is_not(None))
            .order_by(Unit.code, col(Request.round_id))
        ).all()
    for unit, request in owing:
        days = {1: 1, 2: 6}.get(int(unit[1:]) % 3)
        if days and request.asked_on and request.asked_on + timedelta(days=days) <= today:
            office.answer(unit, str(today), "08:00")
    office.database.dispose()


def end_of_day(settings: Settings, at: datetime) -> int:
    """Without an engine: delivers what waits, and settles what is in doubt; returns how many were."""
    doubtful = 0
    while True:
        deliver_batch(settings, at)
        doubtful += quick.settle(settings, at)
        if not waiting_now(settings, at):
            return doubtful


def whole(settings: Settings) -> date:
    """Without an engine: ends the day of the last run and does one morning more, whose answers may be on
    record already where the storm ended before their run. Returns its day.
    """
    with open_checked(settings) as database, database.read() as session:
        last = session.exec(select(col(Plan.last_run_on))).one()
    if last is None:
        raise RuntimeError("no morning was run at all")
    end_of_day(settings, instant(last, quick.NINE))
    day = last + ONE_DAY
    calm(settings, day)
    return day


def calm(settings: Settings, last: date) -> None:
    """The same mornings one after the other, without an engine and without a fault."""
    while at := quick.morning(settings, last):
        answer(settings, at)
        run_directly(settings, Order(now=at, actor="schedule"))
        end_of_day(settings, at)
