"""`eco backup`: a consistent copy of all that matters in one file, while runs go on."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from eco_workflow import __version__
from eco_workflow.domain.clock import ZONE
from eco_workflow.domain.errors import Refused, Unavailable
from eco_workflow.services import audit_log
from eco_workflow.services.backup_file import CHUNK, FILES, FORMAT, HEADS, MANIFEST, member_of
from eco_workflow.settings import Settings
from eco_workflow.store import dump
from eco_workflow.store.content import sync_folder
from eco_workflow.store.migrate import BESIDE
from eco_workflow.store.session import HEAD, Database
from eco_workflow.store.tables import Instance

NAME = "eco-*.zip"
"""How backups are called that are given no name; only such are ever removed."""

LEFT_OUT = frozenset({"backups", "prefect", "demo", "log", "logs", HEADS})
"""Not copied from ECO_HOME, by name: other copies, what is made anew, and the anchors, which lie apart."""


@dataclass(frozen=True)
class Made:
    """A backup that was made."""

    file: Path
    size: int
    tables: int
    rows: int
    files: int
    removed: tuple[Path, ...]
    """Older backups in the same folder that were one too many."""
    wrong: tuple[str, ...]
    """What the audit chains show: the copy is faithful, what it copies was tampered with."""


def back_up(
    database: Database, settings: Settings, to: Path | None = None, *, now: datetime, by: str
) -> Made:
    """Writes a backup into a file, or under a name of its own into a folder (`ECO_HOME/backups`).

    The database is read at one instant, then the files. The heads of the audit chains are anchored with it.
    The file appears under its name once it is whole and on the disk. Raises `Refused` where a file of that
    name is there already, `Unavailable` where it cannot be written.
    """
    folder = to or settings.backups
    named = to is not None and not to.is_dir()
    file = folder if named else _free_name(folder, now)
    if file.exists():
        raise Refused(f"{file} is there already. Name another file, or a folder.")
    part = file.with_name(f".{file.name}.part")
    try:
        if not named:
            file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                manifest, wrong = _write(archive, database, settings, now, by)
            target.flush()
            os.fsync(target.fileno())
        part.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise Unavailable(f"The backup {file} cannot be written: {error.strerror}.") from error
    return Made(
        file=file,
        size=file.stat().st_size,
        tables=len(manifest["tables"]),
        rows=sum(told["rows"] for told in manifest["tables"].values()),
        files=sum(name.startswith(FILES) for name in manifest["files"]),
        removed=() if named else _remove_old(folder, file, settings.backups_kept),
        wrong=tuple(wrong),
    )


def _write(
    archive: zipfile.ZipFile, database: Database, settings: Settings, now: datetime, by: str
) -> tuple[dict[str, Any], list[str]]:
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": __version__,
        "schema": HEAD,
        "made_at": now.astimezone(ZONE).isoformat(timespec="seconds"),
        "made_by": by,
        "database": database.url.get_backend_name(),
        "tables": {},
        "files": {},
    }
    with database.read() as session:
        connection = session.connection()
        for table in dump.all_tables():
            with archive.open(member_of(table.name), "w", force_zip64=True) as member:
                held = dump.write(connection, table, member.write)
            told = {"columns": held.columns, "rows": held.rows, "sha256": held.digest}
            manifest["tables"][table.name] = told
        manifest["instance"] = _instance(session)
        heads = audit_log.anchor(session, settings.audit_heads, now=now, by=by, event="backup")
        verified = audit_log.verify(session, settings.audit_heads)
        manifest["audit"] = {
            "plans": {chain.plan: {"rows": chain.rows, "wrong": chain.wrong} for chain in verified.chains},
            "others": verified.others,
        }
    # What the rows name was there before the rows: so the files come after them.
    manifest["files"][HEADS] = _copy(archive, heads.file, HEADS)
    for path in files_of(settings, database):
        name = FILES + path.relative_to(settings.home.absolute()).as_posix()
        with suppress(FileNotFoundError):  # moved or removed meanwhile, e.g. a mail that was read
            manifest["files"][name] = _copy(archive, path, name)
    archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return manifest, verified.wrong


def _instance(session: Session) -> str:
    return session.exec(select(Instance.name)).first() or ""


def files_of(settings: Settings, database: Database) -> Iterator[Path]:
    """What matters under ECO_HOME besides the database: everything but other copies and what is made anew."""
    home = settings.home.absolute()
    own = {f"{database.url.database}{end}" for end in (*BESIDE, ".deliver")} if database.is_sqlite else set()
    for top in sorted(home.iterdir()) if home.is_dir() else ():
        if top.name in LEFT_OUT or top.name.startswith(".") or ".replaced-" in top.name:
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() and not top.is_symlink() else [top]:
            if path.is_file() and not path.is_symlink() and str(path) not in own:
                yield path


def _copy(archive: zipfile.ZipFile, path: Path, name: str) -> dict[str, Any]:
    sha, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as member:
        while chunk := source.read(CHUNK):
            sha.update(chunk)
            size += member.write(chunk)
    return {"bytes": size, "sha256": sha.hexdigest()}


def _free_name(folder: Path, now: datetime) -> Path:
    stem = f"eco-{now.astimezone(ZONE):%Y%m%dT%H%M%S}"
    file, number = folder / f"{stem}.zip", 2
    while file.exists():
        file, number = folder / f"{stem}-{number}.zip", number + 1
    return file


def _remove_old(folder: Path, newest: Path, kept: int) -> tuple[Path, ...]:
    """Never the one just made, even where the clock went back and others bear later names."""
    others = sorted((path for path in folder.glob(NAME) if path != newest), key=lambda path: path.name)
    surplus = others[: max(0, len(others) - (kept - 1))]
    for path in surplus:
        path.unlink(missing_ok=True)
    return tuple(surplus)
