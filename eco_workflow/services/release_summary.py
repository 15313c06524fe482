"""An operator releases the summary of a round to head and deputies (DOMAIN 3.5).

Head and deputies are accounts with the role of a leader. Accounts have no address, so the summary reaches
them on paper: recorded is that it was released, by whom, and to whom it is to be handed; where nobody has an
account, the operator hands it to those whom the roster names.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.find import check_day_to_close, plan_named
from eco_workflow.services.people import leading_group
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Plan, Request, Round, RoundSummary


@dataclass(frozen=True)
class Released:
    """A summary that was released on a day, on paper; `to` names the leaders who have an account."""

    round: date
    kind: str
    released_on: date
    to: tuple[str, ...]
    asked: int
    answered: int
    unreached: int


def release(
    database: Database,
    round_on: date,
    *,
    kind: str | None = None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Released:
    """Releases the drafted summary of the round of a printed date, once.

    Raises `WrongInput` for a round that is not there, `Refused` before its summary is drafted or when it was
    released already.
    """
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.RELEASE_SUMMARY)
        round_row = round_named(session, plan_row, round_on, kind)
        check_day_to_close(session, plan_row, now)
        today = shanghai_date(now)
        summary = drafted(session, round_row)
        if summary.released_on is not None:
            raise Refused(f"The summary of {round_on} was released on {summary.released_on} already.")
        if today < summary.drafted_on:
            raise WrongInput(f"It was drafted on {summary.drafted_on}, a later day. Correct --now.")
        leaders = leading_group(session, plan_row)
        summary.released_on = today
        detail = {"round": round_on, "kind": round_row.kind, "to": leaders}
        audit.record(session, {summary.plan_id: detail}, at=now, actor=by.name, action="release_summary")
        return Released(
            round=round_on,
            kind=round_row.kind,
            released_on=today,
            to=leaders,
            asked=summary.asked,
            answered=summary.answered,
            unreached=summary.unreached,
        )


def drafted(session: Session, round_row: Round) -> RoundSummary:
    """The summary of a round. Raises `Refused` before it is drafted, and for a round that asked nobody."""
    summary = session.get(RoundSummary, round_row.id)
    asked = select(Request.unit_id).where(Request.round_id == round_row.id)
    if round_row.state == "taken_up" and session.exec(asked).first() is None:
        raise Refused(
            f"The ad-hoc round of {round_row.on_date} asked nobody, and has no summary: what it chose is "
            "asked by a newer one, or was not open any more."
        )
    if summary is None:
        raise Refused(
            f"The round of {round_row.on_date} is {round_row.state} and has no summary yet: a run drafts it "
            "when the last answers are due, on the fourth working day at the latest."
        )
    return summary


def round_named(session: Session, plan: Plan, on: date, kind: str | None) -> Round:
    """The round of a printed date: of that kind, else the regular one where there is one.

    Raises `WrongInput` where there is none.
    """
    found = session.exec(
        select(Round).where(Round.plan_id == plan.id, Round.on_date == on).order_by(col(Round.kind).desc())
    ).all()
    for row in found:
        if kind in (None, row.kind):
            return row
    which = f"{kind} round" if kind else "round"
    raise WrongInput(f"The plan {plan.code} has no {which} of {on}. See: eco round list")
