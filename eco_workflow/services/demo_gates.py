"""What the demo's story has people do about phases and gates: evidence, findings, veto items, passes."""

from datetime import date, datetime

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.english import counted
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import (
    close_phase,
    decide_veto,
    evidence_review,
    findings,
    new_figure,
    pass_phase,
    progress,
    review,
)
from eco_workflow.services.clear_veto import clear
from eco_workflow.services.demo_acts import OFFICE, Act, said
from eco_workflow.services.demo_office import LEADER, MARKING, OPERATOR, SUPERVISOR, DemoOffice, liaison
from eco_workflow.services.evidence_shown import listed


def return_file(item: str, reason: str) -> Act:
    """The office returns the file that waits for its review."""

    def act(office: DemoOffice, now: datetime) -> None:
        with office.database.read() as session:
            [waits] = listed(session, Viewer(MARKING), plan=office.plan, item=item, state="pending")
        evidence_review.return_(office.database, waits.number, said(reason), now=now, by=OPERATOR)

    return act


def bring(unit: str, item: str) -> Act:
    """The unit brings files for what its item lacks; another one where the first was returned."""
    return lambda office, now: office.bring(unit, [item], now)


def close_out(*items: str) -> Act:
    """Milestones of the office that it claims are closed out."""

    def act(office: DemoOffice, now: datetime) -> None:
        for item in items:
            review.close(office.database, OFFICE, item, now=now, by=OPERATOR, plan=office.plan)

    return act


def prove(*items: str, only: str = "") -> Act:
    """The office files what its milestones require, all of it or one requirement."""

    def act(office: DemoOffice, now: datetime) -> str:
        made = office.bring(OFFICE, items, now, only=only)
        office.accept_files(now, items)
        return f"{counted(len(made), 'file')} filed: {', '.join(items)}"

    return act


def declare(unit: str, item: str, note: str) -> Act:
    """A unit declares that a veto item occurred."""
    return lambda office, now: progress.submit(
        office.database, unit, item, Answer(occurred=True, note=said(note)),
        now=now, by=liaison(unit), plan=office.plan,
    )  # fmt: skip


def find_an_error(unit: str, item: str, reason: str) -> Act:
    """The office finds a declaration to be an error."""
    return lambda office, now: decide_veto.mark_error(
        office.database, item, unit, said(reason), now=now, by=OPERATOR, plan=office.plan
    )


def confirm(unit: str, item: str, reason: str) -> Act:
    """The supervision office confirms what the host bureau declared."""
    return lambda office, now: decide_veto.confirm(
        office.database, item, unit, said(reason), now=now, by=SUPERVISOR, plan=office.plan
    )


def lift(unit: str, item: str, document: str) -> Act:
    """A leader clears a confirmed veto item."""
    return lambda office, now: clear(
        office.database, item, unit, said(document), now=now, by=LEADER, plan=office.plan
    )


def find(milestone: str, unit: str, title: str, due_on: date, reviewer: str, about: str) -> Act:
    """A reviewer finds something at a milestone."""
    return lambda office, now: findings.add(
        office.database, milestone, [unit], said(title), due_on=due_on, reviewer=said(reviewer), about=about,
        days=office.days, now=now, by=OPERATOR, plan=office.plan,
    )  # fmt: skip


def waive(item: str, reason: str) -> Act:
    """A reference indicator need not be met."""
    return lambda office, now: pass_phase.waive(
        office.database, item, reason=said(reason), now=now, by=OPERATOR, plan=office.plan
    )


def close(number: int, *, conditional: bool = False) -> Act:
    """The operator closes a phase, or hears what it lacks."""

    def act(office: DemoOffice, now: datetime) -> str:
        try:
            done = close_phase.close(
                office.database, number, conditional=conditional, now=now, by=OPERATOR, plan=office.plan
            )
        except close_phase.GateClosed as refused:
            return f"phase {number} not closed: {counted(len(refused.reasons), 'reason')}"
        passed = f" over {counted(len(done.lacking), 'reason')}" if done.lacking else ""
        return f"phase {number} closed{passed}"

    return act


def pass_over(number: int, until: date, reason: str) -> Act:
    """A leader passes over what a phase lacks."""

    def act(office: DemoOffice, now: datetime) -> str:
        done = pass_phase.pass_conditionally(
            office.database, number, reason=said(reason), until=until, now=now, by=LEADER, plan=office.plan
        )
        reasons = counted(len(done.lacking), "reason")
        return f"phase {number} passed by a leader until {until:%m-%d}: {reasons}"

    return act


def award(document: str) -> Act:
    """The award is recorded."""
    return lambda office, now: pass_phase.award(
        office.database, now.date(), document_=said(document), now=now, by=OPERATOR, plan=office.plan
    )


def new_value(unit: str, item: str, value: str, period: str) -> Act:
    """A unit gives a newer figure of an indicator that is closed out."""
    return lambda office, now: new_figure.give(
        office.database, unit, item, value=value, period=period, note=said("季度数据"),
        now=now, by=liaison(unit), plan=office.plan,
    )  # fmt: skip
