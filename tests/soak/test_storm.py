"""The faults of the long soak that are no kills, and the monitor that asks meanwhile."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from eco_workflow.settings import Settings
from schedules.watch import Watcher, answering
from tests.office import Office
from tests.schedules.engine_room import said_by
from tests.soak.mail_sink import Sink
from tests.soak.monitor import Monitor
from tests.soak.storm import HANGS_SECONDS, Storm


@pytest.fixture
def process(tmp_path: Path) -> Iterator[psutil.Process]:
    """One that looks like the server and the runner of a home, and does nothing."""
    words = [sys.executable, "-c", "import time; time.sleep(60)", "server start", "schedules.runner"]
    with subprocess.Popen(words, env=os.environ | {"ECO_HOME": str(tmp_path)}) as started:
        yield psutil.Process(started.pid)
        started.kill()


def comes_to(process: psutil.Process, *, stopped: bool) -> bool:
    """Whether it soon stands still, or goes on: a signal takes a moment on a busy machine."""
    until = time.monotonic() + 10
    while (is_so := process.status() == psutil.STATUS_STOPPED) != stopped and time.monotonic() < until:
        time.sleep(0.01)
    return bool(is_so) == stopped


def test_what_hangs_is_let_go_on_when_its_time_is_over_and_then_it_has_to_settle(
    tmp_path: Path, process: psutil.Process
) -> None:
    storm = Storm(Settings(home=tmp_path, database_url=None, mail_url=None), Sink(), random.Random(1))
    storm.hang(100)
    goes_on = storm.hung[process.pid]
    assert any(least <= goes_on - 100 <= most for least, most in HANGS_SECONDS)
    assert comes_to(process, stopped=True)
    storm.let_go_on(goes_on - 1)
    assert process.status() == psutil.STATUS_STOPPED
    storm.let_go_on(goes_on)
    assert comes_to(process, stopped=False)
    assert (storm.hung, storm.killed_at) == ({}, goes_on)


def test_a_monitor_asks_every_ten_seconds_and_keeps_when_nobody_answered(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    Office(f"sqlite:///{home / 'eco.db'}", home).open()
    settings = Settings(home=home, health_address="127.0.0.1:0", database_url=None, mail_url=None)
    monitor = Monitor(home)
    said_by(home).write_text("")
    monitor.ask(0)  # the engine has said nothing yet
    with answering(Watcher(settings, list, lambda: ())) as address:
        said_by(home).write_text(f"health and metrics are at {address}\n")
        for at in (5, 10, 15):
            monitor.ask(at)
    monitor.ask(20)
    assert monitor.summary() == {"asked": 3, "answered": 1}
    assert monitor.silent(5) == ["after 20 s /metrics: ConnectError; /health: ConnectError"]
