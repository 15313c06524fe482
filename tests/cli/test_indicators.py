"""Indicators at the command line: figures by part, what comes from above, verdicts with reasons."""

import json
from typing import Any

import pytest

from tests.cli.terminal import NEXT_DAY, Terminal, assert_refused

AT = ("--now", NEXT_DAY)
GIVE = ("report", "submit")
IN_PROGRESS = ("--status", "in_progress", *AT)
PAPER = ("--source", "黑环发〔2022〕3号", "--date", "2022-01-10")
YEARBOOK = ("--period", "2020", "--source", "统计年鉴")
WASTE = (*GIVE, "地区生态环境局", "I22", *IN_PROGRESS, "--value", "61.9", "--period", "2021")


def verdict(eco: Terminal, code: str) -> tuple[str, str]:
    """Verdict and debtor in the list; the row that the run reads says the same."""
    row = next(r for r in eco("indicator", "list", "--json", *AT).json if r["indicator"] == code)
    kept = eco.sql(
        "SELECT verdict, owed_by, reason FROM standing JOIN item ON item.id = item_id WHERE code = ?", code
    )
    assert kept == [(row["verdict"], row["owed_by"], row["reason"])]
    return row["verdict"], row["owed_by"]


def test_the_list_holds_the_36_indicators_each_with_verdict_and_reason(eco: Terminal) -> None:
    assert eco(*GIVE, "住房城乡建设局", "I24", *IN_PROGRESS, "--value", "95.3", "--period", "2021").code == 0
    rows = eco("indicator", "list", "--json", *AT).json
    assert [row["indicator"] for row in rows] == [f"I{n:02}" for n in range(1, 37)]
    assert rows[23] == {
        "indicator": "I24",
        "name": "城镇污水处理率",
        "binding": True,
        "units": ["地区住房城乡建设局"],
        "due_on": "2022-05-31",
        "verdict": "met",
        "owed_by": "none",
        "reason": "2021年95.3%，不低于95%，达标",
    }
    assert {row["verdict"] for row in rows if row["indicator"] != "I24"} == {"undetermined"}
    assert "I36   公众对生态文明" in eco("indicator", "list", *AT).out


def test_figures_are_given_part_by_part(eco: Terminal) -> None:
    said = eco(*GIVE, "地区生态环境局", "I07", *IN_PROGRESS,
               "--value", "I07.1=95.3", "--value", "I07.2=28", "--period", "2021")  # fmt: skip
    assert said.code == 0, said.err
    assert eco.sql("SELECT code, kind, value, period FROM figure ORDER BY code") == [
        ("I07.1", "number", "95.3", "2021"),
        ("I07.2", "number", "28", "2021"),
    ]
    [row] = [r for r in eco("report", "list", "地区生态环境局", "--json").json if r["item"] == "I07"]
    assert row["last"] == "推进中，I07.1 95.3（2021），I07.2 28（2021）"
    assert verdict(eco, "I07") == ("undetermined", "office")
    assert eco("indicator", "assign", "i07.1", "90", *PAPER, *AT).code == 0
    concentration = ("--measure", "年均浓度", "--better", "lower", "--unit", "微克/立方米")
    assert eco("indicator", "assign", "I07.2", "30", *PAPER, *concentration, *AT).code == 0
    assert eco("indicator", "base", "I07.1", "95.3", *YEARBOOK, *AT).code == 0
    said = eco("indicator", "base", "I07.2", "29", *YEARBOOK, *AT, "--json")
    assert (said.json["recorded"], said.json["item"], said.json["verdict"]) == ("I07.2", "I07", "met")
    assert "2021年28微克/立方米，不高于2020年的29微克/立方米（口径：年均浓度），达标" in said.json["reason"]
    assert verdict(eco, "I07") == ("met", "none")


def test_each_part_may_have_its_own_period(eco: Terminal) -> None:
    periods = ("--period", "I07.1=2021", "--period", "I07.2=2022-Q1")
    values = ("--value", "I07.1=95.3", "--value", "I07.2=28")
    assert eco(*GIVE, "地区生态环境局", "I07", *IN_PROGRESS, *values, *periods).code == 0
    assert eco.sql("SELECT period FROM figure ORDER BY code") == [("2021",), ("2022-Q1",)]


@pytest.mark.parametrize(("typed", "kept"), [("是", "是"), ("YES", "是"), ("no", "否"), (" 否 ", "否")])
def test_a_qualitative_target_is_answered_with_yes_or_no(eco: Terminal, typed: str, kept: str) -> None:
    assert eco(*GIVE, "地区水务局", "I04", *IN_PROGRESS, "--value", typed).code == 0
    assert eco.sql("SELECT kind, value, period FROM figure") == [("statement", kept, "")]
    assert verdict(eco, "I04")[0] == ("met" if kept == "是" else "unmet")


def test_an_indicator_explains_itself(eco: Terminal) -> None:
    assert eco(*WASTE).code == 0
    assert eco("indicator", "base", "I22", "60", *YEARBOOK, *AT).code == 0
    due = ("--due", "2022-06-10", "--target", "62", "--source", "本局测算")
    assert eco("indicator", "propose", "I22", "--unit", "shengtaiju", *due, *AT).code == 0
    shown = eco("indicator", "show", "i22", *AT).out
    assert shown == (
        "I22 一般工业固体废物综合利用率提高幅度 (五(七)22, reference)\n"
        "Printed target: ≥2 保持稳定或持续改善\n"
        f"Note: {note(eco)}\n"
        "Asked: 地区生态环境局 (lead), in_progress, due on 2022-05-31\n"
        "On 2022-03-15: unmet, owed by the unit. "
        "2021年61.9%，比2020年的60%提高1.9个百分点，低于2个百分点，未达标\n"
        "\n"
        "I22 一般工业固体废物综合利用率提高幅度: unmet\n"
        "  target: 基数不高于60%的，比基数提高不少于2个百分点；基数高于60%的，不低于基数 [基数不高于60%]\n"
        "  figure: 61.9 (2021), 地区生态环境局\n"
        "  base: 60 (2020), 统计年鉴\n"
        "  unmet: 比基数提高不少于2个百分点. "
        "2021年61.9%，比2020年的60%提高1.9个百分点，低于2个百分点，未达标\n"
        "\n"
        "Proposed on 2022-03-15 by 地区生态环境局: due on 2022-06-10, target 62 (本局测算); "
        "not confirmed yet\n"
    )


def note(eco: Terminal) -> str:
    """What the plan file remarks on I22."""
    document = eco("plan", "show", "--json").json
    return str(next(i["note"] for i in document["indicators"] if i["id"] == "I22"))


def test_an_indicator_in_json_names_every_fact_it_rests_on(eco: Terminal) -> None:
    assert eco(*GIVE, "水务局", "I18", *IN_PROGRESS, "--value", "120", "--period", "2021").code == 0
    assert eco("indicator", "assign", "I18", "125", *PAPER, *AT).code == 0
    found = eco("indicator", "show", "I18", "--json", *AT).json
    assert (found["place"], found["verdict"], found["owed_by"]) == ("五(六)18", "undetermined", "office")
    [part] = found["parts"]
    assert part["figures"] == [{"unit": "地区水务局", "value": "120", "period": "2021"}]
    assert part["base"] is None
    assert part["assigned"] == {
        "value": "125",
        "source": "黑环发〔2022〕3号",
        "date": "2022-01-10",
        "measure": "",
        "better": None,
        "unit": "",
    }
    assert [(test["demand"], test["verdict"], test["owed_by"]) for test in part["tests"]] == [
        ("不高于上级下达的目标值", "met", "none"),
        ("不高于基数", "undetermined", "office"),
    ]


def test_a_date_is_proposed_and_confirmed(eco: Terminal) -> None:
    proposing = ("indicator", "propose", "I24", "--unit", "住房城乡建设局", "--target", "96", "--source", "x")
    said = eco(*proposing, "--due", "2022-06-10", *AT)
    assert "due on 2022-06-10, target 96 (x)." in said.out
    assert "name a leader's decision" in said.out
    confirming = ("indicator", "confirm", "I24", "--unit", "zhujianju", *AT)
    assert_refused(eco(*confirming), 2, "later than the plan's date, 2022-05-31", "--decision", "--reason")
    said = eco(*confirming, "--decision", "专题会议纪要", "--reason", "管网6月贯通")
    assert said.out == "I24 is due on 2022-06-10 for 地区住房城乡建设局; target 96 (x).\n"
    [row] = [r for r in eco("item", "list", "--json").json if r["item"] == "I24"]
    assert row["due_on"] == "2022-06-10"
    assert "by 专题会议纪要: 管网6月贯通" in eco("indicator", "show", "I24", *AT).out


def test_a_proposal_is_declined_with_a_reason(eco: Terminal) -> None:
    proposing = ("indicator", "propose", "I24", "--unit", "zhujianju", "--target", "96", "--source", "x")
    assert eco(*proposing, "--due", "2022-05-10", *AT).code == 0
    declining = ("indicator", "decline", "I24", "--unit", "zhujianju", *AT)
    assert_refused(eco(*declining), 2, "--reason")
    said = eco(*declining, "--reason", "与省级规划不符").out
    assert said == "I24: due on 2022-05-10, target 96 is declined; 地区住房城乡建设局 is told.\n"
    assert "declined on 2022-03-15: 与省级规划不符" in eco("indicator", "show", "I24", *AT).out


WRONG: list[tuple[tuple[str, ...], list[str]]] = [
    (("indicator", "show", "I99"), ["no item 'I99'"]),
    (("indicator", "show", "P1"), ["P1 is a policy, no indicator"]),
    (("indicator", "assign", "I07", "9", *PAPER), ["I07.1 优良天数比例"]),
    (("indicator", "assign", "I07.9", "9", *PAPER), ["I07.9 is no part"]),
    (("indicator", "assign", "I16", "9%", *PAPER), ["VALUE '9%' is no number"]),
    (("indicator", "assign", "I16", "-3", *PAPER), ["VALUE -3", "0", "100", "I16"]),
    (("indicator", "base", "I11.3", "-0.5", *YEARBOOK), ["VALUE -0.5", "I11.3"]),
    (("indicator", "assign", "I16", "-x", *PAPER), ["No such option", "-x"]),
    (("indicator", "assign", "I16", "9", "--source", " ", "--date", "2022-01-10"), ["--source ' '"]),
    (("indicator", "assign", "I16", "9", "--source", "x", "--date", "1月"), ["--date '1月' is no date"]),
    (("indicator", "assign", "I07.2", "9", *PAPER, "--better", "less"), ["--better 'less'"]),
    (("indicator", "assign", "I07.2", "9", *PAPER, "--better", "lower"), ["name it with --measure"]),
    (("indicator", "base", "I09", "9", "--period", "去年", "--source", "x"), ["--period '去年'"]),
    (("indicator", "base", "I24", "9", *YEARBOOK), ["judged without a base"]),
    (("indicator", "confirm", "I24", "--unit", "zhujianju"), ["proposed nothing", "eco indicator propose"]),
    ((*GIVE, "地区生态环境局", "I07", "--status", "completed", "--value", "9", "--period", "2021"),
     ["judged by its parts", "--value I07.1=…"]),
    ((*GIVE, "地区生态环境局", "I13", "--status", "completed", "--value", "9", "--period", "2021"),
     ["takes no number", "是"]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "parts"), WRONG)
def test_what_cannot_be_used_ends_with_2_and_changes_nothing(
    eco: Terminal, words: tuple[str, ...], parts: list[str]
) -> None:
    before = eco.picture()
    assert_refused(eco(*words, *AT), 2, *parts)
    assert eco.picture() == before


ACTS = [
    (("indicator", "assign", "I16", "85", *PAPER), "indicator_assign"),
    (("indicator", "base", "I09", "60", *YEARBOOK), "indicator_base"),
    (
        ("indicator", "propose", "I24", "--unit", "zhujianju", "--due", "2022-05-10", "--target", "95",
         "--source", "x"),
        "indicator_propose",
    ),
    (("indicator", "confirm", "I24", "--unit", "zhujianju"), "indicator_confirm"),
]  # fmt: skip


def test_whoever_acts_stands_in_the_audit_log_and_json_is_all_that_is_printed(eco: Terminal) -> None:
    printed: list[Any] = []
    for words, _ in ACTS:
        said = eco(*words, *AT, "--as", "联络员·创建办", "--json")
        assert (said.code, said.err) == (0, "")
        printed.append(json.loads(said.out))
    assert printed[3]["due_on"] == "2022-05-10"
    named = eco.sql("SELECT action FROM audit WHERE actor = '联络员·创建办' ORDER BY n")
    assert [action for (action,) in named] == [action for _, action in ACTS]
    assert all(eco(*words, *AT).out for words, _ in ACTS[:3])


def test_an_indicator_that_is_settled_as_done_says_what_the_gate_goes_on_asking(empty: Terminal) -> None:
    """I24 was past due when the plan was activated; its figure is recorded as backfill and reviewed."""
    empty("init", "--active-from", "2022-06-01")
    at = ("--now", "2022-06-01T10:00:00+08:00")
    said = empty("item", "settle", "I24", "--done", "台账", *at).out.splitlines()
    assert said[0] == "I24: closed. Its evidence, as recorded: 台账"
    assert said[1].startswith("The gate will ask for it: undetermined. ")
    assert "eco report submit UNIT I24 --status completed --value …" in " ".join(said[2:])
    assert empty("item", "settle", "M1.1", "--done", "档案", *at).out.count("\n") == 1
    unit = "地区住房城乡建设局"
    given = ("--status", "completed", "--value", "96", "--period", "2021")
    assert (
        "2022-05-28 地区住房城乡建设局 I24: submitted"
        in empty("report", "submit", unit, "I24", *given, *at).out
    )
    assert "accepted" in empty("report", "accept", unit, "I24", *at).out
    assert "met" in empty("indicator", "show", "I24", *at).out
