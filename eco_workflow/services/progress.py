"""A unit answers, or takes its answer back (DOMAIN 3.4). An answer closes its case in its own transaction."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED, TAKES, Answer, Question, checked, on_behalf_of
from eco_workflow.domain.assigned import is_assigned
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services import history, standing
from eco_workflow.services.calendar import report_clock
from eco_workflow.services.declarations import is_news, linked_to, take_back, tell_of_occurrence
from eco_workflow.services.due_times import stand_by_what_was_heard
from eco_workflow.services.entry_acts import (
    SHARE_ADDED,
    append,
    fall_back,
    is_said_now,
    last_act,
    reopen_entry,
    was_returned,
)
from eco_workflow.services.find import question_of
from eco_workflow.services.find_entry import Place, entry_named, set_aside
from eco_workflow.services.history import last_report, unconfirmed
from eco_workflow.services.older_figure import check_may_correct
from eco_workflow.services.overdue import conclude_item, reopen_item_case
from eco_workflow.services.report_case import conclude_answers, is_silent, reopen_case, still_owed
from eco_workflow.services.unasked import declared_beside, may_declare_again, place_of_first_figure, volunteer
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Entry, Item, Report, Request, Round


@dataclass(frozen=True)
class OwedElsewhere:
    """The same item, owed by the same unit in another round that stands: `awaiting` or `returned` there."""

    round: date
    state: str


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
    unit_confirms: bool
    """Whether that waits to be confirmed: of a merged unit nobody is left who could."""
    rest: tuple[str, ...]
    elsewhere: tuple[OwedElsewhere, ...]
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
        check_may_correct(answer, by)
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
    if not was_closed and is_said_now(session, place):
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
        if was_returned(session, place):
            reopen_entry(session, place, "returned")
        elif declared_beside(session, place):
            if place.item.kind != "veto":  # declared, it stands in progress whatever is said
                fall_back(session, place)
                reopen_item_case(session, place.obligation, now, _claimed_in(place))
            return recorded(session, place)
        else:
            reopen_entry(session, place, "awaiting")
            place.entry.on_time = None  # what was recalled was never said: the mark is the next answer's
        stand_by_what_was_heard(session, place.request, place.entry)
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
    if last_act(session, place, (SHARE_ADDED,)) > (last.id or 0):
        raise Refused(
            f"Since its last answer {place.unit.short} took over a share of {place.item.code} that is open: "
            f"no change would speak of its own part alone. Say how the whole stands: {TAKES[question]}."
        )
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


def recorded(session: Session, place: Place) -> Recorded:
    """What stands after an act, for the person who did it."""
    rest = session.exec(
        select(Item.code)
        .where(col(Item.id).in_([entry.item_id for entry in still_owed(session, place)]))
        .order_by(col(Item.id))
    )
    elsewhere = session.exec(
        select(col(Round.on_date), col(Entry.state))
        .join(Entry, col(Entry.round_id) == Round.id)
        .join(Request, (col(Request.round_id) == Round.id) & (col(Request.unit_id) == Entry.unit_id))
        .where(Entry.unit_id == place.unit.id, Entry.item_id == place.item.id, Round.id != place.round.id)
        .where(Request.state == "awaiting", col(Entry.state).in_(OWED))
        .order_by(col(Round.id))
    )
    told = unconfirmed(session, place)
    return Recorded(
        round=place.round.on_date,
        unit=place.unit.short,
        item=place.item.code,
        # What was said unasked and is taken back leaves no entry that could stand anywhere.
        state=place.entry.state if place.entry in session else "recalled",
        item_state=place.obligation.state,
        on_time=place.entry.on_time,
        on_behalf=told.on_behalf if told else "",
        unit_confirms=told is not None and place.unit.successor_id is None,
        rest=tuple(rest),
        elsewhere=tuple(OwedElsewhere(on, state) for on, state in elsewhere),
    )
