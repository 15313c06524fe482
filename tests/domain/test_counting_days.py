"""Working days counted by the calendar, against walking from day to day (DOMAIN 2, Time; 5)."""

from datetime import date, timedelta

import pytest

from eco_workflow.services.calendar import published_calendar
from tests.domain.arrangement import ONE_DAY, days, working_days_between, works

DAYS = published_calendar()

WINDOWS = {
    "Spring Festival 2022, two make-up days before it": ("2022-01-20", "2022-02-12"),
    "Qingming and Labour Day 2022, make-up days on both sides": ("2022-03-30", "2022-05-12"),
    "National Day 2022, two make-up days after it": ("2022-09-25", "2022-10-17"),
    "the turn of 2022 and Spring Festival 2023": ("2022-12-22", "2023-02-04"),
    "National Day 2023, the longest holiday": ("2023-09-22", "2023-10-14"),
    "the turn of 2023, a holiday across it": ("2023-12-22", "2024-01-08"),
    "Spring Festival 2024, a make-up Sunday on both sides": ("2024-02-01", "2024-02-25"),
}
SPAN = 14
"""Working days up to which counts are tried: the longest window's holiday and more lie within."""

windows = pytest.mark.parametrize("window", [pytest.param(dates, id=name) for name, dates in WINDOWS.items()])


@windows
def test_waited_counts_the_working_days_after_a_day_today_included(window: tuple[str, str]) -> None:
    """All pairs of days, those where today is not later too."""
    pairs = [(day, today) for day in days(*window) for today in days(*window)]
    wrong = [
        (day, today, DAYS.waited(day, today))
        for day, today in pairs
        if DAYS.waited(day, today) != working_days_between(day, today)
    ]
    assert wrong == []


@windows
def test_the_nth_working_day_after_a_day_is_met_by_walking(window: tuple[str, str]) -> None:
    """The start never counts, working or not."""
    for start in days(*window):
        day = start
        for count in range(1, SPAN + 1):
            day += ONE_DAY
            while not works(day):
                day += ONE_DAY
            assert DAYS.after(start, count) == day, (start, count)


@windows
def test_the_day_itself_or_the_next_working_day_is_met_by_walking(window: tuple[str, str]) -> None:
    """A working day stays where it is."""
    for start in days(*window):
        day = start
        while not works(day):
            day += ONE_DAY
        assert DAYS.on_or_after(start) == day, start


@windows
def test_the_cut_off_is_the_latest_day_that_has_waited_long_enough(window: tuple[str, str]) -> None:
    """Tried backwards from today until enough working days lie behind."""
    for today in days(*window):
        day = today
        for count in range(SPAN + 1):
            while working_days_between(day, today) < count:
                day -= ONE_DAY
            assert DAYS.cut_off(today, count) == day, (today, count)


@pytest.mark.parametrize(
    ("today", "count", "cut_off"),
    [
        ("2022-10-08", 0, "2022-10-08"),
        ("2022-10-08", 1, "2022-10-07"),  # a make-up Saturday counts: sent in the holiday, one day waited
        ("2022-10-08", 2, "2022-09-29"),
        ("2022-10-05", 1, "2022-09-29"),  # nothing has come since the 30th, which is behind
        ("2022-10-05", 0, "2022-10-05"),
        ("2022-10-10", 3, "2022-10-07"),
        ("2022-10-10", 4, "2022-09-29"),
        ("2023-01-03", 1, "2023-01-02"),
        ("2023-01-03", 2, "2022-12-29"),
        ("2023-01-28", 2, "2023-01-19"),
    ],
)
def test_the_cut_off_written_out(today: str, count: int, cut_off: str) -> None:
    """By hand, around holidays."""
    assert DAYS.cut_off(date.fromisoformat(today), count) == date.fromisoformat(cut_off)


def test_over_five_years_every_working_day_is_counted_once() -> None:
    """Long spans too: from one New Year to another."""
    first, last = date(2020, 1, 1), date(2025, 1, 1)
    total = working_days_between(first, last)
    assert total > 1200
    assert DAYS.waited(first, last) == total
    assert DAYS.waited(first - timedelta(days=1), last) == total  # New Year's Day is no working day
    assert DAYS.after(first, total) == date(2024, 12, 31)
