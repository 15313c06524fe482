"""Evidence in the office: brought, looked at, returned, brought anew, accepted, and one that slipped in."""

import os
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import EcoError, Refused, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import evidence, evidence_review, evidence_shown, gaps
from eco_workflow.services.evidence import Brought
from eco_workflow.services.find import plan_named
from eco_workflow.services.merge_units import merge
from eco_workflow.services.waiting import late_reviews
from eco_workflow.store.audit import broken_at
from eco_workflow.store.content import ARRIVING
from eco_workflow.store.tables import Audit, Case, Evidence, Plan
from tests.office import ADMIN, OPERATOR, SUPERVISOR, Office, at, liaison

COUNTY = Path(__file__).parent / "plans" / "county.yaml"
WATER, HOST = liaison("shuili"), liaison("huanbao")
CONSOLE = Viewer("console")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The county's office on its first day. Only I01 and M1.1 ask for evidence."""
    made = Office(database, tmp_path / "home", plan=str(COUNTY))
    made.home.mkdir()
    made.open()
    return made


def file(office: Office, content: bytes = b"2021: 95.3", name: str = "监测 数据.pdf") -> str:
    path = office.home.parent / name
    path.write_bytes(content)
    return str(path)


def add(office: Office, content: bytes = b"2021: 95.3", by: Any = WATER, **said: Any) -> Brought:
    """The water office proves I01 with data of 2021, unless something else is said."""
    given = {"item": "I01", "requirement": "E1", "year": 2021, "now": at("2022-03-02"), **said}
    path = given.pop("file", None) or file(office, content, given.pop("name", "监测 数据.pdf"))
    return evidence.add(
        office.database, office.settings, given.pop("item"), given.pop("requirement"), path, by=by, **given
    )


def missing(office: Office, *items: str) -> list[tuple[Any, ...]]:
    """Item, requirement, year, units and why, of every gap."""
    with office.database.read() as session:
        found = gaps.gaps(session, plan_named(session, None), items or None)
    return [(gap.item, gap.requirement, gap.year, "、".join(gap.units), gap.why) for gap in found]


def accept(office: Office, number: int, by: Any = OPERATOR) -> Brought:
    return evidence_review.accept(office.database, office.settings, number, now=at("2022-03-03"), by=by)


def give_back(office: Office, number: int, by: Any = OPERATOR, reason: str = "缺少来源说明") -> Brought:
    return evidence_review.return_(office.database, number, reason, now=at("2022-03-03"), by=by)


def remove(office: Office, number: int, by: Any = OPERATOR) -> evidence_review.Quarantined:
    return evidence_review.quarantine(
        office.database, office.settings, number, "含涉密内容", now=at("2022-03-03"), by=by
    )


def lying(office: Office) -> dict[str, bytes]:
    """What the store holds, and what was left on its way there."""
    left = list((office.home / ARRIVING).glob("*"))
    return {path.name: path.read_bytes() for path in [*(office.home / "evidence").glob("??/*"), *left]}


def test_from_a_gap_to_a_proof(office: Office, tmp_path: Path) -> None:
    """The unit brings a file, hears that it was returned, and brings another, which is accepted."""
    of_office, of_water = ("M1.1", "E1", None, "县创建专班"), ("I01", "E1", 2021, "县水利局")
    assert missing(office) == [(*of_office, "none"), (*of_water, "none")]
    first = add(office, b"without a source")
    assert (first.version, first.state, first.on_behalf) == (1, "pending", False)
    assert missing(office, "I01") == [(*of_water, "pending")]
    give_back(office, first.number)
    assert missing(office, "I01") == [(*of_water, "returned")]
    office.run("2022-03-07")
    [mail] = [mail for mail in office.mails() if mail.to == "liaison@shuili.example"]
    assert "请重新报送I01佐证材料：E1 监测数据及来源 2021。" in mail.text
    assert "原因：缺少来源说明" in mail.text
    second = add(office, now=at("2022-03-08"))
    assert second.version == 2
    evidence_review.accept(office.database, office.settings, second.number, now=at("2022-03-08"), by=OPERATOR)
    assert missing(office) == [(*of_office, "none")]
    assert missing(office, "I01", "I02") == []
    with office.database.read() as session:
        rows = evidence_shown.listed(session, CONSOLE, plan=None)
        assert [(row.number, row.state, row.name) for row in rows] == [
            (first.number, "returned", "监测 数据.pdf"), (second.number, "accepted", "监测 数据.pdf"),
        ]  # fmt: skip
        out = tmp_path / "out.pdf"
        evidence_shown.hand_out(session, CONSOLE, office.settings, second.number, str(out))
        assert out.read_bytes() == b"2021: 95.3"
        plan = session.exec(select(Plan)).one()
        acts = [act.action for act in session.exec(select(Audit).order_by(col(Audit.n)))]
        assert broken_at(session, plan.id or 0) is None
    assert acts == [
        "activate", "evidence_add", "evidence_review", "run", "evidence_add", "evidence_review",
    ]  # fmt: skip


def test_a_proof_is_of_the_reference_year_or_newer_and_one_accepted_file_does(office: Office) -> None:
    """The plan ends in 2022, so data of 2021 or 2022; what comes after an accepted one takes nothing away."""
    old = add(office, b"old", year=2020)
    accept(office, old.number)
    assert missing(office, "I01") == [("I01", "E1", 2021, "县水利局", "other_year")]
    new = add(office, b"new", year=2022)
    accept(office, new.number)
    assert missing(office, "I01") == []
    give_back(office, add(office, b"more").number)
    assert missing(office, "I01") == []
    give_back(office, new.number)
    assert missing(office, "I01") == [("I01", "E1", 2021, "县水利局", "returned")]


def test_what_slipped_in_is_taken_away_wherever_it_stands(office: Office) -> None:
    """Content and name go, the digest stays; it does not come back, and the unit is told."""
    secret = add(office, b"secret")
    twice = add(office, b"secret", by=OPERATOR, item="M1.1", year=None)
    kept = add(office, b"harmless")
    done = remove(office, secret.number)
    assert [one.number for one in done.evidence] == [secret.number, twice.number]
    assert done.removed
    assert list(lying(office).values()) == [b"harmless"]
    with office.database.read() as session:
        row = session.get_one(Evidence, secret.number)
        assert (row.state, row.name, row.digest) == ("quarantined", "", secret.digest)
        details = [act.detail for act in session.exec(select(Audit))]
        assert not any("监测 数据" in detail for detail in details)
        with pytest.raises(Refused, match="lies in quarantine"):
            evidence_shown.hand_out(session, CONSOLE, office.settings, secret.number, "never")
    with pytest.raises(Refused, match="not taken in again"):
        add(office, b"secret")
    assert list(lying(office).values()) == [b"harmless"]
    with pytest.raises(Refused, match="quarantined"):
        accept(office, secret.number)
    accept(office, kept.number)
    office.run("2022-03-07")
    told = [mail.to for mail in office.mails() if "清除佐证材料：E1 监测数据及来源 2021" in mail.text]
    assert told == ["liaison@shuili.example"]


def test_the_host_bureau_s_evidence_is_judged_by_the_supervision_office(office: Office) -> None:
    """The host supports I01; the water office, which owes it, sees what it brought."""
    made = add(office, by=HOST)
    for act in (accept, give_back, remove):
        with pytest.raises(Refused, match="of the host bureau needs a supervisor"):
            act(office, made.number)
    accept(office, made.number, SUPERVISOR)
    with office.database.read() as session:
        row = session.get_one(Evidence, made.number)
        water, others = (Viewer("x", frozenset({unit})) for unit in (2, 4))
        assert row.unit_id == 1
        assert [shown.number for shown in evidence_shown.listed(session, water, plan=None)] == [made.number]
        assert evidence_shown.listed(session, others, plan=None) == []
        with pytest.raises(Refused, match="own unit"):
            evidence_shown.one(session, others, made.number)


def test_who_takes_a_unit_over_brings_its_evidence(office: Office) -> None:
    """What was brought before stands with who brought it, and proves still."""
    made = add(office)
    merge(office.database, "shuili", "huanbao", now=at("2022-03-02", "12:00"), by=OPERATOR)
    assert missing(office, "I01") == [("I01", "E1", 2021, "县环境分局", "pending")]
    accept(office, made.number, SUPERVISOR)
    assert missing(office, "I01") == []
    assert add(office, b"more", by=OPERATOR, now=at("2022-03-03")).unit == "县环境分局"


REFUSED: list[tuple[dict[str, Any], type[EcoError], str]] = [
    ({"item": "I99"}, WrongInput, "no item"),
    ({"item": "I03"}, WrongInput, "I03 has no requirement 'E1'. Known: none"),
    ({"requirement": "E7"}, WrongInput, "Known: E1 监测数据及来源"),
    ({"year": None}, WrongInput, "I01 E1 needs --year"),
    ({"year": 2023}, WrongInput, "--year 2023 must lie between 1990 and this year, 2022"),
    ({"file": "/nowhere/a.pdf"}, WrongInput, "there is none"),
    ({"file": "/dev/zero.pdf"}, WrongInput, "there is none"),
    ({"file": "/nowhere/plain"}, WrongInput, "there is none"),
    ({"file": "a\0.pdf"}, WrongInput, "cannot be read"),
    ({"name": "a\n.pdf"}, WrongInput, "one line"),
    ({"name": "run.exe"}, WrongInput, "of no kind that is taken"),
    ({"name": "plain"}, WrongInput, "of no kind that is taken"),
    ({"content": b""}, WrongInput, "is empty"),
    ({"content": b"x" * 2_000_000}, WrongInput, "larger than 1 MiB"),
    ({"by": liaison("chuangban")}, Refused, "县创建专班 neither owes I01 nor supports it"),
    ({"unit": "huanbao"}, Refused, "needs a liaison or a unit leader of 县环境分局"),
    ({"by": SUPERVISOR}, Refused, "bringing evidence needs"),
    ({"by": ADMIN}, Refused, "bringing evidence needs"),
    ({"note": "x" * 2001}, WrongInput, "--note"),
    ({"now": at("2021-12-31")}, WrongInput, "outside the plan"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("said", "error", "words"), REFUSED, ids=lambda one: str(one)[:40])
def test_what_is_not_taken_is_refused_in_words_and_leaves_nothing(
    office: Office, said: dict[str, Any], error: type[EcoError], words: str
) -> None:
    office.settings = office.settings.model_copy(update={"evidence_max_mib": 1})
    with pytest.raises(error, match=words):
        add(office, **said)
    assert lying(office) == {}
    with office.database.read() as session:
        assert session.exec(select(Evidence)).all() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_folder_or_a_pipe_is_no_file(office: Office, tmp_path: Path) -> None:
    """A pipe that nobody fills does not hold the office up."""
    folder, pipe = tmp_path / "folder.pdf", tmp_path / "pipe.pdf"
    folder.mkdir()
    os.mkfifo(pipe)
    for path in (folder, pipe):
        with pytest.raises(WrongInput, match="no ordinary file"):
            add(office, file=str(path))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_same_content_counts_once_until_it_is_returned(office: Office) -> None:
    made = add(office)
    with pytest.raises(Refused, match=f"there already: evidence {made.number}, pending"):
        add(office)
    assert add(office, year=2020).version == 1
    give_back(office, made.number)
    assert add(office).version == 2
    with pytest.raises(Refused, match=r"returned; only a pending one .* brings it anew"):
        accept(office, made.number)
    with pytest.raises(Refused, match="is returned already"):
        give_back(office, made.number)
    with pytest.raises(WrongInput, match="needs --reason"):
        give_back(office, made.number, reason=" ")


def test_a_file_that_waits_too_long_makes_the_office_late_and_never_the_unit(office: Office) -> None:
    """Ten working days after 2 March are over on the 16th. What the host brought waits for another office."""
    add(office)
    add(office, b"of the host", by=HOST)
    with office.database.read() as session:
        plan = session.exec(select(Plan)).one()
        on_time, late = (
            [(one.kind, one.count) for one in late_reviews(session, plan, at(day).date(), office.days)]
            for day in ("2022-03-16", "2022-03-17")
        )
    assert (on_time, late) == ([], [("evidence", 1)])
    office.run("2022-03-17")
    with office.database.read() as session:
        clocks = session.exec(select(Case.clock).where(col(Case.closed_on).is_(None))).all()
    assert clocks.count("review") == 1
    [mail] = [mail for mail in office.mails("2022-03-17") if mail.to == "liaison@chuangban.example"]
    assert "佐证材料待审核" in mail.text
