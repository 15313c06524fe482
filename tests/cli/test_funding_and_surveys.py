"""Money and surveys at the command line, in the real plan: I35 and I36 are what people think."""

from pathlib import Path

from tests.cli.terminal import NEXT_DAY, Terminal, assert_refused

AT = ("--now", NEXT_DAY)
WATER, SURVEYORS = "联络员·水务局", "联络员·大兴安岭调查队"


def test_money_is_recorded_listed_and_short_in_the_status(eco: Terminal) -> None:
    said = eco(
        "funding", "set", "I04", "--budget", "500", "--source", "省级[水利]资金", "--arrived", "200", *AT,
        "--as", WATER,
    )  # fmt: skip
    assert said.out == (
        "I04 of 地区水务局: budget 500, arrived 200, spent 0, short 300 (万元, 省级[水利]资金)\n"
    )
    assert eco("funding", "set", "I04", "--spent", "3.5", *AT, "--json").json["spent"] == "3.5"
    assert_refused(eco("funding", "set", "I04", "--spent", "-3.5", *AT), 2, "--spent -3.5 is less than")
    assert_refused(eco("funding", "set", "I11", "--budget", "1", "--source", "x", *AT), 2, "--unit. I11: ")
    listed = eco("funding", "list", "--short").out
    assert "省级[水利]资金" in listed
    status = eco("status", *AT)
    assert "  I04 of 地区水务局: budget 500, arrived 200, spent 3.5, short 300\n" in status.out
    assert [(one["item"], one["short"]) for one in eco("status", *AT, "--json").json["funding"]] == [
        ("I04", "300")
    ]
    assert eco("funding", "list", "--as", SURVEYORS, "--json").json == []


def test_a_survey_is_recorded_listed_and_shown_as_the_source_of_a_figure(
    eco: Terminal, tmp_path: Path
) -> None:
    questions, report, out = (tmp_path / name for name in ("[b]问卷.docx", "报告.pdf", "out.pdf"))
    questions.write_bytes(b"PK")
    report.write_bytes(b"%PDF")
    record = (
        "survey", "record", "--name", "满意度[2022]", "--questionnaire", str(questions), "--report",
        str(report), "--sample", "1000", "--from", "2022-02-01", "--until", "2022-02-20", *AT,
    )  # fmt: skip
    both = ("--value", "I35=85.2", "--value", "I36=79")
    assert_refused(eco(*record, *both), 2, "Name it with --unit: 地区统计局、")
    said = eco(*record, *both, "--as", SURVEYORS)
    assert "Survey 1 满意度[2022] is recorded for 大兴安岭调查队." in said.out, said.err
    assert "I35 is met" in said.out
    assert "I36 is unmet, owed by the office" in said.out
    assert "figure: 85.2 (2022-02), " in (shown := eco("indicator", "show", "I35", *AT).out)
    assert "survey 1 满意度[2022]" in shown
    assert "I36=79 (2022-02)" in eco("survey", "list").out
    told = eco("survey", "show", "1", "--report", str(out)).out
    assert "questionnaire: [b]问卷.docx (2 bytes, sha256 " in told
    assert out.read_bytes() == b"%PDF"
    assert_refused(eco("survey", "show", "1", "--as", WATER), 1, "own unit only")
    assert_refused(eco("survey", "show", "2"), 2, "no survey 2")
    gone = eco("survey", "quarantine", "1", "report", "--reason", "涉密", *AT)
    assert "The report of survey 1: in quarantine, content removed" in gone.out
    assert "report: in quarantine since 2022-03-15: 涉密" in eco("survey", "show", "1").out
    assert_refused(eco("survey", "quarantine", "1", "cover", "--reason", "x", *AT), 2, "'cover' is no part")
