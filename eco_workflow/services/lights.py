"""The lights of all units of a plan, in a fixed number of queries (DOMAIN 6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED
from eco_workflow.domain.escalation import EntryFact, is_late
from eco_workflow.domain.lights import (
    Answer,
    Day,
    ItemFact,
    Judged,
    Light,
    Thresholds,
    item_light,
    report_light,
    review_light,
    unit_light,
)
from eco_workflow.domain.pro_rata import Step as StepFact
from eco_workflow.domain.pro_rata import in_words
from eco_workflow.domain.rhythms import last_in_time
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.words import LIGHT, MARK, OFFICE, REASON
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.plans.ladder import Lights
from eco_workflow.services.calendar import calendar_of, clock_day, report_clock
from eco_workflow.services.find import document, plan_named, unit_seen
from eco_workflow.services.overdue import REPORT, TASK_ROLES, overdue, owed_by_office, without_evidence
from eco_workflow.services.pauses import days_rested, pauses
from eco_workflow.services.really_asked import WAS_NONE
from eco_workflow.services.waiting import SUMMARY, waiting
from eco_workflow.store.tables import (
    Case,
    Entry,
    Item,
    ItemText,
    Obligation,
    Plan,
    Request,
    Round,
    Standing,
    Step,
    Unit,
)
from eco_workflow.store.tables.rounds import OPENED


@dataclass(frozen=True)
class ItemRow:
    """An item of a unit with its light."""

    item: str
    title: str
    role: str
    state: str
    due_on: date | None
    judged: Judged

    def as_json(self) -> dict[str, Any]:
        """With the light in words; `behind` in percentage points to the tenth, null without steps."""
        return {
            "item": self.item,
            "title": self.title,
            "role": self.role,
            "state": self.state,
            "due_on": self.due_on,
            **_light(self.judged),
            "behind": None if self.judged.behind is None else in_words(self.judged.behind),
        }


@dataclass(frozen=True)
class UnitRow:
    """A unit with its light and its items, worst first."""

    unit: str
    code: str
    judged: Judged
    items: tuple[ItemRow, ...]

    def as_json(self) -> dict[str, Any]:
        """With the light in words."""
        items = [item.as_json() for item in self.items]
        return {"unit": self.unit, "code": self.code, **_light(self.judged), "items": items}


def shown(judged: Judged) -> str:
    """Shape and colour, and the mark of a former red: `● 绿（曾亮红灯）`."""
    shape, colour, _ = LIGHT[judged.light.code]
    return f"{shape} {colour}" + (f"（{MARK}）" if judged.marked else "")


def _light(judged: Judged) -> dict[str, Any]:
    shape, colour, meaning = LIGHT[judged.light.code]
    return {
        "light": judged.light.code,
        "shape": shape,
        "colour": colour,
        "meaning": meaning,
        "reason": judged.reason,
        "marked": judged.marked,
    }


def lights(
    session: Session,
    viewer: Viewer,
    *,
    plan: str | None,
    now: datetime,
    days: WorkingDays,
    unit: str | None = None,
    behind: bool = False,
) -> list[UnitRow]:
    """Units that owe something and their lights, worst first; those that the viewer may see.

    With `behind` only units behind pro-rata, with the items that are (DOMAIN 8).
    """
    plan_row = plan_named(session, plan)
    only = unit_seen(session, plan_row, viewer, unit).id if unit else None
    thresholds = _thresholds(document(session, plan_row).lights)
    today = clock_day(plan_row, now)
    own = calendar_of(session, plan_row, days, today)
    day = Day(today, own, _rounds(session, plan_row), thresholds)
    late = overdue(session, plan_row, now)
    answers = _answers(session, plan_row, now)
    repaired = _repaired(session, plan_row)
    items: dict[int, list[ItemRow]] = {}
    owners: dict[int, Unit] = {}
    for owner, row in _items(session, plan_row, day, late, answers, repaired):
        assert owner.id is not None
        owners[owner.id] = owner
        items.setdefault(owner.id, []).append(row)
    for office, row in _owed_by_office(session, plan_row, day):
        assert office.id is not None
        owners[office.id] = office
        items.setdefault(office.id, []).append(row)
    found = []
    for unit_id, owner in owners.items():
        if not viewer.sees(unit_id) or only not in (None, unit_id):
            continue
        rows = items[unit_id]
        at_unit = [report_light((unit_id, REPORT) in late, repaired.get((unit_id, REPORT)), day)]
        if unit_id == plan_row.office_unit_id:
            at_unit.append(_review(session, plan_row, day))
        judged = unit_light([(row.item, row.judged) for row in rows], at_unit)
        if behind:
            rows = [row for row in rows if _is_behind(row.judged, thresholds)]
        if rows or not behind:
            rows.sort(key=lambda row: -row.judged.light)
            found.append(UnitRow(owner.short, owner.code, judged, tuple(rows)))
    return sorted(found, key=lambda row: -row.judged.light)


def _thresholds(rules: Lights) -> Thresholds:
    return Thresholds(
        yellow_before_days=rules.yellow_before_days,
        behind_yellow=rules.yellow_behind_points,
        behind_red=rules.red_behind_points,
        repaired_rounds=rules.repaired_rounds,
        review_yellow_days=rules.review_yellow_days,
        review_red_days=rules.review_red_days,
    )


def _is_behind(judged: Judged, thresholds: Thresholds) -> bool:
    is_measured = judged.is_open and judged.behind is not None
    return is_measured and judged.behind is not None and judged.behind >= thresholds.behind_yellow


def _rounds(session: Session, plan: Plan) -> tuple[date, ...]:
    """The days on which rounds opened: a skipped one gave nobody a chance to stand well in it."""
    query = select(col(Round.opened_on)).where(Round.plan_id == plan.id, col(Round.state).in_(OPENED))
    return tuple(day for day in session.exec(query) if day)


def _repaired(session: Session, plan: Plan) -> dict[tuple[int, int], date]:
    """The day the last case closed, per unit and item; item 0 on the report clock.

    A case of a trial, or one annulled as an error, leaves no mark; nor does what waited for a review.
    """
    rows = session.exec(
        select(Case.unit_id, Case.item_id, func.max(Case.closed_on))
        .where(Case.plan_id == plan.id, col(Case.closed_on).is_not(None), Case.clock != "review")
        .where(col(Case.annulled_on).is_(None), col(Case.closed_why).not_in(WAS_NONE))
        .group_by(col(Case.unit_id), col(Case.item_id))
    )
    return {(unit, item): closed_on for unit, item, closed_on in rows if closed_on}


def _answers(session: Session, plan: Plan, now: datetime) -> dict[tuple[int, int], Answer]:
    """The unit and item of each answer that is owed to a request which was sent and stands; late or not."""
    assert plan.id is not None
    clock = report_clock(session, plan.id, now)
    rows = session.exec(
        select(Entry)
        .join(Request, (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id))
        .where(Request.plan_id == plan.id, Request.state == "awaiting", col(Request.sent_at).is_not(None))
        .where(col(Entry.state).in_(OWED))
        .order_by(col(Entry.round_id).desc())
    )
    found: dict[tuple[int, int], Answer] = {}
    for entry in rows:
        late = is_late(EntryFact(entry.state, entry.due_at), clock)
        if late or (entry.unit_id, entry.item_id) not in found:
            found[entry.unit_id, entry.item_id] = "late" if late else "owed"
    return found


def _items(
    session: Session,
    plan: Plan,
    day: Day,
    late: set[tuple[int, int]],
    answers: dict[tuple[int, int], Answer],
    repaired: dict[tuple[int, int], date],
) -> Iterator[tuple[Unit, ItemRow]]:
    steps: dict[int, list[StepFact]] = {}
    for step in session.exec(select(Step).where(Step.plan_id == plan.id).order_by(col(Step.n))):
        known = StepFact(step.weight, step.done_on, step.confirmed_on)
        steps.setdefault(step.item_id, []).append(known)
    query = (
        select(Obligation, Unit, Item, ItemText.title)
        .join(Unit, col(Unit.id) == Obligation.unit_id)
        .join(Item, col(Item.id) == Obligation.item_id)
        .join(ItemText, (col(ItemText.item_id) == Item.id) & (ItemText.version == plan.version))
        .where(Obligation.plan_id == plan.id)
        .order_by(col(Unit.id), col(Item.id))
    )
    unproven = without_evidence(session, plan, day.today)
    paused = pauses(session, plan.id or 0)
    for owed, unit, item, title in session.exec(query):
        key = (owed.unit_id, owed.item_id)
        due_on = _held_to(owed, plan)
        recurs = item.kind == "rhythm"
        last_day = last_in_time(owed.due_on, owed.clock_from) if recurs and owed.due_on else None
        since = last_day or due_on
        fact = ItemFact(
            state=owed.state,
            # What lies before activation is backfill: time that passed then is held against nobody.
            starts_on=max(owed.asked_from or plan.starts_on, plan.active_from),
            due_on=due_on,
            overdue=key in late,
            unproven=key in unproven,
            listed=owed.settle == "listed",
            answer=answers.get(key, ""),
            steps=tuple(steps.get(owed.item_id, ())),
            repaired_on=repaired.get(key),
            last_in_time=last_day,
            rested=days_rested(paused.get(key, ()), since, day.today, day.days) if since else 0,
        )
        judged = item_light(fact, day)
        yield unit, ItemRow(item.code, title, owed.role, owed.state, owed.due_on, judged)


def _held_to(owed: Obligation, plan: Plan) -> date | None:
    """The date held against the unit: none where it only gives figures, or before the item is settled."""
    if owed.role not in TASK_ROLES or owed.due_on is None or owed.due_on < plan.active_from:
        return None
    return owed.due_on


def _review(session: Session, plan: Plan, day: Day) -> Judged:
    """The office's light for what waits for its decision, by the definition that its case goes by."""
    waits = waiting(session, plan, day.today, day.days)
    since = min((one.since for one in waits if one.kind != SUMMARY), default=None)
    unreleased = max((one.days_late for one in waits if one.kind == SUMMARY), default=0)
    return review_light(since, day, unreleased=unreleased)


def _owed_by_office(session: Session, plan: Plan, day: Day) -> Iterator[tuple[Unit, ItemRow]]:
    """Indicators on which the office is late itself, without owing an answer on them."""
    late = owed_by_office(session, plan, day.today)
    query = (
        select(Item, ItemText.title, Standing)
        .join(ItemText, (col(ItemText.item_id) == Item.id) & (ItemText.version == plan.version))
        .join(Standing, (col(Standing.plan_id) == Item.plan_id) & (col(Standing.item_id) == Item.id))
        .where(col(Item.id).in_(late))
        .order_by(col(Item.id))
    )
    for item, title, standing in session.exec(query):
        due_on = late[standing.item_id]
        days = REASON["overdue"].format(days=day.days.waited(due_on, day.today))
        judged = Judged(Light.RED, f"{days}：{standing.reason}")
        office = session.get_one(Unit, plan.office_unit_id)
        yield office, ItemRow(item.code, title, OFFICE, standing.verdict, due_on, judged)
