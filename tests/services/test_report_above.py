"""Units whose alert would go to themselves: a paper to the leader above tells their rung 3 (DOMAIN 5)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eco_workflow.domain.errors import Refused
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import cases_shown, papers, suspension
from eco_workflow.services.calendar import published_calendar
from tests.office import OPERATOR, SUPERVISOR, Office, at
from tests.services.desk import LEADER, keep_open
from tests.services.test_rung_four_and_five import kinds, number_of, postpone

DAYS = published_calendar()


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """Due on 31 May, rung 1 on 1 June, 2 on the 7th (the 3rd is a holiday), 3 on the 9th: three drafts."""
    made = Office(database, tmp_path / "office")
    made.open("2022-05-05")
    keep_open(made, "I01", "I02")
    for day in ("2022-06-01", "2022-06-07", "2022-06-09"):
        made.run(day)
    return made


def shown(office: Office, unit: str, item: str, day: str) -> dict[str, Any]:
    """The case as `eco case list` shows it."""
    with office.database.read() as session:
        rows = cases_shown.cases(
            session, Viewer("test"), plan=None, unit=unit, everything=True, now=at(day, "18:00"), days=DAYS
        )
    return next(row for row in rows if (row["item"], row["clock"]) == (item, "task"))


def rungs(office: Office, day: str) -> dict[tuple[str, str], int]:
    office.run(day)
    of = (("xingshuban", "I01"), ("xingshuban", "I02"), ("diweiban", "I02"))
    return {one: shown(office, *one, day)["rung"] for one in of}


def sign(office: Office, unit: str, item: str, day: str, by: Any = SUPERVISOR) -> papers.SignedPaper:
    return papers.sign(office.database, number_of(office, unit, item), now=at(day, "11:00"), by=by)


def test_a_signed_report_to_the_leader_above_tells_rung_3_and_its_grace_counts_from_that_day(
    office: Office,
) -> None:
    """Signed on Monday the 13th, told to the leader above: rung 4 on the 20th. Unsigned, never."""
    assert shown(office, "xingshuban", "I01", "2022-06-10")["next"] == {
        "rung": None, "on": None, "who": "",
        "waits": "the report to the leader above (行署分管领导) waits for its signature",
    }  # fmt: skip
    assert sign(office, "xingshuban", "I01", "2022-06-13").lists == ("I01", "I02")
    row = shown(office, "xingshuban", "I02", "2022-06-13")
    assert row["told_on"] == date(2022, 6, 13)
    assert row["next"] == {"rung": 4, "on": date(2022, 6, 20), "who": "领导小组", "waits": ""}
    assert set(rungs(office, "2022-06-17").values()) == {3}
    assert rungs(office, "2022-06-20") == {
        ("xingshuban", "I01"): 4, ("xingshuban", "I02"): 4, ("diweiban", "I02"): 3,
    }  # fmt: skip
    assert kinds(office, number_of(office, "xingshuban", "I01")) == {
        "report_above": "signed", "supervision_report": "draft",
    }  # fmt: skip
    waits = shown(office, "xingshuban", "I01", "2022-06-20")["next"]["waits"]
    assert waits == "the supervision report (领导小组) waits for its signature"


def test_a_suspension_pauses_the_grace_that_counts_from_the_signature(office: Office) -> None:
    """One working day had passed since the 13th; from the 20th on four are left: the 23rd."""
    sign(office, "xingshuban", "I01", "2022-06-13")
    of = ("xingshuban", "I01")
    told: dict[str, Any] = {"now": at("2022-06-15", "17:00"), "by": OPERATOR}
    suspension.set_aside(office.database, *of, "suspended", reason="调整", **told)
    suspension.confirm(office.database, *of, now=at("2022-06-15", "17:30"), by=SUPERVISOR)
    told = {"now": at("2022-06-20", "08:00"), "by": OPERATOR}
    suspension.resume(office.database, *of, reason="重启", days=DAYS, **told)
    assert shown(office, *of, "2022-06-20")["next"]["on"] == date(2022, 6, 23)
    assert rungs(office, "2022-06-22")[of] == 3
    assert rungs(office, "2022-06-23")[of] == 4


def test_who_was_told_on_paper_is_told_on_paper_that_it_is_resolved(office: Office) -> None:
    """Once, to the leader above and, where they got a report, to the leaders; nobody who was told nothing."""
    sign(office, "xingshuban", "I01", "2022-06-13")
    office.run("2022-06-20")
    with_report = number_of(office, "xingshuban", "I02")
    papers.sign(office.database, with_report, now=at("2022-06-20", "11:00"), by=LEADER)
    for unit, item in (("xingshuban", "I01"), ("xingshuban", "I02"), ("diweiban", "I02")):
        postpone(office, number_of(office, unit, item), "2022-06-30")
    for day in ("2022-06-21", "2022-06-22"):
        office.run(day)
    assert kinds(office, number_of(office, "xingshuban", "I01")) == {
        "report_above": "signed", "supervision_report": "void", "resolution_note": "draft",
    }  # fmt: skip
    assert kinds(office, number_of(office, "diweiban", "I02")) == {"report_above": "void"}
    with pytest.raises(Refused, match="needs a supervisor"):
        sign(office, "xingshuban", "I01", "2022-06-22", by=OPERATOR)
    note = sign(office, "xingshuban", "I01", "2022-06-22")
    assert (note.kind, note.rung, note.addressee) == ("resolution_note", 3, "行署分管领导")
    with pytest.raises(Refused, match="needs a leader"):
        sign(office, "xingshuban", "I02", "2022-06-22")
    note = sign(office, "xingshuban", "I02", "2022-06-22", by=LEADER)
    assert (note.kind, note.rung, note.addressee) == ("resolution_note", 4, "领导小组、行署分管领导")
