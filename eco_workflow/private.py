"""Folders and files that nobody else on this machine reads: what an installation holds is not theirs.

Only what is made here is closed. What was there before keeps the rights that somebody gave it.
"""

import os
from pathlib import Path
from typing import BinaryIO, Literal

FOLDER, FILE = 0o700, 0o600


def private_folder(folder: Path) -> None:
    """Makes the folder, and those above it that are missing. Raises `OSError` where it cannot be made."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(FOLDER, exist_ok=True)
    folder.mkdir(FOLDER, exist_ok=True)  # raises where a file bears its name


def private_file(file: Path, mode: Literal["wb", "ab+"]) -> BinaryIO:
    """The file, opened; made where there is none. Raises `OSError` where it cannot be opened."""
    return open(file, mode, opener=lambda path, flags: os.open(path, flags, FILE))
