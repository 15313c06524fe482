"""The signed slip by which an operator files a leader's conditional pass: whose, what file, where it lies."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from eco_workflow.domain.errors import EcoError, Refused, WrongInput
from eco_workflow.domain.roles import Role
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import accounts, evidence, evidence_review, evidence_shown, pass_by_slip
from eco_workflow.services.evidence_shown import Verified
from eco_workflow.services.pass_by_slip import Slip
from eco_workflow.services.pass_phase import Passed
from eco_workflow.services.phases_shown import story
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Audit, ConditionalPass, Evidence
from tests.office import ADMIN, OPERATOR, Office, at
from tests.phase_office import county, file_slip

CONSOLE = Viewer("console")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    return county(database, tmp_path)


def slip(office: Office, name: str = "批示.pdf", content: bytes = b"signed") -> str:
    path = office.home.parent / name
    path.write_bytes(content)
    return str(path)


def passed(office: Office, file: str, leader: str = "甲某", **said: Any) -> Passed:
    return file_slip(office, 1, "2022-03-02", Slip(leader, file), **said)


def bring(office: Office, file: str) -> evidence.Brought:
    return evidence.add(
        office.database, office.settings, "M1.1", "E1", file, now=at("2022-03-02"), by=OPERATOR
    )


def unnamed(office: Office) -> int:
    return evidence_shown.verify(office.database, office.settings).unnamed


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_slip_is_signed_by_somebody_who_leads(office: Office) -> None:
    """Head and deputies of the roster, and whoever has a leader's account; nobody else, and no long text."""
    for leader, words in (
        ("查无此人", "eco account list"),
        ("乙某", "leads nothing"),
        ("甲" * 5000, "--leader"),
        ("甲某\n乙某", "leads nothing"),
        ("", "--leader"),
    ):
        with pytest.raises((Refused, WrongInput), match=words) as refused:
            passed(office, slip(office), leader)
        assert len(str(refused.value)) < 500
    assert passed(office, slip(office)).leader == "甲某"
    accounts.add(office.database, "丙某", Role.LEADER, now=at("2022-03-02"), by=ADMIN)
    assert passed(office, slip(office), "丙某").leader == "丙某"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_slip_is_a_file_as_evidence_is(office: Office) -> None:
    for name, words in (("sh.py", "no kind that is taken"), ("a\u202eb.pdf", "one line")):
        with pytest.raises(WrongInput, match=words):
            passed(office, slip(office, name))
    with pytest.raises(WrongInput, match="is empty"):
        passed(office, slip(office, content=b""))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_pass_that_is_refused_keeps_no_slip(office: Office) -> None:
    with pytest.raises(EcoError, match="--until"):
        passed(office, slip(office), until="2022-02-01")
    assert unnamed(office) == 0
    with office.database.read() as session:
        assert session.exec(select(ConditionalPass)).all() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_slip_is_handed_out_as_it_came_in(office: Office, tmp_path: Path) -> None:
    """The newest of the phase, or the one that is named; a unit's people do not get it."""
    passed(office, slip(office))
    passed(office, slip(office, "批示2.pdf", b"signed again"))
    with office.database.read() as session:
        shown = pass_by_slip.one(session, CONSOLE, 1, plan=None)
        assert (shown.n, shown.name, shown.leader) == (2, "批示2.pdf", "甲某")
        for n, content in ((None, b"signed again"), (1, b"signed")):
            out = tmp_path / f"out{n}.pdf"
            pass_by_slip.hand_out(session, CONSOLE, office.settings, 1, str(out), n=n, plan=None)
            assert out.read_bytes() == content
        with pytest.raises(WrongInput, match="no slip"):
            pass_by_slip.one(session, CONSOLE, 2, plan=None)
        with pytest.raises(WrongInput, match="no slip"):
            pass_by_slip.one(session, CONSOLE, 1, n=3, plan=None)
        with pytest.raises(Refused, match="offices and leaders"):
            pass_by_slip.one(session, Viewer("liaison", frozenset({1})), 1, plan=None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_who_closes_phases_files_a_slip(office: Office) -> None:
    with pytest.raises(Refused, match="needs an operator"):
        passed(office, slip(office), by=ADMIN)
    assert unnamed(office) == 0


def quarantine(office: Office, number: int, **which: Any) -> pass_by_slip.Quarantined:
    return pass_by_slip.quarantine(
        office.database, office.settings, number, "涉密", now=at("2022-03-02", "15:00"), by=OPERATOR, **which
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_lies_in_quarantine_does_not_come_back_as_a_slip(office: Office) -> None:
    file = slip(office)
    made = bring(office, file)
    evidence_review.quarantine(
        office.database, office.settings, made.number, "涉密", now=at("2022-03-02"), by=OPERATOR
    )
    with pytest.raises(Refused, match="lies in quarantine"):
        passed(office, file)
    assert evidence_shown.verify(office.database, office.settings) == Verified(0, (), (), 0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_quarantine_speaks_for_slips_and_evidence_of_a_content(office: Office) -> None:
    """Said of either; the pass stands, without name and content of what was signed."""
    file = slip(office)
    bring(office, file)
    passed(office, file)
    assert quarantine(office, 1).removed
    assert evidence_shown.verify(office.database, office.settings) == Verified(0, (), (), 0)
    with office.database.read() as session:
        assert [one.state for one in session.exec(select(Evidence))] == ["quarantined"]
        [row] = session.exec(select(ConditionalPass))
        assert (row.slip_name, row.slip_reason, row.leader) == ("", "涉密", "甲某")
        with pytest.raises(Refused, match="lies in quarantine"):
            pass_by_slip.hand_out(session, CONSOLE, office.settings, 1, "out", plan=None)
        [phase] = story(session, 1, plan=None, now=at("2022-03-02"))["phases"]
        assert phase["conditional"]["slip_quarantined_on"] is not None
        said = [row for row in session.exec(select(Audit)) if row.action == "evidence_quarantine"]
        assert len(said) == 1
        assert broken_at(session, row.plan_id) is None
    with pytest.raises(Refused, match="lies in quarantine"):
        passed(office, file)
    assert not quarantine(office, 1).removed
