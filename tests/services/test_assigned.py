"""What is assigned besides the plan is asked about and closed out like anything else (DOMAIN 1, 3.3, 7).

The county: the water office, the environment office (the host), the supervision office, the creation office.
Rounds on 7 and 21 March; the water office was asked on the 7th.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.assigned import Demand
from eco_workflow.domain.errors import EcoError, Refused, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import assign_task, findings, inspections, look, look_item, progress, review
from eco_workflow.services.assigned import rectifications
from eco_workflow.services.find import plan_named
from eco_workflow.services.lights import lights
from eco_workflow.services.merge_units import merge
from eco_workflow.services.ranking import ranked
from eco_workflow.services.revise_plan import revise
from eco_workflow.services.split_unit import split
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Item, ItemText, Unit
from tests.county import COUNTY, changed_county
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.services.desk import cases, owed

WATER = "shuili"
LIAISON, LEADER = "liaison@shuili.example", "leader@shuili.example"
EYES = Viewer("operator", role="supervisor")
MARCH = date(2022, 3, 18)


@pytest.fixture
def county(database: str, tmp_path: Path) -> Office:
    """The county on 8 March, the morning after its first round."""
    office = Office(database, tmp_path, plan=str(COUNTY))
    office.open()
    office.silent("2022-03-07")
    return office


def by(who: Any = OPERATOR, day: str = "2022-03-08", clock: str = "10:00") -> dict[str, Any]:
    return {"now": at(day, clock), "by": who}


def assign(office: Office, *units: str, title: str = "清理河道", due_on: date = MARCH, **how: Any) -> str:
    said: dict[str, Any] = {"origin": "王县长3月7日批示", "days": office.days, **by(), **how}
    return assign_task.assign_task(office.database, units, title, due_on=due_on, **said).item


def find(office: Office, *units: str, milestone: str = "M3.1", title: str = "补齐台账", **how: Any) -> str:
    said: dict[str, Any] = {"due_on": MARCH, "reviewer": "市评审组", "days": office.days, **by(), **how}
    return findings.add(office.database, milestone, units, title, **said).item


def claim(office: Office, unit: str, item: str, day: str, status: str = "completed") -> progress.Recorded:
    return progress.submit(office.database, unit, item, Answer(status), **by(liaison(unit), day))


def open_rectifications(office: Office, milestone: str | None = None) -> list[tuple[str, str, bool]]:
    with office.database.read() as session:
        rows = rectifications(session, plan_named(session, None), milestone)
    return [(row.item, row.unit, row.closed) for row in rows]


def test_a_task_is_told_asked_reminded_of_and_closed_out(county: Office) -> None:
    """Assigned on the 8th, due on the 18th: told on the 9th, reminded of and asked on the 21st."""
    assert assign(county, "水利局", "县环境分局") == "T001"
    county.run("2022-03-09")
    for to in (LIAISON, LEADER):
        [mail] = county.mails("2022-03-09", to)
        assert "请于3月18日（周五）前完成并填报T001。" in mail.text
        assert "- 交办：T001 清理河道\r\n  3月8日（周二）交办，逐轮调度，期限前可随时填报；" in mail.text
        assert "  完成期限3月18日（周五）；领导批示：王县长3月7日批示\r\n" in mail.text
    county.answer(WATER, "2022-03-09")
    claim(county, "huanbao", "T001", "2022-03-10")
    for day in ("2022-03-18", "2022-03-21"):
        county.run(day)
    assert cases(county) == [(WATER, "T001", "2022-03-18", 1, "")]
    [asked] = county.mails("2022-03-21", LIAISON)
    assert "■ 填报：3月20日调度" in asked.text
    assert asked.text.count("- T001 清理河道") == 2  # overdue, and asked by the round
    assert "负责：填报进展；完成期限3月18日（周五），已过；领导批示：王县长3月7日批示" in asked.text
    with county.database.read() as session:
        [row] = lights(
            session, EYES, plan=None, now=at("2022-03-21", "10:00"), days=county.days, unit="水利局"
        )
        assert (row.items[0].item, row.items[0].judged.light.code) == ("T001", "red")
        rows = {
            row.unit: row for of in ranked(session, EYES, plan=None, now=at("2022-03-21")) for row in of.rows
        }
        assert rows["县水利局"].late == 1
        shown = look_item.item(session, EYES, "t001", plan=None, now=at("2022-03-21"))
        assert (shown["kind"], shown["place"]) == ("task", "领导批示：王县长3月7日批示")
        assert ("T001", "县水利局", True) in [
            (row["item"], row["unit"], row["late"])
            for row in look.items(session, EYES, plan=None, unsettled=False, now=at("2022-03-21"))
        ]
        assert [(row["unit"], row["state"], row["late"]) for row in assign_task.tasks(
            session, EYES, plan=None, now=at("2022-03-21")
        )] == [("县环境分局", "completed", False), ("县水利局", "not_started", True)]  # fmt: skip
    with pytest.raises(Refused, match="not claimed by 县水利局"):
        review.close(county.database, WATER, "T001", **by(SUPERVISOR, "2022-03-21"))
    assert claim(county, WATER, "T001", "2022-03-21").item_state == "completed"
    assert cases(county) == [(WATER, "T001", "2022-03-18", 1, "claimed:2")]
    with pytest.raises(Refused, match="closing out an item of the host bureau needs a supervisor"):
        review.close(county.database, WATER, "T001", **by(OPERATOR, "2022-03-21"))
    review.close(county.database, WATER, "T001", **by(SUPERVISOR, "2022-03-21", "11:00"))
    assert {owed(county, unit, "T001").state for unit in (WATER, "huanbao")} == {"closed"}
    with county.database.read() as session:
        assert broken_at(session, 1) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_recorded_late_keeps_its_dates_and_makes_nobody_late_who_was_not_told(
    county: Office,
) -> None:
    """Inspected on the 3rd, due on the 7th, recorded on the 8th: told on the 9th, late from the 10th."""
    record: dict[str, Any] = {"team": "督查室", "days": county.days, **by()}
    inspections.record(
        county.database,
        "河道",
        on=date(2022, 3, 3),
        findings=[Demand(WATER, "清理", date(2022, 3, 7))],
        **record,
    )
    county.answer(WATER, "2022-03-08", "11:00")
    county.run("2022-03-09")
    [mail] = county.mails("2022-03-09", LIAISON)
    assert "请完成并填报T001，期限3月7日（周一）已过。" in mail.text
    assert "交办，逐轮调度，可随时填报；收到后仍未报完成的，计逾期，按规则催办" in mail.text
    assert cases(county) == []
    county.run("2022-03-10")
    assert cases(county) == [(WATER, "T001", "2022-03-07", 1, "")]
    before = [Demand(WATER, "清理", date(2022, 3, 2))]
    with pytest.raises(WrongInput, match="--finding 2022-03-02 must lie between 2022-03-03, when it was"):
        inspections.record(
            county.database, "河道", on=date(2022, 3, 3), findings=before, **record | by(day="2022-03-10")
        )


def test_a_task_is_reported_before_a_round_asks_and_taken_back(county: Office) -> None:
    """Due on the 10th, before the next round: a claim closes its case, which goes on where it stood."""
    assign(county, WATER, due_on=date(2022, 3, 10))
    county.answer(WATER, "2022-03-08", "11:00")
    county.run("2022-03-11")
    late = (WATER, "T001", "2022-03-10", 1)
    assert cases(county) == [(*late, "")]
    assert claim(county, WATER, "T001", "2022-03-11").item_state == "completed"
    assert cases(county) == [(*late, "claimed:1")]
    back = progress.recall(county.database, WATER, "T001", **by(liaison(WATER), "2022-03-11", "11:00"))
    assert (back.state, back.item_state) == ("recalled", "not_started")
    assert (owed(county, WATER, "T001").state, county.owed(WATER)) == ("not_started", [])
    assert cases(county) == [(*late, "")]


def test_what_was_claimed_unasked_and_returned_is_owed(county: Office) -> None:
    assign(county, WATER)
    county.answer(WATER, "2022-03-08", "11:00")
    claim(county, WATER, "T001", "2022-03-09")
    review.return_(
        county.database, WATER, "T001", "无照片", county.days, **by(OPERATOR, "2022-03-09", "11:00")
    )
    assert county.owed(WATER) == ["T001"]
    county.run("2022-03-10")
    [mail] = county.mails("2022-03-10", LIAISON)
    assert "退回补正：T001 清理河道" in mail.text
    claim(county, WATER, "T001", "2022-03-10")
    assert county.owed(WATER) == []


def test_before_the_first_round_the_words_say_how_to_report(database: str, tmp_path: Path) -> None:
    office = Office(database, tmp_path, plan=str(COUNTY))
    office.open()
    assign(office, WATER, **by(day="2022-03-02"))
    with pytest.raises(Refused, match="was not asked anything yet"):
        claim(office, WATER, "T001", "2022-03-03")


def test_an_inspection_leaves_tasks_or_nothing_at_all(county: Office) -> None:
    said: dict[str, Any] = {"team": "督查组", "on": date(2022, 3, 7), "days": county.days, **by(SUPERVISOR)}
    demands = [Demand("水利局", "清理河道", MARCH), Demand("无此单位", "清理河道", MARCH)]
    with pytest.raises(WrongInput, match="无此单位"):
        inspections.record(county.database, "河湖巡查", findings=demands, **said)
    with county.database.read() as session:
        assert inspections.inspections(session, EYES, plan=None, now=at("2022-03-08")) == []
    done = inspections.record(county.database, "河湖巡查", findings=demands[:1], note="左岸", **said)
    assert [task.item for task in done.tasks] == ["T001"]
    with county.database.read() as session:
        [row] = inspections.inspections(session, EYES, plan=None, now=at("2022-03-08"))
        assert (row["scope"], row["team"], row["note"]) == ("河湖巡查", "督查组", "左岸")
        assert [(task["item"], task["origin"]) for task in row["tasks"]] == [
            ("T001", "河湖巡查（督查组，3月7日）")
        ]
        water = session.exec(select(Unit.id).where(Unit.code == WATER)).one()
        for unit, sees in ((water, 1), (0, 0)):
            eyes = Viewer("x", frozenset({unit or 0}))
            assert len(inspections.inspections(session, eyes, plan=None, now=at("2022-03-08"))) == sees
            assert len(assign_task.tasks(session, eyes, plan=None, now=at("2022-03-08"))) == sees


def test_a_finding_is_closed_once_its_unit_has_claimed_it(county: Office) -> None:
    """Accepted first, overtaken by a round that asks for it no more, and closed out then."""
    assert find(county, WATER, about="I03") == "R001"
    assert find(county, "huanbao", milestone="M2.1") == "R002"
    assert open_rectifications(county, "M3.1") == [("R001", "县水利局", False)]
    close: dict[str, Any] = {"note": "现场核实", **by(day="2022-03-22")}
    with pytest.raises(Refused, match="no unit has reported on it yet"):
        findings.close(county.database, "R001", **close)
    claim(county, WATER, "R001", "2022-03-10")
    review.accept(county.database, WATER, "R001", **by(OPERATOR, "2022-03-11"))
    county.run("2022-03-21")
    assert "R001" not in county.owed(WATER)
    assert "R002" in county.owed("huanbao")
    with pytest.raises(Refused, match="not claimed by 县环境分局"):
        findings.close(county.database, "R002", **{**close, "by": SUPERVISOR})
    assert findings.close(county.database, "R001", **close).item_state == "closed"
    assert open_rectifications(county) == [("R001", "县水利局", True), ("R002", "县环境分局", False)]
    with county.database.read() as session:
        [found] = findings.findings(session, EYES, plan=None, milestone="m3.1", now=at("2022-03-22"))
        assert (found["about"], found["closed"], found["late"]) == ("I03", True, False)
        [unit] = look_item.item(session, EYES, "R001", plan=None, now=at("2022-03-22"))["units"]
        assert unit["last"][0]["reason"] == "现场核实"


def test_tasks_outlive_versions_splits_and_mergers(county: Office, tmp_path: Path) -> None:
    """The document knows nothing of them: it neither ends nor moves them, nor leaves them without words."""
    assign(county, WATER)
    find(county, WATER)
    claim(county, WATER, "T001", "2022-03-08")
    split(county.database, WATER, ["T001:huanbao"], **by(clock="11:00"))
    revise(
        county.database, changed_county(tmp_path, ("answer_days: 1", "answer_days: 2")), **by(clock="12:00")
    )
    assert owed(county, "huanbao", "T001").state == "completed"
    done = review.accept(county.database, WATER, "T001", **by(OPERATOR, clock="13:00"))
    assert done.item_state == "completed"
    with county.database.read() as session:
        assert session.exec(select(Item.code).where(Item.kind == "task")).all() == ["T001"]
    assert assign(county, WATER, title="巡河") == "T002"
    with county.database.read() as session:
        words = select(ItemText.version).where(col(ItemText.item_id) == Item.id, Item.code == "T002")
        assert set(session.exec(words)) == {1, 2}
    merge(county.database, WATER, "ducha", **by(clock="14:00"))
    assert {owed(county, "ducha", item).state for item in ("T002", "R001")} == {"not_started"}
    assert county.result("2022-03-21").troubles == []
    assert {"T002", "R001"} <= set(county.owed("ducha"))


@pytest.mark.parametrize("how", ["merged", "split"])
def test_an_open_share_is_not_lost_in_the_claim_of_who_takes_it_over(county: Office, how: str) -> None:
    """The host bureau did its part of R001 and T001; the water office, which had not, goes over to it.

    It is late with it from the next run on, is asked by the next round and claims for both.
    """
    assert find(county, WATER, "huanbao") == "R001"
    assert assign(county, WATER, "huanbao", due_on=date(2022, 3, 16)) == "T001"
    claim(county, WATER, "T001", "2022-03-09", "in_progress")
    for item in ("R001", "T001"):
        claim(county, "huanbao", item, "2022-03-10")
    review.accept(county.database, "huanbao", "R001", **by(SUPERVISOR, "2022-03-11"))
    noon = by(OPERATOR, "2022-03-17", "12:00")
    if how == "merged":
        merge(county.database, WATER, "huanbao", **noon)
    else:
        [share] = split(county.database, WATER, ["R001,T001:huanbao"], **noon).shares
        assert (share.moved, share.kept) == (2, 0)
    assert {owed(county, "huanbao", item).state for item in ("R001", "T001")} == {"in_progress"}
    assert open_rectifications(county) == [("R001", "县环境分局", False)]
    with pytest.raises(Refused, match=r"R001 cannot be closed out: .* not claimed by 县环境分局"):
        findings.close(county.database, "R001", note="现场核实", **by(SUPERVISOR, "2022-03-17", "13:00"))
    with county.database.read() as session:
        shown = look_item.item(session, EYES, "R001", plan=None, now=at("2022-03-17"))
    assert "县水利局承担的部分尚未完成" in {act["reason"] for act in shown["units"][0]["last"]}
    # What speaks of its own part, taken back or returned, is no claim for both either.
    recalled = progress.recall(
        county.database, "huanbao", "T001", **by(liaison("huanbao"), "2022-03-17", "14:00")
    )
    assert recalled.item_state == "in_progress"
    county.run("2022-03-18")
    assert [case for case in cases(county) if case[4] == ""] == [("huanbao", "T001", "2022-03-16", 1, "")]
    county.run("2022-03-21")
    assert {"R001", "T001"} <= set(county.owed("huanbao"))
    no_change = Answer(no_change=True)
    with pytest.raises(Refused, match=r"took over a share of R001 that is open: .* --status"):
        progress.submit(county.database, "huanbao", "R001", no_change, **by(liaison("huanbao"), "2022-03-22"))
    for item in ("R001", "T001"):
        assert claim(county, "huanbao", item, "2022-03-22").item_state == "completed"
    done = findings.close(county.database, "R001", note="现场核实", **by(SUPERVISOR, "2022-03-22", "11:00"))
    assert done.item_state == "closed"


@pytest.mark.parametrize("how", ["merged", "split"])
def test_a_share_that_was_claimed_leaves_the_claim_of_who_takes_it_over(county: Office, how: str) -> None:
    assert find(county, WATER, "huanbao") == "R001"
    for unit in (WATER, "huanbao"):
        claim(county, unit, "R001", "2022-03-10")
    noon = by(OPERATOR, "2022-03-11", "12:00")
    if how == "merged":
        merge(county.database, WATER, "huanbao", **noon)
    else:
        split(county.database, WATER, ["R001:huanbao"], **noon)
    assert owed(county, "huanbao", "R001").state == "completed"
    done = findings.close(county.database, "R001", note="现场核实", **by(SUPERVISOR, "2022-03-14"))
    assert done.item_state == "closed"


WRONG: list[tuple[dict[str, Any], type[EcoError], str]] = [
    ({"title": " "}, WrongInput, "TITLE must say in one line"),
    ({"title": "一\n二"}, WrongInput, "TITLE must say in one line"),
    ({"origin": ""}, WrongInput, "--from must say in one line whose word it is"),
    ({"kind": "finding"}, WrongInput, "'finding' is none of instruction, resolution"),
    ({"due_on": date(2022, 3, 8)}, WrongInput, "must lie between 2022-03-09, when the unit is told"),
    ({"due_on": date(2023, 3, 8)}, WrongInput, "and the plan's end, 2022-11-30"),
    ({"units": ("xiaozu",)}, WrongInput, "is a group; only working units are given tasks"),
    ({"units": ()}, WrongInput, "at least one unit"),
    (by(liaison(WATER)), Refused, "assigning a task needs an operator or a supervisor"),
    (by(day="2022-02-01"), WrongInput, "lies before the last run"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_be_assigned_is_refused_in_words_and_leaves_nothing(county: Office) -> None:
    for how, error, words in WRONG:
        with pytest.raises(error, match=words):
            assign(county, *how.get("units", (WATER,)), **{k: v for k, v in how.items() if k != "units"})
    with pytest.raises(WrongInput, match="I03 is no milestone; reviewers find"):
        find(county, WATER, milestone="I03")
    with pytest.raises(WrongInput, match="no rectification"):
        findings.close(county.database, "I03", note="x", **by())
    with pytest.raises(WrongInput, match="needs --note"):
        findings.close(county.database, "R001", note=" ", **by())
    future: dict[str, Any] = {"team": "督查组", "days": county.days, **by()}
    with pytest.raises(WrongInput, match="--on 2022-03-09 must lie between"):
        inspections.record(county.database, "河湖", on=date(2022, 3, 9), **future)
    assert assign(county, WATER) == "T001"
    claim(county, WATER, "T001", "2022-03-08")
    with pytest.raises(Refused, match="is submitted already"):
        claim(county, WATER, "T001", "2022-03-08")
    with pytest.raises(WrongInput, match="owes nothing on T001"):
        claim(county, "huanbao", "T001", "2022-03-08")
    merge(county.database, WATER, "ducha", **by(clock="11:00"))
    with pytest.raises(Refused, match="was merged into"):
        assign(county, WATER, **by(clock="12:00"))
    with pytest.raises(Refused, match="T001 of 县督查组 is completed; there is nothing to report"):
        claim(county, "ducha", "T001", "2022-03-08")
