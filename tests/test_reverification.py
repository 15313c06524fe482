"""After the award the figures are kept current, and verified anew each year (DOMAIN 7, M4.2; 8).

A county whose last phase is the consolidation, activated on its first day, 3 October 2022.
"""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.services import pass_phase, progress, review
from eco_workflow.store.tables import Item, Notice, Unit
from tests.county import COUNTY
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.phase_office import lacking, look

CONSOLIDATED = (
    ("key: assessment", "key: consolidation"),
    ('source: "二(三)1", external: true}', 'source: "二(三)1", checks: [current], opens: award}'),
)


def opened(database: str, folder: Path, *pieces: tuple[str, str]) -> Office:
    text = COUNTY.read_text("utf-8")
    for old, new in (*CONSOLIDATED, *pieces):
        assert old in text, old
        text = text.replace(old, new, 1)
    file = folder / "county.yaml"
    file.write_text(text, encoding="utf-8")
    office = Office(database, folder, plan=str(file))
    office.open("2022-10-03")
    return office


def award(office: Office, on: str, day: str) -> None:
    pass_phase.award(
        office.database, date.fromisoformat(on), document_="命名公告", now=at(day, "11:00"), by=OPERATOR
    )


def say(office: Office, unit: str, item: str, value: str, period: str = "", day: str = "2022-10-20") -> None:
    answer = Answer("in_progress", value, period)
    progress.submit(office.database, unit, item, answer, now=at(day, "10:00"), by=liaison(unit))


def asked_for(office: Office) -> dict[str, list[str]]:
    """Which units were asked for a current figure of which indicator."""
    with office.database.read() as session:
        asked = session.exec(select(Notice).where(Notice.kind == "value_wanted").order_by(col(Notice.id)))
        found: dict[str, list[str]] = {}
        for notice in asked:
            item = session.get_one(Item, json.loads(notice.facts)["item"])
            found.setdefault(item.code, []).append(session.get_one(Unit, notice.unit_id).code)
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_after_the_award_every_indicator_needs_an_accepted_figure_of_the_current_period(
    database: str, tmp_path: Path
) -> None:
    """None at all is lacking too; what waits for review alone is asked of nobody."""
    office = opened(database, tmp_path)
    assert lacking(office, 3, "2022-10-20") == []
    office.run("2022-10-20")
    award(office, "2022-10-05", "2022-10-20")
    assert lacking(office, 3, "2022-10-20") == ["current:I01", "current:I02", "current:I03"]
    say(office, "shuili", "I01", "95", "2020")
    say(office, "huanbao", "I02", "I02.1=90", "2021")
    say(office, "shuili", "I03", "是")
    assert look(office, "2022-10-21", "consolidation").wanted == 2
    assert asked_for(office) == {"I01": ["shuili", "ducha"], "I02": ["huanbao"]}
    office.run("2022-10-21")
    [mail] = office.mails("2022-10-21", "liaison@huanbao.example")
    assert "现有数据：I02.2 无；动态管理须用2021年及以后的数据" in mail.text
    for unit, item, by in (("shuili", "I03", OPERATOR), ("huanbao", "I02", SUPERVISOR)):
        review.accept(office.database, unit, item, now=at("2022-10-21", "11:00"), by=by)
    assert lacking(office, 3, "2022-10-21") == ["current:I01", "current:I02"]  # I02.2 has none still
