"""`eco up` as a process beside the tests: started, looked at, killed in parts, compared with a calm twin."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from tests.hears_ctrl_c import hears_ctrl_c

ROOT = Path(__file__).parents[2]

PICTURE = {
    "rounds": "SELECT on_date, kind, state FROM round",
    "requests": "SELECT round_id, unit_id, state FROM request",
    "cases": "SELECT unit_id, clock, item_id, rung, COALESCE(closed_on, '') FROM ladder_case",
    "rungs": "SELECT case_id, rung, on_date, COALESCE(released_on, '') FROM rung",
    "messages": "SELECT contact_id, on_date, occasion, state FROM message",
}


def picture(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Rounds, requests, rungs and messages by their keys, and what became of them."""
    with Database(settings.database).read() as session:
        connection = session.connection()
        return {
            what: sorted(map(tuple, connection.exec_driver_sql(found))) for what, found in PICTURE.items()
        }


def said_by(home: Path) -> Path:
    """Where the engines of a home write what they say."""
    return home.parent / f"{home.name}.up.out"


@contextmanager
def engine(
    home: Path, timetable: str = "tests.schedules.quick:QUICK", **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """`eco up` as an engineer starts it, on a timetable of the tests; see `ctrl_c`."""
    words = ["-m", "eco_workflow.cli.main", "up", "--timetable", timetable]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with said_by(home).open("a") as out:
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=own
            | {"ECO_HOME": str(home), "PYTHONPATH": str(ROOT), "ECO_HEALTH_ADDRESS": "127.0.0.1:0"}
            | environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
            preexec_fn=hears_ctrl_c,  # noqa: PLW1509  (one system call)
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def ctrl_c(engine: subprocess.Popen[str]) -> None:
    """As a terminal does it: to all of its group."""
    os.killpg(engine.pid, signal.SIGINT)


def of_home(home: Path) -> dict[int, str]:
    """The processes that work in this ECO_HOME, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"ECO_HOME={home}\0".encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def kill(home: Path, part: str) -> None:
    """Kills every process of the home whose command line has this part; all of them for an empty one."""
    for number in [number for number, command in of_home(home).items() if part in command]:
        with suppress(ProcessLookupError):  # it may end by itself meanwhile
            os.kill(number, signal.SIGKILL)


def wait_until(done: Callable[[], bool], seconds: float, home: Path) -> None:
    """Looks again and again. Raises AssertionError, with what the engine tells, when it takes longer."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, f"not within {seconds} s:\n{_told(home)}"
        time.sleep(0.25)


def _told(home: Path) -> str:
    """What a stranger needs who asks why an engine stands still: its words, its processes, its logs' ends."""
    told = [said_by(home).read_text(), *(f"{number} {command}" for number, command in of_home(home).items())]
    for log in sorted((home / "log").glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()[-20:]
        told += ["", f"{log.name}:", *(line[:300] for line in lines)]
    return "\n".join(told)
