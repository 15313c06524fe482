"""The rounds that a unit let pass, as a case records them and a reader counts them (DOMAIN 5)."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.rounds import Asked, counted_once
from eco_workflow.store.tables import Breach, Case, Request, Round


def silent_rounds(session: Session, case: Case) -> tuple[date, ...]:
    """The printed dates of the rounds that the case counts, oldest first; empty but on the report clock.

    Every round that was let pass stays recorded as a breach of its own; `counted_once` says what counts.
    """
    rows = session.exec(
        select(Round, Request)
        .join(Breach, col(Breach.round_id) == Round.id)
        .join(Request, (col(Request.round_id) == Round.id) & (col(Request.unit_id) == case.unit_id))
        .where(Breach.case_id == case.id)
    )
    return counted(rows)


def counted(missed: Iterable[tuple[Round, Request]]) -> tuple[date, ...]:
    """The printed dates that count of rounds that were let pass."""
    return counted_once(
        Asked(row.on_date, shanghai_date(request.sent_at), row.kind == "adhoc")
        for row, request in missed
        if request.sent_at is not None
    )
