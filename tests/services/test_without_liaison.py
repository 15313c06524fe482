"""A unit without a liaison: the office hears at once, the supervision office after five working days."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from eco_workflow.services import contacts
from eco_workflow.store.tables import Unit
from tests.office import OPERATOR, Office, at

COUNTY = str(Path(__file__).parents[1] / "plans" / "county.yaml")


@pytest.fixture
def county(database: str, tmp_path: Path) -> Office:
    office = Office(database, tmp_path, plan=COUNTY)
    office.open()
    return office


@pytest.mark.parametrize("noticed_on", ["2022-03-02", "2022-03-07"])
def test_the_days_without_a_liaison_count_from_the_day_on_which_it_left(
    county: Office, noticed_on: str
) -> None:
    """It left on Tuesday the 1st: 2, 3, 4, 7 and 8 March are five working days, whichever run noticed."""
    contacts.end(county.database, "shuili", "liaison", now=at("2022-03-01", "10:00"), by=OPERATOR)
    for day in ("2022-03-02", "2022-03-07"):
        if day >= noticed_on:
            county.run(day)
    told = [mail for mail in county.mails() if "联络员空缺" in mail.subject]
    assert told == []
    county.run("2022-03-08")
    [told_above] = [mail for mail in county.mails("2022-03-08") if "联络员空缺" in mail.subject]
    assert "5个工作日" in told_above.text
    with county.database.read() as session:
        lost = session.exec(select(Unit).where(Unit.code == "shuili")).one().unreached_on
    assert lost == date(2022, 3, 1)
