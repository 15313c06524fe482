"""Whether a folder can be written, also one that is still to be made; the question leaves nothing behind."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory


def nearest(folder: Path) -> Path:
    """The folder, or what there is of the way to it, as far as this user may look."""
    whole = folder.absolute()
    return next(one for one in (whole, *whole.parents) if os.access(one, os.F_OK))


def is_writable(folder: Path) -> bool:
    """Tried, not asked for: root may write anywhere, and still makes no folder in /proc."""
    try:
        TemporaryDirectory(dir=folder, prefix=".eco-").cleanup()
    except OSError:
        return False
    return True
