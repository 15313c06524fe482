"""The office's month at the command line: what is near, held, released, received, offered."""

from pathlib import Path

from tests.cli.terminal import Terminal, assert_refused

OPENING = ("--now", "2022-03-24T08:40:00+08:00")
LATER = ("--now", "2022-03-30T10:00:00+08:00")
WATER = "联络员·水务局"
HUGE = "9" * 20


def test_a_month_is_opened_prepared_held_and_issued(fresh: Terminal, tmp_path: Path) -> None:
    assert fresh("rhythm", "open", *OPENING).out == "Opened: JC2022-03, PM2022-Q1, B2022-03, C2022-03.\n"
    assert fresh("rhythm", "open", *OPENING).out == "Nothing to open.\n"
    offered = fresh("info", "offer", "水务局", "河道清淤3公里", "--as", WATER, *LATER)
    assert offered.out == "1: offered by 地区水务局.\n"
    assert "待编信息\n- 1号 地区水务局：河道清淤3公里" in fresh("rhythm", "show", "b2022-03", *LATER).out

    minutes = tmp_path / "minutes.txt"
    minutes.write_text("会议议定一项。", "utf-8")
    resolved = "水务局: 补报岸线保护率: 2022-04-15"
    held = ("rhythm", "done", "JC2022-03", "--on", "2022-03-29", "--minutes", str(minutes))
    assert fresh(*held, "--resolution", resolved, *LATER).out == (
        "JC2022-03 联席会议（2022年3月）: done, 2022-03-29; 1 resolution.\n"
    )
    shown = fresh("rhythm", "show", "JC2022-03", *LATER).out
    assert "会议议定一项。" in shown
    assert "补报岸线保护率" in shown
    issue = ("rhythm", "release", "B2022-03", "--text", "正文", "--to", "水务局，财政局", "--info", "1")
    said = fresh(*issue, *LATER).out
    assert said == "工作简报2022年第1期 (B2022-03) released on 2022-03-30 to 2 units.\n"
    assert fresh("info", "list", "--json").json[0]["used_in"] == "B2022-03"
    assert fresh("info", "list", "--unused", "--json").json == []
    assert fresh("rhythm", "receipt", "B2022-03", "水务局", "--as", WATER, *LATER).out == (
        "地区水务局 received B2022-03 on 2022-03-30; 1 still to come.\n"
    )
    mine = fresh("rhythm", "list", "--as", WATER, "--json", *LATER).json
    assert [(row["code"], row["issue"]) for row in mine] == [("B2022-03", "工作简报2022年第1期")]
    assert "B2022-03" in fresh("item", "list").out


def test_a_text_that_only_resembles_a_path_is_a_text(fresh: Terminal) -> None:
    """It has blanks or full stops, as sentences do."""
    for n, text in enumerate(("审议1/2号议题，通过。", "see a/b now", "见附件.docx。", "正文" * 200 + "/")):
        offered = fresh("info", "offer", "水务局", text, "--json", "--as", WATER, *LATER).json
        assert (offered["number"], offered["text"]) == (n + 1, text)


def test_slips_are_named(fresh: Terminal, tmp_path: Path) -> None:
    picture = tmp_path / "scan.bin"
    picture.write_bytes(b"\xff\xd8\xff")
    held = ("rhythm", "done", "JC2022-03", *LATER, "--minutes")
    assert_refused(fresh(*held, str(picture)), 2, "is no UTF-8 text")
    for name in ("纪要.docx", "sub/纪要", str(tmp_path), "C:\\纪要.TXT", "工作 纪要.pdf"):
        assert_refused(fresh(*held, name), 2, "is no text file that can be read")
    assert_refused(fresh(*held, "纪要", "--on", "29.3."), 2, "--on '29.3.' is no date")
    assert_refused(fresh(*held, "纪要" * 10_001), 2, "at most 20000 are taken")
    issue = ("rhythm", "release", "B2022-03", "--text", "x", *LATER)
    assert_refused(fresh(*issue, "--info", "eins"), 2, "--info 'eins' is no list of numbers")
    assert_refused(fresh(*issue, "--info", HUGE * 250), 2, "--info", "is no number of an information item")
    assert_refused(
        fresh("rhythm", "release", "B2022-03", "--text", "简报.docx", *LATER), 2, "--text '简报.docx'"
    )
    assert_refused(
        fresh("rhythm", "open", "--as", WATER, *LATER), 1, "keeping the office's rhythm needs an operator"
    )


def test_with_a_date_that_nobody_vouches_for_nothing_is_done_and_the_reason_said(eco: Terminal) -> None:
    """Two months after the run of 14 March; the operator is told how the date is confirmed."""
    may = ("--now", "2022-05-16T08:40:00+08:00")
    how = "eco dispatch --confirm-date 2022-05-16"
    for command in (("rhythm", "open"), ("phase", "run")):
        said = eco(*command, *may).out
        assert "63 days have passed since the last run on 2022-03-14" in said
        assert how in said
    assert how in eco("phase", "run", *may, "--json").json[0]["doubted"]
