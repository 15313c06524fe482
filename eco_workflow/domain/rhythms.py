"""The office's own rhythm: its turns, and when each is told, due and late (DOMAIN 8).

Days are dates in Asia/Shanghai; working days are those of the calendar handed in.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from eco_workflow.domain.periods import read_period
from eco_workflow.domain.working_days import ONE_DAY, WorkingDays

Every = Literal["month", "quarter", "half_year", "award_year"]
"""How often it recurs. `award_year`: on each anniversary of the award (命名), and never without one."""

MONTHS: dict[Every, int] = {"month": 1, "quarter": 3, "half_year": 6}
"""How many months a turn lasts."""

HALVES = ("上半年", "下半年")


@dataclass(frozen=True)
class Turn:
    """A month, quarter, half-year, or year since the award: 2022-03, 2022-Q1, 2022-H1 or 2023."""

    text: str
    words: str
    """As an official reads it: 2022年3月, 2022年第1季度, 2022年上半年."""
    first: date
    last: date


def turns(every: Every, starts_on: date, ends_on: date, awarded_on: date | None = None) -> Iterator[Turn]:
    """Every turn of which a day lies in the plan, in order; the first and the last may be cut by it.

    Of what counts from the award the years that are over within the plan: one that is cut has no anniversary.
    """
    if every == "award_year":
        yield from _years_since(awarded_on, ends_on) if awarded_on else ()
        return
    months = MONTHS[every]
    first = date(starts_on.year, (starts_on.month - 1) // months * months + 1, 1)
    while first <= ends_on:
        turn = _turn(every, first)
        yield turn
        first = turn.last + ONE_DAY


def _years_since(awarded_on: date, ends_on: date) -> Iterator[Turn]:
    first, year = awarded_on + ONE_DAY, awarded_on.year + 1
    while (last := _anniversary(awarded_on, year)) <= ends_on:
        yield Turn(str(year), f"{year}年", first, last)
        first, year = last + ONE_DAY, year + 1


def _anniversary(awarded_on: date, year: int) -> date:
    """The same day of that year; of 29 February the 28th where there is none."""
    last = monthrange(year, awarded_on.month)[1]
    return date(year, awarded_on.month, min(awarded_on.day, last))


def _turn(every: Every, first: date) -> Turn:
    number = (first.month - 1) // MONTHS[every] + 1
    if every == "half_year":
        last = date(first.year, 6 * number, 30 if number == 1 else 31)
        return Turn(f"{first.year}-H{number}", f"{first.year}年{HALVES[number - 1]}", first, last)
    period = read_period(f"{first.year}-{'Q' if every == 'quarter' else '0' * (number < 10)}{number}")
    assert period is not None
    return Turn(period.text, period.words, period.first, period.last)


def due_on(turn: Turn, starts_on: date, ends_on: date, days: WorkingDays) -> date | None:
    """The turn's last working day within the plan; None where it has none there, and nothing is owed."""
    day, earliest = min(turn.last, ends_on), max(turn.first, starts_on)
    while day >= earliest:
        if days.is_working(day):
            return day
        day -= ONE_DAY
    return None


def opens_on(due: date, notice_days: int, days: WorkingDays) -> date:
    """The last working day with so many whole working days to the due day: then the office is told."""
    day = days.cut_off(due, notice_days)
    while not days.is_working(day):
        day -= ONE_DAY
    return day


def late_from(due: date, opened_on: date, late_after: int, days: WorkingDays) -> date:
    """The first day on which it is late: so many working days after the due day have gone by.

    What was opened after its due day, since nothing ran before, has as many from then on: our own outage
    makes nobody late (DOMAIN 3.6).
    """
    return days.after(max(due, opened_on), late_after) + ONE_DAY


def last_in_time(due: date, first_late: date | None) -> date:
    """The day from which its lateness is counted: the working days that it was given after `due` are none."""
    return max(due, first_late - ONE_DAY) if first_late else due


def initials(rhythm: str) -> str:
    """What the codes of a rhythm's turns begin with: `joint_conference` is JC, so JC2022-03."""
    return "".join(word[0] for word in rhythm.replace("-", "_").split("_") if word).upper()
