"""After the award the figures are kept current, and verified anew each year (DOMAIN 7, M4.2; 8).

A county whose last phase is the consolidation, activated on its first day, 3 October 2022.
"""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import pass_phase, progress, review, rhythm_done
from eco_workflow.services.rhythms_shown import listed, shown
from eco_workflow.store.tables import Item, Notice, Unit
from flows.wiring import open_rhythms
from tests.county import COUNTY
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.phase_office import close, lacking, look, pass_over

OFFICE = Viewer("operator")

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


def award(office: Office, on: str, day: str) -> pass_phase.Awarded:
    return pass_phase.award(
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
    assert award(office, "2022-10-05", "2022-10-20").verified_anew is None
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


YEARLY = (
    ("end: 2022-11-30", "end: 2023-11-30"),
    (
        "every: month, form: pro_rata}",
        "every: month, form: pro_rata}\n"
        '    - {id: yearly_reverification, title: 年度复核, source: "二", every: award_year, form: report}',
    ),
)


def yearly(office: Office, day: str) -> list[str]:
    """What of the yearly re-verification is opened that morning."""
    done = open_rhythms(office.settings, at(day, "08:40"), "schedule")
    assert done.broken == {}
    return [code for codes in done.opened.values() for code in codes if code.startswith("YR")]


def test_each_anniversary_of_the_award_is_an_obligation_of_the_office_also_once_all_phases_are_closed(
    database: str, tmp_path: Path
) -> None:
    """5 March 2023 is a Sunday: due on the Friday before, told of five working days earlier.

    The next anniversary lies outside the plan.
    """
    office = opened(database, tmp_path, *YEARLY)
    assert yearly(office, "2022-10-20") == []
    office.run("2022-10-20")
    say(office, "huanbao", "I02", "I02.1=90", "2021")
    assert award(office, "2022-03-05", "2022-10-21").verified_anew == (date(2023, 3, 5),)
    pass_over(office, 3, "2022-10-21", "2022-11-30")
    close(office, 3, "2022-10-21", conditional=True)
    office.result("2023-02-22", confirmed="2023-02-22")
    assert (yearly(office, "2023-02-23"), yearly(office, "2023-02-24")) == ([], ["YR2023"])
    with office.database.read() as session:
        turns = listed(session, OFFICE, plan=None, now=at("2023-02-24"), days=office.days)
        found = shown(session, OFFICE, "YR2023", plan=None, now=at("2023-02-24"), days=office.days)
        told = session.exec(select(Notice).where(Notice.kind == "reverification_due")).one()
    assert [(one["code"], one["due_on"]) for one in turns if one["code"].startswith("YR")] == [
        ("YR2023", date(2023, 3, 3))
    ]
    facts = json.loads(told.facts)
    assert (facts["due_on"], facts["late_from"], facts["outdated"]) == ("2023-03-03", "2023-03-09", 3)
    air = found["material"]["indicators"][1]
    assert (air["item"], air["verdict"], air["outdated"]) == ("I02", "undetermined", "I02.1 2021、I02.2 无")
    assert (
        "- I02 垃圾治理：未判定，I02.1 2021年90%（数据期 I02.1 2021、I02.2 无）；须更新：I02.1 2021"
        in found["text"]
    )
    done = rhythm_done.done(
        office.database, "YR2023", on=date(2023, 3, 1), minutes="复核报告", now=at("2023-03-01"),
        days=office.days, by=OPERATOR,
    )  # fmt: skip
    assert (done.title, done.state) == ("年度复核（2023年）", "done")
