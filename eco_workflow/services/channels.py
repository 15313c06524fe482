"""A contact's channels besides mail: added and removed, never edited (DOMAIN 5)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlmodel import Session, col, select

from eco_workflow.domain.chat import ChatAddress, read_chat_address
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.contacts import check_role, current
from eco_workflow.services.find import check_day, plan_named, unit_named, unit_seen
from eco_workflow.services.ways import channels, mark_unreachable
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Channel, Contact, Plan, Unit


@dataclass(frozen=True)
class ChannelListed:
    """A channel as it is shown: without its secret."""

    channel: int
    unit: str
    role: str
    name: str
    place: int
    """Below 0: before mail; above: after it."""
    address: str
    carries: str
    """`content`, or `neutral line`."""
    since: date
    called_on: date | None
    """Of a group's robot: the last day on which it was called, and what it answered."""
    answer: str
    bounced_on: date | None
    """The day on which a message that it took came back: nothing goes by it any more."""


def add(
    database: Database,
    unit: str,
    role: str,
    address: str,
    *,
    first: bool = False,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> ChannelListed:
    """Gives a unit's liaison or leader a further channel: the last one, or the `first`.

    Raises `WrongInput` for an address that is none or where nobody fills the role, `Refused` for one that
    this contact has.
    """
    read = read_chat_address(address)
    with database.write() as session:
        plan_row, unit_row, contact = _contact(session, plan, unit, role, by)
        check_day(plan_row, now)
        found = channels(session, contact.id or 0)
        if any(channel.url == read.url for channel in found):
            raise Refused(f"{contact.name} has the channel {read.shown}.")
        places = [channel.place for channel in found]
        row = Channel(
            contact_id=contact.id or 0,
            place=min([0, *places]) - 1 if first else max([0, *places]) + 1,
            url=read.url,
            since=shanghai_date(now),
        )
        session.add(row)
        if not read.is_robot:
            # Who could not be reached can be now.
            contact.failed_on, contact.failed_why = None, ""
        _record(session, plan_row, unit_row, contact, read, now, by, "channel_add")
        return _listed(row, contact, unit_row, read)


def remove(
    database: Database,
    unit: str,
    role: str,
    channel: int,
    *,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> ChannelListed:
    """Nothing more is sent by this channel. Raises `WrongInput` where the contact has none of that number."""
    with database.write() as session:
        plan_row, unit_row, contact = _contact(session, plan, unit, role, by)
        check_day(plan_row, now)
        row = next((one for one in channels(session, contact.id or 0) if one.id == channel), None)
        if row is None:
            raise WrongInput(
                f"{contact.name} has no channel {channel}. See: eco contact channel list {unit_row.code}"
            )
        row.ended_on = shanghai_date(now)
        session.flush()
        mark_unreachable(session, contact, shanghai_date(now))
        read = read_chat_address(row.url)
        _record(session, plan_row, unit_row, contact, read, now, by, "channel_remove")
        return _listed(row, contact, unit_row, read)


def listed(session: Session, viewer: Viewer, *, plan: str | None, unit: str | None) -> list[ChannelListed]:
    """Channels in force, by unit and contact, in order of preference."""
    plan_row = plan_named(session, plan)
    query = (
        select(Channel, Contact, Unit)
        .join(Contact, col(Contact.id) == Channel.contact_id)
        .join(Unit, col(Unit.id) == Contact.unit_id)
        .where(Contact.plan_id == plan_row.id, col(Channel.ended_on).is_(None))
        .where(col(Contact.ended_on).is_(None))
        .order_by(col(Unit.id), col(Contact.role).desc(), col(Channel.place))
    )
    if unit:
        query = query.where(Unit.id == unit_seen(session, plan_row, viewer, unit).id)
    return [
        _listed(channel, contact, row, read_chat_address(channel.url))
        for channel, contact, row in session.exec(query)
        if viewer.sees(contact.unit_id)
    ]


Stands = Literal["first", "behind", "refused"]


@dataclass(frozen=True)
class Used:
    """A channel of a plan that runs, and whether its address can be read."""

    plan: str
    unit: str
    role: str
    channel: int
    stands: Stands
    """Before mail, behind it, or the way of somebody whose mail address was refused."""
    read: ChatAddress | None
    why: str = ""
    """Why it cannot be read; without its secret."""


def channels_in_use(session: Session, today: date) -> list[Used]:
    """Every channel that a message may take, or a group's line: of plans that run and are not on trial."""
    query = (
        select(Channel, Contact, Unit, Plan)
        .join(Contact, col(Contact.id) == Channel.contact_id)
        .join(Unit, col(Unit.id) == Contact.unit_id)
        .join(Plan, col(Plan.id) == Contact.plan_id)
        .where(col(Channel.ended_on).is_(None), col(Contact.ended_on).is_(None))
        .where(Plan.ends_on >= today, Plan.trial_mailbox == "")
        .order_by(col(Plan.id), col(Unit.id), col(Channel.id))
    )
    found = []
    for channel, contact, unit, plan in session.exec(query):
        stands: Stands = "refused" if contact.failed_on else "first" if channel.place < 0 else "behind"
        read, why = None, ""
        try:
            read = read_chat_address(channel.url)
        except WrongInput as error:
            why = str(error)
        found.append(Used(plan.code, unit.short, contact.role, channel.id or 0, stands, read, why))
    return found


def _contact(
    session: Session, plan: str | None, unit: str, role: str, by: Actor
) -> tuple[Plan, Unit, Contact]:
    check_role(role)
    plan_row = plan_named(session, plan)
    by.must(Action.MANAGE_CONTACTS)
    unit_row = unit_named(session, plan_row, unit)
    contact = current(session, unit_row, role)
    if contact is None:
        raise WrongInput(f"{unit_row.short} has no {role}. Name one first: eco contact add {unit_row.code}")
    return plan_row, unit_row, contact


def _record(
    session: Session,
    plan: Plan,
    unit: Unit,
    contact: Contact,
    read: ChatAddress,
    now: datetime,
    by: Actor,
    action: str,
) -> None:
    detail = {"unit": unit.code, "role": contact.role, "name": contact.name, "channel": read.shown}
    assert plan.id is not None
    audit.record(session, {plan.id: detail}, at=now, actor=by.name, action=action)


def _listed(row: Channel, contact: Contact, unit: Unit, read: ChatAddress) -> ChannelListed:
    return ChannelListed(
        channel=row.id or 0,
        unit=unit.short,
        role=contact.role,
        name=contact.name,
        place=row.place,
        address=read.shown,
        carries="neutral line" if read.is_robot else "content",
        since=row.since,
        called_on=row.called_on,
        answer=row.answer,
        bounced_on=row.bounced_on,
    )
