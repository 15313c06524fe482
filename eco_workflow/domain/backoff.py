"""When a message that was not taken is tried again: soon at first, then ever later, on its own day only."""

from datetime import datetime, timedelta

FIRST = timedelta(minutes=10)
"""Greylisting servers ask for a few minutes."""
LONGEST = timedelta(hours=2)


def not_before(now: datetime, tries: int) -> datetime:
    """The instant before which the next try makes no sense, after so many tries of the day (1 or more).

    It may lie on the next day: then what the message carries rides in that day's envelope.
    """
    doublings = min(tries - 1, 4)
    return now + min(FIRST * (1 << doublings), LONGEST)
