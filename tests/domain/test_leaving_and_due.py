"""When the requests of two years leave and when their answers are due, written out (DOMAIN 3.2)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from eco_workflow.domain.rounds import due_at, may_leave
from eco_workflow.services.calendar import published_calendar
from tests.domain.arrangement import HOLIDAYS, ONE_DAY, days, works

DAYS = published_calendar()
HALF_PAST_FIVE = time(17, 30)

# Printed · leaves · due; then, where it differs, leaves · due of a plan that waits for a working day.
TABLE = """
2022-01-14  2022-01-14  2022-01-18
2022-01-28  2022-01-28  2022-01-30  # Friday; the weekend after it is made up for Spring Festival
2022-02-14  2022-02-14  2022-02-16
2022-02-28  2022-02-28  2022-03-02
2022-03-14  2022-03-14  2022-03-16
2022-03-28  2022-03-28  2022-03-30
2022-04-14  2022-04-14  2022-04-18
2022-04-28  2022-04-28  2022-05-05  # Friday, then Labour Day
2022-05-14  2022-05-14  2022-05-17  2022-05-16  2022-05-18  # Saturday
2022-05-28  2022-05-28  2022-05-31  2022-05-30  2022-06-01  # Saturday
2022-06-14  2022-06-14  2022-06-16
2022-06-28  2022-06-28  2022-06-30
2022-07-14  2022-07-14  2022-07-18
2022-07-28  2022-07-28  2022-08-01
2022-08-14  2022-08-14  2022-08-16  2022-08-15  2022-08-17  # Sunday
2022-08-28  2022-08-28  2022-08-30  2022-08-29  2022-08-31  # Sunday
2022-09-14  2022-09-14  2022-09-16
2022-09-28  2022-09-28  2022-09-30
2022-10-14  2022-10-14  2022-10-18
2022-10-28  2022-10-28  2022-11-01
2022-11-14  2022-11-14  2022-11-16
2022-11-28  2022-11-28  2022-11-30
2022-12-14  2022-12-14  2022-12-16
2022-12-28  2022-12-28  2022-12-30
2023-01-14  2023-01-14  2023-01-17  2023-01-16  2023-01-18  # Saturday
2023-01-28  2023-01-28  2023-01-30  # a Saturday made up for Spring Festival, and so is the Sunday
2023-02-14  2023-02-14  2023-02-16
2023-02-28  2023-02-28  2023-03-02
2023-03-14  2023-03-14  2023-03-16
2023-03-28  2023-03-28  2023-03-30
2023-04-14  2023-04-14  2023-04-18
2023-04-28  2023-04-28  2023-05-05  # Friday before Labour Day
2023-05-14  2023-05-14  2023-05-16  2023-05-15  2023-05-17  # Sunday
2023-05-28  2023-05-28  2023-05-30  2023-05-29  2023-05-31  # Sunday
2023-06-14  2023-06-14  2023-06-16
2023-06-28  2023-06-28  2023-06-30
2023-07-14  2023-07-14  2023-07-18
2023-07-28  2023-07-28  2023-08-01
2023-08-14  2023-08-14  2023-08-16
2023-08-28  2023-08-28  2023-08-30
2023-09-14  2023-09-14  2023-09-18
2023-09-28  2023-09-28  2023-10-08  # Thursday before National Day; due on a Sunday that is made up
2023-10-14  2023-10-14  2023-10-17  2023-10-16  2023-10-18  # Saturday
2023-10-28  2023-10-28  2023-10-31  2023-10-30  2023-11-01  # Saturday
2023-11-14  2023-11-14  2023-11-16
2023-11-28  2023-11-28  2023-11-30
2023-12-14  2023-12-14  2023-12-18
2023-12-28  2023-12-28  2024-01-02  # across New Year

2022-01-03  2022-01-04  2022-01-06  # New Year
2022-02-03  2022-02-07  2022-02-09  # Spring Festival
2022-03-03  2022-03-03  2022-03-07
2022-04-03  2022-04-06  2022-04-08  # Qingming
2022-05-03  2022-05-05  2022-05-07  # Labour Day; due on a Saturday that is made up
2022-06-03  2022-06-06  2022-06-08  # Dragon Boat
2022-07-03  2022-07-03  2022-07-05  2022-07-04  2022-07-06  # Sunday
2022-08-03  2022-08-03  2022-08-05
2022-09-03  2022-09-03  2022-09-06  2022-09-05  2022-09-07  # Saturday
2022-10-03  2022-10-08  2022-10-10  # National Day; leaves on a Saturday that is made up
2022-11-03  2022-11-03  2022-11-07
2022-12-03  2022-12-03  2022-12-06  2022-12-05  2022-12-07  # Saturday
2023-01-03  2023-01-03  2023-01-05
2023-02-03  2023-02-03  2023-02-07
2023-03-03  2023-03-03  2023-03-07
2023-04-03  2023-04-03  2023-04-06  # Qingming between
2023-05-03  2023-05-04  2023-05-06  # Labour Day; due on a Saturday that is made up
2023-06-03  2023-06-03  2023-06-06  2023-06-05  2023-06-07  # Saturday
2023-07-03  2023-07-03  2023-07-05
2023-08-03  2023-08-03  2023-08-07
2023-09-03  2023-09-03  2023-09-05  2023-09-04  2023-09-06  # Sunday
2023-10-03  2023-10-07  2023-10-09  # National Day; leaves on a Saturday that is made up
2023-11-03  2023-11-03  2023-11-07
2023-12-03  2023-12-03  2023-12-05  2023-12-04  2023-12-06  # Sunday
"""
LINES = [line.partition("#")[0].split() for line in TABLE.splitlines() if line]
ROWS = [[date.fromisoformat(cell) for cell in line] for line in LINES]
CASES = [
    (row[0], waits, *((row[-2], row[-1]) if waits else (row[1], row[2])))
    for row in ROWS
    for waits in (False, True)
]


def first_day_of_leaving(printed: date, *, waits: bool) -> date:
    """What a run on every day from ten days before would find."""
    day = printed - timedelta(days=10)
    while not may_leave(printed, day, DAYS, wait_for_working_day=waits):
        day += ONE_DAY
    return day


def test_the_table_holds_every_3rd_14th_and_28th_of_two_years() -> None:
    """And it has no slip of the pen: what it says keeps to the rule, counted along the printed holidays."""
    assert sorted(row[0] for row in ROWS) == [
        day for day in days("2022-01-01", "2023-12-31") if day.day in (3, 14, 28)
    ]
    for printed, waits, leaves, due in CASES:
        wanted = works if waits or printed in HOLIDAYS else (lambda _: True)
        assert [day for day in days(printed, leaves) if wanted(day)] == [leaves], printed
        assert works(due), printed
        assert [works(day) for day in days(leaves + ONE_DAY, due)].count(True) == 2, printed


@pytest.mark.parametrize(("printed", "waits", "leaves", "due"), CASES)
def test_a_request_leaves_and_is_due_as_the_table_says(
    printed: date, waits: bool, leaves: date, due: date
) -> None:
    """Half past five in Shanghai is 09:30 UTC."""
    assert first_day_of_leaving(printed, waits=waits) == leaves
    assert due_at(leaves, DAYS, answer_days=2, answer_time=HALF_PAST_FIVE) == datetime(
        due.year, due.month, due.day, 9, 30, tzinfo=UTC
    )


@pytest.mark.parametrize("waits", [False, True])
def test_a_missed_round_leaves_later_by_the_same_rules(waits: bool) -> None:
    """For a round printed on any day of two years and a run on any of the thirty days around it.

    Never early, never on a public holiday; on a weekend only what neither was printed for a public holiday
    nor belongs to a plan that waits.
    """
    for printed in days("2022-01-01", "2023-11-30"):
        for today in days(printed - timedelta(days=3), printed + timedelta(days=26)):
            expected = today >= printed and today not in HOLIDAYS
            if not works(today) and (waits or printed in HOLIDAYS):
                expected = False
            found = may_leave(printed, today, DAYS, wait_for_working_day=waits)
            assert found is expected, (printed, today)


@pytest.mark.parametrize("answer_days", [1, 2, 5])
def test_answers_are_due_so_many_working_days_after_any_day_of_sending(answer_days: int) -> None:
    """Weekends and holidays too: a request that was stuck may be sent on any day."""
    for sent in days("2022-01-01", "2023-12-31"):
        day, left = sent, answer_days
        while left:
            day += ONE_DAY
            left -= works(day)
        found = due_at(sent, DAYS, answer_days=answer_days, answer_time=HALF_PAST_FIVE)
        assert found == datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC), sent


def test_an_answer_due_early_in_the_morning_is_due_on_that_days_wall() -> None:
    """07:00 in Shanghai is still the day before in UTC; counting goes by the office's wall."""
    found = due_at(date(2022, 9, 30), DAYS, answer_days=1, answer_time=time(7, 0))
    assert found == datetime(2022, 10, 7, 23, 0, tzinfo=UTC)
