"""The edge of a flow that was started by the clock: it reads the time and the settings, once."""

from datetime import UTC, datetime

from prefect.runtime import flow_run

from eco_workflow.log import keep_log
from eco_workflow.settings import Settings, read_settings


def moment(given: datetime | None) -> datetime:
    """The instant a run was asked for, in UTC; this one where a schedule asked, which names none."""
    return (given or datetime.now(UTC)).astimezone(UTC)  # noqa: TID251 (the edge)


def asked_for() -> datetime:
    """The same for the name of the run, which is given before it starts: else when it was to start."""
    found: datetime = flow_run.parameters["now"] or flow_run.scheduled_start_time
    return found


def settings_here() -> Settings:
    """The settings of a run that nobody handed any; what it does goes into the log of their ECO_HOME."""
    settings = read_settings()
    keep_log(settings.home)
    return settings
