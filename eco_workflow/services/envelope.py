"""Gathers what an envelope says as of this moment, and drops the lines whose reason is gone."""

from dataclasses import dataclass, field
from datetime import datetime, time

from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.one_line import one_line_per_item
from eco_workflow.domain.rounds import due_at
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services import notices, overdue
from eco_workflow.services.backlog import backlog
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.item_lines import early_warning, overdue_item
from eco_workflow.services.outbox import fix_due
from eco_workflow.services.present_rung import carrying
from eco_workflow.services.round_summary import summary
from eco_workflow.services.silence import alert, reminder, still_silent
from eco_workflow.services.still_late import close_unless_late
from eco_workflow.services.tellings import heard_before
from eco_workflow.services.trial import marking_of
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

    def sort(self) -> None:
        """The worst comes first, of requests the oldest."""
        self.requests.sort(key=lambda r: (r.round_on, r.cover_note))
        for silent in (self.alerts, self.copies):
            silent.sort(key=lambda a: (-a.days_late, -len(a.items), a.unit))
        for again in (self.still_silent, self.still_silent_copies):
            again.sort(key=lambda s: (s.since, -len(s.silent_rounds), s.unit))
        for late in (self.overdue, self.overdue_alerts, self.overdue_copies):
            late.sort(key=lambda o: (-o.days_late, o.unit, o.item.code))


def make_up(session: Session, message: Message, now: datetime, days: WorkingDays) -> says.Envelope | None:
    """The envelope's facts, or None when no line is left. Fixes the due time of the requests it carries.

    `days` is the published calendar; the plan's own is made of it.
    """
    plan = session.get_one(Plan, message.plan_id)
    contact = session.get_one(Contact, message.contact_id)
    today = shanghai_date(now)
    own = calendar_of(session, plan, days, today)
    writing = Writing(session, plan, contact, now, today, own)
    sections = _Sections()
    for line in session.exec(select(Line).where(Line.message_id == message.id, col(Line.dropped).is_(False))):
        line.dropped = not _add(writing, message, line, sections)
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


def _add(writing: Writing, message: Message, line: Line, sections: _Sections) -> bool:
    """Puts a line where it belongs; False when its reason is gone."""
    match line.kind:
        case "request":
            if not _still_asked(writing, line.ref_id):
                return False
            sections.requests.append(_request(writing, line.ref_id))
        case "summary":
            sections.summaries.append(summary(writing.session, line.ref_id))
        case "notice":
            notice = notices.worded(writing, line.ref_id)
            if notice is None:
                return False
            sections.notices.append(notice)
        case "warning":
            if not _still_to_come(writing, line.ref_id):
                return False
            sections.warnings.append(early_warning(writing, line.ref_id))
        case _:
            case = writing.session.get_one(Case, line.ref_id)
            # An answer or a claim may have come since the decision.
            if not close_unless_late(writing.session, case, writing.now):
                _untell(writing.session, message, case)
                return False
            if case.clock == "report":
                _add_silence(writing, case, message, line, sections)
            else:
                _add_case(writing, case, line, sections)
    return True


def _add_silence(writing: Writing, case: Case, message: Message, line: Line, sections: _Sections) -> None:
    if line.kind == "reminder":
        sections.reminders.append(reminder(writing, case, line.rung))
    elif heard_before(writing.session, message, line):
        again = sections.still_silent if line.kind == "alert" else sections.still_silent_copies
        again.append(still_silent(writing, case))
    else:
        into = sections.alerts if line.kind == "alert" else sections.copies
        into.append(alert(writing, case))


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
    instance = session.get_one(Instance, 1).name
    key = f"{message.occasion}.{message.plan_id}.{message.contact_id}.{message.on_date.isoformat()}"
    return f"<{key}@{instance}.eco.example>"


def _still_asked(writing: Writing, round_id: int) -> bool:
    request = writing.session.get_one(Request, (round_id, writing.contact.unit_id))
    if request.state == "awaiting":
        return True
    request.asked_on = None  # nothing was sent; if the answer is recalled it is asked anew
    return False


def _still_to_come(writing: Writing, item_id: int) -> bool:
    owed = writing.session.get_one(Obligation, (writing.plan.id, writing.contact.unit_id, item_id))
    return overdue.is_open(owed) and owed.due_on is not None and owed.due_on >= writing.today


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
        items=items_owed(writing, [round_row], unit_id),
        cover_note=round_row.cover_note,
    )
