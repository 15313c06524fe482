"""Gathers what an envelope says as of this moment, and drops the lines whose reason is gone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.one_line import one_line_per_item
from eco_workflow.domain.rounds import due_at
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services import notices, overdue, task_sheets, weekly
from eco_workflow.services.backlog import backlog
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.item_lines import early_warning, overdue_item
from eco_workflow.services.outbox import fix_due
from eco_workflow.services.present_rung import carrying
from eco_workflow.services.report_case import silent_units
from eco_workflow.services.round_summary import to_release
from eco_workflow.services.silence import Silence, alert, reminder, silences, still_silent
from eco_workflow.services.still_late import close_unless_late
from eco_workflow.services.tellings import heard_before
from eco_workflow.services.trial import marking_of
from eco_workflow.services.unchanging import once
from eco_workflow.services.writing import Writing, items_owed
from eco_workflow.store.tables import (
    Breach,
    Case,
    Contact,
    Instance,
    Line,
    Message,
    Obligation,
    Plan,
    Request,
    Round,
    Unit,
)


@dataclass
class _Sections:
    """The parts of an envelope while they are gathered, under the names they have in it."""

    requests: list[says.Request] = field(default_factory=list)
    reminders: list[says.Reminder] = field(default_factory=list)
    alerts: list[says.Alert] = field(default_factory=list)
    copies: list[says.Alert] = field(default_factory=list)
    still_silent: list[says.StillSilent] = field(default_factory=list)
    still_silent_copies: list[says.StillSilent] = field(default_factory=list)
    summaries: list[says.Summary] = field(default_factory=list)
    overdue: list[says.Overdue] = field(default_factory=list)
    overdue_alerts: list[says.Overdue] = field(default_factory=list)
    overdue_copies: list[says.Overdue] = field(default_factory=list)
    backlog: list[says.Backlog] = field(default_factory=list)
    backlog_alerts: list[says.Backlog] = field(default_factory=list)
    backlog_copies: list[says.Backlog] = field(default_factory=list)
    warnings: list[says.Item] = field(default_factory=list)
    notices: list[says.Notice] = field(default_factory=list)
    task_sheets: list[says.TaskSheet] = field(default_factory=list)
    weekly: list[says.WeeklyReport] = field(default_factory=list)

    def sort(self) -> None:
        """The worst comes first, of requests the oldest."""
        self.requests.sort(key=lambda r: (r.round_on, r.cover_note))
        for silent in (self.alerts, self.copies):
            silent.sort(key=lambda a: (-a.days_late, -len(a.items), a.unit))
        for again in (self.still_silent, self.still_silent_copies):
            again.sort(key=lambda s: (s.since, -len(s.silent_rounds), s.unit))
        for late in (self.overdue, self.overdue_alerts, self.overdue_copies):
            late.sort(key=lambda o: (-o.days_late, o.unit, o.item.code))


@dataclass(frozen=True)
class _Known:
    """What the lines about cases say, gathered at once for all of them."""

    cases: dict[int, Case]
    """By id, those that stand."""
    silences: dict[int, Silence]
    heard: set[tuple[str, int, int]]
    """Kind, case and rung of what the recipient heard on an earlier day."""


_LINES = (
    select(Line)
    .where(col(Line.message_id) == bindparam("message"), col(Line.dropped).is_(False))
    .order_by(col(Line.kind), col(Line.ref_id))
)
_CASES = select(Case).where(col(Case.id).in_(bindparam("cases", expanding=True)))

OF_CASES = ("reminder", "alert", "copy")
"""The kinds of lines that are about cases."""


def make_up(session: Session, message: Message, now: datetime, days: WorkingDays) -> says.Envelope | None:
    """The envelope's facts, or None when no line is left. Fixes the due time of the requests it carries.

    `days` is the published calendar; the plan's own is made of it.
    """
    plan = session.get_one(Plan, message.plan_id)
    contact = session.get_one(Contact, message.contact_id)
    today = shanghai_date(now)
    own = calendar_of(session, plan, days, today)
    lines = session.exec(_LINES, params={"message": message.id}).all()
    cases = _standing(session, message, lines, now)
    writing = Writing(session, plan, contact, now, today, own, tuple(cases.values()))
    known = _Known(
        cases,
        silences(writing, [case for case in cases.values() if case.clock == "report"]),
        heard_before(session, message, [line.ref_id for line in lines if line.kind in ("alert", "copy")]),
    )
    sections = _Sections()
    for line in lines:
        line.dropped = not _add(writing, known, line, sections)
    session.flush()
    if not any(vars(sections).values()):
        return None
    sections.sort()
    unit = session.get_one(Unit, contact.unit_id)
    office = session.get_one(Unit, plan.office_unit_id)
    envelope = says.Envelope(
        message_id=_message_id(session, message),
        plan=plan.title,
        marking=marking_of(plan),
        on=message.on_date,
        written_at=now,
        recipient=says.Recipient(
            contact.name, contact.role, unit.short, plan.trial_mailbox or contact.address
        ),
        office=says.Office(office.short, plan.office_telephone),
        **{name: tuple(lines) for name, lines in vars(sections).items()},
    )
    return one_line_per_item(envelope)


def _standing(session: Session, message: Message, lines: Sequence[Line], now: datetime) -> dict[int, Case]:
    """The cases of these lines that are late still: an answer or a claim may have come since the decision."""
    wanted = {line.ref_id for line in lines if line.kind in OF_CASES}
    if not wanted:
        return {}
    cases = session.exec(_CASES, params={"cases": list(wanted)}).all()
    if missing := wanted - {case.id for case in cases}:
        raise LookupError(f"its lines are about cases that are not there: {sorted(missing)}")
    asked = {case.unit_id for case in cases if case.clock == "report" and case.closed_on is None}
    silent = silent_units(session, message.plan_id, asked, now)
    found: dict[int, Case] = {}
    for case in cases:
        is_silent = case.clock == "report" and case.closed_on is None and case.unit_id in silent
        if is_silent or close_unless_late(session, case, now):
            found[case.id or 0] = case
        else:
            _untell(session, message, case)
    return found


def _add(writing: Writing, known: _Known, line: Line, sections: _Sections) -> bool:
    """Puts a line where it belongs; False when its reason is gone."""
    match line.kind:
        case "request":
            if not _still_asked(writing, line.ref_id):
                return False
            sections.requests.append(_request(writing, line.ref_id))
        case "summary":
            sections.summaries.append(to_release(writing, line.ref_id))
        case "notice":
            return _add_notice(writing, line.ref_id, sections)
        case "warning":
            if not _still_to_come(writing, line.ref_id):
                return False
            sections.warnings.append(early_warning(writing, line.ref_id))
        case _:
            case = known.cases.get(line.ref_id)
            if case is None:
                return False
            if case.clock == "report":
                _add_silence(writing, known, line, sections)
            else:
                _add_case(writing, case, line, sections)
    return True


def _add_notice(writing: Writing, notice_id: int, sections: _Sections) -> bool:
    """A notice, or what rides as one and has a section of its own."""
    into: list[Any] = sections.notices
    said: Any
    if task_sheets.is_sheet(writing.session, notice_id):
        into, said = sections.task_sheets, task_sheets.sheet(writing)
    elif weekly.is_report(writing.session, notice_id):
        into, said = sections.weekly, weekly.report(writing, notice_id)
    else:
        said = notices.worded(writing, notice_id)
    if said is not None:
        into.append(said)
    return said is not None


def _add_silence(writing: Writing, known: _Known, line: Line, sections: _Sections) -> None:
    case, silence = known.cases[line.ref_id], known.silences[line.ref_id]
    if line.kind == "reminder":
        sections.reminders.append(reminder(writing, case, silence, line.rung))
    elif (line.kind, line.ref_id, line.rung) in known.heard:
        again = sections.still_silent if line.kind == "alert" else sections.still_silent_copies
        again.append(still_silent(writing, case, silence))
    else:
        into = sections.alerts if line.kind == "alert" else sections.copies
        into.append(alert(writing, case, silence))


def _add_case(writing: Writing, case: Case, line: Line, sections: _Sections) -> None:
    if case.clock == "review":
        waits = {
            "reminder": sections.backlog,
            "alert": sections.backlog_alerts,
            "copy": sections.backlog_copies,
        }[line.kind]
        waits.append(backlog(writing, case, line))
        return
    late = {
        "reminder": sections.overdue,
        "alert": sections.overdue_alerts,
        "copy": sections.overdue_copies,
    }[line.kind]
    late.append(overdue_item(writing, case, line))


def _message_id(session: Session, message: Message) -> str:
    """Made of the message's key and the instance's own name, so the same over all attempts."""
    instance = once(session, Instance, lambda: session.get_one(Instance, 1).name)
    key = f"{message.occasion}.{message.plan_id}.{message.contact_id}.{message.on_date.isoformat()}"
    return f"<{key}@{instance}.eco.example>"


def _still_asked(writing: Writing, round_id: int) -> bool:
    request = writing.session.get_one(Request, (round_id, writing.contact.unit_id))
    if request.state == "awaiting":
        return True
    request.asked_on = None  # nothing was sent; if the answer is recalled it is asked anew
    return False


def _still_to_come(writing: Writing, item_id: int) -> bool:
    owed = writing.session.get(Obligation, (writing.plan.id, writing.contact.unit_id, item_id))
    return (
        owed is not None
        and overdue.is_open(owed)
        and owed.due_on is not None
        and owed.due_on >= writing.today
    )


def _untell(session: Session, message: Message, case: Case) -> None:
    """What this message was to tell was not told; if the case is opened again it is told anew.

    Unless the same was told by hand on that day: that stands.
    """
    by_hand = any(other.state == "sent" for other in carrying(session, case))
    if (case.told_to, case.told_on) == (message.contact_id, message.on_date) and not by_hand:
        case.told_on = case.told_to = None
    told_here = select(Breach).where(
        Breach.case_id == case.id, Breach.told_to == message.contact_id, Breach.told_on == message.on_date
    )
    for breach in session.exec(told_here):
        breach.told_on = breach.told_to = None


def _request(writing: Writing, round_id: int) -> says.Request:
    plan, unit_id = writing.plan, writing.contact.unit_id
    due = due_at(
        writing.today,
        writing.days,
        answer_days=plan.answer_days,
        answer_time=time.fromisoformat(plan.answer_time),
    )
    fix_due(writing.session, round_id, unit_id, due)
    round_row = writing.session.get_one(Round, round_id)
    return says.Request(
        round_on=round_row.on_date,
        due_at=due,
        items=items_owed(writing, {unit_id: [round_row]})[unit_id],
        cover_note=round_row.cover_note,
    )
