"""`make soak`: an hour of `eco up` on a timetable of every few seconds, with faults at random moments.

kill -9 of the server, the runner, both, and of `eco up` itself, after which nothing of it may be left and it
is started again, half the time only after up to a minute, during the first two thirds; throughout, a mail
server that hangs up on every call for some seconds, and on some mails after it took them. All processes are
looked at every five seconds. In the end the database is held against that of a twin that had the same
mornings without an engine and without a fault.

Prints memory, files, connections and processes around a tenth of the time and at the end. Ends with 1 when
the engine stood still, as a whole or after the last kill, when a part ended that nobody had killed, when the
twin differs, when something is lost or arrived twice, when more is in doubt than was killed, when a process
is left, or when one of the engine's own grew beyond the bounds of `leaks` while it lived.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Plan
from flows.wiring import open_checked
from tests.memory import memory
from tests.office import Office
from tests.schedules import quick
from tests.schedules.engine_room import engine, kill, of_home, picture
from tests.soak import books
from tests.soak.leaks import grown, restarted
from tests.soak.mail_sink import Sink, mail_sink
from tests.soak.plan import long_plan
from tests.soak.stormy import LAST, calm, whole
from tests.soak.summary import summary
from tests.soak.watch import Sample, look

MINUTES = 60.0
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
FAULTS = ("server", "runner", "both", "eco up", "mail")
MORNING_SECONDS = 30.0
"""A morning takes 13 s with all the faults; an engine that needs more than twice that stood still."""
KILLS_UNTIL = 2 / 3
"""After this share of the time the mail server alone fails: what leaks shows in processes that live."""
SETTLED_SECONDS = 90.0
"""So long after the last kill all of it runs again, on a busy machine too; from then on it has to stay."""
IN_DOUBT = ("runner", "both", "eco up")
"""Kills that may leave a message in doubt, one each, since one at a time is handed over."""


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
    """When all was started again after the last kill; seconds after the start, like all of these."""
    calm: tuple[float, int] | None = None
    """Since when nothing was killed and all runs again, and the mornings until then."""

    def rage(self, seconds: float) -> None:
        """Keeps an engine running for so long, with a fault now and then; ends it in the end."""
        started = time.monotonic()
        next_fault, back_at = self._lull(0.0), 0.0
        with ExitStack() as running:
            self._start(running)
            while (at := time.monotonic() - started) < seconds:
                self.samples.append(look(self.settings.home, at, time.time()))
                kills = at < KILLS_UNTIL * seconds
                if self.calm is None and not kills and at >= self.killed_at + SETTLED_SECONDS:
                    self.calm = at, mornings(self.settings)
                if self.sink.is_away and at >= back_at:
                    self.sink.is_away = False
                if at >= next_fault:
                    fault = self.chance.choice(FAULTS) if kills else "mail"
                    self.faults[fault] += 1
                    if fault == "mail":
                        self.sink.is_away, back_at = True, at + AWAY_SECONDS
                    else:
                        self._kill(fault, running)
                        self.killed_at = time.monotonic() - started
                    next_fault = self._lull(at)
                time.sleep(EVERY_SECONDS)
            self.sink.is_away = False
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
            kill(home, "cli.main")
            running.close()
            self._gone()
            if self.chance.random() < 0.5:
                self.faults["left down"] += 1
                time.sleep(self.chance.uniform(0, self.left_down))
            self._start(running)

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


def soak(folder: Path, seconds: float, seed: int, left_down: float) -> dict[str, Any]:
    """So many seconds of it, and the comparison with the twin; what it came to."""
    chance = random.Random(seed)
    with mail_sink() as sink:
        sink.hangs_up = lambda: chance.random() < HANGS_UP
        settings = new_office(folder / "stormy" / "home", sink.url)
        storm = Storm(settings, sink, random.Random(seed), left_down)
        storm.rage(seconds)
        sink.hangs_up = lambda: False
        last = whole(settings)
    database = Database(settings.database)
    twin = new_office(folder / "calm" / "home", None)
    calm(twin, last)
    missing = books.not_arrived(database, sink.arrived)
    in_doubt = sum(not accepted for accepted in missing.values())
    done = (last - quick.FIRST).days + 1
    since, done_before = storm.calm or (seconds, done)
    found = {
        "seconds": round(seconds),
        "mornings": done,
        "mornings in calm": [done - done_before, f"in {seconds - since:.0f} s"],
        "messages": books.count(database, "message"),
        "faults": dict(sorted(storm.faults.items())),
        "calls that were hung up on": sink.dropped,
        "in doubt, taken as arrived": in_doubt,
        "held": summary(storm.samples, seconds),
        "stood still": stood_still(done, seconds) + stood_still(done - done_before, seconds - since),
        "ended by themselves": restarted(storm.samples, since),
        "grown": grown(storm.samples),
        "processes left": storm.left,
        "differs from its twin": list(differences(picture(twin), picture(settings))),
        "not arrived": [name for name, accepted in missing.items() if accepted],
        "not sent": books.not_sent(database, sink.arrived),
        "too many in doubt": too_many_in_doubt(in_doubt, storm.faults),
        "lost": books.lost(database),
        "doubled": books.doubled(database, sink.arrived),
        "broken": books.broken(database, settings),
    }
    database.dispose()
    return found


def mornings(settings: Settings) -> int:
    """How many mornings were run."""
    with open_checked(settings) as database, database.read() as session:
        last = session.exec(select(col(Plan.last_run_on))).one()
    return (last - quick.FIRST).days + 1 if last else 0


def stood_still(done: int, seconds: float) -> list[str]:
    """That the engine did too few mornings in its time: the twin has the same ones, and would not tell."""
    least = int(seconds / MORNING_SECONDS)
    return [] if done >= least else [f"{done} mornings in {seconds:.0f} s, of at least {least}"]


def too_many_in_doubt(in_doubt: int, faults: Counter[str]) -> list[str]:
    """That more is in doubt than kills can have left so, the end of the storm among them.

    Whoever is hung up on leaves none that did not arrive: before the end of a mail it stays pending.
    """
    most = 1 + sum(faults[fault] for fault in IN_DOUBT)
    return [] if in_doubt <= most else [f"{in_doubt} messages, of at most {most}"]


def differences(wanted: dict[str, list[Any]], found: dict[str, list[Any]]) -> Iterator[str]:
    """Rows that stand in one picture alone."""
    for name, rows in wanted.items():
        yield from (f"{name} is missing: {row}" for row in sorted(set(rows) - set(found[name]), key=str))
        yield from (f"{name} is too many: {row}" for row in sorted(set(found[name]) - set(rows), key=str))


def main() -> int:
    """Soaks in a temporary folder and prints what it came to; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="tests.soak.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seed", type=int, default=1, help="of the faults and their moments")
    parser.add_argument(
        "--left-down",
        type=float,
        default=LEFT_DOWN_SECONDS,
        help="seconds at most before a killed engine returns",
    )
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eco-soak-", dir=memory()) as folder:
        found = soak(Path(folder), wanted.minutes * 60, wanted.seed, wanted.left_down)
    print(json.dumps(found, ensure_ascii=False, indent=2))  # noqa: T201
    names = (
        "stood still", "ended by themselves", "grown", "processes left", "differs from its twin",
        "not arrived", "not sent", "too many in doubt", "lost", "doubled", "broken",
    )  # fmt: skip
    return int(any(found[name] for name in names))


if __name__ == "__main__":
    sys.exit(main())
