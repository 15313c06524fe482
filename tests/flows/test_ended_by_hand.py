"""`eco dispatch` told to end while its mail server hangs ends soon, in words, and nothing is in doubt."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from eco_workflow.store.session import Database
from tests.cli.terminal import ECO, GOES_ON, ROOT, ROUND_DAY, STOPPED
from tests.flows.homes import new_home
from tests.flows.server import Server
from tests.notifications.mail_host import mail_host

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.mark.parametrize("how", ["--direct", "under Prefect"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_dispatch_that_waits_for_its_mail_server_ends_when_told(
    server: Server, tmp_path: Path, how: str, number: signal.Signals
) -> None:
    settings = new_home(tmp_path / "home")
    words = ["dispatch", "--now", ROUND_DAY, *(["--direct"] if how == "--direct" else [])]
    with mail_host("hang") as host:
        own = {"ECO_HOME": str(settings.home), "ECO_MAIL_URL": f"smtp://127.0.0.1:{host.port}"}
        with subprocess.Popen(
            [*ECO, *words],
            cwd=ROOT,
            env=os.environ | own | {"PREFECT_API_URL": server.url},
            stderr=subprocess.PIPE,
            text=True,
        ) as eco:
            until = time.monotonic() + 60
            while not host.connections and time.monotonic() < until:
                time.sleep(0.05)
            eco.send_signal(number)
            _, said = eco.communicate(timeout=10)
    assert said.splitlines()[-1] == f"{STOPPED}{GOES_ON}"
    assert "Traceback" not in said
    assert eco.returncode == 128 + number
    with Database(settings.database).read() as session:
        found = "SELECT DISTINCT state FROM message"
        assert session.connection().exec_driver_sql(found).scalars().all() == ["pending"]


def test_a_dispatch_under_prefect_says_so_when_it_is_ended_outside_a_delivery(
    server: Server, tmp_path: Path
) -> None:
    """Here while its monitor is waited for. Prefect ends the run, and alone would end it without a word."""
    settings = new_home(tmp_path / "home")
    with socket.create_server(("127.0.0.1", 0)) as monitor:
        monitor.settimeout(60)
        own = {
            "ECO_HOME": str(settings.home),
            "ECO_HEARTBEAT_URL": f"http://127.0.0.1:{monitor.getsockname()[1]}/",
            "PREFECT_API_URL": server.url,
        }
        with subprocess.Popen(
            [*ECO, "dispatch", "--now", ROUND_DAY],
            cwd=ROOT,
            env=os.environ | own,
            stderr=subprocess.PIPE,
            text=True,
        ) as eco:
            called, _ = monitor.accept()
            eco.send_signal(signal.SIGTERM)
            _, said = eco.communicate(timeout=20)
            called.close()
    assert said.splitlines()[-1] == f"{STOPPED}{GOES_ON}"
    assert eco.returncode == 128 + signal.SIGTERM
