"""`eco restore`: a backup checked, loaded beside what is there, read back, and only then swapped in."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import ZONE
from eco_workflow.domain.errors import EcoError, Refused, Unavailable
from eco_workflow.private import private_file, private_folder
from eco_workflow.services import audit_log
from eco_workflow.services.backup import back_up
from eco_workflow.services.backup_file import FILES, HEADS, Backup, digest_of, opened
from eco_workflow.settings import Settings
from eco_workflow.stop import Stop
from eco_workflow.store import anchors, audit, dump
from eco_workflow.store.content import sync_folder
from eco_workflow.store.delivery_lock import delivery_lock
from eco_workflow.store.engine_lock import is_running
from eco_workflow.store.migrate import BESIDE, upgrade
from eco_workflow.store.session import Database, close_files
from eco_workflow.store.tables import Plan

SECONDS_TO_WAIT = 30
"""For whoever uses the database: then the restore gives up."""


@dataclass(frozen=True)
class Restored:
    """What was restored, where, and where that lies which was there before."""

    database: str
    home: Path
    made_at: str
    """When the backup was made: what happened later is not in the books."""
    plans: int
    rows: int
    files: int
    audit_rows: int
    replaced: tuple[str, ...]
    wanting: tuple[str, ...]
    """What the backup lacks, since it could not be read when it was made."""
    wrong: tuple[str, ...]
    """What the audit chains show; it was so when the backup was made."""


def restore(file: Path, settings: Settings, *, yes: bool, now: datetime, by: str) -> Restored:
    """Restores a backup into the home and database of these settings.

    What is there is kept aside, never deleted. Raises `Refused` where there is something and `yes` is not
    said, where somebody else uses the database, or where what was restored does not read back as it was
    written; `WrongInput` for a file that is no whole backup. Then everything is as it was before.
    """
    database = Database(settings.database)
    with opened(file) as backup:
        _check_room(database, settings, backup, yes)
        if is_running(settings.home):  # also between two runs, when it has no file open
            raise _in_use(settings.home.absolute())
        stage = settings.home.absolute() / ".restoring"
        stop = Stop()
        try:
            # Up to the first thing that is put into its place it may be ended, and is then as it was;
            # from there on a few renamings finish it, whoever says what.
            with stop.listening():
                with stop.breaking():
                    _unpack(backup, stage)
                load = _Load(backup, stage / HEADS, now, by)
                replaced = _into_sqlite(database, load, stop) if database.is_sqlite else _into_server(
                    database, settings, load, stop
                )  # fmt: skip
                replaced += _swap_files(stage, settings.home.absolute(), now)
                replaced += _merge_heads(backup.heads(), settings.audit_heads, now)
        except OSError as error:
            raise Unavailable(
                f"The backup cannot be restored: {error.strerror} ({error.filename})."
            ) from error
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            database.dispose()
        with database.read() as session:
            audit_log.anchor(session, settings.audit_heads, now=now, by=by, event=anchors.RESTORE)
            plans = len(session.exec(select(Plan.id)).all())
        return Restored(
            database=database.name,
            home=settings.home.absolute(),
            made_at=str(backup.manifest["made_at"]),
            plans=plans,
            rows=sum(told["rows"] for told in backup.tables.values()),
            files=len(backup.files),
            audit_rows=backup.tables["audit"]["rows"],
            replaced=tuple(replaced),
            wanting=tuple(backup.wanting),
            wrong=tuple(load.wrong),
        )


@dataclass
class _Load:
    """A backup on its way into an empty database."""

    backup: Backup
    heads: Path
    now: datetime
    by: str
    wrong: tuple[str, ...] = ()

    def into(self, session: Session) -> None:
        """Fills the tables, reads them back, and records the restore; all within the caller's transaction."""
        connection = session.connection()
        told, known = self.backup.tables, {table.name for table in dump.all_tables()}
        if set(told) != known:
            raise Refused(f"The backup has other tables than this program: {sorted(set(told) ^ known)}.")
        for table in dump.all_tables():
            dump.fill(connection, table, told[table.name]["columns"], self.backup.lines(table.name))
        for table in dump.all_tables():
            held = dump.content(connection, table)
            if (held.rows, held.digest) != (told[table.name]["rows"], told[table.name]["sha256"]):
                raise Refused(
                    f"{table.name} reads back as {held.rows} rows that differ from what was written; "
                    "nothing was changed. Try again, or use another backup."
                )
        self._check_chains(session)
        detail = {"backup_made_at": self.backup.manifest["made_at"]}
        plans = session.exec(select(Plan.id).order_by(col(Plan.id))).all()
        if plans:
            audit.record(
                session, {i or 0: detail for i in plans}, at=self.now, actor=self.by, action="restore"
            )

    def _check_chains(self, session: Session) -> None:
        """A chain that was broken when it was copied is restored as it was; any other must be whole."""
        found = audit_log.verify(session, self.heads).chains
        known = self.backup.manifest["audit"]["plans"]
        for chain in found:
            if new := [
                line for line in chain.wrong if line not in known.get(chain.plan, {}).get("wrong", [])
            ]:
                raise Refused("The backup was tampered with; nothing was changed. " + "; ".join(new))
        self.wrong = tuple(line for chain in found for line in chain.wrong)


def _check_room(database: Database, settings: Settings, backup: Backup, yes: bool) -> None:
    if yes:
        return
    there = [database.name] if _has_content(database) else []
    tops = {name.partition("/")[0] for name in backup.files}
    home = settings.home.absolute()
    there += sorted({str(home / top) for top in tops if (home / top).exists()})
    if there:
        raise Refused(
            f"There is something at {', '.join(there)}. Restore into another folder with --to, "
            "or say --yes: then what is there is set aside."
        )


def _has_content(database: Database) -> bool:
    """Whether there is a database with rows, or anything that cannot be read as one."""
    if database.is_sqlite and (not database.has_file() or Path(database.name).stat().st_size == 0):
        return False
    try:
        database.check_version()
        with database.read() as session:
            return dump.has_rows(session.connection())
    except EcoError:
        return database.is_sqlite or not _is_empty_server(database)


def _is_empty_server(database: Database) -> bool:
    with database.read() as session:
        return not database.engine.dialect.has_table(session.connection(), "alembic_version")


def _unpack(backup: Backup, stage: Path) -> None:
    """The files, beside where they belong, read back once they are written."""
    shutil.rmtree(stage, ignore_errors=True)
    private_folder(stage, below=stage.parent)
    (stage / HEADS).write_bytes(backup.heads())
    for name in backup.files:
        path = stage / "home" / name
        private_folder(path.parent, below=stage)
        with backup.archive.open(FILES + name) as source, private_file(path, "wb") as target:
            shutil.copyfileobj(source, target)
        with path.open("rb") as written:
            if digest_of(written) != backup.manifest["files"][FILES + name]["sha256"]:
                raise Refused(f"{name} does not read back as it was written; nothing was changed.")


def _into_sqlite(database: Database, load: _Load, stop: Stop) -> list[str]:
    """A new file beside the old one; two renamings swap them."""
    file = Path(database.name)
    staged = file.with_name(f"{file.name}.restoring")
    _remove(staged)
    new = Database(f"sqlite:///{staged}")
    try:
        with stop.breaking():
            upgrade(new)
            with new.write() as session:
                load.into(session)
            new.dispose()  # folds the log into the file
            with staged.open("rb") as written:
                os.fsync(written.fileno())
        close_files()
        replaced = _set_aside(file, load.now)
        staged.replace(file)
        sync_folder(file.parent)
    finally:
        new.dispose()
        _remove(staged)
    return replaced


def _remove(file: Path) -> None:
    for end in BESIDE:
        file.with_name(file.name + end).unlink(missing_ok=True)


def _set_aside(file: Path, now: datetime) -> list[str]:
    """Renames a database that nobody else has open, whole or damaged."""
    if not file.exists():
        return []
    try:
        with closing(sqlite3.connect(file, timeout=SECONDS_TO_WAIT)) as connection:
            # Leaving the write-ahead log is granted to the only user alone, and folds it into the file.
            alone = connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    except sqlite3.OperationalError as error:
        alone = "locked" not in str(error)
    except sqlite3.DatabaseError:  # damaged: that is why one restores
        alone = True
    if not alone:
        raise _in_use(file)
    aside = _aside(file, now)
    for end in BESIDE:
        beside = file.with_name(file.name + end)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + end))
    return [str(aside)]


def _in_use(what: Path) -> Refused:
    return Refused(f"Another process has {what} open. End it (eco up, a run), then restore again.")


def _aside(path: Path, now: datetime) -> Path:
    stem, number = f"{path.name}.replaced-{now.astimezone(ZONE):%Y%m%dT%H%M%S}", 2
    aside = path.with_name(stem)
    while aside.exists():
        aside, number = path.with_name(f"{stem}-{number}"), number + 1
    return aside


def _into_server(database: Database, settings: Settings, load: _Load, stop: Stop) -> list[str]:
    """One transaction: whoever looks sees the old content, until it is committed the new."""
    replaced: list[str] = []
    with stop.breaking():
        upgrade(database)
        with database.read() as session:
            full = dump.has_rows(session.connection())
        if full:
            aside = _aside(settings.backups / "database", load.now)
            private_folder(settings.backups)
            zipped = aside.with_name(f"{aside.name}.zip")
            kept = back_up(database, settings, zipped, now=load.now, by=load.by)
            replaced.append(str(kept.file))
    # Not around the commit: who was told that it ended must not find the new content.
    with delivery_lock(database, stop), database.write() as session, stop.breaking():
        connection = session.connection()
        connection.execute(text(f"SET LOCAL lock_timeout = '{SECONDS_TO_WAIT}s'"))
        names = ", ".join(
            database.engine.dialect.identifier_preparer.format_table(table) for table in dump.all_tables()
        )
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        dump.empty(connection)
        load.into(session)
    return replaced


def _swap_files(stage: Path, home: Path, now: datetime) -> list[str]:
    """Each thing that was restored takes the place of what bears its name."""
    replaced = []
    for top in sorted((stage / "home").iterdir()) if (stage / "home").exists() else ():
        target = home / top.name
        if target.exists():
            aside = _aside(target, now)
            target.rename(aside)
            replaced.append(str(aside))
        top.rename(target)
    sync_folder(home)
    return replaced


def _merge_heads(restored: bytes, path: Path, now: datetime) -> list[str]:
    """The anchors go on: those that are there where they continue the backup's, else the backup's."""
    there = path.read_bytes() if path.exists() else b""
    if there.startswith(restored):
        return []
    replaced = []
    if not restored.startswith(there):  # of another installation
        aside = _aside(path, now)
        path.rename(aside)
        replaced.append(str(aside))
    private_folder(path.parent)
    with private_file(path, "wb") as heads:
        heads.write(restored)
    return replaced
