"""Room for these tests in memory where there is any: a process dies in them, never the machine."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A folder of the test's own. A disk that syncs each commit would make the sweeps ten times longer."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    folder = Path(mkdtemp(dir=MEMORY))
    yield folder
    shutil.rmtree(folder)
