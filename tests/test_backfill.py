"""What is recorded afterwards (补录) was never sent, is never late, and starts nobody's clock."""

from datetime import date
from pathlib import Path

import pytest

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.roles import Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import progress
from eco_workflow.services.look import entries
from tests.office import DAXINGANLING, OPERATOR, Office, at, liaison
from tests.services.desk import cases

MARCH = date(2022, 3, 14)


def recorded(office: Office, day: str, by: Actor = OPERATOR) -> progress.Recorded:
    answer = Answer("in_progress", note="补录")
    return progress.submit(
        office.database, "shuiwuju", "I04", answer, now=at(day, "10:00"), round_on=MARCH, by=by
    )


def test_a_backfilled_answer_owes_nothing_more_and_waits_for_nobody(database: str, tmp_path: Path) -> None:
    """Recorded on 6 April and not reviewed: ten working days later the office is not late with it."""
    office = Office(database, tmp_path)
    office.open("2022-04-01")
    done = recorded(office, "2022-04-06")
    assert (done.state, done.on_time, done.rest) == ("submitted", None, ())
    office.run("2022-04-22")
    assert cases(office, "review") == []
    now, eyes = at("2022-04-22"), Viewer("operator")
    with office.database.read() as session:
        listed = entries(session, eyes, plan=DAXINGANLING, unit="shuiwuju", round_on=MARCH, now=now)
    assert {(row["item"], row["state"], row["backfill"], row["late"]) for row in listed} == {
        ("I04", "submitted", True, False),
        *((code, "awaiting", True, False) for code in ("I11", "I16", "I18", "I32")),
    }


def test_nothing_is_dated_back_behind_the_last_run(database: str, tmp_path: Path) -> None:
    """Reminded on 17 March, a liaison cannot have answered on the 15th after all."""
    office = Office(database, tmp_path)
    office.open()
    office.silent("2022-03-14", "2022-03-17")
    with pytest.raises(WrongInput, match=r"2022-03-15 lies before the last run of .*, on 2022-03-17"):
        recorded(office, "2022-03-15", by=liaison("shuiwuju"))
    late = recorded(office, "2022-03-17", by=liaison("shuiwuju"))
    assert late.on_time is False
