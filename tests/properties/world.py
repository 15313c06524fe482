"""Does the same things to the product and to the model, and holds the two against each other."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta

from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.clock import instant, shanghai_date
from eco_workflow.domain.messages import Envelope, Outcome, Result
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.plans.load import LoadedPlan
from eco_workflow.services import (
    contacts,
    outbox,
    progress,
    review,
)
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.deliver import deliver
from eco_workflow.services.dispatch import Decision, decide
from eco_workflow.services.post import Post
from eco_workflow.store import tables
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Contact, Item, Message, Unit
from tests.office import OPERATOR, liaison
from tests.properties.compare import differences, model_says, product_says
from tests.properties.envelopes import wrong_envelopes
from tests.properties.model import answers, decisions, delivery, run
from tests.properties.model.books import Books
from tests.properties.model.post_rows import Letter
from tests.properties.model.rows import OWED, Case, Request


@dataclass
class World:
    """One office, kept twice."""

    database: Database
    loaded: LoadedPlan
    active_from: date
    story: list[str] = field(default_factory=list)
    """What happened, for a failure to be read."""
    steps: int = 0
    """Deeds, runs and deliveries so far."""

    def __post_init__(self) -> None:
        self.now = instant(self.active_from, time(9))
        self.days: WorkingDays = published_calendar()
        self.books = Books(self.loaded.plan, self.days, self.active_from)
        self.newcomers = 0

    @property
    def today(self) -> date:
        return shanghai_date(self.now)

    def told(self, what: str) -> None:
        self.steps += 1
        self.story.append(f"{self.now + timedelta(hours=8):%m-%d %H:%M} {what}")

    def at(self, clock: str) -> None:
        """The same day at a later hour."""
        self.now = instant(self.today, time.fromisoformat(clock))

    def go_to(self, day: date, clock: str = "09:00") -> None:
        self.now = instant(day, time.fromisoformat(clock))

    # Answers and reviews

    def asked(self, unit: str, states: tuple[str, ...]) -> list[tuple[Request, str]]:
        """What the unit was asked and stands in one of these states, oldest round first.

        An answer whose request was superseded half answered stands; reviews of those are told apart in a
        test of their own.
        """
        if unit in self.books.successors:
            return []
        newest: dict[str, Request] = {}
        for request in self.books.requests_of(unit):
            newest |= dict.fromkeys(request.entries, request)
        return [
            (request, item)
            for request in self.books.requests_of(unit)
            for item, entry in request.entries.items()
            if entry.state in states
            and request.state != "superseded"
            and (request.state == "awaiting" or newest[item] is request)
        ]

    def owed(self, unit: str) -> list[tuple[Request, str]]:
        """What the unit may answer now."""
        return self.asked(unit, OWED)

    def reviewable(self, unit: str) -> list[tuple[Request, str]]:
        """What the unit may recall and the office may return: nothing is owed on what was set aside."""
        found = self.asked(unit, ("submitted",))
        return [(request, item) for request, item in found if not self.books.owes[unit, item].is_set_aside]

    def submit(
        self, unit: str, item: str, status: str = "in_progress", request: Request | None = None
    ) -> None:
        """The unit answers, to the newest round that asks it unless another is named."""
        request = request or next(r for r, code in reversed(self.owed(unit)) if code == item)
        printed = request.round.printed
        self.told(f"{unit} answers {item} of {printed}: {status}")
        said, by = Answer(status), liaison(unit)
        if item.startswith("V"):  # a declaration; it is never claimed
            said, status = Answer(occurred=False), "in_progress"
        progress.submit(self.database, unit, item, said, now=self.now, by=by, round_on=printed)
        answers.submit(self.books, request, item, status, self.now)

    def answer(self, unit: str, *, keep: int = 0, status: str = "in_progress") -> None:
        """The unit answers all it owes but the last `keep` items."""
        owed = self.owed(unit)[::-1]
        for request, item in owed[: len(owed) - keep]:
            if (request, item) in self.owed(unit):  # answering the newest round resolves the older ones
                self.submit(unit, item, status, request)

    def recall(self, unit: str, item: str, request: Request | None = None) -> None:
        request = request or next(r for r, code in self.reviewable(unit) if code == item)
        printed = request.round.printed
        self.told(f"{unit} recalls {item} of {printed}")
        progress.recall(self.database, unit, item, now=self.now, by=liaison(unit), round_on=printed)
        answers.recall(self.books, request, item, self.now)

    def give_back(self, unit: str, item: str, request: Request | None = None) -> None:
        request = request or next(r for r, code in self.reviewable(unit) if code == item)
        printed = request.round.printed
        self.told(f"the office returns {item} of {printed} to {unit}")
        review.return_(
            self.database, unit, item, "why", self.days, now=self.now, by=OPERATOR, round_on=printed
        )
        answers.give_back(self.books, request, item, self.now)

    def accept(self, unit: str, item: str, request: Request) -> None:
        printed = request.round.printed
        self.told(f"the office accepts {item} of {printed} of {unit}")
        review.accept(self.database, unit, item, now=self.now, by=OPERATOR, round_on=printed)
        answers.accept(self.books, request, item)

    # People and letters

    def end(self, unit: str, role: str) -> None:
        if self.books.person(unit, role) is None:
            return
        self.told(f"the {role} of {unit} ends")
        contacts.end(self.database, unit, role, now=self.now, by=OPERATOR)
        decisions.end(self.books, unit, role, shanghai_date(self.now))

    def add(self, unit: str, role: str) -> None:
        if unit in self.books.successors or self.books.person(unit, role) is not None:
            return
        self.newcomers += 1
        address = f"{role}{self.newcomers}@{unit}.example"
        self.told(f"{address} is named")
        person = contacts.Person(role, address, address)
        contacts.add(self.database, unit, person, now=self.now, by=OPERATOR)
        decisions.add(self.books, unit, role, address)

    def letters(self, state: str) -> list[Letter]:
        """The model's letters in a state whose person is still there, oldest first."""
        found = [x for x in self.books.letters if x.state == state]
        if state == "failed":
            found = [x for x in found if not x.to.ended]
        return sorted(found, key=lambda x: (x.on, x.to.address))

    def retry(self, letter: Letter) -> None:
        self.told(f"the letter of {letter.on} to {letter.to.address} is tried again")
        outbox.retry(self.database, self._id(letter), now=self.now, by=OPERATOR)
        delivery.retry(self.books, letter, self.now)

    def settle(self, letter: Letter, *, sent: bool) -> None:
        self.told(f"the letter of {letter.on} to {letter.to.address} is settled: sent={sent}")
        outbox.settle_unknown(self.database, self._id(letter), sent=sent, now=self.now, by=OPERATOR)
        delivery.settle(self.books, letter, sent=sent)

    def _id(self, letter: Letter) -> int:
        occasion = "envelope"
        if letter.of is not None:
            occasion = f"{letter.occasion}.{self.number(letter.of)}"
            occasion += f".{letter.of_rung}" if letter.of_rung else ""
        with self.database.read() as session:
            found = session.exec(
                select(Message.id)
                .join(Contact, col(Contact.id) == Message.contact_id)
                .where(Contact.address == letter.to.address, Message.on_date == letter.on)
                .where(Message.occasion == occasion)
            ).one()
        assert found is not None
        return found

    def number(self, case: Case) -> int:
        """The case's number in the product."""
        with self.database.read() as session:
            rows = session.exec(
                select(tables.Case)
                .join(Unit, col(Unit.id) == tables.Case.unit_id)
                .where(Unit.code == case.unit, tables.Case.clock == case.clock)
                .where(tables.Case.opened_on == case.opened_on)
            )
            items = {item.id: item.code for item in session.exec(select(Item))}
            (found,) = [row.id for row in rows if items.get(row.item_id, "") == case.item]
        assert found is not None
        return found

    # Runs and deliveries

    def decide(self, *, confirmed: bool = False) -> Decision:
        """The day's decision by the product and by the model."""
        self.told("run" + (", date confirmed" if confirmed else ""))
        date_confirmed = self.today if confirmed else None
        decision = decide(self.database, self.now, self.days, actor="schedule", confirmed=date_confirmed)
        assert decision.broken == {}, self.failure(str(decision.broken))
        ran = run.run(self.books, self.now, confirmed=confirmed)
        assert ran == (not decision.stopped), self.failure(f"stopped: {decision.stopped}")
        return decision

    def deliver(self, fate: dict[str, Result] | None = None) -> None:
        """What lies in the outbox is handed over; the envelopes say what the model's letters are about."""
        fate = fate or {}
        self.told("delivery" + "".join(f", {who}: {what}" for who, what in fate.items()))
        written: list[Envelope] = []

        def render(envelope: Envelope) -> bytes:
            written.append(envelope)
            return envelope.message_id.encode()

        def send(address: str, _body: bytes) -> Outcome:
            return Outcome(fate.get(address, Result.ACCEPTED), "said so")

        deliver(Post(self.database, self.now, self.days, render, send))
        delivery.deliver(self.books, self.now, fate)
        wrong = list(wrong_envelopes(self.books, written))
        assert not wrong, self.failure("\n".join(wrong))

    def run(self, day: str | date, fate: dict[str, Result] | None = None) -> None:
        """A whole run in the morning of a day, compared afterwards."""
        self.go_to(day if isinstance(day, date) else date.fromisoformat(day))
        self.decide()
        self.compare("the decision")
        self.deliver(fate)
        self.compare("the delivery")

    def compare(self, after: str = "that") -> None:
        """What the product's rows say is what the model says."""
        with self.database.read() as session:
            real = product_says(session)
        if found := differences(model_says(self.books), real):
            raise AssertionError(self.failure(f"After {after}: {found}"))

    def failure(self, what: str) -> str:
        """What went wrong, and the whole history before it."""
        return f"{what}\nThe plan: {self.loaded.digest}. The story:\n" + "\n".join(self.story)
