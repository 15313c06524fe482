"""Where tests write best: tens of thousands of small files that nobody looks at later belong in memory."""

import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
"""Bytes that must be free there; a whole run writes less than half of that."""


def memory() -> Path | None:
    """The `dir` for `tempfile`: a file system in memory where there is room for a whole run, else None."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        return MEMORY
    return None
