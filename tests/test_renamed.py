"""A unit is given another name while the plan runs: it is found by both, and no document takes that back."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import EcoError, Refused, WrongInput
from eco_workflow.domain.roles import Actor
from eco_workflow.services.find import document, document_of_the_day, unit_named
from eco_workflow.services.merge_units import merge
from eco_workflow.services.rename_unit import Renamed, rename
from eco_workflow.services.revise_plan import preview, revise
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Case, Contact, Notice, Paper, Plan, Unit
from tests.county import COUNTY, changed_county
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.reliability.picture import picture

NEW = "县水务和河湖局"


@pytest.fixture
def county(database: str, tmp_path: Path) -> Office:
    """The county's plan on the morning after its first round."""
    office = Office(database, tmp_path, plan=str(COUNTY))
    office.open()
    office.silent("2022-03-07")
    return office


def call(county: Office, unit: str, name: str, short: str | None = None, *, by: Actor = OPERATOR) -> Renamed:
    return rename(county.database, unit, name, short=short, now=at("2022-03-08", "10:00"), by=by)


def found_by(county: Office, *texts: str) -> set[str]:
    """The codes of the units that these texts mean."""
    with county.database.read() as session:
        return {unit_named(session, session.get_one(Plan, 1), text).code for text in texts}


def names(county: Office) -> tuple[str, str]:
    with county.database.read() as session:
        row = session.exec(select(Unit).where(Unit.code == "shuili")).one()
        return row.name, row.short


def test_a_renamed_unit_is_found_by_both_names_and_its_mails_bear_the_new_one(county: Office) -> None:
    [asked] = county.mails("2022-03-07", "liaison@shuili.example")
    done = call(county, "水利局", NEW, "县水务局")
    assert (done.old_name, done.name, done.short) == ("县水利局", NEW, "县水务局")
    assert found_by(county, "县水利局", "水利局", NEW, "水务和河湖局", "县水务局", "水务局", "shuili") == {
        "shuili"
    }
    assert county.owed("shuili") == ["I01", "I03", "P1"]  # the round that is open goes on
    county.run("2022-03-09")
    for to, words in (
        ("liaison@shuili.example", "县水利局更名为县水务和河湖局"),
        ("leader@shuili.example", "此前发出的邮件和签批的文书保留原名称"),
        ("liaison@chuangban.example", "3月8日（周二）起，县水利局更名为县水务和河湖局"),
    ):
        assert words in " ".join(mail.text for mail in county.mails("2022-03-09", to)), to
    [again] = county.mails("2022-03-09", "liaison@shuili.example")
    assert again.text.startswith("县水务局：")
    assert county.mails("2022-03-07", "liaison@shuili.example") == [asked]
    with county.database.read() as session:
        plan = session.get_one(Plan, 1)
        assert document(session, plan).unit("shuili").name == "县水利局"  # the version is what it was
        shown = document_of_the_day(session, plan).unit("shuili")
        assert (shown.name, shown.short, shown.aliases) == (NEW, "县水务局", ["县水利局"])
        assert broken_at(session, 1) is None


def test_a_document_with_the_old_name_renames_nothing_and_one_with_a_newer_name_does(
    county: Office, tmp_path: Path
) -> None:
    call(county, "shuili", NEW)
    longer = ("answer_days: 1", "answer_days: 2")
    for pieces, called in (
        ((longer,), NEW),
        ((("name: 县水利局\n    short: 县水利局", f"name: {NEW}\n    short: {NEW}"),), NEW),
        ((), NEW),  # an old copy of the file, though the document in force knew better
        ((("name: 县水利局\n    short: 县水利局", "name: 县水务局\n    short: 县水务局"),), "县水务局"),
    ):
        loaded = changed_county(tmp_path, *pieces)
        with county.database.read() as session:
            kept = preview(session, loaded, now=at("2022-03-08", "11:00")).names_kept
        is_old = loaded.plan.unit("shuili").name == "县水利局"
        assert bool(kept) is is_old
        assert all(f"it was renamed to {NEW} on 2022-03-08 and keeps that name" in line for line in kept)
        revise(county.database, loaded, now=at("2022-03-08", "11:00"), by=OPERATOR)
        assert names(county) == (called, called)
        assert found_by(county, "县水利局", NEW, called) == {"shuili"}


def test_a_document_that_gives_the_new_name_to_another_unit_is_refused(
    county: Office, tmp_path: Path
) -> None:
    call(county, "shuili", NEW)
    taken = changed_county(tmp_path, ("short: 县督查组", f"short: 县督查组\n    aliases: [{NEW}]"))
    with pytest.raises(
        Refused, match=f"ducha is called {NEW} in the document, which is another unit's name since"
    ):
        revise(county.database, taken, now=at("2022-03-08", "11:00"), by=OPERATOR)


def test_renamed_and_back_again_it_is_found_by_every_name(county: Office, tmp_path: Path) -> None:
    call(county, "shuili", NEW)
    call(county, NEW, "县水利局")
    assert names(county) == ("县水利局", "县水利局")
    assert found_by(county, NEW, "县水利局") == {"shuili"}
    with county.database.read() as session:
        told = select(Notice.role).where(Notice.kind == "renamed").order_by(col(Notice.id))
        assert session.exec(told).all() == ["liaison", "leader", "liaison"] * 2


def test_a_paper_that_nobody_signed_yet_goes_to_the_new_name(county: Office) -> None:
    with county.database.write() as session:
        unit = session.exec(select(Unit).where(Unit.code == "shuili")).one()
        case = Case(
            plan_id=1, unit_id=unit.id or 0, ladder_id=1, rung=3, round_id=1, opened_on=at("2022-03-08")
        )
        session.add(case)
        session.flush()
        for kind, state in (("supervision_order", "draft"), ("supervision_report", "signed")):
            session.add(
                Paper(
                    case_id=case.id or 0, kind=kind, rung=3, addressee="县水利局", state=state,
                    drafted_on=at("2022-03-08").date(),
                )
            )  # fmt: skip
    call(county, "shuili", NEW)
    with county.database.read() as session:
        assert dict(session.exec(select(Paper.state, Paper.addressee)).all()) == {
            "draft": NEW, "signed": "县水利局",
        }  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_people_call_another_unit_for_short_is_no_name_for_this_one(county: Office) -> None:
    """Otherwise what they type for that one would go to this one from then on."""
    call(county, "shuili", NEW, "县水务局")
    for name, whose in (
        ("督查组", r"县政府督查组 \(ducha\)"),
        ("水利局", rf"{NEW} \(shuili\)"),  # as it was called before
        ("水务局", rf"{NEW} \(shuili\)"),
    ):
        refused = f"'{name}' is a name of {whose}. A name must mean this unit alone"
        with pytest.raises(WrongInput, match=refused):
            call(county, "huanbao", name)
        with pytest.raises(WrongInput, match=refused):
            call(county, "huanbao", "县生态局", name)
    call(county, "shuili", "水务局")  # its own
    assert found_by(county, "水务局", "水利局") == {"shuili"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_name_of_another_level_takes_no_short_form_away_unsaid(county: Office) -> None:
    """水利局 may be either of two from then on: that is said, and nothing is booked for the wrong one."""
    call(county, "huanbao", "市水利局")
    assert found_by(county, "县水利局") == {"shuili"}
    with pytest.raises(WrongInput, match=r"There is no unit '水利局'.*县水利局"):
        found_by(county, "水利局")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_be_a_name_is_refused_in_words(county: Office) -> None:
    merge(county.database, "shuili", "ducha", now=at("2022-03-08", "09:00"), by=OPERATOR)
    call(county, "ducha", "县督查办")
    with county.database.read() as session:
        superior = session.exec(select(Unit.code).where(Unit.kind == "superior")).first()
        group = session.exec(select(Unit.code).where(Unit.kind == "group")).first()
    assert superior
    assert group
    before = picture(county.database)
    cases: list[tuple[str, str, Actor, type[EcoError], str]] = [
        ("huanbao", "县督查办", OPERATOR, WrongInput, r"a name of 县督查办 \(ducha\)"),
        ("huanbao", "县督查组", OPERATOR, WrongInput, "县督查组' is a name of|was called before"),
        ("huanbao", "ducha", OPERATOR, WrongInput, "A name must mean this unit alone"),
        ("huanbao", "I01", OPERATOR, WrongInput, "'I01' is the id of an item"),
        ("huanbao", " ", OPERATOR, WrongInput, "a unit needs a name"),
        ("huanbao", "一\n二", OPERATOR, WrongInput, "no text of one line"),
        ("ducha", "县督查办", OPERATOR, Refused, "is called 县督查办 .* already"),
        ("shuili", NEW, OPERATOR, Refused, "was merged into 县督查办"),
        (superior, NEW, OPERATOR, WrongInput, "is a superior, which is never asked"),
        (group, NEW, OPERATOR, WrongInput, "is a group, which is never asked"),
        ("huanbao", NEW, SUPERVISOR, Refused, "renaming a unit needs an operator"),
        ("huanbao", NEW, liaison("huanbao"), Refused, "renaming a unit needs an operator"),
    ]
    for unit, name, by, error, words in cases:
        with pytest.raises(error, match=words):
            call(county, unit, name, by=by)
    assert picture(county.database) == before
    with county.database.read() as session:
        assert session.exec(select(Contact.id)).first()
