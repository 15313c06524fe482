"""While a plan is held nothing is sent, its report clock stands, and its days do not count (DOMAIN 3.8).

The small plan: asked on Monday 14 March 2022, due on the 16th at 17:30, rung 1 on the 17th.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.lights import Light
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import cases_shown, hold
from eco_workflow.services.bounce import bounce
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.lights import lights
from eco_workflow.services.overdue import overdue
from eco_workflow.services.overview import overview
from eco_workflow.services.ranking import ranked
from eco_workflow.services.remind import remind
from eco_workflow.services.tell_by_hand import tell
from eco_workflow.store.tables import Message, Plan
from tests.office import OPERATOR, at
from tests.reliability.world import Small, set_up

DAYS = published_calendar()


@pytest.fixture
def office(database: str, tmp_path: Path) -> Small:
    made = set_up(database, tmp_path)
    made.run("2022-03-14")
    return made


def stop(office: Small, day: str, clock: str = "08:00") -> None:
    hold.hold(office.database, "等待方案修订", now=at(day, clock), by=OPERATOR)


def go_on(office: Small, day: str) -> None:
    hold.release(office.database, DAYS, now=at(day, "08:00"), by=OPERATOR)


def case_of_jia(office: Small, day: str) -> dict[str, Any]:
    with office.database.read() as session:
        [row] = cases_shown.cases(
            session, Viewer("x"), plan=None, unit="jia", everything=False, now=at(day, "18:00"), days=DAYS
        )
    return row


def test_what_was_not_due_when_the_hold_began_is_late_nowhere(office: Small) -> None:
    """Held at noon of the day on which answers are due: no light turns red the day after."""
    stop(office, "2022-03-16", "12:00")
    now = at("2022-03-17", "18:00")
    with office.database.read() as session:
        assert overdue(session, session.exec(select(Plan)).one(), now) == set()
        seen = lights(session, Viewer("x"), plan=None, now=now, days=DAYS)
        assert {row.judged.light for row in seen} == {Light.GREY}
        delivered = ranked(session, Viewer("x", role="supervisor"), plan=None, now=now)
        # Nothing has fallen due for the unit that gives figures, either.
        assert [row.text for one in delivered if one.code == "delivery" for row in one.rows] in ([], ["—"])


def test_nobody_is_reminded_by_hand_and_the_case_says_why_it_waits(office: Small) -> None:
    office.run("2022-03-17")
    stop(office, "2022-03-18")
    number = office.case("jia").id or 0
    with pytest.raises(Refused, match="held since 2022-03-18: nothing is sent before it goes on"):
        remind(office.database, number, DAYS, now=at("2022-03-18"), by=OPERATOR)
    assert case_of_jia(office, "2022-03-18")["next"]["waits"] == "the plan is held since 2022-03-18"


def test_held_days_count_in_no_list_and_towards_no_rung(office: Small) -> None:
    """Held on Friday and Monday: three working days late on the 23rd, rung 2 on the 24th, as in a run."""
    office.run("2022-03-17")
    stop(office, "2022-03-18")
    go_on(office, "2022-03-22")
    office.run("2022-03-23")
    row = case_of_jia(office, "2022-03-23")
    assert (row["days_late"], row["next"]["rung"], row["next"]["on"]) == (3, 2, date(2022, 3, 24))
    with office.database.read() as session:
        seen = overview(session, Viewer("x"), plan=None, now=at("2022-03-23", "18:00"), days=DAYS)
    assert {unit.days_late for unit in seen.late} == {3}
    office.run("2022-03-24")
    assert office.rungs()["jia"] == 2


def test_a_telling_by_hand_is_dated_by_the_plan_s_own_calendar(office: Small) -> None:
    """Rung 2 could be told from the 24th on: a call of the 22nd came before it."""
    office.run("2022-03-17")
    stop(office, "2022-03-18")
    go_on(office, "2022-03-22")
    with office.database.write() as session:
        leader = office.contact("leader@jia.example")
        leader.failed_on, leader.failed_why = date(2022, 3, 23), "550 no such user"
        session.add(leader)
    office.run("2022-03-24")
    number = office.case("jia").id or 0
    said: dict[str, Any] = {"means": "telephone", "said": "请补报", "now": at("2022-03-24", "15:00")}
    with pytest.raises(WrongInput, match="lies before 2022-03-24"):
        tell(office.database, number, DAYS, on=date(2022, 3, 22), by=OPERATOR, **said)
    assert tell(office.database, number, DAYS, by=OPERATOR, **said).rung == 2


def test_a_rung_that_was_reached_this_morning_is_told_by_telephone_though_a_hold_began(office: Small) -> None:
    """The hold moves what comes, not what was decided before it: nobody tells a rung on a future day."""
    office.run("2022-03-17")
    office.run("2022-03-22")
    case = office.case("jia")
    with office.database.read() as session:
        told = select(Message.id).where(Message.contact_id == case.told_to, Message.on_date == case.told_on)
        number = session.exec(told).one() or 0
    bounce(office.database, number, "退信", now=at("2022-03-22", "10:00"), by=OPERATOR)
    stop(office, "2022-03-22", "11:00")
    said: dict[str, Any] = {"means": "telephone", "said": "请补报", "now": at("2022-03-22", "15:00")}
    done = tell(office.database, case.id or 0, DAYS, by=OPERATOR, **said)
    assert (done.rung, done.on) == (2, date(2022, 3, 22))
