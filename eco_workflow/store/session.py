"""Opening the database, and the two ways to use it: `read` and `write` (DESIGN, rule 6)."""

import atexit
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlmodel import Session

from eco_workflow.domain.errors import Unavailable, WrongInput
from eco_workflow.log import note

HEAD = "0003"
"""The schema revision this code works with: the newest in `store/migrations/versions`."""

BUSY_SECONDS = 30

ACTS = "acts"
"""Where a session keeps the acts recorded in it until they are committed: action, plan, audit row."""


MAKE_ONE = "Make one with: eco init, or bring one back from a backup: eco restore FILE"


class Database:
    """A database of this product, on SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        """Does not connect yet. `url` is an SQLAlchemy URL, `sqlite:///…` or `postgresql+psycopg://…`."""
        self.url = _checked(url)
        self.engine = _engine(self.url)

    @property
    def is_sqlite(self) -> bool:
        """Whether one file on this machine holds everything."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def name(self) -> str:
        """The database as a person knows it, without a password."""
        return str(self.url.database) if self.is_sqlite else self.url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent look; nothing is written."""
        with self._said_in_words(), self.engine.connect() as connection:
            connection.execution_options(reads_only=True)
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with Session(connection) as session:
                yield session

    @contextmanager
    def write(self, *, kept: bool = True) -> Iterator[Session]:
        """One transaction: committed as a whole at the end, or nothing of it happened; never where it is not
        `kept`, to see what an act would come to.
        """
        with self._said_in_words(), self.engine.begin() as connection, Session(connection) as session:
            yield session
            session.flush()
            if not kept:
                session.rollback()
                return
        for action, plan, row in session.info.get(ACTS, ()):
            note("act", action=action, plan=plan, number=row)

    def check_version(self) -> None:
        """Raises `Unavailable` unless the database exists and has this code's schema."""
        if self.is_sqlite and not self.has_file():
            raise Unavailable(f"There is no database at {self.name}. {MAKE_ONE}")
        with self.read() as session:
            connection = session.connection()
            if not self.engine.dialect.has_table(connection, "alembic_version"):
                raise Unavailable(f"The database {self.name} is empty. {MAKE_ONE}")
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if found != HEAD:
            raise Unavailable(
                f"The database {self.name} has schema {found}, this program works with {HEAD}. "
                + (
                    "It was made by a newer version: install that one."
                    if str(found) > HEAD
                    else "Bring it up to date with: eco init"
                )
            )

    def check_writable(self) -> None:
        """Raises `Unavailable` where SQLite's file, or what it keeps beside it, is read-only for this user.

        What lies beside it takes its rights from the file when it is made, and keeps them when those change.
        """
        if not self.is_sqlite or not self.has_file():
            return
        for path in (Path(f"{self.name}{end}") for end in ("", "-wal", "-shm")):
            if path.exists() and not os.access(path, os.W_OK):
                raise Unavailable(
                    f"The database {self.name} cannot be used. {path} is read-only for this user: "
                    "give write permission to it."
                )

    def has_file(self) -> bool:
        """Whether there is a file of SQLite's. Raises `Unavailable` where this user may not look."""
        try:
            Path(self.name).stat()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise Unavailable(_in_words(self.name, f"unable to open: {error.strerror}")) from None
        return True

    def dispose(self) -> None:
        """Closes what is open, e.g. before a fork."""
        self.engine.dispose()

    @contextmanager
    def _said_in_words(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise Unavailable(_in_words(self.name, str(error.orig))) from error
        except sqlite3.OperationalError as error:  # while a connection is being prepared
            raise Unavailable(_in_words(self.name, str(error))) from error
        except (DatabaseError, sqlite3.DatabaseError) as error:
            if "not a database" in str(error):
                raise Unavailable(
                    f"{self.name} is no SQLite database. Name another with ECO_DATABASE_URL."
                ) from error
            if self.is_sqlite and "malformed" in str(error):
                raise Unavailable(
                    f"The database {self.name} is damaged. Put a backup in its place: eco restore FILE"
                ) from error
            raise


def _in_words(name: str, error: str) -> str:
    said = error.strip().splitlines()[0]
    for sign, advice in (
        (
            "readonly",
            "It is read-only for this user: give write permission to the file, "
            "to its -wal and -shm beside it, and to the folder.",
        ),
        ("read-only", "It is read-only for this user: give write permission to it."),
        ("disk is full", "The disk is full: make room and start again."),
        ("No space left", "The disk is full: make room and start again."),
        ("disk I/O error", "The disk refused: check that it is writable and not full, then start again."),
        ("locked", f"Another process has held it for over {BUSY_SECONDS} s: try again, or end that process."),
        ("unable to open", "It cannot be opened: check the path and its permissions."),
        ("FATAL", "The server refused: check user, password and database name in ECO_DATABASE_URL."),
        ("resolve host", "There is no such server: check the host's name in ECO_DATABASE_URL."),
        ("onnection", "The server does not answer: check that it runs and ECO_DATABASE_URL names it."),
    ):
        if sign in said:
            return f"The database {name} cannot be used. {advice} ({said})"
    return f"The database {name} refused: {said}. Nothing was half-written."


def _checked(url: str) -> URL:
    wanted = "Use sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME."
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        shown = re.sub(r":[^:@]*@", ":***@", url)
        raise WrongInput(f"ECO_DATABASE_URL {shown!r} is no database address. {wanted}") from None
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise WrongInput(f"ECO_DATABASE_URL {url!r} names no file to keep the data in. {wanted}")
        if "?" in url:  # SQLAlchemy cuts the path off there
            raise WrongInput(
                f"The database address {url!r} holds a '?': neither the path of a file with one nor options "
                f"are taken. {wanted}"
            )
        return parsed.set(drivername="sqlite")
    raise WrongInput(
        f"ECO_DATABASE_URL names {parsed.get_backend_name()!r}, which is not supported. {wanted}"
    )


_files: WeakSet[Engine] = WeakSet()
"""The engines of SQLite files."""


def close_files() -> None:
    """Closes what this process keeps open of SQLite files but does not use.

    Such connections may not cross a fork, and the last one to close folds its log into the file.
    """
    for engine in list(_files):
        engine.dispose()


os.register_at_fork(before=close_files)
atexit.register(close_files)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url)
    # Opening the file for each of a delivery's transactions would cost a sixth of its time.
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    _files.add(engine)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that writes later fails at once when another wrote in between.
        reads_only = connection.get_execution_options().get("reads_only")
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine
