"""What is done about phases, veto items, evidence, tasks, rhythms, surveys and funds, when it can be done.

Left out are the services that write nothing of these: runs and deliveries, which `sweep` kills; answers,
reviews, extensions, suspensions, steps, agreed dates and superiors' figures, which write the tables of an
answer as `progress` and `findings.close` do here; what is done by hand about messages, cases and papers,
people, units, holds, the calendar and the plan itself. `backup` and `restore` write files, and have their own
tests.

The county of `phase_office` lives from 1 March to 29 April 2022; each stage is a day with its acts.
"""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.assigned import Demand
from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.domain.roles import Actor
from eco_workflow.services import (
    assign_task,
    clear_veto,
    decide_veto,
    evidence,
    evidence_review,
    findings,
    funding,
    information,
    inspections,
    issues,
    new_figure,
    note_round,
    pass_phase,
    phase_work,
    pro_rata_report,
    progress,
    review,
    rhythm_done,
    rhythms,
    steps,
    surveys,
    surveys_shown,
)
from eco_workflow.services.dispatch import decide
from eco_workflow.services.pass_by_slip import Slip, quarantine
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.phase_office import LEADER, agree, close, county, file_slip, look, pass_over, prove, report
from tests.reliability.act_sweep import Act
from tests.reliability.sweep import run as whole_run

WATER, HOST = liaison("shuili"), liaison("huanbao")
APRIL = date(2022, 4, 20)
OCCURRED = Answer("completed", occurred=True, note="3月10日发生事故")
DEMANDS = (Demand("shuili", "清理河道", APRIL), Demand("huanbao", "补监测点", APRIL))


def stages(url: str, folder: Path) -> Iterator[tuple[Office, tuple[Act, ...]]]:
    """The office's life; it stands still at each stage until the next is asked for."""
    march = (("end: 2022-04-15", "end: 2022-03-31"), ("start: 2022-04-16", "start: 2022-04-01"))
    office = county(url, folder, *march)
    for name in ("file", "asked", "found"):
        folder.joinpath(f"{name}.pdf").write_bytes(f"a {name}".encode())
    yield office, (morning("launch", "2022-03-01"), run("2022-03-01"))
    look(office, "2022-03-01", "launch")
    _ran(office, "2022-03-01")
    yield office, LAUNCHING
    _pass_with_slip(office)
    yield office, (
        act("close over a pass", _close, 1, "2022-03-02", conditional=True),
        act("quarantine of a slip", lambda office: quarantine(
            office.database, office.settings, 1, "含涉密内容", now=at("2022-03-02"), by=OPERATOR
        ), again="nothing"),
    )  # fmt: skip
    prove(office, "M1.1", "E1", "2022-03-02", None, OPERATOR)
    yield office, (act("close", _close, 1, "2022-03-03"),)
    close(office, 1, "2022-03-03")
    _get_ready(office)
    yield office, READY
    _get_busy(office)
    yield office, BUSY
    decide_veto.confirm(
        office.database, "V1", "huanbao", "属实", now=at("2022-03-14", "15:00"), by=SUPERVISOR
    )
    pass_phase.waive(office.database, "I03", reason="省级未作要求", now=at("2022-03-14"), by=OPERATOR)
    yield office, CONFIRMED
    for code in ("I03", "P1"):
        steps.add(office.database, code, "完成治理", weight=1, due_on=None, now=at("2022-03-15"), by=OPERATOR)
    rhythms.open_all(office.database, at("2022-03-31", "08:40"), office.days, actor="schedule")
    yield office, (run("2022-04-06"), LATE_SIGNED)
    _ran(office, "2022-04-06")
    yield office, (NOTED,)


def _ran(office: Office, day: str) -> None:
    whole_run(office.database, at(day), lambda *_: Outcome(Result.ACCEPTED, "250 taken"))


def _get_ready(office: Office) -> None:
    """Phase 2 lacks nothing on 11 March."""
    agree(office, "2022-03-04")
    _ran(office, "2022-03-07")
    report(office, "shuili", "I01", "2022-03-08", value="95", period="2021")
    report(office, "huanbao", "I02", "2022-03-08", value="I02.1=85 I02.2=390", period="I02.1=2021 I02.2=2021")
    report(office, "shuili", "I03", "2022-03-08", value="是")
    report(office, "huanbao", "M2.1", "2022-03-08", "completed")
    prove(office, "I01", "E1", "2022-03-08", 2021, WATER)
    _ran(office, "2022-03-10")
    office.release("2022-03-05", "2022-03-10")
    information.offer(office.database, "shuili", "清淤3公里", now=at("2022-03-10"), by=WATER)


def _get_busy(office: Office) -> None:
    """Something of every kind waits for somebody."""
    progress.recall(office.database, "shuili", "I03", now=at("2022-03-11"), by=WATER)
    report(office, "shuili", "I03", "2022-03-11", value="否")
    find(office)
    _assign(office)
    report(office, "shuili", "R001", "2022-03-11", "completed")
    progress.recall(office.database, "shuili", "I01", now=at("2022-03-11"), by=WATER)
    report(office, "shuili", "I01", "2022-03-11", "completed", value="95", period="2021")
    review.close(office.database, "shuili", "I01", now=at("2022-03-11", "11:00"), by=OPERATOR)
    _survey(office)
    progress.submit(office.database, "huanbao", "V1", OCCURRED, now=at("2022-03-11", "10:00"), by=HOST)
    bring(office)
    _release(office)


def act(name: str, do: Callable[..., object], *said: object, again: str = "refused", **more: object) -> Act:
    return Act(name, lambda office: do(office, *said, **more), again)


def morning(key: str, day: str) -> Act:
    return act(
        f"the morning of {key}",
        lambda office: phase_work.work(office.database, at(day, "08:40"), key),
        again="nothing",
    )


def opening(day: str) -> Act:
    return act(
        f"what recurs, {day}",
        lambda office: rhythms.open_all(office.database, at(day, "08:40"), office.days, actor="schedule"),
        again="nothing",
    )


def run(day: str) -> Act:
    return act(
        f"the decision of {day}",
        lambda office: decide(office.database, at(day), office.days, actor="schedule"),
        again="nothing",
    )


def _close(office: Office, number: int, day: str, *, conditional: bool = False) -> None:
    close(office, number, day, conditional=conditional)


def _pass_with_slip(office: Office) -> None:
    file_slip(office, 1, "2022-03-02", Slip("甲某", str(office.home.parent / "file.pdf")))


def bring(office: Office, item: str = "I01", day: str = "2022-03-11", by: Actor = WATER) -> None:
    year, file = (2021 if item == "I01" else None), str(office.home.parent / "file.pdf")
    evidence.add(office.database, office.settings, item, "E1", file, year=year, now=at(day, "11:00"), by=by)


def find(office: Office) -> None:
    findings.add(
        office.database, "M3.1", ["shuili"], "补齐台账", due_on=APRIL, reviewer="市评审组",
        days=office.days, now=at("2022-03-11"), by=OPERATOR,
    )  # fmt: skip


def _release(office: Office, on: str = "2022-03-11") -> None:
    issues.release(
        office.database,
        "B2022-03",
        text="简报正文",
        information=[1],
        now=at(on),
        days=office.days,
        by=OPERATOR,
    )


def _survey(office: Office, day: str = "2022-03-11") -> None:
    """Beside the answer that was given, as a newer figure."""
    folder = office.home.parent
    field = date(2022, 2, 1), date(2022, 2, 20)
    held = surveys.Held("断面抽测", str(folder / "asked.pdf"), 200, *field, str(folder / "found.pdf"))
    surveys.record(
        office.database,
        office.settings,
        held,
        values="I01=96",
        unit="shuili",
        now=at(day, "12:00"),
        by=OPERATOR,
    )  # fmt: skip


def _fund(office: Office) -> None:
    typed = funding.Typed(budget="120", source="省级资金", arrived="80")
    funding.set_(office.database, "I01", typed, unit="shuili", now=at("2022-03-11"), by=OPERATOR)


def _meet(office: Office) -> None:
    rhythm_done.done(
        office.database, "M2022-Q1", on=date(2022, 3, 11), minutes="纪要", days=office.days,
        resolutions=[f"shuili: 补报数据: {APRIL}", f"huanbao: 报方案: {APRIL}"],
        now=at("2022-03-11"), by=OPERATOR,
    )  # fmt: skip


def _inspect(office: Office) -> None:
    inspections.record(
        office.database, "河道", team="县督查组", on=date(2022, 3, 10), findings=DEMANDS,
        days=office.days, now=at("2022-03-11"), by=SUPERVISOR,
    )  # fmt: skip


def _assign(office: Office) -> None:
    assign_task.assign_task(
        office.database, ["shuili", "huanbao"], "巡查", due_on=APRIL, origin="县长批示",
        days=office.days, now=at("2022-03-11"), by=OPERATOR,
    )  # fmt: skip


def _decided(office: Office, does: Callable[..., object]) -> None:
    does(office.database, "V1", "huanbao", "现场核查", now=at("2022-03-14"), by=SUPERVISOR)


def _quarantine(office: Office, number: int) -> None:
    evidence_review.quarantine(
        office.database, office.settings, number, "含涉密内容", now=at("2022-03-14"), by=OPERATOR
    )


LAUNCHING = (
    act("pass over", lambda office: pass_over(office, 1, "2022-03-02", "2022-05-31"), again="more"),
    act("pass over by a slip", _pass_with_slip, again="more"),
    act("bring evidence", bring, "M1.1", "2022-03-02", OPERATOR),
    Act(
        "the alarm of a phase past its end",
        lambda office: phase_work.work(office.database, at("2022-04-01", "08:40"), "launch"),
        "nothing",
    ),
)
READY = (
    act("close phase 2", _close, 2, "2022-03-11"),
    act("declare a veto item", lambda office: progress.submit(
        office.database, "huanbao", "V1", OCCURRED, now=at("2022-03-11", "10:00"), by=HOST
    )),
    act("bring evidence of a year", bring),
    act("assign", _assign, again="more"),
    act("inspect", _inspect, again="more"),
    act("find", find, again="more"),
    act("offer information", lambda office: information.offer(
        office.database, "huanbao", "新设监测点", now=at("2022-03-11"), by=HOST
    ), again="more"),
    act("award", lambda office: pass_phase.award(
        office.database, date(2022, 3, 10), document_="命名文件", now=at("2022-03-11"), by=OPERATOR
    )),
    act("hold a meeting", _meet),
    act("release an issue", _release),
    act("record a survey", _survey, again="more"),
    act("record funds", _fund, again="more"),
    run("2022-03-11"),
    opening("2022-03-24"),
)  # fmt: skip
BUSY = (
    act("waive", lambda office: pass_phase.waive(
        office.database, "I03", reason="省级未作要求", now=at("2022-03-14"), by=OPERATOR
    )),
    act("confirm a veto item", _decided, decide_veto.confirm),
    act("mark an error", _decided, decide_veto.mark_error),
    act("take a declaration back", lambda office: progress.recall(
        office.database, "huanbao", "V1", now=at("2022-03-14"), by=HOST
    )),
    act("return an answer", lambda office: review.return_(
        office.database, "shuili", "I03", "请核实", office.days, now=at("2022-03-14"), by=OPERATOR
    )),
    act("close a finding", lambda office: findings.close(
        office.database, "R001", note="现场核查", now=at("2022-03-14"), by=OPERATOR
    )),
    act("accept evidence", lambda office: evidence_review.accept(
        office.database, office.settings, 3, now=at("2022-03-14"), by=OPERATOR
    )),
    act("return evidence", lambda office: evidence_review.return_(
        office.database, 2, "缺来源", now=at("2022-03-14"), by=OPERATOR
    )),
    act("quarantine", _quarantine, 3, again="nothing"),
    act("quarantine of a survey's report", lambda office: surveys_shown.quarantine(
        office.database, office.settings, 1, "report", "含涉密内容", now=at("2022-03-14"), by=OPERATOR
    ), again="nothing"),
    act("reopen by a newer figure", lambda office: new_figure.give(
        office.database, "shuili", "I01", value="88", period="2022-02", now=at("2022-03-14"), by=WATER
    )),
    act("report on a task unasked", lambda office: report(
        office, "shuili", "T001", "2022-03-14", "completed"
    )),
    act("take back what was reported unasked", lambda office: progress.recall(
        office.database, "shuili", "R001", now=at("2022-03-14"), by=WATER
    )),
    act("give a receipt", lambda office: issues.receipt(
        office.database, "B2022-03", "shuili", now=at("2022-03-14"), days=office.days, by=WATER
    )),
    run("2022-03-15"),
)  # fmt: skip
CONFIRMED = (
    act("clear a veto item", lambda office: clear_veto.clear(
        office.database, "V1", "huanbao", "县政府函3号", now=at("2022-03-15"), by=LEADER
    )),
    act("withdraw a waiver", lambda office: pass_phase.withdraw_waiver(
        office.database, "I03", now=at("2022-03-15"), by=OPERATOR
    )),
)  # fmt: skip
LATE_SIGNED = act("sign the pro-rata report", lambda office: pro_rata_report.sign(
    office.database, "PRR2022-03", now=at("2022-04-06"), days=office.days, by=LEADER
))  # fmt: skip
NOTED = act("note a skipped round", lambda office: note_round.note_round(
    office.database, date(2022, 3, 20), "机房停电", now=at("2022-04-06"), by=OPERATOR
), again="more")  # fmt: skip
