"""`eco case`, `eco round`, `eco unit` as a person types them."""

import io
from unittest import mock

import pytest

from tests.cli.terminal import Terminal, assert_refused

ON_17 = ("--now", "2022-03-17T10:00:00+08:00")
ON_18 = ("--now", "2022-03-18T10:00:00+08:00")
MONEY, OFFICE, SUPERVISION = "联络员·财政局", "联络员·创建办", "联络员·地委督查室"


def number(eco: Terminal, unit: str = "caizhengju") -> str:
    [row] = eco("case", "list", "--unit", unit, "--json", *ON_17).json
    return str(row["case"])


def test_a_case_is_listed_and_shown_with_what_follows(late: Terminal) -> None:
    rows = late("case", "list", "--json", *ON_17).json
    assert len(rows) == 22
    [row] = [row for row in rows if row["unit"] == "地区财政局"]
    assert {name: row[name] for name in ("clock", "since", "days_late", "rung", "told_on", "next")} == {
        "clock": "report",
        "since": "2022-03-16",
        "days_late": 1,
        "rung": 1,
        "told_on": "2022-03-17",
        "next": {"rung": 2, "on": "2022-03-22", "who": "分管领导", "waits": ""},
    }
    listed = late("case", "list", "--unit", "地区财政局", *ON_17, COLUMNS="200").out
    assert "rung 2 on 2022-03-22: 分管领导" in listed
    shown = late("case", "show", number(late), *ON_17).out
    assert "Silent rounds: 2022-03-14" in shown
    assert "联络员·财政局" in shown
    assert "Next: rung 2 on 2022-03-22: 分管领导" in shown


def test_a_closed_case_is_headed_by_its_end_and_nothing_is_next(late: Terminal) -> None:
    """The mail of the round came back: the case was none. Another was annulled, and late until then."""
    case, water = number(late), number(late, "shuiwuju")
    message = next(
        row["id"] for row in late("outbox", "list", "--on", "2022-03-14", "--json").json
        if row["unit"] == "地区财政局"
    )  # fmt: skip
    assert late("outbox", "bounce", str(message), "--why", "退信", *ON_17).code == 0
    shown = late("case", "show", case, *ON_18).out
    assert shown.splitlines()[0] == (
        f"Case {case}: 地区财政局 (report clock), closed on 2022-03-17 (never asked)"
    )
    assert "None" not in shown
    assert "Next:" not in shown
    late("case", "annul", water, "--reason", "已书面报送", "--as", OFFICE, *ON_17)
    late("case", "annul", water, "--as", SUPERVISION, *ON_17)
    annulled = late("case", "show", water, *ON_18).out
    assert "annulled on 2022-03-17, late since 2022-03-16: 1 working day" in annulled
    assert "Next:" not in annulled


def test_what_waits_for_the_office_is_late_less_the_days_it_may_take(
    late: Terminal,
) -> None:
    """Drafted on Thursday the 17th, the summary may take the Friday; on Monday the office is late."""
    assert late("follow-up", "--direct", "--now", "2022-03-21T09:00:00+08:00").code == 0
    on_21 = ("--now", "2022-03-21T10:00:00+08:00")
    [case] = [row["case"] for row in late("case", "list", "--json", *on_21).json if row["clock"] == "review"]
    head = late("case", "show", str(case), *on_21).out.splitlines()[0]
    assert "rung 1, waiting since 2022-03-17, late by 1 working day" in head


def test_after_the_plan_s_end_no_clock_runs_and_the_lists_say_so(late: Terminal) -> None:
    """Looked at without `--now` years later: late is what was late on the plan's last day."""
    on_the_last_day = ("--now", "2022-12-31T23:00:00+08:00")
    listed = ("case", "list", "--unit", "caizhengju", "--json")
    [then], [now] = late(*listed, *on_the_last_day).json, late(*listed).json
    assert now["days_late"] == then["days_late"] == 200
    assert now["next"] == {"rung": None, "on": None, "who": "", "waits": "the plan ended on 2022-12-31"}
    assert late("light", "--json").json == late("light", "--json", *on_the_last_day).json
    found = late("status", "--json").json
    assert found["late"] == late("status", "--json", *on_the_last_day).json["late"]
    assert found["ended_on"] == "2022-12-31"
    for words in (("case", "list"), ("light",), ("status",)):
        assert "The plan ended on 2022-12-31: no clock runs any more" in late(*words).out, words
        assert "ended" not in late(*words, *on_the_last_day).out, words


def test_a_reminder_is_delivered_by_the_command(late: Terminal) -> None:
    said = late("case", "remind", number(late), "--json", *ON_18, "--as", OFFICE).json
    assert (said["state"], said["rung"], said["counts"]) == ("sent", 1, False)
    assert_refused(late("case", "remind", number(late), *ON_18), 1, "once a day at most")


def test_receipt_and_annulment_take_the_right_people(late: Terminal) -> None:
    case = number(late)
    assert late("case", "ack", case, *ON_17, "--as", MONEY, "--json").json["name"] == MONEY
    assert f"Received by {MONEY} at 2022-03-17 10:00" in late("case", "show", case, *ON_17).out
    asked = late("case", "annul", case, "--reason", "误记", *ON_18, "--as", OFFICE)
    assert "Another person confirms it" in asked.out
    done = late("case", "annul", case, *ON_18, "--as", SUPERVISION)
    assert f"Case {case} is annulled; 1 person gets a correction with the next run that sends." in done.out
    assert late("case", "list", "--unit", "caizhengju", "--json", *ON_18).json == []
    [row] = late("case", "list", "--unit", "caizhengju", "--all", "--json", *ON_18).json
    assert row["annulled_on"] == "2022-03-18"


def test_who_signs_an_order_learns_to_whom_it_is_handed_and_the_case_that_its_last_rung_was_told(
    late: Terminal,
) -> None:
    case = number(late)
    for day in ("22", "24"):
        assert late("dispatch", "--direct", "--now", f"2022-03-{day}T09:00:00+08:00").code == 0
    on_24 = ("--now", "2022-03-24T10:00:00+08:00")
    signed = late("case", "sign", case, *on_24, "--as", SUPERVISION).out
    assert "It lists: answers owed\nHand it on paper to 地区财政局: nothing here sends it." in signed
    [paper] = [p for p in late("case", "papers", "--json").json if p["state"] == "signed"]
    assert (paper["unit"], paper["lists"]) == (
        "地区财政局", [{"case": int(case), "item": "", "clock": "report"}],
    )  # fmt: skip
    assert "supervision order to 地区财政局 signed" in signed
    listed = late("case", "papers").out
    assert "supervision order" in listed
    assert "answers owed" in listed
    shown = late("case", "show", case, *on_24).out
    assert "Next: rung 3 was told on 2022-03-24; the ladder ends here" in shown


def test_rounds_are_listed_shown_and_released(late: Terminal) -> None:
    assert late("round", "list", "--json").json[0]["round"] == "2022-03-14"
    assert "地区财政局" in late("round", "show", "2022-03-14").out
    said = late("round", "release", "2022-03-14", *ON_18).out
    assert "summary released on 2022-03-18. Hand it on paper to: head and deputies" in said


SHEET = """\
领导小组：请阅3月14日调度汇总：截至3月18日，应报22个单位58项，已报1项；未填报21个单位，部分填报0个单位；未送达0个单位。

■ 汇总：3月14日调度（按填报汇总，未经审核）
"""


def test_the_text_of_a_summary_is_printed_as_leaders_read_it(eco: Terminal) -> None:
    assert_refused(eco("round", "summary", "2022-03-14"), 1, "has no summary yet")
    answer = ("report", "submit", "caizhengju", "I33", "--status", "in_progress", "--blocker", "经费未落实")
    assert eco(*answer, "--now", "2022-03-15T09:00:00+08:00").code == 0
    assert eco("dispatch", "--direct", "--now", "2022-03-17T09:00:00+08:00").code == 0
    text = eco("round", "summary", "2022-03-14", *ON_18).out
    assert text.startswith(SHEET)
    assert "存在困难：\n- 地区财政局：I33：经费未落实\n" in text
    assert text.endswith("示范区，2022年3月18日（周五）\n涉密信息不得填报。\n")
    said = eco("round", "summary", "2022-03-14", *ON_18, "--json").json
    assert said == {
        "round": "2022-03-14", "kind": "regular", "drafted_on": "2022-03-17", "released_on": None,
        "text": text,
    }  # fmt: skip
    assert_refused(eco("round", "summary", "2022-03-14", *ON_18, "--as", MONEY), 1, "sees the own unit only")


def test_lists_say_what_is_late_as_of_the_moment_given(late: Terminal) -> None:
    def entries(now: str) -> bool:
        [row] = late("report", "list", "caizhengju", "--json", "--now", now).json
        rows = late("round", "show", "2022-03-14", "--json", "--now", now).json["units"]
        assert [unit["late"] for unit in rows if unit["unit"] == row["unit"]] == [row["late"]]
        return bool(row["late"])

    assert (entries("2022-03-16T17:30:00+08:00"), entries("2022-03-16T17:31:00+08:00")) == (False, True)

    def items(now: str) -> bool:
        [row] = [row for row in late("item", "list", "--json", "--now", now).json if row["item"] == "I33"]
        [unit] = late("item", "show", "I33", "--json", "--now", now).json["units"]
        assert unit["late"] == row["late"]
        return bool(row["late"])

    assert (items("2022-05-31T23:00:00+08:00"), items("2022-06-01T08:00:00+08:00")) == (False, True)
    released = ("round", "list", "--json", "--now")
    [on_friday] = [r for r in late(*released, ON_18[1]).json if r["drafted_on"]]
    [on_monday] = [r for r in late(*released, "2022-03-21T08:00:00+08:00").json if r["drafted_on"]]
    assert (on_friday["release_late"], on_monday["release_late"]) == (False, True)
    for words in (("report", "list"), ("item", "list"), ("item", "show", "I33"), ("round", "list")):
        assert " late" in late(*words, "--now", "2022-06-01T08:00:00+08:00").out, words


def test_units_are_merged(late: Terminal) -> None:
    said = late("unit", "merge", "地区审计局", "caizhengju", *ON_18, "--json", "--yes").json
    assert (said["predecessor"], said["successor"], said["closed"]) == ("地区审计局", "地区财政局", 1)


@pytest.mark.parametrize(
    ("words", "comes_to"),
    [
        (("merge", "审计局", "财政局"), "地区审计局 is merged into 地区财政局: "),
        (("split", "审计局", "--give", "P2:财政局"), "地区审计局 → 地区财政局: P2"),
    ],
)
def test_what_cannot_be_taken_back_is_shown_and_asked_before(
    late: Terminal, words: tuple[str, ...], comes_to: str
) -> None:
    before = late.picture()
    assert_refused(late("unit", *words, *ON_18, "--json"), 2, "--json cannot ask. Give --yes with it")
    with mock.patch("sys.stdin", io.StringIO("n\n")):
        said = late("unit", *words, *ON_18)
    assert said.code == 1
    assert said.out.startswith(f"Nothing is changed yet. It would come to this:\n{comes_to}")
    assert said.out.endswith("Nothing was changed.\n")
    assert late.picture() == before
    with mock.patch("sys.stdin", io.StringIO("y\n")):
        agreed = late("unit", *words, *ON_18)
    assert agreed.code == 0
    assert agreed.out.count(comes_to) == 2
    assert late.picture() != before


def test_after_a_merger_it_is_said_who_answers_for_the_merged_unit(late: Terminal) -> None:
    """I16 was told by telephone before; whoever would answer or confirm for 水务局 now reads where to."""
    submit = ("report", "submit", "水务局", "I04", "--status", "in_progress", *ON_18)
    told = ("report", "submit", "水务局", "I16", "--status", "in_progress", *ON_17)
    assert "(phone); the unit confirms it later." in late(*told).out
    assert late("unit", "merge", "水务局", "自然资源局", *ON_18, "--yes").code == 0
    who = "It was merged into 地区自然资源局. Who answers: eco report submit 地区自然资源局 I04 …"
    assert_refused(late(*submit), 2, f"地区水务局 is not asked about I04 in any open round. {who}")
    assert_refused(late(*submit, "--round", "2022-03-14"), 1, who)
    assert_refused(
        late(*submit, "--as", "联络员·水务局"),
        2,
        "地区水务局 was merged into 地区自然资源局, whose people act.",
    )
    accepted = late("report", "accept", "水务局", "I16", *ON_18).out
    assert "Recorded on behalf of 地区水务局 (phone)." in accepted
    assert "confirms" not in accepted


def test_a_unit_is_renamed_and_dealt_out(late: Terminal) -> None:
    said = late("unit", "rename", "地区审计局", "地区审计监督局", *ON_18, "--json").json
    assert (said["unit"], said["old_name"], said["since"]) == ("shenjiju", "地区审计局", "2022-03-18")
    words = ("unit", "split", "审计局", "--give", "P2:财政局", *ON_18, "--yes")
    assert "地区审计监督局 → 地区财政局: P2" in late(*words).out
    back = late("unit", "split", "财政局", "--give", "P2:审计监督局", *ON_18, "--json", "--yes").json
    [share] = back["shares"]
    assert (share["successor"], share["items"]) == ("地区审计监督局", ["P2"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("unit", "split", "审计局", *ON_17), 2, "Nothing would be dealt out"),
        (("unit", "rename", "审计局", "地区财政局", *ON_17), 2, "a name of 地区财政局"),
        (("case", "show", "999", *ON_17), 2, "There is no case 999"),
        (("case", "tell", "1", "--means", "fax", "--said", "x", *ON_17), 2, "'fax' is none of telephone"),
        (("case", "tell", "1", "--means", "letter", "--said", " ", *ON_17), 2, "--said needs the words"),
        (("case", "tell", "1", "--means", "letter", "--said", "x", *ON_17), 1, "told on 2022-03-17 already"),
        (("case", "sign", "1", *ON_17), 1, "has no draft to sign: no paper yet"),
        (("case", "account", "1", "--reason", "x", *ON_17), 1, "needs a leader"),
        (("case", "annul", "1", *ON_17), 2, "needs --reason"),
        (("case", "ack", "1", "--of", "谁", *ON_17), 2, "'谁' is nobody of"),
        (("round", "show", "2022-03-15"), 2, "has no round of 2022-03-15"),
        (("round", "release", "14 March", *ON_17), 2, "is no date"),
        (("unit", "merge", "caizhengju", "caizhengju", *ON_17), 2, "cannot be merged into itself"),
        (("unit", "merge", "caizhengju", "领导小组成员单位", *ON_17), 2, "only working units are merged"),
    ],
)
def test_what_cannot_be_is_said_in_words_and_changes_nothing(
    late: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    before = late.picture()
    assert_refused(late(*words), code, said)
    assert late.picture() == before
