"""The days of offices as the State Council arranged them, written down apart from the product.

The rules of the domain are tested against this page by counting day by day. 2022 and 2023 are copied out
by hand; other years are asked of chinese_calendar's own predicate.
"""

from datetime import date, timedelta
from functools import cache

import chinese_calendar

ONE_DAY = timedelta(days=1)


def days(first: str | date, last: str | date) -> list[date]:
    """Every day from the first to the last, both included."""
    day, end = (each if isinstance(each, date) else date.fromisoformat(each) for each in (first, last))
    found = []
    while day <= end:
        found.append(day)
        day += ONE_DAY
    return found


HOLIDAYS = frozenset(
    [
        *days("2022-01-01", "2022-01-03"),  # New Year
        *days("2022-01-31", "2022-02-06"),  # Spring Festival
        *days("2022-04-03", "2022-04-05"),  # Qingming
        *days("2022-04-30", "2022-05-04"),  # Labour Day
        *days("2022-06-03", "2022-06-05"),  # Dragon Boat
        *days("2022-09-10", "2022-09-12"),  # Mid-Autumn
        *days("2022-10-01", "2022-10-07"),  # National Day
        *days("2022-12-31", "2023-01-02"),  # New Year
        *days("2023-01-21", "2023-01-27"),  # Spring Festival
        *days("2023-04-05", "2023-04-05"),  # Qingming
        *days("2023-04-29", "2023-05-03"),  # Labour Day
        *days("2023-06-22", "2023-06-24"),  # Dragon Boat
        *days("2023-09-29", "2023-10-06"),  # Mid-Autumn and National Day
        *days("2023-12-30", "2024-01-01"),  # New Year, joined to the weekend before it
    ]
)
"""Public holidays of 2022 and 2023, the weekends inside them included."""

MADE_UP = frozenset(
    date.fromisoformat(text)
    for text in (
        "2022-01-29", "2022-01-30", "2022-04-02", "2022-04-24", "2022-05-07", "2022-10-08", "2022-10-09",
        "2023-01-28", "2023-01-29", "2023-04-23", "2023-05-06", "2023-06-25", "2023-10-07", "2023-10-08",
    )
)  # fmt: skip
"""Saturdays and Sundays of 2022 and 2023 on which offices work (调休)."""


@cache
def works(day: date) -> bool:
    """Whether offices work on a day of 2004 to the last published year."""
    if day.year in (2022, 2023):
        return day in MADE_UP or (day.strftime("%a") not in ("Sat", "Sun") and day not in HOLIDAYS)
    return bool(chinese_calendar.is_workday(day))


def working_days_between(day: date, today: date) -> int:
    """How many working days come after `day` until `today`, today included: walked one by one."""
    count = 0
    while day < today:
        day += ONE_DAY
        if works(day):
            count += 1
    return count
