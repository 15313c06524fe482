"""Who asks is told that the engine runs without one of its parts, before a morning is missed."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from eco_workflow.stop import Stop
from eco_workflow.store.engine_lock import alone, lacks
from schedules.absence import AWAY_AFTER
from schedules.children import STEADY_SECONDS
from schedules.up import Engine
from tests.cli.terminal import INIT, Terminal
from tests.office import at
from tests.schedules.engine_room import ROOT

START = at("2022-03-14", "10:05")
BOOTED = 5000.0
"""Seconds of the clock that only goes forward."""
SINCE = "since 2022-03-14 10:05"


@contextmanager
def kept(home: Path, timetable: str, url: str) -> Iterator[Engine]:
    """The parts of `eco up` on a Prefect server that somebody else runs; ended afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", url)
        patch.setenv("PYTHONPATH", str(ROOT))
        engine = Engine(home, timetable, print, Stop())
        try:
            yield engine
        finally:
            engine.end()


def tended(engine: Engine, seconds: float) -> tuple[str, ...]:
    """What it says it lacks so many seconds after its start."""
    engine.tend(BOOTED + seconds, START + timedelta(seconds=seconds))
    return engine.lacking


@contextmanager
def who_is_well() -> Iterator[str]:
    """A server that answers as Prefect's does which is well, and knows nothing else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(HTTPStatus.OK if self.path == "/api/health" else HTTPStatus.NOT_FOUND)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        server.server_close()


def test_a_server_that_somebody_else_runs_and_that_never_answers_is_named(tmp_path: Path) -> None:
    with kept(tmp_path, "tests.schedules.stuck:TABLE", "http://127.0.0.1:9/api") as engine:
        assert tended(engine, 0) == ()
        assert tended(engine, AWAY_AFTER) == ()
        assert tended(engine, AWAY_AFTER + 1) == (
            "the Prefect server at http://127.0.0.1:9/api, which PREFECT_API_URL names, has not answered "
            f"{SINCE}: nothing runs. Start it, or correct the variable and start eco up anew",
        )


def test_a_runner_that_dies_again_and_again_is_named_with_its_log(tmp_path: Path) -> None:
    """It lives for a moment each time."""
    with who_is_well() as url, kept(tmp_path, "tests.schedules.nowhere:NONE", url) as engine:
        for seconds in range(0, int(AWAY_AFTER) + 1, 20):
            assert tended(engine, seconds) == ()
            while engine.runner.pid is not None:
                time.sleep(0.05)
        assert engine.runner.starts > 2
        assert tended(engine, AWAY_AFTER + 20) == (
            f"the runner has not stayed up for a minute {SINCE}: runs may not begin. "
            f"See {tmp_path}/log/runner.log",
        )


def test_a_runner_that_is_back_is_trusted_after_a_minute(tmp_path: Path) -> None:
    with who_is_well() as url, kept(tmp_path, "tests.schedules.stuck:TABLE", url) as engine:
        assert tended(engine, 0) == ()
        steady = STEADY_SECONDS + AWAY_AFTER
        assert tended(engine, steady) == ()
        engine.runner.kill()
        while engine.runner.pid is not None:
            time.sleep(0.05)
        assert tended(engine, steady + AWAY_AFTER) == ()
        engine.runner.next_start = BOOTED + 3 * steady  # as after many deaths
        for away in (2 * steady, 3 * steady):
            assert tended(engine, away) != ()
        assert engine.runner.pid is not None
        assert tended(engine, 3 * steady + STEADY_SECONDS) == ()


@pytest.mark.parametrize("by", [timedelta(days=3650), timedelta(days=-1)])
def test_a_clock_that_was_set_starts_server_and_runner_anew(
    tmp_path: Path, by: timedelta, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prefect's scheduler would sleep by the clock that was. A clock corrected by a little is none."""
    with kept(tmp_path, "tests.schedules.stuck:TABLE", "") as engine:
        assert engine.server is not None
        for child in engine.children:
            child.command = [sys.executable, "-c", "import time; time.sleep(600)"]
        tended(engine, 0)
        engine.runner.tend(BOOTED)
        before = engine.pids
        engine.tend(BOOTED + 1, START + timedelta(seconds=40))
        assert engine.pids == before
        for seconds in (2, 4):  # a pause of a second lies between
            assert engine.pids.isdisjoint(before) is (seconds > 2)
            engine.tend(BOOTED + seconds, START + by + timedelta(seconds=seconds))
            engine.runner.tend(BOOTED + seconds)  # as once the server answers
        assert len(engine.pids) == 2
        assert engine.pids.isdisjoint(before)
    way, seconds = ("forward", 315359961) if by > timedelta(0) else ("back", 86439)
    told = f"the clock moved {way} by {seconds} s: what runs here starts anew"
    assert capsys.readouterr().out.count(told) == 1


def test_a_server_of_its_own_that_does_not_answer_is_named_with_its_log(tmp_path: Path) -> None:
    """Stopped before it answers for the first time."""
    with kept(tmp_path, "tests.schedules.stuck:TABLE", "") as engine:
        assert tended(engine, 0) == ()
        assert engine.server is not None
        engine.server.kill()
        assert tended(engine, AWAY_AFTER + 1) == (
            f"the Prefect server has not stayed up for a minute {SINCE}: runs may not begin. "
            f"See {tmp_path}/log/server.log",
        )


def test_who_asks_from_another_process_is_told_what_the_engine_lacks(tmp_path: Path) -> None:
    eco = Terminal(tmp_path / "home").after(INIT)
    when = ("--now", "2022-03-01T09:30:00+08:00")
    with alone(eco.home) as lock:
        assert eco("health", *when).code == 0
        lock.tell(("a long line of words", "the runner is away"))
        lock.tell(("the runner is away",))
        told = eco("health", *when)
        assert (told.code, told.err) == (1, "eco: the runner is away\n")
        assert eco("health", "--json", *when).json["wrong"] == ["the runner is away"]
        again = eco("up", "--check")
        assert f"eco up runs here already, as process {os.getpid()} (" in again.err
        lock.tell(())
        assert eco("health", *when).code == 0
        lock.tell(("the runner is away",))
    assert lacks(eco.home) == ()
    assert eco("health", *when).err == "eco: eco up does not run here\n"
