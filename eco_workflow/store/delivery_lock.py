"""Only one process delivers at a time; its death frees the lock.

So whoever holds it knows that a message still in `sending` has nobody who will ever record its result.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from eco_workflow.domain.errors import Unavailable
from eco_workflow.private import private_file
from eco_workflow.stop import Stop
from eco_workflow.store.session import Database

KEY = 0x0EC0_DE11
"""PostgreSQL's advisory lock number for delivery."""

PATIENCE_SECONDS = 600.0


@contextmanager
def delivery_lock(database: Database, stop: Stop) -> Iterator[None]:
    """Waits until no other process delivers from this database. Raises `Unavailable` after ten minutes, and
    `Ending` where `stop` says so meanwhile.
    """
    where = f"{database.url.database}.deliver"
    hold = _flock(where, stop) if database.is_sqlite else _advisory(database, stop)
    with hold:
        yield


def _wait(taken: bool, until: float, stop: Stop) -> None:
    if not taken:
        if time.monotonic() > until:
            raise Unavailable(
                "Another process has been delivering for ten minutes. Look at it, then try again."
            )
        stop.within(0.1)
        stop.check()


@contextmanager
def _flock(path: str, stop: Stop) -> Iterator[None]:
    until = time.monotonic() + PATIENCE_SECONDS
    try:
        file = private_file(Path(path), "wb")  # held for the length of the delivery
    except OSError as error:
        raise Unavailable(f"The lock file {path} cannot be written: {error.strerror}.") from error
    with file:
        taken = False
        while not taken:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                taken = True
            except BlockingIOError:
                _wait(taken, until, stop)
        yield


@contextmanager
def _advisory(database: Database, stop: Stop) -> Iterator[None]:
    until = time.monotonic() + PATIENCE_SECONDS
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        taken = False
        while not taken:
            taken = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": KEY}).scalar())
            _wait(taken, until, stop)
        try:
            yield
        finally:
            # A connection that is gone took its lock along; what went wrong then is told by who met it.
            with suppress(OperationalError):
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": KEY})
