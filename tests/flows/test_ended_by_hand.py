"""`eco dispatch` told to end while its mail server hangs ends soon, in words, and nothing is in doubt."""

import signal
import time
from pathlib import Path

import pytest

from eco_workflow.store.session import Database
from tests.cli.terminal import GOES_ON, ROUND_DAY, STOPPED, Terminal
from tests.flows.homes import new_home
from tests.flows.server import Server
from tests.notifications.mail_host import mail_host
from tests.silent import silent

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.mark.parametrize("how", ["--direct", "under Prefect"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_dispatch_that_waits_for_its_mail_server_ends_when_told(
    server: Server, tmp_path: Path, how: str, number: signal.Signals
) -> None:
    settings = new_home(tmp_path / "home")
    words = ["dispatch", "--now", ROUND_DAY, *(["--direct"] if how == "--direct" else [])]
    with mail_host("hang") as host:
        own = {"ECO_MAIL_URL": f"smtp://127.0.0.1:{host.port}", "PREFECT_API_URL": server.url}
        with Terminal(settings.home).started(*words, **own) as eco:
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
    with silent() as (monitor, called):
        own = {"ECO_HEARTBEAT_URL": f"http://{monitor}/", "PREFECT_API_URL": server.url}
        with Terminal(settings.home).started("dispatch", "--now", ROUND_DAY, **own) as eco:
            called()
            eco.send_signal(signal.SIGTERM)
            _, said = eco.communicate(timeout=20)
    assert said.splitlines()[-1] == f"{STOPPED}{GOES_ON}"
    assert eco.returncode == 128 + signal.SIGTERM
