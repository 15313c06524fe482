"""Lights on the real plan, with its rounds, cases, dates and steps."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from eco_workflow.domain.errors import Refused
from eco_workflow.domain.lights import Light
from eco_workflow.domain.viewer import Viewer
from eco_workflow.plans.load import read
from eco_workflow.services import review, rounds_shown, settle, steps
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.lights import UnitRow, lights
from eco_workflow.services.overdue import REPORT, overdue
from eco_workflow.services.overview import overview
from eco_workflow.store.tables import Item, Plan, Unit
from tests.office import DAXINGANLING, OPERATOR, Office, at

GREY, GREEN, YELLOW, RED = Light


def look(office: Office, day: str, clock: str = "10:00", **more: Any) -> dict[str, UnitRow]:
    """Unit code → its row."""
    viewer = more.pop("viewer", Viewer("console"))
    with office.database.read() as session:
        rows = lights(session, viewer, plan=None, now=at(day, clock), days=published_calendar(), **more)
    assert [row.judged.light for row in rows] == sorted((row.judged.light for row in rows), reverse=True)
    return {row.code: row for row in rows}


def light_of(office: Office, unit: str, day: str, clock: str = "10:00") -> tuple[Light, str, bool]:
    """A unit's light, its reason, its mark."""
    judged = look(office, day, clock)[unit].judged
    return judged.light, judged.reason, judged.marked


def item_of(office: Office, unit: str, item: str, day: str) -> tuple[Light, str]:
    """An item's light and its reason."""
    (row,) = [row for row in look(office, day)[unit].items if row.item == item]
    return row.judged.light, row.judged.reason


def overdue_on(office: Office, day: str) -> dict[str, set[str]]:
    """Unit code → codes of what is overdue; `填报` for the report clock."""
    with office.database.read() as session:
        plan = session.exec(select(Plan)).one()
        units = dict(session.exec(select(Unit.id, Unit.code)).all())
        items = dict(session.exec(select(Item.id, Item.code)).all())
        found: dict[str, set[str]] = {}
        for unit, item in overdue(session, plan, at(day)):
            found.setdefault(units[unit], set()).add("填报" if item == REPORT else items[item])
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_status_agrees_before_the_next_run_has_opened_the_cases(office: Office) -> None:
    """Asked on the 14th, due on the 16th at 17:30: that evening nobody is on a rung yet."""
    office.silent("2022-03-14")
    office.answer("shuiwuju", "2022-03-16")
    evening: dict[str, Any] = {"plan": None, "now": at("2022-03-16", "18:00"), "days": published_calendar()}
    with office.database.read() as session:
        found = overview(session, Viewer("console"), **evening)
        shown = rounds_shown.round_(session, Viewer("console"), on=date(2022, 3, 14), kind=None, **evening)
        before = overview(session, Viewer("console"), **{**evening, "now": at("2022-03-16", "17:00")})
    red = {row.unit for row in look(office, "2022-03-16", "18:00").values() if row.judged.light is RED}
    assert {one.unit for one in found.past_due if one.silent} == red
    assert {row["unit"] for row in shown["units"] if row["late"]} == red
    assert (len(red), found.late, before.past_due) == (21, [], [])
    office.run("2022-03-17")
    with office.database.read() as session:
        found = overview(session, Viewer("console"), **{**evening, "now": at("2022-03-17", "10:00")})
    assert (found.past_due, {one.unit for one in found.late}) == ([], red)


def test_on_the_first_day_nobody_is_late_and_nothing_has_begun(office: Office) -> None:
    """The three milestones of phase 1 wait to be settled: backfill is never overdue.

    22 units are asked on a 14th; ten more, with duties only, on a 28th.
    """
    rows = look(office, "2022-03-01")
    assert Counter(row.judged.light for row in rows.values()) == {GREY: 32}
    assert overdue_on(office, "2022-03-01") == {}
    assert item_of(office, "chuangjianban", "M1.1", "2022-03-01") == (GREY, "启用前已到期，待核定")
    assert item_of(office, "chuangjianban", "M3.2", "2022-03-01") == (GREY, "6月1日起")


def test_a_milestone_settled_with_a_new_date_is_held_to_it(office: Office) -> None:
    """The time that passed before activation is held against nobody."""
    settle.settle_item(
        office.database, "M1.1", evidence=None, due_on=date(2022, 3, 10), now=at("2022-03-02"), by=OPERATOR
    )
    assert item_of(office, "chuangjianban", "M1.1", "2022-03-10") == (YELLOW, "今日到期")
    assert item_of(office, "chuangjianban", "M1.1", "2022-03-11") == (RED, "逾期1个工作日")
    assert overdue_on(office, "2022-03-11") == {"chuangjianban": {"M1.1"}}


def test_a_silent_unit_is_red_until_it_answers_then_yellow_for_two_rounds_and_marked_for_good(
    office: Office,
) -> None:
    """The report clock, from its due time on (17:30, DOMAIN 1) to two rounds after the answer."""
    office.silent("2022-03-14")
    assert light_of(office, "caizhengju", "2022-03-16", "17:30") == (GREY, "未到期限", False)
    assert light_of(office, "caizhengju", "2022-03-16", "17:31") == (RED, "填报逾期", False)
    office.run("2022-03-17")
    assert light_of(office, "caizhengju", "2022-03-17") == (RED, "填报逾期", False)
    office.answer("caizhengju", "2022-03-18")
    assert light_of(office, "caizhengju", "2022-03-18") == (YELLOW, "补报未满2轮", True)
    office.run("2022-03-28")
    office.answer("caizhengju", "2022-03-29")
    assert light_of(office, "caizhengju", "2022-04-13") == (YELLOW, "补报未满2轮", True)
    office.run("2022-04-14")
    assert light_of(office, "caizhengju", "2022-04-14") == (GREEN, "正常推进", True)


def test_a_new_round_does_not_whiten_a_silent_unit(office: Office) -> None:
    """While the newest request is not yet due the case stands, though it does not climb."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-28")
    assert light_of(office, "caizhengju", "2022-03-28") == (RED, "填报逾期", False)


def test_the_task_clock_runs_for_lead_units_and_owners_not_for_data_providers(office: Office) -> None:
    """On 1 June every indicator and policy is late with its lead units; what waits on others never is."""
    plan = read(DAXINGANLING).plan
    led: dict[str, set[str]] = {"chuangjianban": {"M2.1", "M2.2", "M2.3"}}
    links = [(unit, item.id) for item in plan.indicators for unit in item.lead]
    links += [(unit, item.id) for item in plan.policies for unit in item.lead]
    for unit, item in links:
        led.setdefault(unit, set()).add(item)
    assert overdue_on(office, "2022-05-31") == {}
    assert overdue_on(office, "2022-06-01") == led
    assert overdue_on(office, "2022-12-30")["chuangjianban"] == {"M2.1", "M2.2", "M2.3"}
    assert item_of(office, "shuiwuju", "I04", "2022-06-01") == (RED, "逾期1个工作日")
    assert item_of(office, "shuiwuju", "I32", "2022-06-01") == (GREY, "暂无应填报事项")


def test_data_providers_and_duties_go_by_the_report_clock_alone(office: Office) -> None:
    """No date is held against them: the light says whether an answer is owed, and whether it is late."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-28")
    of_28th = {("tongjiju", "I35"), ("jiaoyuju", "D11.1")}
    seen = {which: item_of(office, *which, "2022-03-30") for which in of_28th}
    assert seen == dict.fromkeys(of_28th, (GREY, "待填报，未到时限"))
    seen = {which: item_of(office, *which, "2022-03-31") for which in of_28th}
    assert seen == dict.fromkeys(of_28th, (RED, "填报逾期"))
    assert light_of(office, "jiaoyuju", "2022-03-31")[:2] == (RED, "填报逾期")
    office.answer("jiaoyuju", "2022-03-30")
    assert item_of(office, "jiaoyuju", "D11.1", "2022-06-30") == (GREEN, "正常推进")


def test_a_claim_stops_the_task_clock_before_its_review(office: Office) -> None:
    """What waits for the office is not the unit's delay; a claim without its figure is (DOMAIN 4)."""
    office.silent("2022-03-14")
    office.answer("caizhengju", "2022-03-15", status="completed", value="80", period="2021")
    office.answer("jiaotongju", "2022-03-15", status="completed")
    assert light_of(office, "caizhengju", "2022-06-10") == (GREEN, "正常推进", False)
    assert item_of(office, "caizhengju", "I33", "2022-06-10") == (GREEN, "已报完成，待核")
    late = overdue_on(office, "2022-06-10")
    assert "caizhengju" not in late
    assert late["jiaotongju"] == {"I30"}
    assert item_of(office, "jiaotongju", "I30", "2022-06-10")[0] == RED


def test_what_waits_for_review_colours_the_office_and_nobody_else(office: Office) -> None:
    """Yellow after 3 working days, red after 10; a review ends it."""
    office.silent("2022-03-14")
    office.answer("caizhengju", "2022-03-15")
    office.answer("chuangjianban", "2022-03-16")
    assert light_of(office, "chuangjianban", "2022-03-17")[0] == GREEN
    assert light_of(office, "chuangjianban", "2022-03-18")[:2] == (YELLOW, "待审核最长3个工作日")
    assert light_of(office, "chuangjianban", "2022-03-29")[:2] == (RED, "待审核最长10个工作日")
    assert light_of(office, "caizhengju", "2022-03-29")[0] == GREEN
    review.accept(office.database, "caizhengju", "I33", now=at("2022-03-20"), by=OPERATOR)
    assert light_of(office, "chuangjianban", "2022-03-29")[:2] == (YELLOW, "待审核最长9个工作日")


def test_the_review_of_a_newer_answer_ends_the_wait_of_an_older_one(office: Office) -> None:
    """Nobody reads what has been overtaken."""
    office.silent("2022-03-14")
    office.answer("chuangjianban", "2022-03-15")
    office.run("2022-03-28")
    office.release("2022-03-14", "2022-03-28")
    office.answer("chuangjianban", "2022-03-29")
    assert light_of(office, "chuangjianban", "2022-03-30")[:2] == (RED, "待审核最长11个工作日")
    for item in ("M2.1", "M2.2", "M2.3"):
        review.accept(office.database, "chuangjianban", item, now=at("2022-03-30"), by=OPERATOR)
    assert light_of(office, "chuangjianban", "2022-03-30")[0] == GREEN


def step(office: Office, item: str, *weights: int) -> None:
    """The office sets steps on 1 March."""
    for weight in weights:
        steps.add(
            office.database, item, "分步", weight=weight, due_on=None, now=at("2022-03-01"), by=OPERATOR
        )


def test_steps_are_measured_from_activation_to_the_due_date(office: Office) -> None:
    """91 days from 1 March to 31 May: 9 of them are less than 10 points, 28 more than 30."""
    step(office, "I04", 1, 1)
    assert item_of(office, "shuiwuju", "I04", "2022-03-10") == (GREY, "未启动，未到期限")
    assert item_of(office, "shuiwuju", "I04", "2022-03-11") == (YELLOW, "落后序时进度11个百分点")
    assert item_of(office, "shuiwuju", "I04", "2022-03-29") == (RED, "落后序时进度30.8个百分点")
    steps.done(office.database, "I04", 1, now=at("2022-03-29"), by=OPERATOR)
    assert item_of(office, "shuiwuju", "I04", "2022-03-29") == (
        YELLOW,
        "红灯消除未满2轮；落后序时进度30.8个百分点（有步骤待核）",
    )
    steps.confirm(office.database, "I04", 1, now=at("2022-03-30"), by=OPERATOR)
    assert item_of(office, "shuiwuju", "I04", "2022-03-30") == (YELLOW, "红灯消除未满2轮")


def test_a_claimed_step_waits_for_the_office_until_its_item_is_closed(office: Office) -> None:
    """It colours the office like any answer, and no more once the item is closed out."""
    step(office, "P2", 1)
    steps.done(office.database, "P2", 1, now=at("2022-03-07"), by=OPERATOR)
    assert light_of(office, "chuangjianban", "2022-03-10")[:2] == (YELLOW, "待审核最长3个工作日")
    office.run("2022-03-14")
    office.answer("shenjiju", "2022-03-14", status="completed")
    review.close(office.database, "shenjiju", "P2", now=at("2022-03-15"), by=OPERATOR)
    assert light_of(office, "chuangjianban", "2022-03-16")[0] == GREY


def test_only_units_behind_pro_rata_go_into_the_months_report(office: Office) -> None:
    """With the items that are, 10 points or more (DOMAIN 8)."""
    step(office, "I04", 1)
    step(office, "I33", 1, 9)
    steps.done(office.database, "I33", 2, now=at("2022-03-02"), by=OPERATOR)
    steps.confirm(office.database, "I33", 2, now=at("2022-03-02"), by=OPERATOR)
    found = look(office, "2022-03-31", behind=True)
    assert {code: [item.item for item in row.items] for code, row in found.items()} == {"shuiwuju": ["I04"]}


def test_a_unit_is_shown_its_own_light_only(office: Office) -> None:
    """Who may see which unit is the viewer's matter, whatever unit is asked for."""
    with office.database.read() as session:
        own = session.exec(select(Unit.id).where(Unit.code == "shuiwuju")).one()
    viewer = Viewer("liaison", frozenset({own or 0}))
    assert list(look(office, "2022-03-14", viewer=viewer)) == ["shuiwuju"]
    with pytest.raises(Refused, match="liaison sees the own unit only; 地区财政局 is another"):
        look(office, "2022-03-14", viewer=viewer, unit="caizhengju")
    assert list(look(office, "2022-03-14", unit="地区财政局")) == ["caizhengju"]


def test_the_number_of_queries_does_not_grow_with_items_or_steps(office: Office) -> None:
    """A page of all units costs what a page of one does."""
    said: list[str] = []
    event.listen(office.database.engine, "before_cursor_execute", lambda *words: said.append(words[2]))

    def queries(**more: Any) -> int:
        said.clear()
        look(office, "2022-03-20", **more)
        return sum(statement.startswith("SELECT") for statement in said)

    before = queries()
    for item in ("I01", "I04", "I33"):
        step(office, item, 1, 2, 3)
    office.run("2022-03-14")
    assert queries() == before <= 12


def test_json_carries_colour_shape_and_words(office: Office) -> None:
    """Colour alone says nothing to some readers."""
    office.silent("2022-03-14")
    row = look(office, "2022-03-17")["caizhengju"].as_json()
    items = row.pop("items")
    assert row == {
        "unit": "地区财政局",
        "code": "caizhengju",
        "light": "red",
        "shape": "■",
        "colour": "红",
        "meaning": "逾期或严重滞后",
        "reason": "填报逾期",
        "marked": False,
    }
    assert [(item["item"], item["role"], item["light"], item["behind"]) for item in items] == [
        ("I33", "lead", "grey", None),
        ("D9.1", "owner", "grey", None),
        ("D9.2", "owner", "grey", None),
    ]
