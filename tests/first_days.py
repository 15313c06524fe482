"""The first days of an office are the same in hundreds of tests: made once, then copied by every worker."""

import atexit
import fcntl
import hashlib
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from tests.memory import memory
from tests.postgres import create_database, drop_database

SHARED = "TESTS_FIRST_DAYS"
"""The folder that the workers of one test run share; set by the run's own process."""


def restore(url: str, home: Path, key: Hashable) -> bool:
    """Fills the database at `url` and the mailboxes in `home` as they were kept under this key, if they were.

    Nobody may be connected to the database.
    """
    kept = _kept(url, key)
    if not kept.exists():
        return False
    if _is_sqlite(url):
        shutil.copyfile(kept / "database", str(make_url(url).database))
    else:
        name = str(make_url(url).database)
        drop_database(_server(url), name)
        create_database(_server(url), name, _template(kept))
    shutil.rmtree(home / "mail", ignore_errors=True)
    if (kept / "mail").exists():
        shutil.copytree(kept / "mail", home / "mail")
    return True


def keep(url: str, home: Path, key: Hashable, made: object = None) -> None:
    """Keeps the database and the mailboxes as they are, with what came of making them.

    Nobody may be connected to the database.
    """
    kept = _kept(url, key)
    begun = Path(tempfile.mkdtemp(dir=_folder()))
    if (home / "mail").exists():
        shutil.copytree(home / "mail", begun / "mail")
    if _is_sqlite(url):
        shutil.copyfile(str(make_url(url).database), begun / "database")
    else:
        create_database(_server(url), _template(kept), make_url(url).database)
    (begun / "made").write_bytes(pickle.dumps(made))
    begun.rename(kept)


def what_came_of(url: str, key: Hashable) -> Any:
    """What `keep` was given."""
    return pickle.loads((_kept(url, key) / "made").read_bytes())


@contextmanager
def making(key: Hashable, url: str = "") -> Iterator[None]:
    """While one worker makes the first days of this key, the others wait for them."""
    with (_folder() / f"{_kept(url, key).name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def folder_once(folder: Path, key: Hashable, make: Callable[[], object]) -> None:
    """Makes the folder as `make` leaves it: called once in a test run under this key, then copied."""
    if not restore_folder(folder, key):
        with making(key):
            if not restore_folder(folder, key):
                make()
                keep_folder(folder, key)


def database_once(url: str, home: Path, key: Hashable, make: Callable[[], object]) -> None:
    """As `folder_once`, for a database and the mailboxes beside it.

    `make` returns what came of it, and leaves nobody connected.
    """
    if not restore(url, home, key):
        with making(key, url):
            if not restore(url, home, key):
                keep(url, home, key, make())


def restore_folder(folder: Path, key: Hashable) -> bool:
    """Makes the folder as it was kept under this key, if it was."""
    kept = _kept("", key)
    if not kept.exists():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)
    return True


def keep_folder(folder: Path, key: Hashable) -> None:
    """Keeps the folder as it is. Nobody may be writing to it."""
    begun = Path(tempfile.mkdtemp(dir=_folder()))
    shutil.copytree(folder, begun, dirs_exist_ok=True)
    begun.rename(_kept("", key))


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def _kept(url: str, key: Hashable) -> Path:
    """Where what is known as `key` is kept, for each kind of database; its repr is the same everywhere."""
    said = hashlib.sha256(repr((url.partition(":")[0], key)).encode()).hexdigest()
    return _folder() / said[:40]


def _template(kept: Path) -> str:
    return f"first_days_{kept.name}"


@cache
def _folder() -> Path:
    if shared := os.environ.get(SHARED):
        return Path(shared)
    folder = Path(tempfile.mkdtemp(prefix="eco-first-days-", dir=memory()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _server(url: str) -> str:
    return make_url(url).set(database="postgres").render_as_string(hide_password=False)
