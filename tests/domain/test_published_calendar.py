"""The calendar that is handed to the domain is the published one."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from eco_workflow.services.calendar import published_calendar
from tests.domain.arrangement import HOLIDAYS, MADE_UP, days

DAYS = published_calendar()


@pytest.mark.parametrize("year", range(2004, 2027))
def test_every_published_day_is_as_the_library_itself_judges_it(year: int) -> None:
    """Its predicates are the oracle: what is a working day, and what belongs to a named holiday."""
    for day in days(date(year, 1, 1), date(year, 12, 31)):
        closed, name = chinese_calendar.get_holiday_detail(day)
        assert DAYS.is_working(day) is chinese_calendar.is_workday(day), day
        assert DAYS.is_public_holiday(day) is bool(closed and name), day
        assert not DAYS.is_provisional(day), day


def test_2022_and_2023_are_as_the_notices_print_them() -> None:
    """Copied out by hand, so that an error of the library would show."""
    span = days("2022-01-01", "2023-12-31")
    ordinary = {day for day in span if day.strftime("%a") not in ("Sat", "Sun")}
    working = {day for day in span if DAYS.is_working(day)}
    assert working - ordinary == MADE_UP
    assert ordinary - working == ordinary & HOLIDAYS
    assert {day for day in span if DAYS.is_public_holiday(day)} == HOLIDAYS - {date(2024, 1, 1)}


@pytest.mark.parametrize("year", [*range(1999, 2041), 2199])
def test_a_day_is_provisional_exactly_where_nothing_is_published(year: int) -> None:
    """The library refuses such a day; the calendar says that it guesses."""
    for day in (date(year, 1, 1), date(year, 7, 1), date(year, 12, 31)):
        try:
            chinese_calendar.is_workday(day)
            published = True
        except NotImplementedError:
            published = False
        assert DAYS.is_provisional(day) is not published, day


@pytest.mark.parametrize("first", [date(2003, 12, 25), date(2003, 4, 28), date(2199, 9, 28)])
def test_outside_the_published_years_monday_to_friday_are_worked(first: date) -> None:
    """No holiday is guessed, and no make-up day."""
    for day in days(first, min(first + timedelta(days=13), date(first.year, 12, 31))):
        assert DAYS.is_working(day) is (day.strftime("%a") not in ("Sat", "Sun")), day
        assert not DAYS.is_public_holiday(day), day
