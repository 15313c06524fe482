"""Bringing a database to this code's schema."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eco_workflow.domain.errors import Unavailable
from eco_workflow.private import private_file, private_folder
from eco_workflow.store.session import HEAD, Database

FIRST = "0003"
"""The oldest schema that can be brought up; before the first release the first migration is written anew."""

MIGRATIONS = Path(__file__).parent / "migrations"

BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite keeps beside a database's own name."""


@contextmanager
def whole_or_nothing(database: Database) -> Iterator[None]:
    """Where there was no database, an error leaves none: neither an empty file nor the folder made for it.

    On a server the transactions alone decide: a database there is made by its administrator.
    """
    if not database.is_sqlite or database.has_file():
        yield
        return
    file = Path(database.name)
    missing = [folder for folder in file.parents if not folder.exists()]
    try:
        yield
    except BaseException:
        database.dispose()
        for name in BESIDE:
            with suppress(OSError):
                file.with_name(file.name + name).unlink(missing_ok=True)
        for folder in missing:
            with suppress(OSError):  # somebody else has put something there
                folder.rmdir()
        raise


def upgrade(database: Database) -> bool:
    """Creates or upgrades the schema in one transaction; returns whether there was none.

    Raises `Unavailable` for a newer database.
    """
    if database.is_sqlite:
        file = Path(str(database.url.database))
        try:
            private_folder(file.parent)
        except OSError as error:
            raise Unavailable(
                f"The folder {file.parent} cannot be made ({error.strerror}). Name another with ECO_HOME."
            ) from error
        with suppress(OSError):  # then SQLite says why
            private_file(file, "ab+").close()
    with database.write() as session:
        connection = session.connection()
        found = None
        if database.engine.dialect.has_table(connection, "alembic_version"):
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if found is not None and str(found) > HEAD:
            raise Unavailable(
                f"The database {database.name} has schema {found}, newer than this program's {HEAD}. "
                "Install the version that made it; nothing was changed."
            )
        if found is not None and str(found) < FIRST:
            raise Unavailable(
                f"The database {database.name} has schema {found}, made before the first release; there is "
                "no way up from it. Name another database, or move this one away, then: eco init"
            )
        if found != HEAD:
            # Read in here: it takes a tenth of a short command, and next to none of them upgrades anything.
            from alembic import command
            from alembic.config import Config

            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(MIGRATIONS))
            command.upgrade(config, HEAD)
    return found is None
