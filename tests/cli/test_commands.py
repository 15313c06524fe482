"""The day of a user at the command line: answers, reviews, contacts, messages, and where things stand."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from eco_workflow.cli.main import commands as command_line
from tests.cli.terminal import (
    ANSWER,
    DISPATCH,
    FIRST_DAY,
    INIT,
    NEXT_DAY,
    ROOT,
    THURSDAY,
    Terminal,
    assert_refused,
)

AT = ("--now", NEXT_DAY)
LATE_START = ("init", "--active-from", "2022-06-10", "--now", "2022-06-10T08:00:00+08:00")
ON_LATE_START = ("--now", "2022-06-10T10:00:00+08:00")
ON_THURSDAY = ("--now", "2022-03-17T10:00:00+08:00")
LEADS_OF_I11 = ("林草局", "农业农村局", "水务局")
CLAIM = (
    "--status", "completed", "--period", "2021",
    "--value", "I11.1=96", "--value", "I11.2=是", "--value", "I11.3=90",
)  # fmt: skip
BASE = ("indicator", "base", "I11.3", "90", "--period", "2020", "--source", "公报")


def report(eco: Terminal, act: str, unit: str, item: str, *more: str, now: str = NEXT_DAY) -> dict[str, Any]:
    """Acts on an entry and returns what the command printed as JSON."""
    said = eco("report", act, unit, item, *more, "--now", now, "--json")
    assert said.code == 0, said.err
    found: dict[str, Any] = said.json
    return found


def entry(eco: Terminal, unit: str, item: str) -> dict[str, Any]:
    """An entry of the newest round as the list shows it."""
    found: dict[str, Any] = next(
        row for row in eco("report", "list", unit, "--json").json if row["item"] == item
    )
    return found


def test_an_answer_says_where_the_entry_stands_and_what_is_still_owed(eco: Terminal) -> None:
    said = report(eco, "submit", "水务局", "I16", "--status", "in_progress", "--note", "编制中")
    assert said == {
        "round": "2022-03-14",
        "unit": "地区水务局",
        "item": "I16",
        "state": "submitted",
        "item_state": "in_progress",
        "on_time": True,
        "on_behalf": "phone",
        "unit_confirms": True,
        "rest": ["I04", "I11", "I18", "I32"],
        "elsewhere": [],
        "told_at_once": False,
        "not_judged": [],
    }
    spoken = eco("report", "submit", "水务局", "I18", "--status", "not_started", *AT).out
    assert "2022-03-14 地区水务局 I18: submitted; the item is not_started." in spoken
    assert "Still owed by 地区水务局 in this round: I04, I11, I32" in spoken


def test_the_last_answer_of_a_unit_leaves_nothing_owed(eco: Terminal) -> None:
    assert report(eco, "submit", "caizhengju", "I33", "--status", "completed")["rest"] == []
    (row,) = eco("status", "--json", *AT).json["rounds"]
    assert (row["asked"], row["answered"], row["entries_answered"]) == (22, 1, 1)


def test_an_answer_after_half_past_five_of_the_second_working_day_is_late(eco: Terminal) -> None:
    in_time = report(
        eco, "submit", "caizhengju", "I33", "--status", "completed", now="2022-03-16T17:30:00+08:00"
    )
    late = report(eco, "submit", "地区审计局", "P2", "--status", "completed", now="2022-03-16T17:30:01+08:00")
    assert (in_time["on_time"], late["on_time"]) == (True, False)


def test_a_figure_keeps_its_places_and_its_period(eco: Terminal) -> None:
    report(
        eco,
        "submit",
        "caizhengju",
        "I33",
        "--status",
        "in_progress",
        "--value",
        "80.10",
        "--period",
        "2022-Q1",
    )
    assert eco.sql("SELECT value, period FROM figure") == [("80.10", "2022-Q1")]


@pytest.mark.parametrize(
    ("period", "why"),
    [
        ("2099", "2099 has not begun."),
        ("2022", "2022 is not over."),
        ("1800", "1800 is too old: it must be 2021 or later."),
        ("2021", ""),
    ],
)
def test_a_figure_that_cannot_be_judged_is_taken_and_said(eco: Terminal, period: str, why: str) -> None:
    """A slip in the year would come to light months later; a forecast is judged once its period is over."""
    words = ("I33", "--status", "in_progress", "--value", "80.5", "--period", period)
    expected = f"The figure of I33 cannot be judged: {why}" if why else ""
    assert report(eco, "submit", "caizhengju", *words)["not_judged"] == ([expected] if why else [])
    report(eco, "recall", "caizhengju", "I33")
    said = eco("report", "submit", "caizhengju", *words, *AT).out
    assert "I33: submitted; the item is in_progress." in said
    assert ("cannot be judged" in said) == bool(why)
    assert expected in said


def test_a_recalled_answer_is_owed_again(eco: Terminal) -> None:
    eco(*ANSWER)
    said = report(eco, "recall", "caizhengju", "I33")
    assert (said["state"], said["item_state"], said["rest"]) == ("awaiting", "not_started", ["I33"])
    assert entry(eco, "caizhengju", "I33")["last"] == ""
    assert eco(*ANSWER).code == 0


def test_a_returned_answer_is_due_again_in_two_working_days_and_stays_on_time(eco: Terminal) -> None:
    eco(*ANSWER)
    said = report(
        eco, "return", "caizhengju", "I33", "--reason", "缺少数据来源", now="2022-03-18T10:00:00+08:00"
    )
    assert (said["state"], said["on_time"]) == ("returned", True)
    assert entry(eco, "caizhengju", "I33")["due_at"] == "2022-03-22T17:30:00+08:00"
    again = report(
        eco, "submit", "caizhengju", "I33", "--status", "completed", now="2022-03-23T10:00:00+08:00"
    )
    assert (again["state"], again["on_time"]) == ("submitted", True)


def test_a_recalled_answer_keeps_no_mark_for_the_one_that_comes_late(eco: Terminal) -> None:
    """The mark is that of the first answer that was not recalled; the summary tells who answered late."""
    eco(*ANSWER)
    assert report(eco, "recall", "caizhengju", "I33")["on_time"] is None
    eco(*THURSDAY)
    late = "2022-03-21T10:00:00+08:00"
    said = eco("report", "submit", "caizhengju", "I33", "--status", "in_progress", "--now", late)
    assert "2022-03-14 地区财政局 I33: submitted (first answer late)" in said.out
    eco("follow-up", "--direct", "--now", "2022-03-22T09:00:00+08:00")
    summary = eco("round", "summary", "2022-03-14", "--now", "2022-03-22T10:00:00+08:00").out
    assert re.search("逾期填报.*地区财政局", summary), summary
    returned = report(eco, "return", "caizhengju", "I33", "--reason", "缺", now="2022-03-22T10:00:00+08:00")
    assert returned["on_time"] is False


def test_what_was_let_pass_before_a_newer_request_is_superseded_and_stays_late(late: Terminal) -> None:
    """What gave way before it was due was never late."""
    late("dispatch", "--direct", "--now", "2022-03-28T09:00:00+08:00")
    then = ("--round", "2022-03-14", "--now", "2022-03-29T10:00:00+08:00")
    rows = late("report", "list", "水务局", *then, "--json").json
    assert {(row["state"], row["superseded"], row["late"]) for row in rows} == {("awaiting", True, True)}
    lines = [line for line in late("report", "list", "水务局", *then).out.splitlines() if " I04 " in line]
    assert len(lines) == 1
    assert re.search(" superseded .* late ", lines[0]), lines
    shown = late("round", "show", "2022-03-14", "--now", "2022-03-29T10:00:00+08:00", "--json").json
    assert {(row["state"], row["late"]) for row in shown["units"]} == {("superseded", True)}
    newest = late("report", "list", "水务局", "--now", "2022-03-29T10:00:00+08:00", "--json").json
    assert {(row["superseded"], row["late"]) for row in newest} == {(False, False)}


def account(eco: Terminal, name: str, role: str, *more: str) -> None:
    """Gives a person a role."""
    said = eco("account", "add", name, role, *more, *AT)
    assert said.code == 0, said.err


def test_the_history_of_an_entry_is_appended_with_who_and_why(eco: Terminal) -> None:
    account(eco, "李四", "liaison", "--unit", "caizhengju")
    account(eco, "王五", "operator")
    eco(*ANSWER, "--as", "李四")
    eco("report", "return", "caizhengju", "I33", "--reason", "缺少数据来源", *AT, "--as", "王五")
    eco(*ANSWER, "--as", "李四")
    eco("report", "accept", "caizhengju", "I33", *AT, "--as", "王五")
    assert_refused(
        eco(*ANSWER), 1, "is accepted already. What is new since then is answered in the next round"
    )
    assert eco.sql("SELECT action, actor, reason FROM report ORDER BY id") == [
        ("submit", "李四", ""),
        ("return", "王五", "缺少数据来源"),
        ("submit", "李四", ""),
        ("accept", "王五", ""),
    ]


def test_no_change_repeats_the_unit_s_last_answer_in_the_next_round(eco: Terminal) -> None:
    figure = ("--value", "80.5", "--period", "2021", "--note", "已核", "--blocker", "经费")
    report(eco, "submit", "caizhengju", "I33", "--status", "in_progress", *figure)
    assert eco("dispatch", "--direct", "--now", "2022-03-28T09:00:00+08:00").code == 0
    said = report(eco, "submit", "caizhengju", "I33", "--no-change", now="2022-03-29T09:00:00+08:00")
    assert (said["round"], said["item_state"]) == ("2022-03-28", "in_progress")
    told = eco.sql(
        "SELECT status, value, period, note, blocker, no_change "
        "FROM report JOIN figure ON report_id = id ORDER BY id"
    )
    assert told == [("in_progress", "80.5", "2021", "已核", "经费", flag) for flag in (0, 1)]


def test_a_claim_needs_all_three_leads_of_biodiversity(eco: Terminal) -> None:
    closing = ("report", "close", "林草局", "I11", *AT)
    for unit, missing in zip(LEADS_OF_I11, ("农业农村局、地区水务局", "水务局", ""), strict=True):
        report(eco, "submit", unit, "I11", *CLAIM)
        if missing:
            assert_refused(eco(*closing), 1, f"not claimed by 地区{missing}.")
    wanting = ("I11 cannot be closed out: it is undetermined", "I11.3", "The office owes what is wanting")
    assert_refused(eco(*closing), 1, *wanting)
    assert eco(*BASE, *AT).code == 0
    assert report(eco, "close", "林草局", "I11")["item_state"] == "closed"
    states = {row["unit"]: row["state"] for row in eco("item", "list", "--json").json if row["item"] == "I11"}
    assert states == {"地区林业和草原局": "closed", "地区农业农村局": "closed", "地区水务局": "closed"}
    assert_refused(eco(*closing), 1, "I11 is closed already")


def test_what_is_closed_out_is_not_asked_again(eco: Terminal) -> None:
    for unit in LEADS_OF_I11:
        report(eco, "submit", unit, "I11", *CLAIM)
    assert eco(*BASE, *AT).code == 0
    report(eco, "close", "水务局", "I11")
    eco("dispatch", "--direct", "--now", "2022-03-28T09:00:00+08:00")
    asked = {row["item"] for row in eco("report", "list", "--round", "2022-03-28", "--json").json}
    assert "I11" not in asked
    assert "I10" in asked


def test_the_list_names_every_entry_of_the_round_and_its_due_time(eco: Terminal) -> None:
    rows = eco("report", "list", "--json").json
    assert len(rows) == 58
    assert {(row["round"], row["state"], row["due_at"]) for row in rows} == {
        ("2022-03-14", "awaiting", "2022-03-16T17:30:00+08:00")
    }
    assert [row["item"] for row in eco("report", "list", "国家统计局大兴安岭调查队", "--json").json] == [
        "I32",
        "I35",
        "I36",
    ]


def test_a_late_start_lists_what_was_past_due_until_a_person_settles_it(empty: Terminal) -> None:
    made = empty(*LATE_START, "--json").json
    assert (made["rounds"], made["backfilled"], made["to_settle"]) == (20, 6, 47)
    listed = ("item", "list", "--unsettled", "--json")
    codes = list(dict.fromkeys(row["item"] for row in empty(*listed).json))
    assert (len(codes), codes[:7]) == (47, ["M1.1", "M1.2", "M1.3", "M2.1", "M2.2", "M2.3", "I01"])
    assert "P5" in codes
    done = empty("item", "settle", "M1.1", "--done", "档案室 3-12", *ON_LATE_START, "--json").json
    assert done == {"item": "M1.1", "closed": True, "due_on": None, "wanting": ""}
    later = empty("item", "settle", "i11", "--due", "2022-06-30", *ON_LATE_START, "--json").json
    assert later == {"item": "I11", "closed": False, "due_on": "2022-06-30", "wanting": ""}
    left = {row["item"] for row in empty(*listed).json}
    assert set(codes) - left == {"M1.1", "I11"}
    rows = {(row["item"], row["state"], row["due_on"]) for row in empty("item", "list", "--json").json}
    assert {("M1.1", "closed", "2022-02-28"), ("I11", "not_started", "2022-06-30")} <= rows
    assert empty("status", "--json", *ON_LATE_START).json["to_settle"] == 45


def test_what_was_settled_already_says_how_and_what_changes_it(empty: Terminal) -> None:
    """M1.2 was given a new date by mistake: a later one is an extension. What is done is done."""
    empty(*LATE_START)
    settle = ("item", "settle", "M1.2", "--due")
    assert empty(*settle, "2022-06-20", *ON_LATE_START).code == 0
    extend = "eco item extend 地区创建办 M1.2 --until"
    assert_refused(
        empty(*settle, "2022-06-30", *ON_LATE_START),
        1,
        "M1.2 was settled already on 2022-06-10 by ",
        f" as due on 2022-06-20. A later date is asked for, by that day, with: {extend} … --reason …",
    )
    assert empty(*extend.split()[1:], "2022-06-30", "--reason", "会议改期", *ON_LATE_START).code == 0
    assert empty("item", "decide", "地区创建办", "M1.2", "--grant", *ON_LATE_START).code == 0
    past = empty(*settle, "2022-07-29", "--now", "2022-07-01T10:00:00+08:00")
    assert_refused(past, 1, " as due on 2022-06-20. See: eco item show M1.2")
    empty("item", "settle", "M1.1", "--done", "档案室 3-12", *ON_LATE_START)
    again = empty("item", "settle", "M1.1", "--due", "2022-06-30", *ON_LATE_START)
    assert_refused(again, 1, "M1.1 was settled already on 2022-06-10", " as done. See: eco item show M1.1")


def test_rounds_before_activation_are_recorded_afterwards_and_never_sent(empty: Terminal) -> None:
    empty(*LATE_START)
    filled = ("caizhengju", "I33", "--round", "2022-03-14")
    now = ON_LATE_START[1]
    said = report(empty, "submit", *filled, "--status", "completed", now=now)
    assert (said["state"], said["on_time"]) == ("submitted", None)
    assert report(empty, "accept", *filled, now=now)["state"] == "accepted"
    assert_refused(
        empty("report", "submit", "caizhengju", "I33", "--status", "completed", *ON_LATE_START),
        2,
        "in any open round",
    )
    run = empty("dispatch", "--direct", "--now", "2022-06-14T09:00:00+08:00", "--json").json
    assert (run["opened"], run["rungs"], run["sent"]) == (1, 0, run["requests"])
    rounds = empty("status", "--json", "--now", "2022-06-15T09:00:00+08:00").json["rounds"]
    assert [(row["on_date"], row["state"]) for row in rounds] == [
        ("2022-03-14", "backfill"),
        ("2022-03-28", "backfill"),
        ("2022-04-14", "backfill"),
        ("2022-04-28", "backfill"),
        ("2022-05-14", "backfill"),
        ("2022-05-28", "backfill"),
        ("2022-06-14", "open"),
    ]
    assert {message["on"] for message in empty("outbox", "list", "--json").json} == {"2022-06-14"}


def test_init_twice_changes_nothing(fresh: Terminal) -> None:
    before = fresh.picture()
    assert fresh(*INIT, "--json").json["fresh"] is False
    assert "was active already from 2022-03-01" in fresh(*INIT).out
    assert fresh.picture() == before


def test_init_amid_a_plan_that_runs_changes_nothing(eco: Terminal) -> None:
    eco(*ANSWER)
    before = eco.picture()
    assert eco(*INIT).code == 0
    assert eco.picture() == before


def test_init_says_what_it_made_and_what_to_do_next(empty: Terminal) -> None:
    said = empty(*INIT).out
    assert "daxinganling-2022 is active from 2022-03-01: 52 units and groups" in said
    assert "3 items were past due at activation. Settle them: eco item list --unsettled" in said
    assert f"Database: {empty.file}" in said
    assert empty.file.parent.stat().st_mode & 0o077 == 0, "what it holds is nobody else's on this machine"


FIGURE = ("--value", "81", "--period", "2021")
ACTS = [
    (("report", "submit", "caizhengju", "I33", "--status", "completed"), "report_submit"),
    (("report", "recall", "caizhengju", "I33"), "report_recall"),
    (("report", "submit", "caizhengju", "I33", "--status", "completed"), "report_submit"),
    (("report", "return", "caizhengju", "I33", "--reason", "x"), "report_return"),
    (("report", "submit", "caizhengju", "I33", "--status", "completed", *FIGURE), "report_submit"),
    (("report", "accept", "caizhengju", "I33"), "report_accept"),
    (("report", "close", "caizhengju", "I33"), "report_close"),
    (("item", "settle", "M1.1", "--done", "x"), "settle_item"),
    (("contact", "end", "caizhengju", "liaison"), "contact_end"),
    (("contact", "add", "caizhengju", "liaison", "张三", "zhang@x.example"), "contact_add"),
]


def test_whoever_acts_stands_in_the_audit_log(eco: Terminal) -> None:
    account(eco, "王五·创建办", "operator")
    for words, _ in ACTS:
        assert eco(*words, *AT, "--as", "王五·创建办").code == 0
    assert eco(*THURSDAY, "--as", "王五·创建办").code == 0
    named = eco.sql("SELECT action FROM audit WHERE actor = '王五·创建办' ORDER BY n")
    assert [action for (action,) in named] == [*(action for _, action in ACTS), "run"]


def test_without_a_name_the_user_of_the_machine_stands_in_the_audit_log(eco: Terminal) -> None:
    eco(*ANSWER, LOGNAME="zhao")
    assert eco.sql("SELECT actor FROM audit ORDER BY n DESC LIMIT 1") == [("zhao@console",)]


PRINTING = [
    INIT,
    DISPATCH,
    THURSDAY,
    ("status", *AT),
    ("plan", "show"),
    ("report", "list"),
    ("round", "list"),
    ("round", "show", "2022-03-14"),
    ("case", "list", *ON_THURSDAY),
    ("case", "ack", "1", "--of", "联络员·地委督查室", *ON_THURSDAY),
    ("case", "show", "1", *ON_THURSDAY),
    ("item", "show", "I33"),
    ("item", "list"),
    ("item", "list", "--unsettled"),
    ("indicator", "list", *AT),
    ("indicator", "show", "I22", *AT),
    ("contact", "list"),
    ("contact", "list", "--all"),
    ("outbox", "list"),
    ("account", "add", "李四", "liaison", "--unit", "caizhengju", *ON_THURSDAY),
    ("account", "list"),
    ("report", "submit", "caizhengju", "I33", "--status", "in_progress", *ON_THURSDAY),
    ("report", "confirm", "caizhengju", "I33", *ON_THURSDAY, "--as", "李四"),
    ("report", "recall", "caizhengju", "I33", *ON_THURSDAY, "--as", "李四"),
    ("account", "end", "李四", "liaison", *ON_THURSDAY),
    *((*words, *ON_THURSDAY) for words, _ in ACTS),
]


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def test_every_command_that_prints_prints_json_and_nothing_else(eco: Terminal) -> None:
    """Instants bear the office's offset: a time without one means another day on another machine."""
    instants = 0
    for words in PRINTING:
        said = eco(*words, "--json")
        assert (said.code, said.err) == (0, ""), words
        for text in texts(said.json):
            if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text):
                assert re.fullmatch(r"[-\d]{10}T\d\d:\d\d:\d\d\+08:00", text), (words, text)
                instants += 1
    assert instants > 100


def test_a_refused_or_unknown_message_is_named_and_does_not_fail_the_run(fresh: Terminal) -> None:
    """The run did its work; what became of single messages is for an operator to look at, today or later."""
    assert fresh(*INIT).code == 0
    fresh.sql("UPDATE contact SET address = 'a/b@x.example' WHERE id = 1")
    said = fresh(*DISPATCH)
    assert (said.code, said.err) == (0, "")
    assert "21 sent, 1 failed, 0 unknown" in said.out
    assert "1 failed: see eco outbox list --state failed" in said.out


def test_a_message_settled_by_hand_counts_and_a_failed_one_is_trusted_again(eco: Terminal) -> None:
    eco.sql("UPDATE message SET state = 'unknown' WHERE id IN (1, 2)")
    assert "Unknown messages wait for you: eco outbox list --state unknown" in eco("status", *AT).out
    assert [row["id"] for row in eco("outbox", "list", "--state", "unknown", "--json").json] == [1, 2]
    assert eco("outbox", "settle", "1", "--sent", *AT, "--json").json == {"message": 1, "state": "sent"}
    assert eco("outbox", "settle", "2", "--failed", *AT).out == "Message 2 is failed.\n"
    assert eco("outbox", "settle", "2", "--sent", *AT).code == 1
    retried = eco("outbox", "retry", "2", "--now", "2022-03-14T11:00:00+08:00", "--json")
    assert retried.json == {"message": 2, "state": "pending"}
    assert eco(*DISPATCH, "--json").json["sent"] == 1
    acts = eco.sql("SELECT action, detail FROM audit WHERE action LIKE '%_message' ORDER BY n")
    assert [(action, json.loads(detail)) for action, detail in acts] == [
        ("settle_message", {"message": 1, "settled": "sent"}),
        ("settle_message", {"message": 2, "settled": "failed"}),
        ("retry_message", {"message": 2}),
    ]


def test_the_outbox_names_to_whom_what_and_what_became_of_it(eco: Terminal) -> None:
    rows = eco("outbox", "list", "--json").json
    assert Counter(row["state"] for row in rows) == {"sent": 22}
    money = next(row for row in rows if row["unit"] == "地区财政局")
    assert (money["on"], money["role"], money["address"], money["lines"], money["sent_at"]) == (
        "2022-03-14",
        "liaison",
        "lianluo@caizhengju.dxal.example",
        {"request": 1},
        "2022-03-14T09:00:00+08:00",
    )
    assert "filed as" in money["answer"]
    assert eco("outbox", "list", "--on", "2022-03-15", "--json").json == []
    assert eco("outbox", "list", "--state", "failed", "--json").json == []


def test_a_contact_is_ended_and_added_and_the_former_one_stays_on_record(eco: Terminal) -> None:
    assert eco("contact", "end", "caizhengju", "liaison", *AT).code == 0
    added = eco("contact", "add", "地区财政局", "liaison", "张三", "zhang@cai.example", *AT)
    assert added.out == "地区财政局: liaison 张三 <zhang@cai.example>\n"
    now = eco("contact", "list", "caizhengju", "--json").json
    assert [(row["role"], row["name"]) for row in now] == [("liaison", "张三"), ("leader", "分管领导·财政局")]
    ever = eco("contact", "list", "caizhengju", "--all", "--json").json
    assert [(row["name"], row["since"], row["ended_on"]) for row in ever] == [
        ("联络员·财政局", "2022-03-01", "2022-03-15"),
        ("张三", "2022-03-15", None),
        ("分管领导·财政局", "2022-03-01", None),
    ]
    assert len(eco("contact", "list", "--json").json) == 90


def test_the_reminder_goes_to_the_contact_of_the_day(eco: Terminal) -> None:
    eco("contact", "end", "caizhengju", "liaison", *AT)
    eco("contact", "add", "caizhengju", "liaison", "张三", "zhang@cai.example", *AT)
    assert eco(*THURSDAY).code == 0
    sent = eco("outbox", "list", "--on", "2022-03-17", "--json").json
    assert "zhang@cai.example" in {row["address"] for row in sent}
    assert "lianluo@caizhengju.dxal.example" not in {row["address"] for row in sent}


def test_the_status_names_who_is_late_on_which_rung_and_who_was_told(eco: Terminal) -> None:
    eco(*ANSWER)
    assert eco("status", "--json", *AT).json["late"] == []
    assert "No unit is late with its answers." in eco("status", *AT).out
    assert "rungs decided: 21; cases opened 21" in eco(*THURSDAY).out  # told once they were sent
    found = eco("status", "--json", "--now", "2022-03-17T10:00:00+08:00").json
    late = {row["unit"]: row for row in found["late"]}
    assert len(late) == 21
    assert "地区财政局" not in late
    water = late["地区水务局"]
    assert (water["rung"], water["owes"], water["silent_rounds"]) == (1, 5, 1)
    assert [(told["rung"], told["on"]) for told in water["told"]] == [(1, "2022-03-17")]
    assert (found["last_run_on"], found["next_round"]) == ("2022-03-17", "2022-03-28")
    assert found["messages"] == {"sent": 44}  # 22 requests, 21 reminders, and one is asked to confirm
    (row,) = found["rounds"]
    assert (row["rate"], row["unreached"]) == ("1/22", 0)


def test_the_same_run_again_says_that_it_was_done(eco: Terminal) -> None:
    before = eco.picture()
    said = eco(*DISPATCH)
    assert said.code == 0
    assert "The day's run was claimed before; nothing was decided anew." in said.out
    assert eco.picture() == before


def test_an_answer_closes_the_case_at_once_and_a_recall_opens_it_again(late: Terminal) -> None:
    later = "2022-03-17T11:00:00+08:00"
    report(late, "submit", "caizhengju", "I33", "--status", "completed", now=later)
    who_is_late = ("status", "--json", "--now", later)
    assert "地区财政局" not in {row["unit"] for row in late(*who_is_late).json["late"]}
    assert "closed on 2022-03-17 (answered)" in " ".join(
        late("case", "list", "--all", "--now", later).out.split()
    )
    report(late, "recall", "caizhengju", "I33", now=later)
    again = next(row for row in late(*who_is_late).json["late"] if row["unit"] == "地区财政局")
    assert (again["rung"], again["silent_rounds"]) == (1, 1)


def test_the_plan_shows_phases_units_ladder_and_where_the_source_is_inconsistent(eco: Terminal) -> None:
    shown = eco("plan", "show").out
    for part in ("2021-10-01 to 2022-12-31", "2 全面推进", "河长制", "督办", "督查室", "I06"):
        assert part in shown
    document = eco("plan", "show", "--json").json
    assert (document["id"], len(document["indicators"])) == ("daxinganling-2022", 36)


def test_tables_fit_a_terminal_and_colours_stay_out_of_a_pipe(eco: Terminal) -> None:
    said = eco.outside("report", "list", "水务局", *AT)
    assert (said.code, said.err) == (0, "")
    assert "\x1b" not in said.out
    assert [line.split()[:4] for line in said.out.splitlines()[2:]] == [
        ["2022-03-14", "地区水务局", code, title]
        for code, title in (
            ("I04", "河长制"),
            ("I11", "生物多样性保护"),
            ("I16", "河湖岸线保护率"),
            ("I18", "单位地区生产总值用水量"),
            ("I32", "绿色产品市场占有率"),
        )
    ]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("report",),
        ("item",),
        ("indicator",),
        ("contact",),
        ("contact", "channel"),
        ("channel",),
        ("account",),
        ("outbox",),
        ("plan",),
        ("case",),
        ("round",),
        ("audit",),
        ("calendar",),
        ("step",),
        ("task",),
        ("inspection",),
        ("finding",),
        ("unit",),
    ],
)
def test_help_explains_every_command_without_a_database(empty: Terminal, words: tuple[str, ...]) -> None:
    said = empty(*words, "--help")
    assert (said.code, said.err) == (0, "")
    assert "Usage: eco" in said.out
    assert not empty.home.exists()


def test_who_looks_for_the_units_is_led_to_where_they_are_listed(eco: Terminal) -> None:
    """There is no `eco unit list`; what it says leads to the help, and that to the plan."""
    assert "eco unit --help" in eco("unit", "list").err
    assert "They are listed by: eco plan show" in eco("unit", "--help").out
    assert re.search(r"shuiwuju +地区水务局", eco("plan", "show").out)


def commands_without(option: str) -> set[str]:
    """Every command that does not take an option."""

    def commands(group: Any, *words: str) -> Iterator[tuple[str, Any]]:
        for name, command in getattr(group, "commands", {}).items():
            yield " ".join((*words, name)), command
            yield from commands(command, *words, name)

    return {
        name
        for name, command in commands(typer.main.get_command(command_line()))
        if not hasattr(command, "commands") and not any(option in known.opts for known in command.params)
    }


OF_PLAN = {f"plan {name}" for name in ("check", "show", "diff", "shift", "schema")}


def test_what_depends_on_the_day_takes_the_moment_meant() -> None:
    """The rest prints what is on record, whatever the day."""
    on_record = {"account list", "audit verify", "case papers", "contact list", "contact channel list"}
    on_record |= {"info list", "outbox list", "step list"}
    on_record |= {"funding list", "survey list", "survey show", "phase slip"}
    on_record |= {"evidence list", "evidence show", "evidence gaps", "evidence verify"}
    assert commands_without("--now") == {"demo", "up", "channel test", *OF_PLAN, *on_record}


def test_the_readme_names_every_command_without_an_acting_person() -> None:
    assert commands_without("--as") == {
        "demo",
        "up",
        "health",
        "phase run",
        "account list",
        "channel test",
        "outbox purge",
        *OF_PLAN,
    }
    for readme in ("README.md", "README.zh-CN.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        for said in (
            "`eco demo`",
            "`eco up`",
            "`eco health`",
            "`eco phase run`",
            "`eco channel test`",
            "`eco outbox purge`",
            "`eco account list`",
            "`schema`",
            "--plan",
            "--blocker",
        ):
            assert said in text, (readme, said)


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_a_figure_is_taken_as_the_readme_gives_it(eco: Terminal, readme: str) -> None:
    """Every example with a figure, typed as it stands; those with a placeholder are not meant so."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    given = re.findall(r"`eco (report submit [^`]*--value [^`]+)`", text)
    examples = [said for said in given if not any(word in said for word in ("…", "UNIT", "单位"))]
    assert len(examples) == 3
    for said in examples:
        answered = eco(*said.split(), *AT)
        assert answered.code == 0, (said, answered.err)


def test_a_plan_of_another_day_is_named_at_init(fresh: Terminal) -> None:
    assert_refused(
        fresh("init", "--active-from", "2022-03-02", "--now", FIRST_DAY), 2, "from 2022-03-01", "ECO_HOME"
    )


def test_a_veto_item_that_occurred_leaves_in_a_mail_of_its_own(eco: Terminal) -> None:
    """On a Saturday, with the same command; the list and the round name it."""
    assert eco("dispatch", "--direct", "--now", "2022-03-28T09:00:00+08:00").code == 0
    saturday = ("--now", "2022-04-09T09:30:00+08:00")
    host = ("report", "submit", "地区生态环境局", "V3", *saturday)
    assert "declare --occurred yes or --occurred no" in eco(*host, "--status", "in_progress").err
    assert "'perhaps' is neither yes nor no" in eco(*host, "--occurred", "perhaps").err
    assert "The office is told at once" in eco(*host, "--occurred", "yes").out
    mails = eco("outbox", "list", "--on", "2022-04-09", "--json").json
    assert {(mail["address"], mail["state"]) for mail in mails} == {
        ("lianluo@chuangjianban.dxal.example", "sent"),
        ("lianluo@ducha.dxal.example", "sent"),  # the office does not judge its own host
    }
    assert "申报发生" in eco("report", "list", "地区生态环境局").out
    assert "地区生态环境局 V3" in eco("round", "show", "2022-03-28").out
    assert "submit 申报发生\n" in eco("item", "show", "V3").out
    assert "Linked to V3" in eco("indicator", "show", "I14", *saturday).out


def test_health_prints_how_late_a_run_is_and_the_oldest_message_that_waits(eco: Terminal) -> None:
    down = {"ECO_MAIL_URL": "smtp://127.0.0.1:1"}
    eco("dispatch", "--direct", "--now", "2022-03-17T09:25:00+08:00", **down)
    told = eco("health", "--now", "2022-03-17T12:00:00+08:00").out
    assert "last run 2022-03-17 09:25; the last that was due is 25 minutes late" in told
    assert "pending (oldest of 2022-03-17), 0 failed" in told
    told = eco("health", "--now", "2022-03-18T11:00:00+08:00").out
    assert "the last that was due is 120 minutes late and has not begun" in told


def test_health_glues_no_full_stop_to_what_it_says_next(eco: Terminal) -> None:
    eco(*DISPATCH)
    told = eco("health", "--now", "2022-06-14T12:00:00+08:00").err
    assert "confirms the date: eco dispatch --confirm-date 2022-06-14; " in told
    assert ".;" not in told
