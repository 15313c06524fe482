"""A case climbs on its earliest legal day: the ladder against a walk from day to day (DOMAIN 5)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from eco_workflow.domain.escalation import CaseFact, Ladder, earliest_day, next_rung
from eco_workflow.services.calendar import published_calendar
from tests.domain.arrangement import ONE_DAY, days, works

DAYS = published_calendar()
LADDER = Ladder({1: 0, 2: 3, 3: 2})
ANY_DAY = days("2022-01-01", "2022-12-31")
WEEKS = timedelta(days=45)

Story = list[tuple[date, int]]
"""The days on which a case climbed, and to which rung."""


def walked(start: date, graces: dict[int, int], runs: set[date], rests: set[date], delay: int) -> Story:
    """What the rule says, told by somebody with a wall calendar who crosses off one day after another.

    Rung 1 is sent on `start`. A rung is sent `delay` days after the run that climbed to it; the grace of
    the next begins there, and only days after it are crossed off.
    """
    story: Story = []
    rung, crossed_off, sent_on = 1, 0, start
    for today in days(start + ONE_DAY, start + WEEKS):
        if works(today) and today > sent_on:
            crossed_off += 1
        may = today in runs and works(today) and today not in rests and today > sent_on
        if may and rung + 1 in graces and crossed_off >= graces[rung + 1]:
            rung, crossed_off, sent_on = rung + 1, 0, today + delay * ONE_DAY
            story.append((today, rung))
    return story


def decided(start: date, ladder: Ladder, runs: set[date], rests: set[date], delay: int) -> Story:
    """What the product decides, one run after another."""
    story: Story = []
    rung, sent_on = 1, start
    for today in days(start + ONE_DAY, start + WEEKS):
        if today not in runs:
            continue
        case = CaseFact(rung, sent_on if sent_on <= today else None)
        found = next_rung(case, ladder, today, DAYS, resting=today in rests)
        if found != rung:
            story.append((today, found))
            rung, sent_on = found, today + delay * ONE_DAY
    return story


def every_day(_: date) -> bool:
    """The schedule as it should be."""
    return True


def every_fourth_day(day: date) -> bool:
    """An office whose machine often stands still."""
    return day.toordinal() % 4 == 0


def twice_a_month(day: date) -> bool:
    """Nobody starts it but for a round."""
    return day.day in (14, 28)


@pytest.mark.parametrize("delay", [0, 1, 4])
@pytest.mark.parametrize("runs", [every_day, every_fourth_day, twice_a_month])
@pytest.mark.parametrize("graces", [{1: 0, 2: 3, 3: 2}, {1: 0, 2: 1, 3: 1, 4: 5}])
def test_every_climb_is_on_its_earliest_legal_day(
    graces: dict[int, int], runs: Callable[[date], bool], delay: int
) -> None:
    """From every day of 2022: never before, never on a day off, at most one rung a run."""
    for start in ANY_DAY:
        run_on = {day for day in days(start, start + WEEKS) if runs(day)}
        story = decided(start, Ladder(graces), run_on, set(), delay)
        assert story == walked(start, graces, run_on, set(), delay), start
        assert [rung for _, rung in story] == list(range(2, len(story) + 2)), start


def test_with_a_run_on_every_day_the_top_is_always_reached() -> None:
    """So the walk above compares climbs, not silences."""
    for start in ANY_DAY:
        assert len(walked(start, LADDER.after, set(days(start, start + WEEKS)), set(), 0)) == 2


@pytest.mark.parametrize("length", [2, 5, 12])
def test_a_case_that_rests_goes_on_where_it_stood(length: int) -> None:
    """It does not climb while it rests, and days of rest count towards the grace of what was sent before."""
    for start in ANY_DAY:
        runs = set(days(start, start + WEEKS))
        rests = set(days(start + 2 * ONE_DAY, start + (1 + length) * ONE_DAY))
        story = decided(start, LADDER, runs, rests, 0)
        assert story == walked(start, LADDER.after, runs, rests, 0), start
        assert len(story) == 2, start


def test_a_mail_names_the_day_on_which_the_case_climbs() -> None:
    """What a reminder of any day announces is what the walk finds, and nothing is announced at the top."""
    for start in ANY_DAY:
        (second, _), (third, _) = walked(start, LADDER.after, set(days(start, start + WEEKS)), set(), 0)
        assert earliest_day(1, start, LADDER, DAYS) == second, start
        assert earliest_day(2, second, LADDER, DAYS) == third, start
        assert earliest_day(3, third, LADDER, DAYS) is None


# Rung 1 sent · rung 2 · rung 3, when each is sent on the day of its run and there is a run on every day.
NATIONAL_DAY_2022 = """
09-24  09-28  09-30  # Saturday
09-25  09-28  09-30  # Sunday
09-26  09-29  10-08  # 1 to 7 October are a holiday, Saturday 8 and Sunday 9 are worked
09-27  09-30  10-09
09-28  10-08  10-10
09-29  10-09  10-11
09-30  10-10  10-12
10-01  10-10  10-12
10-02  10-10  10-12
10-03  10-10  10-12
10-04  10-10  10-12
10-05  10-10  10-12
10-06  10-10  10-12
10-07  10-10  10-12
10-08  10-11  10-13
10-09  10-12  10-14
10-10  10-13  10-17  # an ordinary weekend again
10-11  10-14  10-18
10-12  10-17  10-19
10-13  10-18  10-20
10-14  10-19  10-21
"""
SPRING_FESTIVAL_2023 = """
01-14  01-18  01-20  # Saturday
01-15  01-18  01-20  # Sunday
01-16  01-19  01-28  # 21 to 27 January are a holiday, Saturday 28 and Sunday 29 are worked
01-17  01-20  01-29
01-18  01-28  01-30
01-19  01-29  01-31
01-20  01-30  02-01
01-21  01-30  02-01
01-22  01-30  02-01
01-23  01-30  02-01
01-24  01-30  02-01
01-25  01-30  02-01
01-26  01-30  02-01
01-27  01-30  02-01
01-28  01-31  02-02
01-29  02-01  02-03
01-30  02-02  02-06  # an ordinary weekend again
01-31  02-03  02-07
02-01  02-06  02-08
02-02  02-07  02-09
02-03  02-08  02-10
"""
AROUND = [
    [date.fromisoformat(f"{year}-{cell}") for cell in line.partition("#")[0].split()]
    for year, table in ((2022, NATIONAL_DAY_2022), (2023, SPRING_FESTIVAL_2023))
    for line in table.split("\n")[1:-1]
]


@pytest.mark.parametrize(("first", "second", "third"), AROUND)
def test_around_the_long_holidays_a_case_climbs_as_written_out(
    first: date, second: date, third: date
) -> None:
    """A holiday waits, a worked weekend does not."""
    runs = set(days(first, first + WEEKS))
    assert decided(first, LADDER, runs, set(), 0) == [(second, 2), (third, 3)]
    assert earliest_day(1, first, LADDER, DAYS) == second
    assert earliest_day(2, second, LADDER, DAYS) == third


def test_a_case_that_was_told_today_does_not_climb_today() -> None:
    """A second look on the same day finds nothing, on any day."""
    for today in ANY_DAY:
        for rung in (1, 2, 3):
            assert next_rung(CaseFact(rung, today), LADDER, today, DAYS, resting=False) == rung, today


def test_after_a_year_of_silence_a_case_still_climbs_one_rung() -> None:
    """Lateness of our own outage is not made up for; a day off does not climb, whatever has been waited."""
    told = date(2021, 6, 1)
    for today in ANY_DAY:
        for rung in (1, 2):
            found = next_rung(CaseFact(rung, told), LADDER, today, DAYS, resting=False)
            assert found == (rung + 1 if works(today) else rung), today
            assert next_rung(CaseFact(rung, None), LADDER, today, DAYS, resting=False) == rung
            assert next_rung(CaseFact(rung, told), LADDER, today, DAYS, resting=True) == rung
