"""A monitor is told of every run, and no run fails because it cannot be told."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from flows.wiring import run_directly
from tests.flows.homes import new_home, order


@pytest.fixture
def monitor() -> Iterator[tuple[str, list[str]]]:
    """Its address, and what it was asked."""
    asked: list[str] = []

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Monitor)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ping/eco", asked
    server.shutdown()
    server.server_close()


def test_every_run_is_told_to_the_monitor_also_one_without_work(
    tmp_path: Path, monitor: tuple[str, list[str]]
) -> None:
    url, asked = monitor
    settings = new_home(tmp_path / "home").model_copy(update={"heartbeat_url": url})
    for _ in range(2):
        run_directly(settings, order(14))
    assert asked == ["/ping/eco", "/ping/eco"]


def test_a_run_that_waits_for_a_person_is_not_told_to_the_monitor(
    tmp_path: Path, monitor: tuple[str, list[str]]
) -> None:
    """A plan whose date somebody must confirm is not at work, however often its run begins."""
    url, asked = monitor
    settings = new_home(tmp_path / "home").model_copy(update={"heartbeat_url": url})
    run_directly(settings, order(14))
    for day in (13, 14):
        run_directly(settings, order(day))
    assert asked == ["/ping/eco", "/ping/eco"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/ping", "no address"])
def test_a_monitor_that_cannot_be_reached_stops_no_run(tmp_path: Path, url: str) -> None:
    settings = new_home(tmp_path / "home").model_copy(update={"heartbeat_url": url})
    result = run_directly(settings, order(14))
    assert result.delivered.sent == 22
