"""A unit answers, or takes its answer back (DOMAIN 3.4). An answer closes its case in its own transaction."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED, Answer, checked
from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services.find import Place, entry_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Case, Entry, Item, Report, Request, SupervisionFile


@dataclass(frozen=True)
class Recorded:
    """What an act on an entry led to. `rest`: codes the unit still owes in that round."""

    round: date
    unit: str
    item: str
    state: str
    item_state: str
    on_time: bool | None
    rest: tuple[str, ...]


def submit(
    database: Database,
    unit: str,
    item: str,
    answer: Answer,
    *,
    now: datetime,
    actor: str,
    plan: str | None = None,
    round_on: date | None = None,
) -> Recorded:
    """Records a unit's answer to an entry that is awaiting or returned.

    Raises `WrongInput` for a value that is no number, an unknown unit, item or round; `Refused` where the
    entry has been answered already.
    """
    answer = checked(answer)
    with database.write() as session:
        place = entry_named(session, plan, unit, item, round_on, now)
        if place.entry.state not in OWED:
            raise Refused(
                f"{place.name} is {place.entry.state} already. "
                + ("Recall it first: eco report recall." if place.entry.state == "submitted" else "")
            )
        if place.request.sent_at is not None and now < place.request.sent_at:
            raise WrongInput(f"{place.name} was asked later than the instant given. Correct --now.")
        answer = _repeated(session, place) if answer.no_change else answer
        append(session, place, "submit", now=now, actor=actor, answer=answer)
        entry = place.entry
        entry.state = "submitted"
        if entry.on_time is None and place.request.state != "backfill":
            entry.on_time = entry.due_at is None or now <= entry.due_at
        if _is_news(session, place):
            place.obligation.state = answer.status
        session.flush()
        conclude_answers(session, place, now)
        return recorded(session, place)


def recall(
    database: Database,
    unit: str,
    item: str,
    *,
    now: datetime,
    actor: str,
    plan: str | None = None,
    round_on: date | None = None,
) -> Recorded:
    """Takes a submission back until it is reviewed; the case it had closed goes on where it stood."""
    with database.write() as session:
        place = entry_named(session, plan, unit, item, round_on, now)
        if place.entry.state != "submitted":
            raise Refused(f"{place.name} is {place.entry.state}; only a submitted answer can be recalled.")
        append(session, place, "recall", now=now, actor=actor)
        reopen_entry(session, place, "returned" if _was_returned(session, place) else "awaiting")
        if is_silent(session, place.obligation.plan_id, place.entry.unit_id, now):
            _reopen_case(session, place)
        return recorded(session, place)


def _repeated(session: Session, place: Place) -> Answer:
    last = last_report(session, place.entry.unit_id, place.entry.item_id)
    if last is None:
        raise WrongInput(f"{place.name} has no earlier answer to repeat. Give --status.")
    return replace(Answer(last.status, last.value, last.period, last.note, last.blocker), no_change=True)


def append(
    session: Session,
    place: Place,
    action: str,
    *,
    now: datetime,
    actor: str,
    answer: Answer | None = None,
    reason: str = "",
) -> None:
    """Appends to the history of an entry and to the audit chain.

    Raises `WrongInput` for an act dated before the one that it follows: most likely a slip in `--now`.
    """
    plan_id = place.obligation.plan_id
    before = session.exec(
        select(func.max(Report.at)).where(
            Report.round_id == place.entry.round_id,
            Report.unit_id == place.entry.unit_id,
            Report.item_id == place.entry.item_id,
        )
    ).one()
    if before is not None and now < before:
        raise WrongInput(
            f"{place.name}: the last act on it is dated {wall_time(before)}, later than the instant given. "
            "Correct --now."
        )
    said = answer or Answer()
    session.add(
        Report(
            plan_id=plan_id,
            round_id=place.entry.round_id,
            unit_id=place.entry.unit_id,
            item_id=place.entry.item_id,
            action=action,
            status=said.status,
            value=said.value,
            period=said.period,
            note=said.note,
            blocker=said.blocker,
            no_change=said.no_change,
            reason=reason,
            actor=actor,
            at=now,
        )
    )
    detail = {"entry": place.name, **({"status": said.status} if answer else {})}
    audit.record(session, {plan_id: detail}, at=now, actor=actor, action=f"report_{action}")


def last_report(session: Session, unit_id: int, item_id: int) -> Report | None:
    """The unit's last answer on an item that was neither recalled nor returned."""
    reports = session.exec(
        select(Report)
        .where(Report.unit_id == unit_id, Report.item_id == item_id)
        .where(col(Report.action).in_(("submit", "recall", "return")))
        .order_by(col(Report.round_id), col(Report.id))
    )
    standing: list[Report] = []
    for report in reports:
        if report.action == "submit":
            standing.append(report)
        elif standing:
            standing.pop()
    return standing[-1] if standing else None


def reopen_entry(session: Session, place: Place, state: str) -> None:
    """The entry is owed again; the item falls back to what the answer before it said."""
    place.entry.state = state
    if place.entry.due_at is None:  # answered before the request left
        place.entry.due_at = place.request.due_at
    if place.request.state == "answered":
        place.request.state = "awaiting"
        if place.request.sent_at is None:
            _owe_older(session, place)
    session.flush()
    if _is_news(session, place):
        before = last_report(session, place.entry.unit_id, place.entry.item_id)
        place.obligation.state = before.status if before else "not_started"
    session.flush()


def _is_news(session: Session, place: Place) -> bool:
    """Whether an answer says where the item stands now: not once it is closed out, nor out of the past."""
    if place.obligation.state == "closed":
        return False
    newer = session.exec(
        select(Report.id)
        .where(
            Report.unit_id == place.entry.unit_id,
            Report.item_id == place.entry.item_id,
            Report.round_id > place.entry.round_id,
        )
        .limit(1)
    ).first()
    return newer is None


def _was_returned(session: Session, place: Place) -> bool:
    """Whether the office returned an answer to this entry: taken back, it is owed as returned."""
    returned = session.exec(
        select(Report.id)
        .where(
            Report.round_id == place.entry.round_id,
            Report.unit_id == place.entry.unit_id,
            Report.item_id == place.entry.item_id,
            Report.action == "return",
        )
        .limit(1)
    ).first()
    return returned is not None


def _owe_older(session: Session, place: Place) -> None:
    """A request that never reached the unit is owed again; so is the last one that did reach it."""
    older = session.exec(
        select(Request)
        .where(
            Request.plan_id == place.obligation.plan_id,
            Request.unit_id == place.entry.unit_id,
            Request.round_id < place.entry.round_id,
            Request.state == "superseded",
            col(Request.sent_at).is_not(None),
        )
        .order_by(col(Request.round_id).desc())
    ).first()
    if older is not None:
        older.state = "awaiting"


def _owed(session: Session, place: Place) -> list[Entry]:
    return list(
        session.exec(
            select(Entry).where(
                Entry.round_id == place.entry.round_id,
                Entry.unit_id == place.entry.unit_id,
                col(Entry.state).in_(OWED),
            )
        )
    )


def conclude_answers(session: Session, place: Place, now: datetime) -> None:
    """Marks the request answered when nothing is owed, and closes the case that this resolves."""
    if not _owed(session, place) and place.request.state == "awaiting":
        place.request.state = "answered"
        session.flush()
        if place.request.sent_at is None:  # else it was done when the request was sent
            supersede_older(session, place.obligation.plan_id, place.entry.unit_id, place.entry.round_id)
    plan_id, unit_id = place.obligation.plan_id, place.entry.unit_id
    case = open_case(session, plan_id, unit_id)
    if case is not None and not is_silent(session, plan_id, unit_id, now):
        case.closed_on, case.closed_why = shanghai_date(now), f"answered:{place.entry.round_id}"
        file = session.get(SupervisionFile, case.id)
        if file is not None and file.state == "draft":
            file.state = "void"
    session.flush()


def supersede_older(session: Session, plan_id: int, unit_id: int, round_id: int) -> None:
    """From now on only the newest request counts; the older silence stays recorded."""
    session.connection().execute(
        update(Request)
        .where(
            col(Request.plan_id) == plan_id,
            col(Request.unit_id) == unit_id,
            col(Request.state) == "awaiting",
            col(Request.round_id) < round_id,
        )
        .values(state="superseded")
    )


def open_case(session: Session, plan_id: int, unit_id: int) -> Case | None:
    """The unit's open case on the report clock."""
    return session.exec(
        select(Case).where(
            Case.plan_id == plan_id,
            Case.unit_id == unit_id,
            Case.clock == "report",
            col(Case.closed_on).is_(None),
        )
    ).one_or_none()


def _reopen_case(session: Session, place: Place) -> None:
    plan_id, unit_id = place.obligation.plan_id, place.entry.unit_id
    if open_case(session, plan_id, unit_id) is not None:
        return
    closed = session.exec(
        select(Case)
        .where(
            Case.plan_id == plan_id,
            Case.unit_id == unit_id,
            Case.clock == "report",
            Case.closed_why == f"answered:{place.entry.round_id}",
        )
        .order_by(col(Case.id).desc())
    ).first()
    if closed is None:
        return
    closed.closed_on, closed.closed_why = None, ""
    file = session.get(SupervisionFile, closed.id)
    if file is not None:
        file.state = "draft"
    session.flush()


def is_silent(session: Session, plan_id: int, unit_id: int, now: datetime) -> bool:
    """Whether a late unit still owes an answer to the newest request sent to it.

    The twin in SQL is `IS_SILENT` in `store/decide/cases`.
    """
    owed = session.exec(
        select(Entry.item_id)
        .join(
            Request,
            (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id),
        )
        .where(
            Request.plan_id == plan_id,
            Request.unit_id == unit_id,
            Request.state == "awaiting",
            col(Request.sent_at).is_not(None),
            or_(
                col(Entry.state) == "awaiting",
                (col(Entry.state) == "returned") & (col(Entry.due_at) < now),
            ),
        )
        .limit(1)
    ).first()
    return owed is not None


def recorded(session: Session, place: Place) -> Recorded:
    """What stands after an act, for the person who did it."""
    rest = session.exec(
        select(Item.code)
        .where(col(Item.id).in_([entry.item_id for entry in _owed(session, place)]))
        .order_by(col(Item.id))
    )
    return Recorded(
        round=place.round.on_date,
        unit=place.unit.short,
        item=place.item.code,
        state=place.entry.state,
        item_state=place.obligation.state,
        on_time=place.entry.on_time,
        rest=tuple(rest),
    )
