"""Whatever is sent as a list of contacts is refused in words, within limits, or read as it was meant."""

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from eco_workflow.domain.contact_card import Card
from eco_workflow.domain.errors import WrongInput
from eco_workflow.services import workbook, workbook_child
from eco_workflow.services.contact_sheet import HELP, LAST_ROW, Line, lines, write
from tests.services.workbooks import HEADINGS, SHEET, ZHANG, with_member
from tests.services.workbooks import workbook as made

PLAIN = made(ZHANG)
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
NOTHING_IN_IT = b"PK\x05\x06" + bytes(18)


def declaring(sheet: bytes) -> bytes:
    """A billion laughs."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    body = sheet.partition(b"?>")[2] if sheet.startswith(b"<?xml") else sheet
    return b"<!DOCTYPE w [" + laughs.encode() + b"]>" + body.replace("张三".encode(), b"&l9;")


def in_utf_16(sheet: bytes) -> bytes:
    """The same where a search for the bytes of <!DOCTYPE finds nothing."""
    return b"\xff\xfe" + declaring(sheet).decode().encode("utf-16-le")


def far_cell(sheet: bytes) -> bytes:
    """Four kilobytes that say they are 17 thousand million cells."""
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return sheet.replace(b"</sheetData>", far).replace(b'ref="A1:J2"', b'ref="A1:XFD1048576"')


HOSTILE: dict[str, tuple[bytes, str]] = {
    "a text file": ("单位,角色\n".encode(), "is no workbook. Save it as an Excel workbook"),
    "an empty file": (b"", "is no workbook"),
    "an old .xls": (OLD, "old workbook (.xls) or one with a password"),
    "a torn zip": (PLAIN[: len(PLAIN) // 2], "damaged"),
    "another kind of zip": (with_member(NOTHING_IN_IT, "a.txt", lambda _: b"a"), "but no workbook"),
    "a zip bomb": (with_member(PLAIN, SHEET, lambda _: bytes(19 * 2**20)), "packed too tightly"),
    "a larger one": (with_member(PLAIN, "xl/a.xml", lambda _: bytes(21 * 2**20)), "larger than 20 MiB"),
    "more than anybody types": (bytes(2 * 2**20 + 1), "larger than 2 MiB"),
    "an entity bomb": (with_member(PLAIN, SHEET, declaring), "declares a document type or an entity"),
    "one that hides it": (with_member(PLAIN, SHEET, in_utf_16), "declares a document type or an entity"),
    "one beside the sheets": (with_member(PLAIN, "xl/x.bin", declaring), "declares a document type"),
    "broken markup": (with_member(PLAIN, SHEET, lambda sheet: sheet[:-20]), "is no XML"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_plain_workbook_is_refused_in_words(tmp_path: Path, kind: str) -> None:
    data, words = HOSTILE[kind]
    file = tmp_path / "list.xlsx"
    file.write_bytes(data)
    with pytest.raises(WrongInput) as refused:
        workbook.read(file, most_rows=LAST_ROW, most_columns=30)
    assert words in str(refused.value)
    assert str(refused.value).startswith(str(file))


def test_a_file_that_is_never_done_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row number of a trillion, and rows that are not there are counted up to it."""
    monkeypatch.setattr(workbook, "SECONDS", 1.0)
    file = tmp_path / "list.xlsx"
    far = with_member(PLAIN, SHEET, lambda sheet: sheet.replace(b'<row r="2"', b'<row r="999999999999"'))
    file.write_bytes(far)
    with pytest.raises(WrongInput, match="cannot be read within"):
        workbook.read(file, most_rows=LAST_ROW, most_columns=30)


def test_a_small_file_that_says_it_is_huge_takes_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    file.write_bytes(with_member(PLAIN, SHEET, far_cell))
    tracemalloc.start()
    try:
        sheet = workbook.read(file, most_rows=LAST_ROW, most_columns=30)
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()
    assert list(sheet.rows) == [1, 2]


def test_the_child_spends_no_more_than_it_may(tmp_path: Path) -> None:
    """Its memory is bounded before anything of a file is looked at, and it can write nothing."""
    greedy = (
        "import os, runpy, sys; m = runpy.run_path(sys.argv[1]); m['limit']()\n"
        "try: bytearray(m['MEMORY'])\n"
        "except MemoryError: print('bounded')\n"
        "try: os.write(os.open(sys.argv[2], os.O_CREAT | os.O_WRONLY), b'x')\n"
        "except OSError: print('writes nothing')"
    )
    command = [sys.executable, "-I", "-c", greedy, str(workbook.CHILD), str(tmp_path / "written")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["bounded", "writes nothing"]


def parsed(data: bytes) -> tuple[list[Line], list[str]]:
    """The rows and what is wrong with them, read in this process."""
    said = workbook_child.read(data, LAST_ROW, 30)
    rows = {
        number: tuple(workbook.Cell(*cell) if cell else None for cell in cells)
        for number, cells in said["rows"]
    }
    sheet = workbook.Sheet("list", rows, tuple(said["merged"]), said["more"])
    found_lines, found = lines(sheet)
    return found_lines, [finding.said for finding in found]


FULL = (*ZHANG, "李四", "li@cai.example", date(2022, 3, 14), "2022年3月18日")
CARD = Card("科长", "0457-2712345", "李四", "li@cai.example", date(2022, 3, 14), date(2022, 3, 18))

KNOWN = Card("科长", "0457-2712345")
OF_ZHANG = Line(2, "财政局", "liaison", "张三", "zhang@cai.example", KNOWN)
WIDE = ("　财政局 ", "联 络 员", "张　三", " 科长　", "ｚｈａｎｇ＠cai．example ", "０４５７－２７１２３４５")
SPELLED = (*ZHANG[:6], "", "", "2022/3/14", datetime(2022, 3, 18, 12, 30))  # noqa: DTZ001
AWAY = replace(KNOWN, away_from=date(2022, 3, 14), away_until=date(2022, 3, 18))

MEANT: dict[str, tuple[bytes, Line]] = {
    "as it is meant": (made(FULL), replace(OF_ZHANG, card=CARD)),
    "full-width and spaced out": (made(WIDE), OF_ZHANG),
    "a number as telephone": (
        made((*ZHANG[:5], 13812345678)), replace(OF_ZHANG, card=Card("科长", "13812345678")),
    ),
    "days in other spellings": (made(SPELLED), replace(OF_ZHANG, card=AWAY)),
    "columns in another order": (
        made(tuple(reversed((*ZHANG, "", "", "", ""))), headings=tuple(reversed(HEADINGS))), OF_ZHANG,
    ),
    "empty rows between": (made((), (), ZHANG), replace(OF_ZHANG, row=4)),
}  # fmt: skip


@pytest.mark.parametrize("kind", MEANT)
def test_a_list_is_read_as_it_was_meant(kind: str) -> None:
    data, line = MEANT[kind]
    assert parsed(data) == ([line], [])


def merge(where: str) -> Callable[[Any], object]:
    return lambda sheet: sheet.merge_cells(where)


FOUND: dict[str, tuple[bytes, list[str]]] = {
    "headings of its own": (
        made(ZHANG, headings=("单位名称", *HEADINGS[1:4], "邮箱", "邮箱", *HEADINGS[6:])),
        [
            "row 1, 单位名称: is no heading of this list",
            "row 1, 邮箱: this heading stands twice",
            "row 1, 单位: this heading is missing",
            "row 1, 电话: this heading is missing",
            f"row 1: the headings are {'、'.join(HEADINGS)}",
        ],
    ),
    "an empty sheet": (
        made(headings=()), [f"row 1: the sheet is empty; its headings are {'、'.join(HEADINGS)}"],
    ),
    "formulas": (
        made(("财政局", "联络员", "=A1", "", '=HYPERLINK("http://x.example","a")', "=1+1")),
        [f"row 2, {column}: holds a formula; paste its value instead" for column in ("姓名", "邮箱", "电话")],
    ),
    "kinds that are none": (
        made((True, "主任", 7, "", date(2022, 3, 14), "", "", "", 44634, "三月")),
        [
            "row 2, 单位: 'True' is no text",
            "row 2, 角色: '主任' is none of 联络员、分管领导",
            "row 2, 姓名: 7 is a number; write text",
            "row 2, 邮箱: 2022-03-14 is a date; write text",
            "row 2, 外出自: '44634' is no date; write it as 2022-03-14",
            "row 2, 外出至: '三月' is no date; write it as 2022-03-14",
        ],
    ),
    "a unit and a role that are missing": (
        made(("", "", "张三")), ["row 2, 单位: is empty", "row 2, 角色: is empty"],
    ),
    "merged cells": (
        made(ZHANG, ("", "分管领导", "王五"), also=merge("A2:A3")),
        ["row 2: the cells A2:A3 are merged; take them apart", "row 3, 单位: is empty"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FOUND)
def test_everything_that_is_wrong_is_said_with_row_and_column(kind: str) -> None:
    data, said = FOUND[kind]
    assert parsed(data)[1] == said


def test_of_ten_thousand_rows_the_first_are_read_and_the_rest_is_said() -> None:
    row = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>财政局</t></is></c></row>'
    many = "".join(row.format(n) for n in range(3, 10_003)).encode() + b"</sheetData>"
    said = f"row {LAST_ROW}: the list goes on behind {LAST_ROW} rows; shorten it"
    read, found = parsed(with_member(PLAIN, SHEET, lambda sheet: sheet.replace(b"</sheetData>", many)))
    assert (len(read), found[0]) == (LAST_ROW - 1, said)


def test_what_is_written_comes_back_and_is_never_a_formula() -> None:
    """Neither from a name nor from a post: whoever opens the workbook runs nothing."""
    odd = [
        Line(
            row, "财政局", "liaison", text, "z@cai.example", Card(text, "0457-2712345", text, "d@cai.example")
        )
        for row, text in enumerate(("=1+1", "+86", "-2", "@SUM(A1)", "张三"), start=2)
    ]
    away = Line(
        7, "水务局", "leader", "", "", Card(away_from=date(2022, 3, 14), away_until=date(2022, 3, 18))
    )
    data = write([*odd, away], marking="演示数据")
    assert parsed(data) == ([*odd, away], [])
    said = workbook_child.read(data, LAST_ROW, 30)
    assert said["title"] == "联系人 涉密信息不得填报 演示数据"
    assert any("涉密信息不得填报" in line for line in HELP)
