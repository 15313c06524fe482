"""What items cost, what of it arrived and was spent, and what is short (the source plan, 六(二))."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.funding import Funds, amount, plainly, together
from eco_workflow.domain.roles import Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.assigned import one_line
from eco_workflow.services.find import check_day, holder_of, item_named, plan_named
from eco_workflow.services.taking_part import unit_meant
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Funding, Item, ItemText, Obligation, Plan, Unit


@dataclass(frozen=True)
class Typed:
    """Amounts in 万元 as typed; what is not given stays as it was."""

    budget: str | None = None
    source: str | None = None
    arrived: str | None = None
    spent: str | None = None


@dataclass(frozen=True)
class Line:
    """The funds of a unit for an item as they stand; amounts in 万元, as exact decimals."""

    item: str
    title: str
    unit: str
    budget: str
    source: str
    arrived: str
    spent: str
    short: str
    """What has not arrived of the budget; 0 where the item is no longer the unit's to do."""
    overspent: str
    """What was spent beyond the budget."""
    recorded_on: date
    recorded_by: str

    @property
    def wanting(self) -> bool:
        """Whether it is one to look at: money is short, or more was spent than budgeted."""
        return (self.short, self.overspent) != ("0", "0")


def set_(
    database: Database,
    item: str,
    typed: Typed,
    *,
    unit: str | None = None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Line:
    """Records what a unit has for an item; what was recorded before stays on record.

    A unit that has a part in the item records its own, an operator records for `unit`. Where a unit took
    the item over from another, its record takes the place of both.

    Raises `WrongInput` for what is no amount of money, and without a budget or its source the first time;
    `Refused` for a unit that has no part in the item.
    """
    given = {name: text for name, text in vars(typed).items() if text is not None}
    if not given:
        raise WrongInput("Nothing is given. Say --budget, --source, --arrived or --spent.")
    amounts = {name: amount(text, f"--{name}") for name, text in given.items() if name != "source"}
    source = one_line(given["source"], "--source", "where the money comes from") if "source" in given else ""
    with database.write() as session:
        plan_row = plan_named(session, plan)
        item_row = item_named(session, plan_row, item)
        check_day(plan_row, now)
        of = unit_meant(
            session, plan_row, item_row, by, unit, doing="recording funds", which="Which unit has them?"
        )
        assert plan_row.id is not None
        assert item_row.id is not None
        assert of.id is not None
        # Of two that record at once, the second sees what the first one wrote.
        session.exec(select(Item).where(Item.id == item_row.id).with_for_update()).one()
        before = _current(session, plan_row, item_row, of)
        if any(row.at > now for row in before):
            raise WrongInput("The funds were recorded at an instant later than the one given. Correct --now.")
        if not before and (missing := [f"--{name}" for name in ("budget", "source") if name not in given]):
            needed = " and ".join(missing)
            raise WrongInput(f"{of.short} has no funds for {item_row.code} on record yet: say {needed} too.")
        stood = together(map(_funds, before))
        funds = Funds(**{**vars(stood), **amounts})
        for row in before:
            row.ended_at = now
        session.flush()
        newest = select(func.max(Funding.n)).where(
            Funding.plan_id == plan_row.id, Funding.item_id == item_row.id, Funding.unit_id == of.id
        )
        row = Funding(
            plan_id=plan_row.id,
            item_id=item_row.id,
            unit_id=of.id,
            n=(session.exec(newest).one() or 0) + 1,
            budget=plainly(funds.budget),
            source=source or _sources(before),
            arrived=plainly(funds.arrived),
            spent=plainly(funds.spent),
            actor=by.name,
            at=now,
        )
        session.add(row)
        detail = {
            "item": item_row.code, "unit": of.code, "budget": row.budget, "source": row.source,
            "arrived": row.arrived, "spent": row.spent,
        }  # fmt: skip
        audit.record(session, {plan_row.id: detail}, at=now, actor=by.name, action="funding")
        [line] = [one for one in _lines(session, plan_row) if (one[0], one[1]) == (item_row.id, of.id)]
        return line[2]


def listed(session: Session, viewer: Viewer, *, plan: str | None, wanting: bool = False) -> list[Line]:
    """The funds that stand, item by item, of the units that the viewer sees; `wanting`: only where money is
    short or overspent.
    """
    return [
        line
        for _, unit_id, line in _lines(session, plan_named(session, plan))
        if viewer.sees(unit_id) and (line.wanting or not wanting)
    ]


def wanting(session: Session, plan: Plan) -> list[Line]:
    """Where money is short or overspent, in the words of the whole office, item by item."""
    return [line for _, _, line in _lines(session, plan) if line.wanting]


_CURRENT = (
    select(Funding, Item, Unit, ItemText)
    .join(Item, col(Item.id) == Funding.item_id)
    .join(Unit, col(Unit.id) == Funding.unit_id)
    .join(
        ItemText,
        (col(ItemText.item_id) == Funding.item_id) & (col(ItemText.version) == bindparam("version")),
        isouter=True,
    )
    .where(col(Funding.plan_id) == bindparam("plan"), col(Funding.ended_at).is_(None))
    .order_by(col(Item.id), col(Unit.id))
)


def _lines(session: Session, plan: Plan) -> list[tuple[int, int, Line]]:
    """Item, the unit that has it today, and the funds; of a unit that took an item over, all of them."""
    found: dict[tuple[int, int], list[Funding]] = {}
    items: dict[int, tuple[Item, ItemText | None]] = {}
    units: dict[int, Unit] = {}
    for row, item, unit, text in session.exec(
        _CURRENT, params={"plan": plan.id, "version": plan.version}
    ).all():
        today = holder_of(session, unit, row.item_id)
        found.setdefault((row.item_id, today.id or 0), []).append(row)
        items[row.item_id], units[today.id or 0] = (item, text), today
    return [
        (item_id, unit_id, _line(session, plan, *items[item_id], units[unit_id], rows))
        for (item_id, unit_id), rows in found.items()
    ]


def _line(
    session: Session, plan: Plan, item: Item, text: ItemText | None, unit: Unit, rows: list[Funding]
) -> Line:
    funds, newest = together(map(_funds, rows)), max(rows, key=lambda row: row.at)
    owed = session.get(Obligation, (plan.id, unit.id, item.id))
    # Money is wanted for what is to be done, and for what was done: only not for what nobody is to do.
    dropped = text is None or (owed is not None and owed.state == "not_applicable")
    return Line(
        item=item.code,
        title=text.title if text else "",
        unit=unit.short,
        budget=plainly(funds.budget),
        source=_sources(rows),
        arrived=plainly(funds.arrived),
        spent=plainly(funds.spent),
        short=plainly(Decimal(0) if dropped else funds.short),
        overspent=plainly(funds.overspent),
        recorded_on=shanghai_date(newest.at),
        recorded_by=newest.actor,
    )


def _current(session: Session, plan: Plan, item: Item, unit: Unit) -> list[Funding]:
    """The records that stand of a unit for an item: its own and those of units that it took it over from."""
    rows = session.exec(
        select(Funding, Unit)
        .join(Unit, col(Unit.id) == Funding.unit_id)
        .where(Funding.plan_id == plan.id, Funding.item_id == item.id, col(Funding.ended_at).is_(None))
        .order_by(col(Funding.unit_id))
    ).all()
    return [row for row, of in rows if holder_of(session, of, item.id or 0).id == unit.id]


def _funds(row: Funding) -> Funds:
    return Funds(Decimal(row.budget), Decimal(row.arrived), Decimal(row.spent))


def _sources(rows: list[Funding]) -> str:
    return "；".join(dict.fromkeys(row.source for row in rows))
