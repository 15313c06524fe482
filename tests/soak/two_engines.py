"""`make two-engines`: two engines on one PostgreSQL do the work of 100 rounds once, and of 100 more.

Two processes with an ECO_HOME each do what the runner of `eco up` does, the plain functions that the flows
call: every morning of a plan with six rounds a month both start at the same moment, decide, and deliver to
one mail server, while two units of three answer. Then two real `eco up`, each with its server and its runner,
do 100 rounds of a plan with a round nearly every day, on the timetable of `mornings`.

Ends with 1 when a round is missing, when a message arrived twice or not at all, when anything stands twice by
its key, when one of the two claimed no morning or sent nothing, or when a part of an `eco up` ended before
its time or is left.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.memory import memory
from tests.postgres import create_database, postgres
from tests.soak.both_up import both_up
from tests.soak.mail_sink import mail_sink
from tests.soak.race import race

ROUNDS = 100
FEW = 10
"""Fewer rounds than this may be sent by one of the two alone, by chance; hardly the mornings claimed."""


def wrong(found: dict[str, Any], rounds: int) -> list[str]:
    """What shows that something was told twice or not at all, that a round is missing, that one engine was
    idle, or that it did not live to the end.
    """
    names = (
        "not arrived", "not sent", "lost", "doubled", "broken", "troubles", "did not live", "processes left",
    )  # fmt: skip
    said = [f"{found['rounds']} rounds of {rounds}"] if found["rounds"] < rounds else []
    shared = ("claimed", "sent") if rounds >= FEW else ("claimed",)
    counts = {what: found[f"{what} by each"] for what in shared}
    said += [f"{what} by each: {each}" for what, each in counts.items() if not all(each)]
    return said + [name for name in names if found.get(name)]


def main() -> int:
    """Runs both in a temporary folder and prints what they came to; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="tests.soak.two_engines", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of the plain functions")
    parser.add_argument("--up", type=int, default=ROUNDS, help="rounds of two real eco up; 0: none")
    wanted = parser.parse_args()
    with postgres() as server, tempfile.TemporaryDirectory(prefix="eco-two-", dir=memory()) as name:
        folder, found = Path(name), {}
        with mail_sink() as sink:
            url = create_database(server, "race")
            found["engines"] = race(url, folder, sink, wanted.rounds)
        if wanted.up:
            (folder / "up").mkdir()
            with mail_sink() as sink:
                url = create_database(server, "up")
                found["eco up"] = both_up(url, folder / "up", sink, wanted.up)
    asked = {"engines": wanted.rounds, "eco up": wanted.up}
    for who, came_to in found.items():
        came_to["wrong"] = wrong(came_to, asked[who])
    print(json.dumps(found, ensure_ascii=False, indent=2))  # noqa: T201
    return int(any(came_to["wrong"] for came_to in found.values()))


if __name__ == "__main__":
    sys.exit(main())
