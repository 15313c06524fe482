"""The health address: what `eco up` answers those who watch it, `/health` and `/metrics`.

It runs in threads beside the engine: whoever asks and hangs, or a database that does, holds up neither the
engine nor its end.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from prometheus_client.exposition import CONTENT_TYPE_LATEST

from eco_workflow.domain.errors import EcoError, Unavailable
from eco_workflow.domain.json_text import as_json
from eco_workflow.services.health import health
from eco_workflow.services.measure import Measured, measure
from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from schedules.metrics import Measures, Process, as_text
from schedules.timetable import last_start, next_start, runs

KEPT_SECONDS = 5.0
"""Who asks again so soon is told the same: watching costs the database nothing more."""
WAIT_SECONDS = 3.0
"""How long one waits for another's look at the database."""
TALK_SECONDS = 5.0
"""How long one who asks may take to say what for."""


@dataclass
class Watcher:
    """Looks at the books in a short transaction, one at a time, and remembers for a few seconds.

    What it opens is closed after each look.
    """

    settings: Settings
    processes: Callable[[], Sequence[Process]]
    lacks: Callable[[], Sequence[str]]
    lock: Lock = field(default_factory=Lock)
    seen: Measured | None = None
    seen_at: float = 0.0

    def look(self) -> Measured:
        """The numbers of now, or of a few seconds ago. Raises `EcoError` where there are none."""
        if not self.lock.acquire(timeout=WAIT_SECONDS):
            raise Unavailable(f"The database has not answered for {WAIT_SECONDS:.0f} s.")
        try:
            if self.seen is None or time.monotonic() - self.seen_at > KEPT_SECONDS:
                self.seen = None
                self.seen = self._look()
                self.seen_at = time.monotonic()
            return self.seen
        finally:
            self.lock.release()

    @cached_property
    def _database(self) -> Database:
        """Kept from look to look for the statements it has compiled: else each look leaves memory behind."""
        return Database(self.settings.database)

    def _look(self) -> Measured:
        now = moment()
        database = self._database
        try:
            database.check_writable()
            database.check_version()
            with database.read() as session:
                due_at, next_run_at = last_start(runs(), now), next_start(runs(), now)
                found = health(
                    session,
                    self.settings,
                    now,
                    due_at=due_at,
                    next_run_at=next_run_at,
                    engine=True,
                    lacks=self.lacks(),
                )
                return measure(session, found)
        finally:
            database.dispose()

    def health(self) -> tuple[HTTPStatus, str, bytes]:
        """What `eco health --json` prints; 503 where something is wrong."""
        try:
            found = self.look().health
        except EcoError as error:
            said: Any = {"at": moment(), "engine": True, "wrong": [*self.lacks(), str(error)]}
            return HTTPStatus.SERVICE_UNAVAILABLE, "application/json", as_json(said).encode()
        status = HTTPStatus.SERVICE_UNAVAILABLE if found.wrong else HTTPStatus.OK
        return status, "application/json", as_json(found).encode()

    def metrics(self) -> tuple[HTTPStatus, str, bytes]:
        """The numbers; without a database those of the engine's own processes alone."""
        try:
            measured: Measured | None = self.look()
        except EcoError:
            measured = None
        text = as_text(Measures(moment(), measured, self.processes()))
        return HTTPStatus.OK, CONTENT_TYPE_LATEST, text


def moment() -> datetime:
    """Now: who watches asks for no other time."""
    return datetime.now(UTC)  # noqa: TID251 (the edge)


@contextmanager
def answering(watcher: Watcher) -> Iterator[str]:
    """Serves the health address of the settings meanwhile; the address, empty where there is to be none.

    Raises `Unavailable` where it cannot be listened on.
    """
    where = watcher.settings.health_at
    if where is None:
        yield ""
        return
    try:
        server = _Server(where, _handler(watcher))
    except OSError as error:
        raise Unavailable(
            f"{where[0]}:{where[1]} cannot be listened on: {error.strerror}. See ECO_HEALTH_ADDRESS."
        ) from None
    Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield f"http://{where[0]}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Who hangs up in mid-word is no news."""


def _handler(watcher: Watcher) -> type[BaseHTTPRequestHandler]:
    pages = {"/health": watcher.health, "/metrics": watcher.metrics}

    class Handler(BaseHTTPRequestHandler):
        timeout = TALK_SECONDS
        server_version, sys_version = "eco", ""

        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            if page is None:
                self.send_error(HTTPStatus.NOT_FOUND, explain="There are /health and /metrics.")
                return
            status, kind, body = page()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            # Many monitors ask for the status alone.
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Says nothing: a scrape every few seconds would fill the log."""

    return Handler
