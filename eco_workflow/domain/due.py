"""What moves the day from which an item is late: a refused extension, a suspension (DOMAIN 4 and 5).

Days are dates in Asia/Shanghai. A suspension rests from the day on which it is confirmed, that day included,
up to the day on which the item goes on, that day not included: both on one day rest nothing.
"""

from datetime import date, timedelta

from eco_workflow.domain.working_days import WorkingDays

ONE_DAY = timedelta(days=1)


def late_from(due_on: date, decided_on: date, days: WorkingDays) -> date:
    """The first day on which an item is late whose extension was decided on a day, pending until then.

    After the due date one working day remains: the next one after the decision, since the unit hears of it
    that morning. Up to the due date nothing changes.
    """
    if decided_on <= due_on:
        return due_on + ONE_DAY
    return days.after(decided_on, 1 + 1)


def rested(since: date, until: date, days: WorkingDays) -> int:
    """Working days on which a suspension from `since` until the resumption on `until` paused the clocks."""
    return days.waited(since - ONE_DAY, until - ONE_DAY)


def put_off(day: date, by: int, days: WorkingDays) -> date:
    """A due date moved by so many working days; as many remain as had remained."""
    return days.after(day, by) if by else day


def waits_from(told_on: date, since: date, until: date, days: WorkingDays) -> date:
    """The day from which a rung told on `told_on` has waited, once a suspension is over.

    From then on as many working days have come before `until` as had come before `since`: what was suspended
    does not count as waiting, what had been waited before is not lost.
    """
    return days.cut_off(until - ONE_DAY, days.waited(told_on, since - ONE_DAY))


def due_after(due_on: date | None, since: date, until: date, ends_on: date, days: WorkingDays) -> date | None:
    """The due date once a suspension is over: put off by the days it rested, the plan's end is the last.

    One that had passed before the suspension stays.
    """
    by = rested(since, until, days)
    if due_on is None or not by or due_on < since:
        return due_on
    return max(due_on, min(put_off(due_on, by, days), ends_on))


def clock_after(clock_from: date | None, since: date, until: date, days: WorkingDays) -> date | None:
    """The first day on which an item can be late, once a suspension is over."""
    if clock_from is None or clock_from <= since:
        return clock_from
    return put_off(clock_from - ONE_DAY, rested(since, until, days), days) + ONE_DAY


def last_day(due_on: date | None, clock_from: date | None, days: WorkingDays) -> date | None:
    """The last day on which an item is not late: a working day, where it is not the due date itself."""
    if due_on is None or clock_from is None or clock_from <= due_on + ONE_DAY:
        return due_on
    return days.cut_off(clock_from - ONE_DAY, 1) + ONE_DAY
