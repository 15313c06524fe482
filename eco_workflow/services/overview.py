"""What an operator wants to know: rounds and answer rates, who is late on which rung, who was told what."""

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of, clock_day, ended_on, held_days
from eco_workflow.services.doubt import to_confirm
from eco_workflow.services.find import plan_named
from eco_workflow.services.funding import Line, listed
from eco_workflow.services.health import said_of
from eco_workflow.services.not_leaving import not_leaving
from eco_workflow.services.overview_late import (
    LateItem,
    LateOffice,
    LateUnit,
    PastDue,
    late_items,
    late_office,
    late_units,
    past_due,
)
from eco_workflow.services.phases_shown import in_short
from eco_workflow.services.round_count import asked_in
from eco_workflow.services.trial import marking_of
from eco_workflow.services.vetoes import STANDS, vetoes_shown
from eco_workflow.store.tables import (
    Contact,
    Hears,
    Hold,
    Message,
    Obligation,
    Plan,
    Round,
    Unit,
)


@dataclass(frozen=True)
class RoundRow:
    """A round as of now: units asked and answered (some of them late), entries answered, units not reached.

    Who counts as asked is said by `round_count.Asked`.
    """

    on_date: date
    kind: str
    state: str
    opened_on: date | None
    asked: int
    answered: int
    late: int
    entries: int
    entries_answered: int
    unreached: int

    @property
    def rate(self) -> str:
        """Units that answered of units asked."""
        return f"{self.answered}/{self.asked}" if self.asked else ""


@dataclass
class Overview:
    """Where a plan stands at an instant."""

    plan: str
    title: str
    marking: str
    on: date
    active_from: date
    ends_on: date
    last_run_on: date | None
    next_round: date | None
    rounds: list[RoundRow] = field(default_factory=list)
    late: list[LateUnit] = field(default_factory=list)
    late_items: list[LateItem] = field(default_factory=list)
    past_due: list[PastDue] = field(default_factory=list)
    """Late since the last run: the next one opens their cases."""
    late_office: list[LateOffice] = field(default_factory=list)
    """One at most."""
    phases: list[dict[str, Any]] = field(default_factory=list)
    """The phase in force with the number of its reasons, and what is left of those that a leader passed."""
    vetoes: list[dict[str, Any]] = field(default_factory=list)
    """Declared occurrences that hold the gate."""
    funding: list[Line] = field(default_factory=list)
    """Items of which money is short, or overspent."""
    messages: dict[str, int] = field(default_factory=dict)
    unreachable: list[str] = field(default_factory=list)
    not_leaving: str = ""
    """Whom nothing has reached for hours, in one line; empty where there is nobody."""
    untold: list[str] = field(default_factory=list)
    """Who they are, and since when."""
    to_settle: int = 0
    provisional: bool = False
    """Whether the next round lies in a year whose calendar is not known."""
    calendar_known_until: date | None = None
    """The last day that is known without a gap; None where today is not."""
    held_since: date | None = None
    held_why: str = ""
    to_confirm: str | None = None
    """Why nothing is sent before a person confirms the date, and how."""
    trial_mailbox: str = ""
    ended_on: date | None = None
    """The plan's last day where it lies behind; lateness is counted to it."""

    def as_json(self) -> dict[str, Any]:
        """All of it, with round ratios spelled out."""
        rounds = [{**vars(row), "rate": row.rate} for row in self.rounds]
        others = {name: [asdict(row) for row in getattr(self, name)] for name in ROWS}
        return {**vars(self), "rounds": rounds, **others}


ROWS = ("late", "late_items", "past_due", "late_office", "funding")


def overview(
    session: Session, viewer: Viewer, *, plan: str | None, now: datetime, days: WorkingDays
) -> Overview:
    """Where the plan stands. Cases of units that the viewer may not see are left out.

    `days` is the published calendar; what counts days here counts them in the plan's own.
    """
    plan_row = plan_named(session, plan)
    today = clock_day(plan_row, now)
    days = calendar_of(session, plan_row, days, today)
    held = session.get_one(Hold, (plan_row.id, plan_row.held_since)) if plan_row.held_since else None
    upcoming = select(func.min(Round.on_date)).where(Round.plan_id == plan_row.id, Round.state == "planned")
    next_round = None if ended_on(plan_row, now) else session.exec(upcoming).one()
    unsettled = select(Obligation.item_id, Obligation.unit_id)
    unsettled = unsettled.where(Obligation.plan_id == plan_row.id, Obligation.settle == "listed")
    sent = select(Message.state, Contact.unit_id).join(Contact, col(Contact.id) == Message.contact_id)
    sent = sent.where(Message.plan_id == plan_row.id)
    by_state = [state for state, unit_id in session.exec(sent) if viewer.sees(unit_id)]
    unheard = not_leaving(session, [plan_row], now, days)
    unheard = replace(unheard, untold=tuple(one for one in unheard.untold if viewer.sees(one.unit_id)))
    return Overview(
        plan=plan_row.code,
        title=plan_row.title,
        marking=marking_of(plan_row),
        on=shanghai_date(now),
        ended_on=ended_on(plan_row, now),
        active_from=plan_row.active_from,
        ends_on=plan_row.ends_on,
        last_run_on=plan_row.last_run_on,
        next_round=next_round,
        rounds=round_rows(session, plan_row, viewer),
        late=late_units(session, plan_row, viewer, now, days),
        late_items=late_items(session, plan_row, viewer, today, days),
        past_due=past_due(session, plan_row, viewer, now),
        late_office=late_office(session, plan_row, viewer, today, days),
        phases=in_short(session, plan_row, shanghai_date(now)),
        vetoes=vetoes_shown(session, viewer, plan_row, STANDS, today, days),
        funding=listed(session, viewer, plan=plan_row.code, wanting=True),
        messages=dict(Counter(by_state)),
        unreachable=_unreachable(session, plan_row, viewer),
        not_leaving=said_of(unheard) if unheard.untold else "",
        untold=[f"{one.unit}: {one.role}, since {wall_time(one.since)}" for one in unheard.untold],
        to_settle=len({item for item, unit_id in session.exec(unsettled) if viewer.sees(unit_id)}),
        provisional=next_round is not None and days.is_provisional(next_round),
        calendar_known_until=days.known_until(shanghai_date(now)),
        held_since=plan_row.held_since,
        held_why=held.why if held else "",
        to_confirm=to_confirm(plan_row, shanghai_date(now), held_days(session, today, plan_row.id)),
        trial_mailbox=plan_row.trial_mailbox,
    )


def round_rows(session: Session, plan: Plan, viewer: Viewer) -> list[RoundRow]:
    """The rounds that are past their date, oldest first."""
    shown = select(Round).where(Round.plan_id == plan.id, Round.state != "planned").order_by(col(Round.id))
    found = session.exec(shown).all()
    requests = asked_in(session, [row.id or 0 for row in found])
    rows = []
    for row in found:
        seen = [one for one in requests.get(row.id or 0, []) if viewer.sees(one.request.unit_id)]
        asked = [one for one in seen if one.counts]
        rows.append(
            RoundRow(
                on_date=row.on_date,
                kind=row.kind,
                state=row.state,
                opened_on=row.opened_on,
                asked=len(asked),
                answered=sum(one.answered for one in asked),
                late=sum(one.answered and any(e.on_time is False for e in one.entries) for one in asked),
                entries=sum(len(one.entries) for one in asked),
                entries_answered=sum(one.entries_answered for one in asked),
                unreached=sum(one.unreached for one in seen),
            )
        )
    return rows


def _unreachable(session: Session, plan: Plan, viewer: Viewer) -> list[str]:
    """Units that owe or hear something and have no liaison, or one whose address was refused."""
    owing = select(Obligation.unit_id).where(Obligation.plan_id == plan.id)
    hearing = select(Hears.unit_id).where(Hears.plan_id == plan.id)
    rows = session.exec(
        select(Unit, Contact)
        .join(
            Contact,
            (col(Contact.unit_id) == Unit.id)
            & (col(Contact.role) == "liaison")
            & col(Contact.ended_on).is_(None),
            isouter=True,
        )
        .where(Unit.plan_id == plan.id, or_(col(Unit.id).in_(owing), col(Unit.id).in_(hearing)))
        .order_by(col(Unit.id))
    )
    found = []
    for unit, contact in rows:
        if not viewer.sees(unit.id or 0):
            continue
        if contact is None:
            found.append(f"{unit.short}: no liaison")
        elif contact.failed_on:
            found.append(
                f"{unit.short}: {contact.address} refused on {contact.failed_on}, {contact.failed_why}"
            )
    return found
