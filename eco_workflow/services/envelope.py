"""Gathers what an envelope says as of this moment, and drops the lines whose reason is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.answers import ANSWERED, OWED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.escalation import Ladder, earliest_day
from eco_workflow.domain.rounds import due_at
from eco_workflow.domain.words import MEANS, ROLE, STATUS, WHO_HEARS
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.outbox import fix_due
from eco_workflow.services.progress import is_silent, last_report
from eco_workflow.store.tables import (
    Breach,
    Case,
    Contact,
    Entry,
    Exemption,
    Instance,
    Item,
    ItemText,
    LadderRung,
    Line,
    Message,
    Obligation,
    Plan,
    Report,
    Request,
    Round,
    Rung,
    Unit,
)


@dataclass(frozen=True)
class Writing:
    """What every part of one envelope needs."""

    session: Session
    plan: Plan
    contact: Contact
    now: datetime
    today: date
    days: WorkingDays


def make_up(session: Session, message: Message, now: datetime, days: WorkingDays) -> says.Envelope | None:
    """The envelope's facts, or None when no line is left. Fixes the due time of the requests it carries."""
    plan = session.get_one(Plan, message.plan_id)
    contact = session.get_one(Contact, message.contact_id)
    writing = Writing(session, plan, contact, now, shanghai_date(now), days)
    requests: list[says.Request] = []
    reminders: list[says.Reminder] = []
    alerts: list[says.Alert] = []
    copies: list[says.Alert] = []
    summaries: list[says.Summary] = []
    for line in session.exec(select(Line).where(Line.message_id == message.id, col(Line.dropped).is_(False))):
        match line.kind:
            case "request":
                line.dropped = not _still_asked(writing, line.ref_id)
                if not line.dropped:
                    requests.append(_request(writing, line.ref_id))
            case "summary":
                summaries.append(_summary(writing, line.ref_id))
            case _:
                case = session.get_one(Case, line.ref_id)
                line.dropped = not _still_silent(writing, case)
                if line.dropped:
                    _untell(session, message, case)
                    continue
                if line.kind == "reminder":
                    reminders.append(_reminder(writing, case, line.rung))
                else:
                    (alerts if line.kind == "alert" else copies).append(_alert(writing, case))
    session.flush()
    if not (requests or reminders or alerts or copies or summaries):
        return None
    unit = session.get_one(Unit, contact.unit_id)
    office = session.get_one(Unit, plan.office_unit_id)
    return says.Envelope(
        message_id=_message_id(session, message),
        plan=plan.title,
        marking=plan.marking,
        on=message.on_date,
        written_at=now,
        recipient=says.Recipient(contact.name, contact.role, unit.short, contact.address),
        office=says.Office(office.short, plan.office_telephone),
        requests=tuple(requests),
        reminders=tuple(reminders),
        alerts=tuple(sorted(alerts, key=_worst_first)),
        copies=tuple(sorted(copies, key=_worst_first)),
        summaries=tuple(summaries),
    )


def _message_id(session: Session, message: Message) -> str:
    """Made of the message's key and the instance's own name, so the same over all attempts."""
    instance = session.get_one(Instance, 1).name
    key = f"{message.occasion}.{message.plan_id}.{message.contact_id}.{message.on_date.isoformat()}"
    return f"<{key}@{instance}.eco.example>"


def _worst_first(alert: says.Alert) -> tuple[int, int, str]:
    return (-alert.days_late, -len(alert.items), alert.unit)


def _still_asked(writing: Writing, round_id: int) -> bool:
    request = writing.session.get_one(Request, (round_id, writing.contact.unit_id))
    if request.state == "awaiting":
        return True
    request.asked_on = None  # nothing was sent; if the answer is recalled it is asked anew
    return False


def _still_silent(writing: Writing, case: Case) -> bool:
    """The overdue predicate once more: an answer may have come since the decision."""
    if case.closed_on is None and not is_silent(writing.session, case.plan_id, case.unit_id, writing.now):
        case.closed_on, case.closed_why = writing.today, "nothing_owed"
    return case.closed_on is None


def _untell(session: Session, message: Message, case: Case) -> None:
    """What this message was to tell was not told; if the case is opened again it is told anew."""
    if (case.told_to, case.told_on) == (message.contact_id, message.on_date):
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
    return says.Request(round_on=round_row.on_date, due_at=due, items=_items(writing, round_row, unit_id))


def _items(writing: Writing, round_row: Round, unit_id: int) -> tuple[says.Item, ...]:
    """What the unit still owes in a round, by place in the plan."""
    session = writing.session
    rows = session.exec(
        select(Entry, Item, ItemText, Obligation)
        .join(Item, col(Item.id) == Entry.item_id)
        .join(
            ItemText,
            (col(ItemText.item_id) == Entry.item_id) & (col(ItemText.version) == round_row.version),
        )
        .join(
            Obligation,
            (col(Obligation.plan_id) == Item.plan_id)
            & (col(Obligation.unit_id) == Entry.unit_id)
            & (col(Obligation.item_id) == Entry.item_id),
        )
        .where(
            Entry.round_id == round_row.id,
            Entry.unit_id == unit_id,
            col(Entry.state).in_(OWED),
        )
        .order_by(col(Item.id))
    ).all()
    return tuple(
        says.Item(
            code=item.code,
            title=text.title,
            role=obligation.role,
            place=text.place,
            due_on=obligation.due_on,
            last=_in_words(last_report(session, unit_id, entry.item_id)),
            returned=_returned(session, entry),
        )
        for entry, item, text, obligation in rows
    )


def _in_words(report: Report | None) -> str:
    if report is None:
        return ""
    figure = f"，{report.value}（{report.period}）" if report.value else ""
    return f"{STATUS[report.status]}{figure}"


def _returned(session: Session, entry: Entry) -> str:
    if entry.state != "returned":
        return ""
    report = session.exec(
        select(Report)
        .where(
            Report.unit_id == entry.unit_id,
            Report.item_id == entry.item_id,
            Report.round_id == entry.round_id,
            Report.action == "return",
        )
        .order_by(col(Report.id).desc())
    ).first()
    return report.reason if report else ""


@dataclass(frozen=True)
class Silence:
    """A case's first missed due time and what is owed now."""

    round_on: date
    due_at: datetime
    days_late: int
    rounds: int
    items: tuple[says.Item, ...]


def _silence(writing: Writing, case: Case) -> Silence:
    session = writing.session
    missed = session.exec(
        select(Round, Request)
        .join(Breach, col(Breach.round_id) == Round.id)
        .join(Request, (col(Request.round_id) == Round.id) & (col(Request.unit_id) == case.unit_id))
        .where(Breach.case_id == case.id)
        .order_by(col(Round.id))
    ).all()
    first_round, first_request = missed[0]
    newest = session.exec(
        select(Round)
        .join(Request, col(Request.round_id) == Round.id)
        .where(
            Request.unit_id == case.unit_id, Request.state == "awaiting", col(Request.sent_at).is_not(None)
        )
        .order_by(col(Round.id).desc())
    ).first()
    since = _first_due(session, first_request, case)
    return Silence(
        round_on=first_round.on_date,
        due_at=since,
        days_late=writing.days.waited(shanghai_date(since), writing.today),
        rounds=len(missed),
        items=_items(writing, newest or missed[-1][0], case.unit_id),
    )


def _first_due(session: Session, request: Request, case: Case) -> datetime:
    """When the clock first ran out: the request's due time, or that of a returned answer."""
    returned = session.exec(
        select(Entry.due_at)
        .where(
            Entry.round_id == request.round_id,
            Entry.unit_id == case.unit_id,
            col(Entry.state).in_(OWED),
            col(Entry.due_at).is_not(None),
        )
        .order_by(col(Entry.due_at))
    ).first()
    due = returned or request.due_at
    assert due is not None, "a case opens only where a due time has passed"
    return due


def _reminder(writing: Writing, case: Case, rung: int) -> says.Reminder:
    silence = _silence(writing, case)
    return says.Reminder(
        rung=rung,
        round_on=silence.round_on,
        due_at=silence.due_at,
        days_late=silence.days_late,
        silent_rounds=silence.rounds,
        items=silence.items,
        next_step=_next_step(writing, case, rung),
    )


def _next_step(writing: Writing, case: Case, rung: int) -> says.NextStep | None:
    rungs = writing.session.exec(select(LadderRung).where(LadderRung.ladder_id == case.ladder_id))
    ladder = Ladder({row.rung: row.after for row in rungs})
    on = earliest_day(rung, writing.today, ladder, writing.days)
    if on is None:
        return None
    above = writing.session.get(Exemption, (case.plan_id, rung + 1, case.unit_id))
    who = above.addressee if above else WHO_HEARS[rung + 1]
    return says.NextStep(rung=rung + 1, on=on, who=who)


def _alert(writing: Writing, case: Case) -> says.Alert:
    silence = _silence(writing, case)
    unit = writing.session.get_one(Unit, case.unit_id)
    return says.Alert(
        unit=unit.short,
        round_on=silence.round_on,
        due_at=silence.due_at,
        days_late=silence.days_late,
        silent_rounds=silence.rounds,
        items=silence.items,
        tellings=tuple(tellings(writing.session, [case])[case.id or 0]),
        independent=unit.relation != "subordinate",
    )


def tellings(session: Session, cases: Sequence[Case]) -> dict[int, list[says.Telling]]:
    """Case id → who was told of which rung, when and by what means; only what was really sent."""
    told: dict[int, list[says.Telling]] = {case.id or 0: [] for case in cases}
    rows = session.exec(
        select(Rung, Contact, Unit, Message)
        .join(Contact, col(Contact.id) == Rung.told_to)
        .join(Unit, col(Unit.id) == Contact.unit_id)
        .join(
            Message,
            (col(Message.plan_id) == Contact.plan_id)
            & (col(Message.contact_id) == Contact.id)
            & (col(Message.on_date) == Rung.on_date)
            & (col(Message.occasion) == "envelope"),
        )
        .join(
            Line,
            (col(Line.message_id) == Message.id)
            & (col(Line.ref_id) == Rung.case_id)
            & (col(Line.rung) == Rung.rung)
            & col(Line.kind).in_(("reminder", "alert"))
            & col(Line.dropped).is_(False),
        )
        .where(col(Rung.case_id).in_(told), Message.state == "sent")
        .order_by(col(Rung.case_id), col(Rung.rung), col(Rung.on_date))
    )
    for rung, contact, unit, message in rows:
        who = f"{unit.short}{ROLE[contact.role]}（{contact.name}）"
        assert message.sent_on is not None
        told[rung.case_id].append(says.Telling(rung.rung, message.sent_on, who, MEANS["mail"]))
    return told


def _summary(writing: Writing, round_id: int) -> says.Summary:
    session = writing.session
    round_row = session.get_one(Round, round_id)
    rows = session.exec(
        select(Request, Unit)
        .join(Unit, col(Unit.id) == Request.unit_id)
        .where(Request.round_id == round_id)
        .order_by(col(Unit.id))
    ).all()
    entries: dict[int, list[Entry]] = {}
    for entry in session.exec(select(Entry).where(Entry.round_id == round_id)):
        entries.setdefault(entry.unit_id, []).append(entry)
    reached = [(request, unit) for request, unit in rows if request.sent_at or request.state == "answered"]
    return says.Summary(
        round_on=round_row.on_date,
        units=tuple(
            says.UnitInRound(
                unit=unit.short,
                entries=len(entries[request.unit_id]),
                answered=sum(e.state in ANSWERED for e in entries[request.unit_id]),
                on_time=all(e.on_time for e in entries[request.unit_id]),
                note=_blockers(session, round_id, request.unit_id),
            )
            for request, unit in reached
        ),
        unreached=tuple(unit.short for request, unit in rows if (request, unit) not in reached),
    )


def _blockers(session: Session, round_id: int, unit_id: int) -> str:
    rows = session.exec(
        select(Item.code, Report.blocker)
        .join(Item, col(Item.id) == Report.item_id)
        .where(
            Report.round_id == round_id,
            Report.unit_id == unit_id,
            Report.action == "submit",
            Report.blocker != "",
        )
        .order_by(col(Report.id))
    )
    return "；".join(f"{code}：{blocker}" for code, blocker in dict(rows.all()).items())
