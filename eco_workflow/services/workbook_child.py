"""Reads one sheet of a workbook that a stranger sent, in a process of its own with little to spend.

Run as a script by `services/workbook`, with `python -I`: the file comes in on standard input, one JSON
document goes out. It imports nothing of the product, and sets its limits before it looks at the file.
"""

import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from xml.parsers import expat

MEMORY = 400 * 2**20
SECONDS = 10
OPEN_FILES = 64
LONGEST_TEXT = 300
"""Characters of a cell; whatever is longer fails any check of what it says."""

MARKUP = (".xml", ".rels", ".vml")
DECLARED = ("<!DOCTYPE", "<!ENTITY")


class Unfit(Exception):
    """What is wrong with the file, in words."""


def limit() -> None:
    """What this process may spend; it can neither write files nor leave a core."""
    wanted = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    for what, most in wanted.items():
        hard = resource.getrlimit(what)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(OSError, ValueError):  # a system that knows no such limit
            resource.setrlimit(what, (allowed, allowed))


def check_markup(archive: zipfile.ZipFile) -> None:
    """Refuses markup that declares types or entities: no spreadsheet does, and they can grow without end."""
    for name in archive.namelist():
        data = archive.read(name)
        if not name.lower().endswith(MARKUP):
            spelled = (word.encode(code) for word in DECLARED for code in ("ascii", "utf-16-le", "utf-16-be"))
            if any(word in data for word in spelled):
                raise Unfit(f"{name} declares a document type or an entity")
            continue
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _no_type
        parser.EntityDeclHandler = _no_type
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise Unfit(f"{name} is no XML ({error})") from None


def _no_type(*_: object) -> None:
    raise Unfit("it declares a document type or an entity")


def merged(data: bytes) -> list[str]:
    """The ranges of merged cells that a sheet's markup names."""
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "mergeCell":
            found.append(attributes.get("ref", "")[:LONGEST_TEXT])

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(data, True)
    return found


def read(data: bytes, most_rows: int, most_columns: int) -> dict[str, Any]:
    """The first sheet's title, its merged ranges, and every row that holds something.

    `more`: whether rows were left out because there are more than `most_rows`.
    """
    import openpyxl  # under the limits, too

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        check_markup(archive)
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    if not book.worksheets:
        raise Unfit("it has no sheet")
    sheet: Any = book.worksheets[0]
    ranges = merged(sheet._get_source().read())
    # What the file says of its own size is not believed; rows that hold nothing are never kept.
    sheet.reset_dimensions()
    rows: list[tuple[int, list[list[str] | None]]] = []
    empty: object = None
    for number, cells in enumerate(sheet.iter_rows(max_col=most_columns), start=1):
        if cells is empty:  # a million rows that are not there are one and the same
            continue
        if all(cell.value is None for cell in cells):
            empty = cells
            continue
        if len(rows) == most_rows:
            return {"title": sheet.title, "merged": ranges, "rows": rows, "more": True}
        rows.append((number, list(_row(cells))))
    return {"title": sheet.title, "merged": ranges, "rows": rows, "more": False}


def _row(cells: Any) -> Iterator[list[str] | None]:
    for cell in cells:
        value = cell.value
        yield None if value is None else [_kind(cell.data_type, value), _text(value)]


def _kind(data_type: str, value: object) -> str:
    if data_type in ("f", "e"):
        return {"f": "formula", "e": "error"}[data_type]
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, date):  # an instant is a date as well
        return "date"
    return "number" if isinstance(value, (int, float)) else "text" if isinstance(value, str) else "other"


def _text(value: object) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[: LONGEST_TEXT + 1]


def main() -> None:
    """`python -I workbook_child.py ROWS COLUMNS`, the file on standard input."""
    limit()
    said: dict[str, Any]
    try:
        said = read(sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2]))
    except Unfit as error:
        said = {"wrong": str(error)}
    except MemoryError:
        said = {"wrong": "it takes more memory than a workbook of this kind needs"}
    except Exception as error:  # whatever a broken file provokes in a parser is said of the file
        said = {"wrong": f"it cannot be read ({type(error).__name__})"}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
