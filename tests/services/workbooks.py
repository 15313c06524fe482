"""Workbooks as offices send them, and as nobody honest does."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook

from eco_workflow.services.contact_sheet import COLUMNS

HEADINGS = tuple(COLUMNS.values())
SHEET = "xl/worksheets/sheet1.xml"
ZHANG = ("财政局", "联络员", "张三", "科长", "zhang@cai.example", "0457-2712345")


def workbook(
    *rows: Sequence[object],
    headings: Sequence[object] = HEADINGS,
    also: Callable[[Any], object] | None = None,
) -> bytes:
    """A workbook with these rows below the headings; `also` does something to its sheet."""
    book = Workbook()
    sheet: Any = book.active
    for row in (headings, *rows):
        sheet.append(row)
    if also:
        also(sheet)
    return saved(book)


def edited(data: bytes, cells: Mapping[str, object]) -> bytes:
    """The workbook after somebody typed into these cells."""
    book = load_workbook(io.BytesIO(data))
    sheet: Any = book.active
    for where, value in cells.items():
        sheet[where] = value
    return saved(book)


def saved(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def with_member(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same zip file, one member of it rewritten, or added."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, change(old.read(name) if name in old.namelist() else b""))
    return made.getvalue()
