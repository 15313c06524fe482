"""A newer figure of an indicator that is closed out: no round asks for it (DOMAIN 7, M4.1)."""

from dataclasses import dataclass
from datetime import datetime

from eco_workflow.domain.answers import Answer, checked, on_behalf_of
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services import standing
from eco_workflow.services.entry_acts import append
from eco_workflow.services.find import Duty, at_once, duty_named
from eco_workflow.services.find_entry import Place
from eco_workflow.services.older_figure import check_may_correct
from eco_workflow.services.unasked import place_of_newer_figure, unanswered
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Standing


@dataclass(frozen=True)
class Given:
    """The verdict with the new figure; an indicator that has fallen by it is `in_progress` again."""

    unit: str
    item: str
    verdict: str
    reason: str
    state: str
    due_on: str
    not_judged: tuple[str, ...] = ()
    """Figures that cannot be judged yet, or never, and why."""


def give(
    database: Database,
    unit: str,
    item: str,
    *,
    value: str,
    period: str,
    note: str = "",
    corrects_period: bool = False,
    now: datetime,
    by: Actor,
    means: str = "",
    plan: str | None = None,
) -> Given:
    """Records a unit's figure for a newer period beside its accepted answer, which stays as it is, or beside
    that of the unit from which it took the indicator over.

    The unit's own people give it, or an operator on its behalf (`means`), who alone may say that the period
    of the one before was a slip (`corrects_period`, with a note). Raises `WrongInput` for figures
    that the indicator does not ask for, `Refused` for one of an older period than the figure that it would
    replace, and while the indicator is open: then the unit answers its round; and where an answer waits for
    review, or was never given since it was settled as done at activation.
    """
    if not value.strip():
        raise WrongInput("--value is missing: the new figure, e.g. --value 95.3 --period 2022.")
    answer = checked(Answer("completed", value, period, note, corrects_period=corrects_period))
    with database.write() as session:
        duty = duty_named(session, plan, unit, item, now, to_close=True)
        on_behalf = on_behalf_of(duty.unit.code, by, Action.ANSWER, means, called=duty.unit.short)
        check_may_correct(answer, by)
        owed = duty.obligation
        if duty.item.kind != "indicator" or owed.state != "closed":
            raise _open_still(duty)
        place = place_of_newer_figure(session, duty, now)
        if place.entry.state == "submitted":
            raise _to_review(place)
        if place.entry.state != "accepted":
            raise unanswered(duty)
        standing.take(session, [place.item])
        said = append(session, place, "submit", now=now, actor=by.name, answer=answer, on_behalf=on_behalf)
        found = session.get_one(Standing, (owed.plan_id, owed.item_id))
        return Given(
            unit=place.unit.short,
            item=place.item.code,
            verdict=found.verdict,
            reason=found.reason,
            state=owed.state,
            due_on=str(owed.due_on or ""),
            not_judged=standing.not_judged(session, place.plan, place.item, said, shanghai_date(now)),
        )


def _open_still(duty: Duty) -> Refused:
    unit, code = duty.unit.short, duty.item.code
    return Refused(
        f"{code} of {unit} is {duty.obligation.state}; a new figure is for an indicator that is closed out. "
        f"Answer its round: eco report submit {unit} {code}; where none asks now, the office asks "
        f"at once with: {at_once(duty.unit, duty.item)}"
    )


def _to_review(place: Place) -> Refused:
    return Refused(
        f"{place.name} waits for review with the figure that was given. Recall it first: "
        f"eco report recall {place.unit.short} {place.item.code}"
    )
