"""Whom nothing reaches, and since when: looked at across mornings, each of which makes up anew what the one
before could not deliver.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.messages import Result
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.store.tables import Attempt, Contact, Line, Message, Plan, Run, Unit
from eco_workflow.store.tables.post import ENVELOPE

WAITS_AFTER = timedelta(hours=4)
"""Who could not be told for longer is named: a greylist takes a mail within minutes."""
LEAVES_WITHIN = timedelta(hours=1)
"""While a delivery goes on, what it has not come to yet is no trouble."""
LOOKS_BACK = timedelta(days=90)
"""What has lasted longer is told from there on."""


@dataclass(frozen=True)
class Untold:
    """Somebody in a role of a unit for whom a message waits that nobody takes."""

    plan_id: int
    unit_id: int
    unit: str
    role: str
    since: datetime
    """The first try after which nothing was taken, over days without a run as well; of what was never tried,
    the run that made it."""


@dataclass(frozen=True)
class NotLeaving:
    """Whom nothing has reached for longer than `WAITS_AFTER`, who waits longest first."""

    untold: tuple[Untold, ...] = ()
    nothing_leaves: bool = False
    """Whether nothing at all was taken since the first of them began to wait."""

    @property
    def since(self) -> datetime | None:
        """Since when the first of them waits; None where nobody does."""
        return self.untold[0].since if self.untold else None


class _Row(NamedTuple):
    """A message that nobody took: still pending, or given up at its day's end."""

    plan_id: int
    unit_id: int
    unit: str
    role: str
    on_date: date
    pending: bool
    tried_at: datetime | None
    """When it was first put off; None where no delivery came to it."""
    made_at: datetime | None


def not_leaving(session: Session, plans: Collection[Plan], now: datetime, days: WorkingDays) -> NotLeaving:
    """Who waits in these plans, as far as they run: of one that is held nothing shall leave."""
    today = shanghai_date(now)
    ran_on = {
        plan.id or 0: plan.last_run_on
        for plan in plans
        if plan.held_since is None and plan.last_run_on and plan.active_from <= today <= plan.ends_on
    }
    rows = _not_taken(session, ran_on, now) if ran_on else []
    if not rows:
        return NotLeaving()
    taken = _last_taken(session, ran_on, now)
    leaves = taken is not None and now - taken < LEAVES_WITHIN
    # What is not tried yet is a wait by itself only where nothing leaves, but goes on with one that is.
    # A message given up on a working day stands until the next one: only then is it made up anew, or moot.
    owed_from = {plan: _on_or_before(ran, days) for plan, ran in ran_on.items()}
    whose = attrgetter("plan_id", "unit_id", "role")
    found = []
    for _, of_one in groupby(rows, whose):
        newest_first = list(of_one)
        newest = newest_first[0]
        waits = (row.tried_at or (None if leaves else row.made_at) for row in newest_first)
        since = min(filter(None, waits), default=now)
        if (newest.pending or newest.on_date >= owed_from[newest.plan_id]) and now - since >= WAITS_AFTER:
            found.append(Untold(newest.plan_id, newest.unit_id, newest.unit, newest.role, since))
    untold = tuple(sorted(found, key=attrgetter("since", "plan_id", "unit_id", "role")))
    return NotLeaving(untold, bool(untold) and (taken is None or taken < untold[0].since))


def _on_or_before(day: date, days: WorkingDays) -> date:
    return next(on for n in range(366) if days.is_working(on := day - timedelta(days=n)))


def _not_taken(session: Session, plans: Collection[int], now: datetime) -> list[_Row]:
    """By person, newest first. A message whose lines are all moot waits no more, nor one that was taken, or
    after which another to the same person was; one that is unknown may have been.
    """
    later, whose, again = aliased(Message), aliased(Contact), aliased(Attempt)
    heard_since = (
        exists()
        .where(col(again.message_id) == later.id)
        .where(or_(col(again.result) == Result.ACCEPTED.value, col(later.state) == "unknown"))
        .where(col(later.contact_id) == whose.id, col(later.id) >= Message.id)
        .where(col(whose.unit_id) == Contact.unit_id, col(whose.role) == Contact.role)
        .where(col(again.started_at) <= now)
        .correlate(Message, Contact)
    )
    tried = func.min(Attempt.started_at)
    has_lines = exists().where(col(Line.message_id) == Message.id, col(Line.dropped).is_(False))
    never_tried = and_(
        col(Message.state) == "pending",
        col(Run.started_at) <= now,
        ~exists().where(col(Attempt.message_id) == Message.id).correlate(Message),
    )
    found = (
        select(  # type: ignore[call-overload]
            Message.plan_id,
            Contact.unit_id,
            Unit.short,
            Contact.role,
            Message.on_date,
            Message.state,
            tried,
            func.min(Run.started_at),
        )
        .join(Contact, col(Contact.id) == Message.contact_id)
        .join(Unit, col(Unit.id) == Contact.unit_id)
        .outerjoin(
            Attempt, (col(Attempt.message_id) == Message.id) & (col(Attempt.result) == Result.LATER.value)
        )
        .outerjoin(
            Run,
            (col(Run.plan_id) == Message.plan_id)
            & (col(Run.on_date) == Message.on_date)
            & (col(Message.occasion) == ENVELOPE),
        )
        .where(col(Message.plan_id).in_(plans), col(Message.on_date) >= shanghai_date(now) - LOOKS_BACK)
        .where(col(Message.state).in_(("pending", "withdrawn")), has_lines)
        .where(or_(col(Attempt.started_at) <= now, never_tried), ~heard_since)
        .group_by(Message.id, Contact.unit_id, Unit.short, Contact.role)
        .order_by(Message.plan_id, Contact.unit_id, Contact.role, col(Message.on_date).desc())
    )
    return [
        _Row(plan, unit, short, role, on, state == "pending", tried_at, made_at)
        for plan, unit, short, role, on, state, tried_at, made_at in session.exec(found)
    ]


def _last_taken(session: Session, plans: Collection[int], now: datetime) -> datetime | None:
    """When a server or a service last took anything."""
    taken = select(func.max(Attempt.started_at)).join(Message, col(Message.id) == Attempt.message_id)
    taken = taken.where(col(Message.plan_id).in_(plans), Attempt.result == Result.ACCEPTED.value)
    return session.exec(taken.where(Attempt.started_at <= now)).one()
