"""The clocks in ordinary Python, one unit and one item at a time, written from DOMAIN 3 to 5.

It knows neither SQL nor the services. What it decides it decides with the domain's pure functions; the
property tests do the same things to it and to the product and compare the two after every step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.escalation import (
    SUPERVISION,
    CaseFact,
    EntryFact,
    Ladder,
    is_late,
    is_resting,
    next_rung,
)
from eco_workflow.domain.messages import Result
from eco_workflow.domain.overdue import OPEN, Owed, falls_short, is_overdue, review_is_late
from eco_workflow.domain.rounds import Span, due_at, may_leave, printed_dates, reason_not_to_run
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.plans import schema

OWED = ("awaiting", "returned")


@dataclass(eq=False)
class Person:
    """A liaison or leader in charge."""

    unit: str
    role: str
    address: str
    ended: bool = False
    failed: bool = False

    @property
    def reachable(self) -> bool:
        return not self.ended and not self.failed


@dataclass
class Owes:
    """An item that a unit owes an answer on, with the answers that stand."""

    rhythm: str
    asked_from: date | None
    asked_until: date | None
    role: str = "lead"
    due_on: date | None = None
    said: list[str] = field(default_factory=list)
    warned_for: date | None = None
    warned_on: date | None = None
    warned_to: Person | None = None

    @property
    def state(self) -> str:
        return self.said[-1] if self.said else "not_started"

    def is_asked(self, printed: date, month_end: bool) -> bool:
        """Whether the round of a printed date asks it."""
        return (
            self.state != "completed"
            and (self.rhythm == "every_round" or (self.rhythm == "monthly" and month_end))
            and (self.asked_from is None or self.asked_from <= printed)
            and (self.asked_until is None or printed <= self.asked_until)
        )


@dataclass(eq=False)
class Round:
    """A printed date."""

    printed: date
    month_end: bool
    state: str = "planned"
    opened_on: date | None = None
    summary: bool = False
    drafted_on: date | None = None
    summary_on: date | None = None
    summary_to: Person | None = None


@dataclass
class Entry:
    """One item in one request."""

    state: str = "awaiting"
    due_at: datetime | None = None
    submitted_on: date | None = None
    returns: int = 0
    mends: bool = False
    """Whether the answer that stands mended a returned one."""

    def late(self, now: datetime) -> bool:
        return is_late(EntryFact(self.state, self.due_at), now)


@dataclass(eq=False)
class Request:
    """One unit in one round."""

    round: Round
    unit: str
    liaison: Person | None
    entries: dict[str, Entry]
    state: str = "awaiting"
    asked_on: date | None = None
    due_at: datetime | None = None
    sent: bool = False


@dataclass
class Telling:
    """A row of the rungs' log."""

    rung: int
    on: date
    to: Person | None
    released_on: date | None = None


@dataclass
class Breach:
    """A round that the unit let pass."""

    printed: date
    on: date
    tell: bool
    told_on: date | None = None
    told_to: Person | None = None


@dataclass(eq=False)
class Case:
    """A unit's silence, or an item that is late; a silence has no item."""

    unit: str
    opened_on: date
    clock: str = "report"
    item: str = ""
    due_on: date | None = None
    rung: int = 1
    told_on: date | None = None
    told_to: Person | None = None
    closed_on: date | None = None
    closed_by: date | None = None
    """The round whose answer or claim closed it."""
    announced: bool = False
    breaches: list[Breach] = field(default_factory=list)
    log: list[Telling] = field(default_factory=list)

    @property
    def newest(self) -> date:
        return max(breach.printed for breach in self.breaches)

    def untell(self) -> None:
        self.told_on = self.told_to = None


@dataclass
class Line:
    """What a letter is about."""

    principal: bool
    dropped: bool = False


@dataclass(eq=False)
class Notice:
    """Something told once to whoever fills a role in a unit."""

    kind: str
    about: tuple[object, ...]
    unit: str
    role: str
    made_on: date
    entry: "Entry | None" = None
    """The entry that was returned: mended before it was told, there is nothing to tell."""
    told_on: date | None = None
    told_to: Person | None = None


@dataclass(eq=False)
class Warned:
    """The item that an early warning is about."""

    unit: str
    item: str


LineKey = tuple[str, Request | Case | Round | Notice | Warned, int]
"""Kind, what it refers to, rung."""


@dataclass(eq=False)
class Letter:
    """One envelope: one person, one day."""

    to: Person
    on: date
    state: str = "pending"
    sent_on: date | None = None
    tried_on: date | None = None
    lines: dict[LineKey, Line] = field(default_factory=dict)

    def add(self, key: LineKey, *, principal: bool = False) -> None:
        self.lines.setdefault(key, Line(principal))

    def standing(self) -> Iterator[tuple[LineKey, Line]]:
        return ((key, line) for key, line in self.lines.items() if not line.dropped)


class Model:
    """What the office's books should say."""

    def __init__(self, plan: schema.Plan, days: WorkingDays, active_from: date) -> None:
        self.plan, self.days, self.active_from = plan, days, active_from
        self.ladder = Ladder(plan.ladder.graces("report"))
        self.item_ladder = Ladder(plan.ladder.graces("task"))
        self.early_days = next((r.before_due for r in plan.ladder.rungs if r.before_due), 0)
        self.drafts = {unit for e in plan.exceptions if e.rung == SUPERVISION for unit in e.units}
        self.units = [unit.id for unit in plan.units]
        self.people = [Person(u.id, c.role, c.address) for u in plan.units for c in u.contacts]
        self.rounds = [
            Round(printed, month_end=printed.day == max(plan.round_days))
            for printed in printed_dates(plan.rounds_from, plan.ends_on, plan.round_days)
        ]
        self.owes: dict[tuple[str, str], Owes] = {}
        for phase in plan.phases:
            for milestone in phase.milestones:
                unit = milestone.owner or plan.office.unit
                self.owes[unit, milestone.id] = Owes(
                    plan.rhythms.milestone, phase.start, phase.end, "owner", phase.end
                )
        for indicator in plan.indicators:
            for unit in indicator.lead:
                self.owes[unit, indicator.id] = Owes(
                    plan.rhythms.indicator, None, None, "lead", indicator.due_on
                )
            for unit in indicator.data_providers:
                self.owes[unit, indicator.id] = Owes(
                    plan.rhythms.data, None, None, "data_provider", indicator.due_on
                )
        for policy in plan.policies:
            for unit in policy.lead:
                self.owes[unit, policy.id] = Owes(plan.rhythms.policy, None, None, "lead", policy.due_on)
        self.requests: list[Request] = []
        self.cases: list[Case] = []
        self.letters: list[Letter] = []
        self.runs: list[date] = []
        self.notices: list[Notice] = []
        self.unreached: dict[str, date] = {}
        self.warned: dict[tuple[str, str], Warned] = {}

    # Looking

    def person(self, unit: str, role: str) -> Person | None:
        """Who fills the role today, reachable or not."""
        return next((p for p in self.people if (p.unit, p.role) == (unit, role) and not p.ended), None)

    def requests_of(self, unit: str) -> list[Request]:
        """Oldest first."""
        return sorted((r for r in self.requests if r.unit == unit), key=lambda r: r.round.printed)

    def open_case(self, unit: str) -> Case | None:
        return self.open_case_of(unit, "report", "")

    def open_case_of(self, unit: str, clock: str, item: str) -> Case | None:
        key = (unit, clock, item)
        return next((c for c in self.cases if (c.unit, c.clock, c.item) == key and c.closed_on is None), None)

    def late_clock(self, unit: str, item: str, today: date) -> str:
        """The clock that has run out for an item: overdue work, or a claim without its figure.

        Nobody in this world ever gives a figure, so no indicator is shown to be met.
        """
        owes = self.owes[unit, item]
        owed = Owed(owes.role, owes.state, owes.due_on)
        if is_overdue(owed, today):
            return "task"
        wanting = item.startswith("I")
        if wanting and falls_short(owed, today, verdict="undetermined", owed_by="unit"):
            return "indicator"
        return ""

    def office_is_late(self, today: date) -> bool:
        """Whether anything has waited too long for the office: answers to review, summaries to release.

        An answer waits no more when a newer one on the same item was reviewed.
        """
        waiting = []
        for request in self.requests:
            for item, entry in request.entries.items():
                newer = [r for r in self.requests_of(request.unit) if r.round.printed > request.round.printed]
                reviewed = any(
                    item in r.entries and r.entries[item].state in ("accepted", "returned") for r in newer
                )
                if entry.state == "submitted" and not reviewed:
                    assert entry.submitted_on is not None
                    waiting.append(entry.submitted_on)
        drafts = [r.drafted_on for r in self.rounds if r.drafted_on is not None]
        return review_is_late(waiting, drafts, today, self.days, review_days=self.plan.lights.review_red_days)

    def place(self, unit: str, item: str) -> Request | None:
        """The newest request that stands and asked the unit for the item."""
        asked = [r for r in self.requests_of(unit) if item in r.entries and r.state != "superseded"]
        return asked[-1] if asked else None

    def letter(self, to: Person | None, on: date | None) -> Letter | None:
        return next((m for m in self.letters if m.to is to and m.on == on), None)

    def entries_owed(self, unit: str) -> Iterator[tuple[Request, Entry]]:
        """What the unit owes to requests that were really sent and that nothing newer replaced."""
        for request in self.requests_of(unit):
            if request.state == "awaiting" and request.sent:
                for entry in request.entries.values():
                    if entry.state in OWED:
                        yield request, entry

    def is_silent(self, unit: str, now: datetime) -> bool:
        """Whether a late unit still owes something: a returned answer only past its own due time."""
        return any(e.state == "awaiting" or e.late(now) for _, e in self.entries_owed(unit))

    def rests(self, unit: str, now: datetime) -> bool:
        """Whether the newest request that was asked lets the unit's case rest."""
        asked = [r for r in self.requests_of(unit) if r.state == "awaiting" and r.asked_on is not None]
        newest = max(asked, key=lambda r: (r.asked_on or date.min, r.round.printed), default=None)
        return is_resting(newest is not None, newest.due_at if newest else None, now)

    # What people do

    def submit(self, unit: str, item: str, status: str, now: datetime) -> None:
        request = self.place(unit, item)
        assert request is not None
        entry = request.entries[item]
        entry.mends, entry.state = entry.state == "returned", "submitted"
        entry.submitted_on = shanghai_date(now)
        self.owes[unit, item].said.append(status)
        if request.state == "awaiting" and not any(e.state in OWED for e in request.entries.values()):
            request.state = "answered"
            if not request.sent:
                self._supersede_older(request)  # as sending it would have done
        case = self.open_case(unit)
        if case is not None and not self.is_silent(unit, now):
            case.closed_on, case.closed_by = shanghai_date(now), request.round.printed
        for late in self.cases:
            runs = self.late_clock(unit, item, shanghai_date(now))
            if (late.unit, late.item) == (unit, item) and late.closed_on is None and runs != late.clock:
                late.closed_on, late.closed_by = shanghai_date(now), request.round.printed

    def accept(self, unit: str, item: str) -> None:
        request = self.place(unit, item)
        assert request is not None
        request.entries[item].state = "accepted"

    def recall(self, unit: str, item: str, now: datetime) -> None:
        """What was recalled is owed as before; late again, it opens the same case where it stood."""
        request = self._reopened(unit, item)
        entry = request.entries[item]
        entry.state = "returned" if entry.mends else "awaiting"
        runs = self.late_clock(unit, item, shanghai_date(now))
        claimed = [
            c
            for c in self.cases
            if (c.unit, c.item, c.clock) == (unit, item, runs) and c.closed_by == request.round.printed
        ]
        if claimed and claimed[-1].closed_on is not None:
            claimed[-1].closed_on = claimed[-1].closed_by = None
        closed = [
            c
            for c in self.cases
            if (c.unit, c.clock) == (unit, "report") and c.closed_by == request.round.printed
        ]
        if self.open_case(unit) is None and closed and self.is_silent(unit, now):
            closed[-1].closed_on = closed[-1].closed_by = None

    def give_back(self, unit: str, item: str, now: datetime) -> None:
        request = self._reopened(unit, item)
        entry = request.entries[item]
        entry.state, entry.due_at = "returned", self._due(shanghai_date(now))
        entry.returns += 1
        about = (request.round.printed, unit, item, entry.returns)
        self._notice("returned", about, unit, shanghai_date(now), entry=entry)

    def _notice(
        self,
        kind: str,
        about: tuple[object, ...],
        unit: str,
        today: date,
        *,
        role: str = "liaison",
        entry: Entry | None = None,
    ) -> None:
        if not any((n.kind, n.about, n.unit, n.role) == (kind, about, unit, role) for n in self.notices):
            self.notices.append(Notice(kind, about, unit, role, today, entry))

    def _reopened(self, unit: str, item: str) -> Request:
        """The request is owed again; one that never reached the unit, together with the last that did."""
        request = self.place(unit, item)
        assert request is not None
        if request.state == "answered":
            request.state = "awaiting"
            reached = [
                older
                for older in self.requests_of(unit)
                if older.round.printed < request.round.printed and older.state == "superseded" and older.sent
            ]
            if reached and not request.sent:
                reached[-1].state = "awaiting"
        entry = request.entries[item]
        entry.due_at = entry.due_at or request.due_at  # it was answered before the request left
        self.owes[unit, item].said.pop()
        return request

    def _supersede_older(self, request: Request) -> None:
        for older in self.requests_of(request.unit):
            if older.state == "awaiting" and older.round.printed < request.round.printed:
                older.state = "superseded"

    def end(self, unit: str, role: str) -> None:
        person = self.person(unit, role)
        assert person is not None
        person.ended = True

    def add(self, unit: str, role: str, address: str) -> None:
        self.people.append(Person(unit, role, address))

    def retry(self, letter: Letter, now: datetime) -> None:
        letter.to.failed = False
        if letter.on == shanghai_date(now):
            letter.state = "pending"

    def settle(self, letter: Letter, *, sent: bool) -> None:
        if sent:
            assert letter.tried_on is not None
            self._sent(letter, letter.tried_on)
        else:
            self._not_sent(letter, "failed")

    # The run

    def run(self, now: datetime, *, confirmed: bool = False) -> bool:
        """The day's decision; False when nothing may be done."""
        today = shanghai_date(now)
        span = Span(self.active_from, self.plan.ends_on, self.runs[-1] if self.runs else None)
        if reason_not_to_run(span, today, confirmed=confirmed):
            return False
        if today in self.runs:
            return True
        self.runs.append(today)
        self._release(today)
        opened = self._open_round(today)
        self._ask_again(today)
        for unit in self.units:
            case = self.open_case(unit)
            if case is not None and not self.is_silent(unit, now):
                case.closed_on = today
        for case in self.cases:
            is_open = bool(case.item) and case.closed_on is None
            if is_open and self.late_clock(case.unit, case.item, today) != case.clock:
                case.closed_on = today
            if case.clock == "review" and case.closed_on is None and not self.office_is_late(today):
                case.closed_on = today
        if self.days.is_working(today):
            for unit in self.units:
                self._follow_up(unit, today, now)
            for unit, item in self.owes:
                self._follow_item(unit, item, today)
            self._follow_office(today)
            self._summarise(today, now)
            self._warn(today)
            self._announce(today)
            self._look_for_contacts(today)
            for notice in self.notices:
                person = self.person(notice.unit, notice.role)
                if notice.told_on is None and person is not None and person.reachable:
                    notice.told_on, notice.told_to = today, person
        self._write_letters(today)
        assert opened is None or opened.opened_on == today
        return True

    def _not_carried(self, to: Person | None, on: date | None) -> bool:
        letter = self.letter(to, on)
        return letter is not None and letter.state in ("failed", "withdrawn")

    def _release(self, today: date) -> None:
        """A failed or withdrawn message releases what it carried."""
        for letter in self.letters:
            if letter.state == "pending" and letter.on < today:
                letter.state = "withdrawn"
        for request in self.requests:
            waits = request.state == "awaiting" and not request.sent
            if waits and self._not_carried(request.liaison, request.asked_on):
                request.asked_on = None
        for case in self.cases:
            if case.closed_on is not None:
                continue
            replaced = case.rung < SUPERVISION and case.told_to is not None and case.told_to.ended
            if replaced or self._not_carried(case.told_to, case.told_on):
                case.untell()
            for telling in case.log:
                if case.told_on is None and telling.rung == case.rung and telling.released_on is None:
                    telling.released_on = today
            for breach in case.breaches:
                if case.rung == SUPERVISION and self._not_carried(breach.told_to, breach.told_on):
                    breach.told_on = breach.told_to = None
        for round_ in self.rounds:
            if self._not_carried(round_.summary_to, round_.summary_on):
                round_.summary_on = round_.summary_to = None
        for notice in self.notices:
            told = self.letter(notice.told_to, notice.told_on)
            is_lost = told is not None and told.state in ("failed", "withdrawn")
            if told and is_lost and any(key[1] is notice for key, _ in told.standing()):
                notice.told_on = notice.told_to = None
        for owes in self.owes.values():
            still = owes.due_on is not None and owes.due_on >= today
            if still and self._not_carried(owes.warned_to, owes.warned_on):
                owes.warned_for = owes.warned_on = owes.warned_to = None

    def _may_leave(self, round_: Round, today: date) -> bool:
        waits = self.plan.wait_for_working_day
        return may_leave(round_.printed, today, self.days, wait_for_working_day=waits)

    def _open_round(self, today: date) -> Round | None:
        """The newest round that may leave opens; older ones that were missed are skipped."""
        newest = max(
            (r for r in self.rounds if r.state == "planned" and self._may_leave(r, today)),
            key=lambda r: r.printed,
            default=None,
        )
        if newest is None:
            return None
        for older in self.rounds:
            if older.state == "planned" and older.printed < newest.printed:
                older.state = "skipped"
        newest.state, newest.opened_on = "open", today
        for unit in self.units:
            asked = [
                item
                for (owner, item), owes in self.owes.items()
                if owner == unit and owes.is_asked(newest.printed, newest.month_end)
            ]
            if not asked:
                continue
            for request in self.requests_of(unit):
                if request.state == "awaiting" and request.asked_on is None:
                    request.state = "superseded"  # what was never sent gives way
            liaison = self.person(unit, "liaison")
            request = Request(newest, unit, liaison, {item: Entry() for item in asked})
            if liaison is not None and liaison.reachable:
                request.asked_on = today
            self.requests.append(request)
        return newest

    def _ask_again(self, today: date) -> None:
        """A request that could not be sent is asked as soon as somebody can be reached."""
        for request in self.requests:
            liaison = self.person(request.unit, "liaison")
            if (
                self._may_leave(request.round, today)
                and request.state == "awaiting"
                and request.asked_on is None
                and liaison is not None
                and liaison.reachable
            ):
                request.asked_on, request.liaison = today, liaison

    def _follow_up(self, unit: str, today: date, now: datetime) -> None:
        """Counts silent rounds, climbs one rung at most, opens a case, and tells."""
        late = [request for request, entry in self.entries_owed(unit) if entry.late(now)]
        resting = self.rests(unit, now)
        case = self.open_case(unit)
        if case is not None:
            for request in late:
                if request.round.printed > case.newest:
                    top = case.rung == SUPERVISION
                    case.breaches.append(Breach(request.round.printed, today, tell=top))
            fact = CaseFact(case.rung, self._sent_on(case))
            rung = next_rung(fact, self.ladder, today, self.days, resting=resting)
            if rung > case.rung:
                case.rung = rung
                case.untell()
        elif late and not resting:
            case = Case(unit, today)
            case.breaches.append(Breach(max(r.round.printed for r in late), today, tell=False))
            self.cases.append(case)
        if case is not None:
            self._tell(case, today, resting=resting)

    def _follow_item(self, unit: str, item: str, today: date) -> None:
        """Climbs one rung at most, or opens a case, and tells: an item's case never rests here."""
        clock = self.late_clock(unit, item, today)
        for case in self.cases:
            if (case.unit, case.item) == (unit, item) and case.closed_on is None:
                fact = CaseFact(case.rung, self._sent_on(case))
                rung = next_rung(fact, self.item_ladder, today, self.days, resting=False)
                if rung > case.rung:
                    case.rung = rung
                    case.untell()
        if clock and self.open_case_of(unit, clock, item) is None:
            self.cases.append(Case(unit, today, clock, item, self.owes[unit, item].due_on))
        for case in self.cases:
            if (case.unit, case.item) == (unit, item) and case.closed_on is None:
                self._tell(case, today, resting=False)

    def _follow_office(self, today: date) -> None:
        """Climbs one rung at most, or opens the office's one case, and tells. It never rests."""
        office = self.plan.office.unit
        case = self.open_case_of(office, "review", "")
        if case is not None:
            fact = CaseFact(case.rung, self._sent_on(case))
            rung = next_rung(fact, self.ladder, today, self.days, resting=False)
            if rung > case.rung:
                case.rung = rung
                case.untell()
        elif self.office_is_late(today):
            case = Case(office, today, "review")
            self.cases.append(case)
        if case is not None:
            self._tell(case, today, resting=False)

    def _warn(self, today: date) -> None:
        """Rung 0: once for each due date, to a liaison who can be reached."""
        last = self.days.after(today, self.early_days + 1) - timedelta(days=1)
        for (unit, _), owes in self.owes.items():
            person = self.person(unit, "liaison")
            is_near = owes.due_on is not None and today <= owes.due_on <= last
            is_work = owes.role != "data_provider" and owes.state in OPEN
            if is_near and is_work and owes.warned_for != owes.due_on and person and person.reachable:
                owes.warned_for, owes.warned_on, owes.warned_to = owes.due_on, today, person

    def _announce(self, today: date) -> None:
        """Everybody who was sent the alert or a copy of it hears once that the case is over."""
        for case in self.cases:
            if case.closed_on is None or case.rung < SUPERVISION or case.announced:
                continue
            case.announced = True
            for letter in self.letters:
                if letter.state != "sent":
                    continue
                for (kind, subject, _), _line in letter.standing():
                    if subject is case and kind in ("alert", "copy"):
                        about = (case.unit, case.clock, case.item, case.opened_on)
                        self._notice("resolved", about, letter.to.unit, today, role=letter.to.role)

    def _look_for_contacts(self, today: date) -> None:
        hearing = {h.unit for h in self.plan.who_hears}
        supervision = next(h.unit for h in self.plan.who_hears if h.rung == SUPERVISION and h.principal)
        for unit in self.units:
            person = self.person(unit, "liaison")
            if person is not None and person.reachable:
                self.unreached.pop(unit, None)
                continue
            matters = unit in hearing or any(owner == unit for owner, _ in self.owes)
            if matters and unit not in self.unreached:
                self.unreached[unit] = today
                if unit != self.plan.office.unit:
                    self._notice("no_contact", (unit, today), self.plan.office.unit, today)
        for unit, since in self.unreached.items():
            if unit != supervision and self.days.waited(since, today) >= 5:
                self._notice("no_contact_long", (unit, since), supervision, today)

    def _sent_on(self, case: Case) -> date | None:
        """When the present rung was sent to its principal recipient."""
        letter = self.letter(case.told_to, case.told_on)
        return letter.sent_on if letter is not None and letter.state == "sent" else None

    def _principal(self, unit: str, rung: int) -> Person | None:
        """The principal recipient who can be reached; where nobody fills the role, the other one."""
        hearing = next(h for h in self.plan.who_hears if h.rung == rung and h.principal)
        whose = unit if hearing.unit == "debtor" else hearing.unit
        person = self.person(whose, hearing.role)
        if person is None and hearing.otherwise:
            person = self.person(whose, hearing.otherwise)
        return person if person is not None and person.reachable else None

    def _tell(self, case: Case, today: date, *, resting: bool) -> None:
        draft = case.rung > SUPERVISION or (case.rung == SUPERVISION and case.unit in self.drafts)
        principal = None if draft else self._principal(case.unit, case.rung)
        somebody = draft or principal is not None
        if case.told_on is None and somebody and not resting:
            case.told_on, case.told_to = today, principal
            case.log.append(Telling(case.rung, today, principal))
        if case.told_on is not None and case.rung == SUPERVISION:
            for breach in case.breaches:
                if breach.tell and breach.told_on is None and somebody:
                    breach.told_on, breach.told_to = today, principal

    def _summarise(self, today: date, now: datetime) -> None:
        for round_ in self.rounds:
            if round_.state == "open" and not round_.summary and round_.opened_on is not None:
                outstanding = any(
                    r.asked_on is not None and (r.due_at is None or r.due_at >= now)
                    for r in self.requests
                    if r.round is round_ and r.state != "superseded"
                )
                asked = any(r.round is round_ for r in self.requests)
                waited = self.days.waited(round_.opened_on, today)
                round_.summary = asked and (not outstanding or waited >= self.plan.summary_days)
                round_.drafted_on = today if round_.summary else None
            liaison = self.person(self.plan.office.unit, "liaison")
            if round_.summary and round_.summary_on is None and liaison is not None and liaison.reachable:
                round_.summary_on, round_.summary_to = today, liaison

    # Letters

    def _write(self, to: Person, today: date, key: LineKey, *, principal: bool = False) -> None:
        letter = self.letter(to, today)
        if letter is None:
            letter = Letter(to, today)
            self.letters.append(letter)
        letter.add(key, principal=principal)

    def _heard(self, person: Person, since: date, today: date, key: LineKey) -> bool:
        return any(
            letter.to is person
            and since <= letter.on < today
            and letter.state not in ("failed", "withdrawn")
            and any(other == key for other, _ in letter.standing())
            for letter in self.letters
        )

    def _write_letters(self, today: date) -> None:
        for request in self.requests:
            if request.state == "awaiting" and request.asked_on == today and not request.sent:
                assert request.liaison is not None
                self._write(request.liaison, today, ("request", request, 0))
        for case in self.cases:
            if case.closed_on is not None:
                continue
            if case.told_on == today and case.told_to is not None:
                self._write_rung(case, today)
            for breach in case.breaches:
                if breach.tell and breach.told_on in (None, today) and self.days.is_working(today):
                    self._write_breach(case, breach, today)
        if self.days.is_working(today):
            self._write_lost(today)
        for round_ in self.rounds:
            if round_.summary_on == today and round_.summary_to is not None:
                self._write(round_.summary_to, today, ("summary", round_, 0))
        if not self.days.is_working(today):
            return
        for key, owes in self.owes.items():
            if owes.warned_on == today and owes.warned_to is not None:
                subject = self.warned.setdefault(key, Warned(*key))
                self._write(owes.warned_to, today, ("warning", subject, 0))
        for notice in self.notices:
            if notice.told_on == today and notice.told_to is not None:
                self._write(notice.told_to, today, ("notice", notice, 0))

    def _write_rung(self, case: Case, today: date) -> None:
        """The principal is always told; the others unless they heard it of this case before."""
        for hearing in self.plan.who_hears:
            if hearing.rung != case.rung:
                continue
            key: LineKey = (hearing.kind, case, case.rung)
            if hearing.principal:
                assert case.told_to is not None
                self._write(case.told_to, today, key, principal=True)
                continue
            unit = case.unit if hearing.unit == "debtor" else hearing.unit
            person = self.person(unit, hearing.role)
            if person is None or not person.reachable or (hearing.kind == "copy" and unit == case.unit):
                continue
            if person is not case.told_to and not self._heard(person, case.opened_on, today, key):
                self._write(person, today, key)

    def _write_breach(self, case: Case, breach: Breach, today: date) -> None:
        listeners: list[tuple[str, Person | None]] = [
            ("reminder", self.person(case.unit, "liaison")),
            ("reminder", self.person(case.unit, "leader")),
        ]
        if breach.told_on == today and breach.told_to is not None:
            listeners += [
                (h.kind, self.person(h.unit, h.role))
                for h in self.plan.who_hears
                if h.rung == case.rung
                and h.unit != "debtor"
                and not (h.kind == "copy" and h.unit == case.unit)
            ]
        for kind, person in listeners:
            key: LineKey = (kind, case, case.rung)
            if person is None or not person.reachable:
                continue
            principal = person is breach.told_to
            if principal or not self._heard(person, breach.on, today, key):
                self._write(person, today, key, principal=principal)

    def _write_lost(self, today: date) -> None:
        """What others than the principal did not get, they get while the case stands on that rung."""
        for letter in list(self.letters):
            if letter.state not in ("failed", "withdrawn") or letter.on == today:
                continue
            for key, line in letter.standing():
                _, case, rung = key
                if not isinstance(case, Case) or line.principal or case.closed_on is not None:
                    continue
                person = self.person(letter.to.unit, letter.to.role)
                stands = case.rung == rung and case.told_on is not None and letter.on >= case.opened_on
                if not stands or person is None or not person.reachable:
                    continue
                if not self._heard(person, letter.on, today, key):
                    self._write(person, today, key)

    def deliver(self, now: datetime, fate: Mapping[str, Result]) -> None:
        """Hands over today's pending letters; `fate` says what becomes of an address, else it is taken."""
        today = shanghai_date(now)
        for letter in self.letters:
            if letter.state != "pending" or letter.on != today:
                continue
            if letter.to.ended:
                letter.state = "withdrawn"  # it rides to the successor in the next run
                continue
            for (_, subject, _rung), line in list(letter.standing()):
                if isinstance(subject, Request):
                    self._make_up_request(subject, line, today)
                elif isinstance(subject, Case):
                    self._make_up_case(letter, subject, line, now)
                elif isinstance(subject, Notice):
                    line.dropped = subject.entry is not None and subject.entry.state != "returned"
                elif isinstance(subject, Warned):
                    line.dropped = self.owes[subject.unit, subject.item].state not in OPEN
            if not any(letter.standing()):
                letter.state = "withdrawn"
                continue
            letter.tried_on = today
            match fate.get(letter.to.address, Result.ACCEPTED):
                case Result.ACCEPTED:
                    self._sent(letter, today)
                case Result.REFUSED | Result.REJECTED as result:
                    self._not_sent(letter, "failed")
                    letter.to.failed = result is Result.REFUSED
                case Result.LATER:
                    self._not_sent(letter, "pending")
                case Result.NO_ANSWER:
                    letter.state = "unknown"

    def _make_up_request(self, request: Request, line: Line, today: date) -> None:
        if request.state != "awaiting":
            line.dropped, request.asked_on = True, None
        else:
            self._fix_due(request, self._due(today))

    def _make_up_case(self, letter: Letter, case: Case, line: Line, now: datetime) -> None:
        """Dropped when its reason is gone; what this letter was to tell was not told then."""
        today = shanghai_date(now)
        match case.clock:
            case "report":
                late = self.is_silent(case.unit, now)
            case "review":
                late = self.office_is_late(today)
            case clock:
                late = self.late_clock(case.unit, case.item, today) == clock
        if case.closed_on is None and not late:
            case.closed_on = today
        if case.closed_on is None:
            return
        line.dropped = True
        if (case.told_to, case.told_on) == (letter.to, letter.on):
            case.untell()
        for breach in case.breaches:
            if (breach.told_to, breach.told_on) == (letter.to, letter.on):
                breach.told_on = breach.told_to = None

    def _due(self, sent_on: date) -> datetime:
        plan = self.plan
        at = time(plan.answer_time.hour, plan.answer_time.minute)
        return due_at(sent_on, self.days, answer_days=plan.answer_days, answer_time=at)

    def _fix_due(self, request: Request, due: datetime | None) -> None:
        request.due_at = due
        for entry in request.entries.values():
            if entry.state == "awaiting":
                entry.due_at = due

    def _asked_in(self, letter: Letter) -> list[Request]:
        return [subject for (_, subject, _), _ in letter.standing() if isinstance(subject, Request)]

    def _sent(self, letter: Letter, on: date) -> None:
        letter.state, letter.sent_on = "sent", on
        for request in self._asked_in(letter):
            request.sent = True
            self._supersede_older(request)

    def _not_sent(self, letter: Letter, state: str) -> None:
        letter.state = state
        for request in self._asked_in(letter):
            self._fix_due(request, None)
