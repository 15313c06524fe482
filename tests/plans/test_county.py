"""Another plan than the real one: nothing of Daxing'anling is built into the product."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import delete

from eco_workflow.domain.errors import Refused
from eco_workflow.plans.load import examine, read
from eco_workflow.services import contacts
from eco_workflow.services.case_named import case_numbered
from eco_workflow.services.cases_shown import case
from eco_workflow.services.people import viewer
from eco_workflow.services.present_rung import principal
from eco_workflow.store.tables import Hears
from tests.office import OPERATOR, Office, at
from tests.plans.cast import CASTS, COUNTY, Almanac, changed, document_of

ACTIVE_FROM = date(2022, 3, 1)


@pytest.fixture
def county(database: str, tmp_path: Path) -> Office:
    made = Office(database, tmp_path, plan=COUNTY)
    made.open()
    return made


def test_the_county_s_plan_passes_check_without_a_word() -> None:
    assert examine(COUNTY).found == ()


def test_the_days_of_the_two_plans_are_those_of_the_calendar() -> None:
    """By hand: the 14th is a Monday; the 5th a Saturday and the 20th a Sunday, which the county waits out."""
    days = {name: Almanac(document_of(cast), ACTIVE_FROM) for name, cast in CASTS.items()}
    found = {
        name: [str(day)[5:] for day in (a.asked(), *(a.rung(n, a.asked()) for n in (1, 2, 3)), a.asked(1))]
        for name, a in days.items()
    }
    assert found == {
        "daxinganling": ["03-14", "03-17", "03-22", "03-24", "03-28"],
        "county": ["03-07", "03-09", "03-11", "03-14", "03-21"],
    }


def test_a_group_is_its_members_and_those_of_the_roster() -> None:
    plan = read(COUNTY).plan
    assert plan.members_of(plan.unit("xiaozu")) == ["ducha", "shuili"]
    assert plan.members_of(plan.unit("shuili")) == []


def test_a_round_of_the_county_runs_by_its_own_days_and_ladder(county: Office) -> None:
    """The 5th is a Saturday, and this county waits for Monday; answers are due on Tuesday at noon."""
    assert county.run("2022-03-05")["requests"] == 0
    asked = county.run("2022-03-07")
    assert (asked["opened"], asked["requests"], asked["entries"]) == (1, 3, 5)
    county.answer("huanbao", "2022-03-07")
    county.answer("chuangban", "2022-03-07")
    assert county.run("2022-03-08")["rungs"] == 0
    assert county.run("2022-03-09")["rungs"] == 1
    county.release("2022-03-05", "2022-03-09")
    assert county.run("2022-03-10")["rungs"] == 0
    assert county.run("2022-03-11")["rungs"] == 1
    assert county.run("2022-03-14")["rungs"] == 1
    assert county.rungs() == {"shuili": 3}
    assert [(m.to, m.on.day) for m in county.mails() if m.to.endswith("@shuili.example")] == [
        ("liaison@shuili.example", 7),
        ("liaison@shuili.example", 9),
        ("leader@shuili.example", 11),
    ]
    [alert] = county.mails("2022-03-14", to="liaison@ducha.example")
    assert "县水利局" in alert.text
    assert county.mails("2022-03-14", to="liaison@chuangban.example")
    # The report clock ends there: rung 4 belongs to other clocks.
    assert county.run("2022-03-18")["rungs"] == 0


def test_offices_have_the_names_that_the_plan_gives_them(county: Office) -> None:
    """To the end of the ladder, with a unit whose liaison left: no mail names an office of another plan."""
    county.run("2022-03-07")
    contacts.end(county.database, "huanbao", "liaison", now=at("2022-03-08"), by=OPERATOR)
    for day in ("2022-03-09", "2022-03-11", "2022-03-14"):
        county.run(day)
    mails = county.mails()
    assert any("按规则告知县督查组" in mail.text for mail in mails)
    ways = {line for mail in mails for line in mail.text.splitlines() if line.startswith("报送方式")}
    assert ways == {"报送方式：请将进展报县创建专班。"}
    assert not [mail.text for mail in mails if "督查室" in mail.text or "创建办" in mail.text]
    assert {mail.sender for mail in mails} == {"县创建专班 <chuangjianban@eco.example>"}


def test_the_round_of_the_20th_asks_for_figures_too(county: Office) -> None:
    """The last round day of the month, here a Sunday: data are asked monthly."""
    county.run("2022-03-07")
    assert county.run("2022-03-21")["requests"] == 4
    assert county.owed("ducha") == ["I01"]


def test_rungs_that_only_late_items_reach_are_told(database: str, tmp_path: Path) -> None:
    """The office's milestone of 15 April goes on to supervision; the silence of the water office does not."""
    items_only = ("after: 1, title: 督办", "after: 1, title: 督办, clocks: [task, indicator]")
    county = Office(database, tmp_path, plan=str(changed(CASTS["county"], tmp_path, *items_only)))
    county.open("2022-03-25")
    for day in ("2022-04-06", "2022-04-08", "2022-04-12", "2022-04-18", "2022-04-20", "2022-04-21"):
        county.run(day)
    [of_silence] = county.mails("2022-04-12", to="leader@shuili.example")
    assert "督办" not in of_silence.text
    [of_item] = county.mails("2022-04-20", to="leader@chuangban.example")
    assert "提请县督查组督办" in of_item.text
    [alert] = county.mails("2022-04-21", to="liaison@ducha.example")
    assert "M1.1" in alert.text
    assert "县水利局" not in alert.text


def test_a_rung_of_which_nobody_hears_holds_up_no_mail(county: Office) -> None:
    """As where a plan of long ago was loaded without a check: the mail leaves and promises nothing."""
    county.silent("2022-03-07", "2022-03-09")
    with county.database.write() as session:
        session.execute(delete(Hears).where(Hears.rung == 3))  # type: ignore[arg-type]
    county.run("2022-03-11")
    [said] = county.mails("2022-03-11", to="leader@shuili.example")
    assert "督办" not in said.text
    with county.database.read() as session:
        place = case_numbered(session, 1, at("2022-03-11", "10:00"))
        eyes = viewer(session, place.plan, None)
        shown = case(session, eyes, place, now=at("2022-03-11", "10:00"), days=county.days)
        assert shown["next"]["waits"] == "nobody hears of rung 3 by the plan"
    county.run("2022-03-14")
    with county.database.read() as session:
        place = case_numbered(session, 1, at("2022-03-14", "10:00"))
        with pytest.raises(Refused, match="nobody hears of rung 3 by the plan"):
            principal(session, place)
