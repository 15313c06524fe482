"""`eco item …` about due dates: what is typed, what is said, and what cannot be done."""

import re

import pytest

from tests.cli.terminal import NEXT_DAY, Terminal, assert_refused

AT = ("--now", NEXT_DAY)
I33 = ("caizhengju", "I33")
MONEY, OFFICE, SUPERVISION = "联络员·财政局", "联络员·创建办", "联络员·地委督查室"
EXTEND = ("item", "extend", *I33, "--until", "2022-06-20", "--reason", "年度数据六月发布", *AT)


def test_an_extension_is_asked_for_decided_and_shown(eco: Terminal) -> None:
    assert eco(*EXTEND, "--as", MONEY).out == (
        "I33 of 地区财政局: extension until 2022-06-20 pending; due on 2022-05-31, "
        "not late until it is decided.\n"
    )
    assert eco("item", "decide", *I33, "--grant", *AT, "--as", OFFICE).out == (
        "I33 of 地区财政局: extension until 2022-06-20 granted; due on 2022-06-20 (first 2022-05-31), "
        "late from 2022-06-21.\n"
    )
    shown = eco("item", "show", "i33", "--json").json
    assert (shown["item"], shown["kind"], shown["place"]) == ("I33", "indicator", "五(九)33")
    [unit] = shown["units"]
    assert (unit["unit"], unit["due_on"], unit["first_due_on"]) == ("地区财政局", "2022-06-20", "2022-05-31")
    assert unit["extensions"] == [
        {
            "asked_on": "2022-03-15", "asked_by": MONEY, "on_behalf": "", "until": "2022-06-20",
            "reason": "年度数据六月发布", "granted": True, "decided_on": "2022-03-15", "decided_by": OFFICE,
            "why": "",
        }
    ]  # fmt: skip
    said = f"{MONEY}: until 2022-06-20, 年度数据六月发布; granted 2022-03-15 {OFFICE}"
    assert f"- 地区财政局: 2022-03-15 {said}\n" in eco("item", "show", "I33").out
    acts = eco.sql("SELECT action FROM audit WHERE action LIKE '%extension' ORDER BY n")
    assert acts == [("ask_extension",), ("decide_extension",)]


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (("--refuse", "--reason", "x"), "2022-06-20 refused; due on 2022-05-31, "),
        (("--grant",), "2022-06-01 granted; due on 2022-06-01 (first 2022-05-31), "),
    ],
)
def test_decided_late_it_says_from_when_one_is_reminded_and_since_when_days_count(
    eco: Terminal, decision: tuple[str, ...], said: str
) -> None:
    """Decided on Thursday, 2 June: Friday is a holiday, Monday remains."""
    until = "2022-06-01" if "--grant" in decision else "2022-06-20"
    eco("item", "extend", *I33, "--until", until, "--reason", "x", *AT)
    late = ("--now", "2022-06-02T10:00:00+08:00")
    due = said.split("due on ")[1][:10]
    assert eco("item", "decide", *I33, *decision, *late).out == (
        f"I33 of 地区财政局: extension until {said}reminded as late from 2022-06-07, "
        f"days late count from {due}.\n"
    )


def test_a_leader_of_the_leading_group_grants_a_second_one(eco: Terminal) -> None:
    eco(*EXTEND)  # the user of the machine records on behalf of the unit
    eco("item", "decide", *I33, "--grant", *AT)
    again = ("item", "extend", *I33, "--until", "2022-07-20", "--reason", "x", "--means", "paper", *AT)
    assert eco(*again, "--json").json["on_behalf"] == "paper"
    grant = ("item", "decide", *I33, "--grant", *AT)
    assert_refused(eco(*grant), 1, "granting an extension beyond the first needs a leader")
    assert eco("account", "add", "甲", "leader", *AT).code == 0
    assert eco(*grant, "--as", "甲", "--json").json["due_on"] == "2022-07-20"


def test_an_item_is_suspended_by_two_and_goes_on(eco: Terminal) -> None:
    reason = ("--reason", "项目调整")
    assert eco("item", "suspend", *I33, *reason, *AT).out == (
        "I33 of 地区财政局 is not_started, due on 2022-05-31; suspended waits to be confirmed.\n"
    )
    assert_refused(eco("item", "confirm", *I33, *AT), 1, "needs a second person")
    assert_refused(eco("item", "confirm", *I33, *AT, "--as", OFFICE), 1, "needs a supervisor to confirm")
    assert eco("item", "confirm", *I33, *AT, "--as", SUPERVISION).out == (
        "I33 of 地区财政局 is suspended, due on 2022-05-31.\n"
    )
    later = ("--now", "2022-03-22T09:00:00+08:00")
    assert eco("item", "resume", *I33, *reason, *later, "--json").json == {
        "unit": "地区财政局", "item": "I33", "state": "not_started", "due_on": "2022-06-08", "asked": "",
    }  # fmt: skip
    shown = eco("item", "show", "I33").out
    assert "suspended: 2022-03-15" in shown
    assert f"confirmed 2022-03-15 {SUPERVISION}; ended 2022-03-22" in shown
    assert eco("item", "not-applicable", *I33, *reason, *later, "--as", SUPERVISION).code == 0
    assert eco("item", "confirm", *I33, *later).out == "I33 of 地区财政局 is not_applicable.\n"


def test_what_was_set_aside_unanswered_is_neither_owed_nor_answered(eco: Terminal) -> None:
    """Every list counts as the summary does; the unit owes nothing else, and is not missing either."""
    reason = ("--reason", "项目调整")
    eco("item", "suspend", *I33, *reason, *AT)
    eco("item", "confirm", *I33, *AT, "--as", SUPERVISION)
    eco("follow-up", "--direct", "--now", "2022-03-17T09:00:00+08:00")
    then = ("--now", "2022-03-17T10:00:00+08:00")
    [row] = eco("status", "--json", *then).json["rounds"]
    counted = [row[name] for name in ("asked", "answered", "entries", "entries_answered")]
    assert counted == [21, 0, 57, 0]
    assert "应报21个单位57项，已报0项" in eco("round", "summary", "2022-03-14", *then).out
    [drafted] = [row for row in eco("round", "list", "--json", *then).json if row["drafted_on"]]
    assert (drafted["asked"], drafted["answered"]) == (21, 0)
    shown = ("round", "show", "2022-03-14", *then)
    [money] = [row for row in eco(*shown, "--json").json["units"] if row["unit"] == "地区财政局"]
    assert (money["entries"], money["answered"]) == (0, 0)
    assert re.search("地区财政局 .* set aside", eco(*shown).out)
    eco("item", "resume", *I33, *reason, *then)
    [entry] = eco("report", "list", "财政局", "--json", *then).json
    assert (entry["state"], entry["set_aside"]) == ("accepted", "suspended: 项目调整")
    assert "set aside (suspended: 项目调整)" in eco("report", "list", "财政局", *then).out
    refused = eco("report", "submit", *I33, "--status", "in_progress", *then)
    assert_refused(refused, 1, "地区财政局 I33 is set aside (suspended: 项目调整). What is new since then")
    refused = eco("report", "recall", *I33, *then)
    assert_refused(refused, 1, "is set aside (suspended: 项目调整); only a submitted answer can be recalled")


def test_the_next_figure_is_expected_on_a_day(eco: Terminal) -> None:
    words = ("item", "next-figure", "统计局", "I35", *AT)
    assert (
        eco(*words, "--from", "2022-07-14").out
        == "I35 of 地区统计局 is not asked before 2022-07-14; what is asked already stays owed.\n"
    )
    assert eco(*words, "--clear", "--json").json["asked_from"] is None


def test_an_item_shows_what_each_unit_said_last(eco: Terminal) -> None:
    answer = ("--status", "in_progress", "--value", "I11.1=0.5", "--period", "2021", "--note", "在办")
    assert eco("report", "submit", "shuiwuju", "I11", *answer, *AT, "--as", "联络员·水务局").code == 0
    shown = eco("item", "show", "I11", "--json").json
    assert [unit["unit"] for unit in shown["units"]] == ["地区农业农村局", "地区水务局", "地区林业和草原局"]
    [last] = shown["units"][1]["last"]
    assert (last["at"], last["round"], last["action"], last["by"]) == (
        "2022-03-15T09:00:00+08:00", "2022-03-14", "submit", "联络员·水务局",
    )  # fmt: skip
    assert last["figures"] == [{"code": "I11.1", "value": "0.5", "period": "2021"}]
    assert "submit 推进中，I11.1 0.5（2021）, 在办" in eco("item", "show", "I11").out


def test_a_statement_in_words_is_shown_without_a_period(eco: Terminal) -> None:
    eco("report", "submit", "shengtaiju", "I13", "--status", "completed", "--value", "是", *AT)
    assert "submit 已完成（待核），是\n" in eco("item", "show", "I13").out


BAD = [
    (("extend", *I33, "--until", "31.5.", "--reason", "x", *AT), 2, "--until '31.5.' is no date"),
    (("extend", *I33, "--until", "2022-05-31", "--reason", "x", *AT), 2, "later than the due date"),
    (("extend", *I33, "--until", "2022-06-20", *AT), 2, "An extension needs --reason"),
    (("decide", *I33, *AT), 2, "Say either --grant or --refuse."),
    (("decide", *I33, "--grant", "--refuse", *AT), 2, "Say either --grant or --refuse."),
    (("decide", *I33, "--grant", *AT), 1, "No extension of I33 of 地区财政局 waits"),
    (("suspend", *I33, *AT), 2, "needs --reason"),
    (("not-applicable", "caizhengju", "I04", "--reason", "x", *AT), 2, "owes nothing on I04"),
    (("confirm", *I33, *AT), 1, "Nothing was asked"),
    (("resume", *I33, "--reason", "x", *AT), 1, "nothing to resume"),
    (("next-figure", *I33, *AT), 2, "Say either --from DATE or --clear."),
    (("next-figure", *I33, "--from", "2022-07-01", "--clear", *AT), 2, "Say either --from DATE or --clear."),
    (("next-figure", *I33, "--from", "2022-03-15", *AT), 2, "must lie after today"),
    (("show", "X1"), 2, "There is no item 'X1'"),
]


@pytest.mark.parametrize(("words", "code", "said"), BAD, ids=lambda part: str(part)[:40])
def test_what_cannot_be_done_is_said_and_changes_nothing(
    eco: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    before = eco.picture()
    assert_refused(eco("item", *words), code, said)
    assert eco.picture() == before
