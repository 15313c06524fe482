"""The engine that stays on: killed in every part, it does its work once, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from flows.wiring import Order, deliver_batch, run_directly
from tests.flows.test_dispatch_flow import new_home
from tests.schedules import quick

pytestmark = pytest.mark.xdist_group("prefect")
"""Beside the one other server of the tests: two at a time are enough for a small machine."""

ROOT = Path(__file__).parents[2]
LONG = 150.0
"""Seconds within which a small and busy machine starts a server, a runner and a run."""


def undisturbed(home: Path) -> Settings:
    """The month as it is without an engine, day by day."""
    settings = new_home(home)
    while (at := quick.morning(settings)) is not None:
        run_directly(settings, Order(now=at, actor="schedule"))
        deliver_batch(settings, at)
    return settings


PICTURE = {
    "rounds": "SELECT on_date, kind, state FROM round",
    "requests": "SELECT round_id, unit_id, state FROM request",
    "cases": "SELECT unit_id, clock, item_id, rung FROM ladder_case",
    "rungs": "SELECT case_id, rung, on_date FROM rung",
    "messages": "SELECT contact_id, on_date, occasion, state FROM message",
}


def picture(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Rounds, requests, rungs and messages by their keys, and what became of them."""
    with Database(settings.database).read() as session:
        connection = session.connection()
        return {
            what: sorted(map(tuple, connection.exec_driver_sql(found))) for what, found in PICTURE.items()
        }


@contextmanager
def engine(home: Path) -> Iterator[subprocess.Popen[str]]:
    """`eco up` as an engineer starts it, on the quick timetable."""
    words = ["-m", "eco_workflow.cli.main", "up", "--timetable", "tests.schedules.quick:QUICK"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with (home.parent / "up.out").open("a") as out:
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=environment
            | {"ECO_HOME": str(home), "PYTHONPATH": str(ROOT), "ECO_HEALTH_ADDRESS": "127.0.0.1:0"},
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


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
    for number in [number for number, command in of_home(home).items() if part in command]:
        os.kill(number, signal.SIGKILL)


def wait_until(done: Callable[[], bool], seconds: float, home: Path) -> None:
    until = time.monotonic() + seconds
    while not done():
        said = (home.parent / "up.out").read_text()
        assert time.monotonic() < until, f"not within {seconds} s:\n{said}"
        time.sleep(0.25)


def test_killed_in_every_part_the_engine_does_its_work_once_and_ends_whole(tmp_path: Path) -> None:
    """The server, the runner, both, and the whole of it are killed while five mornings go by."""
    expected = picture(undisturbed(tmp_path / "calm" / "home"))
    settings = new_home(tmp_path / "stormy" / "home")
    home = settings.home

    def runs() -> bool:
        return quick.morning(settings) != first

    def is_done() -> bool:
        return quick.morning(settings) is None

    with engine(home):
        first = quick.morning(settings)
        wait_until(runs, LONG, home)
        for parts in (["server start"], ["schedules.runner"], ["server start", "schedules.runner"]):
            first = quick.morning(settings)
            for part in parts:
                kill(home, part)
            wait_until(lambda: runs() or is_done(), LONG, home)
        kill(home, "")  # everything at once
    with engine(home) as process:
        wait_until(is_done, 2 * LONG, home)
        address = (home.parent / "up.out").read_text().rpartition("metrics are at ")[2].split()[0]
        assert 'eco_child_up{child="server"} 1.0' in httpx.get(f"{address}/metrics", trust_env=False).text
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert time.monotonic() - started < 10
        assert process.returncode == 0
    assert of_home(home) == {}
    told = [json.loads(line) for line in (home / "log" / "eco.log").read_text().splitlines()]
    assert {line["run"] for line in told if line["event"] == "decided" and line["flow_run"]} == {
        f"2022-03-{day}" for day in range(14, 19)
    }
    assert picture(settings) == expected


def test_a_second_engine_in_the_same_home_says_who_runs_there(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    with engine(settings.home) as first:
        wait_until((settings.home / "up.lock").exists, 30, settings.home)
        wait_until(lambda: (settings.home / "up.lock").read_text() == str(first.pid), 30, settings.home)
        with engine(settings.home) as second:
            assert second.wait(60) == 1
    assert f"eco up runs here already, as process {first.pid}" in (tmp_path / "up.out").read_text()
