"""Dates are dates in Asia/Shanghai; instants are aware and kept in UTC (DESIGN, rule 7)."""

from datetime import UTC, date, datetime, time

import pendulum

from eco_workflow.domain.errors import WrongInput

YEARS = range(2000, 2100)
"""In these a plan may run: another year is a slip."""

ZONE = pendulum.timezone("Asia/Shanghai")


def shanghai_date(now: datetime) -> date:
    """The date on the wall of the office at an aware instant."""
    return now.astimezone(ZONE).date()


def wall_time(moment: datetime) -> str:
    """An instant as the office's wall shows it, to the minute."""
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def instant(day: date, at: time) -> datetime:
    """The instant (UTC) at which the office's wall shows this date and time."""
    return datetime.combine(day, at, tzinfo=ZONE).astimezone(UTC)


def read_instant(text: str) -> datetime:
    """An instant from ISO 8601 text with a zone, e.g. `2022-03-14T09:00:00+08:00`.

    Raises `WrongInput` for anything else: a time without a zone would mean another day on another host.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongInput(
            f"--now {text!r} is no instant. Write date, time and zone, e.g. 2022-03-14T09:00:00+08:00."
        ) from None
    if moment.tzinfo is None:
        meant = moment.isoformat()
        raise WrongInput(
            f"--now {text!r} has no zone. Add one, e.g. {meant}+08:00 for the office's own time."
        )
    return moment.astimezone(UTC)


def read_date(text: str, option: str) -> date:
    """A date from ISO text; `option` is named in the error."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongInput(f"{option} {text!r} is no date. Write it as 2022-03-14.") from None
