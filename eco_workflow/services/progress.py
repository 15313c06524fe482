"""A unit answers, or takes its answer back (DOMAIN 3.4). An answer closes its case in its own transaction."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED, TAKES, Answer, Question, checked, figures_in, on_behalf_of
from eco_workflow.domain.assigned import is_assigned
from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.overdue import SET_ASIDE
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services import history, standing
from eco_workflow.services.ask_to_confirm import ask_to_confirm
from eco_workflow.services.calendar import report_clock
from eco_workflow.services.declarations import is_news, linked_to, take_back, tell_of_occurrence
from eco_workflow.services.find import Place, entry_named, question_of, set_aside, target_for
from eco_workflow.services.history import last_report, unconfirmed
from eco_workflow.services.overdue import conclude_item, reopen_item_case
from eco_workflow.services.report_case import conclude_answers, is_silent, reopen_case, still_owed
from eco_workflow.services.unasked import declared_beside, may_declare_again, place_of_first_figure, volunteer
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Figure, Item, Report, Request, Round

SHARE_ADDED = "share_added"
"""An open share of the item came from another unit: what was claimed before does not cover it."""

SAYS_NOTHING_NEW = ("accept", "confirm")
"""Acts on an answer that change no figure and no declaration, so that no verdict can change by them."""


@dataclass(frozen=True)
class Recorded:
    """What an act on an entry led to. `state`: of the entry, `recalled` where it is gone with an answer that
    nobody had asked for. `rest`: codes the unit still owes in that round.
    """

    round: date
    unit: str
    item: str
    state: str
    item_state: str
    on_time: bool | None
    on_behalf: str
    """The means by which the unit told the office (代填), until the unit confirms; else empty."""
    rest: tuple[str, ...]
    told_at_once: bool = False
    """A veto item was declared as occurred: a message to the office waits to be handed over at once."""
    not_judged: tuple[str, ...] = ()
    """Figures of the answer that cannot be judged yet, or never, and why."""


def submit(
    database: Database,
    unit: str,
    item: str,
    answer: Answer,
    *,
    now: datetime,
    by: Actor,
    means: str = "",
    plan: str | None = None,
    round_on: date | None = None,
) -> Recorded:
    """Records a unit's answer to an entry that is awaiting or returned; that a veto item occurred, and what
    it says of an assigned task or a rectification, on any day, asked or not.

    A unit's own people answer for it. An operator records on its behalf (代填) what it said by telephone
    or wrote on paper: `means` says which, `phone` by default; the unit confirms later.

    Raises `WrongInput` for a value that is no number, an unknown unit, item, round or means; `Refused`
    where the entry has been answered already, or where this person may not.
    """
    with database.write() as session:
        place = _entry_for(session, plan, unit, item, round_on, now, answer)
        question = question_of(session, place.item, place.plan.version)
        answer = checked(answer, place.item.code, question)
        on_behalf = on_behalf_of(place.unit.code, by, Action.ANSWER, means, called=place.unit.short)
        if place.entry.state not in OWED and not may_declare_again(session, place, answer):
            then = (
                f"Recall it first: eco report recall {place.unit.short} {place.item.code}"
                if place.entry.state == "submitted"
                else "What is new since then is answered in the next round that asks about it."
            )
            already = "" if set_aside(place.entry, place.request) else " already"
            raise Refused(f"{place.name} is {stands(session, place)}{already}. {then}")
        answer = _repeated(session, place, question) if answer.no_change else answer
        said, told = take(session, place, answer, now=now, actor=by.name, on_behalf=on_behalf)
        unripe = standing.not_judged(session, place.plan, place.item, said, shanghai_date(now))
        return replace(recorded(session, place), told_at_once=told, not_judged=unripe)


def take(
    session: Session, place: Place, answer: Answer, *, now: datetime, actor: str, on_behalf: str
) -> tuple[Report, bool]:
    """Writes a checked answer to an entry that takes one, in the transaction of who records it, with all that
    follows; and whether a message about it is to be handed over at once.

    Raises `WrongInput` for an answer dated before its question.
    """
    if place.request.sent_at is not None and now < place.request.sent_at:
        raise WrongInput(f"{place.name} was asked later than the instant given. Correct --now.")
    news = is_news(session, place, answer)
    was_closed = place.obligation.state == "closed"
    said = append(session, place, "submit", now=now, actor=actor, answer=answer, on_behalf=on_behalf)
    told = False
    if news:
        told = tell_of_occurrence(session, place, said, now)
        standing.refresh(session, place.plan, linked_to(session, place.plan, place.item), now, actor=actor)
    entry = place.entry
    entry.state = "submitted"
    if entry.on_time is None and place.request.state != "backfill" and entry.volunteered_on is None:
        clock = report_clock(session, place.obligation.plan_id, now)
        entry.on_time = entry.due_at is None or clock <= entry.due_at
    # What is recorded afterwards (补录) starts no clock: it does not make the office late either.
    entry.submitted_on = None if place.request.state == "backfill" else shanghai_date(now)
    # A figure by which what was closed falls claims nothing: the item is open again as of now.
    if not was_closed and _is_news(session, place):
        # A declaration is made anew at every turn of its rhythm: it is never claimed to be done with.
        declared = place.item.kind == "veto" and answer.status == "completed"
        place.obligation.state = "in_progress" if declared else answer.status
        conclude_item(session, place.obligation, now, _claimed_in(place))
    session.flush()
    conclude_answers(session, place, now)
    return said, told


def recall(
    database: Database,
    unit: str,
    item: str,
    *,
    now: datetime,
    by: Actor,
    plan: str | None = None,
    round_on: date | None = None,
) -> Recorded:
    """Takes a submission back until it is reviewed; the case it had closed goes on where it stood.

    The unit recalls; an operator only what was recorded on its behalf and the unit has not confirmed, and
    never a declared veto item.
    """
    with database.write() as session:
        place = entry_named(session, plan, unit, item, round_on, now)
        if not by.may(Action.RECORD_ON_BEHALF):
            by.must(Action.RECALL, unit=place.unit.code, called=place.unit.short)
        if place.entry.state != "submitted":
            raise Refused(
                f"{place.name} is {stands(session, place)}; only a submitted answer can be recalled."
            )
        if unconfirmed(session, place) is None:
            by.must(Action.RECALL, unit=place.unit.code, called=place.unit.short)
        if place.moved and place.unit.successor_id is None:
            raise Refused(
                f"{place.name} was handed over to another unit; nothing is owed on it here any more."
            )
        take_back(session, place, now, by)
        append(session, place, "recall", now=now, actor=by.name)
        if _was_returned(session, place):
            reopen_entry(session, place, "returned")
        elif declared_beside(session, place):
            if place.item.kind != "veto":  # declared, it stands in progress whatever is said
                _fall_back(session, place)
                reopen_item_case(session, place.obligation, now, _claimed_in(place))
            return recorded(session, place)
        else:
            reopen_entry(session, place, "awaiting")
            place.entry.on_time = None  # what was recalled was never said: the mark is the next answer's
        reopen_item_case(session, place.obligation, now, _claimed_in(place))
        if is_silent(session, place.obligation.plan_id, place.entry.unit_id, now):
            reopen_case(session, place)
        return recorded(session, place)


def _entry_for(
    session: Session,
    plan: str | None,
    unit: str,
    item: str,
    round_on: date | None,
    now: datetime,
    answer: Answer,
) -> Place:
    """The entry that an answer is to. Where no round asks for it, one is made for an occurrence, for what was
    assigned besides the plan, and for the first figure of what was settled as done.
    """
    try:
        return entry_named(session, plan, unit, item, round_on, now)
    except WrongInput:
        if round_on is not None:
            raise
        if answer.occurred or is_assigned(item.upper()):
            return volunteer(session, plan, unit, item, answer, now)
        if (place := place_of_first_figure(session, plan, unit, item, now)) is None:
            raise
        return place


def stands(session: Session, place: Place) -> str:
    """Where an entry stands, in words; what was set aside unanswered says why."""
    if not set_aside(place.entry, place.request):
        return place.entry.state
    key = place.entry.round_id, place.entry.unit_id, place.entry.item_id
    why = history.why_set_aside(session, [place.entry])[key]
    return f"set aside ({why})"


def _claimed_in(place: Place) -> str:
    """Why an item's case closed: the claim made in that round, until it is taken back."""
    return f"claimed:{place.entry.round_id}"


def _repeated(session: Session, place: Place, question: Question) -> Answer:
    last = last_report(session, place.entry.unit_id, place.entry.item_id)
    if last is None:
        raise WrongInput(f"{place.name} has no earlier answer to repeat. Give {TAKES[question]}.")
    figures = history.figures_in(session, [last])
    return Answer(
        last.status,
        value=" ".join(f"{figure.code}={figure.value}" for figure in figures),
        period=" ".join(f"{figure.code}={figure.period}" for figure in figures if figure.period),
        note=last.note,
        blocker=last.blocker,
        no_change=True,
        occurred=last.occurred,
        progress=last.progress,
    )


def append(
    session: Session,
    place: Place,
    action: str,
    *,
    now: datetime,
    actor: str,
    answer: Answer | None = None,
    reason: str = "",
    on_behalf: str = "",
) -> Report:
    """Appends to the history of an entry and to the audit chain, and judges anew what hangs on it.

    Raises `WrongInput` for figures that the item does not ask for, and for an act dated before the one that
    it follows: most likely a slip in `--now`.
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
    report = Report(
        plan_id=plan_id,
        round_id=place.entry.round_id,
        unit_id=place.entry.unit_id,
        item_id=place.entry.item_id,
        action=action,
        status=said.status,
        note=said.note,
        blocker=said.blocker,
        no_change=said.no_change,
        occurred=said.occurred,
        progress=said.progress,
        reason=reason,
        on_behalf=on_behalf,
        actor=actor,
        at=now,
    )
    session.add(report)
    session.flush()
    assert report.id is not None
    indicator = standing.indicator_of(session, place.plan, place.item)
    owed = place.obligation
    target = target_for(session, indicator, owed) if indicator else None
    if target:
        target = standing.as_tasked(session, plan_id, target)
    session.add_all(
        Figure(
            report_id=report.id,
            code=figure.code,
            kind=figure.kind,
            value=figure.value,
            period=figure.period,
        )
        for figure in figures_in(said, place.item.code, target)
    )
    if on_behalf:
        session.flush()
        ask_to_confirm(session, place, report, now)
    if action not in SAYS_NOTHING_NEW:
        judged = [place.item, *linked_to(session, place.plan, place.item)]
        standing.refresh(session, place.plan, judged, now, actor=actor)
    detail = {
        "entry": place.name,
        **({"status": said.status} if answer else {}),
        **({"occurred": said.occurred} if said.occurred is not None else {}),
        **({"on_behalf": on_behalf} if on_behalf else {}),
    }
    audit.record(session, {plan_id: detail}, at=now, actor=actor, action=f"report_{action}")
    return report


def reopen_entry(session: Session, place: Place, state: str) -> None:
    """The entry is owed again; the item falls back to what the answer before it said, be it that of a unit
    that was merged into this one.

    Raises `Refused` for an item that was set aside: nothing is owed on it.
    """
    if place.obligation.state in SET_ASIDE:
        raise Refused(
            f"{place.unit.short} owes nothing on {place.item.code}: it is {place.obligation.state}. "
            f"Its history: eco item show {place.item.code}"
        )
    place.entry.state, place.entry.submitted_on = state, None
    # It may have been answered before the request left, or to a mail that was lost and sent again.
    if state == "awaiting" or place.entry.due_at is None:
        place.entry.due_at = place.request.due_at
    if place.request.state == "answered":
        place.request.state = "awaiting"
        if place.request.sent_at is None:
            _owe_older(session, place)
    _fall_back(session, place)


def _fall_back(session: Session, place: Place) -> None:
    """The item stands again as the answer before said."""
    session.flush()
    if _is_news(session, place):
        before = last_report(session, place.entry.unit_id, place.entry.item_id)
        # What was claimed before it fell, or before an open share was added, is no claim of what is open now.
        opened = session.exec(
            select(func.max(Report.id)).where(
                Report.unit_id == place.entry.unit_id,
                Report.item_id == place.entry.item_id,
                col(Report.action).in_((SHARE_ADDED, "reopen")),
            )
        ).one()
        own = before.status if before and (before.id or 0) > (opened or 0) else None
        at_first = "in_progress" if opened else "not_started"
        place.obligation.state = own or place.obligation.taken_over_as or at_first
    session.flush()


def _is_news(session: Session, place: Place) -> bool:
    """Whether an answer says where the item stands now: not once it is closed out or set aside, nor out of
    the past, nor that of a unit whose successor owes the item.
    """
    if place.moved or place.obligation.state == "closed" or place.obligation.state in SET_ASIDE:
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
        session.get_one(Round, older.round_id).state = "open"


def recorded(session: Session, place: Place) -> Recorded:
    """What stands after an act, for the person who did it."""
    rest = session.exec(
        select(Item.code)
        .where(col(Item.id).in_([entry.item_id for entry in still_owed(session, place)]))
        .order_by(col(Item.id))
    )
    return Recorded(
        round=place.round.on_date,
        unit=place.unit.short,
        item=place.item.code,
        # What was said unasked and is taken back leaves no entry that could stand anywhere.
        state=place.entry.state if place.entry in session else "recalled",
        item_state=place.obligation.state,
        on_time=place.entry.on_time,
        on_behalf=told.on_behalf if (told := unconfirmed(session, place)) else "",
        rest=tuple(rest),
    )
