"""Killing a run at every place where a process may die, and looking at what recovery makes of it.

A forked child runs on a copy of the day's database and kills itself with SIGKILL at point k; the parent
then starts the same run again, as the schedule would. What the child had handed over stands in a file.
SIGKILL ends a process, not the machine: the page cache survives, so this says nothing about a power cut.
"""

import email
import gc
import os
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, event, make_url, text
from sqlmodel import col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.messages import Outcome, Result, Send
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.deliver import deliver
from eco_workflow.services.dispatch import decide
from eco_workflow.services.outbox import settle_unknown
from eco_workflow.services.post import Post
from eco_workflow.store.audit import broken_at
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt, Line, Message, Plan
from tests.office import OPERATOR
from tests.postgres import create_database, drop_database
from tests.reliability.picture import differences, picture
from tests.reliability.world import RENDER

STATEMENT, COMMIT, COMMITTED = "statement", "commit", "committed"
HAND_OVER, HANDED_OVER = "hand over", "handed over"
FULL = os.environ.get("ECO_SWEEP") == "full"
"""`ECO_SWEEP=full`: every point of every day on both databases, instead of a choice."""


class Points:
    """Counts the places where a process may die, and dies at one of them."""

    def __init__(self, die_at: int | None = None) -> None:
        self.die_at = die_at
        self.labels: list[str] = []

    def reach(self, label: str) -> None:
        """The process is here now."""
        if len(self.labels) == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.labels.append(label)

    def watch(self, database: Database) -> None:
        """Counts every statement, and each commit twice: before it and after it."""
        engine = database.engine

        @event.listens_for(engine, "before_cursor_execute")
        def before(*_: Any) -> None:
            self.reach(STATEMENT)

        commit = engine.dialect.do_commit

        def commit_between(connection: Any) -> None:
            self.reach(COMMIT)
            commit(connection)
            self.reach(COMMITTED)

        engine.dialect.do_commit = commit_between  # type: ignore[assignment,method-assign]

    def around(self, send: Send) -> Send:
        """Counts before and after each handing over."""

        def watched(address: str, body: bytes) -> Outcome:
            self.reach(HAND_OVER)
            outcome = send(address, body)
            self.reach(HANDED_OVER)
            return outcome

        return watched


def held_back(labels: list[str]) -> dict[int, bool]:
    """The points at which a death must leave an `unknown`, and whether the mail had been handed over.

    They begin behind the commit of the attempt and end before the commit of its settlement.
    """
    found: dict[int, bool] = {}
    for sending in (n for n, label in enumerate(labels) if label == HAND_OVER):
        assert labels[sending - 1] == COMMITTED, "the attempt is committed right before the handing over"
        settled = labels.index(COMMIT, sending)
        found |= {n: n > sending for n in range(sending - 1, settled + 1)}
    return found


def into(sink: Path) -> Send:
    """A channel that survives the death of its user: one line per handing over, appended in one write."""

    def send(address: str, body: bytes) -> Outcome:
        line = f"{message_id(body)} {address}\n".encode()
        handle = os.open(sink, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)
        return Outcome(Result.ACCEPTED, "250 taken")

    return send


def handed_over(sink: Path) -> Counter[str]:
    """Message-ID → how often it was really handed over."""
    lines = sink.read_text().splitlines() if sink.exists() else []
    return Counter(line.split()[0] for line in lines)


def message_id(body: bytes) -> str:
    """The Message-ID of a mail."""
    return str(email.message_from_bytes(body)["Message-ID"])


def run(database: Database, now: datetime, send: Send) -> None:
    """A whole run: decide, then deliver."""
    decide(database, now, published_calendar(), actor="schedule")
    deliver(Post(database, now, published_calendar(), RENDER, send))


# --- copies of the day's database


class Copy:
    """A copy of a database at rest, always under the same name, so that one warm engine serves them all."""

    def __init__(self, template: str) -> None:
        self._template = make_url(template)
        self._name = f"{self._template.database}_copy"
        self._is_sqlite = self._template.get_backend_name() == "sqlite"
        if self._is_sqlite:
            self._folder = Path(str(self._template.database)).with_name("copy")
            self.url = f"sqlite:///{self._folder / 'eco.sqlite'}"
        else:
            self._maintenance = _maintenance(template)
            url = self._template.set(database=self._name)
            self.url = url.render_as_string(hide_password=False)
        self.database = Database(self.url)

    def remake(self) -> None:
        """Makes the copy anew; nothing of an earlier one is left."""
        self.remove()
        if self._is_sqlite:
            self._folder.mkdir()
            shutil.copy(str(self._template.database), self._folder / "eco.sqlite")
        else:
            create_database(self._maintenance, self._name, template=self._template.database)

    def remove(self) -> None:
        """Nothing of it is left."""
        self.database.dispose()
        if self._is_sqlite:
            shutil.rmtree(self._folder, ignore_errors=True)
        else:
            drop_database(self._maintenance, self._name)


@contextmanager
def copied(template: str) -> Iterator[Copy]:
    """Room for copies of a database; gone afterwards."""
    copy = Copy(template)
    try:
        yield copy
    finally:
        copy.remove()


def at_rest(database: Database) -> None:
    """Makes a database fit to be copied: one file without a log beside it, nobody connected."""
    database.dispose()
    if database.is_sqlite:
        with closing(sqlite3.connect(str(database.url.database))) as connection:
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert not busy, "somebody still has the database open"


def nobody_connected(url: str) -> None:
    """Waits until the backends of a killed process are gone."""
    if make_url(url).get_backend_name() == "sqlite":
        return
    until = time.monotonic() + 20
    engine = create_engine(_maintenance(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
    with engine.connect() as connection:
        while connection.execute(query, {"name": make_url(url).database}).scalar():
            assert time.monotonic() < until, "the killed process's backend is still there"
            time.sleep(0.002)


def _maintenance(url: str) -> str:
    return make_url(url).set(database="postgres").render_as_string(hide_password=False)


def forked(work: Callable[[], object]) -> int:
    """Starts a child of this warm process; returns its id. It ends without a word to pytest."""
    gc.freeze()  # or the child's first collection copies the parent's memory
    child = os.fork()
    if child:
        return child
    gc.disable()
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def killed_at(point: int, copy: Copy, now: datetime, sink: Path) -> None:
    """Runs on a fresh copy in a child that kills itself at a point."""
    copy.remake()

    def die() -> None:
        points = Points(die_at=point)
        points.watch(copy.database)
        run(copy.database, now, points.around(into(sink)))

    _, status = os.waitpid(forked(die), 0)
    assert os.WIFSIGNALED(status), f"the child was to die at point {point}, but ended with {status}"
    assert os.WTERMSIG(status) == signal.SIGKILL
    nobody_connected(copy.url)


# --- the sweep


class Sweep:
    """A day and what it comes to when nobody is killed."""

    def __init__(self, copy: Copy, now: datetime, folder: Path) -> None:
        self.copy, self.now, self.folder = copy, now, folder
        sink = folder / "undisturbed"
        copy.remake()
        run(copy.database, now, into(sink))
        self.wanted = picture(copy.database)
        self.sent = handed_over(sink)
        self.kinds = kinds_of_lines(copy.database, now)
        """What the lines of the day's envelopes are about."""
        self.labels = self._count()

    def _count(self) -> list[str]:
        """The points of one run, counted where the others die: in a child, behind a warm engine."""
        labels = self.folder / "labels"
        self.copy.remake()

        def count() -> None:
            points = Points()
            points.watch(self.copy.database)
            run(self.copy.database, self.now, points.around(into(self.folder / "counted")))
            labels.write_text("\n".join(points.labels))

        _, status = os.waitpid(forked(count), 0)
        assert status == 0
        return labels.read_text().splitlines()

    @property
    def points(self) -> range:
        """Every place where the run may die."""
        return range(len(self.labels))

    def chosen(self, every: int) -> list[int]:
        """Every n-th point, and the four that decide about the first message; all with `FULL`."""
        first = self.labels.index(HANDED_OVER)
        deciding = (first - 2, first - 1, first, self.labels.index(COMMIT, first))
        return [n for n in self.points if FULL or n % every == 0 or n in deciding]

    def unknown(self, points: list[int]) -> list[int]:
        """Kills and recovers at each point; returns those that left an `unknown`. Raises AssertionError."""
        return [point for point in points if self.kill_and_recover(point, run)]

    def kill_and_recover(self, point: int, recover: Callable[[Database, datetime, Send], object]) -> bool:
        """One death and its recovery, checked; whether a message is left `unknown`."""
        sink = self.folder / f"sink-{point}"
        killed_at(point, self.copy, self.now, sink)
        try:
            recover(self.copy.database, self.now, into(sink))
            return self._check(point, self.copy.database, handed_over(sink))
        except AssertionError as error:
            raise AssertionError(f"killed at {point}, {self.labels[point]}: {error}") from error

    def _check(self, point: int, database: Database, taken: Counter[str]) -> bool:
        in_doubt = held_back(self.labels).get(point)
        unknown: list[int] = []
        known = set()
        for found, identity in todays(database, self.now):
            known.add(identity)
            if found.state == "unknown":
                assert found.id is not None
                unknown.append(found.id)
                assert taken[identity] == int(bool(in_doubt)), f"{identity}: {taken[identity]} in doubt"
            else:
                assert found.state == "sent", f"{identity} is {found.state}"
                assert taken[identity] == 1, f"{identity} was handed over {taken[identity]} times"
        assert known == set(self.sent), "other messages than undisturbed"
        assert set(taken) <= known, "something was handed over of which no row knows"
        assert len(unknown) == (in_doubt is not None), f"{len(unknown)} unknown"
        for doubtful in unknown:
            settle_unknown(database, doubtful, sent=True, now=self.now, by=OPERATOR)
        # A line may say less where an earlier message is in doubt; the server's answer is not known then.
        besides = ("body",) if unknown else ()
        found_differences = differences(self.wanted, picture(database), besides=besides)
        assert not found_differences, "\n".join(found_differences)
        with database.read() as session:
            for plan in session.exec(select(Plan.id)).all():
                assert plan is not None
                assert broken_at(session, plan) is None, "the audit chain is broken"
        return bool(unknown)


def todays(database: Database, now: datetime) -> list[tuple[Message, str]]:
    """Today's messages with the Message-ID of their last attempt; empty where there was none."""
    with database.read() as session:
        rows = session.exec(
            select(Message, Attempt.body)
            .outerjoin(Attempt, col(Attempt.message_id) == Message.id)
            .where(Message.on_date == shanghai_date(now))
            .order_by(col(Message.id), col(Attempt.n))
        ).all()
    last = {found.id: (found, message_id(body) if body else "") for found, body in rows}
    return list(last.values())


def kinds_of_lines(database: Database, now: datetime) -> dict[str, int]:
    """How many lines of each kind today's messages carry."""
    with database.read() as session:
        kinds = session.exec(
            select(Line.kind)
            .join(Message, col(Message.id) == Line.message_id)
            .where(Message.on_date == shanghai_date(now))
        )
        return dict(Counter(kinds))
