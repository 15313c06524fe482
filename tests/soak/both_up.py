"""Two real `eco up` on one PostgreSQL, each with a Prefect server and a runner of its own."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from eco_workflow.settings import Settings
from tests.office import Office
from tests.schedules import quick
from tests.schedules.engine_room import engine, of_home, wait_until
from tests.soak import books
from tests.soak.mail_sink import Sink
from tests.soak.plan import long_plan
from tests.soak.race import UNITS, reckoning

ROUND_DAYS = tuple(range(1, 29))
"""Nearly each morning has a round; of those that fall into one holiday the older ones are skipped."""
START_SECONDS, ROUND_SECONDS = 300.0, 20.0
"""So much at most for the start of both, and for a round: two engines are much for a small machine."""
ENDED = ("runner ended", "server ended", "server hangs")


@dataclass(frozen=True)
class Did:
    """What the runs of one engine did, by its own log."""

    claimed: int
    sent: int
    ended: tuple[str, ...]
    """Its parts that did not live through."""


def both_up(url: str, folder: Path, sink: Sink, rounds: int) -> dict[str, Any]:
    """So many rounds at least, one a morning, by two real `eco up` at once; what it came to."""
    begun = perf_counter()
    last = quick.FIRST + timedelta(days=rounds * 6 // 5)
    plan = long_plan(folder, units=UNITS, last_day=last + timedelta(days=30), round_days=ROUND_DAYS)
    office = Office(url, folder, plan=plan)
    office.open("2022-03-01")
    homes = [folder / "up-one", folder / "up-other"]
    for home in homes:
        home.mkdir()
    settings = Settings(home=folder, database_url=url, mail_url=sink.url)
    environment = {"ECO_DATABASE_URL": url, "ECO_MAIL_URL": sink.url, "ECO_QUICK_LAST": str(last)}
    with ExitStack() as running:
        ups = [
            running.enter_context(engine(home, "tests.soak.mornings:MORNINGS", **environment))
            for home in homes
        ]
        wait_until(
            lambda: quick.morning(settings, last) is None or any(up.poll() is not None for up in ups),
            START_SECONDS + ROUND_SECONDS * rounds,
            homes[0],
        )
        gone = [
            f"{home.name}: eco up ended" for home, up in zip(homes, ups, strict=True) if up.poll() is not None
        ]
    each = [did(home) for home in homes]
    found = {
        "rounds": books.count(office.database, "(SELECT id FROM round WHERE state = 'open')"),
        "mornings": (last - quick.FIRST).days + 1,
        "claimed by each": [one.claimed for one in each],
        "sent by each": [one.sent for one in each],
        "did not live": gone
        + [f"{home.name}: {what}" for home, one in zip(homes, each, strict=True) for what in one.ended],
        **reckoning(office, sink),
        "processes left": [command for home in homes for command in of_home(home).values()],
        "seconds": round(perf_counter() - begun, 1),
    }
    office.database.dispose()
    return found


def did(home: Path) -> Did:
    """What the engine of a home did: mornings that it claimed, mails it sent, and who of it ended."""
    lines = list(_lines(home))

    def count(event: str, what: str) -> int:
        return sum(line["counts"][what] for line in lines if line["event"] == event)

    return Did(
        count("decided", "plans"),
        count("delivered", "sent"),
        tuple(line["event"] for line in lines if line["event"] in ENDED),
    )


def _lines(home: Path) -> Iterator[dict[str, Any]]:
    for path in (home / "log").glob("eco.log*"):
        yield from map(json.loads, path.read_text().splitlines())
