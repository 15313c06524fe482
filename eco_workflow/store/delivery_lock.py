"""Only one process delivers at a time; its death frees the lock.

So whoever holds it knows that a message still in `sending` has nobody who will ever record its result.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import func, text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from eco_workflow.domain.errors import Unavailable
from eco_workflow.private import private_file
from eco_workflow.stop import Stop
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt

KEY = 0x0EC0_DE11
"""PostgreSQL's advisory lock number for delivery."""

PATIENCE_SECONDS = 600.0


@contextmanager
def delivery_lock(database: Database, stop: Stop) -> Iterator[None]:
    """Waits until no other process delivers from this database. Raises `Unavailable` once ten minutes go by
    in which the other hands nothing over, and `Ending` where `stop` says so meanwhile.
    """
    patience = _Patience(database, stop)
    where = f"{database.url.database}.deliver"
    hold = _flock(where, patience) if database.is_sqlite else _advisory(database, patience)
    with hold:
        yield


class _Patience:
    """A delivery may take hours, where few messages leave in a minute: one that goes on is waited for."""

    def __init__(self, database: Database, stop: Stop) -> None:
        self.database, self.stop = database, stop
        self.until = time.monotonic() + PATIENCE_SECONDS
        self.attempts: int | None = None

    def wait(self) -> None:
        """A moment, where nothing says that it is in vain."""
        if self.attempts is None:
            self.attempts = self._attempts()
        elif time.monotonic() > self.until:
            before, self.attempts = self.attempts, self._attempts()
            if self.attempts == before:
                raise Unavailable(
                    "Another process holds the delivery and has handed nothing over for ten minutes. "
                    "Look at it, then try again."
                )
            self.until = time.monotonic() + PATIENCE_SECONDS
        self.stop.within(0.1)
        self.stop.check()

    def _attempts(self) -> int:
        with self.database.read() as session:
            return session.exec(select(func.count()).select_from(Attempt)).one()


@contextmanager
def _flock(path: str, patience: _Patience) -> Iterator[None]:
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
                patience.wait()
        yield


@contextmanager
def _advisory(database: Database, patience: _Patience) -> Iterator[None]:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        taken = False
        while not taken:
            taken = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": KEY}).scalar())
            if not taken:
                patience.wait()
        try:
            yield
        finally:
            # A connection that is gone took its lock along; what went wrong then is told by who met it.
            with suppress(OperationalError):
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": KEY})
