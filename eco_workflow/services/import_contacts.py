"""An office's whole list of contacts taken in at once: previewed, then written, or nothing (DOMAIN 1, 5).

Whom the list does not name stays. Contacts are ended and added, never edited: another name or address is
another person, who takes over; a changed post, telephone, deputy or absence leaves the contact where it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.address import why_unusable
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.contact_card import Card, why_no_line, wrong_with
from eco_workflow.domain.errors import EcoError, WrongInput
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.words import ROLE
from eco_workflow.services.contact_cards import NOTHING_KNOWN, cards, put
from eco_workflow.services.contact_sheet import COLUMNS, Finding, Line, lines, unspaced, write
from eco_workflow.services.contacts import ROLES, check_has_contacts, new_contact
from eco_workflow.services.find import check_day, plan_named, unit_named
from eco_workflow.services.workbook import Sheet
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Channel, Contact, Plan, Unit


@dataclass(frozen=True)
class Change:
    """What the list makes of one role of one unit."""

    row: int
    unit: str
    role: str
    what: str
    """`new`, `replaces`, `changed` (post, telephone, deputy or absence) or `stays`."""
    name: str
    address: str
    former: str = ""
    """Who is replaced."""
    fields: tuple[str, ...] = ()
    """Of a changed one: what changed, by its heading."""
    channels: int = 0
    """How many chat channels end with who is replaced: they are that person's, and are not handed on."""


@dataclass(frozen=True)
class Gap:
    """A role that nobody fills, or whose address a server refused."""

    unit: str
    role: str
    why: str
    """`none` or `refused`."""


@dataclass(frozen=True)
class Outcome:
    """What a list changes, or has changed, and what is wanting after it."""

    plan: str
    new: int
    replaced: int
    changed: int
    stay: int
    changes: tuple[Change, ...]
    gaps: tuple[Gap, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether everything is so already."""
        return self.stay == len(self.changes)


@dataclass(frozen=True)
class _Meant:
    """A line with the rows that it is about."""

    line: Line
    unit: Unit
    former: Contact | None
    card: Card
    """What is known of the former."""
    channels: int
    """How many the former has."""

    @property
    def is_same(self) -> bool:
        if self.former is None or self.former.address != self.line.address:
            return False
        return unspaced(self.former.name) == self.line.name

    @property
    def change(self) -> Change:
        """In words."""
        line, former = self.line, self.former
        told = Change(line.row, self.unit.short, line.role, "new", line.name, line.address)
        if former is None:
            return told
        if not self.is_same:
            was = f"{former.name} <{former.address}>"
            return replace(told, what="replaces", former=was, channels=self.channels)
        fields = tuple(
            COLUMNS[field] for field, value in vars(line.card).items() if value != getattr(self.card, field)
        )
        return replace(told, what="changed" if fields else "stays", fields=fields)


def preview(session: Session, sheet: Sheet, *, now: datetime, by: Actor, plan: str | None) -> Outcome:
    """What taking the list in would change. Raises as `take_in` does."""
    plan_row = plan_named(session, plan)
    by.must(Action.MANAGE_CONTACTS)
    check_day(plan_row, now)
    return _outcome(session, plan_row, _meant(session, plan_row, sheet, shanghai_date(now)))


def take_in(database: Database, sheet: Sheet, *, now: datetime, by: Actor, plan: str | None) -> Outcome:
    """Makes the list the plan's contacts. Raises `WrongInput` with everything that is wrong in it."""
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.MANAGE_CONTACTS)
        check_day(plan_row, now)
        today = shanghai_date(now)
        meant = _meant(session, plan_row, sheet, today)
        outcome = _outcome(session, plan_row, meant)
        if outcome.is_nothing:
            return outcome
        for one in meant:
            _write(session, one, today)
        told = [change for change in outcome.changes if change.what != "stays"]
        detail = {"rows": len(outcome.changes), "changes": [_recorded(change) for change in told]}
        assert plan_row.id is not None
        audit.record(session, {plan_row.id: detail}, at=now, actor=by.name, action="contact_import")
        return outcome


def template(session: Session, *, now: datetime, by: Actor, plan: str | None) -> bytes:
    """The contacts as a workbook: two rows a working unit, empty where nobody is named.

    An absence that is over is left out.
    """
    plan_row = plan_named(session, plan)
    by.must(Action.MANAGE_CONTACTS)
    current, known = _current(session, plan_row)
    rows = []
    for unit in _working_units(session, plan_row):
        for role in ROLES:
            person = current.get((unit.id, role))
            card = _still(known.get(person.id or 0) if person else None, shanghai_date(now))
            name, address = (person.name, person.address) if person else ("", "")
            rows.append(Line(0, unit.short, role, name, address, card))
    return write(rows, marking=plan_row.marking)


def _write(session: Session, one: _Meant, today: date) -> None:
    contact = one.former
    if contact is None or not one.is_same:
        if contact is not None:
            contact.ended_on = today
            session.flush()  # one contact a role at a time
        contact = new_contact(one.unit, one.line.role, one.line.name, one.line.address, today)
        session.add(contact)
        session.flush()
        put(session, contact.id or 0, one.line.card, today)
    elif one.card != one.line.card:
        put(session, contact.id or 0, one.line.card, today)


def _recorded(change: Change) -> dict[str, object]:
    return {name: value for name, value in vars(change).items() if value and name not in ("row", "address")}


def _meant(session: Session, plan: Plan, sheet: Sheet, today: date) -> list[_Meant]:
    """The rows meant by each line. Raises `WrongInput` with every finding, by row."""
    read, found = lines(sheet)
    current, known = _current(session, plan)
    channels = _channels(session)
    meant: list[_Meant] = []
    seen: dict[tuple[int | None, str], int] = {}
    for line in read:
        unit = _unit(session, plan, line, found)
        if unit is None or not line.role:
            continue
        key = unit.id, line.role
        if key in seen:
            what = f"{unit.short} {ROLE[line.role]} stands in row {seen[key]} already"
            found.append(Finding(line.row, COLUMNS["role"], what))
            continue
        seen[key] = line.row
        former = current.get(key)
        card = _still(known.get(former.id or 0) if former else None, today)
        is_blank = not line.name and not line.address
        if is_blank and former is None and line.card == NOTHING_KNOWN:
            continue  # nobody yet: a gap that stays one
        # Of a row with a cell that could not be read, that is said; what it lacks is not known.
        if all(finding.row != line.row for finding in found):
            found += _wrong(line, former, today)
        meant.append(_Meant(line, unit, former, card, channels.get(former.id or 0, 0) if former else 0))
    if found:
        said = sorted({finding: finding.said for finding in found}.items(), key=lambda pair: pair[0].row)
        raise WrongInput("\n".join(f"{sheet.file}, {words}" for _, words in said))
    return meant


def _unit(session: Session, plan: Plan, line: Line, found: list[Finding]) -> Unit | None:
    if not line.unit:
        return None  # said where it was read
    try:
        unit = unit_named(session, plan, line.unit)
        check_has_contacts(session, unit)
    except EcoError as error:
        found.append(Finding(line.row, COLUMNS["unit"], str(error)))
        return None
    return unit


def _wrong(line: Line, former: Contact | None, today: date) -> Iterable[Finding]:
    if not line.name:
        held = f", but {former.name} fills the role: name who follows, or take the row out" if former else ""
        yield Finding(line.row, COLUMNS["name"], f"is empty{held}")
    elif why := why_no_line(line.name):
        yield Finding(line.row, COLUMNS["name"], why)
    if unusable := why_unusable(line.address):
        yield Finding(line.row, COLUMNS["address"], unusable)
    for field, wrong in wrong_with(line.card, line.address, today):
        yield Finding(line.row, COLUMNS[field], wrong)
    if former is not None and today < former.since:
        wrong = f"{former.name} was named on {former.since}, after {today}. Correct --now"
        yield Finding(line.row, COLUMNS["name"], wrong)


def _still(card: Card | None, today: date) -> Card:
    """What holds from today on: of an absence that is over nothing does."""
    if card is None:
        return NOTHING_KNOWN
    over = card.away_until is not None and card.away_until < today
    return replace(card, away_from=None, away_until=None) if over else card


def _outcome(session: Session, plan: Plan, meant: list[_Meant]) -> Outcome:
    changes = tuple(one.change for one in meant)
    counts = {what: sum(change.what == what for change in changes) for what in ("new", "replaces", "changed")}
    current, _ = _current(session, plan)
    works = {key: person.failed_on is None for key, person in current.items()}
    works |= {(one.unit.id or 0, one.line.role): True for one in meant if not one.is_same}
    gaps = [
        Gap(unit.short, role, "refused" if (unit.id, role) in works else "none")
        for unit in _working_units(session, plan)
        for role in ROLES
        if not works.get((unit.id or 0, role))
    ]
    return Outcome(
        plan=plan.code,
        new=counts["new"],
        replaced=counts["replaces"],
        changed=counts["changed"],
        stay=len(changes) - sum(counts.values()),
        changes=changes,
        gaps=tuple(gaps),
    )


def _current(session: Session, plan: Plan) -> tuple[dict[tuple[int | None, str], Contact], dict[int, Card]]:
    people = session.exec(
        select(Contact).where(Contact.plan_id == plan.id, col(Contact.ended_on).is_(None))
    ).all()
    found: dict[tuple[int | None, str], Contact] = {(one.unit_id, one.role): one for one in people}
    return found, cards(session, (one.id for one in people))


def _channels(session: Session) -> dict[int, int]:
    """By contact, how many chat channels there are."""
    counted = select(Channel.contact_id, func.count()).where(col(Channel.ended_on).is_(None))
    return dict(session.exec(counted.group_by(col(Channel.contact_id))).all())


def _working_units(session: Session, plan: Plan) -> list[Unit]:
    """Units that can be asked, or hear something: those that name people."""
    units = select(Unit).where(
        Unit.plan_id == plan.id, col(Unit.kind).in_(("unit", "office")), col(Unit.successor_id).is_(None)
    )
    return list(session.exec(units.order_by(col(Unit.id))).all())
