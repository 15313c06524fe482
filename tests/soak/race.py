"""Two engines that start at the same moment, each a process of its own that knows no Prefect."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlmodel import col, select

from eco_workflow.settings import Settings
from eco_workflow.store.tables import Request, Unit
from tests.office import Office
from tests.reliability.world import Small
from tests.soak import books
from tests.soak.mail_sink import Sink
from tests.soak.plan import FIRST_YEAR, long_plan

FIRST = date(FIRST_YEAR, 1, 1)
ROUND_DAYS = (3, 8, 13, 18, 23, 28)
"""Of two that fall into one holiday the older is skipped, by the rule, and does not count."""
UNITS = 3


def serve(url: str, home: Path, mail: str, orders: Connection) -> None:
    """An engine: does the run of each day it hears of, and says what it decided and sent."""
    office = Small(url, home)
    office.settings = Settings(home=home, database_url=url, mail_url=mail)
    office.releases = False
    while day := orders.recv():
        result = office.result(day)
        orders.send((result.decision.plans, result.decision.opened, result.delivered.sent, result.troubles))
    office.database.dispose()


@contextmanager
def engines(url: str, folder: Path, mail: str) -> Iterator[list[Connection]]:
    """Two processes that are told days, each in a home of its own; ended at the end."""
    context = multiprocessing.get_context("spawn")
    ours, processes = [], []
    for name in ("one", "other"):
        (folder / name).mkdir()
        mine, theirs = context.Pipe()
        process = context.Process(target=serve, args=(url, folder / name, mail, theirs), daemon=True)
        process.start()
        ours.append(mine)
        processes.append(process)
    try:
        yield ours
        for orders in ours:
            orders.send("")
        for process in processes:
            process.join(20)
    finally:
        for process in processes:
            process.kill()


def race(url: str, folder: Path, sink: Sink, rounds: int) -> dict[str, Any]:
    """So many rounds and the mornings between them, by both engines at once; what it came to."""
    begun = perf_counter()
    last = FIRST + timedelta(days=31 + rounds * 31 // (len(ROUND_DAYS) - 1))
    office = Office(url, folder, plan=long_plan(folder, units=UNITS, last_day=last, round_days=ROUND_DAYS))
    office.open(str(FIRST))
    claimed, sent, troubles, opened = [0, 0], [0, 0], [], 0
    day = FIRST
    with engines(url, folder, sink.url) as both:
        while opened < rounds and day <= last:
            for orders in both:
                orders.send(str(day))
            for n, (plans, rounds_opened, mails, wrong) in enumerate(orders.recv() for orders in both):
                claimed[n] += plans
                opened += rounds_opened
                sent[n] += mails
                troubles += wrong
            answer(office, day)
            day += timedelta(days=1)
    found = {
        "rounds": opened,
        "mornings": (day - FIRST).days,
        "claimed by each": claimed,
        "sent by each": sent,
        "troubles": troubles,
        **reckoning(office, sink),
        "seconds": round(perf_counter() - begun, 1),
    }
    office.database.dispose()
    return found


def answer(office: Office, day: date) -> None:
    """All but the last of the units asked on a day answer."""
    with office.database.read() as session:
        asked = session.exec(
            select(Unit.code)
            .join(Request, col(Request.unit_id) == Unit.id)
            .where(Request.asked_on == day)
            .order_by(Unit.code)
        ).all()
    for unit in asked[:-1]:
        office.answer(unit, str(day))


def reckoning(office: Office, sink: Sink) -> dict[str, Any]:
    """What the books and the mail server say."""
    return {
        "messages": books.count(office.database, "message"),
        "arrived": len(sink.arrived),
        "not arrived": list(books.not_arrived(office.database, sink.arrived)),
        "not sent": books.not_sent(office.database, sink.arrived),
        "lost": books.lost(office.database),
        "doubled": books.doubled(office.database, sink.arrived),
        "broken": books.broken(office.database, office.settings),
    }
