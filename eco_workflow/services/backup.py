"""`eco backup`: a consistent copy of all that matters in one file, while runs go on."""

import errno
import fcntl
import hashlib
import json
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlmodel import Session, select

from eco_workflow import __version__
from eco_workflow.domain.clock import ZONE
from eco_workflow.domain.errors import Refused, Unavailable, WrongInput
from eco_workflow.private import private_file, private_folder
from eco_workflow.services import audit_log
from eco_workflow.services.backup_file import CHUNK, FILES, FORMAT, HEADS, MANIFEST, member_of
from eco_workflow.services.evidence_shown import held_contents
from eco_workflow.settings import Settings
from eco_workflow.store import dump
from eco_workflow.store.content import Content, sync_folder
from eco_workflow.store.engine_lock import LOCK
from eco_workflow.store.migrate import BESIDE
from eco_workflow.store.session import HEAD, Database
from eco_workflow.store.tables import Instance

NAME = re.compile(r"eco-\d{8}T\d{6}(-\d+)?(-incomplete)?\.zip")
"""How backups are called that are given no name; only such are ever removed."""

INCOMPLETE = "-incomplete.zip"
"""How the name ends of one that lacks something, where it is given none."""

LEFT_OUT = frozenset({"backups", "prefect", "demo", "log", "logs", LOCK, HEADS, "lost+found"})
"""Not copied from ECO_HOME, by name: other copies, what is made anew, the engine's lock, the anchors, which
lie apart, and what the file system itself keeps where ECO_HOME is a volume of its own.
"""


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
    wanting: tuple[str, ...]
    """What should be in it and is not: evidence by number, folders and files, each with the reason."""
    wrong: tuple[str, ...]
    """What the audit chains show: the copy is faithful, what it copies was tampered with."""
    anchored: bool
    """Whether every chain was anchored with it."""
    not_anchored: str
    """Why the heads could not be kept outside, nor compared with those kept there; empty where they were."""


def back_up(
    database: Database, settings: Settings, to: Path | None = None, *, now: datetime, by: str
) -> Made:
    """Writes a backup into a file, whose name ends in .zip, or under a name of its own into a folder, which
    is made (`ECO_HOME/backups`).

    The database is read at one instant, then the files. The heads of the audit chains are anchored with it;
    where their folder is away the backup is made without.
    The file appears under its name once it is whole and on the disk. What cannot be read is left out and
    named: the rest is better than nothing, but no complete backup, which may hold it, gives way to this one.
    Raises `WrongInput` for a place within what is copied, `Refused` where a file of that name is there
    already, `Unavailable` where it cannot be written.
    """
    folder = to or settings.backups
    _check_outside(folder, settings)
    named = folder.suffix == ".zip" and not folder.is_dir()
    file = folder if named else _free_name(folder, now)
    if file.exists() or folder.is_file():
        raise Refused(f"{folder} is there already. Name another file, eco-….zip, or a folder.")
    part = file.with_name(f".{file.name}.part")
    try:
        if not named:
            private_folder(file.parent)
        _sweep(file.parent)
        with private_file(part, "wb") as target:
            with suppress(OSError):  # not every file system knows locks
                fcntl.flock(target, fcntl.LOCK_EX)
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                manifest, audit = _write(archive, database, settings, now, by)
            target.flush()
            os.fsync(target.fileno())
        if manifest["wanting"] and not named:
            file = _free_name(folder, now, INCOMPLETE)
        part.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise Unavailable(f"The backup {file} cannot be written: {error.strerror}.") from error
    finally:
        # Whole, it bears another name by now.
        with suppress(OSError):
            part.unlink(missing_ok=True)
    wanting = tuple(manifest["wanting"])
    return Made(
        file=file,
        size=file.stat().st_size,
        tables=len(manifest["tables"]),
        rows=sum(told["rows"] for told in manifest["tables"].values()),
        files=sum(name.startswith(FILES) for name in manifest["files"]),
        removed=() if named else _remove_old(folder, file, settings.backups_kept),
        wanting=wanting,
        wrong=tuple(audit.wrong),
        anchored=audit.anchored,
        not_anchored=audit.not_anchored,
    )


def _check_outside(to: Path, settings: Settings) -> None:
    """ECO_HOME is copied as a whole, but for its folder of backups: a backup in it would copy itself."""
    place = to.resolve()
    home = settings.home.resolve()
    if place.is_relative_to(home) and not place.is_relative_to(settings.backups.resolve()):
        raise WrongInput(
            f"{to} lies in {settings.home}, all of which is copied: the backup copies itself. Name a place "
            f"outside, or none: {settings.backups}"
        )


def _sweep(folder: Path) -> None:
    """Removes what backups left that did not come to their end; one that goes on holds a lock on its file."""
    for part in folder.glob(".*.part"):
        if NAME.fullmatch(part.name.removeprefix(".").removesuffix(".part")):
            with suppress(OSError), part.open("rb") as left:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Chains:
    """What became of the audit chains."""

    said: dict[str, Any]
    """As the manifest tells it."""
    wrong: Sequence[str] = ()
    anchored: bool = False
    not_anchored: str = ""
    heads: Path | None = None
    """Where the heads are kept."""


def _chains(session: Session, settings: Settings, now: datetime, by: str) -> _Chains:
    """Anchors the heads and verifies the chains."""
    try:
        heads = audit_log.anchor(session, settings.audit_heads, now=now, by=by, event="backup")
        verified = audit_log.verify(session, settings.audit_heads)
    except Unavailable as error:
        return _Chains({"plans": {}, "others": [str(error)]}, not_anchored=str(error).rstrip("."))
    said = {
        "plans": {chain.plan: {"rows": chain.rows, "wrong": chain.wrong} for chain in verified.chains},
        "others": [*verified.others, heads.lost] if heads.lost else verified.others,
    }
    return _Chains(said, heads.with_found(verified), heads.complete, heads=heads.file)


def _write(
    archive: zipfile.ZipFile, database: Database, settings: Settings, now: datetime, by: str
) -> tuple[dict[str, Any], _Chains]:
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": __version__,
        "schema": HEAD,
        "made_at": now.astimezone(ZONE).isoformat(timespec="seconds"),
        "made_by": by,
        "database": database.url.get_backend_name(),
        "tables": {},
        "files": {},
        "wanting": [],
    }
    with database.read() as session:
        connection = session.connection()
        for table in dump.all_tables():
            with archive.open(member_of(table.name), "w", force_zip64=True) as member:
                held = dump.write(connection, table, member.write)
            told = {"columns": held.columns, "rows": held.rows, "sha256": held.digest}
            manifest["tables"][table.name] = told
        manifest["instance"] = _instance(session)
        audit = _chains(session, settings, now, by)
        manifest["audit"] = audit.said
        named = list(held_contents(session))
    # What the rows name was there before the rows: so the files come after them.
    home, files, wanting = settings.home.absolute(), manifest["files"], manifest["wanting"]
    if audit.heads is not None:
        with audit.heads.open("rb") as anchors:
            files[HEADS], _ = _copy(archive, anchors, HEADS)

    def cannot_read(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # a folder that was removed meanwhile lacks nothing
            wanting.append(_unread(Path(error.filename).relative_to(home).as_posix(), error))

    for path in files_of(settings, database, cannot_read):
        name = path.relative_to(home).as_posix()
        try:
            source = path.open("rb")
        except FileNotFoundError:
            continue  # moved or removed meanwhile, e.g. a mail that was read
        except OSError as error:
            wanting.append(_unread(name, error))
            continue
        with source:
            files[FILES + name], broken = _copy(archive, source, FILES + name)
        if broken:
            wanting.append(_unread(name, broken))
    wanting += _contents_wanting(database, settings, named, files)
    archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return manifest, audit


def _instance(session: Session) -> str:
    return session.exec(select(Instance.name)).first() or ""


def _contents_wanting(
    database: Database, settings: Settings, named: list[tuple[str, str]], files: dict[str, dict[str, Any]]
) -> list[str]:
    """Evidence whose content the files lack, or hold otherwise than its digest says."""
    store, found = Content(settings.home), []
    for name, digest in named:
        copied = files.get(FILES + store.place(digest).relative_to(store.home.absolute()).as_posix())
        if copied is None:
            found.append(((name, digest), f"{name} ({_why_not_there(store.place(digest))})"))
        elif copied["sha256"] != digest:
            found.append(((name, digest), f"{name} (not what its digest says)"))
    if not found:
        return []
    with database.read() as session:
        still = set(held_contents(session))  # the rest was put into quarantine meanwhile
    return [said for one, said in found if one in still]


def _why_not_there(place: Path) -> str:
    try:
        place.open("rb").close()
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"{error.strerror}"
    return "behind a link, which is not followed" if place.parent.parent.is_symlink() else "not copied"


def files_of(
    settings: Settings, database: Database, cannot_read: Callable[[OSError], None]
) -> Iterator[Path]:
    """What matters under ECO_HOME besides the database: everything but other copies and what is made anew.

    `cannot_read` hears of each folder that does not say what lies in it, and of each link: none is followed.
    """
    home = settings.home.absolute()
    own = {f"{database.url.database}{end}" for end in (*BESIDE, ".deliver")} if database.is_sqlite else set()
    for top in sorted(home.iterdir()) if home.is_dir() else ():
        if top.name in LEFT_OUT or top.name.startswith(".") or ".replaced-" in top.name:
            continue
        for path in sorted(_below(top, cannot_read)) if top.is_dir() and not top.is_symlink() else [top]:
            if str(path) in own:
                continue
            if stat.S_ISLNK(kind := _kind(path)):
                cannot_read(OSError(errno.ELOOP, "a link, which is not followed", str(path)))
            elif stat.S_ISREG(kind):
                yield path


def _below(top: Path, cannot_read: Callable[[OSError], None]) -> Iterator[Path]:
    """Everything in a folder and in those below that is no folder, links to folders too."""
    for folder, folders, names in os.walk(top, onerror=cannot_read):
        yield from (Path(folder, name) for name in names)
        yield from (path for path in (Path(folder, name) for name in folders) if stat.S_ISLNK(_kind(path)))


def _kind(path: Path) -> int:
    """What it is, by its mode; 0 where it is gone.

    What nobody may look at is taken for a file, which then cannot be read.
    """
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0
    except OSError:
        return stat.S_IFREG


def _copy(archive: zipfile.ZipFile, source: BinaryIO, name: str) -> tuple[dict[str, Any], OSError | None]:
    """What was copied, and why not all of it was, where a disk fails in the middle of a file."""
    sha, size, broken = hashlib.sha256(), 0, None
    with archive.open(name, "w", force_zip64=True) as member:
        while True:
            try:
                chunk = source.read(CHUNK)
            except OSError as error:
                broken = error
                break
            if not chunk:
                break
            sha.update(chunk)
            size += member.write(chunk)
    return {"bytes": size, "sha256": sha.hexdigest()}, broken


def _unread(name: str, error: OSError) -> str:
    return f"{name} ({error.strerror})"


def _free_name(folder: Path, now: datetime, end: str = ".zip") -> Path:
    stem = f"eco-{now.astimezone(ZONE):%Y%m%dT%H%M%S}"
    file, number = folder / f"{stem}{end}", 2
    while file.exists():
        file, number = folder / f"{stem}-{number}{end}", number + 1
    return file


def newest_backup(folder: Path) -> Path | None:
    """The newest whole backup in a folder, by the name it was given; none where there is none."""
    return max(_given_names(folder, incomplete=False), default=None) if folder.is_dir() else None


def _given_names(folder: Path, *, incomplete: bool) -> list[Path]:
    """The backups in a folder that were given no other name, those that lack something or the whole ones."""
    return [
        path
        for path in folder.iterdir()
        if NAME.fullmatch(path.name) and path.name.endswith(INCOMPLETE) == incomplete
    ]


def _remove_old(folder: Path, newest: Path, kept: int) -> tuple[Path, ...]:
    """Of those as complete, or incomplete, as the newest. Never the one just made, even where the clock went
    back and others bear later names.
    """
    alike = _given_names(folder, incomplete=newest.name.endswith(INCOMPLETE))
    others = sorted(path for path in alike if path != newest)
    surplus = others[: max(0, len(others) - (kept - 1))]
    for path in surplus:
        path.unlink(missing_ok=True)
    return tuple(surplus)
