"""What a machine that watches the engine is told (`eco health`)."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.dispatch import decide
from eco_workflow.services.health import Health, health
from eco_workflow.services.hold import hold, release
from eco_workflow.services.load_plan import activate
from eco_workflow.services.outbox import settle_unknown
from eco_workflow.services.overview import overview
from eco_workflow.services.readiness import Level, of_plans
from eco_workflow.store.engine_lock import alone, is_running
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.tables import Attempt, Message, Plan
from flows.wiring import deliver_batch
from schedules.timetable import last_start, next_start, runs
from tests.office import DAXINGANLING, OPERATOR, Office, at, plan_read


def looked(office: Office, day: str, clock: str = "12:00", *, engine: bool = True) -> Health:
    now = at(day, clock)
    with office.database.read() as session:
        return health(
            session,
            office.settings,
            now,
            due_at=last_start(runs(), now),
            next_run_at=next_start(runs(), now),
            engine=engine,
        )


def test_an_engine_that_ran_this_morning_is_well(office: Office) -> None:
    office.silent("2022-03-14")
    found = looked(office, "2022-03-14")
    assert found.wrong == ()
    assert found.plans[0].last_run_at == at("2022-03-14")
    assert found.next_run_at == at("2022-03-15")


def test_a_morning_without_a_run_is_named_after_an_hour(office: Office) -> None:
    office.silent("2022-03-14")
    assert looked(office, "2022-03-15", "09:59").wrong == ()
    found = looked(office, "2022-03-15", "10:00")
    assert found.plans[0].missed_since == at("2022-03-15")
    assert found.wrong[0].startswith("daxinganling-2022: the run of 2022-03-15 09:00 has not begun.")


def test_what_was_missed_stays_missed_through_the_next_morning(office: Office) -> None:
    """Nothing runs from the 15th on: red without a gap. Held from then to the 17th, it waits for the run
    of the 18th; let go one morning at eight, for that of nine.
    """
    office.silent("2022-03-14")
    for day, clock in (("2022-03-16", "09:30"), ("2022-03-18", "08:30"), ("2022-03-18", "09:30")):
        [plan] = looked(office, day, clock).plans
        assert plan.missed_since == at("2022-03-15")
        assert plan.late_seconds == (at(day, clock) - at("2022-03-15")).total_seconds()
    hold(office.database, "停一停", now=at("2022-03-15", "08:00"), by=OPERATOR)
    assert looked(office, "2022-03-16", "09:30").plans[0].missed_since is None
    release(office.database, published_calendar(), now=at("2022-03-17", "17:00"), by=OPERATOR)
    assert looked(office, "2022-03-17", "18:00").plans[0].late_seconds is None
    assert looked(office, "2022-03-20", "09:30").plans[0].missed_since == at("2022-03-18")
    hold(office.database, "再停", now=at("2022-03-20", "11:30"), by=OPERATOR)
    release(office.database, published_calendar(), now=at("2022-03-21", "08:00"), by=OPERATOR)
    assert looked(office, "2022-03-21", "10:00").plans[0].missed_since == at("2022-03-21")


def test_a_run_that_was_due_before_the_plan_was_activated_here_is_not_missed(
    database: str, tmp_path: Path
) -> None:
    """Set up on the evening of the 2nd, active from the 1st: the run of the 3rd is the first one here."""
    office = Office(database, tmp_path)
    upgrade(office.database)
    activate(
        office.database,
        plan_read(DAXINGANLING),
        active_from=date(2022, 3, 1),
        now=at("2022-03-02", "20:00"),
        actor="operator",
    )
    for day, clock in (("2022-03-02", "21:00"), ("2022-03-03", "08:59")):
        found = looked(office, day, clock)
        assert (found.wrong, found.plans[0].late_seconds) == ((), None)
    assert looked(office, "2022-03-03", "10:00").plans[0].missed_since == at("2022-03-03")


def test_before_the_activation_and_after_the_end_nothing_is_missed(office: Office) -> None:
    office.silent("2022-03-14")
    assert looked(office, "2022-02-28").wrong == ()
    assert looked(office, "2023-01-01").wrong == ()
    assert looked(office, "2022-12-31").wrong != ()


def test_a_plan_that_is_held_waits_for_no_run(office: Office) -> None:
    office.silent("2022-03-14")
    hold(office.database, "领导要求核对名单", now=at("2022-03-14", "15:00"), by=OPERATOR)
    assert looked(office, "2022-03-16").wrong == ()


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2022-03-13", "the clock says 2022-03-13, but the plan ran on 2022-03-14 already"),
        ("2022-04-29", "46 days have passed since the last run"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_plan_that_waits_for_a_person_to_confirm_the_date_is_wrong_and_says_how(
    office: Office, day: str, why: str
) -> None:
    office.silent("2022-03-14")
    [said] = looked(office, day).wrong
    assert said.startswith(f"daxinganling-2022: {why}")
    assert f"eco dispatch --confirm-date {day}" in said
    with office.database.read() as session:
        stands = overview(session, Viewer("operator"), plan=None, now=at(day), days=office.days)
        warned = of_plans(session, date.fromisoformat(day), office.days, mail_leaves=False)
    assert stands.to_confirm
    assert said == f"daxinganling-2022: {stands.to_confirm}"
    assert said in [one.said for one in warned if one.level is Level.WARNING]


def test_how_late_the_engine_was_is_told_while_it_waits_and_afterwards(office: Office) -> None:
    office.silent("2022-03-14")
    assert looked(office, "2022-03-15", "09:20").plans[0].late_seconds == 20 * 60
    office.run("2022-03-15", "09:30")
    assert looked(office, "2022-03-15", "17:00").plans[0].late_seconds == 30 * 60
    assert looked(office, "2023-01-01").plans[0].late_seconds is None


def test_a_year_without_a_published_calendar_is_wrong_a_month_before_it_begins(office: Office) -> None:
    office.silent("2022-03-14")
    with office.database.write() as session:
        session.exec(select(Plan)).one().ends_on = date(2099, 12, 31)
    [plan] = looked(office, "2022-03-14").plans
    first = plan.provisional_from
    assert first is not None
    assert (first.month, first.day) == (1, 1)
    assert looked(office, "2022-03-14").wrong == ()
    eve = (first - timedelta(days=30)).isoformat()
    assert f"working days from {first} on are not known" in looked(office, eve).wrong[-1]


def test_a_message_of_which_nobody_knows_whether_it_arrived_is_wrong(office: Office) -> None:
    office.silent("2022-03-14")
    with office.database.write() as session:  # as a process leaves it that died between two lines
        message = session.exec(select(Message)).first()
        assert message is not None
        message.state = "unknown"
    found = looked(office, "2022-03-14")
    assert found.unknown == 1
    assert found.wrong == ("1 message is unknown: settle with eco outbox",)


def without_mail(office: Office) -> None:
    office.settings = office.settings.model_copy(update={"mail_url": "smtp://127.0.0.1:1"})


def test_a_mail_server_that_is_down_is_named_within_hours_and_with_its_first_day(office: Office) -> None:
    """Each morning gives up yesterday's messages and makes them anew: the silence is one all the same."""
    office.silent("2022-03-11")
    without_mail(office)
    office.run("2022-03-14")
    assert looked(office, "2022-03-14", "12:59").wrong == ()
    said = "no message has left since 2022-03-14 09:00, and 22 people could not be told: see eco up --check"
    assert looked(office, "2022-03-14", "13:00").wrong == (said,)
    for day in ("2022-03-15", "2022-03-16", "2022-03-17", "2022-03-18", "2022-03-19", "2022-03-20"):
        office.run(day)
        assert looked(office, day, "09:05").wrong[0].startswith("no message has left since 2022-03-14 09:00")
    office.settings = office.settings.model_copy(update={"mail_url": None})
    office.run("2022-03-21")
    assert looked(office, "2022-03-21", "13:00").wrong == ()


def without_mailbox(office: Office) -> None:
    """The mailbox of the water bureau's liaison cannot be written: it takes the mail later."""
    boxes = office.home / "mail"
    boxes.mkdir(exist_ok=True)
    (boxes / "lianluo@shuiwuju.dxal.example").touch()


def test_one_who_is_put_off_for_days_is_named_with_the_first_of_them(office: Office) -> None:
    office.silent("2022-03-11")
    without_mailbox(office)
    for day in ("2022-03-14", "2022-03-15"):
        office.run(day)
        assert looked(office, day, "09:05").untold == (day > "2022-03-14")
    said = "1 person could not be told since 2022-03-14 09:00: see eco outbox list --state pending"
    assert looked(office, "2022-03-15", "16:00").wrong == (said,)
    with office.database.read() as session:
        at_four, days = at("2022-03-15", "16:00"), office.days
        stands, elsewhere = (
            overview(session, viewer, plan=None, now=at_four, days=days)
            for viewer in (Viewer("operator"), Viewer("他人", frozenset()))
        )
    assert stands.not_leaving == said
    assert stands.untold == ["地区水务局: liaison, since 2022-03-14 09:00"]
    assert (elsewhere.not_leaving, elsewhere.untold) == ("", [])
    office.answer("shuiwuju", "2022-03-15")
    office.run("2022-03-16")
    assert looked(office, "2022-03-16", "16:00").wrong == ()


def test_who_is_put_off_for_days_stays_named_until_the_morning_comes_to_them(office: Office) -> None:
    """The round of the 28th is decided, and its delivery has only begun: nobody else waits."""
    office.silent("2022-03-11")
    without_mailbox(office)
    for day in ("2022-03-14", "2022-03-15", "2022-03-25"):
        office.run(day)
    decide(office.database, at("2022-03-28"), office.days, actor="schedule")
    deliver_batch(office.settings, at("2022-03-28"), at_most=1)
    found = looked(office, "2022-03-28", "09:01")
    assert (found.untold, found.untold_since) == (1, at("2022-03-14"))


def test_a_day_without_a_run_does_not_begin_the_silence_anew(office: Office) -> None:
    """The engine was down on Wednesday: nothing was taken since Monday all the same."""
    office.silent("2022-03-11")
    without_mailbox(office)
    said = "1 person could not be told since 2022-03-14 09:00: see eco outbox list --state pending"
    for day in ("2022-03-14", "2022-03-15"):
        office.run(day)
    assert said in looked(office, "2022-03-16").wrong
    for day in ("2022-03-17", "2022-03-18"):
        office.run(day, "12:10")
        assert looked(office, day, "12:30").wrong == (said,)
    office.run("2022-03-21")
    assert looked(office, "2022-03-21", "10:00").wrong == (said,)


@pytest.mark.parametrize(("settled", "since"), [(False, "2022-03-28"), (True, "2022-03-14")])
def test_who_may_have_heard_is_silent_only_from_there_on(office: Office, settled: bool, since: str) -> None:
    """Of Tuesday's message nobody knows. Settled as failed, it reached nobody either."""
    office.silent("2022-03-11")
    without_mailbox(office)
    office.run("2022-03-14")
    office.run("2022-03-15")
    with office.database.write() as session:  # as a process leaves it that died between two lines
        message = session.exec(select(Message).where(Message.state == "pending")).one()
        message.state = "unknown"
        number = message.id or 0
        session.exec(select(Attempt).where(Attempt.message_id == number)).one().result = None
    if settled:
        settle_unknown(office.database, number, sent=False, now=at("2022-03-15", "14:00"), by=OPERATOR)
    office.run("2022-03-28")
    assert looked(office, "2022-03-28", "13:00").untold_since == at(since)


def test_who_answers_before_the_mail_arrives_waits_for_it_no_more(office: Office) -> None:
    office.silent("2022-03-11")
    without_mailbox(office)
    office.run("2022-03-14")
    office.answer("shuiwuju", "2022-03-14")
    office.run("2022-03-14", "09:30")
    assert looked(office, "2022-03-14", "16:00").wrong == ()


def test_who_hears_on_a_sunday_what_saturday_could_not_say_waits_no_more(office: Office) -> None:
    """A round is asked about on any day; only the working days count as gone by without a word."""
    office.silent("2022-03-28", "2022-04-28")
    without_mail(office)
    office.run("2022-05-14")
    assert looked(office, "2022-05-14", "13:00").untold > 0
    office.settings = office.settings.model_copy(update={"mail_url": None})
    office.run("2022-05-15")
    assert looked(office, "2022-05-15", "13:00").wrong == ()


def test_a_message_that_is_being_handed_over_is_wrong_only_after_an_hour(office: Office) -> None:
    """Its attempt began with the run of 09:00; a delivery that goes on has a result long before."""
    office.silent("2022-03-14")
    with office.database.write() as session:
        message = session.exec(select(Message)).first()
        assert message is not None
        message.state = "sending"
    assert looked(office, "2022-03-14", "09:59").wrong == ()
    assert looked(office, "2022-03-14", "10:01").wrong == (
        "1 message is sending for more than an hour: the next delivery makes it unknown (eco dispatch)",
    )


def test_an_engine_that_does_not_run_is_wrong(office: Office, tmp_path: Path) -> None:
    office.silent("2022-03-14")
    assert looked(office, "2022-03-14", engine=False).wrong == ("eco up does not run here",)
    assert not is_running(tmp_path)
    with alone(tmp_path):
        assert is_running(tmp_path)
    assert not is_running(tmp_path)
    assert timedelta(0) < next_start(runs(), at("2022-03-14")) - at("2022-03-14") <= timedelta(days=1)
