"""The tests' own PostgreSQL: real, empty for each test, and gone with the tests."""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from tests.postgres import create_database, drop_database, postgres

ROOT = Path(__file__).parents[1]
HOLD = """
import sys
from tests.postgres import postgres
with postgres() as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def folder_of(url: str) -> Path:
    """The folder that holds everything of a server but its data."""
    return Path(str(make_url(url).query["host"])).parent


def test_a_test_gets_an_empty_database(database: str) -> None:
    engine = create_engine(database)
    assert inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE unit (name TEXT)"))
        connection.execute(text("INSERT INTO unit VALUES ('林草局')"))
        assert connection.scalar(text("SELECT name FROM unit")) == "林草局"
    engine.dispose()


def test_the_next_test_gets_another_empty_one(database: str) -> None:
    assert inspect(create_engine(database)).get_table_names() == []


def test_it_is_version_18(postgres_server: str) -> None:
    with create_engine(postgres_server).connect() as connection:
        assert str(connection.scalar(text("SHOW server_version"))).startswith("18")


def test_a_database_can_start_as_a_copy_of_another(postgres_server: str) -> None:
    name = f"original_{os.getpid()}"
    original = create_engine(create_database(postgres_server, name))
    with original.begin() as connection:
        connection.execute(text("CREATE TABLE unit (name TEXT)"))
    original.dispose()

    copy = create_engine(create_database(postgres_server, f"{name}_copy", template=name))

    assert inspect(copy).get_table_names() == ["unit"]
    drop_database(postgres_server, f"{name}_copy")
    drop_database(postgres_server, name)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_test_run_leaves_no_server_behind(ending: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        folder = folder_of(run.stdout.readline().strip())
        said = next(folder.glob("s/.s.PGSQL.*.lock")).read_text().splitlines()
        server, data = int(said[0]), Path(said[1])
        assert (data / "PG_VERSION").exists()
        run.send_signal(ending)

    deadline = time.monotonic() + 20
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
    assert not data.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def test_a_process_forked_from_the_tests_does_not_end_the_server() -> None:
    stack = ExitStack()
    with stack:
        url = stack.enter_context(postgres())
        child = os.fork()
        if child == 0:
            stack.close()
            os._exit(0)
        os.waitpid(child, 0)
        with create_engine(url).connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
    assert not folder_of(url).exists()
