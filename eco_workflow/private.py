"""Folders and files that nobody else on this machine reads: what an installation holds is not theirs.

Only what is made here is closed. What was there before keeps the rights that somebody gave it.
"""

import os
from pathlib import Path
from typing import BinaryIO, Literal

FOLDER, FILE = 0o700, 0o600


def private_folder(folder: Path, *, below: Path | None = None) -> None:
    """Makes the folder, and those that are missing above it: with its rights as far as they lie in `below`,
    else with the usual ones, since what lies above an installation is not its own.

    Raises `OSError` where it cannot be made, or a file bears its name.
    """
    if below is not None and folder != below and folder.is_relative_to(below):
        private_folder(folder.parent, below=below)
    folder.mkdir(FOLDER, parents=True, exist_ok=True)


def private_file(file: Path, mode: Literal["wb", "ab+"]) -> BinaryIO:
    """The file, opened; made where there is none. Raises `OSError` where it cannot be opened."""
    return open(file, mode, opener=lambda path, flags: os.open(path, flags, FILE))
