"""What moves the day from which an item is late."""

from datetime import date

import pytest

from eco_workflow.domain.due import late_from, put_off, rested, waits_from
from eco_workflow.services.calendar import published_calendar

DAYS = published_calendar()
MAY_31 = date(2022, 5, 31)


@pytest.mark.parametrize(
    ("decided", "late"),
    [
        ("2022-05-20", "2022-06-01"),  # before the due date nothing changes
        ("2022-05-31", "2022-06-01"),  # nor on it: it has not passed
        ("2022-06-01", "2022-06-06"),  # Thursday the 2nd remains; 3 June is the Dragon Boat holiday
        ("2022-06-02", "2022-06-07"),  # over holiday and weekend Monday the 6th remains
        ("2022-06-03", "2022-06-07"),  # decided on the holiday itself
        ("2022-06-08", "2022-06-10"),
        ("2022-06-10", "2022-06-14"),  # Friday: Monday the 13th remains
        ("2022-06-11", "2022-06-14"),  # Saturday likewise
    ],
)
def test_decided_after_the_due_date_one_working_day_remains(decided: str, late: str) -> None:
    assert late_from(MAY_31, date.fromisoformat(decided), DAYS) == date.fromisoformat(late)


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        ("2022-06-06", "2022-06-06", 0),  # there and back on one day
        ("2022-06-06", "2022-06-07", 1),
        ("2022-06-02", "2022-06-06", 1),  # Thursday; holiday and weekend are no working days
        ("2022-06-03", "2022-06-05", 0),
        ("2022-05-25", "2022-06-08", 9),
    ],
)
def test_the_day_of_suspending_rests_and_the_day_of_resuming_does_not(
    since: str, until: str, count: int
) -> None:
    assert rested(date.fromisoformat(since), date.fromisoformat(until), DAYS) == count


def test_as_many_working_days_remain_after_a_suspension_as_before() -> None:
    """25, 26, 27, 30 and 31 May remained; 8, 9, 10, 13 and 14 June remain."""
    assert put_off(MAY_31, 9, DAYS) == date(2022, 6, 14)
    assert put_off(MAY_31, 0, DAYS) == MAY_31


@pytest.mark.parametrize(
    ("told", "since", "until"),
    [
        ("2022-06-01", "2022-06-06", "2022-06-14"),
        ("2022-06-01", "2022-06-02", "2022-06-05"),
        ("2022-06-06", "2022-06-06", "2022-06-20"),
        ("2022-05-27", "2022-06-04", "2022-06-04"),
    ],
)
def test_a_rung_has_waited_no_longer_after_a_suspension_than_before_it(
    told: str, since: str, until: str
) -> None:
    a, b, c = map(date.fromisoformat, (told, since, until))
    from_then = waits_from(a, b, c, DAYS)
    for later in range(20):
        today = date.fromordinal(c.toordinal() + later)
        before = DAYS.waited(a, date.fromordinal(b.toordinal() - 1))
        after = DAYS.waited(date.fromordinal(c.toordinal() - 1), today)
        assert DAYS.waited(from_then, today) == before + after
