"""Files by the digest of their content, beside the database: `evidence/<2 hex>/<digest>`.

What is written here is whole and on the disk before it bears its name. Nothing is opened, unpacked or
executed, and no name that a person gave becomes a path.
"""

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from eco_workflow.domain.errors import Unavailable, WrongInput
from eco_workflow.private import private_folder

CHUNK = 1 << 20
MIB = 1 << 20
ARRIVING = ".evidence"
"""Beside the store, where what is being read in lies; a backup leaves it out."""


@dataclass(frozen=True)
class Arrived:
    """A file that was read in whole and waits to be kept."""

    digest: str
    """SHA-256, in hexadecimal."""
    size: int
    path: Path


@dataclass(frozen=True)
class Content:
    """The files of one installation: `home` is its ECO_HOME."""

    home: Path

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.home.absolute() / "evidence"

    def place(self, digest: str) -> Path:
        """Where the content of that digest lies, if it is there."""
        return self.folder / digest[:2] / digest

    @contextmanager
    def arriving(self, source: Path, *, max_mib: float) -> Iterator[Arrived]:
        """Reads a person's file in; what was not kept by then is gone at the end.

        Raises `WrongInput` for what is no ordinary file, empty, larger than `max_mib` or cannot be read;
        `Unavailable` where it cannot be written.
        """
        waiting = self.home.absolute() / ARRIVING
        try:
            with _ordinary(source) as given, _in_use(waiting):
                path: Path | None = None
                try:
                    descriptor, name = mkstemp(dir=waiting)
                    path = Path(name)
                    with os.fdopen(descriptor, "wb") as target:
                        digest, size = _copy(given, target, int(max_mib * MIB))
                        target.flush()
                        os.fsync(target.fileno())
                    if size == 0:
                        raise WrongInput(f"{source} is empty.")
                    if size > max_mib * MIB:
                        raise WrongInput(
                            f"{source} is larger than {max_mib:g} MiB. "
                            "Split it, or raise ECO_EVIDENCE_MAX_MIB."
                        )
                    yield Arrived(digest, size, path)
                finally:
                    if path is not None:
                        with suppress(OSError):
                            path.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"{source} cannot be taken in: {error.strerror}.") from error

    def keep(self, arrived: Arrived) -> None:
        """Gives it its name. The same content again is the same file, mended where it was damaged."""
        place = self.place(arrived.digest)
        private_folder(place.parent, below=self.folder)
        arrived.path.replace(place)
        sync_folder(place.parent)
        sync_folder(self.folder)

    def remove(self, digest: str) -> bool:
        """Takes the content away; False where there was none. Raises `Unavailable` where it cannot."""
        place = self.place(digest)
        try:
            place.unlink()
            sync_folder(place.parent)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise Unavailable(
                f"{place} cannot be removed: {error.strerror}. It still holds what it should not: "
                "remove it, or say the same command again."
            ) from error
        return True

    def copy_to(self, digest: str, target: BinaryIO) -> int:
        """Writes the content into a file; returns its bytes.

        Raises `Unavailable` where it is missing or no longer what its digest says.
        """
        try:
            with self.place(digest).open("rb") as source:
                found, size = _copy(source, target)
        except FileNotFoundError:
            raise Unavailable(f"The content {digest} is missing. Restore it from a backup.") from None
        except OSError as error:
            raise Unavailable(f"The content {digest} cannot be read: {error.strerror}.") from error
        if found != digest:
            raise Unavailable(
                f"The content {digest} is not what it was: its digest is {found} now. "
                "Restore it from a backup."
            )
        return size

    def is_whole(self, digest: str) -> bool:
        """Whether the content is there and as it was. Raises `Unavailable` where it cannot be read."""
        try:
            with self.place(digest).open("rb") as source:
                return _copy(source)[0] == digest
        except FileNotFoundError:
            return False
        except OSError as error:
            raise Unavailable(f"The content {digest} cannot be read: {error.strerror}.") from error

    def digests(self) -> set[str]:
        """Of everything that lies here."""
        return {path.name for path in self.folder.glob("??/*")}


def sync_folder(folder: Path) -> None:
    """Makes a renaming in the folder outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _in_use(waiting: Path) -> Iterator[None]:
    """While files arrive in a folder. Who finds nobody else there removes what killed processes left in it:
    it may be what must not be here.
    """
    private_folder(waiting, below=waiting.parent)
    folder = os.open(waiting, os.O_RDONLY)
    try:
        with suppress(BlockingIOError):
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in waiting.iterdir():
                left.unlink()
        fcntl.flock(folder, fcntl.LOCK_SH)
        yield
    finally:
        os.close(folder)


def check_ordinary(source: Path) -> None:
    """Raises `WrongInput` for what is not there, cannot be read or is no ordinary file."""
    with _ordinary(source):
        pass


@contextmanager
def _ordinary(source: Path) -> Iterator[BinaryIO]:
    """Opened without waiting for whoever holds the other end of a pipe."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = (
            "there is none"
            if getattr(error, "errno", 0) == errno.ENOENT
            else getattr(error, "strerror", error)
        )
        raise WrongInput(f"The file {str(source)!r} cannot be read: {why}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise WrongInput(f"{source} is no ordinary file.")
    with os.fdopen(descriptor, "rb") as given:
        yield given


def _copy(source: BinaryIO, target: BinaryIO | None = None, most: int | None = None) -> tuple[str, int]:
    """Digest and bytes of what was read; ends soon after `most` bytes."""
    sha, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        sha.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
        if most is not None and size > most:
            break
    return sha.hexdigest(), size
