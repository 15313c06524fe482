"""A unit's items are dealt out to others: they begin anew, and what was let pass stays where it was."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import EcoError, Refused, WrongInput
from eco_workflow.domain.roles import Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import (
    cases_shown,
    indicator_dates,
    indicators,
    look_item,
    progress,
    review,
    suspension,
)
from eco_workflow.services.merge_units import merge
from eco_workflow.services.revise_plan import revise
from eco_workflow.services.split_unit import Split, split
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Case, Item, Notice, Obligation, Unit
from tests.county import COUNTY, changed_county
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.reliability.picture import picture

WATER, SAND = "shuili", ("shuili", "P1")
MORNING: dict[str, Any] = {"now": at("2022-03-08", "10:00"), "by": OPERATOR}


@pytest.fixture
def county(database: str, tmp_path: Path) -> Office:
    """The county on the morning after its first round: the water office was asked for I01, I03 and P1."""
    office = Office(database, tmp_path, plan=str(COUNTY))
    office.open()
    office.silent("2022-03-07")
    return office


def deal(office: Office, unit: str, *gives: str, rest: str | None = None, **when: Any) -> Split:
    return split(office.database, unit, gives, rest=rest, **(when or MORNING))


def owing(office: Office, item: str) -> set[str]:
    """The codes of the units that owe an item."""
    with office.database.read() as session:
        rows = (
            select(Unit.code)
            .join(Obligation, col(Obligation.unit_id) == Unit.id)
            .join(Item, col(Item.id) == Obligation.item_id)
            .where(Item.code == item, Obligation.state != "not_applicable")
        )
        return set(session.exec(rows))


def cases(office: Office) -> list[tuple[str, str, int, str]]:
    """Unit, clock, rung and why it closed, of every case."""
    with office.database.read() as session:
        rows = select(Unit.code, Case.clock, Case.rung, Case.closed_why)
        rows = rows.join(Case, col(Case.unit_id) == Unit.id).order_by(col(Case.id))
        return list(session.exec(rows))


def told(office: Office, kind: str) -> list[tuple[str, str]]:
    with office.database.read() as session:
        rows = select(Unit.code, Notice.role).join(Notice, col(Notice.unit_id) == Unit.id)
        return list(session.exec(rows.where(Notice.kind == kind).order_by(col(Notice.id))))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_part_is_given_away_and_the_unit_stays_silent_about_the_rest(database: str, tmp_path: Path) -> None:
    """水务局 (rung 3) gives I04 and I16 to 林草局 on 25 March: the alert goes on about I11, I18 and I32."""
    office = Office(database, tmp_path)
    office.open()
    office.silent("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24")
    noon: dict[str, Any] = {"now": at("2022-03-25", "12:00"), "by": OPERATOR}
    done = deal(office, "shuiwuju", "I04，I16:林草局", **noon)
    assert [(share.items, share.moved, share.kept) for share in done.shares] == [(("I04", "I16"), 2, 0)]
    assert done.closed == 0
    assert office.owed("shuiwuju") == ["I11", "I18", "I32"]
    assert office.rungs()["shuiwuju"] == 3
    assert office.result("2022-03-28").troubles == []
    [asked] = office.mails("2022-03-28", "lianluo@lincaoju.dxal.example")
    assert "I04" in asked.text
    assert "地区水务局的I04、I16由地区林业和草原局承担" in asked.text
    [mail] = office.mails("2022-03-28", "lianluo@shuiwuju.dxal.example")
    assert "事项划转" in mail.text
    assert "- I04" not in mail.text
    assert told(office, "resolved") == []
    assert {"I04", "I16"} <= set(office.owed("lincaoju"))
    assert not {"I04", "I16"} & set(office.owed("shuiwuju"))


def test_all_is_given_away_and_the_breach_stays(county: Office) -> None:
    with county.database.write() as session:
        policy = session.exec(
            select(Obligation).join(Item, col(Item.id) == Obligation.item_id).where(Item.code == "P1")
        ).one()
        policy.due_on = date(2022, 3, 8)
    for day in ("2022-03-09", "2022-03-11", "2022-03-14"):
        county.run(day)
    silent, late = (WATER, "report", 3), (WATER, "task", 3)
    assert {case[:3] for case in cases(county)} >= {silent, late}
    noon: dict[str, Any] = {"now": at("2022-03-14", "12:00"), "by": OPERATOR}
    done = deal(county, WATER, "P1:ducha", rest="huanbao", **noon)
    assert (done.stays, done.closed) == ((), 2)
    assert {(*silent, "split"), (*late, "split")} <= set(cases(county))
    assert county.owed(WATER) == []
    both = [(WATER, "liaison"), (WATER, "leader")]
    both = [(WATER, "liaison"), (WATER, "leader")]
    assert told(county, "split") == [
        *both, ("huanbao", "liaison"), ("huanbao", "leader"),
        *both, ("ducha", "liaison"), ("ducha", "leader"),
    ]  # fmt: skip
    county.run("2022-03-15")
    assert ("ducha", "task", 1, "") in cases(county)
    assert told(county, "resolved") == []
    with county.database.read() as session:
        assert broken_at(session, 1) is None


@pytest.mark.parametrize("is_merger", [True, False], ids=["merged", "split"])
def test_who_gave_figures_leads_what_it_takes_over(county: Office, tmp_path: Path, is_merger: bool) -> None:
    """县水利局 leads I01 and claims it, 县督查组 provides its data; date and target of the lead hold on."""
    for unit, due_on, target in (("ducha", "2022-07-29", "95"), (WATER, "2022-08-31", "92")):
        asked: dict[str, Any] = {"due_on": date.fromisoformat(due_on), "target": target, "source": "年鉴"}
        indicator_dates.propose(county.database, "I01", unit, **asked, **MORNING)
        indicator_dates.confirm(county.database, "I01", unit, decision="", reason="", **MORNING)
        suspension.set_aside(county.database, unit, "I01", "suspended", reason="x", **MORNING)
    claim: dict[str, Any] = {"now": at("2022-03-08", "09:00"), "by": liaison(WATER)}
    progress.submit(county.database, WATER, "I01", Answer("completed", "I01=80", "2021"), **claim)
    if is_merger:
        done = merge(county.database, WATER, "ducha", **MORNING)
        assert (done.moved, done.kept) == (4, 0)
    else:
        [share] = deal(county, WATER, "I01:ducha").shares
        assert (share.moved, share.kept) == (1, 0)
    revise(county.database, changed_county(tmp_path, ("answer_days: 1", "answer_days: 2")), **MORNING)
    with county.database.read() as session:
        owed = select(Unit.code, Obligation.role, Obligation.state, col(Obligation.due_on))
        owed = owed.join(Unit, col(Unit.id) == Obligation.unit_id)
        owed = owed.join(Item, col(Item.id) == Obligation.item_id).where(Item.code == "I01")
        assert list(session.exec(owed)) == [("ducha", "lead", "completed", date(2022, 8, 31))]
        found = indicators.shown(session, Viewer("x"), "I01", plan=None, now=at("2022-03-08", "11:00"))
        assert found["parts"][0]["confirmed"] == ["92"]
    county.result("2022-09-01", confirmed="2022-09-01")
    assert ("ducha", "indicator", 1, "") in cases(county)
    with county.database.read() as session:
        shown = look_item.item(session, Viewer("x"), "I01", plan=None, now=at("2022-09-01"))
    [late] = shown["units"][0]["cases"]
    assert (late["since"], late["opened_on"]) == (date(2022, 8, 31), date(2022, 9, 1))


@pytest.mark.parametrize("is_merger", [True, False], ids=["merged", "split"])
def test_a_pause_stays_with_whom_it_rested_for(county: Office, is_merger: bool) -> None:
    """I01 rests for 县水利局 on 7 and 8 June, and since the 7th for 县督查组, which only gives its data.

    The lead goes over on the 10th with its own two days of rest; what was let pass before is told as it was.
    """
    asked: dict[str, Any] = {"due_on": date(2022, 5, 31), "target": "95", "source": "年鉴"}
    indicator_dates.propose(county.database, "I01", WATER, **asked, **MORNING)
    indicator_dates.confirm(county.database, "I01", WATER, decision="", reason="", **MORNING)
    county.result("2022-06-01", confirmed="2022-06-01")
    of = {(unit, "I01") for unit in (WATER, "ducha")}
    for unit, item in sorted(of):
        suspension.set_aside(
            county.database, unit, item, "suspended", reason="调整", now=at("2022-06-06"), by=OPERATOR
        )
        suspension.confirm(county.database, unit, item, now=at("2022-06-07"), by=SUPERVISOR)
    back: dict[str, Any] = {"reason": "重启", "days": county.days, "by": OPERATOR}
    suspension.resume(county.database, WATER, "I01", now=at("2022-06-09", "08:00"), **back)

    def late(day: str) -> list[tuple[str, int]]:
        """Unit and working days late of each case of I01, oldest first."""
        with county.database.read() as session:
            shown = cases_shown.cases(
                session,
                Viewer("operator"),
                plan=None,
                unit=None,
                everything=True,
                now=at(day),
                days=county.days,
            )
        rows = sorted(shown, key=lambda row: row["case"])
        return [(row["unit"], row["days_late"]) for row in rows if row["item"] == "I01"]

    # Working days since 31 May: 1, 2, 6 and 7 to 10 June; the 3rd is Dragon Boat Festival.
    assert late("2022-06-10") == [("县水利局", 5)]
    noon: dict[str, Any] = {"now": at("2022-06-10", "12:00"), "by": OPERATOR}
    if is_merger:
        merge(county.database, WATER, "ducha", **noon)
    else:
        deal(county, WATER, "I01:ducha", **noon)
    assert late("2022-06-20") == [("县水利局", 5)]
    for day in ("2022-06-13", "2022-06-14"):
        county.run(day)
    assert late("2022-06-14") == [("县水利局", 5), ("县督查组", 7)]
    county.run("2022-06-15")
    assert late("2022-06-15") == [("县水利局", 5), ("县督查组", 8)]

    # It rests once more, is given back while it does, and goes on there: each counts its own days.
    suspension.set_aside(
        county.database, "ducha", "I01", "suspended", reason="调整", now=at("2022-06-16"), by=OPERATOR
    )
    suspension.confirm(county.database, "ducha", "I01", now=at("2022-06-16"), by=SUPERVISOR)
    deal(
        county, "ducha", f"I01:{WATER}" if not is_merger else "I01:huanbao", now=at("2022-06-17"), by=OPERATOR
    )
    assert late("2022-06-30") == [("县水利局", 5), ("县督查组", 8)]
    to = WATER if not is_merger else "huanbao"
    again = {**back, "by": SUPERVISOR if is_merger else OPERATOR}
    suspension.resume(county.database, to, "I01", now=at("2022-06-20", "08:00"), **again)
    for day in ("2022-06-20", "2022-06-21"):
        county.result(day, confirmed=day)
    name = "县水利局" if not is_merger else "县环境分局"
    assert late("2022-06-21") == [("县水利局", 5), ("县督查组", 8), (name, 10)]
    with county.database.read() as session:
        shown = look_item.item(session, Viewer("x"), "I01", plan=None, now=at("2022-06-21"))
    [holder] = [one for one in shown["units"] if one["unit"] == name]
    rests = [(str(one["confirmed_on"]), str(one["ended_on"])) for one in holder["set_aside"]]
    assert rests == [("2022-06-07", "2022-06-09"), ("2022-06-16", "2022-06-20")]


def test_a_document_that_names_the_old_unit_still_changes_nothing(county: Office, tmp_path: Path) -> None:
    """Once it has caught up its own words hold, also where they give the item back."""
    deal(county, WATER, "P1:ducha")
    lead = 'title: 河道采砂管理, source: "六1", due_on: 2022-09-30, lead: [shuili]'
    for pieces, owes in (
        ((("answer_days: 1", "answer_days: 2"),), {"ducha"}),
        (((lead, lead.replace("shuili", "ducha")),), {"ducha"}),
        ((), {"shuili"}),
    ):
        revise(county.database, changed_county(tmp_path, *pieces), **MORNING)
        assert owing(county, "P1") == owes


def test_what_was_dealt_out_goes_on_and_comes_back(county: Office, tmp_path: Path) -> None:
    """To the second, from there to the third, which takes a merger along, and back to the first."""
    deal(county, WATER, "P1:ducha")
    deal(county, "ducha", "P1:huanbao")
    assert owing(county, "P1") == {"huanbao"}
    longer, longest = ("answer_days: 1", "answer_days: 2"), ("answer_days: 1", "answer_days: 3")
    revise(county.database, changed_county(tmp_path, longer), **MORNING)
    assert owing(county, "P1") == {"huanbao"}
    deal(county, "huanbao", "P1:shuili")
    revise(county.database, changed_county(tmp_path, longest), **MORNING)
    assert owing(county, "P1") == {"shuili"}
    deal(county, WATER, "I03:ducha")
    merge(county.database, WATER, "huanbao", **MORNING)
    revise(county.database, changed_county(tmp_path), **MORNING)
    assert (owing(county, "P1"), owing(county, "I03")) == ({"huanbao"}, {"ducha"})


def test_an_answer_given_before_is_reviewed_and_cannot_be_taken_back(county: Office) -> None:
    goes_on, by = Answer("in_progress"), liaison(WATER)
    progress.submit(county.database, *SAND, goes_on, now=at("2022-03-08", "09:00"), by=by)
    deal(county, WATER, "P1:ducha", "I03:huanbao")
    noon = at("2022-03-08", "12:00")
    with pytest.raises(Refused, match="was handed over to another unit"):
        progress.recall(county.database, *SAND, now=noon, by=liaison(WATER))
    with pytest.raises(Refused, match="handed P1 over; nobody there can mend"):
        review.return_(county.database, *SAND, "x", county.days, now=noon, by=OPERATOR)
    with pytest.raises(Refused, match=r"set aside \(handed over: 由县环境分局承担\)"):
        progress.submit(county.database, WATER, "I03", goes_on, now=noon, by=by)
    done = review.accept(county.database, *SAND, now=noon, by=OPERATOR)
    assert (done.state, done.item_state) == ("accepted", "in_progress")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_be_dealt_out_is_said_in_words(county: Office) -> None:
    before = picture(county.database)
    wrong: list[tuple[str, tuple[str, ...], str | None, Actor, type[EcoError], str]] = [
        (WATER, (), None, OPERATOR, WrongInput, "Nothing would be dealt out"),
        (WATER, ("P1",), None, OPERATOR, WrongInput, "'P1' deals nothing out. Say --give ITEMS:UNIT"),
        (WATER, (":ducha",), None, OPERATOR, WrongInput, "deals nothing out"),
        (WATER, ("P9:ducha",), None, OPERATOR, WrongInput, "There is no item 'P9'"),
        (WATER, ("M2.1:ducha",), None, OPERATOR, WrongInput, "owes nothing on M2.1"),
        (WATER, ("P1:ducha", "P1:huanbao"), None, OPERATOR, WrongInput, "P1 is given to 县督查组 already"),
        (WATER, ("P1:shuili",), None, OPERATOR, WrongInput, "owes it already"),
        (WATER, ("P1:县河长办",), None, OPERATOR, WrongInput, "A new unit comes with a version of the plan"),
        (WATER, (), "县河长办", OPERATOR, WrongInput, "A new unit comes with a version of the plan"),
        (WATER, ("P1:ducha",), None, SUPERVISOR, Refused, "splitting a unit needs an operator"),
        (WATER, ("P1:ducha",), None, liaison(WATER), Refused, "splitting a unit needs an operator"),
    ]
    for unit, gives, rest, by, error, words in wrong:
        with pytest.raises(error, match=words):
            deal(county, unit, *gives, rest=rest, now=at("2022-03-08", "10:00"), by=by)
    assert picture(county.database) == before
    merge(county.database, WATER, "huanbao", **MORNING)
    with pytest.raises(Refused, match="was merged into"):
        deal(county, WATER, "P1:ducha")
    with pytest.raises(Refused, match="was merged into"):
        deal(county, "huanbao", "P1:shuili")
