"""The evidence clock: a claim without its files is late from the day that the plan names (DOMAIN 4)."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.lights import Light
from eco_workflow.domain.overdue import Owed, lacks_evidence
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import evidence, evidence_review, progress
from eco_workflow.services.health import health
from eco_workflow.services.lights import lights
from eco_workflow.services.measure import measure
from eco_workflow.services.overdue import late_clock, overdue
from eco_workflow.store.tables import Case, LadderRung, Plan
from schedules.metrics import Measures, as_text
from tests.office import OPERATOR, Office, at, liaison
from tests.services.desk import cases, owed
from tests.test_evidence import COUNTY, file

RIVER = ("shuili", "I01")
LACKS = "已报完成，缺佐证材料"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The county's plan asks for evidence from 1 April; the water office claimed I01 on 8 March without."""
    plan = tmp_path / "county.yaml"
    plan.write_text(COUNTY.read_text(encoding="utf-8") + "\nevidence: {required_from: 2022-04-01}\n", "utf-8")
    made = Office(database, tmp_path / "home", plan=str(plan))
    made.home.mkdir()
    made.open()
    made.silent("2022-03-07")
    claim = Answer("completed", value="95", period="2021")
    progress.submit(made.database, *RIVER, claim, now=at("2022-03-08"), by=liaison("shuili"))
    return made


def bring(office: Office, day: str, content: bytes) -> int:
    return evidence.add(
        office.database, office.settings, "I01", "E1", file(office, content), year=2021,
        now=at(day, "10:00"), by=liaison("shuili"),
    ).number  # fmt: skip


def on_record(office: Office) -> list[tuple[str, str, int, str]]:
    return [(unit, str(due), rung, why) for unit, _, due, rung, why in cases(office, "evidence")]


def mails(office: Office, day: str) -> str:
    return "\n".join(mail.text for mail in office.mails(day) if mail.to == "liaison@shuili.example")


def scraped(office: Office, day: str) -> str:
    with office.database.read() as session:
        found = health(
            session, office.settings, at(day), due_at=at(day), next_run_at=at(day, "23:00"), engine=True
        )
        return as_text(Measures(at(day), measure(session, found), ())).decode()


def test_a_claim_without_evidence_is_late_until_it_is_there_and_again_when_it_is_returned(
    office: Office,
) -> None:
    """Nobody is late before the plan asks; a file that waits for review is there; rung 3 is the last."""
    office.run("2022-03-31")
    assert on_record(office) == []
    office.run("2022-04-01")
    assert on_record(office) == [("shuili", "2022-04-01", 1, "")]
    assert 'eco_open_cases{clock="evidence",rung="1"} 1.0' in scraped(office, "2022-04-01")
    assert LACKS in mails(office, "2022-04-01")
    assert "缺少E1 监测数据及来源" in mails(office, "2022-04-01")
    with office.database.read() as session:
        ladder = session.exec(select(Case.ladder_id).where(Case.clock == "evidence")).one()
        rungs = select(LadderRung.rung).where(LadderRung.ladder_id == ladder)
        assert max(session.exec(rungs)) == 3
        [row] = lights(session, Viewer("x"), plan=None, now=at("2022-04-01"), days=office.days, unit="shuili")
        judged = next(item.judged for item in row.items if item.item == "I01")
        assert (judged.light, LACKS in judged.reason) == (Light.RED, True)
        plan = session.exec(select(Plan)).one()
        obligation = owed(office, *RIVER)
        assert (obligation.unit_id, obligation.item_id) in overdue(session, plan, at("2022-04-01"))
        assert late_clock(session, obligation, date(2022, 4, 1)) == "evidence"
        assert late_clock(session, obligation, date(2022, 3, 31)) is None
    number = bring(office, "2022-04-01", b"first")
    assert on_record(office) == [("shuili", "2022-04-01", 1, "evidence_brought")]
    office.run("2022-04-02")
    evidence_review.return_(office.database, number, "不清", now=at("2022-04-02", "10:00"), by=OPERATOR)
    office.run("2022-04-06")
    assert on_record(office)[1:] == [("shuili", "2022-04-06", 1, "")]
    office.run("2022-04-08")
    assert on_record(office)[1:] == [("shuili", "2022-04-06", 2, "")]
    bring(office, "2022-04-08", b"second")
    office.run("2022-04-11")
    assert [why for *_, why in on_record(office)] == ["evidence_brought", "evidence_brought"]


TABLE = [
    ({}, True),
    ({"state": "in_progress"}, False),
    ({"state": "closed"}, False),
    ({"role": "data_provider"}, False),
    ({"role": "owner"}, True),
    ({"listed": True}, False),
    ({"due_on": date(2022, 9, 30)}, True),
]


@pytest.mark.parametrize(("said", "late"), TABLE)
def test_only_who_claims_and_leads_lacks_evidence(said: dict[str, object], late: bool) -> None:
    day = date(2022, 4, 1)
    one = Owed(**{"role": "lead", "state": "completed", "due_on": None, **said})  # type: ignore[arg-type]
    assert lacks_evidence(one, day, required_from=day, missing=True) is late
    assert not lacks_evidence(one, day, required_from=day, missing=False)
    assert not lacks_evidence(one, day, required_from=date(2022, 4, 2), missing=True)
    assert not lacks_evidence(one, day, required_from=None, missing=True)
