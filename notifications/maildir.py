"""Mail into folders on this machine: the sink where no server is configured, and for trying things out."""

import mailbox
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eco_workflow.domain.address import why_unusable
from eco_workflow.domain.messages import Outcome, Result, Send


@contextmanager
def maildir(folder: Path) -> Iterator[Send]:
    """Yields a `Send` that files each mail in the Maildir `folder/<address>/`, byte for byte.

    ACCEPTED: the mail and its directory entry are on disk. REFUSED: the address is unusable. LATER: the
    disk did not take it (full, read-only, no permission); the mailbox then shows nothing of it.
    NO_ANSWER: it was filed, but the disk would not confirm it. Folders are made when first needed.
    """

    def send(address: str, message: bytes) -> Outcome:
        unusable = why_unusable(address)
        if unusable:
            return Outcome(Result.REFUSED, unusable)
        box = folder / address  # a usable address holds nothing that a path could mean otherwise
        try:
            # Mail begins in `tmp` and is linked into `new` when it is whole and synced.
            key = _open(box).add(message)
        except OSError as error:
            return Outcome(Result.LATER, f"{box} did not take the mail: {error}", reached=False)
        try:
            _sync(box / "new")
        except OSError as error:
            return Outcome(Result.NO_ANSWER, f"{box}/new/{key} is written, but not confirmed: {error}")
        return Outcome(Result.ACCEPTED, f"filed as {box}/new/{key}")

    yield send


def _open(box: Path) -> mailbox.Maildir:
    """The mailbox in `box`, made durably when it does not exist yet."""
    # All three are checked each time: a crash between two mkdirs must not leave a box that never works.
    missing = [part for part in (box / "tmp", box / "new", box / "cur") if not part.is_dir()]
    if missing:
        for folder in (box.parent, box, *missing):  # who reads a mailbox's name knows whom we ask
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for parent in (box, box.parent, box.parent.parent):
            _sync(parent)
    opened = mailbox.Maildir(box, create=False)
    # A disk that filled up, or a crash, leaves pieces in `tmp`; the Maildir rule drops them after 36 hours.
    opened.clean()
    return opened


def _sync(folder: Path) -> None:
    """Makes the entries of `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
