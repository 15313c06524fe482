"""Which rounds are printed, and on which days a plan does not run, day by day (DOMAIN 3.1, 3.6)."""

from datetime import date, timedelta

import pytest

from eco_workflow.domain.rounds import Span, is_too_early, printed_dates, reason_not_to_run
from tests.domain.arrangement import days
from tests.office import at


@pytest.mark.parametrize("round_days", [[14, 28], [28, 14], [3], [28], [1, 15, 27, 28]])
@pytest.mark.parametrize("first", [date(2021, 12, 10), date(2024, 1, 20)])
def test_a_round_is_printed_on_each_of_its_days_and_on_no_other(first: date, round_days: list[int]) -> None:
    """All spans within eighty days that hold a turn of the year or a leap February, empty ones too."""
    window = days(first, first + timedelta(days=80))
    for start in window:
        for end in window:
            expected = [day for day in days(start, end) if day.day in round_days]
            assert list(printed_dates(start, end, round_days)) == expected, (start, end)


def test_the_rounds_of_the_plan_of_2022_written_out() -> None:
    """Twenty, from the middle of March to the end of the year."""
    found = printed_dates(date(2022, 3, 1), date(2022, 12, 31), [14, 28])
    assert " ".join(day.strftime("%m-%d") for day in found) == (
        "03-14 03-28 04-14 04-28 05-14 05-28 06-14 06-28 07-14 07-28 "
        "08-14 08-28 09-14 09-28 10-14 10-28 11-14 11-28 12-14 12-28"
    )


BEFORE = "before the plan's activation"
AFTER = "after the plan's last day"
BACK = "already"
LONG = "days have passed"


def span(last: str | None, *, active: str = "2022-03-01", ends: str = "2024-12-31") -> Span:
    """A plan of two years."""
    last_run_on = date.fromisoformat(last) if last else None
    return Span(date.fromisoformat(active), date.fromisoformat(ends), last_run_on)


@pytest.mark.parametrize(
    ("last", "today", "says"),
    [
        # After a run: 45 days are borne, 46 are not.
        ("2022-03-14", "2022-04-28", None),
        ("2022-03-14", "2022-04-29", LONG),
        ("2022-11-28", "2023-01-12", None),  # across the turn of the year
        ("2022-11-28", "2023-01-13", LONG),
        ("2024-01-15", "2024-02-29", None),  # up to a leap day
        ("2024-01-15", "2024-03-01", LONG),
        # The first run counts from activation.
        (None, "2022-03-01", None),
        (None, "2022-04-15", None),
        (None, "2022-04-16", LONG),
        # A clock that went back, by one day or by many; the same day is no going back.
        ("2022-03-14", "2022-03-14", None),
        ("2022-03-14", "2022-03-13", BACK),
        ("2022-12-28", "2022-03-01", BACK),
        # Outside the plan, whatever else is wrong.
        (None, "2022-02-28", BEFORE),
        ("2022-03-01", "2022-02-28", BEFORE),
        (None, "2025-01-01", AFTER),
        ("2024-12-31", "2025-01-01", AFTER),
        ("2024-12-30", "2024-12-31", None),
        ("2024-11-16", "2024-12-31", None),
        ("2024-11-15", "2024-12-31", LONG),
    ],
)
def test_a_run_is_stopped_on_the_day_after_the_last_good_one(
    last: str | None, today: str, says: str | None
) -> None:
    """Confirmed, a long silence and a clock gone back are passed, the plan's own ends are not."""
    reason = reason_not_to_run(span(last), date.fromisoformat(today), confirmed=False)
    assert (reason is None) if says is None else (reason is not None and says in reason)
    confirmed = reason_not_to_run(span(last), date.fromisoformat(today), confirmed=True)
    assert confirmed == (reason if says in (BEFORE, AFTER) else None)


def test_every_day_around_a_plan_has_the_reason_that_counting_finds() -> None:
    """For every last run in a plan of a hundred days, and for none."""
    plan = days("2022-03-01", "2022-06-08")
    for last in [None, *plan]:
        facts = Span(plan[0], plan[-1], last)
        for today in days("2022-02-20", "2022-06-15"):
            reason = reason_not_to_run(facts, today, confirmed=False)
            if today not in plan:
                expected = BEFORE if today < plan[0] else AFTER
            elif last and today < last:
                expected = BACK
            else:
                silent = plan.index(today) - plan.index(last or plan[0])
                expected = f"{silent} {LONG}" if silent >= 46 else ""
            assert (expected in reason) if reason and expected else (not reason and not expected), today


def test_what_stops_a_run_names_the_dates_and_the_way_out() -> None:
    """Whole sentences, as the operator reads them."""
    today = date(2022, 6, 1)
    assert reason_not_to_run(span("2022-04-14"), today, confirmed=False) == (
        "48 days have passed since the last run on 2022-04-14 (more than 45). "
        "Nothing is sent before a person confirms the date: eco dispatch --confirm-date 2022-06-01."
    )
    assert reason_not_to_run(span(None), today, confirmed=False) == (
        "92 days have passed since the activation on 2022-03-01 (more than 45). "
        "Nothing is sent before a person confirms the date: eco dispatch --confirm-date 2022-06-01."
    )
    assert reason_not_to_run(span("2022-06-02"), today, confirmed=False) == (
        "the clock says 2022-06-01, but the plan ran on 2022-06-02 already. "
        "If the date is right, confirm it with eco dispatch --confirm-date 2022-06-01."
    )
    early = reason_not_to_run(span(None, active="2022-06-02"), today, confirmed=False)
    assert early is not None
    assert early.startswith("2022-06-01 lies before the plan's activation on 2022-06-02.")
    late = reason_not_to_run(span(None, ends="2022-05-31"), today, confirmed=False)
    assert late is not None
    assert late.startswith("2022-06-01 lies after the plan's last day, 2022-05-31:")


@pytest.mark.parametrize(
    ("meant", "begins", "waits"),
    [
        ("2022-03-13 09:00", "2022-03-14 04:52", True),
        ("2022-03-11 09:00", "2022-03-14 08:59", True),
        ("2022-03-13 09:00", "2022-03-14 09:00", False),
        ("2022-03-13 09:00", "2022-03-13 23:59", False),
        ("2022-03-14 09:00", "2022-03-14 08:59", False),  # clocks of two machines
        ("2022-03-14 04:52", "2022-03-14 04:52", False),  # by hand
    ],
)
def test_a_start_of_an_earlier_day_leaves_the_new_day_to_its_own_run_at_nine(
    meant: str, begins: str, *, waits: bool
) -> None:
    assert is_too_early(at(*meant.split()), at(*begins.split())) is waits
