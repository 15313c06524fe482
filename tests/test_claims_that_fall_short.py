"""A claim whose figure misses the target is asked about until it is mended (DOMAIN 3.3, 4)."""

from datetime import date
from functools import partial
from pathlib import Path

import pytest

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import WrongInput
from eco_workflow.services import adhoc_round, indicator_facts, progress, review
from eco_workflow.services.indicator_facts import Task
from tests.office import OPERATOR, Office, at, liaison
from tests.services.desk import cases, keep_open, owed

WATER = ("shuiwuju", "I16")
LATE = ("shuiwuju", "I16", "2022-05-31")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """I16 must reach 80. On Thursday, 2 June the unit claims it with 70; the round of 28 May had asked."""
    made = Office(database, tmp_path / "office")
    made.open("2022-05-15")
    made.once("two items open", partial(keep_open, made, "I16", "I33"))
    made.silent("2022-05-28")
    task = Task("80", "省厅文件〔2022〕3号", date(2022, 1, 10))
    indicator_facts.assign(made.database, "I16", task, now=at("2022-05-29"), by=OPERATOR)
    say(made, "2022-06-02", "70")
    return made


def say(office: Office, day: str, value: str) -> None:
    answer = Answer("completed", value, "2021")
    progress.submit(office.database, *WATER, answer, now=at(day, "10:00"), by=liaison(WATER[0]))


def ask_at_once(office: Office, day: str) -> None:
    adhoc_round.plan_adhoc_round(
        office.database, on=date.fromisoformat(day), units=[WATER[0]], items=["I16"], note="请更正",
        now=at(day, "08:00"), by=OPERATOR,
    )  # fmt: skip


@pytest.mark.parametrize("at_once", [False, True], ids=["next round", "ad-hoc round"])
def test_the_unit_is_asked_again_once_its_claim_was_reviewed(office: Office, at_once: bool) -> None:
    """Not while the claim waits for the office. Its case goes on meanwhile, and 85 ends it."""
    with pytest.raises(WrongInput, match="nothing to ask about 地区水务局"):
        ask_at_once(office, "2022-06-02")
    review.accept(office.database, *WATER, now=at("2022-06-02", "15:00"), by=OPERATOR)
    office.run("2022-06-06")
    assert (*LATE, 1, "") in cases(office, "indicator")
    assert office.owed(WATER[0]) == []
    day = "2022-06-07" if at_once else "2022-06-14"
    if at_once:
        ask_at_once(office, day)
    office.run(day)
    assert office.owed(WATER[0]) == ["I16"]
    assert "河湖岸线" in office.mails(day, "lianluo@shuiwuju.dxal.example")[0].text
    say(office, day, "85")
    assert office.owed(WATER[0]) == []
    assert [case for case in cases(office, "indicator") if case[4] == ""] == []
    review.close(office.database, *WATER, now=at(day, "15:00"), by=OPERATOR)
    assert owed(office, *WATER).state == "closed"


def test_a_claim_that_waits_for_review_is_not_asked_about(office: Office) -> None:
    """The office has it on its table; what is asked twice would be answered twice."""
    office.run("2022-06-14")
    assert office.owed(WATER[0]) == []
    assert owed(office, *WATER).state == "completed"


def test_what_an_adhoc_round_asks_of_it_is_taken_up_by_the_next(office: Office) -> None:
    """The unit is silent over the ad-hoc round of 8 June; the one of the 14th asks in its stead."""
    review.accept(office.database, *WATER, now=at("2022-06-02", "15:00"), by=OPERATOR)
    ask_at_once(office, "2022-06-08")
    office.silent("2022-06-08", "2022-06-13", "2022-06-14")
    assert office.owed(WATER[0]) == ["I16"]
    assert WATER[0] in office.rungs()
    say(office, "2022-06-14", "85")
    assert office.owed(WATER[0]) == []
    assert [case for case in cases(office, "report") if case[0] == WATER[0] and case[4] == ""] == []
