"""When the office's own meetings, reports and issues are told, due and late (DOMAIN 8)."""

from datetime import date, timedelta

import pytest

from eco_workflow.domain.rhythms import Every, due_on, initials, late_from, opens_on, turns
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import published_calendar

DAYS = published_calendar()
STARTS, ENDS = date(2021, 10, 1), date(2022, 12, 31)
BY_CODE = {
    turn.text: turn for every in ("month", "quarter", "half_year") for turn in turns(every, STARTS, ENDS)
}


@pytest.mark.parametrize(
    ("every", "named"),
    [
        (
            "month",
            "2021-10 2021-11 2021-12 2022-01 2022-02 2022-03 2022-04 2022-05 2022-06 2022-07 2022-08 "
            "2022-09 2022-10 2022-11 2022-12",
        ),
        ("quarter", "2021-Q4 2022-Q1 2022-Q2 2022-Q3 2022-Q4"),
        ("half_year", "2021-H2 2022-H1 2022-H2"),
    ],
)
def test_the_turns_of_the_plan_of_2022_written_out(every: Every, named: str) -> None:
    """15 joint conferences, 5 promotion meetings, 3 reports; of the half of 2021 the plan has a quarter."""
    found = list(turns(every, STARTS, ENDS))
    assert " ".join(turn.text for turn in found) == named
    assert [turn.first for turn in found[1:]] == [turn.last + timedelta(days=1) for turn in found[:-1]]


@pytest.mark.parametrize(
    ("awarded_on", "ends_on", "named"),
    [
        (None, "2024-12-31", []),
        ("2022-03-05", "2023-03-04", []),  # the plan ends before the first anniversary
        (
            "2022-03-05",
            "2024-03-05",
            ["2023 from 2022-03-06 to 2023-03-05", "2024 from 2023-03-06 to 2024-03-05"],
        ),
        ("2024-02-29", "2025-12-31", ["2025 from 2024-03-01 to 2025-02-28"]),
    ],
)
def test_years_since_the_award_end_at_its_anniversaries(
    awarded_on: str | None, ends_on: str, named: list[str]
) -> None:
    """Without an award there is none, and of a year that the plan cuts neither."""
    awarded = date.fromisoformat(awarded_on) if awarded_on else None
    found = turns("award_year", STARTS, date.fromisoformat(ends_on), awarded)
    assert [f"{turn.text} from {turn.first} to {turn.last}" for turn in found] == named


@pytest.mark.parametrize(
    ("turn", "told", "due", "late"),
    [
        ("2022-03", "2022-03-24", "2022-03-31", "2022-04-07"),  # 2 April is made up, 3-5 April are Qingming
        ("2022-01", "2022-01-25", "2022-01-30", "2022-02-10"),  # a Sunday made up before the Spring Festival
        ("2022-04", "2022-04-24", "2022-04-29", "2022-05-08"),  # Sunday and Saturday made up for May Day
        ("2022-09", "2022-09-23", "2022-09-30", "2022-10-11"),  # five working days back lies a Sunday
        ("2022-Q2", "2022-06-23", "2022-06-30", "2022-07-06"),
        ("2021-H2", "2021-12-24", "2021-12-31", "2022-01-07"),
        ("2022-H2", "2022-12-23", "2022-12-30", "2023-01-06"),  # 31 December is New Year's
    ],
)
def test_told_five_working_days_before_and_late_after_three_more(
    turn: str, told: str, due: str, late: str
) -> None:
    last = due_on(BY_CODE[turn], STARTS, ENDS, DAYS)
    assert last is not None
    opened = opens_on(last, 5, DAYS)
    found = [str(day) for day in (opened, last, late_from(last, opened, 3, DAYS))]
    assert found == [told, due, late]


def test_what_was_opened_after_its_due_day_is_late_only_as_long_after_that() -> None:
    """Nothing ran from 30 March to 11 April: three working days of notice remain."""
    assert late_from(date(2022, 3, 31), date(2022, 4, 11), 3, DAYS) == date(2022, 4, 15)


def test_held_days_put_off_the_day_from_which_it_is_late() -> None:
    held = DAYS.less(frozenset({date(2022, 4, 1), date(2022, 4, 2)}))
    assert late_from(date(2022, 3, 31), date(2022, 3, 24), 3, held) == date(2022, 4, 9)


def test_a_turn_without_a_working_day_in_the_plan_is_not_owed() -> None:
    """The plan ends within the National Day holiday."""
    *_, october = turns("month", STARTS, date(2022, 10, 3))
    assert due_on(october, STARTS, date(2022, 10, 3), DAYS) is None


def test_the_due_day_lies_within_the_plan() -> None:
    *_, last = turns("month", STARTS, date(2022, 12, 20))
    assert due_on(last, STARTS, date(2022, 12, 20), DAYS) == date(2022, 12, 20)


@pytest.mark.parametrize("every", ["month", "quarter", "half_year"])
@pytest.mark.parametrize("year", [2021, 2024])
def test_every_day_lies_in_one_turn(every: Every, year: int) -> None:
    """Also in a leap year; without a calendar of holidays, too."""
    plain = WorkingDays(frozenset(), frozenset(), frozenset())
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = list(turns(every, first, last))
    covered = [
        turn.first + timedelta(days=n) for turn in found for n in range((turn.last - turn.first).days + 1)
    ]
    assert covered == [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert all(due_on(turn, first, last, plain) for turn in found)


def test_codes_begin_with_initials() -> None:
    named = ("joint_conference", "bulletin", "pro-rata_report", "leaders_report")
    assert [initials(name) for name in named] == ["JC", "B", "PRR", "LR"]
