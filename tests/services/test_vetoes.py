"""A declared veto item is confirmed or an error, escalated when undecided, cleared by a leader (DOMAIN 7).

The administrative office's secretariat leads V1 with others; the host bureau leads V1 to V6.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import decide_veto, hold, merge_units, progress, review, rounds_shown
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.clear_veto import clear
from eco_workflow.services.overview import overview
from eco_workflow.services.vetoes import listed, standing_vetoes
from eco_workflow.store.tables import Item, Plan, Standing
from flows.wiring import deliver_batch
from tests.office import OPERATOR, SUPERVISOR, Mail, Office, at, liaison
from tests.services.desk import LEADER, entries, told

OFFICE = "lianluo@chuangjianban.dxal.example"
ABOVE = "lianluo@ducha.dxal.example"
HOST, LEAD = "shengtaiju", "xingshuban"
EYES = Viewer("operator")
LATER = "11:00"

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def declare(office: Office, unit: str, item: str, day: str, clock: str = "10:00", **said: Any) -> bool:
    """Whether a message about it leaves at once."""
    answer = Answer(**(said or {"occurred": True}))
    moment: dict[str, Any] = {"now": at(day, clock), "by": liaison(unit)}
    return progress.submit(office.database, unit, item, answer, **moment).told_at_once


def confirm(office: Office, unit: str, item: str, day: str, by: Actor = OPERATOR, **more: Any) -> None:
    decide_veto.confirm(office.database, item, unit, "现场核查属实", now=at(day, LATER), by=by, **more)


def mark_error(office: Office, unit: str, item: str, day: str, by: Actor = OPERATOR, **more: Any) -> None:
    decide_veto.mark_error(office.database, item, unit, "不属重大问题", now=at(day, LATER), by=by, **more)


def recall(office: Office, unit: str, item: str, day: str, **more: Any) -> None:
    progress.recall(office.database, unit, item, now=at(day, "12:00"), by=liaison(unit), **more)


def at_once(office: Office, day: str, to: str, clock: str = "11:05") -> list[Mail]:
    """What a person gets besides the envelope of the day."""
    before = office.mails(day, to)
    deliver_batch(office.settings, at(day, clock))
    return [mail for mail in office.mails(day, to) if mail not in before]


def standing(office: Office) -> list[tuple[str, str, str, str]]:
    """What holds the gate: item, unit, state, the day of the declaration."""
    with office.database.read() as session:
        found = standing_vetoes(session, session.exec(select(Plan)).one())
    return [(one.item, one.unit, one.state, str(one.declared_on)) for one in found]


def states(office: Office) -> list[str]:
    with office.database.read() as session:
        now, days = at("2022-12-01"), published_calendar()
        rows = listed(session, EYES, plan=None, everything=True, now=now, days=days)
    return [row["state"] for row in rows]


def verdict_of_i14(office: Office) -> tuple[str, str, str]:
    with office.database.read() as session:
        item = session.exec(select(Item).where(Item.code == "I14")).one()
        row = session.get_one(Standing, (item.plan_id, item.id))
    return row.verdict, row.owed_by, row.reason


def test_from_the_declaration_to_the_leader_s_document(office: Office) -> None:
    """Declared on a Tuesday, undecided on Wednesday, told above on Thursday, then confirmed and cleared."""
    office.silent("2022-03-28")
    assert declare(office, LEAD, "V1", "2022-03-29", occurred=True, note="督察反馈问题未整改")
    assert at_once(office, "2022-03-29", ABOVE) == []
    assert standing(office) == [("V1", "行署办公室", "pending", "2022-03-29")]
    office.run("2022-03-30")
    assert told(office, "2022-03-30", "veto_undecided") == []
    office.run("2022-03-31")
    assert told(office, "2022-03-31", "veto_undecided") == [("veto_undecided", "ducha", "liaison")]
    [alert] = office.mails("2022-03-31", ABOVE)
    assert "请落实行署办公室V1申报发生情形的核实。" in alert.text
    assert "应由地区创建办于3月30日（周三）前核实，逾期未核实" in alert.text

    confirm(office, LEAD, "V1", "2022-03-31")
    [mail] = at_once(office, "2022-03-31", ABOVE)
    assert mail.subject.endswith("【通知】一票否决事项核实发生：行署办公室V1")
    assert "请将行署办公室V1核实发生的情形报领导小组组长、副组长。" in mail.text
    assert standing(office) == [("V1", "行署办公室", "confirmed", "2022-03-29")]
    assert entries(office, LEAD, "V1") == [("2022-03-28", "accepted")]
    assert told(office, "2022-03-31", "veto_decided") == [
        ("veto_decided", LEAD, "leader"), ("veto_decided", LEAD, "liaison"),
    ]  # fmt: skip
    office.run("2022-04-01")
    assert told(office, "2022-04-01", "veto_undecided", "veto_confirmed", "veto_decided") == []

    cleared = clear(office.database, "V1", LEAD, "会议纪要第3号", now=at("2022-04-01", "12:00"), by=LEADER)
    assert (cleared.item, cleared.unit, cleared.document) == ("V1", "行署办公室", "会议纪要第3号")
    assert standing(office) == []
    [mail] = at_once(office, "2022-04-01", f"lianluo@{LEAD}.dxal.example", "12:05")
    assert mail.subject.endswith("【通知】一票否决事项解除：行署办公室V1")
    assert told(office, "2022-04-01", "veto_cleared") == [
        ("veto_cleared", "chuangjianban", "liaison"), ("veto_cleared", "ducha", "liaison"),
        ("veto_cleared", LEAD, "leader"), ("veto_cleared", LEAD, "liaison"),
    ]  # fmt: skip


def test_of_the_host_bureau_the_supervision_office_decides(office: Office) -> None:
    """It hears at once; undecided, its own leader in charge does too. The office hears what came of it."""
    office.silent("2022-03-28")
    declare(office, HOST, "V3", "2022-03-29")
    [asked] = at_once(office, "2022-03-29", ABOVE)
    assert "请于3月30日（周三）前核实地区生态环境局V3申报发生的情形。" in asked.text
    office.run("2022-03-31")
    assert told(office, "2022-03-31", "veto_undecided") == [
        ("veto_undecided", "ducha", "leader"), ("veto_undecided", "ducha", "liaison"),
    ]  # fmt: skip
    for decide in (confirm, mark_error):
        with pytest.raises(Refused, match="veto item of the host bureau needs a supervisor"):
            decide(office, HOST, "V3", "2022-03-31")
    mark_error(office, HOST, "V3", "2022-03-31", SUPERVISOR)
    assert standing(office) == []
    assert states(office) == ["error"]
    [mail] = at_once(office, "2022-03-31", f"lianluo@{HOST}.dxal.example")
    assert told(office, "2022-03-31", "veto_decided") == [
        ("veto_decided", "chuangjianban", "liaison"),
        ("veto_decided", HOST, "leader"), ("veto_decided", HOST, "liaison"),
    ]  # fmt: skip
    assert "核实，地区生态环境局3月29日（周二）申报有误，按未发生处理" in mail.text
    assert "原因：不属重大问题" in mail.text


@on_sqlite
def test_days_on_which_the_plan_is_held_do_not_make_a_decision_late(office: Office) -> None:
    """Held from the day of the decision on. It leaves at once all the same when it is confirmed."""
    office.silent("2022-03-28")
    declare(office, LEAD, "V1", "2022-03-29")
    hold.hold(office.database, "检修", now=at("2022-03-30", "08:00"), by=OPERATOR)
    declare(office, HOST, "V3", "2022-03-30")
    confirm(office, HOST, "V3", "2022-03-31", SUPERVISOR)
    assert [mail.subject[-4:] for mail in at_once(office, "2022-03-31", ABOVE)] == ["境局V3"]
    hold.release(office.database, published_calendar(), now=at("2022-04-01", "08:00"), by=OPERATOR)
    with office.database.read() as session:
        moment: dict[str, Any] = {"now": at("2022-04-01"), "days": published_calendar()}
        [row, _] = listed(session, EYES, plan=None, everything=False, **moment)
        [shown, _] = overview(session, EYES, plan=None, **moment).vetoes
    assert (row["decide_by"], row["days_late"]) == (date(2022, 4, 1), 0)
    assert shown == row
    office.run("2022-04-01")
    assert told(office, "2022-04-01", "veto_undecided") == []
    office.run("2022-04-02")
    assert told(office, "2022-04-02", "veto_undecided") == [("veto_undecided", "ducha", "liaison")]


@on_sqlite
def test_what_the_unit_takes_back_holds_nothing(office: Office) -> None:
    """Of the host's both offices were told; they hear of it."""
    office.silent("2022-03-28")
    declare(office, HOST, "V3", "2022-03-29")
    deliver_batch(office.settings, at("2022-03-29", "10:05"))
    recall(office, HOST, "V3", "2022-03-29")
    assert (standing(office), states(office)) == ([], ["recalled"])
    office.run("2022-03-31")
    heard = [("veto_recalled", unit, "liaison") for unit in ("chuangjianban", "ducha")]
    assert told(office, "2022-03-31", "veto_recalled", "veto_undecided") == heard
    with pytest.raises(Refused, match="was taken back"):
        confirm(office, HOST, "V3", "2022-03-31", SUPERVISOR)


@on_sqlite
def test_no_office_gets_rid_of_what_waits_for_a_decision(office: Office) -> None:
    """Neither does who decides return it, nor an operator recall what was recorded for the unit; and once the
    supervision office has heard that it is undecided, the unit takes it back no more.
    """
    office.silent("2022-03-28")
    progress.submit(
        office.database, LEAD, "V1", Answer(occurred=True), now=at("2022-03-29"), by=OPERATOR, means="phone"
    )
    declare(office, HOST, "V3", "2022-03-29")
    for unit, short, item, by in (
        (LEAD, "行署办公室", "V1", OPERATOR),
        (HOST, "地区生态环境局", "V3", SUPERVISOR),
    ):
        decide = f"eco veto confirm {item} {short} --reason .* eco veto error {item} {short}"
        with pytest.raises(Refused, match=decide):
            review.return_(
                office.database, unit, item, "请再核", published_calendar(),
                now=at("2022-03-29", "12:00"), by=by,
            )  # fmt: skip
    with pytest.raises(Refused, match="recalling a declared occurrence needs a liaison or a unit leader"):
        progress.recall(office.database, LEAD, "V1", now=at("2022-03-29", "12:00"), by=OPERATOR)
    office.run("2022-03-31")
    with pytest.raises(Refused, match=r"heard on 2022-03-31 that it is undecided; .*eco veto confirm"):
        recall(office, LEAD, "V1", "2022-03-31")
    assert states(office) == ["pending", "pending"]


@on_sqlite
def test_a_repetition_stands_in_for_what_is_taken_back(office: Office) -> None:
    """March said yes, April "no change": while one of the two stands, the gate is held, and by one only."""
    office.silent("2022-03-28")
    declare(office, LEAD, "V1", "2022-03-29")
    office.run("2022-04-28")
    assert not declare(office, LEAD, "V1", "2022-04-28", no_change=True)
    assert standing(office) == [("V1", "行署办公室", "pending", "2022-03-29")]
    recall(office, LEAD, "V1", "2022-04-29", round_on=date(2022, 3, 28))
    assert standing(office) == [("V1", "行署办公室", "pending", "2022-03-29")]
    with pytest.raises(Refused, match="is undecided"):
        recall(office, LEAD, "V1", "2022-04-29")
    assert states(office) == ["pending"]


@on_sqlite
def test_after_an_error_the_same_unit_declares_anew(office: Office) -> None:
    """What it said by mistake is no reason to keep silent when something occurs, nor to repeat it unheard."""
    office.silent("2022-03-28")
    declare(office, LEAD, "V1", "2022-03-29")
    with pytest.raises(Refused, match="is submitted already"):
        declare(office, LEAD, "V1", "2022-03-29", LATER)
    mark_error(office, LEAD, "V1", "2022-03-30")
    with office.database.read() as session:
        shown = rounds_shown.round_(
            session, EYES, on=date(2022, 3, 28), kind=None, plan=None, now=at("2022-03-30", "12:00"),
            days=published_calendar(),
        )  # fmt: skip
    assert shown["occurred"] == []
    assert declare(office, LEAD, "V1", "2022-04-01")
    mark_error(office, LEAD, "V1", "2022-04-02")
    office.run("2022-04-28")
    assert declare(office, LEAD, "V1", "2022-04-28", no_change=True)
    assert states(office) == ["error", "error", "pending"]


@on_sqlite
def test_of_several_declarations_the_day_says_which_is_meant(office: Office) -> None:
    office.silent("2022-03-28")
    declare(office, LEAD, "V1", "2022-03-29")
    office.run("2022-04-28")
    declare(office, LEAD, "V1", "2022-04-28")
    with pytest.raises(WrongInput, match=r"several days: 2022-03-29, 2022-04-28\. Say which with --declared"):
        confirm(office, LEAD, "V1", "2022-04-29")
    mark_error(office, LEAD, "V1", "2022-04-29", declared=date(2022, 3, 29))
    confirm(office, LEAD, "V1", "2022-04-29")
    assert states(office) == ["error", "confirmed"]


@on_sqlite
def test_what_a_unit_declared_outlives_its_merger(office: Office) -> None:
    """Under either name; the successor hears of the decision."""
    office.silent("2022-03-28")
    declare(office, "diweiban", "V1", "2022-03-29")
    merge_units.merge(office.database, "diweiban", LEAD, now=at("2022-03-29", "12:00"), by=OPERATOR)
    assert standing(office) == [("V1", "地委办公室", "pending", "2022-03-29")]
    confirm(office, LEAD, "V1", "2022-03-30")
    office.run("2022-03-31")
    assert ("veto_decided", LEAD, "liaison") in told(office, "2022-03-31", "veto_decided")


MERGED = ("shenjiju", "caizhengju")


def merged_declarers(database: str, folder: Path, *, declare_too: Sequence[str] = ()) -> Office:
    """V1 is declared on one day by 审计局 and 财政局, which go into 行署办公室, and by whom else it says."""
    leads = "lead: [shengtaiju, diweiban, xingshuban]"
    text = (resources.files("eco_workflow.plans") / "daxinganling-2022.yaml").read_text("utf-8")
    assert leads in text
    (folder / "plan.yaml").write_text(
        text.replace(leads, "lead: [shenjiju, caizhengju, xingshuban]"), "utf-8"
    )
    office = Office(database, folder / "office", plan=str(folder / "plan.yaml"))
    office.open()
    office.silent("2022-03-28")
    for unit in (*MERGED, *declare_too):
        declare(office, unit, "V1", "2022-03-29")
    for unit in MERGED:
        merge_units.merge(office.database, unit, LEAD, now=at("2022-03-29", "12:00"), by=OPERATOR)
    return office


@on_sqlite
def test_a_unit_s_own_declaration_is_not_mistaken_for_those_of_units_merged_into_it(
    database: str, tmp_path: Path
) -> None:
    """A command given twice does not decide what another unit declared."""
    office = merged_declarers(database, tmp_path, declare_too=[LEAD])
    mark_error(office, LEAD, "V1", "2022-03-30")
    for unit, left in (
        ("shenjiju", "Those of 地区审计局 and 地区财政局"),
        ("caizhengju", "That of 地区财政局"),
    ):
        again = rf"was marked an error .* {left}, merged into 行署办公室, can be meant: name the unit"
        with pytest.raises(Refused, match=again):
            confirm(office, LEAD, "V1", "2022-03-30")
        confirm(office, unit, "V1", "2022-03-30")
    with pytest.raises(Refused, match=r"was marked an error on 2022-03-30 by .*\.$"):
        confirm(office, LEAD, "V1", "2022-03-30")
    assert {(unit, state) for _, unit, state, _ in standing(office)} == {
        ("地区审计局", "confirmed"), ("地区财政局", "confirmed"),
    }  # fmt: skip


@on_sqlite
def test_where_a_unit_declared_nothing_itself_that_of_one_merged_into_it_is_meant(
    database: str, tmp_path: Path
) -> None:
    office = merged_declarers(database, tmp_path)
    which = r"merged into 行署办公室 declared V1: .*审计局 on 2022-03-29.*\. Name the unit that declared it"
    for day in (None, date(2022, 3, 29)):
        with pytest.raises(WrongInput, match=which):
            confirm(office, LEAD, "V1", "2022-03-30", declared=day)
    mark_error(office, "shenjiju", "V1", "2022-03-30")
    confirm(office, LEAD, "V1", "2022-03-30")  # one is left
    assert [(unit, state) for _, unit, state, _ in standing(office)] == [("地区财政局", "confirmed")]


@on_sqlite
def test_a_confirmed_occurrence_fells_the_linked_indicator_until_it_is_cleared(office: Office) -> None:
    """I14 was closed out: it is open again, due in 20 working days."""
    office.silent("2022-03-28")
    declare(office, HOST, "I14", "2022-03-29", status="completed", value="是")
    review.close(office.database, HOST, "I14", now=at("2022-03-29", LATER), by=SUPERVISOR)
    declare(office, HOST, "V3", "2022-03-30")
    assert verdict_of_i14(office)[0] == "undetermined"
    confirm(office, HOST, "V3", "2022-03-31", SUPERVISOR)
    fallen = "“建立”：是，达标；V3地区生态环境局申报发生，核实属实"
    assert verdict_of_i14(office) == ("unmet", "unit", fallen)
    office.run("2022-04-01")
    [mail] = office.mails("2022-04-01", f"lianluo@{HOST}.dxal.example")
    assert f"现值{fallen}，目标建立，撤销销号" in mail.text
    clear(office.database, "V3", HOST, "会议纪要第3号", now=at("2022-04-02", "12:00"), by=LEADER)
    assert verdict_of_i14(office) == ("met", "none", "“建立”：是，达标；V3发生情形已解除")
    declare(office, HOST, "V3", "2022-04-06")
    mark_error(office, HOST, "V3", "2022-04-07", SUPERVISOR)
    assert verdict_of_i14(office) == ("met", "none", "“建立”：是，达标；V3申报有误，核实未发生")


@on_sqlite
def test_what_cannot_be_decided_or_cleared_is_said_in_words(office: Office) -> None:
    office.silent("2022-03-28")
    with pytest.raises(Refused, match=r"has not declared an occurrence of V1\. See: eco veto list --all"):
        confirm(office, LEAD, "V1", "2022-03-29")
    with pytest.raises(WrongInput, match="I14 is no veto item"):
        confirm(office, HOST, "I14", "2022-03-29")
    declare(office, LEAD, "V1", "2022-03-29")
    with pytest.raises(WrongInput, match=r"later day\. Correct --now"):
        confirm(office, LEAD, "V1", "2022-03-28")
    with pytest.raises(Refused, match="needs an operator"):
        confirm(office, LEAD, "V1", "2022-03-29", SUPERVISOR)
    with pytest.raises(WrongInput, match="needs --reason"):
        decide_veto.confirm(office.database, "V1", LEAD, " ", now=at("2022-03-29", LATER), by=OPERATOR)

    def document(by: Actor = LEADER, said: str = "会议纪要第3号", day: str = "2022-03-30") -> None:
        clear(office.database, "V1", LEAD, said, now=at(day, "12:00"), by=by)

    with pytest.raises(
        Refused, match=r"not confirmed yet\. Confirm it first: eco veto confirm V1 行署办公室"
    ):
        document()
    confirm(office, LEAD, "V1", "2022-03-30")
    for decide in (confirm, mark_error):
        with pytest.raises(
            Refused, match=r"confirmed on 2022-03-30 by operator\. A leader clears it: eco veto"
        ):
            decide(office, LEAD, "V1", "2022-03-30")
    with pytest.raises(Refused, match="only a submitted answer can be recalled"):
        recall(office, LEAD, "V1", "2022-03-30")
    with pytest.raises(WrongInput, match="needs --document"):
        document(said=" ")
    with pytest.raises(WrongInput, match="was confirmed on 2022-03-30, a later day"):
        document(day="2022-03-29")
    with pytest.raises(Refused, match="clearing a veto item needs a leader"):
        document(OPERATOR)
    with pytest.raises(Refused, match="needs a leader who is not of the host bureau"):
        document(replace(LEADER, unit=HOST, in_host=True))
    document()
    with pytest.raises(Refused, match="was cleared on 2022-03-30 by leader"):
        document()
