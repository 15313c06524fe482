"""Whether a plan's people are told anything by the clock of this machine alone (DOMAIN 3.6).

What a job of the timetable does by itself asks here first: a clock that jumped must leave nothing behind.
"""

from collections.abc import Mapping
from datetime import date

from sqlmodel import select

from eco_workflow.domain.rounds import Span, reason_to_confirm, reason_to_doubt
from eco_workflow.services.calendar import held_days
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Plan

Held = Mapping[int, frozenset[date]]
"""The days of holds, by plan (`calendar.held_days`)."""


def to_confirm(plan: Plan, today: date, held: Held) -> str | None:
    """Why the plan waits for a person to confirm the date; None where nothing stops it."""
    return reason_to_confirm(_span(plan, held), today)


def to_doubt(plan: Plan, today: date, held: Held, *, opened_on: date) -> str | None:
    """Why nobody is told of a phase that a person opened on a day; None where nothing stops it."""
    return reason_to_doubt(_span(plan, held), today, opened_on=opened_on)


def waits_for_a_date(database: Database, today: date) -> bool:
    """Whether any plan waits for a person to confirm the date."""
    with database.read() as session:
        held = held_days(session, today)
        return any(to_confirm(plan, today, held) for plan in session.exec(select(Plan)))


def _span(plan: Plan, held: Held) -> Span:
    days = held.get(plan.id or 0, frozenset())
    return Span(plan.active_from, plan.ends_on, plan.last_run_on, plan.held_since, days)
