"""Does the same things to the product and to the model, and holds the two against each other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.clock import instant, shanghai_date
from eco_workflow.domain.messages import Envelope, Outcome, Result
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.plans.load import LoadedPlan
from eco_workflow.services import contacts, outbox, progress, review
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.deliver import Post, deliver
from eco_workflow.services.dispatch import Decision, decide
from eco_workflow.services.tellings import tellings
from eco_workflow.store.audit import broken_at
from eco_workflow.store.session import Database
from eco_workflow.store.tables import (
    Attempt,
    Audit,
    Breach,
    Case,
    Contact,
    Entry,
    Item,
    Line,
    Message,
    Notice,
    Obligation,
    Paper,
    Report,
    Request,
    Round,
    RoundSummary,
    Rung,
    Unit,
)
from tests.office import OPERATOR, liaison
from tests.properties import model as m

FIRST = date(2022, 3, 1)
Snapshot = dict[str, Any]


def render(envelope: Envelope) -> bytes:
    """Enough of a letter for the outbox."""
    return envelope.message_id.encode()


@dataclass
class World:
    """One office, kept twice."""

    database: Database
    loaded: LoadedPlan
    now: datetime = field(default_factory=lambda: instant(FIRST, time(9)))
    story: list[str] = field(default_factory=list)
    """What happened, for a failure to be read."""

    def __post_init__(self) -> None:
        self.days: WorkingDays = published_calendar()
        self.model = m.Model(self.loaded.plan, self.days, FIRST)
        self.newcomers = 0

    @property
    def today(self) -> date:
        return shanghai_date(self.now)

    def told(self, what: str) -> None:
        self.story.append(f"{self.now + timedelta(hours=8):%m-%d %H:%M} {what}")

    def at(self, clock: str) -> None:
        """The same day at a later hour."""
        self.now = instant(self.today, time.fromisoformat(clock))

    def go_to(self, day: date, clock: str = "09:00") -> None:
        self.now = instant(day, time.fromisoformat(clock))

    # Deeds; each returns whether there was anything to do

    def submit(self, unit: str, item: str, status: str = "in_progress") -> None:
        self.told(f"{unit} answers {item}: {status}")
        progress.submit(self.database, unit, item, Answer(status), now=self.now, by=liaison(unit))
        self.model.submit(unit, item, status, self.now)

    def owed(self, unit: str) -> list[str]:
        """Items the unit may answer now."""
        return self._items(unit, m.OWED)

    def submitted(self, unit: str) -> list[str]:
        """Items the unit may recall and the office may review now."""
        return self._items(unit, ("submitted",))

    def _items(self, unit: str, states: tuple[str, ...]) -> list[str]:
        found = []
        for owner, item in self.model.owes:
            request = self.model.place(owner, item) if owner == unit else None
            asked = [r for r in self.model.requests_of(unit) if item in r.entries]
            # An answer whose request was superseded half answered stands; reviews are told apart in a
            # test of their own.
            if request is not None and request is asked[-1] and request.entries[item].state in states:
                found.append(item)
        return found

    def answer(self, unit: str, *, keep: int = 0, status: str = "in_progress") -> None:
        """The unit answers all it owes but the last `keep` items."""
        owed = self.owed(unit)
        for item in owed[: len(owed) - keep]:
            if item in self.owed(unit):  # answering the newest round resolves the older ones
                self.submit(unit, item, status)

    def recall(self, unit: str, item: str) -> None:
        self.told(f"{unit} recalls {item}")
        progress.recall(self.database, unit, item, now=self.now, by=liaison(unit))
        self.model.recall(unit, item, self.now)

    def give_back(self, unit: str, item: str) -> None:
        self.told(f"the office returns {item} to {unit}")
        review.return_(self.database, unit, item, "why", self.days, now=self.now, by=OPERATOR)
        self.model.give_back(unit, item, self.now)

    def accept(self, unit: str, item: str) -> None:
        self.told(f"the office accepts {item} of {unit}")
        review.accept(self.database, unit, item, now=self.now, by=OPERATOR)
        self.model.accept(unit, item)

    def end(self, unit: str, role: str) -> None:
        if self.model.person(unit, role) is None:
            return
        self.told(f"the {role} of {unit} ends")
        contacts.end(self.database, unit, role, now=self.now, by=OPERATOR)
        self.model.end(unit, role)

    def add(self, unit: str, role: str) -> None:
        if self.model.person(unit, role) is not None:
            return
        self.newcomers += 1
        address = f"{role}{self.newcomers}@{unit}.example"
        self.told(f"{address} is named")
        person = contacts.Person(role, address, address)
        contacts.add(self.database, unit, person, now=self.now, by=OPERATOR)
        self.model.add(unit, role, address)

    def letters(self, state: str) -> list[m.Letter]:
        """The model's letters in a state whose person is still there, oldest first."""
        found = [x for x in self.model.letters if x.state == state]
        if state == "failed":
            found = [x for x in found if not x.to.ended]
        return sorted(found, key=lambda x: (x.on, x.to.address))

    def retry(self, letter: m.Letter) -> None:
        self.told(f"the letter of {letter.on} to {letter.to.address} is tried again")
        outbox.retry(self.database, self._id(letter), now=self.now, by=OPERATOR)
        self.model.retry(letter, self.now)

    def settle(self, letter: m.Letter, *, sent: bool) -> None:
        self.told(f"the letter of {letter.on} to {letter.to.address} is settled: sent={sent}")
        outbox.settle_unknown(self.database, self._id(letter), sent=sent, now=self.now, by=OPERATOR)
        self.model.settle(letter, sent=sent)

    def _id(self, letter: m.Letter) -> int:
        with self.database.read() as session:
            found = session.exec(
                select(Message.id)
                .join(Contact, col(Contact.id) == Message.contact_id)
                .where(Contact.address == letter.to.address, Message.on_date == letter.on)
            ).one()
        assert found is not None
        return found

    def decide(self, *, confirmed: bool = False) -> Decision:
        """The day's decision, taken twice: the second time nothing changes."""
        self.told("run" + (", date confirmed" if confirmed else ""))
        date_confirmed = self.today if confirmed else None
        decision = decide(self.database, self.now, self.days, actor="schedule", confirmed=date_confirmed)
        assert decision.broken == {}, self.failure(str(decision.broken))
        ran = self.model.run(self.now, confirmed=confirmed)
        assert ran == (not decision.stopped), self.failure(f"stopped: {decision.stopped}")
        return decision

    def deliver(self, fate: dict[str, Result] | None = None) -> None:
        fate = fate or {}
        if fate:
            self.told(f"delivery, {', '.join(f'{who}: {what}' for who, what in fate.items())}")

        def send(address: str, _body: bytes) -> Outcome:
            return Outcome(fate.get(address, Result.ACCEPTED), "said so")

        deliver(Post(self.database, self.now, self.days, render, send))
        self.model.deliver(self.now, fate)

    def run(self, day: str | date, fate: dict[str, Result] | None = None) -> None:
        """A whole run in the morning of a day, compared afterwards."""
        self.go_to(day if isinstance(day, date) else date.fromisoformat(day))
        self.decide()
        self.compare("the decision")
        self.deliver(fate)
        self.compare("the delivery")

    # Holding the two together

    def compare(self, after: str = "that") -> None:
        """What the product's rows say is what the model says."""
        with self.database.read() as session:
            real = product_says(session)
        expected = model_says(self.model)
        for kind, rows in expected.items():
            if real[kind] == rows:
                continue
            keys = sorted({*rows, *real[kind]}, key=str)
            lines = [
                f"  {key}\n    model:   {rows.get(key)}\n    product: {real[kind].get(key)}"
                for key in keys
                if rows.get(key) != real[kind].get(key)
            ]
            raise AssertionError(self.failure(f"{kind} differ after {after}:\n" + "\n".join(lines)))

    def failure(self, what: str) -> str:
        """What went wrong, and the whole history before it."""
        return f"{what}\nThe plan: {self.loaded.digest}. The story:\n" + "\n".join(self.story)


def product_says(session: Session) -> Snapshot:
    """The product's rows under names instead of ids."""
    units = {unit.id: unit.code for unit in session.exec(select(Unit))}
    people = {None: None} | {c.id: c.address for c in session.exec(select(Contact))}
    items = {item.id: item.code for item in session.exec(select(Item))}
    rounds = {round_.id: round_ for round_ in session.exec(select(Round))}
    cases = {case.id: case for case in session.exec(select(Case))}
    entries: dict[tuple[date, str], dict[str, Any]] = {}
    for e in session.exec(select(Entry)):
        due = e.due_at if e.state in m.OWED else None
        entries.setdefault((rounds[e.round_id].on_date, units[e.unit_id]), {})[items[e.item_id]] = (
            e.state,
            due,
        )
    log: dict[int | None, list[Any]] = {}
    for rung in session.exec(select(Rung).order_by(col(Rung.rung), col(Rung.on_date))):
        log.setdefault(rung.case_id, []).append(
            (rung.rung, rung.on_date, people[rung.told_to], rung.released_on is not None)
        )
    breaches: dict[int | None, list[Any]] = {}
    for b in session.exec(select(Breach).order_by(col(Breach.round_id))):
        breaches.setdefault(b.case_id, []).append(
            (rounds[b.round_id].on_date, b.on_date, b.told_on, people[b.told_to])
        )

    def case_key(case: Case) -> tuple[Any, ...]:
        return units[case.unit_id], case.clock, items.get(case.item_id, ""), case.opened_on

    def about(notice: Notice) -> tuple[Any, ...]:
        facts, last = json.loads(notice.facts), notice.key.rpartition(":")[2]
        match notice.kind:
            case "resolved":
                return case_key(cases[facts["case"]])
            case "returned":
                round_id, unit_id, item_id = facts["entry"]
                return (
                    rounds[round_id].on_date,
                    units[unit_id],
                    items[item_id],
                    int(last),
                )
            case _:
                return units[facts["unit"]], date.fromisoformat(last)

    found = session.exec(select(Notice)).all()
    notices = {n.id: (n.kind, about(n), units[n.unit_id], n.role) for n in found}
    lines: dict[int, dict[Any, Any]] = {}
    for line in session.exec(select(Line)):
        ref: Any
        if line.kind in ("request", "summary"):
            ref = rounds[line.ref_id].on_date
        elif line.kind == "notice":
            ref = notices[line.ref_id]
        elif line.kind == "warning":
            ref = items[line.ref_id]
        else:
            ref = case_key(cases[line.ref_id])
        lines.setdefault(line.message_id, {})[line.kind, ref, line.rung] = (line.principal, line.dropped)
    return {
        "rounds": {r.on_date: (r.state, r.opened_on) for r in rounds.values()},
        "requests": {
            (key := (rounds[r.round_id].on_date, units[r.unit_id])): (
                r.state,
                r.asked_on,
                r.sent_at is not None,
                r.due_at,
                entries[key],
            )
            for r in session.exec(select(Request))
        },
        "cases": {
            case_key(c): (
                c.due_on,
                c.rung,
                c.told_on,
                people[c.told_to],
                c.closed_on,
                breaches.get(c.id, []),
                log.get(c.id, []),
            )
            for c in cases.values()
        },
        "letters": {
            (msg.on_date, people[msg.contact_id]): (msg.state, msg.sent_on, lines[msg.id])
            for msg in session.exec(select(Message))
            if msg.id is not None
        },
        "items": {
            (units[o.unit_id], items[o.item_id]): (o.state, o.warned_for, o.warned_on, people[o.warned_to])
            for o in session.exec(select(Obligation))
        },
        "notices": {notices[n.id]: (n.made_on, n.told_on, people[n.told_to]) for n in found},
    }


def _address(person: m.Person | None) -> str | None:
    return person.address if person else None


def _ref(subject: m.Request | m.Case | m.Round | m.Notice | m.Warned) -> Any:
    match subject:
        case m.Notice():
            return subject.kind, subject.about, subject.unit, subject.role
        case m.Warned():
            return subject.item
        case m.Request():
            return subject.round.printed
        case m.Round():
            return subject.printed
        case m.Case():
            return subject.unit, subject.clock, subject.item, subject.opened_on


def model_says(model: m.Model) -> Snapshot:
    """The model's state in the same form."""
    return {
        "rounds": {r.printed: (r.state, r.opened_on) for r in model.rounds},
        "items": {
            key: (owes.state, owes.warned_for, owes.warned_on, _address(owes.warned_to))
            for key, owes in model.owes.items()
        },
        "notices": {
            (n.kind, n.about, n.unit, n.role): (n.made_on, n.told_on, _address(n.told_to))
            for n in model.notices
        },
        "requests": {
            (r.round.printed, r.unit): (
                r.state,
                r.asked_on,
                r.sent,
                r.due_at,
                {i: (e.state, e.due_at if e.state in m.OWED else None) for i, e in r.entries.items()},
            )
            for r in model.requests
        },
        "cases": {
            (c.unit, c.clock, c.item, c.opened_on): (
                c.due_on,
                c.rung,
                c.told_on,
                _address(c.told_to),
                c.closed_on,
                [
                    (b.printed, b.on, b.told_on, _address(b.told_to))
                    for b in sorted(c.breaches, key=lambda b: b.printed)
                ],
                [
                    (t.rung, t.on, _address(t.to), t.released_on is not None)
                    for t in sorted(c.log, key=lambda t: (t.rung, t.on))
                ],
            )
            for c in model.cases
        },
        "letters": {
            (x.on, x.to.address): (
                x.state,
                x.sent_on,
                {
                    (kind, _ref(subject), rung): (line.principal, line.dropped)
                    for (kind, subject, rung), line in x.lines.items()
                },
            )
            for x in model.letters
        },
    }


TABLES = (
    Round, Request, Entry, Case, Rung, Breach, Message, Line, Attempt, Report, Audit, RoundSummary,
    Paper, Notice, Contact, Obligation,
)  # fmt: skip


def everything(database: Database) -> list[list[str]]:
    """Every row that a run or a person writes, to see that nothing changed."""
    with database.read() as session:
        return [sorted(repr(row) for row in session.exec(select(table))) for table in TABLES]


def broken_rules(database: Database, days: WorkingDays) -> Iterator[str]:
    """Rules of DOMAIN 3 and 5 that the product's rows break, whatever the model says."""
    with database.read() as session:
        if (row := broken_at(session, 1)) is not None:
            yield f"the audit chain is broken at {row}"
        requests = session.exec(select(Request)).all()
        entries = session.exec(select(Entry)).all()
        asked = {(r.round_id, r.unit_id) for r in requests}
        if asked != {(e.round_id, e.unit_id) for e in entries}:
            yield "a request without entries, or entries without a request"
        messages = session.exec(select(Message)).all()
        if len({(x.contact_id, x.on_date) for x in messages}) < len(messages):
            yield "somebody has two messages on a day"
        accepted: dict[tuple[int, date], int] = {}
        for attempt, message in session.exec(
            select(Attempt, Message).join(Message, col(Message.id) == Attempt.message_id)
        ):
            if attempt.result == "accepted":
                key = (message.contact_id, shanghai_date(attempt.started_at))
                accepted[key] = accepted.get(key, 0) + 1
        if any(count > 1 for count in accepted.values()):
            yield "somebody received two mails on a day"
        yield from _broken_ladder(session, days)


def _broken_ladder(session: Session, days: WorkingDays) -> Iterator[str]:
    messages = {(x.contact_id, x.on_date): x for x in session.exec(select(Message))}
    principal = {
        (line.message_id, line.ref_id, line.rung)
        for line in session.exec(select(Line))
        if line.principal and not line.dropped and line.kind in ("reminder", "alert")
    }
    after = {1: 0, 2: 3, 3: 2, 4: 5}
    for case in session.exec(select(Case)):
        log = session.exec(select(Rung).where(Rung.case_id == case.id).order_by(col(Rung.on_date))).all()
        where = f"case {case.id} of unit {case.unit_id}"
        for rung in range(1, case.rung + 1):
            told = [t for t in log if t.rung == rung]
            if rung < case.rung and not told:
                yield f"{where}: rung {rung} was skipped"
            if sum(t.released_on is None for t in told) > 1:
                yield f"{where}: rung {rung} was told twice"
            if rung > 1 and told:
                first = told[0].on_date
                below = [
                    x.sent_on
                    for t in log
                    if t.rung == rung - 1 and t.told_to is not None
                    if (x := messages.get((t.told_to, t.on_date))) is not None
                    if x.state == "sent" and x.sent_on is not None
                    if (x.id, case.id, t.rung) in principal
                ]
                if not below:
                    yield f"{where}: rung {rung} was told, rung {rung - 1} never reached its principal"
                elif days.waited(min(below), first) < after[rung]:
                    yield f"{where}: rung {rung} was told on {first}, too early"
        for telling in tellings(session, [case])[case.id or 0]:
            if not any(
                x.sent_on == telling.on and (x.id, case.id, telling.rung) in principal
                for x in messages.values()
            ):
                yield f"{where}: an alert says rung {telling.rung} was told on {telling.on}; it was not"
        if case.closed_on is None and case.clock == "report":
            owed = session.exec(
                select(Entry.item_id)
                .join(
                    Request,
                    (col(Request.round_id) == Entry.round_id) & (col(Request.unit_id) == Entry.unit_id),
                )
                .where(Entry.unit_id == case.unit_id, Request.state == "awaiting")
                .where(col(Entry.state).in_(m.OWED))
            ).first()
            if owed is None:
                yield f"{where} is open though everything was answered"
