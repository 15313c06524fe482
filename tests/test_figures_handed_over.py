"""Figures go on standing for who takes an indicator over, and it may give newer ones (DOMAIN 5, 7)."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.plans.load import read
from eco_workflow.services import figure_ages, indicators, new_figure, on_behalf, progress, review, surveys
from eco_workflow.services.find import item_named, plan_named
from eco_workflow.services.merge_units import merge
from eco_workflow.services.revise_plan import revise
from eco_workflow.services.split_unit import split
from eco_workflow.services.surveys import Held
from eco_workflow.store.tables import Standing
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.phase_office import agree, close, county, lacking, look, prove, report

EYES = Viewer("operator")
GIVEN = [("县水利局", "95", "2021")]


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """In the second phase: what the water office and the host bureau owe of figures is closed out."""
    made = county(database, tmp_path)

    def closed_out() -> None:
        look(made, "2022-03-01", "launch")
        made.run("2022-03-01")
        prove(made, "M1.1", "E1", "2022-03-02", None, OPERATOR)
        close(made, 1, "2022-03-03")
        agree(made, "2022-03-04")
        made.run("2022-03-07")
        report(made, "shuili", "I01", "2022-03-08", "completed", value="95", period="2021")
        report(made, "shuili", "I03", "2022-03-08", "completed", value="是")
        parts = {"value": "I02.1=85 I02.2=390", "period": "I02.1=2021 I02.2=2021"}
        report(made, "huanbao", "I02", "2022-03-08", "completed", **parts)
        for unit, item in (("shuili", "I01"), ("shuili", "I03"), ("huanbao", "I02")):
            by = SUPERVISOR if unit == "huanbao" else OPERATOR
            review.close(made.database, unit, item, now=at("2022-03-09"), by=by)
        made.run("2022-03-10")

    made.once("three indicators closed out", closed_out)
    return made


def hand_over(office: Office, how: str, to: str = "ducha") -> None:
    """The water office's indicators go to the supervisors, or to another unit, on 10 March."""
    moment: dict[str, Any] = {"now": at("2022-03-10", "14:00"), "by": OPERATOR}
    if how == "merged":
        merge(office.database, "shuili", to, **moment)
    else:
        split(office.database, "shuili", [f"I01,I03:{to}"], **moment)


def figures(office: Office, day: str, item: str = "I01") -> tuple[str, list[tuple[str, str, str]]]:
    """The verdict of an indicator, as kept and as shown, and the figures that stand, by who gave them."""
    with office.database.read() as session:
        plan = plan_named(session, None)
        found = indicators.shown(session, EYES, item, plan=None, now=at(day, "23:00"))
        kept = session.get_one(Standing, (plan.id, item_named(session, plan, item).id))
    assert kept.verdict == found["verdict"]
    said = [figure for part in found["parts"] for figure in part["figures"]]
    return found["verdict"], [(figure["unit"], figure["value"], figure["period"]) for figure in said]


def not_current(office: Office) -> set[str]:
    """What M4.2 would ask for, of last year."""
    with office.database.read() as session:
        ages = figure_ages.figure_ages(session, plan_named(session, None))
    return {aged.code for aged in ages if aged.lacking(2021)}


@pytest.mark.parametrize("how", ["merged", "split"])
def test_figures_of_what_was_closed_out_stand_for_who_takes_it_over(office: Office, how: str) -> None:
    """By whom they were given stays on record; the gate of the phase names nothing more than before."""
    before = lacking(office, 2, "2022-03-10")
    assert not [key for key in before if key.startswith("indicator")]
    hand_over(office, how)
    assert lacking(office, 2, "2022-03-10") == before
    assert figures(office, "2022-03-10") == ("met", GIVEN)
    assert figures(office, "2022-03-10", "I03") == ("met", [("县水利局", "是", "")])
    assert not_current(office) == set()


def test_figures_follow_from_hand_to_hand_also_once_the_document_has_caught_up(
    office: Office, tmp_path: Path
) -> None:
    """I03 goes from the water office to the supervisors, whom the next version names, and on, and back."""
    hand_over(office, "split")
    text = (tmp_path / "county.yaml").read_text("utf-8")
    before, lead, after = text.rpartition("lead: [shuili]\n")
    assert "I03" in before[-400:]
    (tmp_path / "next.yaml").write_text(f"{before}{lead.replace('shuili', 'ducha')}{after}", "utf-8")
    revise(office.database, read(str(tmp_path / "next.yaml")), now=at("2022-03-10", "15:00"), by=OPERATOR)
    for old, new in (("ducha", "huanbao"), ("huanbao", "shuili")):
        split(office.database, old, [f"I03:{new}"], now=at("2022-03-10", "16:00"), by=OPERATOR)
        assert figures(office, "2022-03-10", "I03") == ("met", [("县水利局", "是", "")])


@pytest.mark.parametrize("how", ["merged", "split"])
def test_who_takes_over_gives_newer_figures_though_no_round_asked_it(office: Office, how: str) -> None:
    """The host bureau was never asked about I01. 97 stands at once, as beside any accepted answer; the office
    records 98 by telephone, which it confirms; 88 opens I01 again, and the next round asks.
    """
    hand_over(office, how, "huanbao")
    noon: dict[str, Any] = {"now": at("2022-03-11", "12:00")}
    own: dict[str, Any] = {"by": liaison("huanbao"), **noon}
    asked = office.owed("huanbao")
    with pytest.raises(
        WrongInput, match=r"not asked about I01 .* eco indicator figure I01 --unit 县环境分局"
    ):
        progress.submit(office.database, "huanbao", "I01", Answer("completed", "97", "2022-02"), **own)
    newer = figure(office, "huanbao", "97", **own)
    assert (newer.verdict, newer.state) == ("met", "closed")
    assert figures(office, "2022-03-11") == ("met", [("县环境分局", "97", "2022-02")])
    with pytest.raises(Refused, match="is accepted; only a submitted answer can be recalled"):
        progress.recall(office.database, "huanbao", "I01", **own)
    figure(office, "huanbao", "98", by=OPERATOR, means="phone", **noon)
    done = on_behalf.confirm(office.database, "huanbao", "I01", **own)
    assert (done.state, done.item_state, done.on_time) == ("accepted", "closed", None)
    assert office.owed("huanbao") == asked
    assert figure(office, "huanbao", "88", **own).state == "in_progress"
    with pytest.raises(
        Refused, match=r"is in_progress; .* at once with: eco round adhoc --units 县环境分局 "
    ):
        figure(office, "huanbao", "96", **own)
    office.run("2022-03-21")
    assert "I01" in office.owed("huanbao")


def test_who_was_never_asked_anything_gives_its_figure_once_it_is(office: Office) -> None:
    """Until its first round nobody could say what the supervisors were to answer."""
    hand_over(office, "split")
    with pytest.raises(Refused, match=r"县督查组 was not asked anything yet\. .* once a round has asked it"):
        figure(office, "ducha", "97", now=at("2022-03-11"), by=liaison("ducha"))


def test_no_figure_takes_the_place_of_a_newer_one(office: Office) -> None:
    """By part, and also of what another unit had given; the same period again is a correction."""
    moment: dict[str, Any] = {"now": at("2022-03-11"), "by": OPERATOR, "means": "phone"}

    def give(unit: str, item: str, value: str, period: str) -> str:
        given = new_figure.give(office.database, unit, item, value=value, period=period, **moment)
        return f"{given.verdict} {given.state}"

    older = r"I02\.2 .* that of 2021, 390: 2020 is older\. Give the figure of a newer"
    with pytest.raises(Refused, match=older):
        give("huanbao", "I02", "I02.1=86 I02.2=400", "I02.1=2022-02 I02.2=2020")
    assert give("huanbao", "I02", "I02.1=86", "I02.1=2022-02") == "met closed"
    with pytest.raises(Refused, match=r"I02\.1 .* figure of .* is that of 2022-02, 86: 2021 is older"):
        give("huanbao", "I02", "I02.1=84", "I02.1=2021")
    assert give("huanbao", "I02", "I02.2=391", "I02.2=2021-Q4") == "met closed"
    assert give("shuili", "I03", "是", "") == "met closed"
    hand_over(office, "merged", "huanbao")
    with pytest.raises(
        Refused,
        match=r"I01 was closed out, and the last figure of 县环境分局 is that of 2021, 95: 2021-Q3 is older",
    ):
        give("huanbao", "I01", "96", "2021-Q3")
    assert give("huanbao", "I01", "96", "2021") == "met closed"
    # Of a period that runs it decides nothing yet: a slip is put right, though not by what is older.
    assert give("huanbao", "I01", "97", "2022") == "undetermined closed"
    with pytest.raises(Refused, match="is that of 2021, 96: 2021-Q3 is older"):
        give("huanbao", "I01", "97", "2021-Q3")
    assert give("huanbao", "I01", "97", "2022-02") == "met closed"


def figure(office: Office, unit: str, value: str, **moment: Any) -> new_figure.Given:
    """A figure of February for I01."""
    return new_figure.give(office.database, unit, "I01", value=value, period="2022-02", **moment)


def test_what_fell_with_a_data_provider_s_figure_is_not_mended_with_an_older_one(office: Office) -> None:
    """I01 was closed out with 95 of the lead; the supervisors measured 80 in February."""
    office.run("2022-03-21")
    report(office, "ducha", "I01", "2022-03-22", "completed", value="80", period="2022-02")
    review.accept(office.database, "ducha", "I01", now=at("2022-03-22", "15:00"), by=OPERATOR)
    assert figures(office, "2022-03-22")[0] == "unmet"
    (paper := office.home / "调查.pdf").write_bytes(b"%PDF")
    held = Held("水质调查", str(paper), 50, date(2021, 10, 8), date(2021, 10, 20), str(paper))
    survey = partial(surveys.record, office.database, office.settings, held, values="I01=96", unit="ducha")
    with pytest.raises(Refused, match="last figure of 县督查组 is that of 2022-02, 80: 2021-10 is older"):
        survey(now=at("2022-04-07"), by=OPERATOR)
    assert figures(office, "2022-04-07")[0] == "unmet"
