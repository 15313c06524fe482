"""An office keeps its people in a workbook: writes, edits and takes it in; the next round goes to the new."""

import json
from datetime import date
from pathlib import Path
from unittest import mock

import pytest

from tests.cli.terminal import DISPATCH, Said, Terminal, assert_refused
from tests.services.workbooks import edited, workbook

DAY_BEFORE = ("--now", "2022-03-13T16:00:00+08:00")
OWN = ("w@x.example", "", "赵六", "w@x.example")
"""Somebody's address, no telephone, and a deputy with the same address."""


@pytest.fixture
def exported(fresh: Terminal) -> Path:
    """The office's contacts as a workbook on its desk."""
    file = fresh.home.with_name("contacts.xlsx")
    assert fresh("contact", "template", str(file), *DAY_BEFORE).code == 0
    return file


def take_in(eco: Terminal, file: Path, *more: str) -> Said:
    return eco("contact", "import", str(file), "--yes", *DAY_BEFORE, *more)


def row_of(eco: Terminal, unit: str, role: str) -> int:
    """Where a contact stands in the exported list: two rows a working unit, below the headings."""
    listed = [(one["unit"], one["role"]) for one in eco("contact", "list", "--json").json]
    return listed.index((unit, role)) + 2


def test_an_office_exports_edits_and_imports_and_the_next_round_goes_to_the_new_people(
    fresh: Terminal, exported: Path
) -> None:
    money, water = (row_of(fresh, unit, "liaison") for unit in ("地区财政局", "地区水务局"))
    assert "90 as they were; 0 gaps" in take_in(fresh, exported).out
    hook = ("财政局", "liaison", "json://gateway.example/hook")
    assert fresh("contact", "channel", "add", *hook, *DAY_BEFORE).code == 0
    untouched = fresh.picture()

    exported.write_bytes(
        edited(
            exported.read_bytes(),
            {
                f"C{money}": "张　三", f"D{money}": "科长", f"E{money}": "zhang@cai.example",
                f"F{money}": 13812345678,
                f"F{water}": "0457-2712345", f"I{water}": date(2022, 4, 1), f"J{water}": "2022年4月8日",
            },
        )
    )  # fmt: skip
    with mock.patch("typer.confirm", return_value=False) as asked:
        said = fresh("contact", "import", str(exported), *DAY_BEFORE)
    assert (said.code, asked.call_args.args) == (1, ("Take it in?",))
    shown = [" ".join(line.split()) for line in said.out.splitlines()]
    former = "联络员·财政局 <lianluo@caizhengju.dxal.example>"
    assert (
        f"{money} 地区财政局 liaison replaces 张三 zhang@cai.example {former}; ends 1 chat channel" in shown
    )
    water_row = f"{water} 地区水务局 liaison changed 联络员·水务局 lianluo@shuiwuju.dxal.example"
    assert f"{water_row} 电话、外出自、外出至" in shown
    assert shown[-1] == "Nothing was changed."
    assert fresh.picture() == untouched

    done = take_in(fresh, exported, "--json").json
    assert {name: done[name] for name in ("plan", "new", "replaced", "changed", "stay", "gaps")} == {
        "plan": "daxinganling-2022", "new": 0, "replaced": 1, "changed": 1, "stay": 88, "gaps": [],
    }  # fmt: skip
    assert "90 as they were" in take_in(fresh, exported).out
    [(detail,)] = fresh.sql("SELECT detail FROM audit WHERE action = 'contact_import'")
    assert [(one["unit"], one["what"]) for one in json.loads(detail)["changes"]] == [
        ("地区财政局", "replaces"),
        ("地区水务局", "changed"),
    ]
    [ended, new, _] = fresh("contact", "list", "caizhengju", "--all", "--json").json
    assert (ended["ended_on"], new["name"], new["since"]) == ("2022-03-13", "张三", "2022-03-13")
    assert (new["card"]["post"], new["card"]["telephone"]) == ("科长", "13812345678")
    assert "2022-04-01 to 2022-04-08" in " ".join(fresh("contact", "list", "水务局").out.split())

    assert fresh(*DISPATCH).code == 0
    to = {row["unit"]: row["address"] for row in fresh("outbox", "list", "--json").json}
    assert (to["地区财政局"], to["地区水务局"]) == ("zhang@cai.example", "lianluo@shuiwuju.dxal.example")


def test_everything_wrong_with_a_list_is_said_at_once_and_nothing_is_written(
    fresh: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "list.xlsx"
    file.write_bytes(
        workbook(
            ("财政局", "联络员", "张三", "", "zhang#cai", "12"),
            ("财正局", "联络员", "张三", "", "z@x.example"),
            ("省水利厅", "联络员", "张三", "", "z@x.example"),
            ("财政局", "分管领导", "李四", "", "l@x.example", "", "李五", "", "2022-03-18", "2022-03-14"),
            ("地区财政局", "分管领导", "李四", "", "l@x.example"),
            ("水务局", "联络员", "", "", ""),
            ("水务局", "分管领导", "王五", "", *OWN, "2022-03-01", "2022-03-02"),
        )
    )  # fmt: skip
    before = fresh.picture()
    said = take_in(fresh, file)
    assert_refused(said, 2)
    assert [line.partition("list.xlsx, ")[2] for line in said.err.splitlines()] == [
        "row 2, 邮箱: The mail address 'zhang#cai' is not of the form name@domain; correct it.",
        "row 2, 电话: '12' is no telephone number: digits, as in 0457-2712345转12",
        "row 3, 单位: There is no unit '财正局' in the plan daxinganling-2022. Did you mean 地区财政局?",
        "row 4, 单位: 省水利厅 is a superior; it is never asked and has no contacts.",
        "row 5, 代理人邮箱: is empty, but a deputy is named",
        "row 5, 外出至: 2022-03-14 lies before the absence begins",
        "row 6, 角色: 地区财政局 分管领导 stands in row 5 already",
        "row 7, 姓名: is empty, but 联络员·水务局 fills the role: name who follows, or take the row out",
        "row 7, 邮箱: There is no mail address; enter one for this contact.",
        "row 8, 代理人邮箱: is the contact's own; a deputy has another",
        "row 8, 外出至: 2022-03-02 has passed; empty both days of an absence that is over",
    ]
    assert fresh.picture() == before


def test_who_is_wanting_after_it_is_named(fresh: Terminal, exported: Path) -> None:
    """A role that nobody fills stands in the list, and may stay empty."""
    for role in ("liaison", "leader"):
        assert fresh("contact", "end", "审计局", role, *DAY_BEFORE).code == 0
    fresh.sql("UPDATE contact SET failed_on = '2022-03-10' WHERE address LIKE 'lianluo@shuiwuju%'")
    exported.unlink()
    assert fresh("contact", "template", str(exported), *DAY_BEFORE).code == 0
    said = take_in(fresh, exported).out
    assert "gap: 地区审计局 has no liaison who can be reached: nobody is named." in said
    assert "gap: 地区水务局 has no liaison who can be reached: a server refused the address." in said
    assert "88 as they were; 3 gaps." in said


def test_a_list_is_the_office_s_to_take_in_and_to_write(fresh: Terminal, exported: Path) -> None:
    for words in (("import", str(exported), "--yes"), ("template", f"{exported}.xlsx")):
        said = fresh("contact", *words, *DAY_BEFORE, "--as", "联络员·财政局")
        assert_refused(said, 1, "needs an operator")
    assert not exported.with_name(f"{exported.name}.xlsx").exists()
    assert_refused(fresh("contact", "template", str(exported), *DAY_BEFORE), 2, "exists")
    assert_refused(fresh("contact", "template", f"{exported}.csv", *DAY_BEFORE), 2, "ends in .xlsx")
    assert_refused(fresh("contact", "import", str(exported), "--json", *DAY_BEFORE), 2, "--json cannot ask")
    assert_refused(
        fresh("contact", "import", "nowhere.xlsx", *DAY_BEFORE), 2, "nowhere.xlsx", "cannot be read"
    )
