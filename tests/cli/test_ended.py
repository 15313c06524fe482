"""What a person sees who ends a command while it waits for somebody else."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from flows.wiring import BEAT_SECONDS
from tests.cli.terminal import DISPATCH, GOES_ON, ROOT, STOPPED, Terminal
from tests.notifications.mail_host import mail_host
from tests.silent import silent

LEFT = "what was not handed over yet leaves with the next delivery: see eco outbox list."
AGAIN = "eco: ending. What is in hand is waited for, a few seconds; ctrl-C again ends at once."


SWALLOWED = """
import asyncio, signal
from eco_workflow.stop import Stop

async def main():
    asyncio.get_running_loop().set_exception_handler(lambda *_: print("swallowed", flush=True))
    asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGTERM)
    await asyncio.sleep(0.1)
    signal.raise_signal(signal.SIGTERM)
    await asyncio.sleep(0.1)
    print("ran to its end")

stop = Stop()
with stop.listening(signal.SIGTERM, again_ends=True), stop.breaking():
    asyncio.run(main())
"""


def at_port(port: int) -> str:
    return f"smtp://127.0.0.1:{port}"


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_declaration_of_which_the_delivery_is_ended_stands_and_is_told(
    eco: Terminal, number: signal.Signals
) -> None:
    """To type it again would be refused: it is recorded, and what tells of it leaves later."""
    assert eco("dispatch", "--direct", "--now", "2022-03-28T09:00:00+08:00").code == 0
    saturday = ("--now", "2022-04-09T09:30:00+08:00", "--json")
    host = ("report", "submit", "地区生态环境局", "V3", "--occurred", "yes", *saturday)
    with mail_host("hang") as server, eco.started(*host, ECO_MAIL_URL=at_port(server.port)) as command:
        wait_until(lambda: server.connections > 0)
        command.send_signal(number)
        out, err = command.communicate(timeout=20)
    said = json.loads(out)
    assert (said["item"], said["told_at_once"]) == ("V3", True)
    assert err.splitlines()[-1] == f"{STOPPED}{LEFT}"
    assert command.returncode == 128 + number
    waiting = eco("outbox", "list", "--on", "2022-04-09", "--json").json
    assert {mail["state"] for mail in waiting} == {"pending"}
    assert eco("dispatch", "--direct", *saturday[:2]).code == 0
    sent = eco("outbox", "list", "--on", "2022-04-09", "--json").json
    assert {mail["state"] for mail in sent} == {"sent"}


def test_a_declaration_of_which_the_delivery_fails_is_told_all_the_same(eco: Terminal) -> None:
    assert eco("dispatch", "--direct", "--now", "2022-03-28T09:00:00+08:00").code == 0
    saturday = ("--now", "2022-04-09T09:30:00+08:00", "--json")
    lock = eco.home / "eco.db.deliver"
    lock.unlink()
    lock.mkdir()
    said = eco("report", "submit", "地区生态环境局", "V3", "--occurred", "yes", *saturday)
    assert (said.json["item"], said.code) == ("V3", 1)
    assert said.err.startswith(f"eco: The lock file {lock} cannot be written")


def test_asyncio_swallows_a_signal_once_at_most() -> None:
    """What Python calls in a loop hides every exception but its own two from who began it."""
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "swallowed\n")


def test_a_second_ctrl_c_ends_what_hears_the_first_but_waits_for_a_database(fresh: Terminal) -> None:
    """What became of the mail in hand cannot be written down while another holds the database."""
    with mail_host("hang") as server, fresh.started(*DISPATCH, ECO_MAIL_URL=at_port(server.port)) as command:
        wait_until(lambda: server.connections > 0)
        other = sqlite3.connect(fresh.file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        command.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            command.wait(2)
        command.send_signal(signal.SIGINT)
        _, err = command.communicate(timeout=2)
        other.close()
    assert command.returncode == -signal.SIGINT
    assert err.splitlines() == [AGAIN]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_waits_for_a_silent_database_ends_in_a_line(
    empty: Terminal, number: signal.Signals
) -> None:
    with (
        silent() as (host, called),
        empty.started("status", ECO_DATABASE_URL=f"postgresql://{host}/eco") as command,
    ):
        called()
        command.send_signal(number)
        _, err = command.communicate(timeout=5)
    assert err == f"{STOPPED}{GOES_ON}\n"
    assert command.returncode == 128 + number


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_dispatch_that_only_waits_for_its_monitor_ends_at_once(
    fresh: Terminal, number: signal.Signals
) -> None:
    with (
        silent() as (monitor, called),
        fresh.started(*DISPATCH, ECO_HEARTBEAT_URL=f"http://{monitor}/") as command,
    ):
        called()
        asked = time.monotonic()
        command.send_signal(number)
        _, err = command.communicate(timeout=20)
        assert time.monotonic() - asked < BEAT_SECONDS - 0.5
    assert err.splitlines()[-1] == f"{STOPPED}{GOES_ON}"
    assert command.returncode == 128 + number
    assert {mail["state"] for mail in fresh("outbox", "list", "--json").json} == {"sent"}
