"""A plan whose last day has come and gone with its last phase open: what is left to close it is recorded.

A county whose last phase ended on 30 November 2022. No run takes place any more (DOMAIN 2, time).
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.roles import Actor
from eco_workflow.services import (
    assign_task,
    clear_veto,
    decide_veto,
    evidence,
    evidence_review,
    extension,
    findings,
    issues,
    pass_phase,
    progress,
    review,
    rhythm_done,
)
from flows.wiring import deliver_batch
from tests.county import COUNTY
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.phase_office import LEADER, close, lacking, look, pass_over


def by(who: Actor, day: str, clock: str = "10:00") -> dict[str, Any]:
    return {"now": at(day, clock), "by": who}


OFFICES = ("liaison@chuangban.example", "liaison@ducha.example")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """Its last phase is open; a finding of its reviewers waits for the water office."""
    text = COUNTY.read_text("utf-8")
    without = "external: true}"
    assert without in text
    text = text.replace(without, "external: true, checks: [vetoes], evidence: [{id: E1, title: 意见}]}", 1)
    file = tmp_path / "county.yaml"
    file.write_text(text, "utf-8")
    made = Office(database, tmp_path, plan=str(file))
    made.open("2022-10-03")
    made.run("2022-10-20")
    made.run("2022-11-21")
    findings.add(
        made.database, "M3.1", ["shuili"], "补充监测点位", due_on=date(2022, 11, 30), reviewer="验收组",
        days=made.days, **by(OPERATOR, "2022-11-22"),
    )  # fmt: skip
    made.run("2022-11-22")
    return made


def delivered(office: Office, day: str) -> dict[str, list[str]]:
    """Who got which subject when what waits was delivered on a day, without a run."""
    deliver_batch(office.settings, at(day, "17:00"))
    found: dict[str, list[str]] = {}
    for mail in office.mails(day):
        found.setdefault(mail.to, []).append(mail.subject)
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_last_phase_that_outlives_the_plan_is_alarmed_once_though_no_run_takes_place(
    office: Office,
) -> None:
    assert look(office, "2022-11-30", "assessment").outlived is False
    worked = look(office, "2022-12-01", "assessment")
    assert (worked.outlived, worked.sheets) == (True, 0)
    assert delivered(office, "2022-12-01") == {to: ["【通知】阶段逾期：验收 缺3项"] for to in OFFICES}
    assert look(office, "2022-12-02", "assessment").outlived
    assert delivered(office, "2022-12-02") == {}
    assert "lies after the plan's last day" in str(office.result("2022-12-02"))


def test_what_is_left_to_close_the_plan_is_recorded_after_its_last_day(
    office: Office, tmp_path: Path
) -> None:
    """Finding, veto item, evidence, external decision, minutes, issue with receipt; then nothing any more."""
    database, water = office.database, liaison("shuili")
    assert lacking(office, 3, "2022-12-05") == ["evidence:M3.1/E1", "finding:R001/2", "external:M3.1"]
    progress.submit(database, "shuili", "R001", Answer("completed"), **by(water, "2022-12-05"))
    findings.close(database, "R001", note="已复查", **by(OPERATOR, "2022-12-05", "11:00"))
    occurred = Answer("completed", occurred=True, note="12月4日发生事故")
    progress.submit(database, "huanbao", "V1", occurred, **by(liaison("huanbao"), "2022-12-05"))
    decide_veto.confirm(database, "V1", "huanbao", "属实", **by(SUPERVISOR, "2022-12-06"))
    clear_veto.clear(database, "V1", "huanbao", "会议纪要", **by(LEADER, "2022-12-06", "11:00"))
    file = tmp_path / "意见.pdf"
    file.write_bytes(b"%PDF-1.4")
    pass_over(office, 3, "2022-12-07", "2023-03-31")
    made = evidence.add(
        database, office.settings, "M3.1", "E1", str(file), year=None, **by(OPERATOR, "2022-12-07")
    )
    evidence_review.accept(database, office.settings, made.number, **by(OPERATOR, "2022-12-07", "11:00"))
    progress.submit(
        database, "chuangban", "M3.1", Answer("completed"), **by(OPERATOR, "2022-12-08"), means="paper"
    )
    review.close(database, "chuangban", "M3.1", **by(OPERATOR, "2022-12-08", "11:00"))
    issues.release(database, "B2022-11", text="正文", days=office.days, **by(OPERATOR, "2022-12-08"))
    issues.receipt(database, "B2022-11", "shuili", days=office.days, **by(water, "2022-12-08"))
    rhythm_done.done(
        database,
        "M2022-Q4",
        on=date(2022, 11, 29),
        minutes="纪要",
        days=office.days,
        **by(OPERATOR, "2022-12-08"),
    )
    pass_phase.award(database, date(2022, 11, 30), document_="命名公告", **by(OPERATOR, "2022-12-08"))
    assert close(office, 3, "2022-12-09").opened is None
    assert "【通知】阶段办结：验收办结" in delivered(office, "2022-12-09")["liaison@shuili.example"]
    with pytest.raises(WrongInput, match=r"it ended on 2022-11-30, and is over\. No phase is open"):
        review.accept(database, "shuili", "I01", **by(OPERATOR, "2022-12-12"))


REFUSED: list[Callable[[Office], object]] = [
    lambda office: extension.ask(
        office.database, "shuili", "R001", until=date(2022, 12, 30), reason="等待数据",
        **by(liaison("shuili"), "2022-12-05"),
    ),
    lambda office: assign_task.assign_task(
        office.database, ["shuili"], "报送方案", due_on=date(2022, 12, 30), origin="县长批示",
        days=office.days, **by(OPERATOR, "2022-12-05"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("does", REFUSED)
def test_what_begins_something_new_is_refused_and_no_day_is_dated_back(
    office: Office, does: Callable[[Office], object]
) -> None:
    with pytest.raises(WrongInput, match="Only what is left to close it can still be recorded") as refused:
        does(office)
    assert "--now" not in str(refused.value)
