"""A unit without a liaison: the office hears at once, the supervision office after five working days."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import contacts, progress, rounds_shown
from eco_workflow.services.overview import overview
from eco_workflow.store.tables import RoundSummary, Unit
from tests.office import OPERATOR, Office, at

EYES = Viewer("operator", role="supervisor")
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


def test_what_it_says_by_telephone_counts_though_no_mail_reached_it(county: Office) -> None:
    """Asked about I01, I03 and P1 with nobody to read it, 县水利局 answers two by telephone: summary, sheet,
    list and status say that it answered in part, and not that it was not reached.
    """
    contacts.end(county.database, "shuili", "liaison", now=at("2022-03-04"), by=OPERATOR)
    contacts.end(county.database, "shuili", "leader", now=at("2022-03-04"), by=OPERATOR)
    county.run("2022-03-07")
    for item in ("I01", "P1"):
        told = Answer("in_progress")
        progress.submit(county.database, "shuili", item, told, now=at("2022-03-07", "11:00"), by=OPERATOR)
    for day in ("2022-03-08", "2022-03-09", "2022-03-10"):
        county.run(day)
    seen: dict[str, Any] = {"plan": None, "now": at("2022-03-10", "11:00")}
    with county.database.read() as session:
        [drawn_up] = session.exec(select(RoundSummary)).all()
        shown = rounds_shown.round_(session, EYES, on=date(2022, 3, 5), kind=None, days=county.days, **seen)
        sheet = rounds_shown.sheet(session, EYES, on=date(2022, 3, 5), kind=None, **seen)
        [standing] = overview(session, EYES, days=county.days, **seen).rounds
    [said] = sheet.envelope.summaries
    units = {unit["unit"]: (unit["answered"], unit["entries"]) for unit in shown["units"]}
    assert units["县水利局"] == (2, 3)
    assert said.unreached == ()
    assert (drawn_up.unreached, standing.unreached) == (0, 0)
    assert drawn_up.asked == standing.asked == len(said.units) == len(units)
    answered, entries = map(sum, zip(*units.values(), strict=True))
    assert (standing.entries_answered, standing.entries) == (answered, entries)
    assert sum(unit.entries for unit in said.units) == entries
