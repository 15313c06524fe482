"""A year's working days, each with where it comes from."""

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from typing import Any

from chinese_calendar import constants
from sqlmodel import Session, select

from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of, published_in
from eco_workflow.store.tables import CalendarDay, CalendarYear, Plan

WEEKDAY, HELD = "weekday rule", "plan held"


@dataclass(frozen=True)
class ShownDay:
    """Whether offices and the plan work on a day, and why one knows."""

    day: date
    working: bool
    source: str
    """`published arrangement`, `weekday rule` or `plan held`."""
    name: str
    """The holiday, `make-up working day`, or empty."""


@dataclass(frozen=True)
class ShownYear:
    """A year; `provisional` where no arrangement of it is known."""

    year: int
    provisional: bool
    source: str
    known_until: date | None
    """The last day that is known without a gap from `today` on."""
    days: tuple[ShownDay, ...]

    @property
    def unusual(self) -> list[ShownDay]:
        """The days that are not what their weekday says, and those of holidays."""
        return [day for day in self.days if day.source != WEEKDAY]

    @property
    def by_month(self) -> list[int]:
        """Working days of January, February, …"""
        return [sum(day.working for day in self.days if day.day.month == month) for month in range(1, 13)]

    def as_json(self) -> dict[str, Any]:
        """Every day of the year."""
        return {**vars(self), "days": [vars(day) for day in self.days], "working_days": sum(self.by_month)}


def shown(session: Session, year: int, today: date, plan: Plan | None) -> ShownYear:
    """A year as runs count it; with the held days of a plan where one is given."""
    published = published_in(session)
    own = calendar_of(session, plan, published, today) if plan else published
    imported = session.get(CalendarYear, year)
    names = _names(session)
    first = date(year, 1, 1)
    count = (date(year + 1, 1, 1) - first).days
    days = tuple(_day(first + timedelta(days=n), own, names) for n in range(count))
    if imported is not None:
        source = imported.source
    elif year in published.known_years:
        source = f"chinesecalendar {version('chinesecalendar')}, which came with this program"
    else:
        source = "Monday to Friday, since no arrangement of it is known"
    return ShownYear(year, year not in published.known_years, source, published.known_until(today), days)


def _day(day: date, own: WorkingDays, names: dict[date, str]) -> ShownDay:
    if day in own.held:
        return ShownDay(day, False, HELD, "")
    if day in own.makeup or day in own.holidays:
        name = "make-up working day" if day in own.makeup else names.get(day, "")
        return ShownDay(day, day in own.makeup, "published arrangement", name)
    return ShownDay(day, own.is_working(day), WEEKDAY, "")


def _names(session: Session) -> dict[date, str]:
    rows = session.exec(select(CalendarDay)).all()
    return {**constants.holidays, **{row.day: row.name for row in rows}}
