"""The moment of a start by the clock: the edge at which a flow reads the time, once."""

from datetime import UTC, datetime

from prefect.runtime import flow_run


def moment(given: datetime | None) -> datetime:
    """The instant a run was asked for, in UTC; this one where a schedule asked, which names none."""
    return (given or datetime.now(UTC)).astimezone(UTC)  # noqa: TID251 (the edge)


def asked_for() -> datetime:
    """The same for the name of the run, which is given before it starts: else when it was to start."""
    found: datetime = flow_run.parameters["now"] or flow_run.scheduled_start_time
    return found
