"""What a gate says of the reasons that it finds: each from its first day until it is mended."""

from datetime import date
from pathlib import Path

import pytest

from eco_workflow.services import contacts, decide_veto, indicator_facts
from eco_workflow.services.phases_shown import story
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.phase_office import agree, close, county, lacking, launched, look, pass_over, prove, report


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    return county(database, tmp_path)


def said(office: Office, number: int, day: str) -> list[str]:
    """What the phase lacks on a day, in the words of the reasons."""
    with office.database.read() as session:
        [phase] = story(session, number, plan=None, now=at(day))["phases"]
    return [reason["said"] for reason in phase["lacking"]]


TASK, BASE = (
    "I01 河流水质: nobody recorded the superior's figure (县创建专班 is to ask for it)",
    "I02 垃圾治理: nobody recorded the base of I02.2 (县创建专班 is to ask for it)",
)


def test_what_others_set_is_wanting_before_the_units_figures_come_as_well_as_after(office: Office) -> None:
    """Each is named until it is recorded; a unit's own figure neither brings the reason up nor takes it."""
    launched(office)
    office.run("2022-03-07")
    assert {TASK, BASE} <= set(said(office, 2, "2022-03-07"))
    report(office, "shuili", "I01", "2022-03-08", value="95", period="2021")
    assert {TASK, BASE} <= set(said(office, 2, "2022-03-08"))
    task = indicator_facts.Task("90", "市文件〔2022〕1号", date(2022, 1, 10))
    indicator_facts.assign(office.database, "I01", task, now=at("2022-03-09"), by=OPERATOR)
    assert not {"figure:I01"} & set(lacking(office, 2, "2022-03-09"))
    agree(office, "2022-03-10")
    assert not {"figure:I01", "figure:I02"} & set(lacking(office, 2, "2022-03-10"))


def test_a_base_of_the_reported_year_itself_is_none(office: Office) -> None:
    launched(office)
    office.run("2022-03-07")
    indicator_facts.set_base(
        office.database, "I02.2", "400", period="2021", source="统计年鉴", now=at("2022-03-07"), by=OPERATOR
    )
    assert "figure:I02" not in lacking(office, 2, "2022-03-07")
    report(office, "huanbao", "I02", "2022-03-08", value="I02.1=85 I02.2=390", period="I02.1=2021 I02.2=2021")
    wanted = "I02 垃圾治理: nobody recorded a base of I02.2 from before 2021 (县创建专班 is to ask for it)"
    assert wanted in said(office, 2, "2022-03-08")


def test_a_closed_phase_is_not_held_against_what_later_phases_bring(office: Office) -> None:
    """Its own summary is named until it is released; not the rounds since, nor their silence."""
    launched(office)
    office.run("2022-03-07")
    pass_over(office, 2, "2022-03-08", "2022-06-30")
    close(office, 2, "2022-03-08", conditional=True)
    passed = lacking(office, 2, "2022-03-08")
    assert "summary:2022-03-05" in passed
    for day in ("2022-03-21", "2022-04-05"):
        office.run(day)
    assert lacking(office, 2, "2022-04-06") == passed
    office.release("2022-03-05", "2022-04-06")
    assert lacking(office, 2, "2022-04-06") == [key for key in passed if key != "summary:2022-03-05"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_leaves_after_a_phase_has_closed_is_no_reason_against_it(office: Office) -> None:
    """Whom a unit lacked at the closing is named until it has named one."""
    look(office, "2022-03-01", "launch")
    office.run("2022-03-01")
    contacts.end(office.database, "shuili", "leader", now=at("2022-03-02", "09:00"), by=OPERATOR)
    pass_over(office, 1, "2022-03-02", "2022-05-31")
    close(office, 1, "2022-03-02", conditional=True)
    contacts.end(office.database, "ducha", "leader", now=at("2022-03-03"), by=OPERATOR)
    assert lacking(office, 1, "2022-03-04") == ["evidence:M1.1/E1", "contact:县水利局/leader"]
    leader = contacts.Person("leader", "新任", "new@shuili.example")
    contacts.add(office.database, "shuili", leader, now=at("2022-03-04"), by=OPERATOR)
    assert lacking(office, 1, "2022-03-04") == ["evidence:M1.1/E1"]


def test_a_verdict_that_its_figures_do_not_explain_names_its_cause(office: Office) -> None:
    """A part without a figure beside one that has it, a veto item that is declared, then confirmed."""
    launched(office)
    agree(office, "2022-03-04")
    office.run("2022-03-07")
    report(office, "shuili", "I03", "2022-03-08", value="是")
    report(office, "huanbao", "V1", "2022-03-08", occurred=True, note="有情况")
    report(office, "huanbao", "I02", "2022-03-08", value="I02.1=85", period="I02.1=2021")
    reasons = [one for one in said(office, 2, "2022-03-08") if "wanted is" in one]
    assert reasons == [
        "I01 河流水质: undetermined, no figure; wanted is 完成市下达任务，且≥90 (县水利局)",
        "I02 垃圾治理: undetermined, I02.1 2021年85% (I02.2 人均产生量：缺牵头单位数据，不作判定); "
        "wanted is ≥80；逐年下降 (县环境分局)",
        "I03 河长制: undetermined, 是 (“全面实施”：是，达标；V1县环境分局申报发生，待创建办核实，不作判定); "
        "wanted is 全面实施 (县水利局), and nobody waived it",
    ]
    now = at("2022-03-08", "11:00")
    decide_veto.confirm(office.database, "V1", "huanbao", "属实", now=now, by=SUPERVISOR)
    [unmet] = [one for one in said(office, 2, "2022-03-08") if one.startswith("I03 ")]
    assert "unmet, 是 (“全面实施”：是，达标；V1县环境分局申报发生，核实属实)" in unmet


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_not_reported_names_the_unit_that_owes_it(office: Office) -> None:
    launched(office)
    assert "M2.1 完成整治: 县环境分局 has not reported it as completed" in said(office, 2, "2022-03-04")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_of_an_older_year_is_said_to_be_that_and_not_to_be_wanting(office: Office) -> None:
    launched(office)
    prove(office, "I01", "E1", "2022-03-04", 2020, liaison("shuili"))
    [gap] = [one for one in said(office, 2, "2022-03-04") if one.startswith("I01/E1")]
    assert gap == "I01/E1/2021 监测数据及来源, of 2021: what was brought is of 2020 (县水利局)"
