"""`make bench-engine`: what Prefect adds to a run on a running server, and how soon `eco status` answers.

A run of a day is taken as a flow: what its wall time is more than that of our own functions in it is
Prefect's, and so is that a delivery is begun anew for each of its tasks. The bound is for the worst day, of
each the median of several; what a process does for the first time is done before, in a small world. By turns
the same run is taken as the plain functions alone, in a database of its own: the difference stands beside it
without a bound, since with 200 plans one and the same plain run takes 8 s now and 13 s a minute later. So
does the command, which also has to read Prefect in.

`eco status` and `prefect version` are started by turns, both with their bytecode at hand. Ends with 1 when a
bound is not met.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.world import morning
from eco_workflow.plans.load import read
from eco_workflow.services.load_plan import activate
from eco_workflow.services.run_result import RunResult
from eco_workflow.settings import Settings
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.session import Database
from flows.wiring import Order, deliver_batch, run_directly
from schedules.server import prefect_server

BOUNDS = {"prefect_adds_seconds": 2.0, "status_of_prefect_version": 1 / 3}
"""The most a figure may be; the first whatever the number of plans."""

ROOT = Path(__file__).parents[1]
OWN = ("decide_run", "deliver_batch", "conclude_run")
"""What a flow calls as the plain run does; a delivery task by task."""
PLANS = (1, 50, 200)
REPEATS = 3
ACTIVE_FROM = date(2022, 3, 1)
DAYS = tuple(date(2022, 3, day) for day in (14, 15, 16, 17, 18))
"""A round's day with a mail to every unit, two quiet ones, one with reminders, a quiet one."""
WARM_DAYS = (date(2022, 3, 11), *DAYS[:4])
"""What is done for the first time takes longer: these are done before, with mail and with reminders."""

ECO = (sys.executable, "-c", "from eco_workflow.cli.start import main; main()")
PREFECT = (sys.executable, "-m", "prefect")


def make(home: Path, plans: int) -> Settings:
    """An installation with so many plans of three units each, active from 1 March 2022."""
    from tests.reliability.world import plan_file

    home.mkdir()
    settings = Settings(home=home, database_url=None, mail_url=None)
    database = Database(settings.database)
    upgrade(database)
    for number in range(1, plans + 1):
        loaded = read(plan_file(home, f"plan-{number}"))
        activate(database, loaded, active_from=ACTIVE_FROM, now=morning(ACTIVE_FROM), actor="benchmark")
    database.dispose()
    return settings


@dataclass(frozen=True)
class Added:
    """What Prefect added to one run, in seconds."""

    around: float
    """What the flow took beside our own functions in it, with the beginning of every task but one."""
    more: float
    """What it took more than the plain run."""


@contextmanager
def own_time() -> Iterator[dict[str, list[float]]]:
    """Yields the seconds that each call of our own functions in a flow takes, as they come in, by name."""
    from flows import dispatch

    taken: dict[str, list[float]] = {name: [] for name in OWN}

    def timed(name: str) -> Callable[..., Any]:
        function = getattr(dispatch, name)

        def call(*words: Any, **more: Any) -> Any:
            begun = time.perf_counter()
            try:
                return function(*words, **more)
            finally:
                taken[name].append(time.perf_counter() - begun)

        return call

    with ExitStack() as stack:
        for name in OWN:
            stack.enter_context(mock.patch.object(dispatch, name, timed(name)))
        yield taken


def beginning(settings: Settings, order: Order) -> float:
    """Seconds that a delivery takes that finds nothing left."""
    begun = time.perf_counter()
    deliver_batch(settings, order.now, behind=2**31 - 1, at_most=1)
    return time.perf_counter() - begun


def what_prefect_adds(folder: Path, plans: int, days: tuple[date, ...]) -> list[Added]:
    """Of each day, on the server in force."""
    from flows.dispatch import run_under_prefect

    folder.mkdir()
    as_flow, plain = (make(folder / kind, plans) for kind in ("flow", "plain"))
    found = []
    for n, day in enumerate(days):
        order = Order(now=morning(day), actor="benchmark")
        ways: list[tuple[Callable[[Settings, Order], RunResult], Settings]] = [
            (run_under_prefect, as_flow),
            (run_directly, plain),
        ]
        taken, came_to = {}, []
        with own_time() as own:
            for run, settings in ways if n % 2 else reversed(ways):
                begun = time.perf_counter()
                came_to.append(run(settings, order).as_json())
                taken[run] = time.perf_counter() - begun
        if came_to[0] != came_to[1]:
            raise RuntimeError(f"{day}: the flow and the plain functions differ: {came_to}")
        flow, tasks = taken[run_under_prefect], len(own["deliver_batch"])
        around = flow - sum(map(sum, own.values())) + (tasks - 1) * beginning(as_flow, order)
        found.append(Added(around, flow - taken[run_directly]))
    return found


def by_day(folder: Path, plans: int, days: tuple[date, ...], repeats: int) -> dict[str, Any]:
    """What Prefect adds with so many plans: of each day the median of the repeats, and the worst day's."""
    each = [what_prefect_adds(folder / f"{plans}-{n}", plans, days) for n in range(repeats)]
    around, more = (
        {
            str(day): round(statistics.median(getattr(one, what) for one in of_day), 3)
            for day, of_day in zip(days, zip(*each, strict=True), strict=True)
        }
        for what in ("around", "more")
    )
    return {
        "plans": plans,
        "around our functions": around,
        "more than the plain run": more,
        "worst": max(around.values()),
        "worst more": max(more.values()),
        "each": [[(round(one.around, 3), round(one.more, 3)) for one in of_days] for of_days in each],
    }


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Wall seconds of a command. Raises `CalledProcessError` where it fails."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def commands(folder: Path, times: int) -> dict[str, float]:
    """The median seconds of commands, each started so often by turns, on the server in force."""
    settings = make(folder / "commands", 1)
    without = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = without | {
        "ECO_HOME": str(settings.home), "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(folder / "cache"),
    }  # fmt: skip
    now = ["--now", morning(ACTIVE_FROM + timedelta(days=1)).isoformat()]
    lines = {
        "status": [*ECO, "status", *now],
        "prefect_version": [*PREFECT, "version"],
        "dispatch_direct": [*ECO, "dispatch", "--direct", *now],
        "dispatch": [*ECO, "dispatch", *now],
    }
    taken: dict[str, list[float]] = {name: [] for name in lines}
    for turn in range(times + 1):
        for name, line in lines.items():
            seconds = timed(line, environment)
            if turn:  # in the first the bytecode was written
                taken[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def measure(
    folder: Path,
    *,
    plans: tuple[int, ...] = PLANS,
    days: tuple[date, ...] = DAYS,
    repeats: int = REPEATS,
    times: int = 5,
) -> dict[str, Any]:
    """Starts a server, measures on it, and returns the figures with their bounds."""
    with prefect_server(folder / "server"):
        what_prefect_adds(folder / "warm", 1, WARM_DAYS)
        added = [by_day(folder, count, days, repeats) for count in plans]
        seconds = commands(folder, times)
    figures: dict[str, float] = {
        "prefect_adds_seconds": max(found["worst"] for found in added),
        "more_than_the_plain_run_seconds": max(found["worst more"] for found in added),
        "status_of_prefect_version": seconds["status"] / seconds["prefect_version"],
        "status_seconds": seconds["status"],
        "prefect_version_seconds": seconds["prefect_version"],
        "command_adds_seconds": seconds["dispatch"] - seconds["dispatch_direct"],
    }
    return {
        "figures": {name: _against_bound(name, value) for name, value in figures.items()},
        "runs": added,
        "on": {"python": platform.python_version(), "machine": platform.platform()},
    }


def _against_bound(name: str, value: float) -> dict[str, Any]:
    figure: dict[str, Any] = {"value": round(value, 3)}
    if name in BOUNDS:
        figure |= {"bound": round(BOUNDS[name], 3), "met": value <= BOUNDS[name]}
    return figure


def main() -> int:
    """Measures in a temporary folder and prints the figures; 1 when a bound is not met."""
    parser = argparse.ArgumentParser(prog="benchmarks.engine", description=__doc__)
    parser.add_argument("--plans", type=int, nargs="+", default=PLANS)
    parser.add_argument("--times", type=int, default=5, help="starts of each command (default: %(default)s)")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eco-bench-") as folder:
        report = measure(Path(folder), plans=tuple(wanted.plans), times=wanted.times)
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0 if all(figure.get("met", True) for figure in report["figures"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
