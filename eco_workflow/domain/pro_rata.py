"""Pro-rata progress (序时进度): the share of an item's steps against the share of its time (DOMAIN 1, 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """A checkpoint of an item: its weight, the day the unit claimed it, the day the office confirmed it."""

    weight: int
    done_on: date | None = None
    confirmed_on: date | None = None


@dataclass(frozen=True)
class Span:
    """The time an item has: nothing of it has passed on the first day, all of it on the last."""

    starts_on: date
    ends_on: date

    def passed(self, today: date) -> Fraction:
        """The share of the time that has passed, 0 to 1, counted in calendar days."""
        if today >= self.ends_on:
            return Fraction(1)
        if today <= self.starts_on:
            return Fraction(0)
        return Fraction((today - self.starts_on).days, (self.ends_on - self.starts_on).days)


def confirmed(steps: Sequence[Step], today: date) -> Fraction:
    """The share of the weights that the office has confirmed by the end of a day."""
    return _share(steps, [step for step in steps if step.confirmed_on and step.confirmed_on <= today])


def claimed(steps: Sequence[Step], today: date) -> Fraction:
    """The same with the steps that wait for the office: what waits there is not held against the unit."""
    return _share(steps, [step for step in steps if step.done_on and step.done_on <= today])


def behind(share: Fraction, span: Span, today: date) -> Fraction:
    """Percentage points by which a share lags behind the time passed; negative when it is ahead."""
    return (span.passed(today) - share) * 100


def caught_up_on(steps: Sequence[Step], span: Span, today: date, points: int) -> date | None:
    """The last day, up to today, on which claimed steps brought an item back from over `points` behind.

    Between claims an item only falls further behind, so only the days of claims are looked at.
    """
    days = {step.done_on for step in steps if step.done_on and step.done_on <= today}
    for day in sorted(days, reverse=True):
        that_morning = behind(claimed(steps, day - ONE_DAY), span, day)
        if that_morning > points >= behind(claimed(steps, day), span, day):
            return day
    return None


def in_words(points: Fraction) -> str:
    """Percentage points for a reader, to the tenth; rounded up, so that 30.01 never reads as 30."""
    return f"{Decimal(ceil(points * 10)) / 10:f}"


def _share(steps: Sequence[Step], of: Sequence[Step]) -> Fraction:
    return Fraction(sum(step.weight for step in of), sum(step.weight for step in steps))
