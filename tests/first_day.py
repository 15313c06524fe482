"""An office's first day is the same in hundreds of tests: it is made once in a process, then copied."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Hashable
from itertools import count
from pathlib import Path

from sqlalchemy import make_url

from eco_workflow.services.load_plan import Activated
from tests.postgres import create_database, drop_database

_made: dict[tuple[str, Hashable], tuple[str, Activated]] = {}
_numbers = count(1)


def first_day(url: str, key: Hashable, make: Callable[[], Activated]) -> Activated:
    """Fills the empty database at `url` by `make`, or by a copy of what `make` once made under this key."""
    copy, keep = (
        (_sqlite_copy, _sqlite_keep) if url.startswith("sqlite") else (_postgres_copy, _postgres_keep)
    )
    kind = url.partition(":")[0]
    if (kind, key) in _made:
        kept, activated = _made[kind, key]
        copy(kept, url)
    else:
        activated = make()
        _made[kind, key] = keep(url), activated
    return activated


def _sqlite_keep(url: str) -> str:
    folder = Path(tempfile.mkdtemp(prefix="eco-first-day-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    kept = folder / "kept.sqlite"
    shutil.copyfile(str(make_url(url).database), kept)
    return str(kept)


def _sqlite_copy(kept: str, url: str) -> None:
    shutil.copyfile(kept, str(make_url(url).database))


def _postgres_keep(url: str) -> str:
    kept = f"first_day_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{next(_numbers)}"
    create_database(_server(url), kept, make_url(url).database)
    return kept


def _postgres_copy(kept: str, url: str) -> None:
    name = str(make_url(url).database)
    drop_database(_server(url), name)
    create_database(_server(url), name, kept)


def _server(url: str) -> str:
    return make_url(url).set(database="postgres").render_as_string(hide_password=False)
