"""The process that starts the flows of a timetable when they are due: `python -m schedules.runner TABLE`."""

import importlib
import sys

from prefect import serve

from schedules.deployments import AT_ONCE, deployments
from schedules.timetable import ON_DEMAND


def main(timetable: str) -> None:
    """Registers every job of a table (`module:NAME`), and what an operator may start besides, and runs them.

    Until SIGTERM. The schedules stay active meanwhile it is away: what became due is started when it is back.
    """
    module, _, name = timetable.partition(":")
    jobs = getattr(importlib.import_module(module), name)
    serve(
        *deployments((*jobs, *ON_DEMAND)),
        pause_on_shutdown=False,
        print_starting_message=False,
        limit=AT_ONCE,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
