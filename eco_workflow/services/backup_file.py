"""A backup: a zip file of tables, files and anchored heads, with a manifest of them all."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from eco_workflow.domain.errors import Unavailable, WrongInput
from eco_workflow.store.engine_lock import LOCK
from eco_workflow.store.session import HEAD

FORMAT = 1
MANIFEST = "manifest.json"
HEADS = "audit-heads.jsonl"
TABLES, FILES = "tables/", "home/"

CHUNK = 1 << 20
NAMED = 10
"""So much of what a backup lacks is named; of more the number is told."""


@dataclass(frozen=True)
class Backup:
    """An opened backup whose every member is what its manifest says."""

    archive: zipfile.ZipFile
    manifest: dict[str, Any]

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """Table → its columns, number of rows and digest."""
        return cast("dict[str, dict[str, Any]]", self.manifest["tables"])

    @property
    def files(self) -> list[str]:
        """Paths below ECO_HOME, without the lock of an engine, which older backups hold."""
        names = [name.removeprefix(FILES) for name in self.manifest["files"] if name.startswith(FILES)]
        return [name for name in names if name != LOCK]

    @property
    def wanting(self) -> list[str]:
        """What should be in it and could not be read when it was made."""
        return cast("list[str]", self.manifest["wanting"])

    def lines(self, table: str) -> Iterator[bytes]:
        """The rows of a table."""
        with self.archive.open(member_of(table)) as member:
            yield from member

    def heads(self) -> bytes:
        """The anchored heads as they were."""
        return self.archive.read(HEADS) if HEADS in self.manifest["files"] else b""


def member_of(table: str) -> str:
    """Where in a backup a table lies."""
    return f"{TABLES}{table}.jsonl"


@contextmanager
def opened(file: Path) -> Iterator[Backup]:
    """A backup, read through once and found to be as it was written.

    Raises `WrongInput` for what is no backup, was changed or cut, or belongs to another version of the
    schema; `Unavailable` where the file cannot be read.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive, file)
            _check_versions(manifest, file)
            _check_members(archive, manifest, file)
            yield Backup(archive, manifest)
    except (zipfile.BadZipFile, EOFError) as error:
        raise WrongInput(f"{file} is no backup, or only part of one: {error}. Use another.") from None
    except FileNotFoundError:
        raise WrongInput(f"There is no file {file}.") from None
    except IsADirectoryError:
        raise WrongInput(f"{file} is a folder. Name the backup in it: a file, eco-….zip.") from None
    except OSError as error:
        raise Unavailable(f"{file} cannot be read: {error.strerror}.") from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(archive.read(MANIFEST))
        fields = ("format", "schema", "version", "made_at", "tables", "files", "wanting", "audit", "instance")
        if all(field in manifest for field in fields):
            return cast("dict[str, Any]", manifest)
    except (KeyError, ValueError, TypeError):
        pass
    raise WrongInput(f"{file} is no backup of this product: it has no manifest.")


def _check_versions(manifest: dict[str, Any], file: Path) -> None:
    if manifest["format"] != FORMAT or manifest["schema"] != HEAD:
        raise WrongInput(
            f"{file} was made by version {manifest['version']} with schema {manifest['schema']}, this "
            f"program works with {HEAD}. Restore it with that version, then bring it up to date: eco init"
        )


def _check_members(archive: zipfile.ZipFile, manifest: dict[str, Any], file: Path) -> None:
    expected = {member_of(table): told["sha256"] for table, told in manifest["tables"].items()}
    expected |= {name: told["sha256"] for name, told in manifest["files"].items()}
    found = sorted(name for name in archive.namelist() if name != MANIFEST)
    if found != sorted(expected):
        odd = ", ".join(sorted(set(found) ^ set(expected))[:5]) or "a member stands twice"
        raise WrongInput(f"{file} is not what its manifest says: {odd}. Use another.")
    for name, digest in expected.items():
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise WrongInput(f"{file} names {name!r}, which lies outside. Use another.")
        with archive.open(name) as member:
            if digest_of(cast("BinaryIO", member)) != digest:
                raise WrongInput(f"{file}: {name} is not what the manifest says. Use another backup.")


def in_words(wanting: Sequence[str]) -> str:
    """What a backup lacks, in a line."""
    more = f" and {len(wanting) - NAMED} more" if len(wanting) > NAMED else ""
    return ", ".join(wanting[:NAMED]) + more


def digest_of(source: BinaryIO) -> str:
    """SHA-256 of what can be read."""
    sha = hashlib.sha256()
    while chunk := source.read(CHUNK):
        sha.update(chunk)
    return sha.hexdigest()
