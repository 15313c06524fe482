"""Only one engine runs in an ECO_HOME; its death frees the lock."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eco_workflow.domain.errors import Refused, Unavailable
from eco_workflow.private import private_folder

LOCK = "up.lock"
"""The file in ECO_HOME that `eco up` holds. It is of this machine and this hour: a copy means nothing."""


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Holds the lock of this ECO_HOME. Raises `Refused` where an engine runs here already."""
    path = home.absolute() / LOCK
    try:
        private_folder(path.parent)
        path.touch(0o600)
        lock = path.open("a+")
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}. See ECO_HOME.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refused(_runs_already(path, lock.read())) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def check_alone(home: Path) -> None:
    """Raises `Refused` where an engine runs in this ECO_HOME already; leaves nothing behind."""
    if is_running(home):
        path = home.absolute() / LOCK
        raise Refused(_runs_already(path, path.read_text()))


def _runs_already(path: Path, pid: str) -> str:
    return f"eco up runs here already, as process {pid.strip() or 'unknown'} ({path})."


def is_running(home: Path) -> bool:
    """Whether an engine holds the lock of this ECO_HOME."""
    with suppress(OSError), (home.absolute() / LOCK).open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
