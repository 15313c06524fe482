"""The plan is four phases that operators move through: every reason is said, and nothing closes over one."""

from datetime import date
from functools import partial
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import (
    close_phase,
    contacts,
    decide_veto,
    findings,
    new_figure,
    note_round,
    pass_phase,
    phases_shown,
    progress,
    review,
    task_sheets,
)
from eco_workflow.services.close_phase import GateClosed
from eco_workflow.services.find import document
from eco_workflow.services.overview import overview
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Case, Item, Notice, Obligation, Plan, Unit
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.phase_office import (
    LEADER,
    agree,
    close,
    county,
    lacking,
    launched,
    look,
    pass_over,
    prove,
    ready,
    report,
    set_aside,
    states,
)


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    return county(database, tmp_path)


def owed(office: Office, item: str) -> Obligation:
    """What its owner, or the unit that leads it, owes on an item."""
    with office.database.read() as session:
        return session.exec(
            select(Obligation)
            .join(Item, col(Item.id) == Obligation.item_id)
            .where(Item.code == item, Obligation.role != "data_provider")
        ).one()


def test_the_first_phase_sends_every_unit_its_task_sheet_and_closes_with_its_evidence(office: Office) -> None:
    """What is missing is said, and nothing changes; then it closes, and every unit hears of it."""
    worked = look(office, "2022-03-01", "launch")
    assert (worked.sheets, worked.state, worked.outlived) == (3, "open", False)
    assert look(office, "2022-03-01", "launch").sheets == 0
    office.run("2022-03-01")
    [sheet] = office.mails("2022-03-01", "liaison@shuili.example")
    assert sheet.subject == "【任务清单】承担4项"
    assert "I01 河流水质" in sheet.text
    assert "牵头，目标：完成市下达任务，且≥90%，期限9月30日（周五）" in sheet.text
    assert sheet.text.count("I03 河长制") == 1
    [sheet] = office.mails("2022-03-01", "liaison@ducha.example")
    assert sheet.subject == "【任务清单】承担1项、配合1项"
    assert "- I03 河长制\r\n  配合，目标：全面实施；方案五3" in sheet.text
    with pytest.raises(GateClosed, match=r"M1\.1/E1 会议材料: nobody filed it"):
        close(office, 1, "2022-03-02")
    assert states(office, "2022-03-02") == [(1, "open"), (2, "planned"), (3, "planned")]
    prove(office, "M1.1", "E1", "2022-03-02", None, OPERATOR)
    done = close(office, 1, "2022-03-03")
    assert (done.opened, done.closed_out, done.lacking) == (2, ("M1.1",), ())
    assert states(office, "2022-03-03") == [(1, "closed"), (2, "open"), (3, "planned")]
    office.run("2022-03-04")
    [told] = office.mails("2022-03-04", "liaison@shuili.example")
    assert "3月3日（周四），动员阶段办结，进入攻坚阶段" in told.text
    with office.database.read() as session:
        assert broken_at(session, 1) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_supports_as_one_of_a_group_is_to_get_a_task_sheet(database: str, tmp_path: Path) -> None:
    """I01 is supported by the units of the leading group, some of which have nothing else to do."""
    office = Office(database, tmp_path)
    office.open()
    with office.database.read() as session:
        plan = session.exec(select(Plan)).one()
        known = {unit.code for unit in task_sheets.units_with_tasks(session, plan)}
        waited_for = task_sheets.delivered(session, plan)
        members = {one.unit for one in document(session, plan).roster if one.unit}
        office_code = session.get_one(Unit, plan.office_unit_id).code
    assert members - {office_code} <= known
    assert len(waited_for) == len(known)


def test_a_milestone_is_asked_about_while_its_phase_is_open(office: Office) -> None:
    """Phase 2 begins on 16 April by the plan; opened on 3 March, it is asked about at once."""
    launched(office)
    office.run("2022-03-07")
    assert "M2.1" in office.owed("huanbao")


def test_a_binding_indicator_that_is_unmet_is_named_with_value_target_and_unit(office: Office) -> None:
    launched(office)
    agree(office, "2022-03-04")
    office.run("2022-03-07")
    report(office, "shuili", "I01", "2022-03-08", value="88", period="2021")
    with pytest.raises(GateClosed) as refused:
        close(office, 2, "2022-03-09")
    assert "I01 河流水质: unmet, 2021年88%; wanted is 完成市下达任务，且≥90 (县水利局)" in str(refused.value)
    assert states(office, "2022-03-09") == [(1, "closed"), (2, "open"), (3, "planned")]


def test_with_everything_met_the_second_phase_closes(office: Office) -> None:
    ready(office)
    assert lacking(office, 2, "2022-03-11") == []
    done = close(office, 2, "2022-03-11")
    assert (done.closed_out, done.opened, done.conditional) == (("M2.1", "M2.2"), 3, False)
    with pytest.raises(Refused, match="Phase 2 攻坚 was closed on 2022-03-11 by operator"):
        close(office, 2, "2022-03-11")


def test_a_milestone_closed_out_in_words_is_held_against_its_checks_until_its_phase_closes(
    office: Office,
) -> None:
    """An operator's word for M2.2 takes the place of no figure: an indicator that falls is named."""
    ready(office)
    report(office, "chuangban", "M2.2", "2022-03-10", "completed")
    review.close(office.database, "chuangban", "M2.2", now=at("2022-03-10", "11:00"), by=OPERATOR)
    assert lacking(office, 2, "2022-03-11") == []
    progress.recall(office.database, "shuili", "I01", now=at("2022-03-11"), by=liaison("shuili"))
    report(office, "shuili", "I01", "2022-03-11", value="88", period="2021")
    with pytest.raises(GateClosed, match="I01 河流水质: unmet"):
        close(office, 2, "2022-03-11")


def test_a_milestone_is_not_closed_out_in_words_over_what_its_checks_find(office: Office) -> None:
    """The claim stands, the office's word would say that it was verified: every reason is named instead."""
    launched(office)
    agree(office, "2022-03-04")
    office.run("2022-03-07")
    report(office, "shuili", "I01", "2022-03-08", value="88", period="2021")
    report(office, "chuangban", "M2.2", "2022-03-08", "completed")
    with pytest.raises(Refused, match=r"M2\.2 cannot be closed out:\n(?s:.*)I01 河流水质: unmet, 2021年88%"):
        review.close(office.database, "chuangban", "M2.2", now=at("2022-03-08", "11:00"), by=OPERATOR)
    assert owed(office, "M2.2").state == "completed"


def test_an_external_milestone_passes_once_its_findings_are_mended_and_no_veto_item_stands(
    database: str, tmp_path: Path
) -> None:
    """That it waits for others is no reason against their word that it has passed."""
    office = county(database, tmp_path, ("external: true}", "external: true, checks: [vetoes]}"))
    ready(office)
    close(office, 2, "2022-03-11")
    office.run("2022-03-21")
    due, now = date(2022, 3, 25), at("2022-03-21")
    made = findings.add(
        office.database, "M3.1", ["shuili"], "补测断面", due_on=due, reviewer="评审组", days=office.days,
        now=now, by=OPERATOR,
    )  # fmt: skip
    report(office, "huanbao", "V1", "2022-03-22", occurred=True)
    report(office, "chuangban", "M3.1", "2022-03-22", "completed")
    pass_it = partial(review.close, office.database, "chuangban", "M3.1", by=OPERATOR)
    with pytest.raises(Refused) as refused:
        pass_it(now=at("2022-03-22", "11:00"))
    assert str(refused.value).splitlines() == [
        "M3.1 cannot be closed out:",
        "  V1/县环境分局 发生重大污染事件: declared, pending",
        "  补测断面: 县水利局, R001 not_started, due on 2022-03-25",
    ]
    report(office, "shuili", made.item, "2022-03-23", "completed")
    findings.close(office.database, made.item, note="已核", now=at("2022-03-23", "11:00"), by=OPERATOR)
    now = at("2022-03-23", "12:00")
    decide_veto.mark_error(office.database, "V1", "huanbao", reason="不属重大", now=now, by=SUPERVISOR)
    pass_it(now=at("2022-03-23", "15:00"))
    assert owed(office, "M3.1").state == "closed"


def test_what_was_found_at_any_milestone_holds_its_phase_alone(office: Office) -> None:
    """Whatever the milestone is held against; a phase that is closed takes no finding any more."""
    ready(office)
    found_at = partial(
        findings.add, office.database, units=["shuili"], title="补测断面", due_on=date(2022, 3, 25),
        reviewer="评审组", days=office.days, by=OPERATOR,
    )  # fmt: skip
    made, later = (found_at(code, now=at("2022-03-10", "12:00")) for code in ("M2.1", "M3.1"))
    keys = {item: f"finding:{item}" for item in (made.item, later.item)}
    assert [key.rpartition("/")[0] for key in lacking(office, 2, "2022-03-11")] == [keys[made.item]]
    with pytest.raises(GateClosed, match="补测断面: 县水利局, R001 not_started, due on 2022-03-25"):
        close(office, 2, "2022-03-11")
    report(office, "shuili", made.item, "2022-03-11", "completed")
    findings.close(office.database, made.item, note="已核", now=at("2022-03-11", "11:00"), by=OPERATOR)
    close(office, 2, "2022-03-11")
    assert [key.rpartition("/")[0] for key in lacking(office, 3, "2022-03-11")][:1] == [keys[later.item]]
    with pytest.raises(Refused, match=r"Phase 2 攻坚 was closed on 2022-03-11.*in force, 3 验收: M3\.1"):
        found_at("M2.1", now=at("2022-03-14"))


def test_a_finding_that_was_passed_over_is_left_of_a_milestone_that_was_closed_out_before(
    office: Office,
) -> None:
    """M2.1 was closed out in words, then something was found there, and a leader passed over that: it holds
    M2.1 and counts for the closed phase, overdue too, until it is closed out itself.
    """
    ready(office)
    review.close(office.database, "huanbao", "M2.1", now=at("2022-03-10", "11:00"), by=SUPERVISOR)
    found = findings.add(
        office.database, "M2.1", ["shuili"], "补测断面", due_on=date(2022, 3, 25), reviewer="评审组",
        days=office.days, now=at("2022-03-10", "12:00"), by=OPERATOR,
    )  # fmt: skip
    pass_over(office, 2, "2022-03-11", "2022-03-31")
    close(office, 2, "2022-03-11", conditional=True)
    for day in ("2022-03-14", "2022-03-21", "2022-04-01"):
        office.run(day)
        phase, [held, _] = shown(office, 2, day)
        assert [key["said"] for key in phase["lacking"]] == [key["said"] for key in held["reasons"]] != []
        assert held["state"] != "Closed"
        assert [(one["phase"], one["lacking"]) for one in short(office, day)][:1] == [(2, 1)]
    report(office, "shuili", found.item, "2022-04-01", "completed")
    findings.close(office.database, found.item, note="已核", now=at("2022-04-01", "11:00"), by=OPERATOR)
    phase, [held, _] = shown(office, 2, "2022-04-01")
    assert (held["state"], phase["lacking"]) == ("Closed", [])


def test_a_milestone_that_two_offices_set_aside_is_held_against_its_checks(office: Office) -> None:
    """Nobody need report on M2.2 then; the indicators that it asks for are wanted all the same."""
    launched(office)
    agree(office, "2022-03-04")
    office.run("2022-03-07")
    set_aside(office, "chuangban", "M2.2", "2022-03-08")
    named = lacking(office, 2, "2022-03-08")
    assert {"indicator:I01", "indicator:I02", "reference:I03", "gap:I01/E1/2021"} <= set(named)
    with pytest.raises(GateClosed, match="I01 河流水质: undetermined"):
        close(office, 2, "2022-03-09")


def test_phases_close_in_their_order_and_by_operators_alone(office: Office) -> None:
    with pytest.raises(Refused, match="Phase 2 攻坚 has not been opened: Phase 1 动员 is open"):
        close(office, 2, "2022-03-02")
    with pytest.raises(Refused, match="closing a phase needs an operator"):
        close(office, 1, "2022-03-02", by=LEADER)
    with pytest.raises(WrongInput, match="There is no phase 7"):
        close(office, 7, "2022-03-02")


def test_a_veto_raised_between_the_look_and_the_closing_holds_the_gate(office: Office) -> None:
    """Nobody passes over it; marked as an error, it holds nothing any more."""
    ready(office)
    assert lacking(office, 2, "2022-03-11") == []
    occurred = Answer("completed", occurred=True, note="3月10日发生事故")
    progress.submit(
        office.database, "huanbao", "V1", occurred, now=at("2022-03-11", "10:00"), by=liaison("huanbao")
    )
    with pytest.raises(GateClosed, match="V1/县环境分局 发生重大污染事件: declared, pending"):
        close(office, 2, "2022-03-11")
    with pytest.raises(Refused, match="A veto item is never passed over"):
        pass_over(office, 2, "2022-03-11", "2022-04-30")
    supervisor = Actor("supervisor", frozenset({Role.SUPERVISOR}))
    decide_veto.mark_error(
        office.database, "V1", "huanbao", reason="不属重大", now=at("2022-03-11", "16:00"), by=supervisor
    )
    assert close(office, 2, "2022-03-11").opened == 3


def test_a_veto_item_holds_the_gate_of_every_phase(office: Office) -> None:
    """Of the first and of the last one too, whatever the plan's milestones are held against."""
    look(office, "2022-03-01", "launch")
    prove(office, "M1.1", "E1", "2022-03-02", None, OPERATOR)
    office.run("2022-03-07")
    report(office, "huanbao", "V1", "2022-03-08", occurred=True)
    assert lacking(office, 1, "2022-03-08") == ["veto:V1/县环境分局"]
    with pytest.raises(GateClosed, match="V1/县环境分局 发生重大污染事件: declared, pending"):
        close(office, 1, "2022-03-08")
    now = at("2022-03-08", "16:00")
    decide_veto.confirm(office.database, "V1", "huanbao", "属实", now=now, by=SUPERVISOR)
    with pytest.raises(Refused, match="A veto item is never passed over"):
        pass_over(office, 1, "2022-03-09", "2022-04-30")


def test_a_veto_item_holds_the_gate_of_the_last_phase(office: Office) -> None:
    ready(office)
    close(office, 2, "2022-03-11")
    report(office, "huanbao", "V1", "2022-03-11", occurred=True)
    assert lacking(office, 3, "2022-03-11") == ["external:M3.1", "veto:V1/县环境分局"]


def test_a_veto_item_being_declared_while_a_phase_is_closed_holds_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes first is waited for: the log never shows a closing behind a declaration that stands."""
    ready(office)
    written, go_on, said = Event(), Event(), []
    recorded = progress.recorded

    def wait(*place: Any) -> progress.Recorded:
        written.set()
        assert go_on.wait(20)
        return recorded(*place)

    monkeypatch.setattr(progress, "recorded", wait)

    def declare() -> None:
        occurred = Answer("completed", occurred=True, note="3月10日发生事故")
        now = at("2022-03-11", "10:00")
        progress.submit(office.database, "huanbao", "V1", occurred, now=now, by=liaison("huanbao"))

    def close_meanwhile() -> None:
        try:
            close(office, 2, "2022-03-11")
            said.append("closed")
        except GateClosed as refused:
            said.append(str(refused))

    both = [Thread(target=declare), Thread(target=close_meanwhile)]
    both[0].start()
    assert written.wait(20)
    both[1].start()
    both[1].join(0.5)
    go_on.set()
    for thread in both:
        thread.join()
    assert "V1/县环境分局 发生重大污染事件: declared, pending" in said[0]


def test_a_leader_s_pass_covers_what_was_missing_then_and_stays_on_record(office: Office) -> None:
    """The milestone that lacks something is due by the pass's date, and is asked about until then."""
    look(office, "2022-03-01", "launch")
    office.run("2022-03-01")
    with pytest.raises(GateClosed, match="No leader has passed Phase 1"):
        close(office, 1, "2022-03-02", conditional=True)
    with pytest.raises(Refused, match="confirming a conditional pass needs a leader"):
        pass_over(office, 1, "2022-03-02", "2022-05-31", by=OPERATOR)
    pass_over(office, 1, "2022-03-02", "2022-05-31")
    done = close(office, 1, "2022-03-02", conditional=True)
    assert (done.conditional, [one.key for one in done.lacking]) == (True, ["evidence:M1.1/E1"])
    row = owed(office, "M1.1")
    assert (row.due_on, row.first_due_on) == (date(2022, 5, 31), date(2022, 4, 15))
    office.run("2022-03-07")
    assert "M1.1" in office.owed("chuangban")


def test_a_closed_phase_is_shown_as_it_stands_now_and_what_stood_otherwise_at_its_closing(
    office: Office,
) -> None:
    """Passed over and brought later; what was closed out with its phase was ready then. Status has the same
    numbers, as long as something of it is left.
    """
    look(office, "2022-03-01", "launch")
    office.run("2022-03-01")
    pass_over(office, 1, "2022-03-02", "2022-05-31")
    [one] = short(office, "2022-03-02")
    assert (one["phase"], one["lacking"], one["conditional"]["used"]) == (1, 1, False)
    close(office, 1, "2022-03-02", conditional=True)
    then = {"state": "Waiting", "due_on": "2022-04-15"}
    phase, [held] = shown(office, 1, "2022-03-02")
    assert (held["state"], str(held["due_on"]), len(phase["lacking"])) == ("Waiting", "2022-05-31", 1)
    assert then.items() <= held["at_closing"].items()
    assert [(one["phase"], one["state"], one["lacking"]) for one in short(office, "2022-03-02")] == [
        (1, "closed", 1),
        (2, "open", len(lacking(office, 2, "2022-03-02"))),
    ]
    office.run("2022-03-07")
    prove(office, "M1.1", "E1", "2022-03-08", None, OPERATOR)
    report(office, "chuangban", "M1.1", "2022-03-08", "completed")
    review.close(office.database, "chuangban", "M1.1", now=at("2022-03-08", "11:00"), by=OPERATOR)
    phase, [held] = shown(office, 1, "2022-03-08")
    assert (held["state"], held["reasons"], phase["lacking"]) == ("Closed", [], [])
    assert [reason["about"] for reason in held["at_closing"]["reasons"]] == ["M1.1/E1"]
    assert [one["phase"] for one in short(office, "2022-03-08")] == [2]


def test_what_was_closed_out_with_its_phase_is_shown_as_closed(office: Office) -> None:
    """However its facts change afterwards: they are no matter of that phase any more."""
    ready(office)
    close(office, 2, "2022-03-11")
    progress.recall(office.database, "shuili", "I01", now=at("2022-03-14"), by=liaison("shuili"))
    phase, milestones = shown(office, 2, "2022-03-14")
    assert [(one["state"], one["at_closing"]["state"]) for one in milestones] == [("Closed", "Ready")] * 2
    assert phase["lacking"] == []


def shown(office: Office, number: int, day: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A phase and its milestones as people see them on a day."""
    with office.database.read() as session:
        [phase] = phases_shown.story(session, number, plan=None, now=at(day))["phases"]
    return phase, phase["milestones"]


def short(office: Office, day: str) -> list[dict[str, Any]]:
    """What the status of that day says of the phases."""
    with office.database.read() as session:
        return overview(session, Viewer("operator"), plan=None, now=at(day), days=office.days).phases


def test_what_a_leader_passed_over_is_due_by_the_pass_s_date_and_climbs_the_ladder_from_there(
    office: Office,
) -> None:
    """Also the indicator and the rectification that were named, be it sooner or later than they were due. The
    milestone is not closed out while something of it is missing still.
    """
    ready(office)
    progress.recall(office.database, "shuili", "I01", now=at("2022-03-11", "09:00"), by=liaison("shuili"))
    report(office, "shuili", "I01", "2022-03-11", value="88", period="2021")
    found = findings.add(
        office.database, "M2.2", ["huanbao"], "补测", due_on=date(2022, 3, 16), reviewer="评审组",
        days=office.days, now=at("2022-03-11", "11:00"), by=OPERATOR,
    )  # fmt: skip
    pass_over(office, 2, "2022-03-11", "2022-03-31")
    close(office, 2, "2022-03-11", conditional=True)
    for item in ("I01", found.item, "M2.2"):
        assert (item, owed(office, item).due_on) == (item, date(2022, 3, 31))
    assert owed(office, "I01").first_due_on == date(2022, 9, 30)
    office.run("2022-03-21")
    assert {"I01"} <= set(office.owed("shuili"))
    assert "M2.2" in office.owed("chuangban")
    report(office, "chuangban", "M2.2", "2022-03-21", "completed")
    close_out = partial(review.close, office.database, "chuangban", "M2.2", by=OPERATOR)
    with pytest.raises(Refused, match="I01 河流水质: unmet"):
        close_out(now=at("2022-03-21", "15:00"))
    for day in ("2022-03-31", "2022-04-01"):
        office.run(day)
    with office.database.read() as session:
        late = session.exec(
            select(Item.code, col(Case.due_on))
            .join(Case, col(Case.item_id) == Item.id)
            .where(col(Case.closed_on).is_(None), Case.clock == "task")
        ).all()
    assert sorted(late) == [("I01", date(2022, 3, 31)), (found.item, date(2022, 3, 31))]


def test_what_is_not_told_yet_is_told_with_the_date_that_a_pass_has_given_it(office: Office) -> None:
    """Found or fallen on the 11th with a date of its own, then passed over: the mail gives one date."""
    ready(office)
    progress.recall(office.database, "shuili", "I01", now=at("2022-03-10"), by=liaison("shuili"))
    report(office, "shuili", "I01", "2022-03-10", "completed", value="95", period="2021")
    review.close(office.database, "shuili", "I01", now=at("2022-03-10", "11:00"), by=OPERATOR)
    office.run("2022-03-11")
    fallen = new_figure.give(
        office.database, "shuili", "I01", value="88", period="2022-02",
        now=at("2022-03-11", "10:00"), by=liaison("shuili"),
    )  # fmt: skip
    findings.add(
        office.database, "M2.2", ["huanbao"], "补测", due_on=date(2022, 3, 16), reviewer="评审组",
        days=office.days, now=at("2022-03-11", "11:00"), by=OPERATOR,
    )  # fmt: skip
    pass_over(office, 2, "2022-03-11", "2022-03-31")
    close(office, 2, "2022-03-11", conditional=True)
    office.run("2022-03-14")
    [found] = office.mails("2022-03-14", "liaison@huanbao.example")
    assert "R001 期限3月31日" in found.subject
    assert "请于3月31日（周四）前完成并填报R001。" in found.text
    assert "期限前可随时填报；3月31日（周四）后仍未报完成的，计逾期" in found.text
    assert "完成期限3月31日（周四）" in found.text
    [fell] = office.mails("2022-03-14", "liaison@shuili.example")
    assert fallen.due_on == "2022-04-11"
    assert "I01 期限3月31日" in fell.subject
    assert "新期限3月31日（周四）" in fell.text
    assert "4月11日" not in fell.text


def test_a_phase_that_closes_past_its_end_asks_about_what_was_passed_over(office: Office) -> None:
    """Phase 1 ended on 15 April; what it lacks is due by the pass's date, and is asked about."""
    office.silent("2022-03-01", "2022-04-05")
    pass_over(office, 1, "2022-04-21", "2022-05-31")
    close(office, 1, "2022-04-21", conditional=True)
    office.run("2022-05-05")
    assert "M1.1" in office.owed("chuangban")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_is_told_of_a_closing_reads_what_was_passed_over_and_until_when(office: Office) -> None:
    """Nobody did anything about M1.1, of which the supervision office heard on the 21st: its date moved."""
    office.silent("2022-03-01", "2022-04-05", "2022-04-18", "2022-04-20", "2022-04-21")
    pass_over(office, 1, "2022-04-21", "2022-05-10")
    close(office, 1, "2022-04-21", conditional=True)
    office.run("2022-04-22")
    for address in ("liaison@shuili.example", "liaison@ducha.example"):
        [mail] = office.mails("2022-04-22", address)
        assert "- 阶段办结：动员附条件办结，进入攻坚，尚缺4项，限5月10日前补齐" in mail.text
        assert "动员阶段附条件办结，进入攻坚阶段；尚缺4项，限5月10日（周二）前补齐" in mail.text
    [mail] = office.mails("2022-04-22", "liaison@ducha.example")
    assert "县创建专班M1.1期限改为5月10日（周二），第3级督办解除" in mail.text
    assert "逾期情形消除" not in mail.text


def test_a_pass_covers_nothing_that_came_up_later(office: Office) -> None:
    look(office, "2022-03-01", "launch")
    pass_over(office, 1, "2022-03-01", "2022-05-31")
    contacts.end(office.database, "shuili", "leader", now=at("2022-03-02"), by=OPERATOR)
    with pytest.raises(GateClosed, match="does not cover 1 reason:\n  县水利局 has no leader in charge"):
        close(office, 1, "2022-03-02", conditional=True)


def test_a_phase_that_outlives_its_end_alerts_both_offices_once(office: Office) -> None:
    office.silent("2022-04-15")
    for day in ("2022-04-18", "2022-04-19"):
        assert look(office, day, "launch").outlived
        office.run(day)
    with office.database.read() as session:
        told = session.exec(select(Notice).where(Notice.kind == "phase_outlived")).all()
    assert {notice.told_on for notice in told} == {date(2022, 4, 18)}
    assert len(told) == 2
    [mail] = office.mails("2022-04-18", "liaison@chuangban.example")
    assert "动员阶段逾期未办结" in mail.text


def test_an_unmet_reference_indicator_is_waived_and_a_binding_one_is_not(office: Office) -> None:
    ready(office)
    report_no = Answer("in_progress", "否")
    progress.recall(office.database, "shuili", "I03", now=at("2022-03-11", "09:00"), by=liaison("shuili"))
    progress.submit(
        office.database, "shuili", "I03", report_no, now=at("2022-03-11", "09:30"), by=liaison("shuili")
    )
    assert lacking(office, 2, "2022-03-11") == ["reference:I03"]
    now = at("2022-03-11", "11:00")
    with pytest.raises(Refused, match="I01 河流水质 is binding"):
        pass_phase.waive(office.database, "I01", reason="x", now=now, by=OPERATOR)
    pass_phase.waive(office.database, "I03", reason="参考性指标，省级未作要求", now=now, by=OPERATOR)
    assert lacking(office, 2, "2022-03-11") == []
    pass_phase.withdraw_waiver(office.database, "I03", now=now, by=OPERATOR)
    assert lacking(office, 2, "2022-03-11") == ["reference:I03"]


def test_a_round_that_an_outage_skipped_needs_a_note(office: Office) -> None:
    """Two rounds were missed: the newest is sent, the older one is to be explained."""
    launched(office)
    office.run("2022-04-06")
    skipped = [key for key in lacking(office, 2, "2022-04-06") if key.startswith("round:")]
    assert skipped == ["round:2022-03-05", "round:2022-03-20"]
    for on in (date(2022, 3, 5), date(2022, 3, 20)):
        note_round.note_round(office.database, on, "机房停电", now=at("2022-04-06", "11:00"), by=OPERATOR)
    assert not [key for key in lacking(office, 2, "2022-04-06") if key.startswith("round:")]


def test_two_operators_at_once_close_a_phase_once(office: Office) -> None:
    """The second is refused in words, whichever it is."""
    look(office, "2022-03-01", "launch")
    office.run("2022-03-01")
    prove(office, "M1.1", "E1", "2022-03-02", None, OPERATOR)
    start, said = Barrier(2), []

    def one(name: str) -> None:
        start.wait()
        try:
            close_phase.close(
                office.database, 1, now=at("2022-03-03"), by=Actor(name, frozenset({Role.OPERATOR}))
            )
            said.append("closed")
        except Refused as refused:
            said.append(str(refused))

    both = [Thread(target=one, args=(name,)) for name in ("甲", "乙")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(said)[-1] == "closed"
    assert sum("was closed on 2022-03-03" in one for one in said) == 1
    assert states(office, "2022-03-03") == [(1, "closed"), (2, "open"), (3, "planned")]
