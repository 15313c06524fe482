"""An ad-hoc round (临时调度): chosen units and items, a date and a cover note of its own (DOMAIN 3.7).

It is opened by the run of its date and follows the rules of any round; it supersedes nothing. When a regular
round is sent later, it takes up what the ad-hoc one still asks of a unit, and then supersedes it; a unit
that the regular round does not ask keeps its ad-hoc request. Of the two on one day, the ad-hoc one asks what
both would ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, delete, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.find import check_day, item_named, plan_named, unit_named
from eco_workflow.store import audit
from eco_workflow.store.decide.late import MAY_BE_ASKED
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Item, Obligation, Plan, Round, RoundAsks, RoundChoice, Unit


@dataclass(frozen=True)
class AdhocRound:
    """A round that was planned, and the entries it will ask: unit → codes of items."""

    plan: str
    on: date
    asks: dict[str, tuple[str, ...]]
    after_the_run: bool
    """The run of its date is over already: it leaves with the next one."""


def plan_adhoc_round(
    database: Database,
    *,
    on: date,
    units: Sequence[str],
    items: Sequence[str],
    note: str,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> AdhocRound:
    """Plans an ad-hoc round: it asks these units about these items, as far as a round would ask.

    Raises `WrongInput` for a date before today or after the plan, without a note, for unknown units and items
    and for a unit or item with nothing to ask about; `Refused` where the date has an ad-hoc round or its
    regular round has left, or where this person may not.
    """
    note = bounded(note, "--note")
    if not note or not note.isprintable():
        raise WrongInput("An ad-hoc round needs --note in one line: the units read why they are asked.")
    if not units or not items:
        raise WrongInput("An ad-hoc round asks chosen units about chosen items: give --units and --items.")
    with database.write() as session:
        row = plan_named(session, plan)
        by.must(Action.ADHOC_ROUND)
        check_day(row, now)
        _check_date(session, row, on, shanghai_date(now))
        chosen = _chosen(session, row, units, items)
        assert row.id is not None
        made = Round(plan_id=row.id, on_date=on, kind="adhoc", version=row.version, cover_note=note)
        _insert_in_order(session, made, [(owed.unit_id, owed.item_id) for owed, _, _ in chosen])
        asks: dict[str, tuple[str, ...]] = {}
        for _, unit, item in chosen:
            asks[unit.short] = (*asks.get(unit.short, ()), item.code)
        detail = {"on": on, "note": note, "asks": asks}
        audit.record(session, {row.id: detail}, at=now, actor=by.name, action="adhoc_round")
        return AdhocRound(row.code, on, asks, row.last_run_on is not None and row.last_run_on >= on)


def _check_date(session: Session, plan: Plan, on: date, today: date) -> None:
    if not today <= on <= plan.ends_on:
        raise WrongInput(f"--on {on} must lie between today, {today}, and the plan's end, {plan.ends_on}.")
    same_day = select(Round).where(Round.plan_id == plan.id, Round.on_date == on)
    for round_row in session.exec(same_day):
        if round_row.kind == "adhoc":
            raise Refused(f"The plan {plan.code} has an ad-hoc round on {on} already. Choose another day.")
        if round_row.state != "planned":
            raise Refused(f"The regular round of {on} is {round_row.state} already. Choose a later day.")


def _chosen(
    session: Session, plan: Plan, units: Sequence[str], items: Sequence[str]
) -> list[tuple[Obligation, Unit, Item]]:
    """What the units owe of the items and a round may ask, so that every name stands for something."""
    unit_rows = [unit_named(session, plan, unit) for unit in units]
    item_rows = [item_named(session, plan, item) for item in items]
    rows = session.exec(
        select(Obligation, Unit, Item)
        .join(Unit, col(Unit.id) == Obligation.unit_id)
        .join(Item, col(Item.id) == Obligation.item_id)
        .where(
            Obligation.plan_id == plan.id,
            col(Obligation.unit_id).in_([unit.id for unit in unit_rows]),
            col(Obligation.item_id).in_([item.id for item in item_rows]),
        )
        .order_by(col(Unit.id), col(Item.id))
    ).all()
    open_still = set(session.connection().execute(MAY_BE_ASKED, {"plan": plan.id}).tuples())
    rows = [row for row in rows if (row[0].unit_id, row[0].item_id) in open_still]
    idle = [unit.short for unit in unit_rows if unit.id not in {owed.unit_id for owed, _, _ in rows}]
    idle += [item.code for item in item_rows if item.id not in {owed.item_id for owed, _, _ in rows}]
    if idle:
        raise WrongInput(
            f"There is nothing to ask about {'、'.join(idle)}: none of these units owes any of these items "
            "and has it open. Who owes what: eco item list"
        )
    return rows


def _insert_in_order(session: Session, made: Round, choice: Sequence[tuple[int, int]]) -> None:
    """Saves the round, and the rounds planned for later days behind it.

    A higher id is a newer round: which request supersedes which, whose silence is counted, and which answer
    is news are all read from it. So later rounds, which nothing refers to yet but what they will ask, are
    made again with higher ids.
    """
    later = session.exec(
        select(Round)
        .where(Round.plan_id == made.plan_id, Round.state == "planned", Round.on_date > made.on_date)
        .order_by(col(Round.on_date), col(Round.kind).desc())
    ).all()
    ids = [row.id for row in later]
    rhythms = session.exec(select(RoundAsks).where(col(RoundAsks.round_id).in_(ids))).all()
    choices = session.exec(select(RoundChoice).where(col(RoundChoice.round_id).in_(ids))).all()
    again = [
        (
            row.model_dump(exclude={"id"}),
            [asked.rhythm for asked in rhythms if asked.round_id == row.id],
            [(chosen.unit_id, chosen.item_id) for chosen in choices if chosen.round_id == row.id],
        )
        for row in later
    ]
    for gone in (*later, *rhythms, *choices):
        session.expunge(gone)
    connection = session.connection()
    for table, key in (
        (RoundAsks, RoundAsks.round_id),
        (RoundChoice, RoundChoice.round_id),
        (Round, Round.id),
    ):
        connection.execute(delete(table).where(col(key).in_(ids)))
    for values, asked, chosen in [(made.model_dump(exclude={"id"}), list[str](), list(choice)), *again]:
        row = Round(**values)
        session.add(row)
        session.flush()
        assert row.id is not None
        session.add_all(RoundAsks(round_id=row.id, rhythm=rhythm) for rhythm in asked)
        session.add_all(RoundChoice(round_id=row.id, unit_id=unit, item_id=item) for unit, item in chosen)
    session.flush()
