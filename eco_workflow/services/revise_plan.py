"""A changed plan document becomes the next version of the plan that runs.

Versions are append-only. What has been asked stays as it was: rounds that are open or past keep their
questions, their words and their due times; the new version speaks from the next round on. Mergers,
splits and new names stand: what a document says of a unit that was merged away, or handed an item over, holds
for its successor, and one that it calls by a former name keeps the name it has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from eco_workflow.domain.assigned import is_assigned
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.plans import schema
from eco_workflow.plans.diff import Difference, differences
from eco_workflow.plans.load import LoadedPlan
from eco_workflow.services import phases, standing
from eco_workflow.services.find import document, plan_named
from eco_workflow.services.load_plan import (
    Owed,
    add_round,
    early_days,
    hearing_rows,
    items_of,
    ladder_row,
    owed_in,
    rounds_of,
)
from eco_workflow.services.owed_today import Successors, owed_today, successors
from eco_workflow.services.requirements import require
from eco_workflow.services.unit_names import (
    claimed_by_others,
    former_name,
    former_names,
    names_kept,
    spellings,
)
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import (
    Case,
    Contact,
    Exemption,
    HandedOver,
    Hears,
    Item,
    ItemText,
    LadderRung,
    Obligation,
    Plan,
    PlanVersion,
    Round,
    RoundAsks,
    Unit,
)


@dataclass(frozen=True)
class Revised:
    """What loading made of the document, counted. `fresh`: False when it was in force already."""

    code: str
    version: int
    fresh: bool
    differences: int = 0
    units_added: int = 0
    contacts_replaced: int = 0
    items_added: int = 0
    obligations_added: int = 0
    obligations_changed: int = 0
    obligations_ended: int = 0
    rounds_planned: int = 0
    to_settle: int = 0


@dataclass(frozen=True)
class _Change:
    """A plan on its way from one document to the next."""

    row: Plan
    old: schema.Plan
    new: schema.Plan
    today: date
    now: Successors

    @property
    def plan_id(self) -> int:
        assert self.row.id is not None
        return self.row.id


@dataclass(frozen=True)
class Preview:
    """What loading would change, and what it would leave though the document says otherwise."""

    differences: list[Difference]
    names_kept: list[str]


def preview(session: Session, loaded: LoadedPlan, *, now: datetime) -> Preview:
    """What loading would change. Raises as `revise` does."""
    change = _change(session, loaded, now)
    return Preview(differences(change.old, change.new), names_kept(session, change.plan_id, change.new))


def revise(database: Database, loaded: LoadedPlan, *, now: datetime, by: Actor) -> Revised:
    """Loads a changed document of a plan that is active here. The document in force changes nothing.

    Raises `WrongInput` for a plan that is not here or a day outside of it, `Refused` with every reason for
    which the change cannot be made.
    """
    by.must(Action.MANAGE_PLAN)
    with database.write() as session:
        # Verdicts first, as an answer takes them; then a run and a second loading wait for this one.
        named = select(Item).join(Plan, col(Plan.id) == Item.plan_id).where(Plan.code == loaded.plan.id)
        standing.take(session, session.exec(named).all())
        session.exec(select(Plan).where(Plan.code == loaded.plan.id).with_for_update()).one_or_none()
        change = _change(session, loaded, now)
        row, found = change.row, differences(change.old, change.new)
        if session.get_one(PlanVersion, (row.id, row.version)).digest == loaded.digest:
            return Revised(code=row.code, version=row.version, fresh=False)
        row.version += 1
        session.add(
            PlanVersion(
                plan_id=change.plan_id,
                version=row.version,
                digest=loaded.digest,
                document=loaded.text,
                loaded_at=now,
            )
        )
        _plan_columns(session, change)
        ids, units_added = _units(session, change)
        replaced = _contacts(session, change, ids)
        row.office_unit_id = ids[change.new.office.unit]
        host = change.new.unit(change.new.office.unit).host
        row.host_unit_id = ids[host] if host else 0
        for table in (Hears, Exemption):
            session.execute(delete(table).where(col(table.plan_id) == change.plan_id))
        heirs = {code: ids[change.now.units.get(code, code)] for code in ids}
        hearing_rows(session, change.plan_id, change.new, heirs)
        items, items_added = _items(session, change)
        require(session, row, change.new, items)
        added, changed, ended, to_settle = _obligations(session, change, ids, items)
        phases.follow_document(session, row)
        result = Revised(
            code=row.code,
            version=row.version,
            fresh=True,
            differences=len(found),
            units_added=units_added,
            contacts_replaced=replaced,
            items_added=items_added,
            obligations_added=added,
            obligations_changed=changed,
            obligations_ended=ended,
            rounds_planned=_rounds(session, change),
            to_settle=to_settle,
        )
        standing.refresh(session, row, session.exec(named).all(), now, actor=by.name)
        detail = {"version": row.version, "digest": loaded.digest, "changes": [d.said for d in found]}
        audit.record(session, {change.plan_id: detail}, at=now, actor=by.name, action="plan_load")
        return result


def _change(session: Session, loaded: LoadedPlan, now: datetime) -> _Change:
    try:
        row = plan_named(session, loaded.plan.id)
    except WrongInput as unknown:
        raise WrongInput(f"{unknown} To begin a plan of its own: eco init --plan FILE") from None
    assert row.id is not None
    heirs = successors(session, row.id)
    change = _Change(row, document(session, row), loaded.plan, shanghai_date(now), heirs)
    if reasons := list(_refusals(session, change)):
        said = "\n".join(f"  {reason}" for reason in reasons)
        raise Refused(f"The document cannot take the place of version {row.version} of {row.code}:\n{said}")
    return change


def _refusals(session: Session, change: _Change) -> Iterator[str]:
    """Every reason for which a document cannot become the next version."""
    row, old, new, today = change.row, change.old, change.new, change.today
    if today < row.active_from or (row.last_run_on is not None and today < row.last_run_on):
        newest = max(row.active_from, row.last_run_on or row.active_from)
        yield f"--now lies on {today}, but the plan was at work on {newest} already. Correct --now."
    if not new.starts_on <= row.active_from <= new.ends_on:
        yield (
            f"phases: {new.starts_on} to {new.ends_on} leave out {row.active_from}, from which on the plan "
            "is active. Keep that day within the phases."
        )
    if today > new.ends_on:
        yield (
            f"phases: the plan would end on {new.ends_on}, before today, {today}. "
            "Give it a later end, or make a new plan of it with: eco plan shift"
        )
    before = owed_today(old, change.now)
    for key, owed in owed_today(new, change.now).items():
        was = before.get(key)
        if was and owed.due_on and owed.due_on != was.due_on and owed.due_on < today:
            yield (
                f"{owed.item}: its due date would move from {was.due_on} to {owed.due_on}, a day that has "
                "passed. Give today's date or a later one."
            )
    for name, code, renamed_on in claimed_by_others(session, row.id, new):
        yield (
            f"units: {code} is called {name} in the document, which is another unit's name since "
            f"{renamed_on}: see eco plan show. Give it another name."
        )
    heard = {hearing.rung for hearing in new.who_hears}
    lost = session.exec(
        select(Case.id, LadderRung.rung)
        .join(LadderRung, col(LadderRung.ladder_id) == Case.ladder_id)
        .where(Case.plan_id == row.id, col(Case.closed_on).is_(None))
        .where(LadderRung.rung >= Case.rung, LadderRung.rung <= SUPERVISION)
        .where(col(LadderRung.rung).not_in(heard))
    ).all()
    if lost:
        rungs = ", ".join(str(rung) for rung in sorted({rung for _, rung in lost}))
        yield (
            f"ladder: {len({case for case, _ in lost})} open cases climb by the ladder in force to rung "
            f"{rungs}, of which nobody would hear. Keep the rung until they are closed: eco status"
        )


def _plan_columns(session: Session, change: _Change) -> None:
    row, plan = change.row, change.new
    row.title, row.starts_on, row.ends_on = plan.title, plan.starts_on, plan.ends_on
    row.answer_days, row.answer_time = plan.answer_days, f"{plan.answer_time:%H:%M}"
    row.wait_for_working_day, row.summary_days = plan.wait_for_working_day, plan.summary_days
    row.office_telephone = plan.office.telephone
    row.ladder_id = ladder_row(session, plan.ladder, "report")
    row.item_ladder_id = ladder_row(session, plan.ladder, "task")
    row.evidence_ladder_id = ladder_row(session, plan.ladder, "evidence")
    row.early_days, row.review_days = early_days(plan), plan.lights.review_red_days


def _units(session: Session, change: _Change) -> tuple[dict[str, int], int]:
    """Unit code → id, and the number of new ones. Who is no longer named stays, for what it was asked."""
    rows = {unit.code: unit for unit in session.exec(select(Unit).where(Unit.plan_id == change.plan_id))}
    known = len(rows)
    former = former_names(session, change.plan_id)
    for unit in change.new.units:
        row = rows.get(unit.id)
        if row is None:
            row = rows[unit.id] = Unit(
                plan_id=change.plan_id, code=unit.id, name=unit.name, short=unit.short, kind=unit.kind
            )
        called = spellings(former.get(row.id or 0, []))
        name = row.name if unit.name in called else unit.name
        short = row.short if unit.short in called else unit.short
        if called and (name, short) != (row.name, row.short):
            session.add(former_name(row, change.today))
        row.name, row.short, row.kind, row.relation = name, short, unit.kind, unit.relation
        session.add(row)
        session.flush()
    return {code: row.id for code, row in rows.items() if row.id is not None}, len(rows) - known


def _contacts(session: Session, change: _Change, ids: dict[str, int]) -> int:
    """Whom the new document names differently takes over. Otherwise whoever the unit named last stays."""
    before = {(unit.id, c.role): c for unit in change.old.units for c in unit.contacts}
    replaced = 0
    for unit in change.new.units:
        if unit.id in change.now.units:
            continue  # its people were ended with it
        for person in unit.contacts:
            if before.get((unit.id, person.role)) == person:
                continue
            current = session.exec(
                select(Contact).where(
                    Contact.unit_id == ids[unit.id],
                    Contact.role == person.role,
                    col(Contact.ended_on).is_(None),
                )
            ).one_or_none()
            if current is not None and (current.name, current.address) == (person.name, person.address):
                continue
            if current is not None:
                current.ended_on = change.today
                session.flush()
                replaced += 1
            session.add(
                Contact(
                    plan_id=change.plan_id,
                    unit_id=ids[unit.id],
                    role=person.role,
                    name=person.name,
                    address=person.address,
                    since=change.today,
                )
            )
    return replaced


def _items(session: Session, change: _Change) -> tuple[dict[str, int], int]:
    """Item code → id, and the number of new ones. Every item has words in every version."""
    rows = {item.code: item for item in session.exec(select(Item).where(Item.plan_id == change.plan_id))}
    known = len(rows)
    version, words = change.row.version, {}
    for code, kind, title, place in items_of(change.new):
        if code not in rows:
            rows[code] = Item(plan_id=change.plan_id, code=code, kind=kind)
            session.add(rows[code])
            session.flush()
        words[code] = (title, place)
    former = {
        text.item_id: (text.title, text.place)
        for text in session.exec(
            select(ItemText)
            .join(Item, col(Item.id) == ItemText.item_id)
            .where(Item.plan_id == change.plan_id, ItemText.version == version - 1)
        )
    }
    ids = {code: item.id for code, item in rows.items() if item.id is not None}
    for code, item_id in ids.items():
        # What the document no longer names keeps the words it was asked with.
        title, place = words.get(code) or former[item_id]
        session.add(ItemText(item_id=item_id, version=version, title=title, place=place))
    return ids, len(rows) - known


def _obligations(
    session: Session, change: _Change, units: dict[str, int], items: dict[str, int]
) -> tuple[int, int, int, int]:
    """How many obligations were added, changed, ended, and put on the settling list."""
    before, after = owed_today(change.old, change.now), owed_today(change.new, change.now)
    added = changed = ended = to_settle = 0
    for (unit, item), owed in after.items():
        row = session.get(Obligation, (change.plan_id, units[unit], items[item]))
        if row is None:
            late = owed.due_on is not None and owed.due_on < change.today
            row = Obligation(
                plan_id=change.plan_id,
                unit_id=units[unit],
                item_id=items[item],
                role=owed.role,
                version=change.row.version,
                due_on=owed.due_on,
                rhythm=owed.rhythm,
                asked_from=owed.asked_from,
                asked_until=owed.asked_until,
                settle="listed" if late else "",
            )
            session.add(row)
            added, to_settle = added + 1, to_settle + late
        elif before.get((unit, item)) != owed:
            _amend(row, before.get((unit, item)), owed, change.row.version)
            changed += 1
    for unit, item in before.keys() - after.keys():
        row = session.get_one(Obligation, (change.plan_id, units[unit], items[item]))
        if row.state != "closed":
            row.state, row.settle, row.version = "not_applicable", "", change.row.version
        ended += 1
    _forget_handed_over(session, change, units, items)
    return added, changed, ended, to_settle


def _forget_handed_over(
    session: Session, change: _Change, units: dict[str, int], items: dict[str, int]
) -> None:
    """Where the document has caught up with a split, its own words hold from the next version on. It has none
    of what was assigned besides.
    """
    named = {(owed.unit, owed.item) for owed in owed_in(change.new)}
    for unit, item in change.now.items.keys() - named:
        if is_assigned(item):
            continue
        session.delete(session.get_one(HandedOver, (change.plan_id, units[unit], items[item])))


def _amend(row: Obligation, was: Owed | None, owed: Owed, version: int) -> None:
    row.role, row.rhythm, row.version = owed.role, owed.rhythm, version
    row.asked_from, row.asked_until = owed.asked_from, owed.asked_until
    if was is None and row.state == "not_applicable":
        row.state = "not_started"  # it is back in the plan
    if was is None or owed.due_on != was.due_on:
        row.due_on = owed.due_on
        row.settle = "settled" if row.settle == "listed" else row.settle


def _rounds(session: Session, change: _Change) -> int:
    """Plans the rounds after today anew where their dates differ; returns how many. Ids ascend with dates."""
    plan, today = change.new, change.today
    planned = select(Round).where(
        Round.plan_id == change.plan_id,
        Round.kind == "regular",
        Round.state == "planned",
        col(Round.on_date) > today,
    )
    wanted = {on_date: asks for on_date, asks in rounds_of(plan).items() if on_date > today}
    former = session.exec(planned.order_by(col(Round.on_date))).all()
    asked: dict[date, set[str]] = {row.on_date: set() for row in former}
    rhythms = session.exec(
        select(RoundAsks).where(col(RoundAsks.round_id).in_([row.id for row in former]))
    ).all()
    printed = {row.id: row.on_date for row in former}
    for asks in rhythms:
        asked[printed[asks.round_id]].add(asks.rhythm)
    if asked == wanted:
        return 0
    for gone in (*rhythms, *former):
        session.delete(gone)
    session.flush()
    for on_date, turn in wanted.items():
        add_round(session, change.row, on_date, turn, state="planned")
    return len(wanted)
