"""The small office of these tests, and a mail server that does as it is told."""

import email
import email.policy
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from sqlmodel import Session, col, select

from eco_workflow.domain.messages import Send
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.deliver import Delivered, deliver
from eco_workflow.services.dispatch import Decision, decide
from eco_workflow.services.post import Post
from eco_workflow.services.run_result import RunResult, conclude
from eco_workflow.settings import Settings
from eco_workflow.store.tables import (
    Attempt,
    Case,
    Contact,
    Entry,
    Item,
    Message,
    Obligation,
    Plan,
    Request,
    Round,
    RoundSummary,
    Rung,
    Unit,
)
from notifications.render import renderer
from notifications.send import open_channel
from notifications.smtp import Server, smtp
from tests.office import Office, at

SMALL = Path(__file__).with_name("small.yaml")
UNITS = ("jia", "yi", "bing")
RENDER = renderer("office@eco.example")


def plan_file(folder: Path, plan: str = "small", **fields: str) -> str:
    """The small plan under an id of its own, single fields written otherwise; returns its path."""
    lines = SMALL.read_text("utf-8").replace("id: small\n", f"id: {plan}\n", 1).splitlines()
    for name, value in fields.items():
        [place] = [n for n, line in enumerate(lines) if line.startswith(f"{name}:")]
        lines[place] = f"{name}: {value}"
    path = folder / f"{plan}.yaml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


class Small(Office):
    """The small plan's office. Runs in two steps where a test needs what lies between them."""

    releases: bool = True
    """It releases each summary in the morning on which it was drafted; else it is late itself."""

    def result(self, day: str, clock: str = "09:00", confirmed: str | None = None) -> RunResult:
        """One run as `flows.wiring` puts it together, with templates that are compiled already."""
        decision = self.decide(day, clock, confirmed)
        settings = self.settings
        with open_channel(
            settings.mail_url, mail_folder=settings.mail_folder, sender=settings.mail_from
        ) as send:
            delivered = self.deliver(day, send, clock)
        return conclude(self.database, decision, delivered, date.fromisoformat(day))

    def decide(self, day: str, clock: str = "09:00", confirmed: str | None = None) -> Decision:
        """The first half of a run."""
        return decide(
            self.database,
            at(day, clock),
            published_calendar(),
            actor="schedule",
            confirmed=date.fromisoformat(confirmed) if confirmed else None,
        )

    def deliver(self, day: str, send: Send, clock: str = "09:00", **more: Any) -> Delivered:
        """The second half, through any channel; `more`: of a `Post`."""
        delivered = deliver(Post(self.database, at(day, clock), published_calendar(), RENDER, send, **more))
        for printed in self._drafted() if self.releases else ():
            self.release(printed, day)
        return delivered

    def _drafted(self) -> list[str]:
        with self.database.read() as session:
            drafted = select(col(Round.on_date)).join(RoundSummary, col(RoundSummary.round_id) == Round.id)
            return [str(on) for on in session.exec(drafted.where(col(RoundSummary.released_on).is_(None)))]

    def post(self, day: str, server: "Postmaster", clock: str = "09:00") -> Delivered:
        """The second half, through a real mail server."""
        with smtp(Server("127.0.0.1", server.port), "office@eco.example", timeout=5) as send:
            return self.deliver(day, send, clock)

    def through(self, server: "Postmaster") -> None:
        """Every whole run from now on uses this mail server."""
        self.settings = Settings(
            home=self.home, database_url=self.url, mail_url=f"smtp://127.0.0.1:{server.port}"
        )

    def falls_due(self, unit: str, item: str, day: str) -> None:
        """The item is due on another day for the unit, as if the plan said so."""
        with self.database.write() as session:
            owed = session.exec(
                select(Obligation)
                .join(Unit, col(Unit.id) == Obligation.unit_id)
                .join(Item, col(Item.id) == Obligation.item_id)
                .where(Unit.code == unit, Item.code == item)
            ).one()
            owed.due_on = date.fromisoformat(day)

    def request(self, unit: str, round_on: str) -> Request:
        """A unit's request of a round."""
        with self.database.read() as session:
            return session.exec(
                select(Request)
                .join(Round, col(Round.id) == Request.round_id)
                .join(Unit, col(Unit.id) == Request.unit_id)
                .where(Unit.code == unit, Round.on_date == date.fromisoformat(round_on))
            ).one()

    def entries(self, unit: str, round_on: str) -> list[Entry]:
        """A unit's entries of a round."""
        request = self.request(unit, round_on)
        with self.database.read() as session:
            return list(
                session.exec(
                    select(Entry).where(Entry.round_id == request.round_id, Entry.unit_id == request.unit_id)
                )
            )

    def case(self, unit: str) -> Case:
        """The unit's newest case."""
        with self.database.read() as session:
            cases = session.exec(
                select(Case).join(Unit, col(Unit.id) == Case.unit_id).where(Unit.code == unit)
            ).all()
            return max(cases, key=lambda case: case.id or 0)

    def told(self, unit: str) -> list[tuple[int, date, date | None]]:
        """(rung, told on, released on) of the unit's newest case, in order."""
        case = self.case(unit)
        with self.database.read() as session:
            rows = session.exec(select(Rung).where(Rung.case_id == case.id).order_by(col(Rung.on_date)))
            return [(row.rung, row.on_date, row.released_on) for row in rows]

    def message(self, to: str, day: str) -> Message:
        """The envelope of a person and a day."""
        with self.database.read() as session:
            return session.exec(
                select(Message)
                .join(Contact, col(Contact.id) == Message.contact_id)
                .where(Contact.address == to, Message.on_date == date.fromisoformat(day))
            ).one()

    def attempts(self, to: str, day: str) -> list[Attempt]:
        """The attempts of an envelope, in order."""
        message = self.message(to, day)
        with self.database.read() as session:
            return list(
                session.exec(select(Attempt).where(Attempt.message_id == message.id).order_by(col(Attempt.n)))
            )

    def contact(self, address: str) -> Contact:
        """A person."""
        with self.database.read() as session:
            return session.exec(select(Contact).where(Contact.address == address)).one()

    def rounds(self) -> dict[str, str]:
        """Printed date → state, of the rounds that are no longer planned."""
        with self.database.read() as session:
            rows = session.exec(select(Round).where(Round.state != "planned").order_by(col(Round.on_date)))
            return {row.on_date.isoformat(): row.state for row in rows}


def set_up(url: str, home: Path, active_from: str = "2022-03-01", **fields: str) -> Small:
    """The small plan, active in an empty database."""
    made = Small(url, home, plan=plan_file(home, **fields))
    made.open(active_from)
    return made


def plan_id(session: Session, code: str) -> int:
    """The id of a plan."""
    found = session.exec(select(Plan.id).where(Plan.code == code)).one()
    assert found is not None
    return found


class Postmaster:
    """A mail server. `says`: address → what it answers to it; `dropping`: takes the mail, then hangs up.

    `rejects`: what it answers to the content of every mail, whoever it is for; empty when it takes them.
    """

    def __init__(self) -> None:
        self.port = _free_port()
        self.says: dict[str, str] = {}
        self.dropping: set[str] = set()
        self.rejects = ""
        self.taken: list[tuple[str, str]] = []
        """(address, plain text) of every mail whose final dot came."""

    def to(self, address: str) -> list[str]:
        """The texts that an address was sent."""
        return [text for to, text in self.taken if to == address]

    def addresses(self) -> list[str]:
        """Who was sent something since the last look, sorted; forgets it."""
        found = sorted(to for to, _ in self.taken)
        self.taken.clear()
        return found

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.says:
            return self.says[address]
        envelope.rcpt_tos.append(address)
        return "250 recipient fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.rejects:
            return self.rejects
        [address] = envelope.rcpt_tos
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        plain = mail.get_body(("plain",))
        assert plain is not None
        self.taken.append((address, plain.get_content()))
        if address in self.dropping:
            server.transport.abort()
        return "250 2.0.0 queued"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def mail_server() -> Iterator[Postmaster]:
    """A real server on a free port."""
    postmaster = Postmaster()
    controller = Controller(postmaster, hostname="127.0.0.1", port=postmaster.port)
    controller.start()
    try:
        yield postmaster
    finally:
        controller.stop()


def no_two(addresses: list[str]) -> bool:
    """Nobody occurs twice."""
    return all(times == 1 for times in Counter(addresses).values())
