"""`make two-engines`: two engines on one PostgreSQL do the work of 100 rounds once.

Two processes with an ECO_HOME each do what the runner of `eco up` does, the plain functions that the flows
call: every morning of a plan with six rounds a month both start at the same moment, decide, and deliver to
one mail server, while two units of three answer. A real `eco up` needs some seconds a morning for its
processes alone, so two of those run for five mornings with a round each, after the others.

Ends with 1 when a round is missing, when a message arrived twice or not at all, when anything stands twice by
its key, or when one of the two did nothing.
"""

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from eco_workflow.settings import Settings
from tests.memory import memory
from tests.office import Office
from tests.postgres import create_database, postgres
from tests.schedules import quick
from tests.schedules.engine_room import engine, of_home, wait_until
from tests.soak import books
from tests.soak.mail_sink import Sink, mail_sink
from tests.soak.plan import long_plan
from tests.soak.race import UNITS, race, reckoning

ROUNDS = 100
REAL_ROUND_DAYS = (14, 15, 16, 17, 18)
"""Each of the five mornings of `quick` has a round."""
LONG = 300.0


def both_up(url: str, folder: Path, sink: Sink) -> dict[str, Any]:
    """Five mornings with a round each, by two real `eco up`."""
    begun = perf_counter()
    last = quick.LAST + timedelta(days=30)
    office = Office(
        url, folder, plan=long_plan(folder, units=UNITS, last_day=last, round_days=REAL_ROUND_DAYS)
    )
    office.open("2022-03-01")
    homes = [folder / "up-one", folder / "up-other"]
    for home in homes:
        home.mkdir()
    settings = Settings(home=folder, database_url=url, mail_url=sink.url)
    environment = {"ECO_DATABASE_URL": url, "ECO_MAIL_URL": sink.url}
    with ExitStack() as running:
        for home in homes:
            running.enter_context(engine(home, **environment))
        wait_until(lambda: quick.morning(settings) is None, LONG, homes[0])
    found = {
        "rounds": books.count(office.database, "(SELECT id FROM round WHERE state = 'open')"),
        **reckoning(office, sink),
        "processes left": [command for home in homes for command in of_home(home).values()],
        "seconds": round(perf_counter() - begun, 1),
    }
    office.database.dispose()
    return found


def wrong(found: dict[str, Any], rounds: int) -> bool:
    """Whether something was told twice or not at all, a round is missing, or one engine was idle."""
    if found["rounds"] < rounds:
        return True
    idle = not all(found.get("claimed by each", [1]))
    names = ("not arrived", "not sent", "lost", "doubled", "broken", "troubles", "processes left")
    return idle or any(found.get(name) for name in names)


def main() -> int:
    """Runs both in a temporary folder and prints what they came to; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="tests.soak.two_engines", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of the plain functions")
    parser.add_argument("--without-up", action="store_true", help="without the two real eco up")
    wanted = parser.parse_args()
    with postgres() as server, tempfile.TemporaryDirectory(prefix="eco-two-", dir=memory()) as name:
        folder, found = Path(name), {}
        with mail_sink() as sink:
            url = create_database(server, "race")
            found["engines"] = race(url, folder, sink, wanted.rounds)
        if not wanted.without_up:
            (folder / "up").mkdir()
            with mail_sink() as sink:
                url = create_database(server, "up")
                found["eco up"] = both_up(url, folder / "up", sink)
    print(json.dumps(found, ensure_ascii=False, indent=2))  # noqa: T201
    asked = {"engines": wanted.rounds, "eco up": len(REAL_ROUND_DAYS)}
    return int(any(wrong(came_to, asked[who]) for who, came_to in found.items()))


if __name__ == "__main__":
    sys.exit(main())
