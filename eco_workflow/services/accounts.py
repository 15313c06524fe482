"""Accounts: roles of persons who are no unit's contact. Ended, never edited (DOMAIN 9)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import OF_A_UNIT, Action, Actor, Role
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.find import check_day, plan_named, unit_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Account, Plan, Unit


@dataclass(frozen=True)
class Listed:
    """An account as it is shown; `unit` is empty where the role belongs to none."""

    name: str
    role: str
    unit: str
    since: date
    ended_on: date | None


def add(
    database: Database,
    name: str,
    role: str,
    *,
    unit: str | None = None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Listed:
    """Gives a person a role. A liaison or unit leader is one of one unit; the other roles have none.

    Raises `WrongInput` for a name, role or unit that cannot be, `Refused` while the person has that role.
    """
    wanted = _role(role)
    name = name.strip()
    if not name or not name.isprintable() or "@" in name:
        raise WrongInput("An account needs a name of one line, without @ (which names a unit in --as).")
    if wanted in OF_A_UNIT and unit is None:
        raise WrongInput(f"A {wanted} is one of one unit: name it with --unit.")
    if wanted not in OF_A_UNIT and unit is not None:
        raise WrongInput(f"Only a liaison or unit_leader is one of a unit; leave --unit away for {wanted}.")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.MANAGE_ACCOUNTS)
        unit_row = unit_named(session, plan_row, unit) if unit is not None else None
        if unit_row is not None and unit_row.kind not in ("unit", "office"):
            raise WrongInput(f"{unit_row.name} is a {unit_row.kind}; nobody acts for it.")
        if (current := _current(session, plan_row, name, wanted)) is not None:
            raise Refused(
                f"{name} is {wanted} since {current.since}. "
                f"To give it anew, end that first: eco account end {name} {wanted}"
            )
        check_day(plan_row, now)
        assert plan_row.id is not None
        account = Account(
            plan_id=plan_row.id,
            name=name,
            role=wanted,
            unit_id=unit_row.id if unit_row else None,
            since=shanghai_date(now),
        )
        session.add(account)
        _record(session, plan_row, account, unit_row, "account_add", now, by)
        return _listed(account, unit_row)


def end(
    database: Database, name: str, role: str, *, now: datetime, by: Actor, plan: str | None = None
) -> Listed:
    """Ends a person's role from today on. Raises `WrongInput` where the person does not hold it."""
    wanted = _role(role)
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.MANAGE_ACCOUNTS)
        account = _current(session, plan_row, name.strip(), wanted)
        if account is None:
            raise WrongInput(f"{name.strip()!r} has no account as {wanted}. See: eco account list")
        check_day(plan_row, now)
        if shanghai_date(now) < account.since:
            raise WrongInput(f"{account.name} is {wanted} since {account.since}, a later day. Correct --now.")
        account.ended_on = shanghai_date(now)
        unit_row = session.get(Unit, account.unit_id) if account.unit_id is not None else None
        _record(session, plan_row, account, unit_row, "account_end", now, by)
        return _listed(account, unit_row)


def listed(session: Session, viewer: Viewer, *, plan: str | None, everyone: bool) -> list[Listed]:
    """Accounts by name; those who ended only with `everyone`. Who sees single units sees theirs alone."""
    plan_row = plan_named(session, plan)
    query = select(Account, Unit).join(Unit, col(Unit.id) == Account.unit_id, isouter=True)
    query = query.where(Account.plan_id == plan_row.id)
    if not everyone:
        query = query.where(col(Account.ended_on).is_(None))
    rows = session.exec(query.order_by(col(Account.name), col(Account.id)))
    return [
        _listed(account, unit)
        for account, unit in rows
        if viewer.units is None or (account.unit_id is not None and viewer.sees(account.unit_id))
    ]


def _role(role: str) -> Role:
    if role not in list(Role):
        raise WrongInput(f"{role!r} is no role. Use one of {', '.join(Role)}.")
    return Role(role)


def _current(session: Session, plan: Plan, name: str, role: Role) -> Account | None:
    return session.exec(
        select(Account).where(
            Account.plan_id == plan.id,
            Account.name == name,
            Account.role == role.value,
            col(Account.ended_on).is_(None),
        )
    ).one_or_none()


def _record(
    session: Session, plan: Plan, account: Account, unit: Unit | None, action: str, now: datetime, by: Actor
) -> None:
    assert plan.id is not None
    detail = {"name": account.name, "role": account.role, **({"unit": unit.code} if unit else {})}
    audit.record(session, {plan.id: detail}, at=now, actor=by.name, action=action)


def _listed(account: Account, unit: Unit | None) -> Listed:
    return Listed(
        name=account.name,
        role=account.role,
        unit=unit.short if unit else "",
        since=account.since,
        ended_on=account.ended_on,
    )
