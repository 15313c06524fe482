"""A year's holidays and make-up days as the State Council's office publishes them, and what is wrong with a
copy of them.

Such an arrangement may name days of the December before, where New Year's holiday begins there.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

FESTIVALS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
"""What every year's arrangement names; two that coincide stand in one name (国庆节、中秋节)."""

FIXED = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
"""Month and day of the statutory holidays that the moon does not move."""

EARLIEST = (12, 20)
"""Month and day of the year before, from which on its days may belong to the year's arrangement."""

YEARS = range(2000, 2100)
LONGEST_SOURCE = 200


@dataclass(frozen=True, order=True)
class Day:
    """A day that is not what its weekday says, or a weekend within a holiday."""

    on: date
    kind: Literal["holiday", "makeup"]
    name: str = ""


@dataclass(frozen=True)
class Arrangement:
    """A year's arrangement. `source`: the document that published it."""

    year: int
    source: str
    days: Sequence[Day]

    def of(self, kind: str) -> frozenset[date]:
        """The days of one kind."""
        return frozenset(day.on for day in self.days if day.kind == kind)


def wrong_with(arrangement: Arrangement) -> list[str]:
    """Everything that keeps an arrangement from being taken, in words; empty where it is complete."""
    year = arrangement.year
    if year not in YEARS:
        return [f"{year} is no year that a plan runs in"]
    wrong = []
    if not arrangement.source or not arrangement.source.isprintable():
        wrong.append("source is missing: name the document that published it, in one line")
    elif len(arrangement.source) > LONGEST_SOURCE:
        wrong.append(f"source is longer than {LONGEST_SOURCE} characters")
    first, last = date(year - 1, *EARLIEST), date(year, 12, 31)
    wrong += [
        f"{day.on} does not belong to {year}" for day in arrangement.days if not first <= day.on <= last
    ]
    twice = Counter(day.on for day in arrangement.days)
    wrong += [f"{on} stands {n} times" for on, n in sorted(twice.items()) if n > 1]
    wrong += [
        f"{on} is {on:%A}: a make-up working day is a Saturday or Sunday"
        for on in sorted(arrangement.of("makeup"))
        if on.weekday() < 5
    ]
    holidays = arrangement.of("holiday")
    names = "、".join(day.name for day in arrangement.days if day.kind == "holiday")
    wrong += [f"{festival} is missing" for festival in FESTIVALS if festival not in names]
    missing = [date(year, month, day) for month, day in FIXED if date(year, month, day) not in holidays]
    wrong += [f"{on} is a statutory holiday and missing" for on in missing]
    return wrong
