"""Reference periods: the year, quarter or month that a figure speaks of (DOMAIN 2, indicators)."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

PERIOD = re.compile(r"(?P<year>[0-9]{4})(-Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class Period:
    """A year, quarter or month; `text` is how it is written: 2021, 2022-Q1 or 2022-05."""

    text: str
    first: date
    last: date

    @property
    def words(self) -> str:
        """As an official reads it: 2021年, 2022年第1季度, 2022年5月."""
        match = PERIOD.fullmatch(self.text)
        assert match is not None
        if match["quarter"]:
            return f"{match['year']}年第{match['quarter']}季度"
        return f"{match['year']}年{int(match['month'])}月" if match["month"] else f"{match['year']}年"

    @property
    def newest(self) -> tuple[date, int]:
        """A key to sort by: what ends later is newer; of two that end together the longer says more."""
        return self.last, (self.last - self.first).days


def read_period(text: str) -> Period | None:
    """The period written as 2021, 2022-Q1 or 2022-05; None for anything else."""
    match = PERIOD.fullmatch(text)
    if match is None or match["year"] == "0000":
        return None
    year = int(match["year"])
    if match["quarter"]:
        start, months = 3 * int(match["quarter"]) - 2, 3
    elif match["month"]:
        start, months = int(match["month"]), 1
    else:
        start, months = 1, 12
    end = start + months - 1
    return Period(text, date(year, start, 1), date(year, end, monthrange(year, end)[1]))


def shortest_around(first: date, last: date) -> Period | None:
    """The month, quarter or year in which both days lie; None where they lie in two years."""
    quarters = [(day.month + 2) // 3 for day in (first, last)]
    if first.year != last.year:
        return None
    if first.month == last.month:
        return read_period(f"{first:%Y-%m}")
    if quarters[0] == quarters[1]:
        return read_period(f"{first.year}-Q{quarters[0]}")
    return read_period(str(first.year))


@dataclass(frozen=True)
class NotOfUse:
    """Why a figure decides nothing, in an official's words and in an engineer's."""

    words: str
    english: str


def why_not_of_use(period: Period, due_on: date, on: date) -> NotOfUse | None:
    """Why a figure of this period decides nothing; None where it does decide.

    Due on a day of 2022, an indicator is judged by figures of 2021 or 2022: the period must end on or
    after the first day of the year before the due date's. So the annual figure of 2021 serves in May
    2022, when there is none of 2022 yet. And the period must be over on the day of evaluation: before, the
    figure is a forecast. On the period's own last day it is over.
    """
    oldest = due_on.year - 1
    if period.last < date(oldest, 1, 1):
        return NotOfUse(
            f"{period.words}的数据过旧（须为{oldest}年及以后）",
            f"{period.text} is too old: it must be {oldest} or later.",
        )
    if period.first > on:
        return NotOfUse(f"{period.words}尚未开始", f"{period.text} has not begun.")
    if period.last > on:
        return NotOfUse(f"{period.words}尚未结束", f"{period.text} is not over.")
    return None
