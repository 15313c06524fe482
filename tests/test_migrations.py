"""The migrations make exactly the schema that the tables describe, on both databases."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from eco_workflow.domain.errors import Unavailable
from eco_workflow.store.migrate import MIGRATIONS, upgrade
from eco_workflow.store.session import HEAD, Database


def test_the_migrations_make_the_schema_of_the_tables(database: str) -> None:
    """A table or column changed without a migration would be found by the first user who upgrades."""
    made = Database(database)
    upgrade(made)
    with made.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_upgrading_twice_changes_nothing(database: str) -> None:
    """`eco init` may be called again at any time."""
    made = Database(database)
    upgrade(made)
    upgrade(made)
    made.check_version()


def test_the_program_names_the_newest_migration() -> None:
    """`HEAD` saves `eco status` from importing Alembic; it must not fall behind."""
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_a_newer_database_is_left_alone(database: str) -> None:
    """An old program must not write into a schema it does not know."""
    made = Database(database)
    upgrade(made)
    with made.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match="newer"):
        made.check_version()
    with pytest.raises(Unavailable, match="newer"):
        upgrade(made)


def test_a_database_made_before_the_first_release_is_named_and_left_alone(database: str) -> None:
    """There is no way up from it: the operator hears that, and what to do."""
    made = Database(database)
    upgrade(made)
    with made.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(Unavailable, match="before the first release"):
        upgrade(made)


def test_natural_keys_are_the_table_on_sqlite(tmp_path: Path) -> None:
    """Without this the largest tables take twice the space, and a run far more time."""
    file = tmp_path / "eco.db"
    upgrade(Database(f"sqlite:///{file}"))
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT name FROM sqlite_schema WHERE sql LIKE '%WITHOUT ROWID%'")
        natural = {name for (name,) in rows}
    assert {"entry", "request", "obligation", "line", "rung", "breach", "run"} <= natural
