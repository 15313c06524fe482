"""The office itself is late: with what waits for its decision, with what it owes on indicators (DOMAIN 4)."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.lights import Light
from eco_workflow.domain.overdue import Owed, office_falls_short, review_is_late
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import (
    cases_shown,
    extension,
    indicator_dates,
    indicator_facts,
    progress,
    review,
    steps,
)
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.indicator_facts import Task
from eco_workflow.services.lights import lights
from eco_workflow.services.overdue import owed_by_office
from eco_workflow.services.overview import overview
from eco_workflow.services.waiting import late_reviews, waiting
from eco_workflow.store.tables import Obligation, Plan, RoundSummary, Standing
from tests.office import OPERATOR, Office, at, liaison
from tests.services.desk import cases, keep_open, owed, told

DAYS = published_calendar()
OFFICE, HOST = "chuangjianban", "shengtaiju"
LIAISON = "lianluo@chuangjianban.dxal.example"
SUPERVISION = "lianluo@ducha.dxal.example"


def run(office: Office, *days: str) -> None:
    for day in days:
        office.run(day)


def say(
    office: Office, unit: str, item: str, day: str, status: str, value: str = "", period: str = ""
) -> None:
    answer = Answer(status, value, period)
    progress.submit(office.database, unit, item, answer, now=at(day, "10:00"), by=liaison(unit))


def light_of_office(office: Office, day: str) -> tuple[Light, str]:
    with office.database.read() as session:
        rows = lights(session, Viewer("test"), plan=None, now=at(day, "16:00"), days=DAYS, unit=OFFICE)
    return rows[0].judged.light, rows[0].judged.reason


def waits_on(office: Office, day: str) -> list[tuple[str, int, str]]:
    """Kind, count and since when of all that waits for the office."""
    with office.database.read() as session:
        plan = session.exec(select(Plan)).one()
        return [(one.kind, one.count, str(one.since)) for one in waiting(session, plan, at(day).date(), DAYS)]


@pytest.fixture
def spring(database: str, tmp_path: Path) -> Office:
    """Active from 1 March 2022; I33 of the bureau of finance and I05 of the host bureau are open."""
    made = Office(database, tmp_path / "office")
    made.open()
    keep_open(made, "I33", "I05")
    return made


def test_what_the_office_leaves_unreviewed_climbs_to_the_supervision_office(spring: Office) -> None:
    """Answered on 15 March, ten working days are over on the 29th; the host's answer is not the office's."""
    run(spring, "2022-03-14")
    for unit in ("caizhengju", HOST):
        spring.answer(unit, "2022-03-15")
    run(spring, "2022-03-17")
    spring.release("2022-03-14", "2022-03-17")
    run(spring, "2022-03-28")
    for unit in ("caizhengju", HOST):
        spring.answer(unit, "2022-03-29")
    run(spring, "2022-03-29")
    assert cases(spring, "review") == []
    assert light_of_office(spring, "2022-03-29") == (Light.RED, "待审核最长10个工作日")
    run(spring, "2022-03-30", "2022-03-31")
    spring.release("2022-03-28", "2022-03-31")
    assert cases(spring, "review") == [(OFFICE, None, None, 1, "")]
    [mail] = [mail for mail in spring.mails("2022-03-30") if mail.to == LIAISON]
    assert "请办结逾期待审事项，共1项；最早自3月15日（周二）起待审，最长逾期1个工作日。" in mail.text
    assert "- 填报待审核1项：最早自3月15日（周二）起，应在10个工作日内办结，已11个工作日" in mail.text
    assert "下一步：仍未办结的，最早于4月2日（周六）按规则告知分管领导。" in mail.text

    run(spring, "2022-04-01", "2022-04-02", "2022-04-06")
    assert cases(spring, "review")[0][3] == 2
    run(spring, "2022-04-07")
    assert cases(spring, "review")[0][3] == 3
    [alert] = spring.mails("2022-04-07", SUPERVISION)
    assert alert.subject == "【提请督办】地区创建办逾期待审1项"
    assert "地区创建办逾期待审1项，最早自3月15日（周二）起。请审签督办单1份。" in alert.text
    assert "3月30日（周三）邮件告知地区创建办联络员" in alert.text
    [copy] = spring.mails("2022-04-07", "lianluo@xingshuban.dxal.example")
    assert "抄送知悉，地区创建办逾期待审1项" in copy.text

    with spring.database.read() as session:
        now = at("2022-04-07", "12:00")
        found = overview(session, Viewer("test"), plan=None, now=now, days=DAYS)
        [row] = cases_shown.cases(
            session, Viewer("test"), plan=None, unit=OFFICE, everything=False, now=now, days=DAYS
        )
    [late] = found.late_office
    assert [(one.kind, one.count, one.waited) for one in late.waits] == [("answer", 1, 16)]
    assert (row["clock"], row["since"], row["days_late"]) == ("review", date(2022, 3, 15), 6)
    assert row["next"]["waits"] == "rung 3 was told on 2022-04-07; the ladder ends here"

    review.accept(
        spring.database, "caizhengju", "I33", round_on=date(2022, 3, 28), now=at("2022-04-07", "15:00"),
        by=OPERATOR,
    )  # fmt: skip
    run(spring, "2022-04-08")
    assert cases(spring, "review") == [(OFFICE, None, None, 3, "no_longer_late")]
    assert ("resolved", "ducha", "liaison") in told(spring, "2022-04-08", "resolved")
    assert light_of_office(spring, "2022-04-08")[0] is not Light.RED


def test_the_light_the_run_and_the_pure_rule_know_one_definition_of_what_waits(spring: Office) -> None:
    """Answers, steps, extensions and proposals; nothing of the host's, nothing that was decided."""
    run(spring, "2022-03-14")
    for unit, item in (("caizhengju", "I33"), (HOST, "I05")):
        spring.answer(unit, "2022-03-15")
        steps.add(spring.database, item, "第一步", weight=1, due_on=None, now=at("2022-03-15"), by=OPERATOR)
        steps.done(spring.database, item, 1, now=at("2022-03-16"), by=liaison(unit))
        extension.ask(
            spring.database, unit, item, until=date(2022, 6, 30), reason="数据六月发布",
            now=at("2022-03-18"), by=liaison(unit),
        )  # fmt: skip
        for day in ("2022-03-15", "2022-03-21"):  # the newer one takes the other's place
            indicator_dates.propose(
                spring.database, item, unit, due_on=date(2022, 5, 20), target="100", source="测算",
                now=at(day), by=liaison(unit),
            )  # fmt: skip
    run(spring, "2022-03-17")
    assert waits_on(spring, "2022-03-25") == [
        ("summary", 1, "2022-03-17"),
        ("answer", 1, "2022-03-15"),
        ("step", 1, "2022-03-16"),
        ("extension", 1, "2022-03-18"),
        ("proposal", 1, "2022-03-21"),
    ]
    assert light_of_office(spring, "2022-03-25") == (Light.RED, "调度汇总逾期5个工作日未审发")
    spring.release("2022-03-14", "2022-03-25")

    def agree(days: int) -> list[bool]:
        found = []
        with spring.database.read() as session:
            plan = session.exec(select(Plan)).one()
            for n in range(days):
                today = date(2022, 3, 15) + timedelta(days=n)
                drafts = session.exec(
                    select(col(RoundSummary.drafted_on)).where(col(RoundSummary.released_on).is_(None))
                ).all()
                since = [one.since for one in waiting(session, plan, today, DAYS) if one.kind != "summary"]
                late = bool(late_reviews(session, plan, today, DAYS))
                assert late == review_is_late(since, drafts, today, DAYS, review_days=10), today
                found.append(late)
        return found

    assert agree(40).index(True) == (date(2022, 3, 30) - date(2022, 3, 15)).days
    review.accept(spring.database, "caizhengju", "I33", now=at("2022-03-28"), by=OPERATOR)
    steps.confirm(spring.database, "I33", 1, now=at("2022-03-28"), by=OPERATOR)
    assert agree(40).index(True) == (date(2022, 4, 2) - date(2022, 3, 15)).days  # the extension's
    extension.decide(
        spring.database, "caizhengju", "I33", grant=True, reason="", days=DAYS, now=at("2022-03-28"),
        by=OPERATOR,
    )  # fmt: skip
    assert agree(40).index(True) == (date(2022, 4, 6) - date(2022, 3, 15)).days  # the proposal's
    indicator_dates.confirm(
        spring.database, "I33", "caizhengju", decision="", reason="", now=at("2022-03-28"), by=OPERATOR
    )
    assert not any(agree(40))


@pytest.fixture
def may(database: str, tmp_path: Path) -> Office:
    """Active from 15 May 2022; I16 of the bureau of water, whose target a superior sets, is open."""
    made = Office(database, tmp_path / "office")
    made.open("2022-05-15")
    keep_open(made, "I16", "I33")
    run(made, "2022-05-28")
    return made


def assign(office: Office, value: str, day: str) -> None:
    task = Task(value, "省厅文件〔2022〕3号", date(2022, 1, 10))
    indicator_facts.assign(office.database, "I16", task, now=at(day, "15:00"), by=OPERATOR)


def test_a_superior_s_figure_that_is_missing_is_the_office_s_case_and_not_the_unit_s(may: Office) -> None:
    """The bureau of water claimed it in time, with its figure; nobody can say whether that is enough."""
    say(may, "shuiwuju", "I16", "2022-05-30", "completed", "92", "2021")
    run(may, "2022-05-31")
    assert cases(may, "indicator") == []
    run(may, "2022-06-01")
    assert cases(may, "indicator") == [(OFFICE, "I16", "2022-05-31", 1, "")]
    [mail] = may.mails("2022-06-01", LIAISON)
    assert "请办结待核定的指标，共1项；期限5月31日（周二），逾期1个工作日。" in mail.text
    assert "核定：未确认达标" in mail.text
    assert "未确认达标原因：缺上级下达的目标值，不作判定" in mail.text
    with may.database.read() as session:
        rows = lights(session, Viewer("test"), plan=None, now=at("2022-06-01"), days=DAYS, unit=OFFICE)
    assert next((item.item, item.judged.reason) for row in rows for item in row.items) == (
        "I16", "逾期1个工作日：缺上级下达的目标值，不作判定",
    )  # fmt: skip
    run(may, "2022-06-02", "2022-06-07")
    assert cases(may, "indicator") == [(OFFICE, "I16", "2022-05-31", 2, "")]
    assign(may, "90", "2022-06-08")
    assert cases(may, "indicator") == [(OFFICE, "I16", "2022-05-31", 2, "no_longer_late")]


CHANGES: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"state": "completed"}, True),
    ({"state": "suspended"}, False),
    ({"state": "closed"}, False),
    ({"settle": "listed"}, False),
    ({"clock_from": date(2022, 6, 3)}, False),
    ({"due_on": date(2022, 6, 2)}, False),
    ({"role": "data_provider"}, True),  # data providers' dates say when, where there is no lead unit
]


def test_the_run_and_the_pure_rule_agree_on_what_the_office_owes(may: Office) -> None:
    say(may, "shuiwuju", "I16", "2022-05-30", "in_progress", "92", "2021")
    before = owed(may, "shuiwuju", "I16").model_dump()
    key = {"unit_id": before["unit_id"], "item_id": before["item_id"]}

    def late(**change: Any) -> bool:
        row = Obligation(**{**before, **change})
        with may.database.write() as session:
            session.connection().execute(
                update(Obligation)
                .where(*(getattr(Obligation, name) == value for name, value in key.items()))
                .values(**{**before, **change})
            )
        with may.database.read() as session:
            plan = session.exec(select(Plan)).one()
            found = key["item_id"] in owed_by_office(session, plan, date(2022, 6, 2))
            standing = session.get_one(Standing, (plan.id, key["item_id"]))
            rule = office_falls_short(
                [Owed(row.role, row.state, row.due_on, row.clock_from, row.settle == "listed")],
                date(2022, 6, 2), verdict=standing.verdict, owed_by=standing.owed_by,
            )  # fmt: skip
        assert found is rule, change
        return found

    assert [late(**change) for change, _ in CHANGES] == [expected for _, expected in CHANGES]
    late()
    extension.ask(
        may.database, "shuiwuju", "I16", until=date(2022, 6, 30), reason="待省厅下达",
        now=at("2022-05-31"), by=liaison("shuiwuju"),
    )  # fmt: skip
    with may.database.read() as session:
        plan = session.exec(select(Plan)).one()
        assert owed_by_office(session, plan, date(2022, 6, 2)) == {}


def test_a_pending_extension_spares_the_indicator_clock_too(may: Office) -> None:
    """Asked on the due date, then claimed without a figure; refused on 2 June, it is late on the 7th."""
    extension.ask(
        may.database, "caizhengju", "I33", until=date(2022, 6, 30), reason="年度数据六月发布",
        now=at("2022-05-31", "08:00"), by=liaison("caizhengju"),
    )  # fmt: skip
    say(may, "caizhengju", "I33", "2022-05-31", "completed")
    run(may, "2022-06-01", "2022-06-02")
    assert cases(may, "indicator") == []
    extension.decide(
        may.database, "caizhengju", "I33", grant=False, reason="期限为规划所定", days=DAYS,
        now=at("2022-06-02", "15:00"), by=OPERATOR,
    )  # fmt: skip
    run(may, "2022-06-06")
    assert cases(may, "indicator") == []
    run(may, "2022-06-07")
    assert cases(may, "indicator") == [("caizhengju", "I33", "2022-05-31", 1, "")]
