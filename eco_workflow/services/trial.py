"""A plan on trial: every message goes to one test mailbox, marked 试运行 (DOMAIN 3.8).

Everything else runs in earnest, so that a trial shows what would happen. When it ends, nobody has been told
or asked anything by it: nobody is reported who was never told (DOMAIN 5). What was asked and told in earnest
before it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from eco_workflow.domain.address import why_unusable
from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.find import plan_named
from eco_workflow.services.really_asked import TRIAL_ENDED, close_unheard, stand_again
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import (
    Attempt,
    Case,
    Contact,
    Entry,
    Line,
    Message,
    Paper,
    Plan,
    Request,
    Round,
    RoundSummary,
    Rung,
    Unit,
)

MARKING = "试运行"


@dataclass(frozen=True)
class Trial:
    """Where a plan's messages go. `mailbox` is empty in earnest.

    `undone`: how many messages of the trial count for nothing now that it has ended.
    """

    plan: str
    mailbox: str
    undone: int = 0


def marking_of(plan: Plan) -> str:
    """What everything written for the plan is marked with; empty in earnest."""
    return "·".join(filter(None, (plan.marking, MARKING if plan.trial_mailbox else "")))


def checked_mailbox(address: str) -> str:
    """The address of a test mailbox. Raises `WrongInput` where it is none."""
    if unusable := why_unusable(address):
        raise WrongInput(unusable)
    return address


def start(database: Database, mailbox: str, *, now: datetime, by: Actor, plan: str | None = None) -> Trial:
    """From now on every message of the plan goes to this mailbox, those that wait already included.

    Raises `WrongInput` for an address that is none, `Refused` where this person may not.
    """
    checked_mailbox(mailbox)
    with database.write() as session:
        row = plan_named(session, plan)
        by.must(Action.MANAGE_PLAN, doing="putting a plan on trial")
        assert row.id is not None
        row.trial_mailbox, row.trial_since = mailbox, now
        session.flush()
        audit.record(session, {row.id: {"mailbox": mailbox}}, at=now, actor=by.name, action="trial")
        return Trial(row.code, mailbox)


def end(database: Database, *, now: datetime, by: Actor, plan: str | None = None) -> Trial:
    """From now on messages go to the people themselves; the next run asks and tells them anew.

    Messages that only the test mailbox got are withdrawn: their requests were never sent, so that what these
    superseded stands again. A case of which nobody was told in earnest closes; what is late begins at rung 1.
    Any other goes back to the first rung that was told in the trial, and is told it anew. Answers given
    meanwhile stay.

    Raises `Refused` where the plan is not on trial or this person may not, `WrongInput` for an instant before
    the trial.
    """
    with database.write() as session:
        row = plan_named(session, plan)
        by.must(Action.MANAGE_PLAN, doing="ending a trial")
        if not row.trial_mailbox:
            raise Refused(f"The plan {row.code} is not on trial.")
        if row.trial_since is not None and now < row.trial_since:
            raise WrongInput(
                f"The plan {row.code} is on trial since {wall_time(row.trial_since)}, "
                "later than the instant given. Correct --now."
            )
        assert row.id is not None
        rehearsed = _rehearsed(session, row.id)
        _take_back(session, row.id, rehearsed, shanghai_date(now))
        row.trial_mailbox, row.trial_since = "", None
        session.flush()
        detail = {"mailbox": "", "undone": len(rehearsed)}
        audit.record(session, {row.id: detail}, at=now, actor=by.name, action="trial_end")
        return Trial(row.code, "", len(rehearsed))


def _rehearsed(session: Session, plan_id: int) -> Sequence[int | None]:
    """Messages that were handed over, but to another address than that of the person they were for."""
    older = aliased(Attempt)
    last = select(func.max(older.n)).where(older.message_id == Message.id).scalar_subquery()
    return session.exec(
        select(Message.id)
        .join(Attempt, (col(Attempt.message_id) == Message.id) & (col(Attempt.n) == last))
        .join(Contact, col(Contact.id) == Message.contact_id)
        .where(
            Message.plan_id == plan_id,
            col(Message.state).in_(("sent", "unknown")),
            col(Attempt.channel_id).is_(None),
            Attempt.deputy == "",
            col(Attempt.address) != col(Contact.address),
        )
        .order_by(col(Message.id))
    ).all()


def _take_back(session: Session, plan_id: int, rehearsed: Sequence[int | None], today: date) -> None:
    """The next run finds these messages withdrawn and lets what they carried ride again."""
    connection = session.connection()
    connection.execute(
        update(Message)
        .where(col(Message.id).in_(rehearsed))
        .values(state="withdrawn", sent_on=None, sent_at=None)
    )
    asked = session.exec(
        select(Request)
        .join(Contact, col(Contact.unit_id) == Request.unit_id)
        .join(Message, col(Message.contact_id) == Contact.id)
        .join(Line, (col(Line.message_id) == Message.id) & (col(Line.ref_id) == Request.round_id))
        .where(Line.kind == "request", col(Line.dropped).is_(False), col(Message.id).in_(rehearsed))
    )
    taken_back = asked.unique().all()
    for request in taken_back:
        request.sent_at = request.due_at = None
        if request.state == "awaiting":
            request.asked_on = None
        connection.execute(
            update(Entry)
            .where(col(Entry.round_id) == request.round_id, col(Entry.unit_id) == request.unit_id)
            .where(col(Entry.state) == "awaiting")
            .values(due_at=None)
        )
    session.flush()
    never_silent: set[int] = set()
    for unit_id in sorted({request.unit_id for request in taken_back}):
        never_silent |= stand_again(session, session.get_one(Unit, unit_id), today, why=TRIAL_ENDED)
    for round_id in sorted({request.round_id for request in taken_back}):
        _summarise_anew(session, round_id, today)
    cases = session.exec(
        select(Case)
        .join(Line, col(Line.ref_id) == Case.id)
        .where(Case.plan_id == plan_id, col(Case.closed_on).is_(None), col(Line.message_id).in_(rehearsed))
        .where(col(Line.kind).in_(("reminder", "alert", "copy")))
    )
    for case in cases.unique().all():
        _untell(session, case, rehearsed, today)
    session.flush()
    # What was lost rides again to whoever was not the principal; not the count of a round that was none.
    connection.execute(
        update(Line)
        .where(col(Line.message_id).in_(rehearsed), col(Line.ref_id).in_(never_silent))
        .where(col(Line.kind).in_(("reminder", "alert", "copy")))
        .values(dropped=True)
    )


def _untell(session: Session, case: Case, rehearsed: Sequence[int | None], today: date) -> None:
    """What was told of the case in the trial was not told; its rungs that were told in earnest stand."""
    rows = session.exec(
        select(Rung, Message)
        .join(Message, (col(Message.contact_id) == Rung.told_to) & (col(Message.on_date) == Rung.on_date))
        .join(Line, (col(Line.message_id) == Message.id) & (col(Line.rung) == Rung.rung))
        .where(Rung.case_id == case.id, Line.ref_id == case.id, col(Line.dropped).is_(False))
        .where(col(Line.kind).in_(("reminder", "alert")))
    ).all()
    if not any(message.state in ("sent", "unknown") for _, message in rows):
        close_unheard(session, case, today, why=TRIAL_ENDED)
        return
    rungs = [row.rung for row, message in rows if message.id in rehearsed and row.released_on is None]
    if not rungs:
        return
    case.rung, case.told_on, case.told_to = min(rungs), None, None
    log = select(Rung).where(Rung.case_id == case.id, Rung.rung >= case.rung, col(Rung.released_on).is_(None))
    for row in session.exec(log):
        row.released_on = today
    for paper in session.exec(select(Paper).where(Paper.case_id == case.id, Paper.rung >= case.rung)):
        paper.state = "void" if paper.state == "draft" else paper.state


def _summarise_anew(session: Session, round_id: int, today: date) -> None:
    """The round opens in earnest only now: its draft summary is void."""
    summary = session.get(RoundSummary, round_id)
    if summary is not None and summary.released_on is not None:
        return
    session.get_one(Round, round_id).opened_on = today
    if summary is None:
        return
    session.delete(summary)
    lines = update(Line).values(dropped=True)
    session.connection().execute(lines.where(col(Line.kind) == "summary", col(Line.ref_id) == round_id))
