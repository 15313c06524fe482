"""The process that starts the flows of a timetable when they are due.

`python -m schedules.runner TABLE PARENT`, as `eco up` starts it.
"""

import importlib
import sys

from schedules.children import end_with


def main(timetable: str, parent: str) -> None:
    """Registers every job of a table (`module:NAME`), and what an operator may start besides, with the
    Prefect server in force, and runs them.

    Until SIGTERM, or until the process `parent`, which started this one, is gone. The schedules stay active
    meanwhile it is away: what became due is started when it is back.
    """
    end_with(int(parent))
    module, _, name = timetable.partition(":")
    jobs = getattr(importlib.import_module(module), name)
    # Read in after the watch stands: it takes seconds.
    from prefect import serve

    from schedules.deployments import AT_ONCE, deployments
    from schedules.timetable import ON_DEMAND

    served = deployments((*jobs, *ON_DEMAND))
    serve(*served, pause_on_shutdown=False, print_starting_message=False, limit=AT_ONCE)


if __name__ == "__main__":
    main(*sys.argv[1:])
