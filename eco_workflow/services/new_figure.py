"""A newer figure of an indicator that is closed out: no round asks for it (DOMAIN 7, M4.1)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from eco_workflow.domain.answers import OWED, Answer, checked, on_behalf_of
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.overdue import SET_ASIDE
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.find import Duty, Place, duty_named
from eco_workflow.services.overdue import conclude_item
from eco_workflow.services.progress import append
from eco_workflow.services.report_case import conclude_answers, set_aside
from eco_workflow.services.unasked import is_fresh, place_of_figure, takes_figure
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Standing


@dataclass(frozen=True)
class Given:
    """The verdict with the new figure. An indicator that has fallen by it is `in_progress` again; one that a
    further figure mends is `completed`: claimed anew, for the office to close out.
    """

    unit: str
    item: str
    verdict: str
    reason: str
    state: str
    due_on: str
    to_review: bool
    """Whether the office reviews the figure; it does not where it stands beside an accepted answer."""


def give(
    database: Database,
    unit: str,
    item: str,
    *,
    value: str,
    period: str,
    note: str = "",
    now: datetime,
    by: Actor,
    means: str = "",
    plan: str | None = None,
) -> Given:
    """Records a unit's figure of an indicator that is closed out or settled as done, which no round asks for;
    of one that has fallen since a further one, while no round asks: the last one stands.

    Beside an accepted answer a figure of what is closed out stands as it is; any other waits for review.
    The unit's own people give it, or an operator on its behalf (`means`). Raises `WrongInput` for figures
    that the indicator does not ask for, `Refused` where a round asks for it: then the unit answers that.
    """
    if not value.strip():
        raise WrongInput("--value is missing: the new figure, e.g. --value 95.3 --period 2022.")
    answer = checked(Answer("completed", value, period, note))
    with database.write() as session:
        duty = duty_named(session, plan, unit, item, now, to_close=True)
        on_behalf = on_behalf_of(duty.unit.code, by, Action.ANSWER, means, called=duty.unit.short)
        owed = duty.obligation
        if owed.state not in SET_ASIDE and not takes_figure(session, duty.plan, duty.item, owed):
            raise _not_closed(duty)
        was_closed = owed.state == "closed"
        place = place_of_figure(session, duty.plan, unit, item, now)
        if not was_closed and place.entry.state in OWED and not is_fresh(place.entry):
            raise _not_closed(duty)
        unanswered = set_aside(place.entry, place.request)
        if unanswered:  # it is not owed, and what is said there now is said unasked
            place.entry.volunteered_on = shanghai_date(now)
        to_review = unanswered or not was_closed or place.entry.state != "accepted"
        append(session, place, "submit", now=now, actor=by.name, answer=answer, on_behalf=on_behalf)
        found = session.get_one(Standing, (owed.plan_id, owed.item_id))
        if to_review:
            _wait_for_review(session, place, now, claims=not was_closed and found.verdict == "met")
        return Given(
            unit=place.unit.short,
            item=place.item.code,
            verdict=found.verdict,
            reason=found.reason,
            state=owed.state,
            due_on=str(owed.due_on or ""),
            to_review=to_review,
        )


def _not_closed(duty: Duty) -> Refused:
    return Refused(
        f"{duty.name} is {duty.obligation.state}; a new figure is for an indicator that is closed out, "
        "or has fallen and is not asked about. Answer its round: "
        f"eco report submit {duty.unit.short} {duty.item.code}"
    )


def _wait_for_review(session: Session, place: Place, now: datetime, *, claims: bool) -> None:
    """The figure is the entry's newest answer; one that mends what has fallen claims it completed anew."""
    place.entry.state, place.entry.submitted_on = "submitted", shanghai_date(now)
    if claims:
        place.obligation.state = "completed"
        conclude_item(session, place.obligation, now, f"claimed:{place.entry.round_id}")
    session.flush()
    conclude_answers(session, place, now)
