"""Of what was closed out, no figure of an older period is taken unasked (DOMAIN 7, M4.1)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.periods import Period, read_period
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.find_entry import Place
from eco_workflow.services.history import figures_in, speakers, standing_reports
from eco_workflow.store.tables import Obligation, Report


def check_may_correct(answer: Answer, by: Actor) -> None:
    """That a period was a slip is the office's word, with a note why. Raises `Refused`, `WrongInput`."""
    if answer.corrects_period:
        by.must(Action.RECORD_ON_BEHALF, doing="to say that a period was a slip")
        if not answer.note.strip():
            raise WrongInput("--corrects-period needs --note: why the period that stands was a slip.")


def check_not_older(session: Session, place: Place, said: Report, on: date, *, corrects: bool) -> None:
    """Raises `Refused` where an indicator is closed, or has fallen since, and a figure of this answer is of
    an older period than the one that it would take the place of: the last that was given, by the unit or by
    one from which it took the indicator over. That one closed the indicator, or felled it.

    A figure whose period runs still, or has not begun, decides nothing, and may be put right by any that does
    not go behind the one before. What is recorded for an earlier round takes the place of nothing.
    """
    older = _older(session, place, said, on)
    if corrects and older is None:
        raise WrongInput(
            "--corrects-period puts an older figure in the place of the last one of what was closed; "
            f"{place.item.code} takes this answer without it."
        )
    if older is not None and not corrects:
        code, new, stands = older
        raise Refused(
            f"{code} was closed out, and the last figure of {place.unit.short} is that of "
            f"{stands.period.text}, {stands.value}: {new.text} is older. Give the figure of a newer period, "
            f"or of {stands.period.text} to correct it; where that period was a slip, the office records "
            f"this one with --corrects-period and --note. See: eco indicator show {place.item.code}"
        )


@dataclass(frozen=True)
class _Over:
    """A figure whose period is over, and the report that gave it."""

    report: Report
    value: str
    period: Period


def _older(session: Session, place: Place, said: Report, on: date) -> tuple[str, Period, _Over] | None:
    """The first part of which this answer goes behind the last, with both periods."""
    given = figures_in(session, [said])
    if not given or not _was_closed(session, place.obligation):
        return None
    last = _last_over(session, place, said, on)
    for figure in given:
        stands, new = last.get(figure.code), read_period(figure.period)
        if stands is not None and new is not None and new.last < stands.period.last:
            return figure.code, new, stands
    return None


def _last_over(session: Session, place: Place, said: Report, on: date) -> dict[str, _Over]:
    """By part the last such figure that this answer would take the place of."""
    of = place.obligation.unit_id, place.obligation.item_id
    givers = {place.entry.unit_id, *speakers(session, of[:1], of[1:])[of]}
    found: dict[str, _Over] = {}
    for reports in standing_reports(session, givers, of[1:]).values():
        before = {one.id or 0: one for one in reports if one is not said and not _is_later(one, said)}
        own: dict[str, _Over] = {}
        rank = {id_: n for n, id_ in enumerate(before)}
        for figure in sorted(figures_in(session, before.values()), key=lambda one: rank[one.report_id]):
            period = read_period(figure.period)
            if period is not None and period.last <= on:
                own[figure.code] = _Over(before[figure.report_id], figure.value, period)
        for code, one in own.items():
            known = found.get(code)
            if known is None or (known.report.id or 0) < (one.report.id or 0):
                found[code] = one
    return found


def _is_later(report: Report, said: Report) -> bool:
    """Whether an answer is to a later round of the same unit: then this one takes its place no more."""
    return report.unit_id == said.unit_id and report.round_id > said.round_id


def _was_closed(session: Session, owed: Obligation) -> bool:
    """Whether the indicator is closed, or was for some unit before it fell."""
    closed = select(Report.id).where(
        Report.item_id == owed.item_id, col(Report.action).in_(("close", "reopen"))
    )
    return owed.state == "closed" or session.exec(closed.limit(1)).first() is not None
