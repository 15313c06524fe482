"""From a name to the person who acts: contacts and accounts, and what they make of it (DOMAIN 9)."""

from sqlmodel import Session, col, select

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.roles import Action, Actor, Role
from eco_workflow.domain.viewer import Viewer, viewer_of
from eco_workflow.services.find import host_of, successor_of, unit_named
from eco_workflow.store.tables import Account, Contact, Hears, Particulars, Plan, Unit

OF_CONTACT = {"liaison": Role.LIAISON, "leader": Role.UNIT_LEADER}
"""As what a unit's contact acts; a contact's `leader` is the unit's, not the leading group's."""

Held = tuple[Role, int | None]
"""A role and the id of the unit it is held in; None where it belongs to no unit."""


def console(name: str) -> Actor:
    """The user of this machine, where nobody else is named.

    Whoever has the server's shell keeps the office's books: an operator, and the admin without whom there
    would be no first account. Never a supervisor, a leader or a unit's liaison: those have names.
    """
    return Actor(name, frozenset({Role.OPERATOR, Role.ADMIN}))


def acting(session: Session, plan: Plan, name: str) -> Actor:
    """The person of that name in this plan, in all roles held now; "NAME@UNIT" where several units know one.

    A unit's liaison and leader in charge act for it, and so do the deputies whom they named; the office's
    contacts are operators, the supervision office's (who hears rung 3 first) are supervisors. Accounts add to
    that. One person, one name: whoever shares a name with another gets an account under a name of his own.
    Raises `WrongInput` for a name that nobody bears (any more), or that stands in several units.
    """
    held = _held(session, plan, name)
    only: Unit | None = None
    if not held and "@" in name:
        name, _, unit = name.rpartition("@")
        only = unit_named(session, plan, unit)
        held = [(role, unit_id) for role, unit_id in _held(session, plan, name) if unit_id in (None, only.id)]
        if all(unit_id is None for _, unit_id in held):
            raise WrongInput(
                f"{only.short} has no contact and no account {name!r}. See: eco contact list {only.code}"
            )
    if not held:
        of_merged = (
            select(Unit)
            .join(Contact, col(Contact.unit_id) == Unit.id)
            .where(Contact.plan_id == plan.id, Contact.name == name, col(Unit.successor_id).is_not(None))
            .order_by(col(Unit.id))
        )
        if (merged := session.exec(of_merged).first()) is not None:
            raise WrongInput(
                f"{name} acts no more in the plan {plan.code}: {merged.short} was merged into "
                f"{successor_of(session, merged).short}, whose people act."
            )
        raise WrongInput(
            f"Nobody named {name!r} acts in the plan {plan.code}: no current contact and no account. "
            f"Add one: eco account add {name} ROLE [--unit UNIT]"
        )
    ids = {unit_id for _, unit_id in held if unit_id is not None}
    units = session.exec(select(Unit).where(col(Unit.id).in_(ids)).order_by(col(Unit.id))).all()
    if len(units) > 1:
        ways = " or ".join(f'--as "{name}@{unit.code}"' for unit in units)
        raise WrongInput(f"{name} stands in {len(units)} units. Say which is meant: {ways}")
    roles = {role for role, _ in held}
    if not units:
        return Actor(name, frozenset(roles))
    [unit_row] = units
    if unit_row.id == plan.office_unit_id:
        roles.add(Role.OPERATOR)
    if unit_row.id == supervision_office(session, plan):
        roles.add(Role.SUPERVISOR)
    return Actor(
        name=name,
        roles=frozenset(roles),
        unit=unit_row.code,
        unit_name=unit_row.short,
        in_host=unit_row.id == plan.office_unit_id or unit_row.code == host_of(session, plan),
    )


def viewer(session: Session, plan: Plan, name: str | None) -> Viewer:
    """Whose eyes a list serves; without a name the console's, an operator's.

    Raises what `acting` raises, and `Refused` for who sees no content.
    """
    by = console("the user of the console") if name is None else acting(session, plan, name)
    unit = unit_named(session, plan, by.unit).id if by.unit else None
    return viewer_of(by, unit)


def supervision_office(session: Session, plan: Plan) -> int | None:
    """The id of the unit that rung 3 is told to first."""
    return session.exec(
        select(Hears.unit_id)
        .where(Hears.plan_id == plan.id, Hears.rung == SUPERVISION)
        .where(col(Hears.principal).is_(True), Hears.unit_id != 0)
    ).first()


def leading_group(session: Session, plan: Plan) -> tuple[str, ...]:
    """The names of the leaders who have an account. What goes to head and deputies is handed to them on
    paper, since accounts have no address.
    """
    return tuple(
        session.exec(
            select(Account.name)
            .where(Account.plan_id == plan.id, Account.role == Role.LEADER, col(Account.ended_on).is_(None))
            .order_by(col(Account.id))
        )
    )


def check_runs(session: Session, only: str | None, name: str) -> str:
    """The name under which a run is booked: of an operator of every plan that runs, or of the one named.

    Raises what `acting` raises, and `Refused` where this person is no operator.
    """
    return check_in_all(session, Action.RUN, name, only=only)


def check_in_all(session: Session, action: Action, name: str, *, only: str | None = None) -> str:
    """The name under which an act on all plans (or on the one named) is booked, by who may do it in each.

    Raises what `acting` raises, and `Refused` where this person may not.
    """
    plans = select(Plan).order_by(col(Plan.id))
    if only is not None:
        plans = plans.where(Plan.code == only)
    booked = name
    for plan in session.exec(plans):
        actor = acting(session, plan, name)
        actor.must(action)
        booked = actor.name
    return booked


def _held(session: Session, plan: Plan, name: str) -> list[Held]:
    contacts = session.exec(
        select(Contact.role, Contact.unit_id).where(
            Contact.plan_id == plan.id, Contact.name == name, col(Contact.ended_on).is_(None)
        )
    )
    accounts = session.exec(
        select(Account.role, Account.unit_id).where(
            Account.plan_id == plan.id, Account.name == name, col(Account.ended_on).is_(None)
        )
    )
    deputies = session.exec(
        select(Contact.role, Contact.unit_id)
        .join(Particulars, col(Particulars.contact_id) == Contact.id)
        .where(Contact.plan_id == plan.id, Particulars.deputy == name)
        .where(col(Contact.ended_on).is_(None), col(Particulars.ended_on).is_(None))
    )
    return [
        *((OF_CONTACT[role], unit_id) for role, unit_id in (*contacts, *deputies)),
        *((Role(role), unit_id) for role, unit_id in accounts),
    ]
