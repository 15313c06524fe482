"""Databases for generated histories: made once, copied for each."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, time
from functools import cache
from itertools import count
from pathlib import Path

import pytest

from eco_workflow.domain.clock import instant
from eco_workflow.plans.load import LoadedPlan
from eco_workflow.services.load_plan import activate
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.session import Database
from tests.postgres import create_database, drop_database
from tests.properties.plan import AUTUMN, small_plan
from tests.properties.world import World

PLANS = [
    small_plan((14, 28), wait_for_working_day=False),
    small_plan((14, 28), wait_for_working_day=True),
    small_plan((3, 14), wait_for_working_day=False),
    small_plan((3, 14), wait_for_working_day=False, season=AUTUMN),
    small_plan((10, 28), wait_for_working_day=True, season=AUTUMN),
]
"""The real rhythm; the same waiting for working days; one with rounds on public holidays; two in autumn."""

MakeWorld = Callable[[int], World]


def _first(loaded: LoadedPlan) -> date:
    """The day of activation: the plan's own first day."""
    return loaded.plan.rounds_from


def _fill(url: str, loaded: LoadedPlan) -> None:
    database = Database(url)
    upgrade(database)
    first = _first(loaded)
    activate(database, loaded, active_from=first, now=instant(first, time(8)), actor="operator")
    database.dispose()


@pytest.fixture(scope="module")
def sqlite_world() -> Iterator[MakeWorld]:
    """Makes a fresh office on SQLite with plan number n; in memory where the machine has such a folder."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="eco-worlds-", dir=memory if memory.is_dir() else None))
    numbers = count()

    @cache
    def template(n: int) -> Path:
        path = folder / f"template{n}.sqlite"
        _fill(f"sqlite:///{path}", PLANS[n])
        return path

    def make(n: int) -> World:
        for old in folder.glob("world*"):
            old.unlink()
        path = folder / f"world{next(numbers)}.sqlite"
        shutil.copyfile(template(n), path)
        return World(Database(f"sqlite:///{path}"), PLANS[n], _first(PLANS[n]))

    yield make
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def postgres_world(request: pytest.FixtureRequest) -> Iterator[MakeWorld]:
    """Makes a fresh office on PostgreSQL with plan number n."""
    server: str = request.getfixturevalue("postgres_server")
    prefix = f"world_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    numbers = count()
    made: list[tuple[Database, str]] = []

    @cache
    def template(n: int) -> str:
        name = f"{prefix}_template{n}"
        _fill(create_database(server, name), PLANS[n])
        return name

    def clear() -> None:
        while made:
            database, name = made.pop()
            database.dispose()
            drop_database(server, name)

    def make(n: int) -> World:
        clear()
        name = f"{prefix}_{next(numbers)}"
        database = Database(create_database(server, name, template(n)))
        made.append((database, name))
        return World(database, PLANS[n], _first(PLANS[n]))

    yield make
    clear()
    for n in range(len(PLANS)):
        drop_database(server, f"{prefix}_template{n}")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database on which a history runs; a test's id and `--db` name it."""
    kind: str = request.param
    return kind


@pytest.fixture
def make_world(request: pytest.FixtureRequest, database: str) -> MakeWorld:
    """Makes a fresh office with plan number n on the kind of database asked for."""
    made: MakeWorld = request.getfixturevalue(f"{database}_world")
    return made
