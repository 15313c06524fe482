"""Units that go into others, and summaries that wait for their release (DOMAIN 3.5, 5)."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import accounts, contacts, progress, rounds_shown
from eco_workflow.services.merge_units import merge
from eco_workflow.services.overview import overview
from eco_workflow.services.release_summary import release
from eco_workflow.services.split_unit import split
from eco_workflow.store.tables import Case, Contact, Entry, Item, Notice, Obligation, Request, Round, Unit
from tests.office import ADMIN, OPERATOR, SUPERVISOR, Office, at, liaison
from tests.reliability.picture import picture
from tests.services.desk import cases

NOON = at("2022-03-25", "12:00")


def owes(office: Office, unit: str) -> set[str]:
    with office.database.read() as session:
        rows = (
            select(Item.code)
            .join(Obligation, col(Obligation.item_id) == Item.id)
            .join(Unit, col(Unit.id) == Obligation.unit_id)
            .where(Unit.code == unit)
        )
        return set(session.exec(rows).all())


def told(office: Office, kind: str) -> list[tuple[str, str]]:
    with office.database.read() as session:
        rows = (
            select(Unit.code, Notice.role)
            .join(Unit, col(Unit.id) == Notice.unit_id)
            .where(Notice.kind == kind)
            .order_by(col(Notice.id))
        )
        return list(session.exec(rows).all())


@pytest.mark.parametrize(
    "act",
    [
        partial(merge, predecessor="shenjiju", successor="caizhengju"),
        partial(split, unit="shenjiju", gives=["P2:caizhengju"]),
    ],
    ids=["merger", "split"],
)
def test_what_it_would_come_to_is_looked_at_and_nothing_of_it_stays(
    office: Office, act: Callable[..., object]
) -> None:
    office.silent("2022-03-14", "2022-03-17")
    before, noon = picture(office.database), at("2022-03-18", "12:00")
    looked = act(office.database, now=noon, by=OPERATOR, kept=False)
    assert picture(office.database) == before
    assert looked == act(office.database, now=noon, by=OPERATOR)
    assert picture(office.database) != before


def test_a_merged_unit_s_breach_stays_and_the_successor_starts_anew(office: Office) -> None:
    """审计局 (rung 3) goes into 财政局 on 25 March; the round of the 28th asks 财政局 for both."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22")
    office.answer("caizhengju", "2022-03-23")
    office.run("2022-03-24")
    moving, own = owes(office, "shenjiju"), owes(office, "caizhengju")
    assert "P2" in moving
    before = picture(office.database)
    for old, new, by, error, words in (
        ("shenjiju", "caizhengju", SUPERVISOR, Refused, "merging units needs an operator"),
        ("shenjiju", "shenjiju", OPERATOR, WrongInput, "into itself"),
        ("chuangjianban", "caizhengju", OPERATOR, Refused, "hears rung 3"),
        ("ducha", "caizhengju", OPERATOR, Refused, "hears rung 3 of other units"),
        ("shengtaiju", "caizhengju", OPERATOR, Refused, "is the office's own host bureau"),
    ):
        with pytest.raises(error, match=words):
            merge(office.database, old, new, now=NOON, by=by)
    assert picture(office.database) == before

    done = merge(office.database, "shenjiju", "caizhengju", now=NOON, by=OPERATOR)
    assert (done.moved, done.kept, done.closed) == (len(moving - own), len(moving & own), 1)
    assert owes(office, "shenjiju") == set()
    assert owes(office, "caizhengju") == own | moving
    with office.database.read() as session:
        former = session.exec(select(Unit).where(Unit.code == "shenjiju")).one()
        case = session.exec(select(Case).where(Case.unit_id == former.id)).one()
        assert (case.rung, case.closed_on, case.closed_why) == (3, date(2022, 3, 25), "merged")
        assert session.exec(select(Request.state).where(Request.unit_id == former.id)).all() == ["superseded"]
        ended = session.exec(select(col(Contact.ended_on)).where(Contact.unit_id == former.id)).all()
        assert ended == [date(2022, 3, 25)] * 2
    assert told(office, "merged") == [
        ("caizhengju", "liaison"),
        ("caizhengju", "leader"),
        ("ducha", "liaison"),
    ]
    with pytest.raises(Refused, match="was merged into 地区财政局"):
        merge(office.database, "shenjiju", "shuiwuju", now=NOON, by=OPERATOR)
    person = contacts.Person("liaison", "张三", "z@x.example")
    with pytest.raises(Refused, match="name the contact there"):
        contacts.add(office.database, "shenjiju", person, now=NOON, by=OPERATOR)

    assert office.result("2022-03-28").troubles == []
    [mail] = office.mails("2022-03-28", "lianluo@caizhengju.dxal.example")
    assert "P2" in mail.text
    assert "审计局" in mail.text
    assert told(office, "resolved") == []
    assert office.mails("2022-03-28", "lianluo@shenjiju.dxal.example") == []
    with office.database.read() as session:
        asked = (
            select(Item.code)
            .join(Entry, col(Entry.item_id) == Item.id)
            .join(Unit, col(Unit.id) == Entry.unit_id)
            .join(Round, col(Round.id) == Entry.round_id)
            .where(Unit.code == "caizhengju", Round.on_date == date(2022, 3, 28))
        )
        assert {"I33", "P2"} <= set(session.exec(asked).all())
    office.run("2022-03-31")
    assert office.rungs()["caizhengju"] == 1
    assert "shenjiju" not in office.rungs()


def test_a_unit_merged_before_its_answer_was_due_counts_nowhere_in_the_round(office: Office) -> None:
    """审计局, asked on 14 March with 21 others, goes into 财政局 on the 15th; drafted on the 17th."""
    office.silent("2022-03-14")
    office.answer("shuiwuju", "2022-03-15")
    merge(office.database, "shenjiju", "caizhengju", now=at("2022-03-15", "12:00"), by=OPERATOR)
    office.run("2022-03-17")
    moment: dict[str, Any] = {"plan": None, "now": at("2022-03-17", "10:00"), "days": office.days}
    with office.database.read() as session:
        drafted = rounds_shown.rounds(session, Viewer("test"), **moment)
        now = overview(session, Viewer("test"), **moment).rounds
    day = date(2022, 3, 14)
    assert [(row["asked"], row["answered"]) for row in drafted if row["round"] == day] == [(21, 1)]
    assert [(row.asked, row.answered, row.entries_answered) for row in now if row.on_date == day] == [
        (21, 1, 5)
    ]
    [mail] = office.mails("2022-03-17", "lianluo@chuangjianban.dxal.example")
    assert "应报21个单位57项，已报5项；未填报20个单位" in mail.text
    assert "单位合并：地区审计局已并入地区财政局，不再填报" in mail.text
    assert "改由新一轮调度填报" not in mail.text


def test_a_successor_that_takes_its_answer_back_stands_where_the_merged_unit_stood(office: Office) -> None:
    office.silent("2022-03-14")
    office.answer("shenjiju", "2022-03-15", status="in_progress")
    merge(office.database, "shenjiju", "caizhengju", now=NOON, by=OPERATOR)
    office.run("2022-03-28")
    moment: dict[str, Any] = {"now": at("2022-03-29"), "by": liaison("caizhengju")}
    claimed = progress.submit(office.database, "caizhengju", "P2", Answer("completed"), **moment)
    recalled = progress.recall(office.database, "caizhengju", "P2", **moment)
    assert (claimed.item_state, recalled.item_state) == ("completed", "in_progress")


def test_what_both_owe_stays_the_successor_s(office: Office) -> None:
    """组织部 and 纪委监委 lead P1 together: nothing is owed twice."""
    both = owes(office, "zuzhibu") & owes(office, "jiwei")
    assert "P1" in both
    alone = owes(office, "zuzhibu") - both
    done = merge(office.database, "zuzhibu", "jiwei", now=at("2022-03-02"), by=OPERATOR)
    assert (done.moved, done.kept, done.closed) == (len(alone), len(both), 0)
    assert told(office, "merged") == [("jiwei", "liaison"), ("jiwei", "leader")]
    office.run("2022-03-14")
    assert office.mails("2022-03-14", "lianluo@zuzhibu.dxal.example") == []


def test_a_summary_not_released_by_the_next_working_day_makes_the_office_late(office: Office) -> None:
    """Drafted on Thursday the 17th, to be released by the 18th: late on Monday."""
    office.silent("2022-03-14")
    with pytest.raises(Refused, match="has no summary yet"):
        release(office.database, date(2022, 3, 14), now=at("2022-03-15"), by=OPERATOR)
    for day in ("2022-03-17", "2022-03-18"):
        office.run(day)
        assert cases(office, "review") == []
    [mail] = office.mails("2022-03-17", "lianluo@chuangjianban.dxal.example")
    assert "请于3月18日（周五）前审发3月14日调度汇总：应报22个单位" in mail.text
    assert "3月14日调度应报22个单位，未报22个，3月18日前审发" in mail.subject
    office.run("2022-03-21")
    [mail] = office.mails("2022-03-21")
    assert mail.to == "lianluo@chuangjianban.dxal.example"
    assert mail.subject == "【待审逾期】待审1项逾期1个工作日"
    assert "- 调度汇总待审发1项：最早自3月17日（周四）起，应在1个工作日内办结，已2个工作日" in mail.text
    for day in ("2022-03-22", "2022-03-23", "2022-03-24"):
        office.run(day)
    [mail] = office.mails("2022-03-24", "fenguan@chuangjianban.dxal.example")
    assert "请督促办结逾期待审事项，共1项；最早自3月17日（周四）起待审，最长逾期4个工作日。" in mail.text
    assert cases(office, "review") == [("chuangjianban", None, None, 2, "")]
    office.release("2022-03-14", "2022-03-24")
    office.run("2022-03-25")
    assert cases(office, "review") == [("chuangjianban", None, None, 2, "no_longer_late")]


def test_a_released_summary_is_on_record_and_nobody_is_late(office: Office) -> None:
    accounts.add(office.database, "赵六", "leader", now=at("2022-03-02"), by=ADMIN)
    for day in ("2022-03-14", "2022-03-17"):
        office.run(day)
    friday = at("2022-03-18", "15:00")
    before = picture(office.database)
    for on, by, error, words in (
        (date(2022, 3, 14), SUPERVISOR, Refused, "releasing a summary needs an operator"),
        (date(2022, 3, 14), liaison("caizhengju"), Refused, "releasing a summary needs an operator"),
        (date(2022, 3, 15), OPERATOR, WrongInput, "has no round of 2022-03-15"),
        (date(2022, 3, 28), OPERATOR, Refused, "is planned and has no summary"),
    ):
        with pytest.raises(error, match=words):
            release(office.database, on, now=friday, by=by)
    assert picture(office.database) == before
    done = release(office.database, date(2022, 3, 14), now=friday, by=OPERATOR)
    assert (done.released_on, done.to) == (date(2022, 3, 18), ("赵六",))
    assert (done.asked, done.answered, done.unreached) == (22, 0, 0)
    with pytest.raises(Refused, match="released on 2022-03-18 already"):
        release(office.database, date(2022, 3, 14), now=friday, by=OPERATOR)
    office.run("2022-03-21")
    assert cases(office, "review") == []
    with office.database.read() as session:
        moment: dict[str, Any] = {"plan": None, "now": at("2022-03-21"), "days": office.days}
        shown = rounds_shown.rounds(session, Viewer("test"), **moment)
        one = rounds_shown.round_(session, Viewer("test"), on=date(2022, 3, 14), kind=None, **moment)
    assert [row["round"] for row in shown if row["released_on"]] == [date(2022, 3, 14)]
    assert len(one["units"]) == 22
    assert {unit["answered"] for unit in one["units"]} == {0}
