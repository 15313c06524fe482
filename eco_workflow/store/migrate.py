"""Bringing a database to this code's schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from eco_workflow.domain.errors import Unavailable
from eco_workflow.store.session import HEAD, Database

FIRST = "0002"
"""The oldest schema that can be brought up; before the first release the first migration is written anew."""

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Creates or upgrades the schema in one transaction. Raises `Unavailable` for a newer database."""
    if database.is_sqlite:
        folder = Path(str(database.url.database)).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The folder {folder} cannot be made ({error.strerror}). Name another with ECO_HOME."
            ) from error
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
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(MIGRATIONS))
            command.upgrade(config, HEAD)
