"""Killing what people and mornings do to the books, one act at a time, at every place where it may die.

As in `sweep`, a forked child acts on a copy of the books and kills itself with SIGKILL; here the files of
evidence are copied with the database, and what is left is held against the books before and after the act.
"""

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services.evidence_shown import Verified, verify
from eco_workflow.store.audit import broken_at
from eco_workflow.store.content import ARRIVING, Content
from eco_workflow.store.session import Database
from tests.office import Office
from tests.reliability.sweep import COMMITTED, Copy, Points, at_rest, forked, nobody_connected

FILE, FILED = "file", "filed"
"""Before and after a file gets its name or loses it."""

Books = dict[str, list[str]]


@dataclass(frozen=True)
class Act:
    """Something that is done to the books in one go.

    `again`: what it does when it is said once more after it was done. `refused`; `nothing`, as all that a
    morning does by itself; `more`, where the same words are another act (a second task of that title).
    """

    name: str
    do: Callable[[Office], object]
    again: str = "refused"


def books(database: Database) -> Books:
    """Every row of every table."""
    with database.read() as session:
        rows = session.connection().exec_driver_sql
        return {
            table.name: sorted(map(str, rows(f"SELECT * FROM {table.name}")))
            for table in SQLModel.metadata.sorted_tables
        }


class Dying(Points):
    """Dies at a place, or at the first of a kind; leaves a mark where the act was committed before."""

    def __init__(self, mark: Path, die_at: int | None = None, label: str = "") -> None:
        super().__init__(die_at)
        self.mark, self.label = mark, label

    def reach(self, label: str) -> None:
        """The process is here now."""
        if label == COMMITTED:
            self.mark.touch()
        if label == self.label:
            self.die_at = len(self.labels)
        super().reach(label)


class ActSweep:
    """An office, of which every act gets a copy of its own. `rest` before the acts of a day."""

    def __init__(self, office: Office, copy: Copy) -> None:
        self._office, self._copy = office, copy
        self._home = office.home.with_name("copied-home")
        self.copy = Office(copy.url, self._home, plan=office.plan)
        """On one warm engine for all acts."""
        self.before: Books = {}

    def rest(self) -> None:
        """The copies are made of the office as it is now."""
        at_rest(self._office.database)
        self.before = books(self._fresh())

    def _fresh(self) -> Database:
        self.copy.database.dispose()
        self._copy.remake()
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir()
        if (kept := self._office.home / "evidence").exists():
            shutil.copytree(kept, self._home / "evidence")
        return self.copy.database

    def kill(self, act: Act, *labels: str) -> None:
        """Kills an act at the first place of each of these kinds; of none: at every place.

        What it leaves is held against the books before and after. Raises AssertionError.
        """
        self._fresh()
        act.do(self.copy)  # here, so that what it compiles is there for all children
        after = books(self.copy.database)
        assert after != self.before, f"{act.name} changes nothing"
        mark = self._home / "committed"
        deaths = [Dying(mark, label=label) for label in labels]
        for dying in deaths or [Dying(mark, point) for point in range(self._count(act))]:
            try:
                self._kill(act, dying, after)
            except AssertionError as error:
                raise AssertionError(f"{act.name}: {error}") from error

    def _count(self, act: Act) -> int:
        """At how many places the act may die; one of them is its commit."""
        self._fresh()
        kept, points = self._home / "labels", Points()
        status = self._in_child(act, points, lambda: kept.write_text("\n".join(points.labels)))
        assert status == 0, f"{act.name} cannot be done"
        labels = kept.read_text().splitlines()
        assert labels.count(COMMITTED) == 1, f"{act.name} is committed {labels.count(COMMITTED)} times"
        return len(labels)

    def _kill(self, act: Act, dying: Dying, after: Books) -> None:
        database = self._fresh()
        status = self._in_child(act, dying, lambda: None)
        assert os.WIFSIGNALED(status), f"the child was to die, but ended with {status}"
        assert os.WTERMSIG(status) == signal.SIGKILL
        nobody_connected(self.copy.url)
        over = dying.mark.exists()
        wanted, left = after if over else self.before, books(database)
        assert left == wanted, _said(wanted, left)
        self._check(database)
        self._say_again(act, after, over=over)

    def _say_again(self, act: Act, after: Books, *, over: bool) -> None:
        """What was not done is done now; what was done stays done, and once."""
        database = self.copy.database
        if not over or act.again == "nothing":
            act.do(self.copy)
        elif act.again == "refused":
            with pytest.raises((Refused, WrongInput)):
                act.do(self.copy)
        found = books(database)
        if database.is_sqlite:
            assert found == after, _said(after, found)
        else:  # a number that a killed transaction had taken is not given again
            assert _counted(found) == _counted(after)
        self._check(database, over=True)

    def _check(self, database: Database, *, over: bool = False) -> None:
        """Every row of evidence has its file; once the act is over, nothing else lies about."""
        with database.read() as session:
            assert broken_at(session, 1) is None, "the audit chain is broken"
        found = verify(database, self.copy.settings)
        assert found.damaged == (), f"{', '.join(found.damaged)} is not whole"
        if over:
            assert found == Verified(found.whole, (), (), 0)
            assert not [*(self._home / ARRIVING).glob("*")], "half of a file lies about"

    def _in_child(self, act: Act, points: Points, then: Callable[[], object]) -> int:
        def work() -> None:
            points.watch(self.copy.database)
            _watch_files(points)
            act.do(self.copy)
            then()

        _, status = os.waitpid(forked(work), 0)
        return status


def _watch_files(points: Points) -> None:
    """In a child that is about to end: nothing is put back."""
    for name in ("keep", "remove"):
        does = getattr(Content, name)

        def watched(*said: object, _does: Callable[..., object] = does) -> object:
            points.reach(FILE)
            done = _does(*said)
            points.reach(FILED)
            return done

        setattr(Content, name, watched)


def _counted(found: Books) -> dict[str, int]:
    return {name: len(rows) for name, rows in found.items()}


def _said(wanted: Books, found: Books) -> str:
    lines = []
    for name, rows in wanted.items():
        lines += [f"{name} is missing: {row}" for row in rows if row not in found[name]]
        lines += [f"{name} is too many: {row}" for row in found[name] if row not in rows]
    return "\n".join(lines[:20])
