"""How far the audit chains went, written down outside the database (DESIGN, rule 10).

One JSON document a line, append-only, each line chained to the former. Whoever rewrites the database cannot
rewrite this file too where it lies in a folder that he cannot write to.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from eco_workflow.domain.audit_chain import GENESIS, Head
from eco_workflow.domain.clock import ZONE
from eco_workflow.domain.errors import Unavailable
from eco_workflow.private import private_file, private_folder

RESTORE = "restore"
"""The event of a line that says: from here on the chain goes on from an older backup."""


@dataclass(frozen=True)
class Anchor:
    """The head of one plan's chain as it stood at an instant."""

    at: datetime
    event: str
    """`anchor`, `backup` or `restore`."""
    by: str
    plan: str
    head: Head


@dataclass(frozen=True)
class Anchored:
    """What such a file holds, oldest first."""

    lines: tuple[Anchor, ...]
    broken: tuple[str, ...]
    """What was done to the file itself, in words."""
    last: str
    """The digest of the last line."""

    def of(self, plan: str) -> list[Anchor]:
        """What still binds the plan's chain: what a restore gave up does not."""
        binding: list[Anchor] = []
        for line in self.lines:
            if line.plan != plan:
                continue
            if line.event == RESTORE:
                binding = [one for one in binding if one.head.rows < line.head.rows]
            binding.append(line)
        return binding

    def given_up(self, plan: str) -> list[tuple[Anchor, int]]:
        """The restores that gave up rows which had been anchored, each with the last such row."""
        restores, furthest = [], 0
        for line in self.lines:
            if line.plan != plan:
                continue
            if line.event == RESTORE:
                if furthest >= line.head.rows:
                    restores.append((line, furthest))
                furthest = line.head.rows
            furthest = max(furthest, line.head.rows)
        return restores


def read(path: Path) -> Anchored:
    """The file's lines; none where there is no file. Raises `Unavailable` when it cannot be read."""
    try:
        return parse(path.read_bytes())
    except FileNotFoundError:
        return parse(b"")
    except OSError as error:
        raise Unavailable(f"The anchors in {path} cannot be read: {error.strerror}.") from error


def parse(data: bytes) -> Anchored:
    """The lines of such a file. A last line without its end was never finished, and does not count."""
    lines: list[Anchor] = []
    broken: list[tuple[int, str]] = []
    previous = GENESIS
    for number, text in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            row = json.loads(text)
            made, anchor = row.pop("digest"), _anchor(row)
        except (ValueError, KeyError, TypeError, AttributeError):
            broken.append((number, "altered: no anchor"))
            continue
        if made != _digest(row):
            broken.append((number, "altered: content and digest do not fit"))
        elif row["previous"] != previous:
            broken.append((number, "out of order: a line was deleted, added or moved"))
        previous = made
        lines.append(anchor)
    return Anchored(tuple(lines), tuple(_by_run(broken)), previous)


def _by_run(broken: Sequence[tuple[int, str]]) -> Iterator[str]:
    """What is wrong with one line after the other in the same way is one finding, however many they are."""
    for (_, what), run in groupby(enumerate(broken), key=lambda at: (at[1][0] - at[0], at[1][1])):
        numbers = [number for _, (number, _) in run]
        last = f"s {numbers[0]} to {numbers[-1]}" if numbers[1:] else f" {numbers[0]}"
        yield f"line{last} {what}"


@contextmanager
def appending(path: Path) -> Iterator["Writer"]:
    """The file, open to one process at a time."""
    try:
        private_folder(path.parent)
        file = private_file(path, "ab+")
    except OSError as error:
        raise Unavailable(
            f"The anchors in {path} cannot be written: {error.strerror}. Name a folder with ECO_AUDIT_FOLDER."
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Writer(file)


class Writer:
    """An anchor file at its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.seek(0)
        data = file.read()
        self.anchored = parse(data)
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            file.truncate(whole)

    def append(self, anchors: Iterable[Anchor]) -> None:
        """Writes the lines down for good: a loss of power does not take them back."""
        previous, written = self.anchored.last, b""
        for anchor in anchors:
            row = {
                "at": anchor.at.astimezone(ZONE).isoformat(timespec="seconds"),
                "event": anchor.event,
                "by": anchor.by,
                "plan": anchor.plan,
                "n": anchor.head.rows,
                "head": anchor.head.digest,
                "previous": previous,
            }
            previous = _digest(row)
            written += json.dumps({**row, "digest": previous}, ensure_ascii=False).encode() + b"\n"
        self._file.write(written)
        self._file.flush()
        os.fsync(self._file.fileno())


def _anchor(row: dict[str, Any]) -> Anchor:
    head = Head(int(row["n"]), str(row["head"]))
    at = datetime.fromisoformat(row["at"])
    return Anchor(at, str(row["event"]), str(row["by"]), str(row["plan"]), head)


def _digest(row: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
