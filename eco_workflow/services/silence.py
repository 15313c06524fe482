"""The report clock in an envelope: a unit's silence, as its reminder or its alert says it (DOMAIN 5)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.answers import ANSWERED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.escalation import earliest_day
from eco_workflow.services.present_rung import ladder_of, who_hears_next
from eco_workflow.services.report_case import counted as not_set_aside
from eco_workflow.services.silent_rounds import counted
from eco_workflow.services.since import silent_since
from eco_workflow.services.writing import Writing, items_owed
from eco_workflow.store.tables import Breach, Case, Entry, Request, Round

_MISSED = (
    select(Breach.case_id, Round, Request)
    .join(Case, col(Case.id) == Breach.case_id)
    .join(Round, col(Round.id) == Breach.round_id)
    .join(Request, (col(Request.round_id) == Round.id) & (col(Request.unit_id) == Case.unit_id))
    .where(col(Breach.case_id).in_(bindparam("cases", expanding=True)))
    .order_by(col(Round.id))
)
_ASKING = (
    select(Request.unit_id, Round)
    .join(Round, col(Round.id) == Request.round_id)
    .where(col(Request.unit_id).in_(bindparam("units", expanding=True)))
    .where(Request.state == "awaiting", col(Request.sent_at).is_not(None))
    .order_by(col(Round.id))
)
_ENTRIES = select(Entry).where(
    col(Entry.round_id).in_(bindparam("rounds", expanding=True)),
    col(Entry.unit_id).in_(bindparam("units", expanding=True)),
)


@dataclass(frozen=True)
class Silence:
    """What is owed now, and since when."""

    since: datetime
    """When the case's clock ran out, whatever was answered after that."""
    round_on: date
    """With `due_at` and `days_late`: of what is owed longest."""
    due_at: datetime
    days_late: int
    rounds: tuple[date, ...]
    in_part: tuple[says.InPart, ...]
    items: tuple[says.Item, ...]


def silences(writing: Writing, cases: Sequence[Case]) -> dict[int, Silence]:
    """Case id → the silence it is about; `cases` are on the report clock and stand."""
    if not cases:
        return {}
    session = writing.session
    missed = _missed(session, cases)
    asking = _asking(session, cases)
    asks: dict[int, Sequence[Round]] = {}
    late_since: dict[int, Sequence[Round]] = {}
    for case in cases:
        passed = [round_row for round_row, _ in missed[case.id or 0]]
        asks[case.unit_id] = asking.get(case.unit_id) or passed[-1:]
        late_since[case.unit_id] = [*passed, *asking.get(case.unit_id, [])]
    items = items_owed(writing, asks, late_since=late_since)
    since = silent_since(session, cases)
    entries = _entries(session, missed)
    found: dict[int, Silence] = {}
    for case in cases:
        first_round, _ = missed[case.id or 0][0]
        began = since[case.id or 0]
        first = first_round.on_date, began, writing.days.waited(shanghai_date(began), writing.today)
        round_on, due_at, days_late = says.owed_longest(items[case.unit_id]) or first
        rounds = counted(missed[case.id or 0])
        found[case.id or 0] = Silence(
            since=began,
            round_on=round_on,
            due_at=due_at,
            days_late=days_late,
            rounds=rounds,
            in_part=tuple(one for one in _in_part(missed[case.id or 0], entries) if one.round_on in rounds),
            items=items[case.unit_id],
        )
    return found


def _missed(session: Session, cases: Sequence[Case]) -> dict[int, list[tuple[Round, Request]]]:
    """Case id → the rounds that its unit let pass, with the unit's requests, oldest first."""
    rows = session.exec(_MISSED, params={"cases": [case.id for case in cases]})
    found: dict[int, list[tuple[Round, Request]]] = {}
    for case_id, round_row, request in rows:
        found.setdefault(case_id, []).append((round_row, request))
    return found


def _entries(
    session: Session, missed: Mapping[int, Sequence[tuple[Round, Request]]]
) -> dict[tuple[int, int], list[Entry]]:
    """Round and unit → what that request asked, of those that were let pass."""
    passed = [request for rows in missed.values() for _, request in rows]
    rounds, units = ({r.round_id for r in passed}, {r.unit_id for r in passed})
    found: dict[tuple[int, int], list[Entry]] = {}
    for entry in session.exec(_ENTRIES, params={"rounds": list(rounds), "units": list(units)}):
        found.setdefault((entry.round_id, entry.unit_id), []).append(entry)
    return found


def _in_part(
    missed: Sequence[tuple[Round, Request]], entries: Mapping[tuple[int, int], Sequence[Entry]]
) -> Iterator[says.InPart]:
    """Of the rounds that a unit let pass those to which it gave some answers, oldest first."""
    for round_row, request in missed:
        asked = not_set_aside(entries.get((request.round_id, request.unit_id), []), request)
        answered = sum(entry.state in ANSWERED for entry in asked)
        returned = sum(entry.state == "returned" for entry in asked)
        if answered or returned:
            yield says.InPart(round_row.on_date, len(asked), answered, returned)


def _asking(session: Session, cases: Sequence[Case]) -> dict[int, list[Round]]:
    """Unit → the rounds whose requests were sent to it and stand, oldest first."""
    rows = session.exec(_ASKING, params={"units": [case.unit_id for case in cases]})
    found: dict[int, list[Round]] = {}
    for unit_id, round_row in rows:
        found.setdefault(unit_id, []).append(round_row)
    return found


def reminder(writing: Writing, case: Case, silence: Silence, rung: int) -> says.Reminder:
    """What the unit itself is told."""
    return says.Reminder(
        rung=rung,
        round_on=silence.round_on,
        due_at=silence.due_at,
        days_late=silence.days_late,
        silent_rounds=silence.rounds,
        in_part=silence.in_part,
        items=silence.items,
        next_step=next_step(writing, case, rung),
    )


def next_step(writing: Writing, case: Case, rung: int) -> says.NextStep | None:
    on = earliest_day(rung, writing.today, ladder_of(writing.session, case), writing.days)
    if on is None:
        return None
    who = who_hears_next(writing.session, case, rung + 1)
    return says.NextStep(rung=rung + 1, on=on, who=who) if who else None


def still_silent(writing: Writing, case: Case, silence: Silence) -> says.StillSilent:
    """A further round that passed, for who heard the alert: one line with the count (DOMAIN 5)."""
    unit = writing.units[case.unit_id]
    return says.StillSilent(
        unit=unit.short,
        since=silence.since,
        silent_rounds=silence.rounds,
        in_part=silence.in_part,
        independent=unit.relation != "subordinate",
        order=writing.orders.get(case.id or 0),
    )


def alert(writing: Writing, case: Case, silence: Silence) -> says.Alert:
    """What the supervision office is told, or others in copy."""
    unit = writing.units[case.unit_id]
    return says.Alert(
        unit=unit.short,
        round_on=silence.round_on,
        due_at=silence.due_at,
        days_late=silence.days_late,
        silent_rounds=silence.rounds,
        in_part=silence.in_part,
        items=silence.items,
        tellings=writing.tellings[case.id or 0],
        independent=unit.relation != "subordinate",
        order=writing.orders.get(case.id or 0),
    )
