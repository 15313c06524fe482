"""What waits on others is never late; once they are done its clock starts (DOMAIN 2, time)."""

from datetime import date
from pathlib import Path

import pytest

from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import look_item, review
from tests.office import OPERATOR, Office, at
from tests.services.desk import cases, keep_open, owed

OFFICE = "chuangjianban"
SUMMER = ("2022-06-14", "2022-06-28", "2022-07-14", "2022-07-28", "2022-08-14", "2022-08-28", "2022-09-05")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """5 September 2022, after the assessment phase: the experts' review (M3.1) has not been passed yet."""
    made = Office(database, tmp_path)
    made.open("2022-06-01")
    made.once("two milestones open", lambda: keep_open(made, "M3.1", "M3.2"))
    made.silent(*SUMMER)
    return made


def awaited(office: Office) -> list[str]:
    """What `eco item show M3.2` says that it waits on."""
    with office.database.read() as session:
        now = at("2022-09-14", "16:00")
        shown = look_item.item(session, Viewer("console"), "M3.2", plan=None, now=now)
    return list(shown["waits_on"])


def test_what_waits_on_an_external_milestone_is_due_when_that_is_passed(office: Office) -> None:
    """The phase ended on 31 August and nothing is late; passed in September, it is due with that phase."""
    assert owed(office, OFFICE, "M3.2").due_on is None
    assert cases(office) == []
    assert awaited(office) == ["M3.1"]
    office.answer(OFFICE, "2022-09-14", status="completed")
    review.close(office.database, OFFICE, "M3.1", now=at("2022-09-14", "15:00"), by=OPERATOR)
    assert owed(office, OFFICE, "M3.2").due_on == date(2022, 12, 31)
    assert awaited(office) == []
