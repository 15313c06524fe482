"""The first days of an office are the same in hundreds of tests: made once in a process, then copied."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Hashable
from functools import cache
from itertools import count
from pathlib import Path

from sqlalchemy import make_url

from tests.memory import memory
from tests.postgres import create_database, drop_database

_kept: dict[tuple[str, Hashable], tuple[str, Path]] = {}
_numbers = count(1)


def restore(url: str, home: Path, key: Hashable) -> bool:
    """Fills the database at `url` and the mailboxes in `home` as they were kept under this key, if they were.

    Nobody may be connected to the database.
    """
    kept = _kept.get((_kind(url), key))
    if kept is None:
        return False
    database, mail = kept
    (_sqlite_copy if _kind(url) == "sqlite" else _postgres_copy)(database, url)
    shutil.rmtree(home / "mail", ignore_errors=True)
    if mail.exists():
        shutil.copytree(mail, home / "mail")
    return True


def keep(url: str, home: Path, key: Hashable) -> None:
    """Keeps the database and the mailboxes as they are. Nobody may be connected to the database."""
    number = next(_numbers)
    mail = _folder() / f"mail-{number}"
    if (home / "mail").exists():
        shutil.copytree(home / "mail", mail)
    database = (_sqlite_keep if _kind(url) == "sqlite" else _postgres_keep)(url, number)
    _kept[_kind(url), key] = database, mail


def _kind(url: str) -> str:
    return url.partition(":")[0]


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="eco-first-days-", dir=memory()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _sqlite_keep(url: str, number: int) -> str:
    kept = str(_folder() / f"kept-{number}.sqlite")
    shutil.copyfile(str(make_url(url).database), kept)
    return kept


def _sqlite_copy(kept: str, url: str) -> None:
    shutil.copyfile(kept, str(make_url(url).database))


def _postgres_keep(url: str, number: int) -> str:
    kept = f"first_days_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{number}"
    create_database(_server(url), kept, make_url(url).database)
    return kept


def _postgres_copy(kept: str, url: str) -> None:
    name = str(make_url(url).database)
    drop_database(_server(url), name)
    create_database(_server(url), name, kept)


def _server(url: str) -> str:
    return make_url(url).set(database="postgres").render_as_string(hide_password=False)
