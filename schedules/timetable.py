"""Every recurring job in one table; nothing else starts by itself.

A job only says when its flow is started. What is due is decided by the flow and our tables, so that a start
that comes late, twice or out of order changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

ZONE = "Asia/Shanghai"
"""The zone of every row, whatever the host's own."""


@dataclass(frozen=True)
class Job:
    """A row: what is started, when, and why then."""

    name: str
    cron: str | None
    """None: nothing starts it but an operator."""
    flow: str
    """Module and function, e.g. `flows.dispatch:dispatch`."""
    why: str


TIMETABLE = (
    Job(
        "dispatch",
        "0 9 14,28 * *",
        "flows.dispatch:dispatch",
        "the rounds of the plan, on their printed day, weekend or not",
    ),
    Job(
        "follow-up",
        "0 9 1-13,15-27,29-31 * *",
        "flows.dispatch:dispatch",
        "reminders and alerts; every day, since make-up Saturdays are working days; rests on days off",
    ),
    Job(
        "deliver",
        "*/15 * * * *",
        "flows.deliver:deliver_waiting",
        "messages that a server did not take, what leaves at once on any day, and a day's run that was lost",
    ),
    Job(
        "phase",
        "40 8 * * *",
        "flows.phases:phase",
        "the phase in force of every plan: its milestones, task sheets, whether it outlives its end; before "
        "the day's run, in whose envelopes it speaks",
    ),
    Job(
        "weekly",
        "30 8 * * *",
        "flows.weekly:weekly",
        "the week's report to the operators, in the first envelope of the week; every day, so that a start "
        "that was missed is made good",
    ),
    Job(
        "rhythms",
        "40 8 * * *",
        "flows.rhythms:rhythms",
        "the office's own meetings, reports and issues that are near, before the day's run tells of them; "
        "every day, so that a start that was missed is made good",
    ),
    Job(
        "nightly",
        "30 2 * * *",
        "flows.nightly:nightly",
        "a backup, the audit chains anchored outside the database, texts past their time emptied",
    ),
)

ON_DEMAND = (
    *(
        Job(key, None, f"flows.phases:{key}", f"the milestones of the phase {key}, looked at now")
        for key in ("launch", "implementation", "assessment", "consolidation")
    ),
    Job(
        "transition",
        None,
        "flows.transition:transition",
        "an operator closes a phase; the next one opens",
    ),
)
"""What an operator may start besides; the approval is a record of our own, whoever starts it."""


def last_start(jobs: Iterable[Job], now: datetime) -> datetime:
    """When one of the jobs was last to be started, up to `now` (an instant)."""
    return max(_starts(job, now, back=True) for job in jobs)


def next_start(jobs: Iterable[Job], now: datetime) -> datetime:
    """When one of the jobs is to be started next, after `now` (an instant)."""
    return min(_starts(job, now, back=False) for job in jobs)


def _starts(job: Job, now: datetime, *, back: bool) -> datetime:
    assert job.cron is not None, f"{job.name} starts only when it is asked for"
    found: datetime = next(CronSim(job.cron, now.astimezone(ZoneInfo(ZONE)), reverse=back))
    return found.astimezone(UTC)


def runs() -> tuple[Job, ...]:
    """The jobs that decide: one of them is due every day."""
    return tuple(job for job in TIMETABLE if job.name in ("dispatch", "follow-up"))
