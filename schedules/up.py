"""`eco up`: the Prefect server and the runner of the timetable, kept alive until somebody ends them."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from logging import WARNING
from pathlib import Path
from typing import Any

import httpx

from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.log import keep_log, note
from eco_workflow.private import private_folder
from eco_workflow.settings import Settings
from eco_workflow.stop import Ending, Stop
from eco_workflow.store.engine_lock import alone
from schedules.absence import Absence
from schedules.children import Child, adopt_orphans, orphans, tell
from schedules.metrics import Process
from schedules.server import (
    NO_REPORTING_HOME,
    START_SECONDS,
    answers,
    credentials,
    free_port,
    server_command,
    without_password,
)
from schedules.timetable import last_start, runs
from schedules.watch import Watcher, answering

LOOK_SECONDS = 0.5
HEALTH_SECONDS = 5.0
HANGS_AFTER = 60.0
"""A server that has not answered for so long is ended and started again; `START_SECONDS` while it starts."""

JUMP_SECONDS = 60.0
"""A clock of the wall that moves by more between two looks has been set, or the machine slept."""

END_RUNNER_SECONDS, END_SERVER_SECONDS, END_REST_SECONDS = 5.0, 2.0, 1.0
"""How long each may take to end by itself; the rest is ended for it, within ten seconds altogether. A run
waits `notifications.handing.LAST_WORD_SECONDS` for a server that has a mail in hand.
"""

# Without it Prefect's own database would grow for ever: runs go after 90 days, Prefect's default.
SERVER = NO_REPORTING_HOME | {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
}


class Engine:
    """The two processes and what is known of them."""

    def __init__(self, home: Path, timetable: str, say: Callable[[str], Any], stop: Stop) -> None:
        """`timetable`: module and name of the table that the runner serves. `stop` may break its waiting."""
        self.say, self.stop = say, stop
        folder = home.absolute() / "prefect"
        logs = home.absolute() / "log"
        for made in (folder, logs):
            private_folder(made, below=made.parent)
        named = os.environ.get("PREFECT_API_URL")
        port = free_port()
        self.url = named or f"http://127.0.0.1:{port}/api"
        shared = dict(os.environ) | {"PREFECT_HOME": str(folder)} | NO_REPORTING_HOME
        without = {name: value for name, value in shared.items() if name != "PREFECT_API_URL"}
        self.server = (
            None
            if named
            else Child("server", server_command(port), without | SERVER, logs / "server.log", say)
        )
        self.runner = Child(
            "runner",
            [sys.executable, "-P", "-m", "schedules.runner", timetable, str(os.getpid())],
            shared | {"PREFECT_API_URL": self.url},
            logs / "runner.log",
            say,
            dies_by=signal.SIGTERM,  # it ends its runs first, or `end_with` ends them all
        )
        self.answered = self.missed = -HANGS_AFTER
        self.patience = START_SECONDS
        self.looked = 0.0
        self.is_well = False
        self.caught_up = False
        self.booted: datetime | None = None
        """The instant at which the clock that only goes forward read nought, by the clock of the wall."""
        self.absence = Absence()
        self.lacking: tuple[str, ...] = ()
        """What has been away for minutes, in words that say where to look; also asked from other threads."""

    def tend(self, at: float, now: datetime) -> None:
        """One look: starts what does not run, ends what hangs, makes up for a missed morning once."""
        self._follow_clock(at, now)
        for child in self.children:
            child.keep_log_short(at)
        if self.server is not None and self.server.tend(at):
            self.answered, self.is_well, self.patience = at, False, START_SECONDS
        if at - self.looked >= (HEALTH_SECONDS if self.is_well else LOOK_SECONDS):
            self.looked = at
            self._look(at)
        if self.is_well:
            self.runner.tend(at)
        if self.runner.pid is not None and not self.caught_up and self.is_well:
            with self.stop.breaking():
                self._catch_up(now)
        orphans(self.pids)
        self.lacking = self._lacks(at, now)

    def _follow_clock(self, at: float, now: datetime) -> None:
        """Starts the parts anew where the clock was set: Prefect's scheduler sleeps until an instant of the
        old one, and plans nothing more where starts are planned far ahead (docs/decisions/0038).
        """
        before, self.booted = self.booted, now - timedelta(seconds=at)
        if before is None or abs(self.booted - before) < timedelta(seconds=JUMP_SECONDS):
            return
        by = (self.booted - before).total_seconds()
        note("clock moved", level=WARNING, seconds=by)
        how = "forward" if by > 0 else "back"
        self.say(f"the clock moved {how} by {abs(by):.0f} s: what runs here starts anew")
        self._end_parts()

    def _lacks(self, at: float, now: datetime) -> tuple[str, ...]:
        """A part that lives for less than a minute each time is away all the while."""
        serves = self.is_well and (self.server is None or self.server.is_steady(at))
        stays = self.runner.is_steady(at)
        away = self.absence.longer(server=serves, runner=stays, at=at, now=now)
        if away is None:
            return ()
        part, then = away
        since, logs = f"since {wall_time(then)}", self.runner.log.parent
        if part == "server" and self.server is None:
            where = without_password(self.url)
            return (
                f"the Prefect server at {where}, which PREFECT_API_URL names, has not answered {since}: "
                "nothing runs. Start it, or correct the variable and start eco up anew",
            )
        said = {
            "server": f"the Prefect server has not stayed up for a minute {since}",
            "runner": f"the runner has not stayed up for a minute {since}",
            "both": f"the Prefect server and the runner were not up together {since}",
        }[part]
        log = logs if part == "both" else logs / f"{part}.log"
        return (f"{said}: runs may not begin. See {log}",)

    def _look(self, at: float) -> None:
        with self.stop.breaking():
            does = answers(self.url)
        if does:
            if not self.is_well:
                self.say(f"the Prefect server answers at {without_password(self.url)}")
            self.answered, self.is_well, self.patience = at, True, HANGS_AFTER
            return
        self.is_well = False
        if self.server is None:
            self._miss(at)
        elif self.server.pid is not None and at - self.answered > self.patience:
            note("server hangs", level=WARNING, seconds=at - self.answered)
            self.say(f"the server has not answered for {self.patience:.0f} s")
            self.server.kill()

    def _miss(self, at: float) -> None:
        """Says now and then that a server which somebody else runs is waited for."""
        if at - max(self.answered, self.missed) > HANGS_AFTER:
            self.missed = at
            where = without_password(self.url)
            note("server does not answer", level=WARNING, error=where)
            self.say(f"the Prefect server at {where} does not answer: nothing runs until it does")

    def _catch_up(self, now: datetime) -> None:
        """Starts the day's run now, where its hour has passed; it does what is due, and nothing twice."""
        if shanghai_date(last_start(runs(), now)) < shanghai_date(now):
            self.caught_up = True
            return
        asks = httpx.Client(trust_env=False, timeout=HEALTH_SECONDS, headers=credentials())
        with asks as client, suppress(httpx.HTTPError):
            found = client.get(f"{self.url}/deployments/name/dispatch/follow-up")
            if found.status_code == httpx.codes.NOT_FOUND:
                return  # the runner has not registered it yet
            deployment = found.raise_for_status().json()["id"]
            client.post(f"{self.url}/deployments/{deployment}/create_flow_run", json={}).raise_for_status()
            self.say("the day's run is started, in case it was missed")
            self.caught_up = True

    @property
    def children(self) -> list[Child]:
        """The server, where it is ours, and the runner."""
        return [child for child in (self.server, self.runner) if child is not None]

    @property
    def pids(self) -> set[int]:
        """The processes that run now."""
        return {child.pid for child in self.children if child.pid}

    def processes(self) -> list[Process]:
        """How they fare, for who watches."""
        return [
            Process(child.name, child.pid is not None, max(child.starts - 1, 0)) for child in self.children
        ]

    def end(self) -> None:
        """Asks the runner, then the server to end; whoever stays is ended, and all that they started.

        The runs of a runner that died before are asked first: they have that long for a mail in hand.
        """
        tell(orphans(self.pids), signal.SIGTERM)
        self._end_parts()
        until = time.monotonic() + END_REST_SECONDS
        while (left := orphans(set())) and time.monotonic() < until:
            tell(left, signal.SIGKILL)
            time.sleep(LOOK_SECONDS / 10)

    def _end_parts(self) -> None:
        """The runner first: its runs tell the server what became of them."""
        for child, seconds in ((self.runner, END_RUNNER_SECONDS), (self.server, END_SERVER_SECONDS)):
            if child is not None:
                child.end(seconds)


def up(settings: Settings, timetable: str, say: Callable[[str], Any], stop: Stop) -> None:
    """Keeps the engine running until `stop`, which listens, is told to end; then nothing of it is left."""
    with alone(settings.home) as lock:
        keep_log(settings.home)
        note("engine started", number=os.getpid())
        adopt_orphans()
        engine = Engine(settings.home, timetable, say, stop)
        try:
            with answering(Watcher(settings, engine.processes, lambda: engine.lacking)) as address:
                if address:
                    say(f"health and metrics are at {address}")
                with suppress(Ending):
                    while not stop.within(LOOK_SECONDS):
                        engine.tend(time.monotonic(), datetime.now(UTC))  # noqa: TID251 (the edge)
                        lock.tell(engine.lacking)
            note("engine ending", number=os.getpid())
            say("ending")
        finally:
            engine.end()
