"""The timetable of two `eco up` on one PostgreSQL: `quick`, with several mornings a start.

A start costs each engine some seconds of a processor, and two engines race for every morning within it.
"""

from prefect import flow

from eco_workflow.settings import read_settings
from flows.dispatch import dispatch
from schedules.timetable import Job
from tests.schedules import quick

AT_A_START = 10
MORNINGS = (
    Job("follow-up", "* * * * * */10", "tests.soak.mornings:next_mornings", "ten days every ten seconds"),
)


@flow(name="follow-up")
async def next_mornings() -> None:
    """The whole runs of the next mornings, or of what the other engine leaves of them."""
    settings = read_settings()
    for _ in range(AT_A_START):
        if at := quick.morning(settings):
            await dispatch(at, "schedule")
