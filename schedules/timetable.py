"""Every recurring job in one table; nothing else starts by itself.

A job only says when its flow is started. What is due is decided by the flow and our tables, so that a start
that comes late, twice or out of order changes nothing.
"""

from dataclasses import dataclass

ZONE = "Asia/Shanghai"
"""The zone of every row, whatever the host's own."""


@dataclass(frozen=True)
class Job:
    """A row: what is started, when, and why then."""

    name: str
    cron: str
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
        "messages that a server did not take, and what leaves at once on any day",
    ),
)
