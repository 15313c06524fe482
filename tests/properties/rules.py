"""Rules of DOMAIN 3 to 5 that the product's rows must keep, whatever the model says."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.due import ONE_DAY, rested
from eco_workflow.domain.escalation import SUPERVISION, EntryFact, is_late
from eco_workflow.domain.overdue import Owed, is_overdue
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.tellings import tellings
from eco_workflow.store.audit import broken_at
from eco_workflow.store.session import Database
from eco_workflow.store.tables import (
    Attempt,
    Audit,
    Breach,
    Case,
    Contact,
    Entry,
    Extension,
    Hears,
    Hold,
    LadderRung,
    Line,
    Message,
    Notice,
    Obligation,
    Paper,
    Plan,
    Report,
    Request,
    Round,
    RoundSummary,
    Rung,
    Suspension,
    Unit,
)
from eco_workflow.store.tables.post import ENVELOPE
from eco_workflow.store.tables.rounds import OPENED
from tests.properties.model.rows import OWED

TABLES = (
    Round, Request, Entry, Case, Rung, Breach, Message, Line, Attempt, Report, Audit, RoundSummary,
    Paper, Notice, Contact, Obligation, Extension, Suspension, Hold, Unit,
)  # fmt: skip


def everything(database: Database) -> list[list[str]]:
    """Every row that a run or a person writes, to see that nothing changed."""
    with database.read() as session:
        return [sorted(repr(row) for row in session.exec(select(table))) for table in TABLES]


def broken_rules(database: Database, published: WorkingDays, now: datetime) -> Iterator[str]:
    """Every rule that the rows break as they stand at an instant."""
    with database.read() as session:
        plan = session.exec(select(Plan)).one()
        days = calendar_of(session, plan, published, shanghai_date(now))
        if (row := broken_at(session, 1)) is not None:
            yield f"the audit chain is broken at {row}"
        yield from _silence_without_a_row(session)
        yield from _two_mails_a_day(session)
        yield from _told_what_is_not_theirs(session, plan)
        yield from _broken_ladder(session, days)
        yield from _idle_cases(session)


def untold_lateness(database: Database, now: datetime) -> Iterator[str]:
    """After a working day's run: what is late has exactly one open case, or rests over a newer request."""
    with database.read() as session:
        opened = Counter(
            session.exec(
                select(Case.unit_id, Case.clock, Case.item_id).where(col(Case.closed_on).is_(None))
            ).all()
        )
        requests = session.exec(select(Request).where(Request.state == "awaiting")).all()
        resting = {r.unit_id for r in requests if r.asked_on and (r.due_at is None or r.due_at >= now)}
        for r in requests:
            entries = session.exec(
                select(Entry).where(Entry.round_id == r.round_id, Entry.unit_id == r.unit_id)
            )
            late = r.sent_at is not None and any(is_late(EntryFact(e.state, e.due_at), now) for e in entries)
            if late and r.unit_id not in resting and opened[r.unit_id, "report", 0] != 1:
                yield f"unit {r.unit_id} is silent, open cases of it: {opened[r.unit_id, 'report', 0]}"
        pending = set(
            session.exec(
                select(Extension.unit_id, Extension.item_id).where(col(Extension.decided_on).is_(None))
            ).all()
        )
        for o in session.exec(select(Obligation)):
            waits = (o.unit_id, o.item_id) in pending
            owed = Owed(o.role, o.state, o.due_on, o.clock_from, o.settle == "listed", waits)
            cases = opened[o.unit_id, "task", o.item_id]
            if cases != is_overdue(owed, shanghai_date(now)) and o.state != "suspended":
                yield f"item {o.item_id} of unit {o.unit_id}: {cases} open cases of overdue work"


def _silence_without_a_row(session: Session) -> Iterator[str]:
    requests = {(r.round_id, r.unit_id) for r in session.exec(select(Request))}
    if requests != {(e.round_id, e.unit_id) for e in session.exec(select(Entry))}:
        yield "a request without entries, or entries without a request"
    opened = {r.id for r in session.exec(select(Round)) if r.state in OPENED}
    if not {round_id for round_id, _ in requests} <= opened:
        yield "a request of a round that is not open"


def _two_mails_a_day(session: Session) -> Iterator[str]:
    messages = session.exec(select(Message).where(Message.occasion == ENVELOPE)).all()
    if len({(x.contact_id, x.on_date) for x in messages}) < len(messages):
        yield "somebody has two messages on a day"
    accepted: Counter[tuple[int, date]] = Counter()
    for attempt, message in session.exec(
        select(Attempt, Message)
        .join(Message, col(Message.id) == Attempt.message_id)
        .where(Message.occasion == ENVELOPE)
    ):
        accepted[message.contact_id, shanghai_date(attempt.started_at)] += attempt.result == "accepted"
    if any(count > 1 for count in accepted.values()):
        yield "somebody received two mails on a day"


def _told_what_is_not_theirs(session: Session, plan: Plan) -> Iterator[str]:
    """A unit hears of itself; others hear by the plan's table; a debtor gets no copy of its own alert."""
    hearing = {(h.rung, h.kind, h.unit_id, h.role) for h in session.exec(select(Hears))}
    cases = {case.id: case for case in session.exec(select(Case))}
    requests = {(r.round_id, r.unit_id) for r in session.exec(select(Request))}
    notices = {notice.id: notice for notice in session.exec(select(Notice))}
    for line, contact in session.exec(
        select(Line, Contact)
        .join(Message, col(Message.id) == Line.message_id)
        .join(Contact, col(Contact.id) == Message.contact_id)
    ):
        match line.kind:
            case "request":
                theirs = (line.ref_id, contact.unit_id) in requests and contact.role == "liaison"
            case "reminder":
                theirs = cases[line.ref_id].unit_id == contact.unit_id
            case "alert" | "copy":
                by_plan = (line.rung, line.kind, contact.unit_id, contact.role) in hearing
                theirs = by_plan and (line.kind == "alert" or cases[line.ref_id].unit_id != contact.unit_id)
            case "summary":
                theirs = contact.unit_id == plan.office_unit_id
            case "notice":
                notice = notices[line.ref_id]
                theirs = (notice.unit_id, notice.role) == (contact.unit_id, contact.role)
            case _:
                theirs = contact.role == "liaison"
        if not theirs:
            yield f"{contact.address} is told of {line.kind} {line.ref_id}, which is not theirs"


def _broken_ladder(session: Session, days: WorkingDays) -> Iterator[str]:
    """No rung before its day, none skipped, none twice; nobody is reported who was never told."""
    messages = session.exec(select(Message).where(Message.state == "sent")).all()
    principal = {
        (line.message_id, line.ref_id, line.rung)
        for line in session.exec(select(Line))
        if line.principal and not line.dropped and line.kind in ("reminder", "alert")
    }
    graces = {(row.ladder_id, row.rung): row.after for row in session.exec(select(LadderRung))}
    for case in session.exec(select(Case)):
        log = session.exec(select(Rung).where(Rung.case_id == case.id).order_by(col(Rung.on_date))).all()
        where = f"case {case.id} of unit {case.unit_id}"
        for rung in range(1, case.rung + 1):
            told = [t for t in log if t.rung == rung]
            if rung < case.rung and not told:
                yield f"{where}: rung {rung} was skipped"
            if sum(t.released_on is None for t in told) > 1:
                yield f"{where}: rung {rung} was told twice"
            if rung == 1 or not told:
                continue
            first = told[0].on_date
            below = [
                x.sent_on
                for t in log
                if t.rung == rung - 1
                for x in messages
                if (x.contact_id, x.on_date) == (t.told_to, t.on_date) and x.sent_on is not None
                if (x.id, case.id, t.rung) in principal
            ]
            if rung - 1 == SUPERVISION:
                above = session.get(Paper, (case.id, "report_above"))
                below += [above.signed_on] if above is not None and above.signed_on is not None else []
            if not below:
                yield f"{where}: rung {rung} was told, rung {rung - 1} never reached its principal"
                continue
            # A hold that began later on the very day did not undo the morning's run.
            then = replace(days, held=days.held - {first})
            waited = then.waited(min(below), first) - _suspended(session, case, min(below), first, then)
            if waited < graces[case.ladder_id, rung]:
                yield f"{where}: rung {rung} was told on {first}, too early"
        for telling in tellings(session, [case])[case.id or 0]:
            if not any(
                x.sent_on == telling.on and (x.id, case.id, telling.rung) in principal for x in messages
            ):
                yield f"{where}: an alert says rung {telling.rung} was told on {telling.on}; it was not"


def _suspended(session: Session, case: Case, since: date, until: date, days: WorkingDays) -> int:
    """Working days after one day and until another on which the item of a case rested."""
    pauses = session.exec(
        select(Suspension).where(
            Suspension.unit_id == case.unit_id,
            Suspension.item_id == case.item_id,
            Suspension.state == "suspended",
            col(Suspension.confirmed_on).is_not(None),
            or_(col(Suspension.left_on).is_(None), col(Suspension.left_on) >= (case.closed_on or date.max)),
            or_(col(Suspension.came_on).is_(None), col(Suspension.came_on) < (case.closed_on or date.max)),
        )
    )
    return sum(
        rested(max(pause.confirmed_on, since + ONE_DAY), min(pause.ended_on or until, until), days)
        for pause in pauses
        if pause.confirmed_on is not None and pause.confirmed_on < until
        if pause.ended_on is None or pause.ended_on > since
    )


def _idle_cases(session: Session) -> Iterator[str]:
    """A case on the report clock is open only while something is owed."""
    for case in session.exec(select(Case).where(col(Case.closed_on).is_(None), Case.clock == "report")):
        owed = session.exec(
            select(Entry.item_id)
            .join(
                Request,
                (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id),
            )
            .where(Entry.unit_id == case.unit_id, Request.state == "awaiting")
            .where(col(Entry.state).in_(OWED))
        ).first()
        if owed is None:
            yield f"case {case.id} of unit {case.unit_id} is open though everything was answered"
