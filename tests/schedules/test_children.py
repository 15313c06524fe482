"""Nothing of the engine outlives it, also where it is killed and can end nothing itself."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eco_workflow.stop import Stop
from schedules.children import ALONE_SECONDS, KEPT_LOG_BYTES, LONGEST_PAUSE, Child, end, spawn
from schedules.up import Engine
from tests.office import at
from tests.schedules.engine_room import ROOT, of_home

ENGINE = """
import sys, time
from pathlib import Path
from eco_workflow.stop import Stop
from schedules.up import Engine
engine = Engine(Path(sys.argv[1]), "tests.schedules.stuck:TABLE", print, Stop())
getattr(engine, sys.argv[2]).tend(0.0)
time.sleep(120)
"""

SLOW = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from eco_workflow.stop import Stop
from schedules.up import Engine
engine = Engine(Path(sys.argv[1]), "tests.schedules.stuck:TABLE", print, Stop())
engine.server.command = ["sleep", "600"]
BOOTED = datetime(2022, 3, 14, tzinfo=UTC)
for at in (0, 119, 121):
    print("at", at)
    engine.tend(at, BOOTED + timedelta(seconds=at))
engine.server.process.wait(5)
engine.tend(122, BOOTED + timedelta(seconds=122))
engine.end()
"""


DEAF_ONCE = """
import signal, subprocess, sys, time
from pathlib import Path
if len(sys.argv) > 2:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with subprocess.Popen([sys.executable, __file__, sys.argv[1]]):
        time.sleep(120)
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
Path(sys.argv[1]).write_text("here")
while len(asked) < 2:
    time.sleep(0.05)
Path(sys.argv[1]).write_text("ended in good order")
"""


def test_a_run_that_did_not_hear_it_is_asked_to_end_again_before_its_runner_is(
    tmp_path: Path,
) -> None:
    script, said = tmp_path / "runner.py", tmp_path / "said"
    script.write_text(DEAF_ONCE)
    with (tmp_path / "log").open("wb") as log:
        runner = spawn([sys.executable, str(script), str(said), "runner"], os.environ, log)
    until = time.monotonic() + 30
    while not said.exists() and time.monotonic() < until:
        time.sleep(0.05)
    end(runner, 10)
    assert said.read_text() == "ended in good order"
    assert runner.returncode == 0


def said_by(script: str, home: Path) -> list[str]:
    """The lines that an engine's script prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script, str(home)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines()


@contextmanager
def ended_after(home: Path) -> Iterator[None]:
    """Whatever still works in the home is killed in the end."""
    try:
        yield
    finally:
        for left in of_home(home):
            os.kill(left, signal.SIGKILL)


def wait_until_gone(home: Path, seconds: float) -> None:
    """Until nothing works in the home any more."""
    until = time.monotonic() + seconds
    while of_home(home):
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_a_runner_that_hangs_ends_with_the_engine_that_was_killed_and_so_do_its_runs(tmp_path: Path) -> None:
    environment = dict(os.environ) | {"ECO_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", ENGINE, str(tmp_path), "runner"], env=environment) as engine:
        until = time.monotonic() + 60
        while not any("sleep 120" in command for command in of_home(tmp_path).values()):
            assert time.monotonic() < until
            time.sleep(0.1)
        engine.kill()
    with ended_after(tmp_path):
        time.sleep(ALONE_SECONDS - 1)
        assert len(of_home(tmp_path)) == 2  # who is asked to end has a little while
        wait_until_gone(tmp_path, 20)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_a_server_that_hears_nothing_ends_with_the_engine_that_was_killed(tmp_path: Path) -> None:
    """Stopped, as one that is busy starting may be deaf to being asked; nobody is left to ask twice."""
    environment = dict(os.environ) | {"ECO_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", ENGINE, str(tmp_path), "server"]
    with subprocess.Popen(command, env=environment) as engine:
        until = time.monotonic() + 60
        while not (servers := [pid for pid, said in of_home(tmp_path).items() if "server start" in said]):
            assert time.monotonic() < until
            time.sleep(0.1)
        os.kill(servers[0], signal.SIGSTOP)
        engine.kill()
    with ended_after(tmp_path):
        wait_until_gone(tmp_path, 10)


def test_a_server_that_takes_long_to_start_on_a_busy_machine_is_given_two_minutes(tmp_path: Path) -> None:
    """Ended sooner, it would be started for ever."""
    said = [line.partition(" (process")[0] for line in said_by(SLOW, tmp_path)]
    assert said == [
        "at 0",
        "server started",
        "at 119",
        "at 121",
        "the server has not answered for 120 s",
        "server ended (signal 9); again in 1 s",
    ]


CHATTY = """
import os, sys, time
n, full = 0, int(sys.argv[1])
for _ in range(3):
    while os.fstat(1).st_size <= full:
        os.write(1, b"line %d %s\\n" % (n, b"." * 500))
        n += 1
    while os.fstat(1).st_size > full:
        time.sleep(0.01)
os.write(1, b"line %d, the last\\n" % n)
"""


def chatty(log: Path, said: list[str]) -> Child:
    """A child that fills its log three times, each time as soon as it was emptied."""
    command = [sys.executable, "-c", CHATTY, str(KEPT_LOG_BYTES)]
    return Child("runner", command, dict(os.environ), log, said.append)


def test_the_log_of_a_child_is_set_aside_while_it_writes(tmp_path: Path) -> None:
    """No line is lost or doubled, and it goes on at the start of the emptied log."""
    log, said = tmp_path / "runner.log", list[str]()
    child = chatty(log, said)
    child.tend(0.0)
    lines, aside = [], b""
    until = time.monotonic() + 60
    while child.pid is not None:
        assert time.monotonic() < until
        time.sleep(0.01)
        child.keep_log_short(1.0)
        before, kept = aside, log.with_name("runner.log.1")
        aside = kept.read_bytes() if kept.exists() else b""
        if aside != before:
            assert len(aside) < KEPT_LOG_BYTES + 1_000
            lines += aside.splitlines()
    last = log.read_bytes().splitlines()
    numbers = [int(line.split()[1].rstrip(b",")) for line in lines + last]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > 3 * KEPT_LOG_BYTES / 600
    assert [line.partition(b", ")[2] for line in last] == [b"the last"]
    assert [line.split(" (")[0] for line in said] == ["runner started"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runner.log", "runner.log.1"]


def test_a_runner_that_complains_of_a_server_that_is_away_fills_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log is set aside also while the engine waits for somebody else's server."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    engine = Engine(tmp_path, "tests.schedules.stuck:TABLE", print, Stop())
    log = engine.runner.log
    log.write_bytes(b"x" * (KEPT_LOG_BYTES + 1))
    engine.tend(0.0, at("2022-03-14", "08:00"))
    assert (log.stat().st_size, log.with_name("runner.log.1").stat().st_size) == (0, KEPT_LOG_BYTES + 1)


def test_a_full_log_that_cannot_be_set_aside_stays_and_is_tried_again_later(tmp_path: Path) -> None:
    log, said = tmp_path / "runner.log", list[str]()
    log.write_bytes(b"x" * (KEPT_LOG_BYTES + 1))
    log.with_name("runner.log.1").mkdir()
    child = chatty(log, said)
    for second in (0.0, 0.5, 1.0):
        child.keep_log_short(second)
    assert log.stat().st_size == KEPT_LOG_BYTES + 1
    assert said == [f"{log} is full and cannot be set aside: Is a directory"]
    log.with_name("runner.log.1").rmdir()
    child.keep_log_short(LONGEST_PAUSE)
    assert log.stat().st_size == 0
    assert log.with_name("runner.log.1").stat().st_size == KEPT_LOG_BYTES + 1


ORPHAN = """
import signal, subprocess, sys, time
from datetime import UTC, datetime
from pathlib import Path
from eco_workflow.stop import Stop
from schedules.children import adopt_orphans
from schedules.up import Engine
said = Path(sys.argv[1], "said")
run = f'''
import pathlib, signal, sys, time
said = pathlib.Path({str(said)!r})
def end(*_):
    time.sleep(1)  # the mail in hand
    said.write_text("wrote down what became of it")
    sys.exit()
signal.signal(signal.SIGTERM, end)
said.write_text("delivers")
time.sleep(60)
'''
adopt_orphans()
engine = Engine(Path(sys.argv[1]), "tests.schedules.stuck:TABLE", print, Stop())
begins = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', sys.argv[1]]); time.sleep(60)"
engine.runner.command = [sys.executable, "-c", begins, run]
engine.runner.tend(0.0)
while not said.exists() or said.read_text() != "delivers":
    time.sleep(0.05)
engine.runner.process.kill()
engine.runner.process.wait()
engine.end()
print(said.read_text())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="orphans are adopted on Linux only")
def test_a_run_whose_runner_died_has_its_time_for_the_mail_in_hand_when_the_engine_ends(
    tmp_path: Path,
) -> None:
    with ended_after(tmp_path):
        said = said_by(ORPHAN, tmp_path)
    assert said[-1] == "wrote down what became of it"
