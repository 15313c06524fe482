"""Of what was closed out, no figure of an older period is taken (DOMAIN 7, M4.1)."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import chain

from sqlmodel import Session, col, select

from eco_workflow.domain.errors import Refused
from eco_workflow.domain.periods import read_period
from eco_workflow.services.find_entry import Place
from eco_workflow.services.history import figures_in, speakers, standing_reports
from eco_workflow.store.tables import Figure, Report


def check_not_older(session: Session, place: Place, given: Sequence[Figure], on: date) -> None:
    """Raises `Refused` where an indicator is closed, or has fallen since, and one of these figures is of an
    older period than the newest that stands, of the unit or of one from which it took the indicator over: it
    would take the place of the figure by which the indicator was closed out, or by which it fell.

    A figure whose period runs still, or has not begun, decides nothing, and may be put right by any that does
    not go behind the others. `given` is not in the store yet.
    """
    owed = place.obligation
    of = owed.unit_id, owed.item_id
    givers = {place.entry.unit_id, *speakers(session, of[:1], of[1:])[of]}
    if owed.state != "closed" and not _was_closed(session, givers, owed.item_id):
        return
    reports = standing_reports(session, givers, of[1:])
    newest: dict[str, Figure] = {}
    for figure in figures_in(session, chain.from_iterable(reports.values())):
        over = read_period(figure.period)
        known = read_period(newest[figure.code].period) if figure.code in newest else None
        if over is not None and over.last <= on and (known is None or known.last <= over.last):
            newest[figure.code] = figure
    for figure in given:
        last, new = newest.get(figure.code), read_period(figure.period)
        stands = read_period(last.period) if last is not None else None
        if last is not None and stands is not None and new is not None and new.last < stands.last:
            raise Refused(
                f"{figure.code} of {place.unit.short} was closed out, its newest figure is that of "
                f"{stands.text}, {last.value}, and {new.text} is older. Give the figure of a newer period, "
                f"or of {stands.text} to correct it."
            )


def _was_closed(session: Session, units: Collection[int], item_id: int) -> bool:
    closed = select(Report.id).where(
        Report.item_id == item_id,
        col(Report.unit_id).in_(units),
        col(Report.action).in_(("close", "reopen")),
    )
    return session.exec(closed.limit(1)).first() is not None
