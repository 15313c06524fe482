"""Only one engine runs in an ECO_HOME, and tells the other processes there what it lacks; its death frees the
lock.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from eco_workflow.domain.errors import Refused, Unavailable
from eco_workflow.private import private_folder

LOCK = "up.lock"
"""The file in ECO_HOME that `eco up` holds: its process, then a line for each thing that it lacks. It is of
this machine and this hour: a copy means nothing.
"""


class Lock:
    """The lock file, for the engine that holds it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._told = b""
        self.tell(())

    def tell(self, lacks: Sequence[str]) -> None:
        """From now on who asks is told this, a line each; where the disk does not take it, as before."""
        said = os.fsencode("\n".join((str(os.getpid()), *lacks)))
        if said == self._told:
            return
        with suppress(OSError):
            self._file.seek(0)
            self._file.write(said)
            self._file.truncate()
            self._told = said


@contextmanager
def alone(home: Path) -> Iterator[Lock]:
    """Holds the lock of this ECO_HOME. Raises `Refused` where an engine runs here already."""
    path = home.absolute() / LOCK
    try:
        private_folder(path.parent)
        path.touch(0o600)
        lock = path.open("r+b", buffering=0)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}. See ECO_HOME.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(_runs_already(path, os.fsdecode(lock.read()))) from None
        yield Lock(lock)


def check_alone(home: Path) -> None:
    """Raises `Refused` where an engine runs in this ECO_HOME already; leaves nothing behind."""
    if is_running(home):
        path = home.absolute() / LOCK
        raise Refused(_runs_already(path, os.fsdecode(path.read_bytes())))


def _runs_already(path: Path, said: str) -> str:
    pid = said.partition("\n")[0]
    return f"eco up runs here already, as process {pid or 'unknown'} ({path})."


def is_running(home: Path) -> bool:
    """Whether an engine holds the lock of this ECO_HOME."""
    with suppress(OSError), (home.absolute() / LOCK).open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def lacks(home: Path) -> tuple[str, ...]:
    """What the engine of this ECO_HOME says that it lacks, in words; nothing where none runs."""
    if not is_running(home):
        return ()
    return tuple(os.fsdecode((home.absolute() / LOCK).read_bytes()).splitlines()[1:])
