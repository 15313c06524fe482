"""Makes a plan document the plan that runs: units, obligations, rounds, who hears, the settling list."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.overdue import Clock
from eco_workflow.domain.rounds import printed_dates, rhythms_asked
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.plans import schema
from eco_workflow.plans.ladder import Ladder as LadderRules
from eco_workflow.plans.load import LoadedPlan
from eco_workflow.services import phases, standing
from eco_workflow.services.calendar import published_in
from eco_workflow.services.requirements import require
from eco_workflow.store import audit
from eco_workflow.store.decide.rounds import backfill
from eco_workflow.store.session import Database
from eco_workflow.store.tables import (
    Contact,
    Exemption,
    Hears,
    Instance,
    Item,
    ItemText,
    Ladder,
    LadderRung,
    Obligation,
    Plan,
    PlanVersion,
    Round,
    RoundAsks,
    Unit,
)

DUTY = "duty"
"""The rhythm of duties, which changes with the phase."""

JUST_AFTER = 10
"""Working days after activation within which a due date gets its first rung so many working days later."""


@dataclass(frozen=True)
class Activated:
    """What activation made of the document."""

    code: str
    active_from: date
    units: int
    obligations: int
    rounds: int
    backfilled: int
    to_settle: int
    fresh: bool
    """False when the same plan had been activated before: nothing was written."""


@dataclass(frozen=True)
class Owed:
    """One obligation that follows from the document."""

    unit: str
    item: str
    role: str
    rhythm: str
    due_on: date | None
    asked_from: date | None = None
    asked_until: date | None = None


def activate(
    database: Database,
    loaded: LoadedPlan,
    *,
    active_from: date,
    now: datetime,
    actor: str,
    marking: str = "",
    trial_mailbox: str = "",
) -> Activated:
    """Activates a plan from a date on (DOMAIN 2, late loading).

    Rounds printed before that date are backfill; items due before it go on the settling list. With a
    `trial_mailbox` it begins on trial (DOMAIN 3.8). The same again changes nothing. Raises `WrongInput` for a
    date outside the plan, or where the plan is active already from another date, in another version or with
    other mailboxes.
    """
    plan = loaded.plan
    plan.check_activation(active_from)
    with database.write() as session:
        found = session.exec(select(Plan).where(Plan.code == plan.id)).one_or_none()
        if found is not None:
            if trial_mailbox and found.trial_mailbox != trial_mailbox:
                raise WrongInput(
                    f"The plan {found.code} is active already, and not on trial with {trial_mailbox}. "
                    f"Put it on trial with: eco plan trial {trial_mailbox}"
                )
            return _again(session, found, loaded, active_from)
        days = published_in(session)
        if session.get(Instance, 1) is None:
            session.add(Instance(name=uuid.uuid4().hex))
        row = _plan_row(session, loaded, active_from, now, marking)
        row.trial_mailbox, row.trial_since = trial_mailbox, now if trial_mailbox else None
        assert row.id is not None
        units = _units(session, row, plan, active_from)
        obligations = _obligations(session, row, plan, units, days)
        rounds = _rounds(session, row, plan)
        session.flush()
        phases.begin(session, row)
        before = tuple(r.id for r in rounds if r.id and r.on_date < active_from)
        backfill(session.connection(), before)
        items = session.exec(select(Item).where(Item.plan_id == row.id).order_by(col(Item.id))).all()
        require(session, row, plan, {item.code: item.id or 0 for item in items})
        standing.refresh(session, row, items, now, actor=actor)
        result = Activated(
            code=plan.id,
            active_from=active_from,
            units=len(units),
            obligations=len(obligations),
            rounds=len(rounds),
            backfilled=len(before),
            to_settle=len({o.item_id for o in obligations if o.settle}),
            fresh=True,
        )
        detail = {"digest": loaded.digest, "active_from": active_from, "on": shanghai_date(now)}
        detail |= {"trial": trial_mailbox} if trial_mailbox else {}
        audit.record(session, {row.id: detail}, at=now, actor=actor, action="activate")
        return result


def _again(session: Session, found: Plan, loaded: LoadedPlan, active_from: date) -> Activated:
    version = session.get_one(PlanVersion, (found.id, found.version))
    if version.digest != loaded.digest or found.active_from != active_from:
        raise WrongInput(
            f"The plan {found.code} is active already: version {found.version}, from {found.active_from}. "
            "Nothing was changed. A changed document is loaded with: eco plan load FILE. "
            "For another date, use another ECO_HOME."
        )
    rounds = session.exec(select(Round).where(Round.plan_id == found.id)).all()
    owed = session.exec(select(Obligation).where(Obligation.plan_id == found.id)).all()
    return Activated(
        code=found.code,
        active_from=found.active_from,
        units=len(session.exec(select(Unit.id).where(Unit.plan_id == found.id)).all()),
        obligations=len(owed),
        rounds=len(rounds),
        backfilled=sum(r.state == "backfill" for r in rounds),
        to_settle=len({o.item_id for o in owed if o.settle == "listed"}),
        fresh=False,
    )


def _plan_row(session: Session, loaded: LoadedPlan, active_from: date, now: datetime, marking: str) -> Plan:
    plan = loaded.plan
    row = Plan(
        code=plan.id,
        title=plan.title,
        marking=marking,
        version=1,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        active_from=active_from,
        answer_days=plan.answer_days,
        answer_time=f"{plan.answer_time:%H:%M}",
        wait_for_working_day=plan.wait_for_working_day,
        summary_days=plan.summary_days,
        ladder_id=ladder_row(session, plan.ladder, "report"),
        item_ladder_id=ladder_row(session, plan.ladder, "task"),
        evidence_ladder_id=ladder_row(session, plan.ladder, "evidence"),
        early_days=early_days(plan),
        review_days=plan.lights.review_red_days,
        office_telephone=plan.office.telephone,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(
        PlanVersion(plan_id=row.id, version=1, digest=loaded.digest, document=loaded.text, loaded_at=now)
    )
    return row


def early_days(plan: schema.Plan) -> int:
    """Working days before a due date at which rung 0 warns; 0 where the ladder has no such rung."""
    return next((rung.before_due for rung in plan.ladder.rungs if rung.before_due), 0)


def ladder_row(session: Session, ladder: LadderRules, clock: Clock) -> int:
    """The rungs that a clock climbs by itself. The same rungs are the same row, whichever plan names them."""
    graces = sorted(ladder.graces(clock).items())
    code = f"{ladder.id}:" + ",".join(f"{rung}+{after}" for rung, after in graces)
    row = session.exec(select(Ladder).where(Ladder.code == code)).one_or_none()
    if row is None:
        row = Ladder(code=code)
        session.add(row)
        session.flush()
        assert row.id is not None
        session.add_all(LadderRung(ladder_id=row.id, rung=rung, after=after) for rung, after in graces)
    assert row.id is not None
    return row.id


def _units(session: Session, row: Plan, plan: schema.Plan, since: date) -> dict[str, int]:
    assert row.id is not None
    rows = {
        unit.id: Unit(
            plan_id=row.id,
            code=unit.id,
            name=unit.name,
            short=unit.short,
            kind=unit.kind,
            relation=unit.relation,
        )
        for unit in plan.units
    }
    session.add_all(rows.values())
    session.flush()
    ids = {code: unit.id for code, unit in rows.items() if unit.id is not None}
    row.office_unit_id = ids[plan.office.unit]
    host = plan.unit(plan.office.unit).host
    row.host_unit_id = ids[host] if host else 0
    row.supervision_unit_id = next(
        (ids[h.unit] for h in plan.who_hears if h.rung == SUPERVISION and h.principal), row.office_unit_id
    )
    for unit in plan.units:
        for person in unit.contacts:
            session.add(
                Contact(
                    plan_id=row.id,
                    unit_id=ids[unit.id],
                    role=person.role,
                    name=person.name,
                    address=person.address,
                    since=since,
                )
            )
    hearing_rows(session, row.id, plan, ids)
    return ids


def hearing_rows(session: Session, plan_id: int, plan: schema.Plan, ids: dict[str, int]) -> None:
    """Who hears of the rungs that any case climbs by itself and that a message tells, and whose rungs are
    drafts. Two codes may be one unit by now.
    """
    climbed = {*plan.ladder.graces("report"), *plan.ladder.graces("task")}
    hears: dict[tuple[int, int, str], Hears] = {}
    exempt: dict[tuple[int, int], Exemption] = {}
    for hearing in plan.who_hears:
        if hearing.rung not in climbed or hearing.rung > SUPERVISION:
            continue
        unit_id = 0 if hearing.unit == "debtor" else ids[hearing.unit]
        row = Hears(
            plan_id=plan_id,
            rung=hearing.rung,
            unit_id=unit_id,
            role=hearing.role,
            otherwise=hearing.otherwise or "",
            kind=hearing.kind,
            principal=hearing.principal,
        )
        hears.setdefault((hearing.rung, unit_id, hearing.role), row)
    for exception in plan.exceptions:
        for code in exception.units:
            if exception.kind == "draft":
                of_unit = Exemption(
                    plan_id=plan_id, rung=exception.rung, unit_id=ids[code], addressee=exception.addressee
                )
                exempt.setdefault((exception.rung, ids[code]), of_unit)
    session.add_all((*hears.values(), *exempt.values()))


def _obligations(
    session: Session, row: Plan, plan: schema.Plan, units: dict[str, int], days: WorkingDays
) -> list[Obligation]:
    assert row.id is not None
    active_from = row.active_from
    items: dict[str, int] = {}
    for code, kind, title, place in items_of(plan):
        item = Item(plan_id=row.id, code=code, kind=kind)
        session.add(item)
        session.flush()
        assert item.id is not None
        items[code] = item.id
        session.add(ItemText(item_id=item.id, version=1, title=title, place=place))
    rows = [
        Obligation(
            plan_id=row.id,
            unit_id=units[owed.unit],
            item_id=items[owed.item],
            role=owed.role,
            version=1,
            due_on=owed.due_on,
            rhythm=owed.rhythm,
            asked_from=owed.asked_from,
            asked_until=owed.asked_until,
            settle="listed" if owed.due_on and owed.due_on < active_from else "",
            clock_from=lenient(owed.due_on, active_from, days),
        )
        for owed in owed_in(plan)
    ]
    session.add_all(rows)
    return rows


def lenient(due_on: date | None, active_from: date, days: WorkingDays) -> date | None:
    """What falls due just after activation is late only ten working days after its date (DOMAIN 2).

    The first day on which it is late; None for any other date.
    """
    if due_on is None or not active_from <= due_on <= days.after(active_from, JUST_AFTER):
        return None
    return days.after(due_on, JUST_AFTER)


def items_of(plan: schema.Plan) -> Iterator[tuple[str, str, str, str]]:
    """Every item that is asked: code, kind, title, place in the source."""
    for phase in plan.phases:
        for milestone in phase.milestones:
            yield milestone.id, "milestone", milestone.title, milestone.source
    for indicator in plan.indicators:
        yield indicator.id, "indicator", indicator.name, indicator.source
    for policy in plan.policies:
        yield policy.id, "policy", policy.title, policy.source
    for duty in plan.duties:
        yield duty.id, "duty", duty.title, duty.source
    for veto in plan.vetoes:
        yield veto.id, "veto", veto.title, veto.source


def owed_in(plan: schema.Plan) -> Iterator[Owed]:
    """Every obligation that follows from a document (DOMAIN 3.3)."""
    rhythms = plan.rhythms
    for phase in plan.phases:
        for milestone in phase.milestones:
            yield Owed(
                unit=milestone.owner or plan.office.unit,
                item=milestone.id,
                role="owner",
                rhythm=rhythms.milestone,
                due_on=None if milestone.external or milestone.waits_on or milestone.opens else phase.end,
                asked_from=phase.start,
                asked_until=phase.end,
            )
    for indicator in plan.indicators:
        for unit in indicator.lead:
            yield Owed(unit, indicator.id, "lead", rhythms.indicator, indicator.due_on)
        for unit in indicator.data_providers:
            yield Owed(unit, indicator.id, "data_provider", rhythms.data, indicator.due_on)
    for policy in plan.policies:
        for unit in policy.lead:
            yield Owed(unit, policy.id, "lead", rhythms.policy, policy.due_on)
    for duty in plan.duties:
        if not duty.catch_all:  # kept in the document, never asked, never counted
            yield Owed(duty.unit, duty.id, "owner", duty.rhythm or DUTY, None)
    for veto in plan.vetoes:
        for unit in veto.lead:
            yield Owed(unit, veto.id, "lead", veto.rhythm or rhythms.veto, None)


def _rounds(session: Session, row: Plan, plan: schema.Plan) -> list[Round]:
    """Every regular round is a row from activation on: backfill before it, planned after it."""
    return [
        add_round(session, row, on_date, asks, state="backfill" if on_date < row.active_from else "planned")
        for on_date, asks in rounds_of(plan).items()
    ]


def rounds_of(plan: schema.Plan) -> dict[date, set[str]]:
    """Every printed date of a plan, in order, with the rhythms whose turn it is."""
    dates = list(printed_dates(plan.rounds_from, plan.ends_on, plan.round_days))
    return {on_date: _asked(plan, on_date, dates) for on_date in dates}


def add_round(session: Session, row: Plan, on_date: date, asks: set[str], *, state: str) -> Round:
    """Ids ascend with the printed dates, since a higher id is a newer round: add them in their order."""
    assert row.id is not None
    made = Round(plan_id=row.id, on_date=on_date, version=row.version, state=state)
    session.add(made)
    session.flush()
    assert made.id is not None
    session.add_all(RoundAsks(round_id=made.id, rhythm=rhythm) for rhythm in sorted(asks))
    return made


def _asked(plan: schema.Plan, on_date: date, dates: list[date]) -> set[str]:
    """Of the rhythms, those whose turn it is; duties follow the rhythm of the phase that is in force."""
    asked = rhythms_asked(on_date, dates)
    phase = plan.phase_on(on_date)
    of_phase = [step.rhythm for step in plan.rhythms.duty if phase and step.from_phase <= phase.id]
    return asked | {DUTY} if of_phase and of_phase[-1] in asked else asked
