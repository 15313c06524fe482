"""A plan is held and goes on (DOMAIN 3.8), through real services, both databases and real mailboxes."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import hold
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.dispatch import decide
from eco_workflow.services.load_plan import activate
from eco_workflow.services.overview import overview
from eco_workflow.services.release_summary import release
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Case, Entry, Plan, Round, Run, Unit
from tests.office import DAXINGANLING, OPERATOR, SUPERVISOR, Office, at
from tests.properties.plan import USUAL

WATER = "lianluo@shuiwuju.dxal.example"
MONEY = "lianluo@caizhengju.dxal.example"
WHY = "等待方案修订"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The real plan, active from 1 March 2022."""
    made = Office(database, tmp_path)
    made.open()
    return made


def stop(office: Office, day: str, clock: str = "10:00", plan: str | None = None) -> None:
    hold.hold(office.database, WHY, now=at(day, clock), by=OPERATOR, plan=plan)


def go_on(office: Office, day: str, clock: str = "08:00", plan: str | None = None) -> hold.Released:
    return hold.release(office.database, published_calendar(), now=at(day, clock), by=OPERATOR, plan=plan)


def test_a_held_plan_does_nothing_and_says_so(office: Office) -> None:
    """On the 14th nothing is opened, claimed or sent; the run names the hold."""
    stop(office, "2022-03-11")
    result = office.result("2022-03-14")
    assert "held since 2022-03-11" in result.troubles[0]
    assert "eco plan release" in result.troubles[0]
    assert office.mails() == []
    with office.database.read() as session:
        assert session.exec(select(Run)).all() == []
        assert session.exec(select(Round.state).where(Round.on_date == date(2022, 3, 14))).one() == "planned"


def test_a_confirmed_date_does_not_lift_a_hold(office: Office) -> None:
    """Vouching for a date is no decision to go on."""
    stop(office, "2022-03-11")
    result = office.result("2022-03-14", confirmed="2022-03-14")
    assert "held since" in result.troubles[0]


def test_a_round_printed_within_the_hold_is_made_good(office: Office) -> None:
    """Held over the 14th; on Thursday the 17th it leaves with its own date, due on Monday the 21st."""
    stop(office, "2022-03-14", "08:00")
    assert office.run("2022-03-15")["opened"] == 0
    go_on(office, "2022-03-17")
    run = office.run("2022-03-17")
    assert (run["round"], run["requests"]) == (date(2022, 3, 14), 22)
    assert office.due() == {at("2022-03-21", "17:30")}


def test_of_two_rounds_within_the_hold_only_the_newest_is_sent(office: Office) -> None:
    """The rule for missed runs."""
    stop(office, "2022-03-11")
    go_on(office, "2022-03-30")
    assert office.run("2022-03-30")["round"] == date(2022, 3, 28)
    with office.database.read() as session:
        assert session.exec(select(Round.state).where(Round.on_date == date(2022, 3, 14))).one() == "skipped"


def test_open_due_times_move_by_the_working_days_held_and_the_next_envelope_says_so(office: Office) -> None:
    """Asked on the 14th, due on the 16th; held on the 15th and 16th, it is due on Friday the 18th."""
    office.silent("2022-03-14")
    stop(office, "2022-03-15", "08:00")
    assert office.run("2022-03-16")["rungs"] == 0
    done = go_on(office, "2022-03-17")
    assert (done.working_days, done.moved) == (2, 58)
    assert office.due() == {at("2022-03-18", "17:30")}
    assert office.run("2022-03-17")["rungs"] == 0
    [mail] = office.mails("2022-03-17", WATER)
    assert WHY in mail.text
    assert "3月16日17:30" in mail.text
    assert "3月18日17:30" in mail.text
    assert office.run("2022-03-18")["rungs"] == 0
    assert office.run("2022-03-21")["rungs"] == 22
    with office.database.read() as session:
        assert broken_at(session, 1) is None


def test_an_answer_returned_just_before_a_hold_is_told_with_the_one_time_by_which_it_is_due(
    office: Office,
) -> None:
    """Returned on the 15th, due on the 17th; held until the 17th, it is due on Friday the 18th."""
    office.silent("2022-03-14")
    office.answer("caizhengju", "2022-03-15", "08:00")
    office.give_back("caizhengju", "I33", "2022-03-15")
    stop(office, "2022-03-15", "14:00")
    go_on(office, "2022-03-17", "15:00")
    office.run("2022-03-18")
    [mail] = office.mails("2022-03-18", MONEY)
    assert mail.subject.startswith("【通知】退回补正：I33 3月18日17:30前")
    assert "请于3月18日17:30（周五）前补正并重新填报I33" in mail.text
    assert "请于3月17日" not in mail.text


def test_a_due_time_that_moved_is_not_told_of_a_request_that_a_new_one_takes_up(office: Office) -> None:
    """Asked on the 14th, held from the 16th to the 28th: that morning the round of the 28th asks it all."""
    office.silent("2022-03-14")
    stop(office, "2022-03-16")
    assert go_on(office, "2022-03-28").moved == 58
    office.run("2022-03-28")
    [mail] = office.mails("2022-03-28", WATER)
    assert mail.subject.startswith("【填报】3月28日调度")
    assert "3月14日" not in mail.text


def test_of_a_due_time_that_moved_twice_the_last_is_told(office: Office) -> None:
    """Held on the 15th and again on the 16th before anybody was told: due on the 18th."""
    office.silent("2022-03-14")
    for day, until in (("2022-03-15", "2022-03-16"), ("2022-03-16", "2022-03-17")):
        stop(office, day, "09:00")
        go_on(office, until)
    office.run("2022-03-17")
    [mail] = office.mails("2022-03-17", WATER)
    assert "■ 通知：1件" in mail.text
    assert "顺延至3月18日17:30" in mail.text


def test_a_weekend_on_hold_moves_nothing(office: Office) -> None:
    """Held from Saturday morning to Monday morning: no working day was lost, and nobody hears of it."""
    office.silent("2022-03-14")
    office.answer("shuiwuju", "2022-03-17")
    office.give_back("shuiwuju", "I04", "2022-03-18")
    before = office.due()
    stop(office, "2022-03-19")
    done = go_on(office, "2022-03-21")
    assert (done.working_days, done.moved) == (0, 0)
    assert office.due() == before
    office.run("2022-03-21")
    assert not any("3月22日17:30" in mail.text and WHY in mail.text for mail in office.mails("2022-03-21"))


def test_what_was_late_when_the_hold_began_stays_late_and_its_graces_wait(office: Office) -> None:
    """Rung 1 on Thursday the 17th; held on Friday and Monday, rung 2 follows on the 24th, not the 22nd."""
    office.silent("2022-03-14", "2022-03-17")
    stop(office, "2022-03-18", "08:00")
    assert go_on(office, "2022-03-22").moved == 0
    office.release("2022-03-14", "2022-03-22")
    for day, rungs in (("2022-03-22", 0), ("2022-03-23", 0), ("2022-03-24", 22)):
        assert office.run(day)["rungs"] == rungs
    [mail] = office.mails("2022-03-24", WATER)
    assert "逾期4个工作日" in mail.text  # the 17th, 22nd, 23rd and 24th
    with office.database.read() as session:
        seen = overview(
            session, Viewer("x"), plan=None, now=at("2022-03-24", "18:00"), days=published_calendar()
        )
    assert {unit.days_late for unit in seen.late} == {4}


def test_due_on_the_day_of_the_hold_is_open_before_half_past_five_and_past_after_it(office: Office) -> None:
    """The hold begins at an instant: what was due before it is late."""
    office.silent("2022-03-14")
    stop(office, "2022-03-16", "18:00")
    assert go_on(office, "2022-03-17").moved == 0
    assert office.run("2022-03-17")["rungs"] == 22


def test_an_answer_given_while_the_plan_is_held_is_on_time(office: Office) -> None:
    """The clock stood still at the moment of the hold."""
    office.silent("2022-03-14")
    stop(office, "2022-03-16", "09:30")
    office.answer("shuiwuju", "2022-03-18")
    with office.database.read() as session:
        marks = session.exec(
            select(Entry.on_time).join(Unit, col(Unit.id) == Entry.unit_id).where(Unit.code == "shuiwuju")
        ).all()
    assert set(marks) - {None} == {True}


def test_what_is_returned_while_the_plan_is_held_is_due_two_working_days_after_it_goes_on(
    office: Office,
) -> None:
    """Returned on Tuesday the 15th, held until Thursday: Thursday and Friday are the two days."""
    office.silent("2022-03-14")
    office.answer("caizhengju", "2022-03-14")
    stop(office, "2022-03-15", "08:00")
    office.give_back("caizhengju", "I33", "2022-03-15")
    go_on(office, "2022-03-17")
    with office.database.read() as session:
        entry = session.exec(select(Entry).where(Entry.state == "returned")).one()
        assert entry.due_at == at("2022-03-18", "17:30")


def test_pending_messages_stay_and_leave_when_the_plan_goes_on_the_same_day(office: Office) -> None:
    """Decided at nine, held before anything left: nothing is handed over until the release."""
    decide(office.database, at("2022-03-14"), published_calendar(), actor="schedule")
    stop(office, "2022-03-14", "09:01")
    result = office.result("2022-03-14", "09:30")
    assert result.delivered.sent == result.waiting == 0
    assert office.states("2022-03-14") == ["pending"] * 22
    go_on(office, "2022-03-14", "11:00")
    assert office.run("2022-03-14", "11:01")["sent"] == 22
    assert office.due() == {at("2022-03-16", "17:30")}


def test_pending_messages_of_a_day_that_is_over_are_withdrawn_and_ride_anew(office: Office) -> None:
    """Held over night: the requests leave on the 15th, due on the 17th."""
    decide(office.database, at("2022-03-14"), published_calendar(), actor="schedule")
    stop(office, "2022-03-14", "09:01")
    go_on(office, "2022-03-15")
    assert office.run("2022-03-15")["sent"] == 22
    assert office.states("2022-03-14") == ["withdrawn"] * 22
    assert office.due() == {at("2022-03-17", "17:30")}


def test_forty_five_days_of_silence_do_not_count_held_days(office: Office) -> None:
    """Last run on 14 March, held until May: the plan goes on without anybody confirming the date."""
    office.silent("2022-03-14")
    stop(office, "2022-03-15", "08:00")
    go_on(office, "2022-05-16")
    assert office.result("2022-05-16").decision.stopped == {}
    assert office.result("2022-07-04").decision.stopped  # and 49 days later somebody must


def test_of_two_plans_one_is_held(database: str, tmp_path: Path) -> None:
    """The other goes on, by the published calendar; after the release each counts its own days."""
    office = Office(database, tmp_path)
    office.open()
    activate(
        office.database, USUAL, active_from=date(2022, 3, 1),
        now=at("2022-03-01", "08:00"), actor="operator",
    )  # fmt: skip
    office.run("2022-03-14")
    stop(office, "2022-03-15", "08:00", plan="small")
    assert "small" in office.result("2022-03-17").decision.stopped
    go_on(office, "2022-03-18", plan="small")
    office.run("2022-03-18")
    release(office.database, date(2022, 3, 14), now=at("2022-03-18", "15:00"), by=OPERATOR, plan=DAXINGANLING)
    for day in ("2022-03-21", "2022-03-22"):
        office.run(day)
    with office.database.read() as session:
        opened = session.exec(
            select(col(Plan.code), col(Case.opened_on)).join(Plan, col(Plan.id) == Case.plan_id).distinct()
        ).all()
        rungs = session.exec(
            select(col(Plan.code), col(Case.rung)).join(Plan, col(Plan.id) == Case.plan_id).distinct()
        ).all()
    # Due on the 16th, or, with the 15th, 16th and 17th held, on Monday the 21st.
    assert set(opened) == {("daxinganling-2022", date(2022, 3, 17)), ("small", date(2022, 3, 22))}
    assert set(rungs) == {("daxinganling-2022", 2), ("small", 1)}


def test_holding_twice_letting_go_twice_and_slips_in_the_date_are_refused(office: Office) -> None:
    """Nothing is written by any of them."""
    office.silent("2022-03-14")
    with pytest.raises(Refused, match="not held"):
        go_on(office, "2022-03-15")
    with pytest.raises(WrongInput, match="needs --reason"):
        hold.hold(office.database, " ", now=at("2022-03-15"), by=OPERATOR)
    with pytest.raises(WrongInput, match="lies before the last run"):
        stop(office, "2022-03-11")
    with pytest.raises(WrongInput, match="lies outside the plan"):
        stop(office, "2023-03-11")
    with pytest.raises(Refused, match="holding the plan needs an operator"):
        hold.hold(office.database, WHY, now=at("2022-03-15"), by=SUPERVISOR)
    stop(office, "2022-03-15")
    with pytest.raises(Refused, match="held since 2022-03-15 already"):
        stop(office, "2022-03-16")
    with pytest.raises(WrongInput, match="later than the instant given"):
        go_on(office, "2022-03-15", "09:00")
    go_on(office, "2022-03-15", "11:00")
    stop(office, "2022-03-15", "12:00")  # and again on the same day
    assert go_on(office, "2022-03-16").working_days == 1
