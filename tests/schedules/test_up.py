"""The engine that stays on: killed in every part, it does its work once, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import httpx
import psutil
import pytest

from eco_workflow.settings import Settings
from eco_workflow.store.engine_lock import alone
from eco_workflow.store.session import Database
from flows.wiring import Order, deliver_batch, run_directly
from tests.flows.homes import new_home
from tests.notifications.mail_host import mail_host
from tests.reliability.sweep import FULL
from tests.schedules import quick
from tests.schedules.engine_room import ctrl_c, engine, kill, of_home, picture, said_by, wait_until
from tests.soak import books
from tests.soak.mail_sink import Sink, mail_sink

pytestmark = pytest.mark.xdist_group("prefect")
"""Beside the one other server of the tests: two at a time are enough for a small machine."""

SERVER, RUNNER = "server start", "schedules.runner"
KILLED = ([SERVER], [RUNNER], [SERVER, RUNNER]) if FULL else ([SERVER, RUNNER],)
"""What is killed one after the other, before the whole of it. A new server is ten seconds of a processor, so
each alone is killed with `ECO_SWEEP=full` only."""

LONG = 150.0
"""Seconds within which a small and busy machine starts a server, a runner and a run."""


def undisturbed(home: Path) -> Settings:
    """The month as it is without an engine, day by day."""
    settings = new_home(home)
    while (at := quick.morning(settings)) is not None:
        run_directly(settings, Order(now=at, actor="schedule"))
        deliver_batch(settings, at)
    return settings


def sigterm(process: subprocess.Popen[str]) -> None:
    """As systemd does it, to `eco up` alone."""
    process.send_signal(signal.SIGTERM)


def assert_ends_in_time(
    process: subprocess.Popen[str], by: Callable[[subprocess.Popen[str]], None] = sigterm
) -> None:
    """It ends as asked, within ten seconds."""
    started = time.monotonic()
    by(process)
    process.wait(20)
    assert time.monotonic() - started < 10
    assert process.returncode == 0


def assert_nothing_is_lost_or_doubled(settings: Settings, arrived: Counter[str], kills: int) -> None:
    """In the books and in the mailboxes; each kill may leave one message in doubt, taken as arrived."""
    database = Database(settings.database)
    assert books.lost(database) == books.doubled(database, arrived) == []
    assert books.not_sent(database, arrived) == []
    not_arrived = books.not_arrived(database, arrived)
    assert not any(not_arrived.values())
    assert len(not_arrived) <= kills
    database.dispose()


@pytest.fixture
def slow_sink() -> Iterator[Sink]:
    """A mail server that takes some seconds for the mails of a round, so that kills fall among them."""
    with mail_sink() as server:
        server.seconds = 0.1
        yield server


def test_killed_in_every_part_the_engine_does_its_work_once_and_ends_whole(
    tmp_path: Path, slow_sink: Sink
) -> None:
    """Parts of it and the whole of it are killed while the mails of a round leave; four mornings follow."""
    expected = picture(undisturbed(tmp_path / "calm" / "home"))
    settings = new_home(tmp_path / "stormy" / "home")
    home, arrived = settings.home, slow_sink.arrived

    def waiting() -> int:
        return sum(state == "pending" for *_, state in picture(settings)["messages"])

    def wait_amid_a_delivery() -> None:
        before = len(arrived)
        wait_until(lambda: len(arrived) >= before + 3, LONG, home)
        assert waiting() > 0

    def wait_for_another_morning(than: datetime) -> None:
        wait_until(lambda: quick.morning(settings) != than, LONG, home)

    with engine(home, ECO_MAIL_URL=slow_sink.url):
        for parts in KILLED:
            wait_amid_a_delivery()
            for part in parts:
                kill(home, part)
        wait_amid_a_delivery()
        kill(home, "")  # everything at once
    with engine(home, ECO_MAIL_URL=slow_sink.url) as process:
        while (at := quick.morning(settings)) is not None:
            wait_for_another_morning(at)
        address = said_by(home).read_text().rpartition("metrics are at ")[2].split()[0]
        assert 'eco_child_up{child="server"} 1.0' in httpx.get(f"{address}/metrics", trust_env=False).text
        assert_ends_in_time(process, by=ctrl_c)
    assert of_home(home) == {}
    told = [json.loads(line) for line in (home / "log" / "eco.log").read_text().splitlines()]
    assert {line["run"] for line in told if line["event"] == "decided" and line["flow_run"]} == {
        f"2022-03-{day}" for day in range(14, 19)
    }
    assert picture(settings) == expected
    assert_nothing_is_lost_or_doubled(settings, arrived, kills=len(KILLED) + 1)


def test_an_engine_that_waits_for_a_server_which_hangs_ends_in_time(tmp_path: Path) -> None:
    """Its runner, which is at work, waits for the server too."""
    settings = new_home(tmp_path / "home")
    home, first = settings.home, quick.morning(settings)
    with engine(home) as process:

        def calls() -> set[int]:
            return {one.laddr.port for one in psutil.Process(process.pid).net_connections() if one.raddr}

        wait_until(lambda: quick.morning(settings) != first, LONG, home)
        [server] = [number for number, command in of_home(home).items() if SERVER in command]
        os.kill(server, signal.SIGSTOP)
        before = calls()
        wait_until(lambda: bool(calls() - before), 30, home)
        assert_ends_in_time(process)
    assert of_home(home) == {}


def test_an_engine_that_ends_while_a_mail_server_hangs_leaves_no_message_in_doubt(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    home = settings.home

    def states() -> set[str]:
        return {state for *_, state in picture(settings)["messages"]}

    with mail_host("hang") as host, engine(home, ECO_MAIL_URL=f"smtp://127.0.0.1:{host.port}") as process:
        wait_until(lambda: "sending" in states(), LONG, home)
        assert_ends_in_time(process)
    assert of_home(home) == {}
    assert states() == {"pending"}


def test_an_engine_says_that_it_waits_for_the_server_that_somebody_else_runs(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home").home
    said = "the Prefect server at http://127.0.0.1:9/api does not answer: nothing runs until it does"
    with engine(home, PREFECT_API_URL="http://127.0.0.1:9/api"):
        wait_until(lambda: said in said_by(home).read_text(), 30, home)
        told = [json.loads(line) for line in (home / "log" / "eco.log").read_text().splitlines()]
        assert "http://127.0.0.1:9/api" in [line.get("error") for line in told]


@pytest.mark.parametrize("told_by", [signal.SIGTERM, signal.SIGINT])
def test_an_engine_that_is_ended_while_it_still_looks_whether_it_can_start_ends_as_asked(
    told_by: signal.Signals, tmp_path: Path
) -> None:
    """The mail server takes the call and says nothing."""
    home = new_home(tmp_path / "home").home
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute.settimeout(LONG)
        mail = f"smtp://127.0.0.1:{mute.getsockname()[1]}"
        with engine(home, ECO_MAIL_URL=mail) as process, mute.accept()[0]:
            process.send_signal(told_by)
            assert process.wait(20) == 0
    assert said_by(home).read_text() == ""
    assert not (home / "prefect").exists()


def test_a_second_engine_in_the_same_home_says_who_runs_there(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    with alone(settings.home), engine(settings.home) as second:
        assert second.wait(60) == 1
    assert f"eco up runs here already, as process {os.getpid()}" in said_by(settings.home).read_text()
