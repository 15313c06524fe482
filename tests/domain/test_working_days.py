"""Working days of the People's Republic, make-up days included."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import published_calendar

DAYS: WorkingDays = published_calendar()
some_day = st.dates(date(2022, 1, 1), date(2023, 12, 31))
steady = settings(deadline=None, derandomize=True, database=None, max_examples=200)


@pytest.mark.parametrize(
    ("day", "working", "holiday"),
    [
        ("2022-04-02", True, False),  # a Saturday made up for Qingming
        ("2022-04-03", False, True),
        ("2022-04-05", False, True),
        ("2022-04-06", True, False),
        ("2022-04-24", True, False),  # a Sunday made up for Labour Day
        ("2022-05-02", False, True),
        ("2022-05-03", False, True),
        ("2022-05-04", False, True),
        ("2022-05-05", True, False),
        ("2022-05-07", True, False),  # a Saturday made up for Labour Day
        ("2022-05-14", False, False),  # an ordinary Saturday is no public holiday
        ("2022-06-03", False, True),
        ("2022-06-06", True, False),
    ],
)
def test_the_year_2022_is_as_the_state_council_arranged_it(day: str, working: bool, holiday: bool) -> None:
    """Holidays, make-up days and ordinary weekends are three different things."""
    found = date.fromisoformat(day)
    assert DAYS.is_working(found) is working
    assert DAYS.is_public_holiday(found) is holiday


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2022-03-14", 2, "2022-03-16"),
        ("2022-03-18", 1, "2022-03-21"),
        ("2022-04-01", 1, "2022-04-02"),
        ("2022-04-28", 3, "2022-05-06"),
        ("2022-04-30", 1, "2022-05-05"),
        ("2022-05-06", 1, "2022-05-07"),
    ],
)
def test_the_nth_working_day_after_a_day_skips_holidays_and_counts_made_up_ones(
    day: str, count: int, expected: str
) -> None:
    """The day itself never counts."""
    assert DAYS.after(date.fromisoformat(day), count) == date.fromisoformat(expected)


@steady
@given(some_day, st.integers(1, 12))
def test_after_and_waited_agree(day: date, count: int) -> None:
    """On the n-th working day after a day n have been waited, on the day before that fewer."""
    found = DAYS.after(day, count)
    assert DAYS.is_working(found)
    assert DAYS.waited(day, found) == count
    assert DAYS.waited(day, found - timedelta(days=1)) == count - 1


@steady
@given(some_day, some_day, st.integers(0, 12))
def test_the_cut_off_and_waited_agree(day: date, today: date, count: int) -> None:
    """Whatever lies on or before the cut-off has waited long enough, and nothing else has."""
    if day <= today:
        assert (day <= DAYS.cut_off(today, count)) == (DAYS.waited(day, today) >= count)


@steady
@given(some_day)
def test_on_or_after_is_the_day_itself_or_the_first_one_after(day: date) -> None:
    """Nothing is moved that need not be."""
    expected = day if DAYS.is_working(day) else DAYS.after(day, 1)
    assert DAYS.on_or_after(day) == expected


@steady
@given(some_day, st.integers(0, 30))
def test_nothing_has_waited_when_today_is_not_later(day: date, earlier: int) -> None:
    """A clock that goes back counts no days."""
    assert DAYS.waited(day, day - timedelta(days=earlier)) == 0


def test_a_year_whose_arrangement_is_unknown_is_provisional() -> None:
    """Monday to Friday is a guess there, and says so."""
    assert not DAYS.is_provisional(date(2022, 5, 2))
    assert DAYS.is_provisional(date(2199, 5, 2))
