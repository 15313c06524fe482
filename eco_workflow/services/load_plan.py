"""Makes a plan document the plan that runs: units, obligations, rounds, who hears, the settling list."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.rounds import printed_dates
from eco_workflow.plans import schema
from eco_workflow.plans.load import LoadedPlan
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
    Unit,
)


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
    database: Database, loaded: LoadedPlan, *, active_from: date, now: datetime, actor: str, marking: str = ""
) -> Activated:
    """Activates a plan from a date on (DOMAIN 2, late loading).

    Rounds printed before that date are backfill; items due before it go on the settling list. The same
    document and date again change nothing. Raises `WrongInput` for a date outside the plan, or where the
    plan is active already from another date or in another version.
    """
    plan = loaded.plan
    plan.check_activation(active_from)
    with database.write() as session:
        found = session.exec(select(Plan).where(Plan.code == plan.id)).one_or_none()
        if found is not None:
            return _again(session, found, loaded, active_from)
        if session.get(Instance, 1) is None:
            session.add(Instance(name=uuid.uuid4().hex))
        row = _plan_row(session, loaded, active_from, now, marking)
        assert row.id is not None
        units = _units(session, row, plan, active_from)
        obligations = _obligations(session, row, plan, units, active_from)
        rounds = _rounds(session, row, plan)
        session.flush()
        before = tuple(r.id for r in rounds if r.id and r.on_date < active_from)
        backfill(session.connection(), before)
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
        audit.record(session, {row.id: detail}, at=now, actor=actor, action="activate")
        return result


def _again(session: Session, found: Plan, loaded: LoadedPlan, active_from: date) -> Activated:
    version = session.get_one(PlanVersion, (found.id, found.version))
    if version.digest != loaded.digest or found.active_from != active_from:
        raise WrongInput(
            f"The plan {found.code} is active already: version {found.version}, from {found.active_from}. "
            "Nothing was changed. For another date or document, use another ECO_HOME."
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
        ladder_id=_ladder(session, plan.ladder),
        office_telephone=plan.office.telephone,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(
        PlanVersion(plan_id=row.id, version=1, digest=loaded.digest, document=loaded.text, loaded_at=now)
    )
    return row


def _ladder(session: Session, ladder: schema.Ladder) -> int:
    """A ladder is a version: the same rungs are the same row, whichever plan names them."""
    graces = [(rung.rung, rung.after) for rung in ladder.rungs]
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
    for hearing in plan.who_hears:
        session.add(
            Hears(
                plan_id=row.id,
                rung=hearing.rung,
                unit_id=0 if hearing.unit == "debtor" else ids[hearing.unit],
                role=hearing.role,
                otherwise=hearing.otherwise or "",
                kind=hearing.kind,
                principal=hearing.principal,
            )
        )
    for exception in plan.exceptions:
        for code in exception.units:
            if exception.kind == "draft":
                session.add(
                    Exemption(
                        plan_id=row.id,
                        rung=exception.rung,
                        unit_id=ids[code],
                        addressee=exception.addressee,
                    )
                )
    return ids


def _obligations(
    session: Session, row: Plan, plan: schema.Plan, units: dict[str, int], active_from: date
) -> list[Obligation]:
    assert row.id is not None
    items: dict[str, int] = {}
    for code, kind, title, place in _items(plan):
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
        )
        for owed in _owed(plan)
    ]
    session.add_all(rows)
    return rows


def _items(plan: schema.Plan) -> Iterator[tuple[str, str, str, str]]:
    for phase in plan.phases:
        for milestone in phase.milestones:
            yield milestone.id, "milestone", milestone.title, milestone.source
    for indicator in plan.indicators:
        yield indicator.id, "indicator", indicator.name, indicator.source
    for policy in plan.policies:
        yield policy.id, "policy", policy.title, policy.source


def _owed(plan: schema.Plan) -> Iterator[Owed]:
    rhythms = plan.rhythms
    for phase in plan.phases:
        for milestone in phase.milestones:
            yield Owed(
                unit=milestone.owner or plan.office.unit,
                item=milestone.id,
                role="owner",
                # M4.2 opens with the award (DOMAIN 2, time); until then nobody is asked.
                rhythm="never" if milestone.opens else rhythms.milestone,
                due_on=None if milestone.external or milestone.opens else phase.end,
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


def _rounds(session: Session, row: Plan, plan: schema.Plan) -> list[Round]:
    assert row.id is not None
    rows = [
        Round(
            plan_id=row.id,
            on_date=on_date,
            month_end=on_date.day == max(plan.round_days),
            version=1,
            state="backfill" if on_date < row.active_from else "planned",
        )
        for on_date in printed_dates(plan.rounds_from, plan.ends_on, plan.round_days)
    ]
    # Ids ascend with the printed dates: a higher id is a newer round.
    for round_row in rows:
        session.add(round_row)
        session.flush()
    return rows
