"""`make soak`: an hour of `eco up` on a timetable of every few seconds, with faults at random moments.

kill -9 of the server, the runner, both, and of `eco up` itself, after which nothing of it may be left and it
is started again, half the time only after up to a minute, and a server or a runner that hangs for up to one
and a half, during the first two thirds; throughout, a mail server that hangs up on every call for some
seconds, and on some mails after it took them, and a monitor that asks for `/metrics` and `/health` every ten
seconds. All processes are looked at every five seconds. In the end the database is held against that of a
twin that had the same mornings without an engine and without a fault.

Prints memory, files, connections and processes around a tenth of the time and at the end. Ends with 1 when
the engine stood still, as a whole or after the last kill, when a part ended that nobody had killed, when the
twin differs, when something is lost or arrived twice, when more is in doubt than was killed, when the health
address was silent after the last kill, when a process is left, or when one of the engine's own grew beyond
the bounds of `leaks` while it lived.
"""

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eco_workflow.store.session import Database
from tests.memory import memory
from tests.schedules.engine_room import picture
from tests.soak import books
from tests.soak.leaks import grown, restarted
from tests.soak.mail_sink import mail_sink
from tests.soak.storm import HANGS_UP, LEFT_DOWN_SECONDS, Storm, mornings, new_office
from tests.soak.stormy import calm, whole
from tests.soak.summary import summary

MINUTES = 60.0
MORNING_SECONDS = 30.0
"""A morning takes 13 s with all the faults; an engine that needs more than twice that stood still."""
IN_DOUBT = ("runner", "both", "eco up")
"""Kills that may leave a message in doubt, one each, since one at a time is handed over."""


def soak(folder: Path, seconds: float, seed: int, left_down: float) -> dict[str, Any]:
    """So many seconds of it, and the comparison with the twin; what it came to."""
    chance = random.Random(seed)
    with mail_sink() as sink:
        sink.hangs_up = lambda: chance.random() < HANGS_UP
        settings = new_office(folder / "stormy" / "home", sink.url)
        storm = Storm(settings, sink, random.Random(seed), left_down)
        storm.rage(seconds)
        sink.hangs_up = lambda: False
        done = mornings(settings)
        last = whole(settings)
    database = Database(settings.database)
    twin = new_office(folder / "calm" / "home", None)
    calm(twin, last)
    missing = books.not_arrived(database, sink.arrived)
    in_doubt = sum(not accepted for accepted in missing.values())
    since, done_before = storm.calm or (seconds, done)
    found = {
        "seconds": round(seconds),
        "mornings": done,
        "mornings in calm": [done - done_before, f"in {seconds - since:.0f} s"],
        "messages": books.count(database, "message"),
        "seconds stopped": round(storm.stopped),
        "faults": dict(sorted(storm.faults.items())),
        "calls that were hung up on": sink.dropped,
        "in doubt, taken as arrived": in_doubt,
        "health address": storm.monitor.summary(),
        "held": summary(storm.samples, seconds),
        "stood still": stood_still(done, seconds - storm.stopped)
        + stood_still(done - done_before, seconds - since),
        "ended by themselves": restarted(storm.samples, since),
        "health address silent": storm.monitor.silent(since),
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
        "stood still", "ended by themselves", "health address silent", "grown", "processes left",
        "differs from its twin", "not arrived", "not sent", "too many in doubt", "lost", "doubled", "broken",
    )  # fmt: skip
    return int(any(found[name] for name in names))


if __name__ == "__main__":
    sys.exit(main())
