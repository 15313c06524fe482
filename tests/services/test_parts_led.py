"""A part may name its lead (DOMAIN 3.4): it alone is asked for the part's figure, and late for want of it.

The real plan with one change: of I11, which three units lead, each leads one part.
"""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import indicator_facts, indicators, merge_units, progress
from eco_workflow.services.overdue import late_clock, overdue
from eco_workflow.store.tables import Plan
from tests.office import OPERATOR, Office, at, liaison
from tests.plans.mutations import GOOD
from tests.services.desk import cases, owed

FORESTRY, FARMING, WATER = "lincaoju", "nongyeju", "shuiwuju"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The round of 14 March is open."""
    text = GOOD
    for part, unit in (("I11.1", FORESTRY), ("I11.2", FARMING), ("I11.3", WATER)):
        text = text.replace(f"{{id: {part}, ", f"{{id: {part}, lead: [{unit}], ", 1)
    file = tmp_path / "parts.yaml"
    file.write_text(text, "utf-8")
    made = Office(database, tmp_path, plan=str(file))
    made.open()
    made.silent("2022-03-14")
    return made


def say(office: Office, unit: str, value: str, day: str = "2022-03-15") -> None:
    answer = Answer("completed", value, "" if value.endswith("是") else "2021")
    progress.submit(office.database, unit, "I11", answer, now=at(day), by=liaison(unit))


def test_each_unit_is_asked_for_its_own_part_and_gives_no_other(office: Office) -> None:
    [mail] = office.mails("2022-03-14", f"lianluo@{WATER}.dxal.example")
    assert "分项填报：I11.3 特有性或指示性水生物种保持率\r\n" in mail.text
    with pytest.raises(WrongInput, match=r"no part 'I11\.1' in I11 for this unit to give\. Known: I11\.3"):
        say(office, WATER, "I11.1=95")


def test_only_the_lead_of_what_is_wanting_is_late(office: Office) -> None:
    """All three claim it: the forestry bureau's figure misses the target, the others' parts are met."""
    indicator_facts.set_base(
        office.database, "I11.3", "80", period="2020", source="年鉴", now=at("2022-03-14"), by=OPERATOR
    )
    say(office, FORESTRY, "I11.1=94")
    say(office, FARMING, "I11.2=是")
    say(office, WATER, "I11.3=80")
    with office.database.read() as session:
        found = indicators.shown(session, Viewer("x"), "I11", plan=None, now=at("2022-06-01"))
        plan = session.exec(select(Plan)).one()
        late = overdue(session, plan, at("2022-06-01"))
        by_rows = {
            unit: ((row.unit_id, row.item_id) in late, late_clock(session, row, date(2022, 6, 1)))
            for unit in (FORESTRY, FARMING, WATER)
            for row in [owed(office, unit, "I11")]
        }
    assert [(part["lead"], part["verdict"]) for part in found["parts"]] == [
        (["地区林业和草原局"], "unmet"),
        (["地区农业农村局"], "met"),
        (["地区水务局"], "met"),
    ]
    assert by_rows == {FORESTRY: (True, "indicator"), FARMING: (False, None), WATER: (False, None)}
    office.result("2022-06-01", confirmed="2022-06-01")
    assert [case[0] for case in cases(office, "indicator") if case[1] == "I11"] == [FORESTRY]
    assert {unit for unit, item, *_ in cases(office) if item == "I11"} == set()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_successor_leads_what_its_predecessor_led(office: Office) -> None:
    merge_units.merge(office.database, WATER, "ziranju", now=at("2022-03-16"), by=OPERATOR)
    office.run("2022-03-28")
    say(office, "ziranju", "I11.3=80", "2022-03-29")
    with office.database.read() as session:
        found = indicators.shown(session, Viewer("x"), "I11", plan=None, now=at("2022-03-30"))
    assert [figure["value"] for figure in found["parts"][2]["figures"]] == ["80"]
