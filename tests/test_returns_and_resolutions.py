"""What comes back is owed anew and told, and what is over is told once (DOMAIN 3.4 and 5).

March 2022 on the real plan; the water bureau leads I04, I11, I16, I18 and gives data for I32.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import (
    adhoc_round,
    cases_shown,
    contacts,
    look,
    outbox,
    overview,
    papers,
    progress,
    review,
    rounds_shown,
)
from eco_workflow.services.remind import remind
from eco_workflow.store.tables import Case, Entry, Message, Obligation, Request, Round, Unit
from tests.county import COUNTY
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison

WATER = "lianluo@shuiwuju.dxal.example"
MONEY = "lianluo@caizhengju.dxal.example"
SUPERVISION = "lianluo@ducha.dxal.example"
CREATION = "lianluo@chuangjianban.dxal.example"
ADMINISTRATION = "lianluo@xingshuban.dxal.example"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The real plan, active from 1 March 2022."""
    made = Office(database, tmp_path)
    made.open()
    return made


def submit(office: Office, unit: str, item: str, day: str, clock: str = "10:00", **said: Any) -> None:
    """The unit's liaison answers one item."""
    answer = Answer(**{"status": "in_progress", **said})
    progress.submit(office.database, unit, item, answer, now=at(day, clock), by=liaison(unit))


def give_back(office: Office, unit: str, item: str, day: str, **where: Any) -> None:
    """An operator returns it."""
    when = at(day, "11:00")
    review.return_(office.database, unit, item, "请补充佐证", office.days, now=when, by=OPERATOR, **where)


def test_a_claim_returned_after_the_next_round_left_is_owed_to_that_round(office: Office) -> None:
    """The round of the 14th gave way: what comes back from it is asked by the 28th's, and late by its own."""
    office.silent("2022-03-14")
    submit(office, "shuiwuju", "I04", "2022-03-15", status="completed")
    office.run("2022-03-28")
    assert "I04" not in office.owed("shuiwuju")
    give_back(office, "shuiwuju", "I04", "2022-03-29", round_on=date(2022, 3, 14))
    assert "I04" in office.owed("shuiwuju")
    office.run("2022-03-30")
    [mail] = office.mails("2022-03-30", WATER)
    assert "退回补正：I04 3月31日17:30前" in mail.subject
    office.run("2022-04-01")
    [mail] = office.mails("2022-04-01", WATER)
    assert "请补充佐证" in mail.text
    submit(office, "shuiwuju", "I04", "2022-04-01", "12:00", status="completed")
    assert "I04" not in office.owed("shuiwuju")


def test_a_returned_answer_is_told_the_next_morning_and_is_not_late_before_its_own_time(
    office: Office,
) -> None:
    """Returned on the 16th, due on the 18th: the reminder of the 17th is about the four others only."""
    office.silent("2022-03-14")
    submit(office, "shuiwuju", "I04", "2022-03-15")
    give_back(office, "shuiwuju", "I04", "2022-03-16")
    office.run("2022-03-17")
    [mail] = office.mails("2022-03-17", WATER)
    reminder, _, notice = mail.text.partition("■ 通知")
    assert "共4项" in reminder
    assert "I04" not in reminder.partition("■ 催办")[2]
    assert "I04" in notice
    assert "3月18日17:30" in notice
    office.run("2022-03-22")
    [mail] = office.mails("2022-03-22", WATER)
    assert mail.subject == "【催办】3月14日调度5项逾期，最长4个工作日"
    assert (
        "共5项；3月14日调度4项应于3月16日17:30（周三）前填报，逾期4个工作日；"
        "退回补正1项应于3月18日17:30（周五）前填报，逾期2个工作日。"
    ) in mail.text
    assert "I04 河长制，逾期2个工作日" in mail.text
    assert "I16 河湖岸线保护率，逾期4个工作日" in mail.text
    assert "上次填报：推进中" in mail.text


def test_everywhere_a_returned_answer_is_late_from_its_own_time_on(database: str, tmp_path: Path) -> None:
    """Due on the 8th and answered in time, returned on the 10th and due on Friday the 11th at noon."""
    county = Office(database, tmp_path, plan=str(COUNTY))
    county.open()
    county.silent("2022-03-07")
    for unit in ("chuangban", "huanbao", "shuili", "ducha"):
        county.answer(unit, "2022-03-08")
    give_back(county, "shuili", "I01", "2022-03-10")
    for day in ("2022-03-09", "2022-03-10", "2022-03-11", "2022-03-14"):
        county.run(day)
    [mail] = county.mails("2022-03-14", "liaison@shuili.example")
    assert "应于3月11日12:00（周五）前填报，逾期1个工作日" in mail.text
    now, viewer = at("2022-03-14", "10:00"), Viewer("test")
    seen: dict[str, Any] = {"plan": None, "now": now, "days": county.days}
    with county.database.read() as session:
        [late] = overview.overview(session, viewer, **seen).late
        [listed] = cases_shown.cases(session, viewer, unit="shuili", everything=False, **seen)
    assert (late.unit, late.days_late) == ("县水利局", 1)
    assert (listed["since"], listed["days_late"]) == (date(2022, 3, 11), 1)
    county.answer("shuili", "2022-03-14")
    give_back(county, "shuili", "I01", "2022-03-15")
    with county.database.read() as session:
        [closed] = cases_shown.cases(session, viewer, unit="shuili", everything=True, **seen)
    assert (closed["since"], closed["closed_why"][:8]) == (date(2022, 3, 11), "answered")


def test_a_returned_answer_counts_as_returned_in_the_summary(office: Office) -> None:
    """The audit bureau answered in time: it is not listed with those who never did."""
    office.silent("2022-03-14")
    submit(office, "shenjiju", "P2", "2022-03-15")
    give_back(office, "shenjiju", "P2", "2022-03-16")
    office.run("2022-03-17")
    [mail] = office.mails("2022-03-17", CREATION)
    silent, _, returned = mail.text.partition("退回补正：")
    assert "地区审计局" not in silent.partition("未填报：")[2]
    assert returned.startswith("地区审计局（1项）")


def test_what_was_taken_back_is_no_obstacle(office: Office) -> None:
    """The summary names what stands in the way by the answers that stand."""
    office.silent("2022-03-14")
    submit(office, "caizhengju", "I33", "2022-03-15", blocker="经费未到位")
    progress.recall(
        office.database, "caizhengju", "I33", now=at("2022-03-15", "11:00"), by=liaison("caizhengju")
    )
    submit(office, "caizhengju", "I33", "2022-03-15", "12:00")
    office.run("2022-03-17")
    [mail] = office.mails("2022-03-17", CREATION)
    assert "经费未到位" not in mail.text


def test_a_closed_item_is_not_chased_any_more(database: str, tmp_path: Path) -> None:
    """Claimed in a backfilled round and closed out, it is no longer owed in the round that asked for it."""
    office = Office(database, tmp_path)
    office.open("2022-03-20")
    office.run("2022-03-28")
    claim = Answer(status="completed", value="81", period="2021")
    march = date(2022, 3, 14)
    when = at("2022-03-29")
    progress.submit(
        office.database, "caizhengju", "I33", claim, now=when, by=liaison("caizhengju"), round_on=march
    )
    review.close(
        office.database, "caizhengju", "I33", now=at("2022-03-29", "11:00"), by=OPERATOR, round_on=march
    )
    assert office.owed("caizhengju") == ["D9.1", "D9.2"]


def test_who_is_told_of_rung_3_a_day_late_is_told_once(office: Office) -> None:
    """The supervision office could not be reached; its first alert says both rounds, the next day none."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22")
    contacts.end(office.database, "ducha", "liaison", now=at("2022-03-23"), by=OPERATOR)
    for day in ("2022-03-24", "2022-03-28", "2022-03-31"):
        office.run(day)
    new = contacts.Person("liaison", "新", "xin@ducha.dxal.example")
    contacts.add(office.database, "ducha", new, now=at("2022-03-31", "18:00"), by=OPERATOR)
    office.run("2022-04-01")
    [alert] = office.mails("2022-04-01", "xin@ducha.dxal.example")
    told = alert.text.replace("\r\n", "\n").partition("组织部")[2].partition("\n\n")[0]
    assert (
        "3月14日调度3项应于3月16日17:30（周三）前填报，逾期12个工作日；"
        "3月28日调度3项应于3月30日17:30（周三）前填报，逾期2个工作日；累计2轮未填报（3月14日、3月28日）"
    ) in told
    tags = {line.split()[1]: "逾期2个工作日" in line for line in told.splitlines() if line.startswith("- ")}
    assert tags == dict.fromkeys(("I03", "I34", "P1"), False) | dict.fromkeys(("D2.1", "D2.2", "D2.3"), True)
    office.run("2022-04-02")  # a make-up Saturday: a working day
    assert office.mails("2022-04-02", "xin@ducha.dxal.example") == []


def test_an_alert_counts_what_the_late_unit_was_told_and_not_itself(office: Office) -> None:
    """Rungs 1 and 2 are warnings; the alert and its copies are not."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24")
    for address in (SUPERVISION, CREATION, ADMINISTRATION):
        [mail] = office.mails("2022-03-24", address)
        assert "第2次告知" in mail.text
        assert "第3次告知" not in mail.text


def test_who_was_told_at_rung_3_is_told_once_that_it_is_over(office: Office) -> None:
    """The finance bureau answers on Friday the 25th: the three who heard of it hear on the 28th since when it
    is over, once.
    """
    office.silent("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24", "2022-03-25")
    office.answer("caizhengju", "2022-03-25")
    for day in ("2022-03-28", "2022-03-29"):
        office.run(day)
    for address in (SUPERVISION, CREATION, ADMINISTRATION):
        told = [mail for mail in office.mails(to=address) if "督办解除：地区财政局" in mail.text]
        assert [mail.on for mail in told] == [date(2022, 3, 28)]
        assert "3月25日（周五）地区财政局填报逾期情形消除，第3级督办解除" in told[0].text


def test_nothing_leaves_while_the_clock_stands_before_the_plan_s_last_run(office: Office) -> None:
    """A failed mail tried again under a clock that went back: refused, and the stopped run sends nothing."""
    office.silent("2022-03-14", "2022-03-15")
    with office.database.write() as session:
        message = session.exec(select(Message).order_by(col(Message.id))).first()
        assert message is not None
        message.state, message.sent_at, message.sent_on = "failed", None, None
        number = message.id
    assert number is not None
    assert outbox.retry(office.database, number, now=at("2022-03-14", "18:00"), by=OPERATOR) is False
    with pytest.raises(WrongInput, match="Correct --now"):
        outbox.retry(office.database, number, now=at("2022-03-13"), by=OPERATOR)
    with office.database.write() as session:
        session.get_one(Message, number).state = "pending"
    before = len(office.mails())
    assert office.result("2022-03-14", "19:00").decision.stopped
    assert len(office.mails()) == before


def test_every_open_entry_of_the_newest_request_belongs_to_an_obligation(office: Office) -> None:
    """What was moved into the newest round is an entry like the others: nothing is owed to nobody."""
    office.silent("2022-03-14")
    submit(office, "shuiwuju", "I04", "2022-03-15", status="completed")
    office.run("2022-03-28")
    give_back(office, "shuiwuju", "I04", "2022-03-29", round_on=date(2022, 3, 14))
    with office.database.read() as session:
        loose = session.exec(
            select(Entry)
            .join(
                Request, (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id)
            )
            .join(Round, col(Round.id) == Entry.round_id)
            .join(
                Obligation,
                (col(Obligation.unit_id) == Entry.unit_id) & (col(Obligation.item_id) == Entry.item_id),
                isouter=True,
            )
            .where(col(Obligation.item_id).is_(None))
        ).all()
    assert loose == []


def test_what_was_first_asked_in_a_later_round_is_late_since_that_round(office: Office) -> None:
    """The personnel bureau was asked for its duties on the 28th only: one day, not eleven."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24", "2022-03-28", "2022-03-31")
    [reminder] = office.mails("2022-03-31", "lianluo@zuzhibu.dxal.example")
    assert reminder.subject == "【催办】3月14日、3月28日调度6项逾期，最长11个工作日"
    assert reminder.text.splitlines()[0] == (
        "地委组织部：请补报3月14日、3月28日调度进展，共6项；"
        "3月14日调度3项应于3月16日17:30（周三）前填报，逾期11个工作日；"
        "3月28日调度3项应于3月30日17:30（周三）前填报，逾期1个工作日。"
    )
    assert "■ 催办：3月14日、3月28日调度" in reminder.text
    lines = reminder.text.splitlines()
    late = {line.split()[1]: line.rpartition("，")[2] for line in lines if line.startswith("- ")}
    assert late == {
        "I03": "逾期11个工作日", "I34": "逾期11个工作日", "P1": "逾期11个工作日",
        "D2.1": "逾期1个工作日", "D2.2": "逾期1个工作日", "D2.3": "逾期1个工作日",
    }  # fmt: skip


def test_what_was_answered_since_is_late_since_the_next_round_that_asked_it(office: Office) -> None:
    """Of what it was asked on the 14th, personnel answered I03 alone, late; the 28th asks it again."""
    office.silent("2022-03-14", "2022-03-17")
    by = liaison("zuzhibu")
    progress.submit(office.database, "zuzhibu", "I03", Answer("in_progress"), now=at("2022-03-21"), by=by)
    with office.database.read() as session:
        now = at("2022-03-21", "12:00")
        rows = look.entries(session, Viewer("x"), plan=None, unit="zuzhibu", round_on=None, now=now)
    assert {row["item"]: row["state"] for row in rows} == {
        "I03": "submitted", "I34": "awaiting", "P1": "awaiting",
    }  # fmt: skip
    for day in ("2022-03-28", "2022-03-31"):
        office.run(day)
    [reminder] = office.mails("2022-03-31", "lianluo@zuzhibu.dxal.example")
    lines = reminder.text.splitlines()
    late = {line.split()[1]: line.rpartition("逾期")[2] for line in lines if line.startswith("- ")}
    assert (late["I03"], late["I34"]) == ("1个工作日", "11个工作日")


def test_who_answered_what_the_first_round_asked_is_late_with_the_rest_only(office: Office) -> None:
    """Personnel answers on 1 April what the 14th had asked: its duties, asked on the 28th, are left."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24", "2022-03-28", "2022-03-31")
    for item in ("I03", "I34", "P1"):
        submit(office, "zuzhibu", item, "2022-04-01")
    with office.database.read() as session:
        of_unit = select(Case.id).join(Unit, col(Unit.id) == Case.unit_id).where(Unit.code == "zuzhibu")
        number = session.exec(of_unit).one()
    remind(office.database, number or 0, office.days, now=at("2022-04-01", "14:00"), by=OPERATOR)
    office.run("2022-04-01", "14:05")
    [mail] = office.mails("2022-04-01", "lianluo@zuzhibu.dxal.example")
    assert mail.subject == "【催办】3月28日调度3项逾期2个工作日"
    assert "请补报3月28日调度进展，共3项；应于3月30日17:30（周三）前填报，逾期2个工作日。" in mail.text


def test_who_answered_in_part_is_not_called_silent(office: Office) -> None:
    """Water answers four of five, late; audit's one answer comes back: alert, copies and order say so."""
    office.silent("2022-03-14")
    submit(office, "shenjiju", "P2", "2022-03-15")
    give_back(office, "shenjiju", "P2", "2022-03-15")
    for day in ("2022-03-17", "2022-03-18", "2022-03-22"):
        office.run(day)
    for item in ("I04", "I11", "I16", "I18"):
        submit(office, "shuiwuju", item, "2022-03-22")
    for day in ("2022-03-23", "2022-03-24", "2022-03-25"):
        office.run(day)
    for address in (SUPERVISION, ADMINISTRATION):
        [alert] = office.mails("2022-03-24", address)
        water = alert.text.replace("\r\n", "\n").partition("地区水务局（督办单）\n")[2].partition("\n\n")[0]
        assert water.startswith(
            "3月14日调度，应于3月16日17:30（周三）前填报，逾期6个工作日，部分填报（5项已报4项）\n- I32 "
        )
        assert "逾期未填报（1个单位部分填报），最早自3月16日17:30" in alert.text
        [later] = office.mails("2022-03-25", address)
        assert "逾期6个工作日，退回未补正（1项退回1项）" in later.text
    for day in ("2022-03-28", "2022-03-31"):
        office.run(day)
    [again] = office.mails("2022-03-31", SUPERVISION)
    part = "累计1轮未填报（3月28日），1轮部分填报（3月14日：5项已报4项），自3月16日17:30（周三）起"
    assert f"- 地区水务局（督办单）：{part}" in again.text
    assert "累计2轮未报齐" in again.subject
    [own] = office.mails("2022-03-31", WATER)
    assert "\n累计1轮未填报（3月28日），1轮部分填报（3月14日：5项已报4项）" in own.text.replace("\r\n", "\n")


def test_a_further_silent_round_is_one_line_for_who_heard_the_alert(office: Office) -> None:
    """Alerted on the 24th; the round of the 28th passes, too: a count for each unit, no items once more."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24", "2022-03-28", "2022-03-31")
    for address in (SUPERVISION, ADMINISTRATION):
        [mail] = office.mails("2022-03-31", address)
        lines = mail.text.replace("\r\n", "\n").partition("又一轮未填报：\n")[2].partition("\n\n")[0]
        since = "累计2轮未填报（3月14日、3月28日），自3月16日17:30（周三）起"
        assert f"- 地委组织部（督办单）：{since}" in lines.splitlines()
        assert all(line.startswith("- ") and line.endswith(since) for line in lines.splitlines())
        assert "I03" not in mail.text
        assert f"{len(lines.splitlines())}个单位累计2轮未填报" in mail.subject


def test_an_order_that_was_signed_does_not_wait_for_a_signature(office: Office) -> None:
    """Of twenty papers of 24 March one is signed; the alert of the 31st asks for the others."""
    office.silent("2022-03-14", "2022-03-17")
    office.release("2022-03-14", "2022-03-17")
    for day in ("2022-03-22", "2022-03-24"):
        office.run(day)
    [first] = office.mails("2022-03-24", SUPERVISION)
    assert "请审签督办单17份、商请函3份。" in first.text
    with office.database.read() as session:
        water = session.exec(
            select(Case.id).join(Unit, col(Unit.id) == Case.unit_id).where(Unit.code == "shuiwuju")
        ).one()
    papers.sign(office.database, water or 0, now=at("2022-03-25"), by=SUPERVISOR)
    for day in ("2022-03-28", "2022-03-31"):
        office.run(day)
    [again] = office.mails("2022-03-31", SUPERVISION)
    assert "请审签督办单16份、商请函3份。" in again.text
    assert "地区水务局（督办单已签发）" in again.text


def test_who_is_asked_anew_before_it_was_due_is_not_silent_in_the_older_round(office: Office) -> None:
    """An ad-hoc round of Saturday the 26th is due on the 29th; the round of the 28th takes its place."""
    adhoc_round.plan_adhoc_round(
        office.database,
        on=date(2022, 3, 26),
        units=["caizhengju"],
        items=["I33"],
        note="核对年度数据",
        now=at("2022-03-25"),
        by=OPERATOR,
    )
    for day in ("2022-03-26", "2022-03-28"):
        office.run(day)
    office.answer("caizhengju", "2022-03-28")
    for day in ("2022-03-29", "2022-03-30", "2022-03-31"):
        office.run(day)
    [summed] = [mail for mail in office.mails(to=CREATION) if "3月26日临时调度（按填报汇总" in mail.text]
    assert "改由新一轮调度填报：地区财政局" in summed.text
    assert "3月26日临时调度汇总：应报0个单位0项，已报0项；未填报0个单位" in summed.text


def test_who_was_silent_while_nothing_ran_is_silent_in_mail_list_and_status(office: Office) -> None:
    """Asked on 14 March; the next run, on 6 April, asks the round of the 28th and sums the older one up."""
    office.run("2022-03-14")
    office.answer("caizhengju", "2022-03-15")
    office.run("2022-04-06")
    moment: dict[str, Any] = {"plan": None, "now": at("2022-04-06", "10:00"), "days": office.days}
    [summed] = [mail for mail in office.mails(to=CREATION) if "3月14日调度（按填报汇总" in mail.text]
    assert "应报22个单位58项，已报1项；未填报21个单位" in summed.text
    assert "改由新一轮调度填报" not in summed.text
    with office.database.read() as session:
        drafted = rounds_shown.rounds(session, Viewer("test"), **moment)
        shown = overview.overview(session, Viewer("test"), **moment).rounds
    day = date(2022, 3, 14)
    assert [(row["asked"], row["answered"]) for row in drafted if row["round"] == day] == [(22, 1)]
    assert [(row.asked, row.answered) for row in shown if row.on_date == day] == [(22, 1)]
    assert set(office.rungs()) == {
        "chuangjianban"
    }  # the answer waits for its review; our outage makes nobody late


def test_a_veto_declaration_is_asked_anew_whatever_was_answered(office: Office) -> None:
    """Nobody is done with declaring that nothing happened: asked on the 28th, a month later again."""
    office.silent("2022-03-28")
    submit(office, "xingshuban", "V1", "2022-03-28", status="completed", occurred=False)
    review.accept(office.database, "xingshuban", "V1", now=at("2022-03-29"), by=OPERATOR)
    with pytest.raises(Refused, match="V1 is a declaration, made anew"):
        review.close(office.database, "xingshuban", "V1", now=at("2022-03-29"), by=SUPERVISOR)
    office.run("2022-04-28")
    assert "V1" in office.owed("xingshuban")
