"""A real Prefect server for the tests of this folder: it is ten seconds of a processor, so there is one."""

from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from eco_workflow.log import keep_log
from eco_workflow.settings import Settings
from schedules.server import prefect_server
from tests.flows.homes import new_home
from tests.flows.server import FULL_LOG, Server, without_prefect_settings


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("prefect-home")
    log = home / "prefect" / "server.log"
    log.parent.mkdir()
    log.write_bytes(FULL_LOG)
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch, ExitStack() as running:
        without_prefect_settings(patch)
        url = running.enter_context(prefect_server(home, say=said.append))
        yield Server(url, home, said, running)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """An installation that the environment names, as a flow finds it that a schedule starts."""
    settings = new_home(tmp_path / "home")
    monkeypatch.setenv("ECO_HOME", str(settings.home))
    yield settings
    keep_log(None)


@pytest.fixture
def monitor() -> Iterator[tuple[str, list[str]]]:
    """Its address, and what it was asked."""
    asked: list[str] = []

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            given = self.path.rpartition("/")[2]
            self.send_response(int(given) if given.isdigit() else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Monitor)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ping/eco", asked
    server.shutdown()
    server.server_close()
