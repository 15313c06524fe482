"""Veto items are declared, yes/no duties answered with that alone (DOMAIN 7, 10).

The ecology bureau leads V1 to V6 and I14, which speaks of the same event as V3; all are asked on the 28th.
"""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import (
    decide_veto,
    extension,
    hold,
    indicators,
    look,
    look_item,
    progress,
    rounds_shown,
)
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.deliver import waiting
from eco_workflow.services.review import accept, return_
from eco_workflow.store.tables import Item, Standing
from flows.wiring import deliver_batch
from tests.office import OPERATOR, SUPERVISOR, Mail, Office, at, liaison
from tests.services.desk import entries

CREATION = "lianluo@chuangjianban.dxal.example"
EYES = Viewer("operator")
NOON = at("2022-03-29", "12:00")


def declare(office: Office, item: str, day: str, clock: str = "10:00", **said: Any) -> progress.Recorded:
    answer = Answer(**(said or {"occurred": True}))
    by = liaison("shengtaiju")
    return progress.submit(office.database, "shengtaiju", item, answer, now=at(day, clock), by=by)


def told(office: Office, day: str) -> list[Mail]:
    """What the office hears of on a day besides the round's business."""
    deliver_batch(office.settings, at(day, "10:05"))
    return [mail for mail in office.mails(day, CREATION) if "申报发生" in mail.subject]


def verdict_of_i14(office: Office) -> tuple[str, str, str]:
    with office.database.read() as session:
        item = session.exec(select(Item).where(Item.code == "I14")).one()
        row = session.get_one(Standing, (item.plan_id, item.id))
    return row.verdict, row.owed_by, row.reason


def test_what_occurs_is_declared_also_where_no_round_asks(office: Office) -> None:
    """The day after a 14th, which asks no declarations. Taken back, it leaves nothing that anybody owes."""
    with pytest.raises(Refused, match=r"not asked anything yet\. Tell the office by telephone"):
        declare(office, "V3", "2022-03-02")
    office.silent("2022-03-14")
    office.answer("shengtaiju", "2022-03-15")
    assert declare(office, "V3", "2022-03-15").told_at_once
    assert len(told(office, "2022-03-15")) == 1
    with pytest.raises(Refused, match="is submitted already"):
        declare(office, "V3", "2022-03-15", "11:00")
    by, now = liaison("shengtaiju"), at("2022-03-16", "10:00")
    progress.recall(office.database, "shengtaiju", "V3", now=now, by=by)
    assert office.owed("shengtaiju") == []
    assert entries(office, "shengtaiju", "V3") == []
    with pytest.raises(WrongInput, match="not asked about V3 in any open round"):
        declare(office, "V3", "2022-03-16", "11:00", occurred=False)
    with pytest.raises(WrongInput, match="I33"):
        declare(office, "I33", "2022-03-16", "11:00", occurred=True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_declared_unasked_makes_nobody_late_and_was_not_set_aside(office: Office) -> None:
    """It is in time whenever it is said: in the summary, and in the list once it is accepted."""

    def on_time(day: str) -> list[tuple[int, bool]]:
        with office.database.read() as session:
            sheet = rounds_shown.sheet(session, EYES, on=date(2022, 3, 14), kind=None, plan=None, now=at(day))
        assert sheet.envelope.summaries
        units = sheet.envelope.summaries[0].units
        return [(unit.entries, unit.on_time) for unit in units if unit.unit == "地区生态环境局"]

    office.silent("2022-03-14")
    office.answer("shengtaiju", "2022-03-15")
    office.run("2022-03-17")
    before = on_time("2022-03-18")
    declare(office, "V3", "2022-03-18")
    assert on_time("2022-03-19") == before == [(before[0][0], True)]
    accept(office.database, "shengtaiju", "V3", now=at("2022-03-21"), by=SUPERVISOR)
    with pytest.raises(Refused, match="is accepted already"):
        declare(office, "V3", "2022-03-21")


@pytest.mark.parametrize("accepted", [False, True], ids=["to review", "accepted"])
def test_what_occurs_after_the_answer_does_not_wait_for_the_next_round(
    office: Office, accepted: bool
) -> None:
    """Taken back, the answer given before stands, reviewed or not."""

    def state() -> str:
        [(_, found)] = entries(office, "shengtaiju", "V3")
        return found

    office.silent("2022-03-28")
    declare(office, "V3", "2022-03-29", occurred=False)
    if accepted:
        accept(office.database, "shengtaiju", "V3", now=at("2022-03-30", "10:00"), by=SUPERVISOR)
    assert declare(office, "V3", "2022-04-02").told_at_once
    assert len(told(office, "2022-04-02")) == 1
    assert state() == "submitted"
    by, now = liaison("shengtaiju"), at("2022-04-02", "12:00")
    progress.recall(office.database, "shengtaiju", "V3", now=now, by=by)
    assert state() == ("accepted" if accepted else "submitted")
    assert "V3" not in office.owed("shengtaiju")


def test_an_occurrence_goes_to_the_office_at_once_on_any_day(office: Office) -> None:
    """On a Saturday, and again only when it is declared anew: a repetition is no news."""
    office.silent("2022-03-28")
    assert declare(office, "V3", "2022-04-09", occurred=True, note="呼玛河\n水质异常").told_at_once
    [mail] = told(office, "2022-04-09")
    assert mail.subject.endswith("【通知】一票否决事项申报发生：地区生态环境局V3")
    assert "由地委督查室于4月11日（周一）前核实" in mail.text  # of its own host the office decides nothing
    assert "单位说明：呼玛河 水质异常" in mail.text
    assert "涉密信息不得填报" in mail.text
    office.run("2022-04-11")
    assert told(office, "2022-04-11") == []
    office.run("2022-04-28")
    assert not declare(office, "V3", "2022-04-28", no_change=True).told_at_once
    assert not declare(office, "V4", "2022-04-28", occurred=False).told_at_once


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_mail_never_names_the_account_of_the_machine(office: Office) -> None:
    """Entered at the console where nobody was named: the office did it."""
    office.silent("2022-03-28")
    console = Actor("root@console", frozenset({Role.OPERATOR}))
    moment: dict[str, Any] = {"now": at("2022-03-29", "10:00"), "by": console}
    progress.submit(office.database, "shengtaiju", "V3", Answer(occurred=True), **moment)
    asked: dict[str, Any] = {"until": date(2022, 6, 20), "reason": "等待数据"}
    extension.ask(office.database, "caizhengju", "I33", **asked, **moment)
    [declared] = told(office, "2022-03-29")
    office.run("2022-03-30")
    [mail] = office.mails("2022-03-30", CREATION)
    assert "地区生态环境局（地区创建办）申报发生" in declared.text
    assert "地区财政局（地区创建办）申请延至6月20日（周一）" in mail.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_hold_stops_everything_but_an_occurrence(office: Office) -> None:
    office.silent("2022-03-28")
    hold.hold(office.database, "系统检修", now=at("2022-03-29", "08:00"), by=OPERATOR)
    declare(office, "V3", "2022-03-29")
    [mail] = told(office, "2022-03-29")
    assert "单位说明：无" in mail.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_declaration_taken_back_before_it_left_is_not_told(office: Office) -> None:
    office.silent("2022-03-28")
    declare(office, "V3", "2022-03-29")
    assert waiting(office.database, at("2022-03-29", "10:01")) == 2  # the office, and who decides
    progress.recall(
        office.database, "shengtaiju", "V3", now=at("2022-03-29", "10:02"), by=liaison("shengtaiju")
    )
    assert told(office, "2022-03-29") == []
    office.run("2022-03-30")
    assert told(office, "2022-03-30") == []
    assert not any("申报撤回" in mail.text for mail in office.mails(to=CREATION))


@pytest.mark.parametrize("again", [False, True])
def test_the_office_hears_that_an_occurrence_it_was_told_of_is_taken_back(
    office: Office, again: bool
) -> None:
    """In its next mail; not where the same is declared once more by then."""
    office.silent("2022-03-28")
    declare(office, "V3", "2022-03-29")
    assert len(told(office, "2022-03-29")) == 1
    by = liaison("shengtaiju")
    progress.recall(office.database, "shengtaiju", "V3", now=at("2022-03-29", "11:00"), by=by)
    declare(office, "V3", "2022-03-29", "11:05", occurred=again)
    office.run("2022-03-30")
    said = "3月29日（周二）地区生态环境局（liaison of shengtaiju）撤回3月29日（周二）的发生申报"
    heard = [mail for mail in office.mails("2022-03-30", CREATION) if "申报撤回" in mail.text]
    assert [said in mail.text for mail in heard] == ([] if again else [True])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_declaration_is_shown_wherever_answers_are(office: Office) -> None:
    office.silent("2022-03-28")
    declare(office, "V3", "2022-03-29", occurred=True, note="3月27日突发事件")
    declare(office, "V4", "2022-03-29", occurred=False)
    with office.database.read() as session:
        rows = look.entries(session, EYES, plan=None, unit="shengtaiju", round_on=None, now=NOON)
        shown = {row["item"]: (row["occurred"], row["last"]) for row in rows if row["item"][0] in "VI"}
        [of_v3] = look_item.item(session, EYES, "V3", plan=None, now=NOON)["units"]
        round_ = rounds_shown.round_(
            session, EYES, on=date(2022, 3, 28), kind=None, plan=None, now=NOON, days=published_calendar()
        )
    assert shown["V3"] == (True, "申报发生")
    assert shown["V4"] == (False, "申报未发生")
    assert shown["V1"] == shown["I14"] == (None, "")
    assert of_v3["last"][0]["occurred"] is True
    assert round_["occurred"] == [
        {"unit": "地区生态环境局", "item": "V3", "title": "发生重特大事件或被约谈限批"}
    ]
    office.run("2022-04-02")
    office.run("2022-04-06")
    [summed] = [mail for mail in office.mails(to=CREATION) if "3月28日调度（按填报汇总" in mail.text]
    assert "一票否决事项申报发生：地区生态环境局V3 发生重特大事件或被约谈限批" in summed.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_round_shows_what_was_answered_to_it_whatever_was_said_later(office: Office) -> None:
    """An entry without an answer shows the former one, and of which round it is; a returned one its own."""

    def shown(day: date) -> dict[str, tuple[Any, ...]]:
        with office.database.read() as session:
            rows = look.entries(session, EYES, plan=None, unit="shengtaiju", round_on=day, now=NOON)
        keys = ("last", "last_round", "occurred", "on_behalf")
        return {row["item"]: tuple(row[key] for key in keys) for row in rows}

    march, april = date(2022, 3, 28), date(2022, 4, 28)
    office.silent("2022-03-28")
    declare(office, "V3", "2022-03-29", occurred=True)
    declare(office, "V4", "2022-03-29", occurred=True)
    declare(office, "I14", "2022-03-29", status="not_started")
    office.run("2022-04-28")
    assert shown(april)["V3"] == ("申报发生", march, None, "")
    declare(office, "V3", "2022-04-28", occurred=False)
    declare(office, "I14", "2022-04-28", status="in_progress", value="是")
    return_(
        office.database, "shengtaiju", "V3", "请核实", published_calendar(),
        now=at("2022-04-29"), by=SUPERVISOR,
    )  # fmt: skip
    assert shown(march)["V3"] == shown(march)["V4"] == ("申报发生", march, True, "")
    assert shown(march)["I14"] == ("未启动", march, None, "")
    assert shown(april)["V3"] == ("申报未发生", april, False, "")
    assert shown(april)["V4"] == ("申报发生", march, None, "")
    assert shown(april)["I14"] == ("推进中，是", april, None, "")


def test_a_declared_occurrence_leaves_the_linked_indicator_undetermined(office: Office) -> None:
    """Declared is not confirmed: the office owes the decision. Taken back, it was never said."""
    office.silent("2022-03-28")
    assert verdict_of_i14(office)[2].endswith("；V3尚未申报")
    declare(office, "I14", "2022-03-29", status="in_progress", value="是")
    assert verdict_of_i14(office)[0] == "met"
    declare(office, "V3", "2022-03-29")
    assert verdict_of_i14(office) == (
        "undetermined",
        "office",
        "“建立”：是，达标；V3地区生态环境局申报发生，待创建办核实，不作判定",
    )
    with office.database.read() as session:
        found = indicators.shown(session, EYES, "I14", plan=None, now=at("2022-03-30"))
        other = indicators.shown(session, EYES, "I13", plan=None, now=at("2022-03-30"))
    said = {"unit": "地区生态环境局", "item": "V3", "occurred": True, "on": date(2022, 3, 29)}
    assert found["linked_veto"] == {
        "item": "V3", "title": "发生重特大事件或被约谈限批", "declarations": [said],
    }  # fmt: skip
    assert other["linked_veto"] is None
    by = liaison("shengtaiju")
    progress.recall(office.database, "shengtaiju", "V3", now=at("2022-03-30", "11:00"), by=by)
    assert verdict_of_i14(office)[0] == "met"
    declare(office, "V3", "2022-03-31", occurred=False)
    assert verdict_of_i14(office) == ("met", "none", "“建立”：是，达标；V3申报未发生")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_occurrence_stands_against_a_later_no_until_it_is_decided(office: Office) -> None:
    """The later "no" speaks of its own time."""
    office.silent("2022-03-28")
    declare(office, "I14", "2022-03-29", status="in_progress", value="是")
    declare(office, "V3", "2022-03-29")
    office.run("2022-04-28")
    declare(office, "V3", "2022-04-28", occurred=False)
    assert verdict_of_i14(office)[:2] == ("undetermined", "office")
    with office.database.read() as session:
        found = indicators.shown(session, EYES, "I14", plan=None, now=at("2022-04-29"))
    said = [(one["occurred"], one["on"]) for one in found["linked_veto"]["declarations"]]
    assert said == [(True, date(2022, 3, 29)), (False, date(2022, 4, 28))]
    late = at("2022-04-29", "11:00")
    decide_veto.mark_error(office.database, "V3", "shengtaiju", "误报", now=late, by=SUPERVISOR)
    assert verdict_of_i14(office) == ("met", "none", "“建立”：是，达标；V3申报未发生")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_yes_no_duty_is_answered_with_nothing_else(office: Office) -> None:
    """What the discipline commission does may be classified."""
    office.silent("2022-03-28")

    def said(answer: Answer) -> progress.Recorded:
        by = liaison("jiwei")
        return progress.submit(office.database, "jiwei", "D1.1", answer, now=at("2022-03-29"), by=by)

    for more in (Answer(progress=True, note="查处3起"), Answer("in_progress"), Answer()):
        with pytest.raises(WrongInput, match=r"D1\.1 asks only .*--progress yes.*涉密信息不得填报"):
            said(more)
    assert said(Answer(progress=True)).item_state == "in_progress"
    with office.database.read() as session:
        rows = look.entries(session, EYES, plan=None, unit="jiwei", round_on=None, now=NOON)
    assert [(row["last"], row["progress"]) for row in rows if row["item"] == "D1.1"] == [("有进展", True)]


@pytest.mark.parametrize(
    ("unit", "item", "asks"), [("jiwei", "D1.2", "--progress"), ("shengtaiju", "V3", "--occurred")]
)
def test_who_has_nothing_to_repeat_is_told_what_the_item_takes(
    office: Office, unit: str, item: str, asks: str
) -> None:
    """A status would be refused next."""
    office.silent("2022-03-28")
    with pytest.raises(WrongInput, match=f"no earlier answer to repeat. Give {asks} yes or {asks} no"):
        progress.submit(
            office.database, unit, item, Answer(no_change=True), now=at("2022-03-29"), by=OPERATOR
        )
