"""A changed plan document is loaded while the plan runs: the next round follows it, the open one stays."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.plans.load import LoadedPlan, read
from eco_workflow.services import progress, review
from eco_workflow.services.find import document_of_the_day
from eco_workflow.services.merge_units import merge
from eco_workflow.services.revise_plan import Revised, preview, revise
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Entry, Exemption, Item, Obligation, Plan, PlanVersion, Round, Unit
from tests.county import COUNTY, changed_county
from tests.office import OPERATOR, Office, at, liaison

WITHOUT_I03 = [
    (COUNTY.read_text("utf-8").partition("  - id: I03\n")[2].partition("\npolicies:")[0], ""),
    ("  - id: I03\n", ""),
    ("indicators: 3", "indicators: 2"),
    ("  lead_links: 3", "  lead_links: 2"),
    ("supporting_links: 2", "supporting_links: 1"),
]
WITH_P2 = [
    (
        "\nvetoes:",
        '  - {id: P2, title: 岸线管理, source: "六2", due_on: 2022-09-30, lead: [shuili]}\n\nvetoes:',
    ),
    ("policies: 1", "policies: 2"),
    ("policy_lead_links: 1", "policy_lead_links: 2"),
]

Change = Callable[..., LoadedPlan]


@pytest.fixture
def county(database: str, tmp_path: Path) -> Office:
    """The county's plan on the morning after its first round.

    The round of the 20th is planned; it is the month's last, so it asks the water office's monthly duty too.
    """
    office = Office(database, tmp_path, plan=str(COUNTY))
    office.open()
    office.silent("2022-03-07")
    return office


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """The county's document with these pieces of its text replaced."""

    return partial(changed_county, tmp_path)


def load(county: Office, loaded: LoadedPlan, day: str = "2022-03-08") -> Revised:
    return revise(county.database, loaded, now=at(day, "08:00"), by=OPERATOR)


def states(county: Office) -> dict[tuple[str, str], str]:
    with county.database.read() as session:
        rows = session.exec(
            select(Unit.code, Item.code, Obligation.state)
            .join(Unit, Unit.id == Obligation.unit_id)  # type: ignore[arg-type]
            .join(Item, Item.id == Obligation.item_id)  # type: ignore[arg-type]
        )
        return {(unit, item): state for unit, item, state in rows}


def owed(county: Office) -> dict[tuple[str, str], str]:
    """Unit and item → the role in which it is owed."""
    with county.database.read() as session:
        rows = session.exec(
            select(Unit.code, Item.code, Obligation.role)
            .join(Unit, Unit.id == Obligation.unit_id)  # type: ignore[arg-type]
            .join(Item, Item.id == Obligation.item_id)  # type: ignore[arg-type]
        )
        return {(unit, item): role for unit, item, role in rows}


def test_the_document_in_force_changes_nothing(county: Office) -> None:
    done = load(county, read(str(COUNTY)))
    assert (done.version, done.fresh) == (1, False)


def test_a_new_version_is_appended_and_written_to_the_audit_log(county: Office, changed: Change) -> None:
    assert load(county, changed(*WITH_P2)).version == 2
    with county.database.read() as session:
        versions = session.exec(select(PlanVersion.version).order_by(PlanVersion.version)).all()  # type: ignore[arg-type]
        assert versions == [1, 2]
        assert broken_at(session, 1) is None


def test_what_would_change_is_said_before_it_is_done(county: Office, changed: Change) -> None:
    with county.database.read() as session:
        found = preview(session, changed(*WITH_P2), now=at("2022-03-08"))
    assert [difference.said for difference in found.differences] == ["added: policy P2 岸线管理"]


def test_a_new_item_is_asked_from_the_next_round_on(county: Office, changed: Change) -> None:
    done = load(county, changed(*WITH_P2))
    assert (done.items_added, done.obligations_added, done.to_settle) == (1, 1, 0)
    assert county.owed("shuili") == ["I01", "I03", "P1"]
    county.run("2022-03-21")
    assert county.owed("shuili") == ["I01", "I03", "P1", "D2.1", "P2"]


def test_a_removed_item_stays_in_the_open_round_and_is_not_asked_again(
    county: Office, changed: Change
) -> None:
    assert load(county, changed(*WITHOUT_I03)).obligations_ended == 1
    assert county.owed("shuili") == ["I01", "I03", "P1"]
    assert states(county)["shuili", "I03"] == "not_applicable"
    county.answer("shuili", "2022-03-08")
    assert states(county)["shuili", "I03"] == "not_applicable"
    county.run("2022-03-21")
    assert county.owed("shuili") == ["I01", "P1", "D2.1"]


def test_a_removed_item_keeps_its_words_and_cannot_be_closed_out(county: Office, changed: Change) -> None:
    load(county, changed(*WITHOUT_I03))
    [mail] = county.mails("2022-03-07", to="liaison@shuili.example")
    assert "河长制" in mail.text
    with pytest.raises(Refused, match="no longer in the plan"):
        review.close(county.database, "shuili", "I03", now=at("2022-03-08"), by=OPERATOR)


def test_an_item_that_comes_back_is_asked_again(county: Office, changed: Change) -> None:
    load(county, changed(*WITHOUT_I03))
    assert load(county, read(str(COUNTY)), "2022-03-09").version == 3
    assert states(county)["shuili", "I03"] == "not_started"
    county.run("2022-03-21")
    assert county.owed("shuili") == ["I01", "I03", "P1", "D2.1"]


def test_a_closed_item_stays_closed_when_it_is_removed(county: Office, changed: Change) -> None:
    done = Answer(status="completed", value="是")
    progress.submit(
        county.database, "shuili", "I03", done, now=at("2022-03-07", "10:00"), by=liaison("shuili")
    )
    review.close(county.database, "shuili", "I03", now=at("2022-03-07", "11:00"), by=OPERATOR)
    load(county, changed(*WITHOUT_I03))
    assert states(county)["shuili", "I03"] == "closed"


def test_a_new_due_date_counts_at_once_and_one_in_the_past_is_refused(
    county: Office, changed: Change
) -> None:
    assert load(county, changed(("due_on: 2022-06-30", "due_on: 2022-07-31"))).obligations_changed == 1
    with county.database.read() as session:
        item = session.exec(select(Item).where(Item.code == "I03")).one()
        owed = session.exec(select(Obligation).where(Obligation.item_id == item.id)).one()
        assert owed.due_on == date(2022, 7, 31)
    with pytest.raises(
        Refused, match=r"I03: its due date would move .* to 2022-03-01, a day that has passed"
    ):
        load(county, changed(("due_on: 2022-06-30", "due_on: 2022-03-01")))


def test_other_round_days_hold_from_tomorrow_on(county: Office, changed: Change) -> None:
    done = load(county, changed(("round_days: [5, 20]", "round_days: [10, 25]")))
    assert done.rounds_planned == 18
    with county.database.read() as session:
        rounds = session.exec(select(Round).order_by(Round.id)).all()  # type: ignore[arg-type]
        entries = session.exec(select(Entry).where(Entry.round_id == rounds[0].id)).all()
    assert [(r.on_date, r.state) for r in rounds[:3]] == [
        (date(2022, 3, 5), "open"),
        (date(2022, 3, 10), "planned"),
        (date(2022, 3, 25), "planned"),
    ]
    assert len(entries) == 5
    assert rounds == sorted(rounds, key=lambda r: r.on_date)
    assert county.run("2022-03-10")["opened"] == 1


def test_a_person_whom_the_document_names_anew_takes_over(county: Office, changed: Change) -> None:
    county.replace("huanbao", "liaison", "named@huanbao.example", "2022-03-08")
    done = load(county, changed(("liaison@shuili.example", "new@shuili.example"), *WITH_P2))
    assert done.contacts_replaced == 1
    with county.database.read() as session:
        plan = document_of_the_day(session, session.get_one(Plan, 1))
    people = {unit.id: unit.contacts[0].address for unit in plan.units if unit.contacts}
    assert people["shuili"] == "new@shuili.example"
    assert people["huanbao"] == "named@huanbao.example"


def test_a_merged_unit_owes_nothing_of_a_new_document(database: str, tmp_path: Path, changed: Change) -> None:
    """The document still names it: what it says it owes, its successor does, the last of them, and once."""
    without_host = ("    host: huanbao\n", "")  # a host bureau is not merged away
    document = tmp_path / "without-host.yaml"
    document.write_text(changed(without_host).text, "utf-8")
    county = Office(database, tmp_path, plan=str(document))
    county.open()
    county.silent("2022-03-07")
    merge(county.database, "shuili", "huanbao", now=at("2022-03-08", "07:00"), by=OPERATOR)
    merge(county.database, "huanbao", "ducha", now=at("2022-03-08", "07:01"), by=OPERATOR)
    before = owed(county)
    assert {unit for unit, _ in before} == {"ducha", "chuangban"}
    assert before["ducha", "I01"] == "lead"  # more than its own, to provide the data
    longer = ("answer_days: 1", "answer_days: 2")
    renamed = ("liaison@shuili.example", "new@shuili.example")
    done = load(county, changed(without_host, longer, renamed))
    assert (done.obligations_added, done.obligations_changed, done.obligations_ended) == (0, 0, 0)
    assert (done.contacts_replaced, owed(county)) == (0, before)
    done = load(county, changed(without_host, longer, *WITH_P2), "2022-03-09")
    assert (done.obligations_added, owed(county)) == (1, {**before, ("ducha", "P2"): "lead"})
    done = load(county, changed(without_host, longer, *WITHOUT_I03), "2022-03-10")
    assert (done.obligations_added, done.obligations_ended) == (0, 2)
    assert county.run("2022-03-21")["requests"] == 2
    assert county.owed("ducha") == ["I01", "I02", "P1", "D1.1", "D2.1", "V1"]
    assert [mail.to for mail in county.mails("2022-03-21") if "P1" in mail.text] == ["liaison@ducha.example"]


def test_a_merged_unit_s_draft_above_is_its_successor_s_in_a_new_document(
    county: Office, changed: Change
) -> None:
    """The exception for the water office, merged into the environment office, is kept for that one."""
    listed = ("units: [ducha], kind: draft", "units: [ducha, shuili], kind: draft")
    load(county, changed(listed))
    merge(county.database, "shuili", "huanbao", now=at("2022-03-08", "09:00"), by=OPERATOR)
    load(county, changed(listed, ("answer_days: 1", "answer_days: 2")), "2022-03-09")
    with county.database.read() as session:
        named = select(Unit.code).join(Exemption, Exemption.unit_id == Unit.id)  # type: ignore[arg-type]
        assert sorted(session.exec(named)) == ["ducha", "huanbao"]


def test_a_rung_on_which_a_case_counts_cannot_go(county: Office, changed: Change) -> None:
    county.run("2022-03-09")
    assert county.rungs()
    shorter = changed(
        ("    - {rung: 3, after: 1, title: 督办}\n", ""),
        ("    - {rung: 4, after: 3, title: 通报, clocks: [task, indicator]}\n", ""),
        ("  - {rung: 3, unit: ducha, role: liaison, kind: alert, principal: true}\n", ""),
        ("  - {rung: 3, unit: chuangban, role: liaison, kind: copy}\n", ""),
        ("  - {rung: 4, unit: leaders, role: leader, kind: draft_report, principal: true}\n", ""),
        ("exceptions:\n", ""),
        ("  - {rung: 3, units: [ducha], kind: draft, addressee: 县委分管领导, why: 不由自身督办}\n", ""),
    )
    with pytest.raises(Refused, match=r"open cases climb by the ladder in force to rung 3"):
        load(county, shorter, "2022-03-10")


def test_a_rung_that_items_keep_is_told_of_silence_that_climbs_to_it(county: Office, changed: Change) -> None:
    county.run("2022-03-09")
    items_only = ("after: 1, title: 督办", "after: 1, title: 督办, clocks: [task, indicator]")
    load(county, changed(items_only), "2022-03-10")
    county.run("2022-03-11")
    county.run("2022-03-14")
    [alert] = county.mails("2022-03-14", to="liaison@ducha.example")
    assert "县水利局" in alert.text


def test_a_day_before_the_last_run_is_a_slip(county: Office, changed: Change) -> None:
    with pytest.raises(Refused, match=r"--now lies on 2022-03-02, but the plan was at work on 2022-03-07"):
        load(county, changed(*WITH_P2), "2022-03-02")


def test_a_plan_may_end_later_but_not_before_today(county: Office, changed: Change) -> None:
    later = changed(("end: 2022-11-30", "end: 2022-12-31"))
    assert load(county, later).rounds_planned == 19
    with pytest.raises(Refused, match=r"the plan would end on 2022-11-30, before today, 2022-12-01"):
        load(county, read(str(COUNTY)), "2022-12-01")


def test_a_plan_that_is_not_here_is_named(county: Office, changed: Change) -> None:
    with pytest.raises(WrongInput, match=r"no plan 'elsewhere' here\. Known: qingxi-2022"):
        load(county, changed(("id: qingxi-2022", "id: elsewhere")))
