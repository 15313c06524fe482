"""What every test may ask for: an empty database of each kind that the product runs on."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.first_days import SHARED
from tests.memory import memory
from tests.postgres import PostgresStartError, create_database, drop_database, postgres

KINDS = ("sqlite", "postgres")
SERVER = pytest.StashKey[str]()
numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db",
        choices=[*KINDS, "both"],
        default="both",
        help="the databases on which the tests that need one run (default: both)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keeps what the tests write in memory where there is room: it is 70,000 small folders and files.

    To look at what a test left behind: --basetemp FOLDER.
    """
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="eco-tests-", dir=memory()))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ[SHARED] = str(folder / "first-days")
    (folder / "first-days").mkdir()
    if not config.option.basetemp:
        config.option.basetemp = folder / "all"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the variants on a database that was not asked for."""
    wanted = config.getoption("--db")
    if wanted == "both":
        return
    left_out = [item for item in items if _kind(item) not in (None, wanted)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _kind(item) in (None, wanted)]


def pytest_collection_finish() -> None:
    """What was imported stays: to look it over for garbage again and again is a sixth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _kind(item: pytest.Item) -> str | None:
    """The database a test runs on, None if it needs none."""
    parameters: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    return parameters.get("database")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many steps the generated histories took, also those that lived in another process."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in report.user_properties:
                if name == "steps":
                    terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {value}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: servers and processes that a test starts let it wait."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Under pytest-xdist the controller, which outlives its workers, starts one server for all of them."""
    config: pytest.Config = node.config
    if config.getoption("--db") == "sqlite":
        return
    if SERVER not in config.stash:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        try:
            config.stash[SERVER] = stack.enter_context(postgres())
        except PostgresStartError as error:
            pytest.exit(f"{error}\n(without PostgreSQL: --db sqlite)", returncode=pytest.ExitCode.USAGE_ERROR)
    node.workerinput["postgres_server"] = config.stash[SERVER]


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a running PostgreSQL's maintenance database."""
    shared = getattr(request.config, "workerinput", {}).get("postgres_server")
    if shared:
        yield shared
        return
    with postgres() as url:
        yield url


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it, once on SQLite and once on PostgreSQL.

    For one kind alone: `@pytest.mark.parametrize("database", ["sqlite"], indirect=True)`.
    """
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'eco.sqlite'}"
        return
    server: str = request.getfixturevalue("postgres_server")
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{next(numbers)}"
    url = create_database(server, name)
    yield url
    drop_database(server, name)
