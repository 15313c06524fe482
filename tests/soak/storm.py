"""What is done to an engine for an hour: its parts are killed or hang, its mail server is away."""

import math
import os
import random
import signal
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import col, select

from eco_workflow.settings import Settings
from eco_workflow.store.tables import Plan
from flows.wiring import open_checked
from tests.office import Office
from tests.schedules import quick
from tests.schedules.engine_room import engine, kill, of_home
from tests.soak.mail_sink import Sink
from tests.soak.monitor import Monitor
from tests.soak.plan import long_plan
from tests.soak.stormy import LAST
from tests.soak.watch import Sample, look

EVERY_SECONDS = 5.0
LULL_SECONDS = (40.0, 150.0)
"""Between two faults, at random: a small machine takes half a minute to come back."""
GONE_SECONDS = 20.0
LEFT_DOWN_SECONDS = 60.0
"""How long at most nobody starts an engine again that was killed; half the time it is started at once."""
HANGS_UP = 0.02
"""The share of mails after which the mail server hangs up."""
AWAY_SECONDS = 10.0
UNITS = 3
FAULTS = ("server", "runner", "both", "eco up", "hang", "mail")
HANGS_SECONDS = ((5.0, 45.0), (70.0, 90.0))
"""How long the server or the runner does nothing: `eco up` ends a server after a minute, and no runner."""
KILLS_UNTIL = 2 / 3
"""After this share of the time the mail server alone fails: what leaks shows in processes that live."""
SETTLED_SECONDS = 90.0
"""So long after the last kill all of it runs again, on a busy machine too; from then on it has to stay."""


@dataclass
class Storm:
    """One `eco up` after the other in one home, and what is done to it."""

    settings: Settings
    sink: Sink
    chance: random.Random
    left_down: float = LEFT_DOWN_SECONDS
    samples: list[Sample] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)
    """Processes that outlived their `eco up`."""
    killed_at: float = 0.0
    """When all was started again, or let go on, after the last fault; seconds after the start."""
    hung: dict[int, float] = field(default_factory=dict)
    """Processes that were stopped, and when each may go on."""
    stopped: float = 0.0
    """For how many seconds a part was, or nobody had started the engine again: it can do nothing then."""
    calm: tuple[float, int] | None = None
    """Since when nothing was killed and all runs again, and the mornings until then."""

    def __post_init__(self) -> None:
        self.monitor = Monitor(self.settings.home)

    def rage(self, seconds: float) -> None:
        """Keeps an engine running for so long, with a fault now and then; ends it in the end."""
        started = time.monotonic()
        next_fault, back_at = self._lull(0.0), 0.0
        with ExitStack() as running:
            self._start(running)
            while (at := time.monotonic() - started) < seconds:
                self.samples.append(look(self.settings.home, at, time.time()))
                self.monitor.ask(at)
                self.let_go_on(at)
                kills = at < KILLS_UNTIL * seconds
                if not (self.calm or self.hung or kills) and at >= self.killed_at + SETTLED_SECONDS:
                    self.calm = at, mornings(self.settings)
                if self.sink.is_away and at >= back_at:
                    self.sink.is_away = False
                if at >= next_fault:
                    fault = self.chance.choice(FAULTS) if kills else "mail"
                    self.faults[fault] += 1
                    if fault == "mail":
                        self.sink.is_away, back_at = True, at + AWAY_SECONDS
                    elif fault == "hang":
                        self.hang(at)
                    else:
                        self._kill(fault, running)
                        self.killed_at = time.monotonic() - started
                    next_fault = self._lull(at)
                self.stopped += EVERY_SECONDS if self.hung else 0.0
                time.sleep(EVERY_SECONDS)
            self.sink.is_away = False
            self.let_go_on(math.inf)
        self._gone()

    def _lull(self, at: float) -> float:
        return at + self.chance.uniform(*LULL_SECONDS)

    def _start(self, running: ExitStack) -> None:
        url = self.sink.url
        running.enter_context(engine(self.settings.home, "tests.soak.stormy:STORMY", ECO_MAIL_URL=url))

    def _kill(self, fault: str, running: ExitStack) -> None:
        home = self.settings.home
        if fault in ("server", "both"):
            kill(home, "server start")
        if fault in ("runner", "both"):
            kill(home, "schedules.runner")
        if fault == "eco up":
            self.let_go_on(math.inf)  # who is stopped does not see that its parent is gone
            kill(home, "cli.main")
            running.close()
            self._gone()
            if self.chance.random() < 0.5:
                self.faults["left down"] += 1
                self.stopped += (seconds := self.chance.uniform(0, self.left_down))
                time.sleep(seconds)
            self._start(running)

    def hang(self, at: float) -> None:
        """Stops the server or the runner for a while."""
        part = self.chance.choice(("server start", "schedules.runner"))
        goes_on = at + self.chance.uniform(*self.chance.choice(HANGS_SECONDS))
        for pid in [pid for pid, command in of_home(self.settings.home).items() if part in command]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                self.hung[pid] = goes_on

    def let_go_on(self, at: float) -> None:
        """Those whose time is over; who was killed meanwhile does not."""
        for pid in [pid for pid, goes_on in self.hung.items() if at >= goes_on]:
            self.killed_at = max(self.killed_at, self.hung.pop(pid))
            if pid in of_home(self.settings.home):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _gone(self) -> None:
        """Waits until nothing works in the home any more; notes and ends what stays."""
        until = time.monotonic() + GONE_SECONDS
        while (left := of_home(self.settings.home)) and time.monotonic() < until:
            time.sleep(0.2)
        self.left += left.values()
        kill(self.settings.home, "")


def new_office(home: Path, mail: str | None) -> Settings:
    """An installation with the plan of years, active from 1 March 2022."""
    home.mkdir(parents=True)
    settings = Settings(home=home, database_url=None, mail_url=mail)
    office = Office(settings.database, home, plan=long_plan(home, units=UNITS, last_day=LAST))
    office.open()
    office.database.dispose()
    return settings


def mornings(settings: Settings) -> int:
    """How many mornings were run."""
    with open_checked(settings) as database, database.read() as session:
        last = session.exec(select(col(Plan.last_run_on))).one()
    return (last - quick.FIRST).days + 1 if last else 0
