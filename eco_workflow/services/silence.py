"""The report clock in an envelope: a unit's silence, as its reminder or its alert says it (DOMAIN 5)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.answers import OWED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.escalation import earliest_day
from eco_workflow.services.present_rung import ladder_of, order_of, who_hears_next
from eco_workflow.services.silent_rounds import silent_rounds
from eco_workflow.services.tellings import of_debtor, tellings
from eco_workflow.services.writing import Writing, items_owed
from eco_workflow.store.tables import Breach, Case, Entry, Request, Round, Unit


@dataclass(frozen=True)
class Silence:
    """A case's first missed due time and what is owed now."""

    round_on: date
    due_at: datetime
    days_late: int
    rounds: tuple[date, ...]
    items: tuple[says.Item, ...]


def _silence(writing: Writing, case: Case) -> Silence:
    session = writing.session
    missed = _missed(session, case)
    first_round, first_request = missed[0]
    asking = session.exec(
        select(Round)
        .join(Request, col(Request.round_id) == Round.id)
        .where(
            Request.unit_id == case.unit_id, Request.state == "awaiting", col(Request.sent_at).is_not(None)
        )
        .order_by(col(Round.id))
    ).all()
    since = _first_due(session, first_request, case)
    return Silence(
        round_on=first_round.on_date,
        due_at=since,
        days_late=writing.days.waited(shanghai_date(since), writing.today),
        rounds=silent_rounds(session, case),
        items=items_owed(
            writing,
            asking or [missed[-1][0]],
            case.unit_id,
            late_since=[*(round_row for round_row, _ in missed), *asking],
        ),
    )


def _missed(session: Session, case: Case) -> list[tuple[Round, Request]]:
    """The rounds that the unit let pass, with its requests, oldest first."""
    rows = session.exec(
        select(Round, Request)
        .join(Breach, col(Breach.round_id) == Round.id)
        .join(Request, (col(Request.round_id) == Round.id) & (col(Request.unit_id) == case.unit_id))
        .where(Breach.case_id == case.id)
        .order_by(col(Round.id))
    )
    return list(rows)


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


def reminder(writing: Writing, case: Case, rung: int) -> says.Reminder:
    silence = _silence(writing, case)
    return says.Reminder(
        rung=rung,
        round_on=silence.round_on,
        due_at=silence.due_at,
        days_late=silence.days_late,
        silent_rounds=silence.rounds,
        items=silence.items,
        next_step=next_step(writing, case, rung),
    )


def next_step(writing: Writing, case: Case, rung: int) -> says.NextStep | None:
    on = earliest_day(rung, writing.today, ladder_of(writing.session, case), writing.days)
    if on is None:
        return None
    return says.NextStep(rung=rung + 1, on=on, who=who_hears_next(writing.session, case, rung + 1))


def still_silent(writing: Writing, case: Case) -> says.StillSilent:
    """A further round that passed, for who heard the alert: one line with the count (DOMAIN 5)."""
    session = writing.session
    unit = session.get_one(Unit, case.unit_id)
    _, first_request = _missed(session, case)[0]
    return says.StillSilent(
        unit=unit.short,
        since=_first_due(session, first_request, case),
        silent_rounds=silent_rounds(session, case),
        independent=unit.relation != "subordinate",
        order=order_of(session, case),
    )


def alert(writing: Writing, case: Case) -> says.Alert:
    silence = _silence(writing, case)
    unit = writing.session.get_one(Unit, case.unit_id)
    return says.Alert(
        unit=unit.short,
        round_on=silence.round_on,
        due_at=silence.due_at,
        days_late=silence.days_late,
        silent_rounds=silence.rounds,
        items=silence.items,
        tellings=tuple(of_debtor(tellings(writing.session, [case])[case.id or 0])),
        independent=unit.relation != "subordinate",
        order=order_of(writing.session, case),
    )
