"""`make bench-delivery`: our sender beside stock apprise, to one mail server on this machine, as JSON.

The same mails, those of a whole delivery of March 2022, by turns, so that a busy machine slows both. apprise
is used as its manual says: an object with its address a mail. Beside it stands what a delivery takes as a
whole: looking up, making up, storing, sending and settling; after each day's, apprise sends some of its
mails, which it finds made up. Ends with 1 when a bound is not met.
"""

import argparse
import email
import email.policy
import json
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from itertools import cycle, islice
from math import ceil
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from benchmarks.world import morning
from eco_workflow.domain.messages import Result, Send
from eco_workflow.plans.load import read
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.deliver import deliver
from eco_workflow.services.dispatch import decide
from eco_workflow.services.load_plan import activate
from eco_workflow.services.post import Post
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt
from notifications.render import renderer
from notifications.smtp import Server, smtp

BOUNDS = {"ratio": 8.0, "whole_delivery_ratio": 1.3}
"""So many times as many mails a second as apprise alone, at least: our sender, and a delivery as a whole."""

SENDER = "office@eco.example"
PLAN = "daxinganling-2022"
DAYS = ("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24", "2022-03-28")

SINK = """
import sys, time
from aiosmtpd.controller import Controller

class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 taken"

Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
print("ready", flush=True)
sys.stdin.read()
"""

Mail = tuple[str, bytes, str, str]
"""Address, the whole mail, its subject and its HTML."""


@contextmanager
def sink() -> Iterator[int]:
    """A mail server in a process of its own, which takes everything; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-c", SINK, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            yield port
        finally:
            server.terminate()


def measure(
    folder: Path, mails_by_apprise: int, days: tuple[str, ...] = DAYS, plan: str = PLAN
) -> dict[str, Any]:
    """Runs these days, then sends their mails by both; ours ten times as many, since they are quick."""
    with sink() as port, smtp(Server("127.0.0.1", port), SENDER) as send:
        by_apprise = _stock_apprise(port)
        turn = ceil(mails_by_apprise / len(days))
        whole = _whole_delivery(folder, send, by_apprise, turn, days, plan)
        ours, stock = _by_turns(_our_sender(send), by_apprise, whole.mails, mails_by_apprise)
    return {
        "figures": {
            "ratio": _bound("ratio", ours / stock),
            "ours_per_second": {"value": round(ours, 1)},
            "apprise_per_second": {"value": round(stock, 1)},
            "whole_delivery_per_second": {"value": round(whole.per_second, 1)},
            "whole_delivery_ratio": _bound(
                "whole_delivery_ratio", whole.per_second / whole.apprise_per_second
            ),
        },
        "mails": {
            "delivered": len(whole.mails),
            "by_apprise": mails_by_apprise,
            "ours": mails_by_apprise * 10,
        },
        "on": {"python": platform.python_version(), "machine": platform.platform()},
    }


def _bound(name: str, value: float) -> dict[str, Any]:
    return {"value": round(value, 2), "bound": BOUNDS[name], "met": value >= BOUNDS[name]}


@dataclass(frozen=True)
class _Whole:
    """The days' deliveries as a whole, and apprise after each of them."""

    mails: list[Mail]
    per_second: float
    apprise_per_second: float


def _whole_delivery(
    folder: Path, send: Send, apprise: Callable[[Mail], bool], turn: int, days: tuple[str, ...], plan: str
) -> _Whole:
    """Delivers the days; after each of them apprise sends `turn` of its mails, or as many again."""
    database = Database(f"sqlite:///{folder / 'eco.db'}")
    upgrade(database)
    start = date(2022, 3, 1)
    activate(database, read(plan), active_from=start, now=morning(start), actor="benchmark")
    mails: list[Mail] = []
    taken, by_apprise = 0.0, 0.0
    for day in map(date.fromisoformat, days):
        now = morning(day)
        decide(database, now, published_calendar(), actor="benchmark")
        begun = time.perf_counter()
        done = deliver(Post(database, now, published_calendar(), renderer(SENDER), send))
        taken += time.perf_counter() - begun
        if done.later or done.failed or done.unknown:
            raise RuntimeError(f"not everything was taken: {done}")
        fresh = _mails(database)[len(mails) :]
        if not mails:
            apprise(fresh[0])  # what it does for the first time does not count
        begun = time.perf_counter()
        if not all(apprise(mail) for mail in islice(cycle(fresh), turn)):
            raise RuntimeError("the mail server did not take a mail")
        by_apprise += time.perf_counter() - begun
        mails += fresh
    database.dispose()
    return _Whole(mails, len(mails) / taken, turn * len(days) / by_apprise)


def _mails(database: Database) -> list[Mail]:
    with database.read() as session:
        attempts = session.exec(select(Attempt).order_by(col(Attempt.message_id))).all()
        return [_mail(attempt.address, attempt.body or b"") for attempt in attempts]


def _mail(address: str, body: bytes) -> Mail:
    read_again = email.message_from_bytes(body, policy=email.policy.default)
    assert isinstance(read_again, EmailMessage)
    html = read_again.get_body(("html",))
    assert html is not None
    return address, body, str(read_again["Subject"]), html.get_content()


def _our_sender(send: Send) -> Callable[[Mail], bool]:
    def one(mail: Mail) -> bool:
        address, body, _, _ = mail
        return send(address, body).result is Result.ACCEPTED

    return one


def _stock_apprise(port: int) -> Callable[[Mail], bool]:
    import apprise

    def one(mail: Mail) -> bool:
        address, _, subject, html = mail
        stock = apprise.Apprise()
        stock.add(f"mailto://127.0.0.1:{port}/{address}?from={SENDER}&mode=insecure&format=html")
        return bool(stock.notify(title=subject, body=html, body_format=apprise.NotifyFormat.HTML))

    return one


def _by_turns(
    ours: Callable[[Mail], bool], stock: Callable[[Mail], bool], mails: list[Mail], count: int
) -> tuple[float, float]:
    """Mails a second of each, in turns of one tenth; ours ten times as many. The first does not count."""
    ways = [(ours, count * 10), (stock, count)]
    taken = [0.0, 0.0]
    endless = cycle(mails)
    for way, _ in ways:
        if not way(next(endless)):
            raise RuntimeError("the mail server did not take a mail")
    turns = min(10, count)
    for turn in range(turns):
        for which, (way, of) in enumerate(ways):
            share = of * (turn + 1) // turns - of * turn // turns
            begun = time.perf_counter()
            if not all(way(mail) for mail in islice(endless, share)):
                raise RuntimeError("the mail server did not take a mail")
            taken[which] += time.perf_counter() - begun
    return count * 10 / taken[0], count / taken[1]


def main() -> int:
    """Measures in a temporary folder and prints the figures; 1 when a bound is not met."""
    parser = argparse.ArgumentParser(prog="benchmarks.delivery", description=__doc__)
    parser.add_argument("--mails", type=int, default=100, help="how many by apprise (default: %(default)s)")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eco-bench-") as folder:
        report = measure(Path(folder), wanted.mails)
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0 if all(report["figures"][name]["met"] for name in BOUNDS) else 1


if __name__ == "__main__":
    sys.exit(main())
