"""Items set aside for a unit: suspended for a time, or not applicable (DOMAIN 5 and 9)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import cases_shown, indicator_facts, progress, review, suspension
from eco_workflow.services.assign_task import assign_task
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.lights import lights
from eco_workflow.services.overview import overview
from eco_workflow.services.round_count import asked_in
from eco_workflow.store.tables import RoundSummary
from tests.office import ADMIN, OPERATOR, SUPERVISOR, Office, at, liaison
from tests.reliability.picture import picture
from tests.services.desk import LEADER, SECOND_OPERATOR, cases, entries, keep_open, owed, told

I33 = ("caizhengju", "I33")
EYES = Viewer("operator", role="supervisor")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The plan is active from Sunday, 15 May 2022; few items are open, due on 31 May."""
    made = Office(database, tmp_path / "office")
    made.open("2022-05-15")
    keep_open(made, "I33", "I11", "I05")
    return made


def set_aside(
    office: Office, day: str, by: Actor = OPERATOR, state: str = "suspended", of: tuple[str, str] = I33
) -> suspension.SetAside:
    return suspension.set_aside(office.database, *of, state, reason="项目调整", now=at(day, "10:00"), by=by)


def confirm(
    office: Office, day: str, by: Actor = SUPERVISOR, of: tuple[str, str] = I33
) -> suspension.SetAside:
    return suspension.confirm(office.database, *of, now=at(day, "11:00"), by=by)


def resume(
    office: Office, day: str, by: Actor = OPERATOR, of: tuple[str, str] = I33, clock: str = "08:00"
) -> suspension.SetAside:
    return suspension.resume(
        office.database, *of, reason="项目重启", days=published_calendar(), now=at(day, clock), by=by
    )


def test_a_suspended_item_rests_where_it_stands_and_goes_on_from_there(office: Office) -> None:
    """Rung 1 was told on 1 June and had waited one working day, the 2nd. After 14 and 15 June it has waited
    three, and climbs.
    """
    office.run("2022-05-30")  # makes good the round of Saturday, 28 May
    office.run("2022-06-01")
    late = ("caizhengju", "I33", "2022-05-31")
    assert (*late, 1, "") in cases(office)
    office.run("2022-06-02")  # the answers were due on 1 June, 17:30
    assert ("caizhengju", None, None, 1, "") in cases(office, "report")
    assert set_aside(office, "2022-06-02").asked == "suspended"
    assert owed(office, *I33).state == "not_started"
    office.run("2022-06-06")
    assert told(office, "2022-06-06", "suspension_asked") == [("suspension_asked", "ducha", "liaison")]
    assert confirm(office, "2022-06-06").state == "suspended"
    # Nothing else was owed in the round, so the unit owes no answer any more.
    assert entries(office, *I33) == [("2022-05-28", "accepted")]
    assert [case[4] for case in cases(office, "report") if case[0] == "caizhengju"] == ["answered:6"]
    for day in ("2022-06-07", "2022-06-10", "2022-06-13"):
        office.run(day)
    assert (*late, 1, "") in cases(office)
    assert told(office, "2022-06-07", "suspended") == [
        ("suspended", "caizhengju", "leader"), ("suspended", "caizhengju", "liaison"),
    ]  # fmt: skip
    assert resume(office, "2022-06-14") == suspension.SetAside(
        "地区财政局", "I33", "not_started", date(2022, 5, 31), ""
    )
    office.run("2022-06-14")
    assert entries(office, *I33)[-1] == ("2022-06-14", "awaiting")
    assert told(office, "2022-06-14", "resumed") == [
        ("resumed", "caizhengju", "leader"), ("resumed", "caizhengju", "liaison"),
    ]  # fmt: skip
    assert (*late, 1, "") in cases(office)
    office.run("2022-06-15")
    assert (*late, 2, "") in cases(office)
    # 1, 2, 14 and 15 June; from 6 to 13 June no clock ran.
    with office.database.read() as session:
        stands = overview(session, Viewer("test"), plan=None, now=at("2022-06-15"), days=published_calendar())
    assert {late.item: late.days_late for late in stands.late_items if late.item} == {
        "I33": 4, "I11": 10, "I05": 10,
    }  # fmt: skip


def test_suspended_before_its_due_date_an_item_has_as_many_days_left_afterwards(office: Office) -> None:
    set_aside(office, "2022-05-25", by=SUPERVISOR)
    confirm(office, "2022-05-25", by=OPERATOR)
    office.run("2022-05-30")
    office.run("2022-06-01")
    assert entries(office, *I33) == []
    assert "I33" not in {case[1] for case in cases(office)}
    assert resume(office, "2022-06-08").due_on == date(2022, 6, 14)
    assert owed(office, *I33).first_due_on == date(2022, 5, 31)
    office.run("2022-06-09")
    assert owed(office, *I33).warned_for == date(2022, 6, 14)
    office.run("2022-06-15")
    assert ("caizhengju", "I33", "2022-06-14", 1, "") in cases(office)


def test_no_due_date_is_put_off_beyond_the_plan(office: Office) -> None:
    set_aside(office, "2022-05-16")
    confirm(office, "2022-05-16")
    assert resume(office, "2022-12-20").due_on == date(2022, 12, 31)


def test_not_applicable_closes_the_cases_and_lets_the_other_leads_close_out(office: Office) -> None:
    """I11 is led by three bureaus; it does not apply to the one of forestry."""
    forest = ("lincaoju", "I11")
    office.run("2022-05-30")
    office.run("2022-06-01")
    set_aside(office, "2022-06-01", state="not_applicable", of=forest)
    assert confirm(office, "2022-06-01", of=forest).state == "not_applicable"
    assert [case for case in cases(office) if case[0] == "lincaoju"] == [
        (*forest, "2022-05-31", 1, "not_applicable")
    ]
    indicator_facts.set_base(
        office.database,
        "I11.3",
        "90",
        period="2020",
        source="公报",
        now=at("2022-06-01", "13:00"),
        by=OPERATOR,
    )
    shown = Answer("completed", value="I11.1=96 I11.2=是 I11.3=90", period="2021")
    for unit in ("shuiwuju", "nongyeju"):
        progress.submit(office.database, unit, "I11", shown, now=at("2022-06-01", "14:00"), by=liaison(unit))
    review.close(office.database, "shuiwuju", "I11", now=at("2022-06-02"), by=OPERATOR)
    assert owed(office, "nongyeju", "I11").state == "closed"
    assert owed(office, *forest).state == "not_applicable"
    with pytest.raises(Refused, match="is not_applicable already"):
        set_aside(office, "2022-06-02", of=forest)
    with pytest.raises(Refused, match="there is nothing to resume"):
        resume(office, "2022-06-02", of=forest)


def test_a_suspended_item_may_turn_out_not_to_apply(office: Office) -> None:
    for state in ("suspended", "not_applicable"):
        set_aside(office, "2022-05-16", state=state)
        assert confirm(office, "2022-05-17").state == state


def test_an_answer_that_waits_for_review_cannot_be_taken_back_while_the_item_rests(office: Office) -> None:
    office.run("2022-05-30")
    money = liaison("caizhengju")
    progress.submit(office.database, *I33, Answer("completed"), now=at("2022-05-31", "14:00"), by=money)
    set_aside(office, "2022-06-01")
    confirm(office, "2022-06-01")
    before = picture(office.database)
    with pytest.raises(Refused, match="owes nothing on I33: it is suspended"):
        progress.recall(office.database, *I33, now=at("2022-06-02"), by=money)
    assert picture(office.database) == before
    assert resume(office, "2022-06-06").state == "completed"


def test_two_persons_in_both_roles_set_an_item_aside(office: Office) -> None:
    before = picture(office.database)
    for by in (liaison("caizhengju"), LEADER, ADMIN):
        for state in ("suspended", "not_applicable"):
            with pytest.raises(Refused, match="needs an operator or a supervisor"):
                set_aside(office, "2022-05-16", by=by, state=state)
        with pytest.raises(Refused, match="resuming an item needs an operator or a supervisor"):
            resume(office, "2022-05-16", by=by)
    with pytest.raises(WrongInput, match="needs --reason"):
        suspension.set_aside(office.database, *I33, "suspended", reason="", now=at("2022-05-16"), by=OPERATOR)
    with pytest.raises(Refused, match="Nothing was asked about I33"):
        confirm(office, "2022-05-16")
    with pytest.raises(Refused, match="nothing was asked: there is nothing to resume"):
        resume(office, "2022-05-16")
    assert picture(office.database) == before
    set_aside(office, "2022-05-16")
    before = picture(office.database)
    for by, words in (
        (OPERATOR, "needs a second person"),
        (SECOND_OPERATOR, "needs a supervisor to confirm"),
        (LEADER, "needs an operator or a supervisor"),
    ):
        with pytest.raises(Refused, match=words):
            confirm(office, "2022-05-16", by=by)
    with pytest.raises(Refused, match="operator asked on 2022-05-16 that I33 of 地区财政局 be suspended"):
        set_aside(office, "2022-05-17", state="not_applicable")
    assert picture(office.database) == before


def test_what_was_asked_can_be_taken_back_before_it_is_confirmed(office: Office) -> None:
    set_aside(office, "2022-05-16")
    assert resume(office, "2022-05-16", by=SUPERVISOR, clock="12:00").asked == ""
    office.run("2022-05-17")
    assert told(office, "2022-05-17", "suspension_asked", "resumed") == []
    assert set_aside(office, "2022-05-17").asked == "suspended"


def test_of_the_host_bureau_the_supervision_office_decides_alone(office: Office) -> None:
    host = ("shengtaiju", "I05")
    with pytest.raises(Refused, match="of the host bureau needs a supervisor"):
        set_aside(office, "2022-05-16", of=host)
    assert set_aside(office, "2022-05-16", by=SUPERVISOR, of=host).state == "suspended"
    with pytest.raises(Refused, match="needs a supervisor"):
        resume(office, "2022-05-17", of=host)
    assert resume(office, "2022-05-17", by=SUPERVISOR, of=host).state == "not_started"


def test_who_says_something_unasked_counts_as_asked_no_more_than_before(office: Office) -> None:
    """All that was asked of 财政局 is set aside; what it says of a task since is no answer to the round.
    The summary, drafted by the run, counts as the list does.
    """
    office.run("2022-05-30")
    set_aside(office, "2022-05-30")
    confirm(office, "2022-05-30")
    assign: dict[str, Any] = {"due_on": date(2022, 6, 30), "origin": "批示", "days": office.days}
    assign_task(office.database, [I33[0]], "清单", now=at("2022-05-31"), by=OPERATOR, **assign)
    said = Answer("in_progress")
    progress.submit(office.database, I33[0], "T001", said, now=at("2022-05-31", "10:00"), by=liaison(I33[0]))
    office.run("2022-06-02")
    with office.database.read() as session:
        [drawn_up] = session.exec(select(RoundSummary)).all()
        [asked] = asked_in(session, [drawn_up.round_id]).values()
    assert I33[0] in {one.unit.code for one in asked}
    assert drawn_up.asked == sum(one.counts for one in asked)


def lateness(office: Office, day: str) -> dict[str, list[object]]:
    """What each view says of I33 at 11:00: case list, light, status."""
    seen: dict[str, Any] = {"plan": None, "now": at(day, "11:00"), "days": office.days}
    with office.database.read() as session:
        listed = cases_shown.cases(session, EYES, unit="caizhengju", everything=True, **seen)
        shown = lights(session, EYES, **seen)
        late = overview(session, EYES, **seen).late_items
    return {
        "cases": [row["days_late"] for row in listed if row["item"] == "I33"],
        "light": [
            item.judged.reason for unit in shown if unit.code == "caizhengju" for item in unit.items
            if item.item == "I33"
        ],
        "status": [row.days_late for row in late if row.item == "I33"],
    }  # fmt: skip


def test_days_on_which_it_rested_are_no_lateness_anywhere_and_what_rests_is_not_late(office: Office) -> None:
    """Due on 31 May, suspended on 7 and 8 June: late by 6 of 8 working days on Monday, 13 June."""
    office.run("2022-06-01")
    set_aside(office, "2022-06-06")
    assert lateness(office, "2022-06-06")["status"] == [3]
    confirm(office, "2022-06-07")
    assert lateness(office, "2022-06-07") == {"cases": [3], "light": ["已中止"], "status": []}
    resume(office, "2022-06-09")
    office.run("2022-06-13")
    views = {"cases": [6], "light": ["逾期6个工作日"], "status": [6]}
    assert lateness(office, "2022-06-13") == views
    office.run("2022-06-14")
    # The claim closes its case, whose days stay though the item rests later.
    progress.submit(
        office.database, *I33, Answer("completed"), now=at("2022-06-14", "14:00"), by=liaison(I33[0])
    )
    closed = lateness(office, "2022-06-14")["cases"]
    set_aside(office, "2022-06-15")
    confirm(office, "2022-06-15")
    assert lateness(office, "2022-06-24")["cases"] == closed == [7]
