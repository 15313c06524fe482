"""A workbook that somebody sent, read without trust (DESIGN, rule 9): checked as a zip, parsed in a child."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eco_workflow.domain.errors import WrongInput

LARGEST_FILE = 2 * 2**20
LARGEST_CONTENT = 20 * 2**20
MOST_MEMBERS = 200
MOST_PACKED = 200
"""How many times smaller than its content a member may be; sheets reach some fifty."""
SMALL = 100_000
"""A member of so few bytes is small whatever it was packed to."""

SECONDS = 20.0
CHILD = Path(__file__).with_name("workbook_child.py")
SAVE_AS = "Save it as an Excel workbook (.xlsx)"


@dataclass(frozen=True)
class Cell:
    """What a cell holds."""

    kind: str
    """`text`, `number`, `date` (as ISO date), `yes_no`, `formula`, `error` or `other`."""
    text: str


@dataclass(frozen=True)
class Sheet:
    """A workbook's first sheet: rows that hold something, by their number."""

    file: str
    rows: dict[int, tuple[Cell | None, ...]]
    merged: tuple[str, ...] = ()
    more: bool = False
    """Whether there are more rows than were asked for."""


def read(path: Path, *, most_rows: int, most_columns: int) -> Sheet:
    """The first sheet of a workbook. What lies right of `most_columns` is not looked at.

    Raises `WrongInput` in words for whatever is no plain .xlsx, is larger than any honest one, or does not
    come out of the child within its limits.
    """
    data = _bytes(path)
    if wrong := next(_unfit(data), None):
        raise WrongInput(f"{path}: {wrong}.")
    command = [sys.executable, "-I", "-B", str(CHILD), str(most_rows), str(most_columns)]
    try:
        done = subprocess.run(  # noqa: S603  (nothing of it comes from outside)
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WrongInput(f"{path}: it cannot be read within {SECONDS:.0f} seconds.") from None
    if done.returncode != 0:
        raise WrongInput(f"{path}: it takes more time or memory than a workbook of this kind needs.")
    said = json.loads(done.stdout)
    if "wrong" in said:
        raise WrongInput(f"{path}: {said['wrong']}. {SAVE_AS} anew.")
    rows = {
        number: tuple(Cell(*cell) if cell is not None else None for cell in cells)
        for number, cells in said["rows"]
    }
    return Sheet(str(path), rows, tuple(said["merged"]), said["more"])


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise WrongInput(f"The workbook {str(path)!r} cannot be read: {reason}.") from None


def _unfit(data: bytes) -> Iterator[str]:
    """What is wrong with the file as such, the first first; nothing of its content is unpacked for that."""
    if len(data) > LARGEST_FILE:
        yield f"it is larger than {LARGEST_FILE // 2**20} MiB"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        yield f"it is an old workbook (.xls) or one with a password. {SAVE_AS}, without a password"
    if not data.startswith(b"PK"):
        yield f"it is no workbook. {SAVE_AS}"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        yield "it is damaged: not a whole zip file"
        return
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        yield f"it is a zip file, but no workbook. {SAVE_AS}"
    if len(members) > MOST_MEMBERS or len(names) < len(members):
        yield f"it holds {len(members)} members, more than a workbook of this kind has, or one twice"
    if any(member.flag_bits & 1 for member in members):
        yield "it is encrypted. Take the password away"
    if sum(member.file_size for member in members) > LARGEST_CONTENT:
        yield f"unpacked it is larger than {LARGEST_CONTENT // 2**20} MiB"
    for member in members:
        if member.file_size > max(SMALL, MOST_PACKED * member.compress_size):
            yield f"its member {member.filename[:80]!r} is packed too tightly for an honest one"
