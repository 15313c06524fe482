"""Working days of the People's Republic's offices, with make-up days (调休). The dates are handed in.

A plan that was held has a calendar of its own: its held days are no working days (DOMAIN 3.8).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """A calendar: Monday to Friday, less public holidays, plus make-up working days.

    `holidays` holds every day of a public holiday, weekends inside it included. `known_years` are the
    years whose arrangement has been published; any date outside them is *provisional*.
    """

    holidays: frozenset[date]
    makeup: frozenset[date]
    known_years: frozenset[int]
    held: frozenset[date] = frozenset()
    """Days on which the plan was held; offices worked, but no day of it counts."""

    def less(self, held: frozenset[date]) -> "WorkingDays":
        """The same calendar for a plan that was held on these days."""
        return replace(self, held=held) if held else self

    def is_working(self, day: date) -> bool:
        """Whether offices work on this day, and the plan with them."""
        if day in self.held:
            return False
        if day in self.makeup:
            return True
        return day.weekday() < 5 and day not in self.holidays

    def is_public_holiday(self, day: date) -> bool:
        """Whether the day belongs to a public holiday; an ordinary weekend does not."""
        return day in self.holidays

    def is_provisional(self, day: date) -> bool:
        """Whether the day was computed without a published arrangement."""
        return day.year not in self.known_years

    def known_until(self, day: date) -> date | None:
        """The last day that is known without a gap from this one on; None where the day itself is not."""
        if self.is_provisional(day):
            return None
        year = day.year
        while year + 1 in self.known_years:
            year += 1
        return date(year, 12, 31)

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (count ≥ 1)."""
        for found in self._working(day + ONE_DAY, ONE_DAY):
            count -= 1
            if count == 0:
                return found
        raise AssertionError("there is always a next working day")

    def on_or_after(self, day: date) -> date:
        """The day itself when offices work on it, else the next working day."""
        return next(self._working(day, ONE_DAY))

    def cut_off(self, today: date, count: int) -> date:
        """The latest day since which `count` whole working days have come, today included.

        What happened on or before it has waited long enough: `waited(day, today) >= count`.
        """
        if count == 0:
            return today
        for found in self._working(today, -ONE_DAY):
            count -= 1
            if count == 0:
                return found - ONE_DAY
        raise AssertionError("there is always an earlier working day")

    def waited(self, day: date, today: date) -> int:
        """Whole working days after `day`, up to and including `today`; 0 when today is not later."""
        span = range(1, (today - day).days + 1)
        return sum(self.is_working(day + timedelta(days=n)) for n in span)

    def _working(self, day: date, step: timedelta) -> Iterator[date]:
        while True:
            if self.is_working(day):
                yield day
            day += step
