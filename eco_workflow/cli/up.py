"""`eco up`: everything that has to run by itself, in one command."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from eco_workflow.cli.common import open_database, out
from eco_workflow.domain.clock import wall_time
from eco_workflow.settings import read_settings

TIMETABLE = "schedules.timetable:TIMETABLE"


def up(
    timetable: Annotated[str, typer.Option(hidden=True, help="Another table, as module:NAME.")] = TIMETABLE,
) -> None:
    """Run everything by itself until ctrl-C: rounds, reminders, alerts, deliveries, by the timetable."""
    from schedules.up import up as run

    settings = read_settings()
    open_database(settings).dispose()

    def say(line: str) -> None:
        out.print(f"{wall_time(datetime.now(UTC))} {line}", highlight=False, markup=False)  # noqa: TID251

    run(settings.home, timetable, say)
