"""The published calendar of the People's Republic, and what a plan's holds take out of it (DOMAIN 3.8)."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache

from chinese_calendar import constants
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import instant, shanghai_date
from eco_workflow.domain.working_days import ONE_DAY, WorkingDays
from eco_workflow.store.decide.unclaimed import HOLDS, HOLDS_OF_PLAN
from eco_workflow.store.session import Database
from eco_workflow.store.tables import CalendarDay, CalendarYear, Hold, Plan


@cache
def published_calendar() -> WorkingDays:
    """Working days of the years that came with this program; other years follow Monday to Friday.

    Whatever has a database asks `published_in`, which knows the years imported since.
    """
    return WorkingDays(
        holidays=frozenset(constants.holidays),
        makeup=frozenset(constants.workdays),
        known_years=frozenset(day.year for day in constants.holidays),
    )


_YEARS = select(CalendarYear.year)
_DAYS = select(col(CalendarDay.day), col(CalendarDay.kind))


def published_in(session: Session) -> WorkingDays:
    """The published calendar as this installation knows it: what came with the program, and what was
    imported, which stands for its year instead.
    """
    packaged = published_calendar()
    years = frozenset(session.exec(_YEARS))
    if not years:
        return packaged
    days = session.exec(_DAYS).all()
    return WorkingDays(
        holidays=_outside(constants.holidays, years) | {day for day, kind in days if kind == "holiday"},
        makeup=_outside(constants.workdays, years) | {day for day, kind in days if kind == "makeup"},
        known_years=packaged.known_years | years,
    )


def published_for(database: Database) -> WorkingDays:
    """`published_in` for who has no session of the database open."""
    with database.read() as session:
        return published_in(session)


def _outside(days: Mapping[date, str], years: Collection[int]) -> frozenset[date]:
    """Without the arrangements of these years; New Year's days of a December belong to the year after."""
    return frozenset(day for day, name in days.items() if arranged_in(day, name) not in years)


def arranged_in(day: date, name: str) -> int:
    """The year whose arrangement names a day of that holiday."""
    of_next = day.month == 12 and name == constants.Holiday.new_years_day.value
    return day.year + 1 if of_next else day.year


def held_days(session: Session, today: date, plan_id: int | None = None) -> dict[int, frozenset[date]]:
    """Plan id → the days on which it was held, for those that ever were; of all plans, or of one.

    The day on which a hold began is held, the day on which the plan went on is not. A hold that lasts
    counts up to today.
    """
    held: dict[int, frozenset[date]] = {}
    query = HOLDS if plan_id is None else HOLDS_OF_PLAN
    for of_plan, since, until in session.connection().execute(query, {"plan": plan_id} if plan_id else {}):
        ended = until or today + ONE_DAY
        if days := frozenset(since + timedelta(days=n) for n in range((ended - since).days)):
            held[of_plan] = held.get(of_plan, frozenset()) | days
    return held


def calendar_of(session: Session, plan: Plan, published: WorkingDays, today: date) -> WorkingDays:
    """The plan's own calendar: whatever counts days for one of its people counts in this one."""
    assert plan.id is not None
    return published.less(held_days(session, today, plan.id).get(plan.id, frozenset()))


def clock_day(plan: Plan, now: datetime) -> date:
    """The day to which the plan's clocks have run: after its end none does (DOMAIN 2, time)."""
    return min(shanghai_date(now), plan.ends_on)


def ended_on(plan: Plan, now: datetime) -> date | None:
    """The plan's last day, for who looks at it later; None until then."""
    return plan.ends_on if shanghai_date(now) > plan.ends_on else None


def report_clock(session: Session, plan_id: int, now: datetime) -> datetime:
    """The instant to which the plan's report clock has run: it stands still while the plan is held, and
    from its end on.
    """
    plan = session.get_one(Plan, plan_id)
    now = min(now, instant(plan.ends_on + ONE_DAY, time()))
    if plan.held_since is None:
        return now
    return min(now, session.get_one(Hold, (plan_id, plan.held_since)).began_at)
