"""The host's own zone and a clock that jumps: the office's dates hold (DOMAIN 3.6).

Outages of a day and a round, 45 days and 46, and a clock some days back stand in `test_outage`.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.services.health import health
from eco_workflow.services.purge import purge_bodies
from eco_workflow.store.tables import Attempt, Occurrence
from flows.wiring import deliver_batch, keep_house, keys_in_force, open_rhythms, report_week, work_phase
from schedules.timetable import TIMETABLE, last_start, next_start, runs
from tests.office import Office, at
from tests.phase_office import county
from tests.reliability.picture import differences, picture
from tests.reliability.world import Small, set_up

ZONES = ("America/New_York", "Pacific/Kiritimati")
"""At nine in Shanghai it is still yesterday evening in the one, and three in the afternoon in the other."""

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def host_is_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets this process's own zone, as the machine's would be."""

    def sets(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield sets
    monkeypatch.undo()
    time.tzset()


def three_weeks(folder: Path) -> Small:
    """Runs just after and just before midnight, and an answer in the last minute."""
    folder.mkdir()
    office = set_up(f"sqlite:///{folder / 'eco.db'}", folder)
    office.result("2022-03-14", "00:05")
    office.answer("yi", "2022-03-16", "17:29")
    for day, clock in (("16", "23:55"), ("22", "23:55"), ("24", "00:05"), ("28", "23:55")):
        office.result(f"2022-03-{day}", clock)
    return office


def test_in_whatever_zone_the_host_lives_the_days_are_those_of_the_office(
    database: str, tmp_path: Path, host_is_in: Callable[[str], None]
) -> None:
    host_is_in("UTC")
    here = three_weeks(tmp_path / "utc")
    wanted, mails = picture(here.database), [(mail.on, mail.to, mail.text) for mail in here.mails()]
    assert {mail.on.day for mail in here.mails()} == {14, 16, 22, 24, 28}
    for zone in ZONES:
        host_is_in(zone)
        there = three_weeks(tmp_path / zone.replace("/", "-"))
        assert differences(wanted, picture(there.database), besides=("body",)) == [], zone
        assert [(mail.on, mail.to, mail.text) for mail in there.mails()] == mails, zone


@pytest.mark.parametrize("zone", ZONES)
def test_the_timetable_goes_by_the_wall_of_the_office(
    database: str, zone: str, host_is_in: Callable[[str], None]
) -> None:
    host_is_in(zone)
    assert next_start(runs(), at("2022-03-14", "08:59")) == at("2022-03-14", "09:00")
    assert last_start(runs(), at("2022-03-15", "08:59")) == at("2022-03-14", "09:00")
    assert next_start(TIMETABLE, at("2022-03-14", "02:20")) == at("2022-03-14", "02:30")


@pytest.mark.parametrize("zone", ZONES)
def test_a_clock_that_jumps_sends_nothing_and_once_it_is_right_the_work_goes_on(
    database: str, tmp_path: Path, zone: str, host_is_in: Callable[[str], None]
) -> None:
    """Three days off are made good; back a day, ten years on and two months on nobody is sent anything."""
    host_is_in(zone)
    office = set_up(database, tmp_path)
    office.run("2022-03-14")
    office.run("2022-03-17")
    office.run("2022-03-21")  # nobody ran from the 18th to the 20th
    assert set(office.rungs().values()) == {1}
    mails, audit = office.mails(), picture(office.database)["audit"]
    for day, said in (
        ("2022-03-20", "ran on 2022-03-21"),
        ("2032-03-21", "plan shift"),
        ("2022-05-21", "61 days have passed since the last run on 2022-03-21"),
    ):
        assert said in office.result(day).decision.stopped["small"]
    assert (office.mails(), picture(office.database)["audit"]) == (mails, audit)
    office.run("2022-03-25")  # nor on the three working days from the 22nd on: one rung, not two
    assert set(office.rungs().values()) == {2}
    office.result("2022-05-21", confirmed="2022-05-21")  # really two months off
    assert [state for day, state in office.rounds().items() if day > "2022-03-14"] == [
        "skipped", "skipped", "skipped", "open",
    ]  # fmt: skip
    assert set(office.rungs().values()) == {2}


def morning(office: Office, day: str) -> list[str]:
    """What is done before the run, and the delivery that follows; what is said of a date in doubt."""
    now = at(day, "08:40")
    report_week(office.settings, now)
    said = list(open_rhythms(office.settings, now, "schedule").doubted.values())
    for key in keys_in_force(office.settings, now):
        said += [one.doubted for one in work_phase(office.settings, now, key, None) if one.doubted]
    deliver_batch(office.settings, at(day, "08:45"))
    return said


def turns(office: Office) -> list[str]:
    with office.database.read() as session:
        return [row.code for row in session.exec(select(Occurrence).order_by(col(Occurrence.code)))]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2022-03-20", "ran on 2022-03-21"),
        ("2022-05-21", "61 days have passed since the last run on 2022-03-21"),
        ("2032-03-21", "3653 days behind 2022-03-21"),
    ],
)
def test_before_the_run_too_a_clock_that_jumps_leaves_nothing_behind(
    database: str, tmp_path: Path, day: str, said: str
) -> None:
    """No alarm that a phase outlives its end, no turn of the office, no report of a week to come; when its
    day has really come, each is told.
    """
    office = county(database, tmp_path)
    morning(office, "2022-03-21")
    office.run("2022-03-21")
    before, opened, mails = picture(office.database), turns(office), office.mails()
    doubted = morning(office, day)
    assert doubted, "nobody said why nothing was done"
    assert all(said in one for one in doubted)
    assert (picture(office.database), turns(office), office.mails()) == (before, opened, mails)
    assert morning(office, "2022-04-18") == []
    office.run("2022-04-18")
    told = {mail.to for mail in office.mails("2022-04-18") if "阶段逾期" in mail.text}
    assert told == {"liaison@chuangban.example", "liaison@ducha.example"}
    assert "系统周报" in office.mails("2022-04-18", "liaison@chuangban.example")[0].text
    assert len(turns(office)) > len(opened)


def texts(office: Small) -> int:
    with office.database.read() as session:
        return len(session.exec(select(Attempt).where(col(Attempt.body).is_not(None))).all())


def test_a_night_ten_years_ahead_empties_no_texts(database: str, tmp_path: Path) -> None:
    """Only a run, or a person, vouches for a date: the clock alone would empty everything for good."""
    office = set_up(database, tmp_path)
    office.run("2022-03-14")
    stored = texts(office)
    assert stored
    wrong = at("2032-03-15", "02:30")
    assert keep_house(office.settings, wrong, "schedule").purged == 0
    assert texts(office) == stored
    assert purge_bodies(office.database, keep_days=400, now=wrong) == stored  # a person said so


def test_a_night_ten_years_ahead_does_not_hide_those_that_are_missed(database: str, tmp_path: Path) -> None:
    """The clock was wrong for a night; on the fifth day after, nobody has kept house any more."""
    office = set_up(database, tmp_path)
    office.run("2022-03-14")
    for night in (at("2022-03-15", "02:30"), at("2032-03-16", "02:30")):
        keep_house(office.settings, night, "schedule")
    now = at("2022-03-20", "12:00")
    due_at, next_run_at = last_start(runs(), now), next_start(runs(), now)
    with office.database.read() as session:
        found = health(session, office.settings, now, due_at=due_at, next_run_at=next_run_at, engine=True)
    wrong = found.wrong
    assert any(one.startswith("no night since 2022-03-15 02:30") for one in wrong), wrong
