"""The office's list of contacts as a workbook: what goes out and comes back (DOMAIN 1, 10)."""

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from eco_workflow.domain.contact_card import Card
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.words import ROLE
from eco_workflow.services.workbook import Cell, Sheet, read

COLUMNS = {
    "unit": "单位",
    "role": "角色",
    "name": "姓名",
    "post": "职务",
    "address": "邮箱",
    "telephone": "电话",
    "deputy": "代理人",
    "deputy_address": "代理人邮箱",
    "away_from": "外出自",
    "away_until": "外出至",
}
REQUIRED = ("unit", "role")
WIDTHS = (24, 10, 12, 18, 34, 18, 12, 34, 12, 12)
LAST_ROW = 2_000
NO_SECRETS = "涉密信息不得填报"
HELP = (
    "每个单位两行：联络员、分管领导；一行一人，不合并单元格，不用公式。",
    "已有人员改动邮箱或姓名，即为换人；导入前先预览，未列出的人员保持不变。",
    "外出期间（含首末日）邮件发给代理人；未填代理人的，仍发给本人。日期写作2022-03-14。",
    NO_SECRETS + "。",
)

_SPACED = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


@dataclass(frozen=True)
class Line:
    """One row as it was meant; empty texts where a cell is empty, or cannot be read."""

    row: int
    unit: str
    role: str
    """`liaison` or `leader`."""
    name: str
    address: str
    card: Card


@dataclass(frozen=True)
class Finding:
    """What is wrong with the list, and where."""

    row: int
    column: str
    wrong: str

    @property
    def said(self) -> str:
        """On one line."""
        return (
            f"row {self.row}, {self.column}: {self.wrong}" if self.column else f"row {self.row}: {self.wrong}"
        )


def open_list(path: Path) -> Sheet:
    """The list in a file. Raises `WrongInput` for whatever is no workbook."""
    return read(path, most_rows=LAST_ROW, most_columns=3 * len(COLUMNS))


def lines(sheet: Sheet) -> tuple[list[Line], list[Finding]]:
    """Every row below the headings, and everything that cannot be read in it."""
    found = [Finding(_row_of(where), "", f"the cells {where[:20]} are merged; take them apart")
             for where in sheet.merged]  # fmt: skip
    if sheet.more:
        found.append(Finding(max(sheet.rows), "", f"the list goes on behind {LAST_ROW} rows; shorten it"))
    numbers = sorted(sheet.rows)
    if not numbers:
        return [], [Finding(1, "", f"the sheet is empty; its headings are {'、'.join(COLUMNS.values())}")]
    places, wrong = _headings(numbers[0], sheet.rows[numbers[0]])
    if wrong:
        return [], [*found, *wrong]
    made = []
    for number in numbers[1:]:
        cells = {field: sheet.rows[number][at] for field, at in places.items()}
        if any(cells.values()):
            made.append(_line(number, cells, found))
    return made, found


def _row_of(cells: str) -> int:
    digits = re.search(r"\d{1,7}", cells)
    return int(digits[0]) if digits else 1


def _headings(row: int, cells: tuple[Cell | None, ...]) -> tuple[dict[str, int], list[Finding]]:
    """Where each field stands; or what is wrong, since a column that is not known would be lost unseen."""
    named = [_plain(cell.text) if cell else "" for cell in cells]
    wrong = []
    for text in dict.fromkeys(filter(None, named)):
        if text not in COLUMNS.values():
            wrong.append(Finding(row, text[:20], "is no heading of this list"))
        elif named.count(text) > 1:
            wrong.append(Finding(row, text, "this heading stands twice"))
    wrong += [Finding(row, text, "this heading is missing") for text in COLUMNS.values() if text not in named]
    if wrong:
        return {}, [*wrong, Finding(row, "", f"the headings are {'、'.join(COLUMNS.values())}")]
    return {field: named.index(text) for field, text in COLUMNS.items()}, []


def _line(row: int, cells: Mapping[str, Cell | None], found: list[Finding]) -> Line:
    def said(field: str) -> str:
        try:
            return _text(field, cells[field])
        except WrongInput as error:
            found.append(Finding(row, COLUMNS[field], str(error)))
            return ""

    def day(field: str) -> date | None:
        try:
            return _day(cells[field])
        except WrongInput as error:
            found.append(Finding(row, COLUMNS[field], str(error)))
            return None

    return Line(
        row=row,
        unit=said("unit"),
        role=said("role"),
        name=said("name"),
        address=said("address"),
        card=Card(
            post=said("post"),
            telephone=said("telephone"),
            deputy=said("deputy"),
            deputy_address=said("deputy_address"),
            away_from=day("away_from"),
            away_until=day("away_until"),
        ),
    )


def _text(field: str, cell: Cell | None) -> str:
    if cell is None:
        if field in REQUIRED:
            raise WrongInput("is empty")
        return ""
    _check_kind(cell)
    if cell.kind == "number" and field != "telephone":
        raise WrongInput(f"{cell.text} is a number; write text")
    if cell.kind == "date":
        raise WrongInput(f"{cell.text} is a date; write text")
    if field in ("address", "deputy_address", "telephone"):
        return _plain(cell.text)
    text = cell.text.strip() if field == "post" else unspaced(cell.text)
    if field != "role":
        return text
    for role, spoken in ROLE.items():
        if text == spoken:
            return role
    raise WrongInput(f"{text!r} is none of {'、'.join(ROLE.values())}")


def _day(cell: Cell | None) -> date | None:
    if cell is None:
        return None
    _check_kind(cell)
    text = _plain(cell.text)
    if not text:
        return None
    written = _DATE.fullmatch(text) if cell.kind in ("date", "text") else None
    try:
        if written is not None:
            return date(*(int(part) for part in written.groups()))
    except ValueError:
        pass
    raise WrongInput(f"{text!r} is no date; write it as 2022-03-14")


def _check_kind(cell: Cell) -> None:
    if cell.kind == "formula":
        raise WrongInput("holds a formula; paste its value instead")
    if cell.kind not in ("text", "number", "date"):
        raise WrongInput(f"{cell.text!r} is no text")


def _plain(text: str) -> str:
    """Full-width letters, digits and blanks as plain ones, none at the ends."""
    return unicodedata.normalize("NFKC", text).strip()


def write(rows: Iterable[Line], *, marking: str) -> bytes:
    """A workbook with these rows, to be filled in and imported. Its texts are never formulas."""
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.title = " ".join(filter(None, ("联系人", NO_SECRETS, marking)))
    for at, (heading, width) in enumerate(zip(COLUMNS.values(), WIDTHS, strict=True), start=1):
        _put(sheet.cell(1, at), heading)
        sheet.column_dimensions[sheet.cell(1, at).column_letter].width = width
    sheet.freeze_panes = "C2"
    for number, line in enumerate(rows, start=2):
        for at, value in enumerate(_values(line), start=1):
            _put(sheet.cell(number, at), value)
    notes: Any = book.create_sheet("说明")
    for number, text in enumerate(filter(None, (*HELP, marking)), start=1):
        _put(notes.cell(number, 1), text)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _values(line: Line) -> Iterator[str | date | None]:
    card = line.card
    yield from (line.unit, ROLE[line.role], line.name, card.post, line.address, card.telephone)
    yield from (card.deputy, card.deputy_address, card.away_from, card.away_until)


def _put(cell: Any, value: str | date | None) -> None:
    """Text as text, whatever it begins with; a date as a date."""
    if isinstance(value, date):
        cell.value, cell.number_format = datetime(value.year, value.month, value.day), "yyyy-mm-dd"  # noqa: DTZ001
        return
    cell.number_format = "@"
    if value:
        cell.value, cell.data_type = value, "s"
        cell.quotePrefix = value[0] in "=+-@"


def unspaced(name: str) -> str:
    """A name without the blanks by which short ones are often set to the length of others: 张　三."""
    return _SPACED.sub("", name.strip())
