"""Every kind of notice that has words is written by what happens in an office: a story for each."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select, update

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.notices import KINDS
from eco_workflow.services import (
    assign_task,
    close_phase,
    contacts,
    decide_veto,
    evidence,
    evidence_review,
    extension,
    hold,
    indicator_dates,
    issues,
    merge_units,
    new_figure,
    papers,
    pass_phase,
    phase_work,
    progress,
    review,
    settle,
    steps,
    suspension,
)
from eco_workflow.services.annul import annul
from eco_workflow.services.clear_veto import clear
from eco_workflow.services.import_calendar import import_year
from eco_workflow.services.rename_unit import rename
from eco_workflow.services.rhythms import open_all
from eco_workflow.services.split_unit import split
from eco_workflow.store.tables import Case, Item, Notice, Obligation, Unit
from flows.wiring import deliver_batch
from tests.calendars import with_days
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.services.desk import LEADER

COUNTY = Path(__file__).parent / "plans" / "county.yaml"
WATER, RIVERS, SAND = "shuili", ("shuili", "I03"), ("shuili", "P1")
JULY = date(2022, 7, 30)


def by(who: Any, day: str = "2022-03-08", clock: str = "10:00") -> dict[str, Any]:
    return {"now": at(day, clock), "by": who}


def asked(office: Office) -> None:
    """The round of 7 March has asked the water office for I01, I03 and P1."""
    office.open()
    office.silent("2022-03-07")


def late(office: Office, *days: str) -> None:
    """The sand policy was due on 8 March; these mornings follow."""
    asked(office)
    with office.database.write() as session:
        policy = select(Item.id).where(Item.code == "P1").scalar_subquery()
        session.connection().execute(
            update(Obligation).where(col(Obligation.item_id) == policy).values(due_on=date(2022, 3, 8))
        )
    for day in days:
        office.run(day)


def closed(office: Office) -> None:
    asked(office)
    progress.submit(office.database, *RIVERS, Answer("completed", value="是"), **by(liaison(WATER)))
    review.close(office.database, *RIVERS, **by(OPERATOR, clock="11:00"))


def proposed(office: Office, decide: Callable[..., object], **said: str) -> None:
    asked(office)
    due_on = date(2022, 6, 1)
    indicator_dates.propose(
        office.database, "I03", WATER, due_on=due_on, target="是", source="县方案", **by(liaison(WATER))
    )
    decide(office.database, "I03", WATER, **said, **by(OPERATOR, clock="11:00"))


def extended(office: Office, *, grant: bool | None) -> None:
    asked(office)
    extension.ask(office.database, *RIVERS, until=JULY, reason="待数据", **by(liaison(WATER)))
    if grant is not None:
        extension.decide(
            office.database, *RIVERS, grant=grant, reason="x", days=office.days, **by(OPERATOR, clock="11:00")
        )


def set_aside(
    office: Office, state: str = "suspended", *, confirmed: bool = True, resumed: bool = False
) -> None:
    asked(office)
    suspension.set_aside(office.database, *RIVERS, state, reason="标准修订", **by(OPERATOR))
    if confirmed:
        suspension.confirm(office.database, *RIVERS, **by(SUPERVISOR, clock="11:00"))
    if resumed:
        moment = by(OPERATOR, "2022-03-10")
        suspension.resume(office.database, *RIVERS, reason="已发布", days=office.days, **moment)


def settled(office: Office, **how: Any) -> None:
    office.open("2022-07-01")
    settle.settle_item(office.database, "I03", **how, **by(OPERATOR, "2022-07-01"))


def occurred(office: Office) -> None:
    asked(office)
    office.run("2022-03-21")
    moment = by(liaison("huanbao"), "2022-03-21")
    progress.submit(office.database, "huanbao", "V1", Answer(occurred=True), **moment)


def recalled(office: Office) -> None:
    """The office was told of the occurrence at once; the unit takes it back."""
    occurred(office)
    deliver_batch(office.settings, at("2022-03-21", "10:05"))
    progress.recall(office.database, "huanbao", "V1", **by(liaison("huanbao"), "2022-03-21", "11:00"))


def decided(office: Office, *, cleared: bool = False) -> None:
    """The office sits in the bureau that declares it: the supervision office decides, and a leader clears."""
    occurred(office)
    moment = by(SUPERVISOR, "2022-03-21", "11:00")
    decide_veto.confirm(office.database, "V1", "huanbao", "核查属实", **moment)
    if cleared:
        clear(office.database, "V1", "huanbao", "会议纪要第3号", **by(LEADER, "2022-03-22"))


def undecided(office: Office) -> None:
    """Nobody decides by the 22nd."""
    occurred(office)
    office.run("2022-03-23")


def returned(office: Office) -> None:
    asked(office)
    progress.submit(office.database, *SAND, Answer("in_progress"), **by(liaison(WATER), "2022-03-07"))
    office.give_back(*SAND, "2022-03-08")


def held(office: Office) -> None:
    asked(office)
    hold.hold(office.database, "检修", **by(OPERATOR, "2022-03-07"))
    hold.release(office.database, office.days, **by(OPERATOR, "2022-03-09"))


def calendar_known(office: Office) -> None:
    """Asked on the 7th, due on the 8th, which turns out to be a holiday."""
    asked(office)
    moment: dict[str, Any] = {"now": at("2022-03-07", "12:00"), "by": "operator"}
    import_year(office.database, with_days("2022-03-08"), correct=True, **moment)


def put_off_again(office: Office) -> None:
    """Resumed on the 10th, due two working days after 30 June; the day after that is a holiday."""
    set_aside(office, resumed=True)
    office.run("2022-03-11")  # which tells when it is due
    moment: dict[str, Any] = {"now": at("2022-03-11", "12:00"), "by": "operator"}
    import_year(office.database, with_days("2022-07-01"), correct=True, **moment)


def fallen(office: Office) -> None:
    closed(office)
    new_figure.give(office.database, *RIVERS, value="否", period="", **by(liaison(WATER), clock="12:00"))


def assigned(office: Office) -> None:
    asked(office)
    said: dict[str, Any] = {"due_on": JULY, "origin": "县长批示", "days": office.days, **by(OPERATOR)}
    assign_task.assign_task(office.database, [WATER], "清理河道", **said)


def on_behalf(office: Office) -> None:
    asked(office)
    progress.submit(office.database, *SAND, Answer("in_progress"), **by(OPERATOR))


def nobody_there(office: Office, *days: str) -> None:
    asked(office)
    contacts.end(office.database, WATER, "liaison", **by(OPERATOR, "2022-03-07"))
    for day in days:
        office.run(day)


def annulled(office: Office) -> None:
    late(office, "2022-03-09")
    with office.database.read() as session:
        number = session.exec(select(Case.id).where(Case.clock == "task")).one() or 0
    for person in (OPERATOR, SUPERVISOR):
        annul(office.database, number, "误记", **by(person, "2022-03-09"))


def merged(office: Office) -> None:
    asked(office)
    merge_units.merge(office.database, WATER, "huanbao", **by(OPERATOR))


def renamed(office: Office) -> None:
    asked(office)
    rename(office.database, WATER, "县水务局", **by(OPERATOR))


def dealt_out(office: Office) -> None:
    asked(office)
    split(office.database, WATER, ["P1:huanbao"], **by(OPERATOR))


def resolved(office: Office) -> None:
    late(office, "2022-03-09", "2022-03-11", "2022-03-14")
    progress.submit(office.database, *SAND, Answer("completed"), **by(liaison(WATER), "2022-03-14"))
    office.run("2022-03-15")


def resolved_after_a_report(office: Office) -> None:
    """A leader signed the report on the 17th; what it reports is over on the same day."""
    late(office, "2022-03-09", "2022-03-11", "2022-03-14", "2022-03-17")
    with office.database.read() as session:
        of_item = select(Case.id).join(Item, col(Item.id) == Case.item_id).where(Item.code == SAND[1])
        number = session.exec(of_item.where(Case.clock == "task")).one() or 0
    papers.sign(office.database, number, rung=4, **by(LEADER, "2022-03-17"))
    progress.submit(office.database, *SAND, Answer("completed"), **by(liaison(WATER), "2022-03-17"))
    office.run("2022-03-18")


def month_s_end(office: Office) -> None:
    """The bulletin is near, and nothing of a step is done."""
    asked(office)
    steps.add(office.database, "I03", "完成治理", weight=1, due_on=None, **by(OPERATOR))
    for day in ("2022-03-24", "2022-03-31"):
        open_all(office.database, at(day, "08:40"), office.days, actor="schedule")


def bulletin_out(office: Office) -> None:
    month_s_end(office)
    moment = by(OPERATOR, "2022-03-31")
    issues.release(office.database, "B2022-03", text="正文", days=office.days, **moment)


def brought(office: Office, *, quarantined: bool = False) -> None:
    """The water office brought a file that does not prove what it should, or that must not be there."""
    asked(office)
    file = office.home / "数据.pdf"
    file.write_bytes(b"%PDF")
    made = evidence.add(
        office.database, office.settings, "I01", "E1", str(file), year=2021, **by(liaison(WATER))
    )
    decided = by(OPERATOR, clock="11:00")
    if quarantined:
        evidence_review.quarantine(office.database, office.settings, made.number, "涉密", **decided)
    else:
        evidence_review.return_(office.database, made.number, "无来源", **decided)


def outlived(office: Office) -> None:
    """The first phase ends on 15 April, while the plan is new."""
    office.open("2022-04-11")
    phase_work.work(office.database, at("2022-04-18", "08:40"), "launch")


def phase_closed(office: Office, *, last: bool = False, passed: bool = False) -> None:
    """The papers of the kick-off, or of the last phase, are there; or a leader passes over them."""
    if not last:
        office.open()
        finished(office, 1, "M1.1", "2022-03-02", passed=passed)
        return
    edited(
        office,
        ("title: 市级验收, source", "title: 市级验收, evidence: [{id: E1, title: 结论}], source"),
        ("external: true", "external: false"),
    )
    office.open("2022-10-03")
    finished(office, 3, "M3.1", "2022-10-03", passed=passed)


def finished(office: Office, number: int, item: str, day: str, *, passed: bool) -> None:
    if passed:
        until = date(2022, 10, 31)
        pass_phase.pass_conditionally(
            office.database, number, reason="材料在印", until=until, **by(LEADER, day)
        )
    else:
        brought_to(office, item, day)
    close_phase.close(office.database, number, conditional=passed, **by(OPERATOR, day, "15:00"))


def brought_to(office: Office, item: str, day: str) -> None:
    file = office.home / "材料.pdf"
    file.write_bytes(b"%PDF")
    made = evidence.add(
        office.database, office.settings, item, "E1", str(file), year=None, **by(OPERATOR, day)
    )
    evidence_review.accept(office.database, office.settings, made.number, **by(OPERATOR, day, "11:00"))


def edited(office: Office, *pieces: tuple[str, str]) -> None:
    """The county's plan with pieces of its text replaced."""
    text = COUNTY.read_text("utf-8")
    for old, new in pieces:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = office.home / "edited.yaml"
    file.write_text(text, "utf-8")
    office.plan = str(file)


def old_figure(office: Office) -> None:
    """In consolidation the water office's figure is of 2020."""
    edited(office, ("key: assessment", "key: consolidation"))
    office.open("2022-10-03")
    office.run("2022-10-20")
    progress.submit(
        office.database, WATER, "I01", Answer("in_progress", "95", "2020"), **by(liaison(WATER), "2022-10-20")
    )
    phase_work.work(office.database, at("2022-10-21", "08:40"), "consolidation")


def a_year_later(office: Office) -> None:
    """The title was awarded on 11 April 2022, and the plan goes on for another year."""
    yearly = (
        '    - {id: yearly_reverification, title: 年度复核, source: "二", every: award_year, form: report}'
    )
    edited(office, ("end: 2022-11-30", "end: 2023-11-30"), ("form: pro_rata}", f"form: pro_rata}}\n{yearly}"))
    office.open("2022-10-03")
    pass_phase.award(office.database, date(2022, 4, 11), document_="命名公告", **by(OPERATOR, "2022-10-03"))
    office.result("2023-04-07", confirmed="2023-04-07")
    open_all(office.database, at("2023-04-10", "08:40"), office.days, actor="schedule")


STORIES: dict[str, Callable[[Office], None]] = {
    "veto_occurred": occurred,
    "veto_confirmed": decided,
    "veto_undecided": undecided,
    "veto_of_host": occurred,
    "veto_decided": decided,
    "veto_cleared": partial(decided, cleared=True),
    "veto_recalled": recalled,
    "returned": returned,
    "moved_by_hold": held,
    "moved_by_calendar": calendar_known,
    "due_by_calendar": put_off_again,
    "assigned": assigned,
    "reopened": fallen,
    "extension_asked": partial(extended, grant=None),
    "extension_granted": partial(extended, grant=True),
    "extension_refused": partial(extended, grant=False),
    "proposal_declined": partial(proposed, decide=indicator_dates.decline, reason="偏低"),
    "proposal_confirmed": partial(proposed, decide=indicator_dates.confirm, decision="", reason=""),
    "confirm_on_behalf": on_behalf,
    "rhythm_due": month_s_end,
    "reverification_due": a_year_later,
    "pro_rata_drafted": month_s_end,
    "issue_released": bulletin_out,
    "no_contact": lambda office: nobody_there(office, "2022-03-08"),
    "no_contact_long": lambda office: nobody_there(office, "2022-03-08", "2022-03-15"),
    "suspension_asked": partial(set_aside, confirmed=False),
    "suspended": set_aside,
    "not_applicable": partial(set_aside, state="not_applicable"),
    "resumed": partial(set_aside, resumed=True),
    "report_drafted": lambda office: late(office, "2022-03-09", "2022-03-11", "2022-03-14", "2022-03-17"),
    "note_drafted": resolved_after_a_report,
    "annulled": annulled,
    "merged": merged,
    "renamed": renamed,
    "split": dealt_out,
    "settled_due": partial(settled, evidence=None, due_on=JULY),
    "settled_done": partial(settled, evidence="档案第3卷", due_on=None),
    "closed_out": closed,
    "evidence_returned": brought,
    "evidence_quarantined": partial(brought, quarantined=True),
    "phase_outlived": outlived,
    "value_wanted": old_figure,
    "phase_closed": phase_closed,
    "last_phase_closed": partial(phase_closed, last=True),
    "phase_passed": partial(phase_closed, passed=True),
    "last_phase_passed": partial(phase_closed, last=True, passed=True),
    "resolved": resolved,
}

OF_OFFICES = {
    "veto_occurred", "veto_confirmed", "veto_undecided", "veto_of_host", "veto_recalled", "extension_asked",
    "suspension_asked", "no_contact", "no_contact_long", "report_drafted", "note_drafted", "resolved",
    "rhythm_due", "reverification_due", "pro_rata_drafted", "phase_outlived",
}  # fmt: skip
"""Whoever decides, supervises or heard of it is told; of everything else the unit itself."""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_what_has_words_is_told(database: str, tmp_path: Path, kind: str) -> None:
    office = Office(database, tmp_path, plan=str(COUNTY))
    STORIES[kind](office)
    with office.database.read() as session:
        heard = session.exec(
            select(Unit.code).join(Notice, col(Notice.unit_id) == Unit.id).where(Notice.kind == kind)
        ).all()
    whom = {"chuangban", "ducha"} if kind in OF_OFFICES else {WATER, "huanbao"}
    assert whom & set(heard)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("proposal_confirmed", "3月8日（周二）确认所提期限6月1日（周三）、目标值“是”"),
        ("closed_out", "3月8日（周二）核实后销号"),
        ("settled_due", "启用前已到期事项，7月1日（周五）核定新期限7月30日（周六）；首次期限6月30日（周四）"),
        ("settled_done", "启用前已到期事项，7月1日（周五）核定为已完成；依据：档案第3卷"),
    ],
)
def test_what_the_office_decided_stands_in_the_unit_s_next_mail_once(
    database: str, tmp_path: Path, kind: str, words: str
) -> None:
    """The liaison's and the leader's in charge."""
    office = Office(database, tmp_path, plan=str(COUNTY))
    STORIES[kind](office)
    days = ("2022-07-04", "2022-07-05") if kind.startswith("settled") else ("2022-03-09", "2022-03-10")
    for day in days:
        office.run(day)
    told = [(mail.on, mail.to) for mail in office.mails() if words in mail.text]
    first = date.fromisoformat(days[0])
    assert told == [(first, "leader@shuili.example"), (first, "liaison@shuili.example")]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_office_is_not_told_what_it_settled_for_itself(database: str, tmp_path: Path) -> None:
    """M1.1 is the office's own."""
    office = Office(database, tmp_path, plan=str(COUNTY))
    office.open("2022-07-01")
    settle.settle_item(office.database, "M1.1", evidence="档案", due_on=None, **by(OPERATOR, "2022-07-01"))
    with office.database.read() as session:
        assert session.exec(select(Notice)).all() == []
