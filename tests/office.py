"""A creation office for tests: the real services, a real database, real mailboxes, and a told time."""

import email
import email.policy
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlmodel import col, select

from eco_workflow.domain.answers import Answer, Question
from eco_workflow.domain.clock import ZONE, instant, shanghai_date
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.plans.load import LoadedPlan, read
from eco_workflow.services import contacts, progress, release_summary, review
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.find import document
from eco_workflow.services.load_plan import Activated, activate
from eco_workflow.services.run_result import RunResult
from eco_workflow.settings import Settings
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Case, Entry, Item, Message, Plan, Request, Round, Unit
from flows.wiring import Order, run_directly
from tests.first_days import database_once, restore, what_came_of

DAXINGANLING = "daxinganling-2022"

OPERATOR = Actor("operator", frozenset({Role.OPERATOR}))
SUPERVISOR = Actor("supervisor", frozenset({Role.SUPERVISOR}))
ADMIN = Actor("admin", frozenset({Role.ADMIN}))


def liaison(unit: str) -> Actor:
    """Who answers for a unit."""
    return Actor(f"liaison of {unit}", frozenset({Role.LIAISON}), unit)


def answer_to(question: Question, **said: Any) -> Answer:
    """An answer to what an item asks: there is progress, nothing occurred, or what is said."""
    if question == "yes_no":
        return Answer(progress=True)
    declared = {"occurred": False} if question == "occurred" else {}
    return Answer(**{"status": "in_progress", **declared, **said})


def at(day: str, clock: str = "09:00") -> datetime:
    """The instant at which the office's wall shows this day and time."""
    return instant(date.fromisoformat(day), time.fromisoformat(clock))


Made = TypeVar("Made")


@cache
def plan_read(plan: str) -> LoadedPlan:
    """A packaged plan, read once in a process: that is half a second for the real one."""
    return read(plan)


@dataclass(frozen=True)
class Mail:
    """A mail as it lies in somebody's mailbox."""

    to: str
    sender: str
    sent: datetime
    subject: str
    text: str
    message_id: str

    @property
    def on(self) -> date:
        return shanghai_date(self.sent)


@dataclass
class Office:
    """`office.run("2022-03-14")` is the morning of that day."""

    url: str
    home: Path
    plan: str = DAXINGANLING
    database: Database = field(init=False)
    _begun: tuple[Hashable, ...] = ()

    def __post_init__(self) -> None:
        self.database = Database(self.url)
        self.settings = Settings(home=self.home, database_url=self.url, mail_url=None)

    @property
    def days(self) -> WorkingDays:
        """The published calendar."""
        return published_calendar()

    def open(self, active_from: str = "2022-03-01", marking: str = "") -> Activated:
        """Makes the database and activates the plan."""
        loaded = plan_read(self.plan) if self.plan == DAXINGANLING else read(self.plan)

        def activated() -> Activated:
            upgrade(self.database)
            return activate(
                self.database,
                loaded,
                active_from=date.fromisoformat(active_from),
                now=at(active_from, "08:00"),
                actor="operator",
                marking=marking,
            )

        return self.once((loaded.text, active_from, marking), activated)

    def silent(self, *days: str) -> dict[str, Any]:
        """The runs of these mornings right after `open` and `once`, while nobody does anything.

        Returns what the last of them printed.
        """

        def mornings() -> dict[str, Any]:
            if days[:-1]:
                self.silent(*days[:-1])
            return self.run(days[-1])

        return self.once(days, mornings)

    def once(self, what: Hashable, do: Callable[[], Made]) -> Made:
        """What many tests begin with, done once in a test run and then copied: `do`, known as `what`.

        One may follow another. Whatever was done between them is not part of what is kept, and is gone.
        """
        begun = (*self._begun, what)
        self.database.dispose()

        def made() -> Made:
            restore(self.url, self.home, self._begun)
            found = do()
            self.database.dispose()
            return found

        database_once(self.url, self.home, begun, made)
        self._begun = begun
        return cast("Made", what_came_of(self.url, begun))

    def run_without_mail(self, *days: str) -> None:
        """The runs of these mornings, while no mail server takes a connection."""
        working = self.settings
        self.settings = Settings(home=self.home, database_url=self.url, mail_url="smtp://127.0.0.1:1")
        for day in days:
            self.run(day)
        self.settings = working

    def result(self, day: str, clock: str = "09:00", confirmed: str | None = None) -> RunResult:
        """One run, with everything it has to say."""
        order = Order(
            now=at(day, clock),
            actor="schedule",
            confirmed=date.fromisoformat(confirmed) if confirmed else None,
        )
        return run_directly(self.settings, order)

    def run(self, day: str, clock: str = "09:00") -> dict[str, Any]:
        """One run, as `eco dispatch --json` prints it."""
        return self.result(day, clock).as_json()

    def answer(self, unit: str, day: str, clock: str = "10:00", **said: Any) -> None:
        """The unit answers everything it owes in the newest round."""
        with self.database.read() as session:
            asks = document(session, session.exec(select(Plan)).one()).question
        for code in self.owed(unit):
            progress.submit(
                self.database,
                unit,
                code,
                answer_to(asks(code), **said),
                now=at(day, clock),
                by=liaison(unit),
            )

    def owed(self, unit: str) -> list[str]:
        """The codes a unit still owes in the newest request that stands."""
        with self.database.read() as session:
            rows = session.exec(
                select(Round.id, Item.code)
                .join(Entry, col(Entry.round_id) == Round.id)
                .join(Item, col(Item.id) == Entry.item_id)
                .join(Unit, col(Unit.id) == Entry.unit_id)
                .join(
                    Request,
                    (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id),
                )
                .where(Unit.code == unit, Round.state == "open", Request.state == "awaiting")
                .where(col(Entry.state).in_(("awaiting", "returned")))
                .order_by(col(Round.id).desc(), col(Item.id))
            ).all()
        return [code for round_id, code in rows if round_id == rows[0][0]]

    def due(self, unit: str = "shuiwuju") -> set[datetime | None]:
        """When the unit's request and what it owes in it are due."""
        with self.database.read() as session:
            rows = session.exec(
                select(Request.due_at, Entry.due_at)
                .join(
                    Entry, (col(Entry.round_id) == Request.round_id) & (col(Entry.unit_id) == Request.unit_id)
                )
                .join(Unit, col(Unit.id) == Request.unit_id)
                .where(Unit.code == unit, Request.state == "awaiting")
            ).all()
        return {moment for row in rows for moment in row}

    def give_back(self, unit: str, item: str, day: str, reason: str = "缺少数据来源") -> None:
        """The office returns an answer."""
        review.return_(
            self.database, unit, item, reason, published_calendar(), now=at(day, "11:00"), by=OPERATOR
        )

    def release(self, round_on: str, day: str) -> None:
        """The office releases a round's summary."""
        release_summary.release(
            self.database, date.fromisoformat(round_on), now=at(day, "11:30"), by=OPERATOR
        )

    def replace(self, unit: str, role: str, address: str, day: str) -> None:
        """The unit names another person."""
        contacts.end(self.database, unit, role, now=at(day, "08:00"), by=OPERATOR)
        person = contacts.Person(role, f"新任{role}", address)
        contacts.add(self.database, unit, person, now=at(day, "08:01"), by=OPERATOR)

    def rungs(self) -> dict[str, int]:
        """Unit code → the rung on which its open case stands."""
        with self.database.read() as session:
            rows = session.exec(
                select(Unit.code, Case.rung)
                .join(Case, col(Case.unit_id) == Unit.id)
                .where(col(Case.closed_on).is_(None))
            )
            return dict(rows.all())

    def states(self, day: str) -> list[str]:
        """The states of the day's messages, sorted."""
        with self.database.read() as session:
            rows = session.exec(select(Message.state).where(Message.on_date == date.fromisoformat(day)))
            return sorted(rows)

    def mails(self, day: str | None = None, to: str | None = None) -> list[Mail]:
        """What lies in the mailboxes, in order of the day, the address and the hour."""
        folders = sorted((self.home / "mail").glob("*/new"))
        found = [
            _read(folder.parent.name, path.read_bytes())
            for folder in folders
            if to in (None, folder.parent.name)
            for path in sorted(folder.iterdir())
        ]
        if day is not None:
            found = [mail for mail in found if mail.on == date.fromisoformat(day)]
        return sorted(found, key=lambda mail: (mail.on, mail.to, mail.sent))


@cache
def _read(to: str, raw: bytes) -> Mail:
    """The same mornings leave the same mails in hundreds of tests."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    plain = message.get_body(("plain",))
    assert plain is not None
    sent = message["Date"].datetime.astimezone(ZONE)
    return Mail(
        to=to,
        sender=str(message["From"]),
        sent=sent,
        subject=str(message["Subject"]),
        text=plain.get_content(),
        message_id=str(message["Message-ID"]),
    )
