"""The product's story: twice a month the office asks, looks who is late, reminds, and tells.

March 2022 in Daxing'anling, through the real plan, both databases and real mailboxes.
"""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import WrongInput
from eco_workflow.services import progress
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Paper
from tests.office import Mail, Office, at, liaison

WORKING_DAYS = [
    "2022-03-15", "2022-03-16", "2022-03-17", "2022-03-18", "2022-03-21", "2022-03-22", "2022-03-23",
    "2022-03-24", "2022-03-25", "2022-03-28", "2022-03-29", "2022-03-30", "2022-03-31", "2022-04-01",
]  # fmt: skip

COUNTS = ("opened", "requests", "entries", "rungs", "messages", "sent", "failed", "unknown")

SUPERVISION_OFFICE = "lianluo@ducha.dxal.example"
ADMINISTRATIVE_OFFICE = "lianluo@xingshuban.dxal.example"
CREATION_OFFICE = "lianluo@chuangjianban.dxal.example"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The real plan, active from 1 March 2022."""
    made = Office(database, tmp_path)
    made.open()
    return made


def test_the_round_of_14_march_asks_21_units_and_the_office(office: Office) -> None:
    """39 indicator leads, 9 data providers, 7 policy leads and 3 milestones of phase 2 are 58 entries."""
    assert office.run("2022-03-14") == {
        "round": date(2022, 3, 14),
        "opened": 1,
        "requests": 22,
        "entries": 58,
        "rungs": 0,
        "messages": 22,
        "sent": 22,
        "failed": 0,
        "unknown": 0,
    }
    assert len(office.mails("2022-03-14")) == 22
    [asked] = office.mails("2022-03-14", "lianluo@shengtaiju.dxal.example")
    assert "  分项填报：I07.1 优良天数比例；I07.2 pm2.5浓度下降幅度" in asked.text


def test_the_same_run_again_does_nothing(office: Office) -> None:
    """One run per plan and day: who comes second finds nothing to do."""
    office.silent("2022-03-14")
    again = office.run("2022-03-14", "17:00")
    assert again == {"round": date(2022, 3, 14), **dict.fromkeys(COUNTS, 0)}
    assert len(office.mails()) == 22


def test_nobody_answers_and_the_supervision_office_is_told_in_one_mail(office: Office) -> None:
    """Rung 1 on the 17th, rung 2 on the 22nd, rung 3 on the 24th; the 28th supersedes without closing."""
    told = {"2022-03-14": office.run("2022-03-14")}
    for day in WORKING_DAYS:
        told[day] = office.run(day)
        if day == "2022-03-18":
            office.release("2022-03-14", day)  # else the office would be late itself

    assert {day: run["rungs"] for day, run in told.items() if run["rungs"]} == {
        "2022-03-17": 22,
        "2022-03-22": 22,
        "2022-03-24": 22,
        "2022-03-31": 10,  # units that were asked for the first time on the 28th, about their duties
    }
    assert {day: run["messages"] for day, run in told.items() if run["messages"]} == {
        "2022-03-14": 22,
        "2022-03-17": 22,
        "2022-03-22": 44,  # liaisons and leaders in charge
        "2022-03-24": 3,  # the alert and its two copies
        "2022-03-28": 32,  # duties and veto declarations join: 31 units and the office
        "2022-03-31": 55,  # 32 liaisons, 22 leaders, the supervision office; the copies ride with these
    }
    assert all(address.startswith("lianluo@") for address in addresses(office.mails("2022-03-17")))
    roles = Counter(address.split("@")[0] for address in addresses(office.mails("2022-03-22")))
    assert roles == {"lianluo": 22, "fenguan": 22}
    assert no_two_mails_a_day(office.mails())
    assert Counter(office.rungs().values()) == {3: 22, 1: 10}

    [alert] = office.mails("2022-03-24", SUPERVISION_OFFICE)
    assert "20个单位" in alert.subject
    named = units_named(alert)
    assert len(named) == 20
    assert "地区创建办" in named
    assert not named & {"地委办公室", "行署办公室"}
    assert "3月17日" in alert.text
    assert "3月22日" in alert.text

    [copy] = office.mails("2022-03-24", CREATION_OFFICE)
    assert units_named(copy) == named - {"地区创建办"}  # a debtor is never copied on its own alert
    [copy] = office.mails("2022-03-24", ADMINISTRATIVE_OFFICE)
    assert units_named(copy) == named
    with office.database.read() as session:
        papers = Counter(session.exec(select(Paper.kind)))
        above = session.exec(
            select(Paper.addressee).where(Paper.kind == "report_above").order_by(col(Paper.addressee))
        ).all()
        assert broken_at(session, 1) is None
    # 17 orders; letters to court, discipline commission and survey team; two drafts to the leaders above.
    assert papers == {"supervision_order": 17, "letter_of_request": 3, "report_above": 2}
    assert above == ["地委分管领导", "行署分管领导"]

    [again] = office.mails("2022-03-31", SUPERVISION_OFFICE)
    counted = [line for line in again.text.splitlines() if "：累计2轮未填报（3月14日、3月28日），自" in line]
    assert {line.removeprefix("- ").partition("（")[0] for line in counted} == named


def test_a_unit_that_answered_is_not_reminded(office: Office) -> None:
    """The water bureau answers on the 15th and hears nothing more of the round."""
    office.silent("2022-03-14")
    office.answer("shuiwuju", "2022-03-15")
    for day in ("2022-03-17", "2022-03-22", "2022-03-24"):
        office.run(day)
    assert len(office.mails(to="lianluo@shuiwuju.dxal.example")) == 1
    assert "shuiwuju" not in office.rungs()
    [alert] = office.mails("2022-03-24", SUPERVISION_OFFICE)
    assert "地区水务局" not in units_named(alert)


def test_a_unit_that_answers_late_leaves_the_ladder_at_once(office: Office) -> None:
    """An answer closes its case in its own transaction; a partial one does not."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22")
    assert office.rungs()["zuzhibu"] == 2
    first, *_ = office.owed("zuzhibu")
    office.answer("caizhengju", "2022-03-23")
    assert "caizhengju" not in office.rungs()
    office_answer_one(office, "zuzhibu", first, "2022-03-23")
    assert office.rungs()["zuzhibu"] == 2
    office.run("2022-03-24")
    assert office.rungs()["zuzhibu"] == 3
    [alert] = office.mails("2022-03-24", SUPERVISION_OFFICE)
    assert "地区财政局" not in units_named(alert)
    assert first not in block(alert, "地委组织部")


def test_a_returned_answer_is_late_two_working_days_later(office: Office) -> None:
    """Returned on 17 March, due on the 21st at 17:30: rung 1 on the 22nd, with the reason."""
    office.silent("2022-03-14")
    office.answer("caizhengju", "2022-03-16")
    office.give_back("caizhengju", "I33", "2022-03-17")
    for day in ("2022-03-17", "2022-03-18", "2022-03-21"):
        office.run(day)
    assert "caizhengju" not in office.rungs()
    office.run("2022-03-22")
    assert office.rungs()["caizhengju"] == 1
    [reminder] = office.mails("2022-03-22", "lianluo@caizhengju.dxal.example")
    assert "缺少数据来源" in reminder.text
    assert "逾期1个工作日" in reminder.text


def test_a_case_on_rung_1_rests_over_the_new_round_and_goes_on_from_there(office: Office) -> None:
    """Told on the 25th, superseded on the 28th, silent again: rung 2 on the 31st, not before."""
    office.silent("2022-03-14")
    office.answer("jiaotongju", "2022-03-16")
    office.give_back("jiaotongju", "I30", "2022-03-22")  # due again on the 24th
    for day in ("2022-03-17", "2022-03-25", "2022-03-28", "2022-03-29", "2022-03-30"):
        office.run(day)
        assert office.rungs().get("jiaotongju", 0) == (1 if day >= "2022-03-25" else 0)
    office.run("2022-03-31")
    assert office.rungs()["jiaotongju"] == 2
    [reminder] = office.mails("2022-03-31", "fenguan@jiaotongju.dxal.example")
    assert "退回补正1项应于3月24日17:30（周四）前填报，逾期5个工作日；3月28日调度3项应于" in reminder.text
    assert "累计1轮未填报（3月28日），1轮退回未补正（3月14日：1项退回1项）" in reminder.text


def test_a_recalled_answer_puts_the_case_back_where_it_stood(office: Office) -> None:
    """Nobody starts again at the first rung by answering and recalling."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22")
    office.answer("shenjiju", "2022-03-22")
    assert "shenjiju" not in office.rungs()
    progress.recall(office.database, "shenjiju", "P2", now=at("2022-03-23"), by=liaison("shenjiju"))
    assert office.rungs()["shenjiju"] == 2
    office.run("2022-03-24")
    assert office.rungs()["shenjiju"] == 3


def test_a_new_liaison_is_told_anew_before_the_case_climbs(office: Office) -> None:
    """The successor hears the first rung on the 21st; the leader hears three working days after that."""
    office.silent("2022-03-14", "2022-03-17")
    office.replace("shenjiju", "liaison", "new@x.example", "2022-03-18")
    office.run("2022-03-21")
    assert len(office.mails("2022-03-21", "new@x.example")) == 1
    office.run("2022-03-23")
    assert office.rungs()["shenjiju"] == 1
    office.run("2022-03-24")
    assert office.rungs()["shenjiju"] == 2


def test_a_marked_demo_says_so_on_every_mail(database: str, tmp_path: Path) -> None:
    """No mail of a demo can be taken for one in earnest."""
    office = Office(database, tmp_path)
    office.open(marking="演示数据")
    office.run("2022-03-14")
    assert all(mail.subject.startswith("【演示数据】") for mail in office.mails())


def addresses(mails: list[Mail]) -> list[str]:
    return [mail.to for mail in mails]


def no_two_mails_a_day(mails: list[Mail]) -> bool:
    return max(Counter((mail.on, mail.to) for mail in mails).values()) == 1


def office_answer_one(office: Office, unit: str, code: str, day: str) -> None:

    progress.submit(
        office.database, unit, code, Answer(status="in_progress"), now=at(day, "10:00"), by=liaison(unit)
    )


def units_named(mail: Mail) -> set[str]:
    """The headings of an alert's blocks: a unit and the paper that is drafted for it."""
    return {
        line.removesuffix("\uff08督办单\uff09").removesuffix("\uff08商请函\uff09")
        for line in mail.text.splitlines()
        if line.endswith(("\uff08督办单\uff09", "\uff08商请函\uff09"))
    }


def block(mail: Mail, unit: str) -> str:
    """The part of an alert that is about one unit."""
    return mail.text.split(f"\n{unit}\uff08")[1].split("\n\n")[0]


def test_an_answer_cannot_be_dated_before_its_question(office: Office) -> None:
    """Lateness is not undone by a slip, or a trick, in the date of the record."""
    office.silent("2022-03-14")
    with pytest.raises(WrongInput, match="lies before the last run"):
        office_answer_one(office, "shenjiju", "P2", "2022-03-10")
