"""Money for items: recorded by units and the office, short in status and summary, taken over with an item."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import EcoError, Refused, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import funding
from eco_workflow.services.funding import Line, Typed
from eco_workflow.services.merge_units import merge
from eco_workflow.services.overview import overview
from eco_workflow.services.rounds_shown import sheet
from eco_workflow.store.tables import Audit, Funding, Unit
from notifications.render import on_paper
from tests.county import COUNTY
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison

CONSOLE = Viewer("console")
WATER, HOST = liaison("shuili"), liaison("huanbao")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The county's office on its first day; nobody has recorded any money."""
    made = Office(database, tmp_path / "home", plan=str(COUNTY))
    made.home.mkdir()
    made.open()
    return made


def set_(office: Office, item: str, day: str = "2022-03-02", by: Any = OPERATOR, **said: Any) -> Line:
    unit = said.pop("unit", None)
    return funding.set_(office.database, item, Typed(**said), unit=unit, now=at(day), by=by)


def standing(office: Office, viewer: Viewer = CONSOLE, **more: Any) -> list[tuple[str, ...]]:
    """Item, unit, budget, arrived, spent, short and overspent."""
    with office.database.read() as session:
        return [
            (one.item, one.unit, one.budget, one.arrived, one.spent, one.short, one.overspent)
            for one in funding.listed(session, viewer, plan=None, **more)
        ]


def test_what_is_short_stands_in_status_and_in_the_summary_until_it_arrives(office: Office) -> None:
    """The water office has its money by and by; the host spends more than it was given."""
    made = set_(office, "I01", by=WATER, budget="500", source="省级水利资金", arrived="200.5")
    assert (made.unit, made.short, made.overspent) == ("县水利局", "299.5", "0")
    set_(office, "P1", by=WATER, budget="30", source="县本级", arrived="30", spent="12.75")
    set_(office, "M2.1", unit="huanbao", budget="80", source="县本级", arrived="80", spent="81")
    water = ("I01", "县水利局", "500", "200.5", "0", "299.5", "0")
    host = ("M2.1", "县环境分局", "80", "80", "81", "0", "1")
    assert standing(office, wanting=True) == [host, water]
    office.run("2022-03-07")
    office.run("2022-03-10")
    with office.database.read() as session:
        told = sheet(session, CONSOLE, on=date(2022, 3, 5), kind=None, plan=None, now=at("2022-03-10"))
        found = overview(session, CONSOLE, plan=None, now=at("2022-03-10"), days=office.days)
        shuili = session.exec(select(Unit).where(Unit.code == "shuili")).one()
    line = "资金未到位1项，合计299.5万元：I01县水利局299.5万元；超支1项，合计1万元：M2.1县环境分局1万元"
    assert line in on_paper(told.envelope).splitlines()
    assert {one.item for one in found.funding} == {"I01", "M2.1"}
    assert [one[0] for one in standing(office, Viewer("water", frozenset({shuili.id or 0})))] == ["I01", "P1"]
    set_(office, "I01", "2022-03-11", arrived="500")
    set_(office, "M2.1", "2022-03-11", budget="81", arrived="81", unit="huanbao")
    assert standing(office, wanting=True) == []
    with office.database.read() as session:
        told = sheet(session, CONSOLE, on=date(2022, 3, 5), kind=None, plan=None, now=at("2022-03-11"))
        kept = session.exec(select(Funding.n, Funding.arrived).where(Funding.budget == "500")).all()
        acts = session.exec(select(Audit.actor).where(Audit.action == "funding").order_by(col(Audit.n))).all()
    assert "资金" not in on_paper(told.envelope)
    assert sorted(kept) == [(1, "200.5"), (2, "500")]
    assert acts == ["liaison of shuili"] * 2 + ["operator"] * 3


def test_who_takes_an_item_over_has_its_money_and_records_both_as_one(office: Office) -> None:
    set_(office, "I01", by=WATER, budget="500", source="省级", arrived="200")
    set_(office, "I01", by=HOST, budget="40", source="县本级", arrived="40", spent="1")
    merge(office.database, "shuili", "huanbao", now=at("2022-03-02", "12:00"), by=OPERATOR)
    assert standing(office) == [("I01", "县环境分局", "540", "240", "1", "300", "0")]
    made = set_(office, "I01", "2022-03-03", by=HOST, arrived="540")
    assert (made.budget, made.arrived, made.source) == ("540", "540", "县本级；省级")
    assert standing(office) == [("I01", "县环境分局", "540", "540", "1", "0", "0")]


REFUSED: list[tuple[dict[str, Any], type[EcoError], str]] = [
    ({"item": "I99"}, WrongInput, "no item"),
    ({"budget": "many"}, WrongInput, "--budget 'many' is no number"),
    ({"source": " "}, WrongInput, "--source must say"),
    ({"source": None}, WrongInput, "say --source too"),
    ({"budget": None, "source": None}, WrongInput, "Nothing is given"),
    ({"budget": None, "source": None, "spent": "3"}, WrongInput, "say --budget and --source too"),
    ({"unit": "ducha", "item": "P1"}, Refused, "neither owes P1 nor supports it"),
    ({"by": SUPERVISOR}, Refused, "recording funds needs"),
    ({"by": WATER, "unit": "huanbao"}, Refused, "recording funds needs"),
    ({"day": "2021-12-31"}, WrongInput, "outside the plan"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_no_record_of_money_is_refused_in_words_and_leaves_nothing(office: Office) -> None:
    for said, error, words in REFUSED:
        given = {"item": "I01", "budget": "1", "source": "县本级", **said}
        with pytest.raises(error, match=words):
            set_(office, given.pop("item"), **given)
    assert standing(office) == []
    set_(office, "I01", "2022-03-03", budget="1", source="县本级")
    with pytest.raises(WrongInput, match="at an instant later"):
        set_(office, "I01", "2022-03-02", arrived="1")
