"""When rounds are printed, when their requests may leave, and when answers are due (DOMAIN 3.1-3.6)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from eco_workflow.domain.clock import instant, shanghai_date
from eco_workflow.domain.working_days import WorkingDays

RUN_AT = time(9)
"""When the day's run begins (DOMAIN 3.2); the timetable starts it."""

LONGEST_SILENCE = timedelta(days=45)
"""After a longer gap between runs a person must confirm the date (DOMAIN 3.6)."""


def is_too_early(meant: datetime, at: datetime) -> bool:
    """Whether a start meant for an earlier day comes before the new day's time: it leaves the day to its own.

    What is due of the earlier day is due at nine as well; what is read at nine does not leave at night, and
    what is written down for the day's envelopes shortly before is not missed.
    """
    today = shanghai_date(at)
    return shanghai_date(meant) < today and at < instant(today, RUN_AT)


def printed_dates(first: date, last: date, days: Sequence[int]) -> Iterator[date]:
    """Every round date from `first` to `last`, both included, for days of the month such as 14 and 28."""
    month = first.replace(day=1)
    while month <= last:
        for day in sorted(days):
            printed = month.replace(day=day)
            if first <= printed <= last:
                yield printed
        month = (month + timedelta(days=31)).replace(day=1)


def rhythms_asked(printed: date, dates: Sequence[date]) -> set[str]:
    """The rhythms whose turn it is in the round of a printed date; `dates` are all of the plan's.

    What is monthly is asked by the month's last round, quarterly by that of March, June, September and
    December. What is yearly is asked by the first month's end of each year in the plan: the assessment of
    the year before is known by then, and the gate of the assessment phase needs it (DOMAIN 3.3 and 7).
    """
    ends = {(day.year, day.month): day for day in sorted(dates)}
    if printed != ends[printed.year, printed.month] or printed.day != max(day.day for day in dates):
        return {"every_round"}
    asked = {"every_round", "monthly"}
    if printed.month % 3 == 0:
        asked.add("quarterly")
    last_day = printed.day
    if not any(d < printed and d.year == printed.year and d.day == last_day for d in ends.values()):
        asked.add("yearly")
    return asked


def may_leave(printed: date, today: date, days: WorkingDays, *, wait_for_working_day: bool) -> bool:
    """Whether the requests of the round printed for a date may leave today (DOMAIN 3.2).

    They leave on the printed day, weekend or not; on a public holiday, on the next working day. A plan
    may always wait for a working day. A round that was missed leaves by the same rules, later.
    """
    waits = wait_for_working_day or days.is_public_holiday(printed)
    earliest = days.on_or_after(printed) if waits else printed
    if today < earliest or days.is_public_holiday(today):
        return False
    return days.is_working(today) or not waits


def due_at(sent_on: date, days: WorkingDays, *, answer_days: int, answer_time: time) -> datetime:
    """The instant at which answers are due to a request really sent on a day (DOMAIN 3.2)."""
    return instant(days.after(sent_on, answer_days), answer_time)


@dataclass(frozen=True)
class Asked:
    """A round as one unit met it: its printed date, the day on which the unit was really asked, its kind."""

    printed: date
    on: date
    is_adhoc: bool


def counted_once(asked: Iterable[Asked]) -> tuple[date, ...]:
    """The printed dates of rounds as a reader counts them, oldest first (累计…轮, DOMAIN 5).

    What a unit was asked on one day it was asked in one mail: that is one round, however many left together.
    An ad-hoc round is a round of its own only where it asked the unit on another day; else the regular
    round's date stands for both, and of ad-hoc rounds alone the first one's.
    """
    of_day: dict[date, date] = {}
    for one in sorted(asked, key=lambda one: (one.is_adhoc, one.printed)):
        of_day.setdefault(one.on, one.printed)
    return tuple(sorted(set(of_day.values())))


@dataclass(frozen=True)
class Span:
    """What decides whether a plan runs on a day: activation, its last day, its last run, its holds."""

    active_from: date
    ends_on: date
    last_run_on: date | None
    held_since: date | None = None
    held: frozenset[date] = frozenset()
    """Days of holds that are over: nobody missed a run on them."""


def outside(span: Span, today: date) -> str:
    """How the plan's days lie to today, in words for the operator; empty on one of them."""
    if today < span.active_from:
        return f"begins on {span.active_from}"
    return f"ended on {span.ends_on}" if today > span.ends_on else ""


def reason_not_to_run(span: Span, today: date, *, confirmed: bool) -> str | None:
    """Why nothing may be sent for a plan today, in words for the operator; None when it may (DOMAIN 3)."""
    if today < span.active_from:
        return (
            f"{today} lies before the plan's activation on {span.active_from}. "
            "Give the day meant with --now; what lies before activation is backfill."
        )
    if today > span.ends_on:
        return (
            f"{today} lies after the plan's last day, {span.ends_on}: no round and no rung any more; "
            "what is left to close it can still be recorded (eco phase show). "
            "Give the day meant with --now, or make a new plan of this one with 'plan shift'."
        )
    if span.held_since is not None:
        return (
            f"held since {span.held_since}: nothing is sent before it goes on. "
            "Let it go on with: eco plan release"
        )
    return None if confirmed else reason_to_confirm(span, today)


def reason_to_confirm(span: Span, today: date) -> str | None:
    """Why a person must vouch for the date before the plan runs; None when it is plain (DOMAIN 3.6).

    Nor is there one while nothing runs anyway: outside of the plan's days, and while it is held.
    """
    if outside(span, today) or span.held_since is not None:
        return None
    if span.last_run_on is not None and today < span.last_run_on:
        return (
            f"the clock says {today}, but the plan ran on {span.last_run_on} already. "
            f"If the date is right, confirm it with eco dispatch --confirm-date {today}."
        )
    since = span.last_run_on or span.active_from
    if days := _too_long(span, since, today):
        what = "last run" if span.last_run_on else "activation"
        return (
            f"{days} days have passed since the {what} on {since} (more than 45). "
            f"Nothing is sent before a person confirms the date: eco dispatch --confirm-date {today}."
        )
    return None


def reason_to_doubt(span: Span, today: date, *, opened_on: date) -> str | None:
    """Why nobody is told by the clock alone that a phase is open still; None when the date is plain.

    On the plan's days as for a run. Behind them no run takes place that a person could vouch for: there the
    clock is believed for 45 days behind the last run, or behind the day on which a person opened the phase.
    """
    if today <= span.ends_on:
        return reason_to_confirm(span, today)
    since = max(span.last_run_on or span.active_from, opened_on)
    if days := _too_long(span, since, today):
        return (
            f"the clock says {today}, {days} days behind {since}, the last day that a run or a person "
            "vouched for (more than 45), and the plan's days are over: the alarm is not sent. If the clock "
            "is right, tell the office and the supervision office that the phase is open"
        )
    return None


def _too_long(span: Span, since: date, today: date) -> int:
    """How many days nobody has vouched for a date, where that is too many; days of holds do not count."""
    days = (today - since).days - sum(since < day <= today for day in span.held)
    return days if days > LONGEST_SILENCE.days else 0
