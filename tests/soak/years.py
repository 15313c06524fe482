"""`make years`: five years of the timetable, start after start, and whether the books hold in the end.

Every start of `schedules/timetable.py` takes place at its time, through the plain functions that the flows
call, in one process. Two are shortened, since five years of them would take hours: the quarter-hourly
delivery is started only while something waits (else it looks, finds nothing and ends), and the nightly
backup, which copies everything each time, is made on the first night of a quarter; texts are emptied every
night.

A third of the units answers on the day it is asked, a third six days later, a third never. The mail server
puts off some mails and answers others with silence; what became of those an operator finds out at once.

The plan is a small one: three units, each mail made up as in earnest. Five years of the packaged plan would
take a quarter of an hour; `--packaged` runs its ten months, 1 March to 31 December 2022.

Ends with 1 when something is lost, doubled or broken, when five years took longer than three minutes, or when
the database grew by a quarter more or less than the README says.
"""

import argparse
import json
import random
import re
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import merge
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from cronsim import CronSim
from sqlmodel import col, select

from eco_workflow.domain.clock import ZONE, instant
from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.services import phase_work
from eco_workflow.services.backup import back_up
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.deliver import waiting
from eco_workflow.services.outbox import last_attempt, settle_unknown
from eco_workflow.services.purge import purge_by_the_clock
from eco_workflow.services.rhythms import open_all
from eco_workflow.services.weekly import write_down
from eco_workflow.store.tables import Message, Request, Unit
from schedules.timetable import TIMETABLE, Job, next_start
from tests.memory import memory
from tests.office import DAXINGANLING, OPERATOR
from tests.reliability.sweep import message_id
from tests.reliability.world import Small
from tests.soak import books
from tests.soak.plan import FIRST_YEAR, long_plan

FIRST, LAST = date(FIRST_YEAR, 1, 1), date(FIRST_YEAR + 4, 12, 31)
[DELIVER] = (job for job in TIMETABLE if job.name == "deliver")
UNITS = 3
ROOT = Path(__file__).parents[2]
TOLERANCE = 0.25
BOUND_SECONDS = 180
PUT_OFF, SILENT = 0.03, 0.01
"""The shares of mails that the server puts off, and of those it leaves without an answer."""
LATE_DAYS = 6
"""So many days after it was asked a late unit answers; two working days are given."""
MIB = 2**20


def starts(first: date, last: date) -> Iterator[tuple[datetime, str]]:
    """Every start but the deliveries from one day to another, both included, in order."""
    before = (instant(first, time()) - timedelta(seconds=1)).astimezone(ZONE)
    until = instant(last + timedelta(days=1), time())

    def of(job: Job) -> Iterator[tuple[datetime, str]]:
        for at in CronSim(job.cron or "", before):
            if at >= until:
                return
            yield at, job.name

    return merge(*(of(job) for job in TIMETABLE if job is not DELIVER))


class Server:
    """A mail server with moods, drawn by chance; `arrived`: Message-ID → how often."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.arrived: Counter[str] = Counter()

    def send(self, _address: str, body: bytes) -> Outcome:
        """Takes a mail, or not."""
        mood = self.chance.random()
        if mood < PUT_OFF:
            return Outcome(Result.LATER, "451 4.7.1 come back later")
        if mood < PUT_OFF + SILENT:
            if self.chance.random() < 0.5:
                self.arrived[message_id(body)] += 1
            return Outcome(Result.NO_ANSWER, "")
        self.arrived[message_id(body)] += 1
        return Outcome(Result.ACCEPTED, "250 2.0.0 queued")


@dataclass
class Span:
    """An office that runs a plan from one day to another, both included."""

    office: Small
    first: date
    last: date
    server: Server
    answers: dict[date, list[str]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    sizes: list[float] = field(default_factory=list)
    """MiB of the database at the end of each year."""

    def run(self) -> None:
        """Every start of the timetable."""
        for at, job in starts(self.first, self.last):
            if job == "nightly":
                self._night(at)
            elif job == "weekly":
                self.done[job] += write_down(self.office.database, at)
            elif job == "phase":
                for key in phase_work.keys_in_force(self.office.database, at):
                    worked = phase_work.work(self.office.database, at, key)
                    self.done["task sheets"] += sum(one.sheets for one in worked)
            elif job == "rhythms":
                near = open_all(self.office.database, at, published_calendar(), actor="schedule")
                self.done[job] += sum(map(len, near.opened.values()))
            else:
                self._morning(at, job)

    def _morning(self, at: datetime, job: str) -> None:
        day = at.date()
        decision = self.office.decide(str(day), f"{at:%H:%M}")
        if decision.stopped or decision.broken:
            raise RuntimeError(f"{day}: {decision.stopped or decision.broken}")
        self.done[job] += decision.plans
        self._deliver(at)
        while waiting(self.office.database, at):
            at = next_start([DELIVER], at).astimezone(ZONE)
            self._deliver(at)
            self.done[DELIVER.name] += 1
        if decision.requests:
            self._plan_answers(day)
        for unit in self.answers.pop(day, ()):
            self.office.answer(unit, str(day), "18:00")
            self.done["answers"] += 1
        if (day.month, day.day) == (12, 31):
            self.sizes.append(round(self.size(), 2))

    def _deliver(self, at: datetime) -> None:
        delivered = self.office.deliver(str(at.date()), self.server.send, f"{at:%H:%M}")
        if delivered.unknown:
            self._settle(at)

    def _settle(self, now: datetime) -> None:
        """The operator asks the mail server's people what became of those in doubt."""
        with self.office.database.read() as session:
            unknown = session.exec(select(col(Message.id)).where(Message.state == "unknown")).all()
            arrived = {
                number: self.server.arrived[message_id(last_attempt(session, number).body or b"")] > 0
                for number in unknown
                if number is not None
            }
        for number, has_arrived in arrived.items():
            settle_unknown(self.office.database, number, sent=has_arrived, now=now, by=OPERATOR)
            self.done["settled"] += 1

    def _night(self, at: datetime) -> None:
        office = self.office
        if (at.month % 3, at.day) == (1, 1):
            self.done["backups"] += 1
            back_up(office.database, office.settings, now=at, by="schedule")
        keep_days = office.settings.keep_bodies_days
        self.done["emptied"] += purge_by_the_clock(office.database, keep_days=keep_days, now=at)
        self.done["nightly"] += 1

    def _plan_answers(self, day: date) -> None:
        """Every third unit never answers; of the others the second is late each time."""
        with self.office.database.read() as session:
            asked = session.exec(
                select(Unit.code)
                .join(Request, col(Request.unit_id) == Unit.id)
                .where(Request.asked_on == day)
                .order_by(Unit.code)
            ).all()
        for number, unit in enumerate(asked):
            if number % 3 < 2:
                on = day + timedelta(days=LATE_DAYS * (number % 3))
                self.answers.setdefault(on, []).append(unit)

    def size(self) -> float:
        """MiB of the database's file, its log folded in."""
        with closing(self.office.database.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(self.office.database.name).stat().st_size / MIB


def simulate(folder: Path, plan: str, *, first: date, last: date, seed: int = 1) -> dict[str, Any]:
    """Runs the timetable for a plan in an empty folder from its activation to a day; what it came to."""
    begun = perf_counter()
    office = Small(f"sqlite:///{folder / 'eco.db'}", folder, plan=plan)
    office.open(str(first))
    span = Span(office, first, last, Server(seed))
    empty = span.size()
    span.run()
    database, settings, done = office.database, office.settings, span.done
    days = (last - first).days + 1
    size = span.size()
    found = {
        "plan": Path(plan).stem,
        "units asked": books.count(database, "(SELECT DISTINCT unit_id FROM request)"),
        "days": days,
        "runs": done["dispatch"] + done["follow-up"],
        "done": dict(sorted(done.items())),
        "rows": {
            table: books.count(database, table)
            for table in ("round", "request", "ladder_case", "rung", "message", "attempt", "audit")
        },
        "rounds skipped": books.count(database, "(SELECT id FROM round WHERE state = 'skipped')"),
        "mails": span.server.arrived.total(),
        "lost": books.lost(database),
        "doubled": books.doubled(database, span.server.arrived),
        "not arrived": list(books.not_arrived(database, span.server.arrived)),
        "not sent": books.not_sent(database, span.server.arrived),
        "broken": books.broken(database, settings),
        "backups kept": len(list(settings.backups.glob("eco-*.zip"))),
        "database": {
            "MiB": round(size, 2),
            "MiB a year": round((size - empty) / days * 365, 2),
            "at the end of each year": span.sizes,
        },
        "seconds": round(perf_counter() - begun, 1),
        "of the processor": round(process_time(), 1),
    }
    database.dispose()
    return found


def predicted(readme: str, *, packaged: bool) -> float:
    """MiB a year by which the database grows, as the README says: of three units, or of the packaged plan. Of
    a range the middle.
    """
    numbers = (
        r"by ([\d.]+) to ([\d.]+) for the packaged"
        if packaged
        else r"by about ([\d.]+) MiB a year for a plan of three"
    )
    found = re.search(numbers, readme)
    if found is None:
        raise ValueError("README.md does not say how the database grows.")
    return statistics.mean(float(number) for number in found.groups())


def grew_as_told(found: dict[str, Any], told: float) -> bool:
    """Within a quarter of it."""
    return bool(abs(found["database"]["MiB a year"] / told - 1) <= TOLERANCE)


def main() -> int:
    """Runs the years in a temporary folder and prints what they came to; 1 when the books do not hold."""
    parser = argparse.ArgumentParser(prog="tests.soak.years", description=__doc__)
    parser.add_argument("--packaged", action="store_true", help="ten months of the packaged plan instead")
    parser.add_argument("--seed", type=int, default=1, help="of the mail server's moods")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eco-years-", dir=memory()) as name:
        folder = Path(name)
        if wanted.packaged:
            plan, first, last = DAXINGANLING, date(2022, 3, 1), date(2022, 12, 31)
        else:
            plan, first, last = long_plan(folder, units=UNITS, last_day=LAST), FIRST, LAST
        found = simulate(folder, plan, first=first, last=last, seed=wanted.seed)
    print(json.dumps(found, ensure_ascii=False, indent=2))  # noqa: T201
    names = ("rounds skipped", "lost", "doubled", "not arrived", "not sent", "broken")
    wrong = any(found[name] for name in names)
    told = predicted((ROOT / "README.md").read_text("utf-8"), packaged=wanted.packaged)
    if not grew_as_told(found, told):
        wrong = True
        print(f"The README says {told} MiB a year.", file=sys.stderr)  # noqa: T201
    return int(wrong or (not wanted.packaged and found["seconds"] > BOUND_SECONDS))


if __name__ == "__main__":
    sys.exit(main())
