"""From a unit, an item and the date of a round, or none, to the entry that an act is about."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, or_, true
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import is_set_aside
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.overdue import OPEN
from eco_workflow.services.find import (
    at_once,
    check_day_to_close,
    holder_of,
    host_of,
    item_named,
    plan_named,
    successor_of,
    unit_named,
)
from eco_workflow.store.tables import Entry, Item, Obligation, Plan, Report, Request, Round, Unit
from eco_workflow.store.tables.rounds import OPENED


@dataclass(frozen=True)
class Place:
    """One entry with all that belongs to it."""

    plan: Plan
    unit: Unit
    item: Item
    round: Round
    request: Request
    entry: Entry
    obligation: Obligation
    of_host: bool
    """Whether the unit is the office's own host bureau, which the office does not judge (DOMAIN 4)."""

    @property
    def moved(self) -> bool:
        """Whether another unit owes the item by now: this one was merged, or handed the item over."""
        return self.obligation.unit_id != self.entry.unit_id

    @property
    def name(self) -> str:
        """As an audit row or a message to the operator names it."""
        return f"{self.round.on_date} {self.unit.short} {self.item.code}"


def set_aside(entry: Entry, request: Request) -> bool:
    """Whether the entry was set aside unanswered; one that was made for an answer has one."""
    backfill = request.state == "backfill"
    return entry.volunteered_on is None and is_set_aside(entry.state, entry.on_time, backfill=backfill)


def _meant(*, is_closed: bool) -> ColumnElement[bool]:
    """Which entries an act may be about where it names no round."""
    asked = col(Round.state).in_(OPENED)
    recorded = col(Round.state) == "backfill"
    if is_closed:
        return or_(asked, recorded)
    said = select(Report.id).where(
        Report.round_id == Entry.round_id,
        Report.unit_id == Entry.unit_id,
        Report.item_id == Entry.item_id,
        Report.action == "submit",
    )
    return or_(asked, recorded & (col(Entry.state) != "accepted") & said.exists())


def _who_answers(session: Session, unit: Unit, item: Item, holder: Unit, owed: Obligation | None) -> str:
    """For who named a unit that is not asked: where the item went, and the command that takes an answer."""
    merged = ""
    if unit.successor_id is not None and owed is not None:
        merged = f"It was merged into {successor_of(session, unit).short}. "
    if owed is not None and owed.state == "closed" and item.kind == "indicator":
        newer = f"eco indicator figure {item.code} --unit {holder.short} --value … --period …"
        return f"{merged}It is closed; a newer figure is recorded with: {newer}"
    return f"{merged}Who answers: eco report submit {holder.short} {item.code} …"


def entry_named(
    session: Session,
    plan_code: str | None,
    unit_text: str,
    item_code: str,
    round_on: date | None,
    now: datetime,
    *,
    reviewed: bool = False,
) -> Place:
    """The entry of a unit and an item, in the round of that date or the newest that asked for it. `reviewed`:
    also one whose accepted answer a newer round, which asks for it no more, has overtaken.

    Without a date, where no round asks: the newest that lies before activation (补录), if the item is closed
    or was answered there and that is not accepted.

    Raises `WrongInput` where there is none or `now` lies outside the plan, `Refused` where a newer round
    has taken its place.
    """
    plan = plan_named(session, plan_code)
    unit = unit_named(session, plan, unit_text)
    item = item_named(session, plan, item_code)
    holder = holder_of(session, unit, item.id or 0)
    owed = session.get(Obligation, (plan.id, holder.id, item.id))
    is_closed = owed is not None and owed.state == "closed"
    stands = ("submitted", "accepted") if reviewed else ("submitted",)
    named = session.exec(
        select(Entry, Request, Round)
        .join(
            Request,
            (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id),
        )
        .join(Round, col(Round.id) == Entry.round_id)
        .where(Entry.unit_id == unit.id, Entry.item_id == item.id)
        .where(_meant(is_closed=is_closed) if round_on is None else col(Round.on_date) == round_on)
        # What was answered before a newer round left is still reviewed, though its request gave way.
        .where(
            or_(
                col(Request.state) != "superseded",
                col(Entry.state).in_(stands),
                true() if round_on else false(),
            )
        )
        .order_by(col(Round.id).desc())
    ).all()
    # The newest; a question that was set aside unanswered gives way to what was recorded afterwards, and
    # takes no answer once the item is closed.
    found = named[0] if named else None
    if found and round_on is None and set_aside(found[0], found[1]):
        others = [one for one in named if not set_aside(one[0], one[1])]
        recorded = [one for one in others if is_closed or one[2].state == "backfill"]
        found = next(iter(recorded), None if is_closed else found)
    if found is None:
        when = f"in the round of {round_on}" if round_on else "in any open round"
        asked = f"What it is asked: eco report list {unit.short}"
        if unit.successor_id is not None or (is_closed and item.kind == "indicator"):
            asked = _who_answers(session, unit, item, holder, owed)
        elif owed is not None and owed.state in OPEN and round_on is None and owed.unit_id == unit.id:
            asked += f". The office asks at once with: {at_once(unit, item)}"
        raise WrongInput(f"{unit.short} is not asked about {item.code} {when}. {asked}")
    entry, request, round_row = found
    if request.state == "superseded" and entry.state not in stands:
        now_answers = "A newer one was sent. Leave --round away to answer that one."
        if unit.successor_id is not None:
            now_answers = _who_answers(session, unit, item, holder, owed)
        raise Refused(f"The round of {round_on} was superseded for {unit.short}. {now_answers}")
    check_day_to_close(session, plan, now)
    obligation = session.get_one(Obligation, (plan.id, holder.id, item.id))
    of_host = unit.code == host_of(session, plan)
    return Place(plan, unit, item, round_row, request, entry, obligation, of_host)
