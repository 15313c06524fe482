"""The whole of the books, and the questions that everybody asks them."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.escalation import SUPERVISION, Ladder, is_resting
from eco_workflow.domain.overdue import DAYS_TO_RELEASE, OPEN, Owed, falls_short, is_overdue, review_is_late
from eco_workflow.domain.rounds import due_at, printed_dates
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.plans import schema
from tests.properties.model.post_rows import Letter, LineKey, Notice, Warned
from tests.properties.model.rows import (
    Aside,
    Case,
    Entry,
    Extension,
    Hold,
    Owes,
    Person,
    Request,
    Round,
)


class Books:
    """What the office's books should say."""

    def __init__(self, plan: schema.Plan, published: WorkingDays, active_from: date) -> None:
        self.plan, self.published, self.active_from = plan, published, active_from
        self.ladders = {clock: Ladder(plan.ladder.graces(clock)) for clock in ("report", "task", "indicator")}
        self.ladders["review"] = self.ladders["report"]
        self.early_days = next((r.before_due for r in plan.ladder.rungs if r.before_due), 0)
        self.drafts = {unit for e in plan.exceptions if e.rung == SUPERVISION for unit in e.units}
        self.office = plan.office.unit
        self.supervision = next(h.unit for h in plan.who_hears if h.rung == SUPERVISION and h.principal)
        self.hearing = {h.unit for h in plan.who_hears}
        self.units = [unit.id for unit in plan.units]
        self.successors: dict[str, str] = {}
        self.people = [Person(u.id, c.role, c.address) for u in plan.units for c in u.contacts]
        self.rounds = [
            Round(printed, month_end=printed.day == max(plan.round_days))
            for printed in printed_dates(plan.rounds_from, plan.ends_on, plan.round_days)
        ]
        self.owes = dict(_duties(plan, active_from))
        for owes in self.owes.values():
            # What falls due within ten working days after activation is late ten working days after its date.
            if owes.due_on is not None and active_from <= owes.due_on <= published.after(active_from, 10):
                owes.clock_from = published.after(owes.due_on, 10)
        self.requests: list[Request] = []
        self.cases: list[Case] = []
        self.letters: list[Letter] = []
        self.runs: list[date] = []
        self.notices: list[Notice] = []
        self.holds: list[Hold] = []
        self.extensions: list[Extension] = []
        self.asides: list[Aside] = []
        self.unreached: dict[str, date] = {}
        self.warned: dict[tuple[str, str], Warned] = {}

    # The calendar

    @property
    def held(self) -> Hold | None:
        """The hold that lasts."""
        return next((hold for hold in self.holds if hold.until is None), None)

    def held_days(self, today: date) -> frozenset[date]:
        """The day on which a hold began is held, the day on which the plan went on is not."""
        days: set[date] = set()
        for hold in self.holds:
            until = hold.until or today + timedelta(days=1)
            days |= {hold.since + timedelta(days=n) for n in range((until - hold.since).days)}
        return frozenset(days)

    def days(self, today: date) -> WorkingDays:
        """The plan's own calendar: the published one less its held days."""
        return self.published.less(self.held_days(today))

    def report_clock(self, now: datetime) -> datetime:
        """It stands still while the plan is held."""
        return min(now, self.held.began_at) if self.held else now

    def due(self, asked_on: date, today: date) -> datetime:
        """When an answer is due that was asked for on a day."""
        plan = self.plan
        at = time(plan.answer_time.hour, plan.answer_time.minute)
        return due_at(asked_on, self.days(today), answer_days=plan.answer_days, answer_time=at)

    # People

    def person(self, unit: str, role: str) -> Person | None:
        """Who fills the role today, reachable or not."""
        return next((p for p in self.people if (p.unit, p.role) == (unit, role) and not p.ended), None)

    def reachable(self, unit: str, role: str) -> Person | None:
        """Who fills the role today, if the address works."""
        person = self.person(unit, role)
        return person if person is not None and person.reachable else None

    # The report clock

    def state_of(self, round_: Round) -> str:
        """An ad-hoc round is open as long as a request of it stands or was answered."""
        asked = [r.state for r in self.requests if r.round is round_]
        is_open = round_.is_adhoc and round_.state == "open"
        gone = is_open and all(state == "superseded" for state in asked)
        return "taken_up" if gone else round_.state

    def requests_of(self, unit: str) -> list[Request]:
        """Oldest first."""
        return sorted((r for r in self.requests if r.unit == unit), key=lambda r: r.round.order)

    def standing(self, unit: str) -> list[Request]:
        """What was really sent to the unit and is not answered; nothing newer took its place."""
        return [r for r in self.requests_of(unit) if r.state == "awaiting" and r.sent]

    def late_requests(self, unit: str, now: datetime) -> list[Request]:
        """Of those, the ones whose due time has passed: the overdue predicate of the report clock."""
        clock = self.report_clock(now)
        return [r for r in self.standing(unit) if any(e.late(clock) for e in r.entries.values())]

    def ran_out(self, request: Request, now: datetime) -> datetime:
        """When the first of what is late in a request became late: a returned answer has its own time."""
        clock = self.report_clock(now)
        return min(e.due_at for e in request.entries.values() if e.due_at is not None and e.late(clock))

    def late_since(self, case: Case) -> date | None:
        """The day whose end was let pass, of a unit's oldest silence or of an item."""
        if case.clock != "report":
            return case.due_on
        return shanghai_date(min(case.breaches, key=lambda breach: breach.round.order).since)

    def days_late(self, case: Case, today: date) -> int:
        """Working days of the plan since then, less those on which the item rested."""
        since = self.late_since(case)
        if since is None:
            return 0
        rested = {
            aside.confirmed_on + timedelta(days=n)
            for aside in self.asides
            if (aside.unit, aside.item, aside.state) == (case.unit, case.item, "suspended")
            if aside.confirmed_on is not None
            if aside.is_of(case)
            for n in range((aside.rested_until(today) - aside.confirmed_on).days)
        }
        days = (since + timedelta(days=n) for n in range(1, (today - since).days + 1))
        own = self.days(today)
        return sum(own.is_working(day) and day not in rested for day in days)

    def is_silent(self, unit: str, now: datetime) -> bool:
        """Whether a late unit still owes something: a returned answer only past its own due time."""
        clock = self.report_clock(now)
        owed = [e for r in self.standing(unit) for e in r.owed.values()]
        return any(e.state == "awaiting" or e.late(clock) for e in owed)

    def silent_rounds(self, case: Case) -> list[date]:
        """What a reader counts: requests that left on one day are one round, by the regular one's date."""
        let_pass = {breach.round for breach in case.breaches}
        mails: dict[date | None, list[Round]] = {}
        for request in self.requests_of(case.unit):
            if request.round in let_pass:
                mails.setdefault(request.sent_on, []).append(request.round)
        regular = [[r for r in rounds if not r.is_adhoc] or rounds for rounds in mails.values()]
        return sorted({min(round_.printed for round_ in rounds) for rounds in regular})

    def rests(self, case: Case, now: datetime) -> bool:
        """Whether a request under way or not yet due lets a unit's case rest, or its item is suspended."""
        if case.item:
            return self.owes[case.unit, case.item].state == "suspended"
        return case.clock == "report" and any(
            is_resting(request.asked_on is not None, request.due_at, now)
            for request in self.requests_of(case.unit)
            if request.state == "awaiting"
        )

    # The clocks of items

    def pending(self, unit: str, item: str) -> Extension | None:
        """The extension that waits for its decision."""
        return next(
            (x for x in self.extensions if (x.unit, x.item) == (unit, item) and x.granted is None), None
        )

    def may_be_asked(self, unit: str, item: str) -> bool:
        """Whether a round asks it: what is open, and a lead's claim that falls short once it was reviewed."""
        owes = self.owes.get((unit, item))
        if owes is None or owes.is_open:
            return owes is not None
        claims = owes.state == "completed" and owes.role == "lead" and item.startswith("I")
        entries = [r.entries[item] for r in self.requests_of(unit) if item in r.entries]
        return claims and not any(entry.state == "submitted" for entry in entries)

    def late_clock(self, unit: str, item: str, today: date) -> str:
        """The clock that has run out for an item: overdue work, or a claim without its figure.

        Nobody in this world ever gives a figure, so no indicator is shown to be met.
        """
        owes = self.owes[unit, item]
        owed = Owed(
            owes.role,
            owes.state,
            owes.due_on,
            clock_from=owes.clock_from,
            extension_pending=self.pending(unit, item) is not None,
        )
        if is_overdue(owed, today):
            return "task"
        wanting = item.startswith("I")
        if wanting and falls_short(owed, today, verdict="undetermined", owed_by="unit"):
            return "indicator"
        return ""

    # The review clock

    def waiting_since(self) -> list[date]:
        """Since when each thing has waited for the office: answers to review, extensions to decide.

        An answer waits no more when a newer one on the same item was reviewed; nobody decides on what rests.
        """
        answers = [
            entry.submitted_on
            for request in self.requests
            for item, entry in request.entries.items()
            if entry.state == "submitted" and entry.submitted_on and not self._overtaken(request, item)
        ]
        asked = [
            x.asked_on
            for x in self.extensions
            if x.granted is None and self.owes[x.unit, x.item].state in (*OPEN, "completed")
        ]
        return answers + asked

    def _overtaken(self, request: Request, item: str) -> bool:
        return any(
            item in newer.entries and newer.entries[item].state in ("accepted", "returned")
            for newer in self.requests_of(request.unit)
            if newer.round.order > request.round.order
        )

    def drafts_waiting(self) -> list[date]:
        """When the summaries were drafted that nobody has released."""
        return [r.drafted_on for r in self.rounds if r.drafted_on is not None and not r.released]

    def office_is_late(self, today: date) -> bool:
        """Whether anything has waited too long for the office."""
        return review_is_late(
            self.waiting_since(),
            self.drafts_waiting(),
            today,
            self.days(today),
            review_days=self.plan.lights.review_red_days,
        )

    def waiting_too_long(self, today: date) -> int:
        """How many things make the office late."""
        days, allowed = self.days(today), self.plan.lights.review_red_days
        waits = sum(days.waited(since, today) > allowed for since in self.waiting_since())
        return waits + sum(days.waited(on, today) > DAYS_TO_RELEASE for on in self.drafts_waiting())

    # Cases and letters

    @property
    def open_cases(self) -> Iterator[Case]:
        return (case for case in self.cases if case.closed_on is None)

    def open_case(self, unit: str, clock: str = "report", item: str = "") -> Case | None:
        key = (unit, clock, item)
        return next((c for c in self.open_cases if (c.unit, c.clock, c.item) == key), None)

    def stands(self, case: Case, now: datetime, today: date) -> bool:
        """Whether the predicate that opened the case is still true."""
        if case.item:
            return self.late_clock(case.unit, case.item, today) == case.clock
        return self.is_silent(case.unit, now) if case.clock == "report" else self.office_is_late(today)

    def letter(self, to: Person | None, on: date | None) -> Letter | None:
        """The envelope of that person and day."""
        found = (m for m in self.letters if m.to is to and m.on == on and m.occasion == "envelope")
        return next(found, None)

    def carried(self, notice: Notice) -> list[Letter]:
        """The letters that tell of it."""
        key = "notice", notice, 0
        return [letter for letter in self.letters if any(key == other for other, _ in letter.standing())]

    def return_is_untold(self, entry: Entry) -> bool:
        """Whether the unit has still to hear that its answer was returned."""
        newest = next((n for n in reversed(self.notices) if n.entry is entry), None)
        if newest is None or newest.told_on is None:
            return newest is not None
        letters = self.carried(newest)
        return bool(letters) and not any(letter.has_left for letter in letters)

    def carrying(self, case: Case, *, dropped: bool = False) -> list[Letter]:
        """What tells a case's present rung to its principal recipient: an envelope, or by hand."""
        return [
            letter
            for letter in self.letters
            if letter.to is case.told_to and letter.on == case.told_on
            if letter.tells(case, rung=case.rung, dropped=dropped)
        ]

    def has_heard(self, person: Person, since: date, before: date | None, key: LineKey) -> bool:
        """Nobody hears the same thing of a case twice: not in what was sent, may have been, or will be."""
        return any(
            letter.to is person
            and since <= letter.on
            and (before is None or letter.on < before)
            and not letter.is_lost
            and any(other == key for other, _ in letter.standing())
            for letter in self.letters
        )

    def notify(
        self,
        kind: str,
        about: tuple[object, ...],
        unit: str,
        today: date,
        *,
        role: str = "liaison",
        entry: Entry | None = None,
        moved: tuple[Request, datetime] | None = None,
    ) -> None:
        """Told once, to whoever fills the role then."""
        if not any((n.kind, n.about, n.unit, n.role) == (kind, about, unit, role) for n in self.notices):
            self.notices.append(Notice(kind, about, unit, role, today, entry, moved))

    def conclude(self, unit: str, item: str, today: date, by: Round | None = None) -> None:
        """Closes the item's cases whose clock no longer runs; suspended, they rest."""
        for case in list(self.open_cases):
            if (case.unit, case.item) != (unit, item) or self.owes[unit, item].state == "suspended":
                continue
            if self.late_clock(unit, item, today) != case.clock:
                case.close(today, by)


def _duties(plan: schema.Plan, active_from: date) -> Iterator[tuple[tuple[str, str], Owes]]:
    for phase in plan.phases:
        # Nobody closes a phase here: the one in force at activation is asked about for good, no later one.
        rhythm = plan.rhythms.milestone if phase.start <= active_from else "never"
        until = None if phase.start <= active_from <= phase.end else phase.end
        for milestone in phase.milestones:
            unit = milestone.owner or plan.office.unit
            yield (unit, milestone.id), Owes(rhythm, phase.start, until, "owner", phase.end)
    for indicator in plan.indicators:
        for unit in indicator.lead:
            yield (unit, indicator.id), Owes(plan.rhythms.indicator, None, None, "lead", indicator.due_on)
        for unit in indicator.data_providers:
            owes = Owes(plan.rhythms.data, None, None, "data_provider", indicator.due_on)
            yield (unit, indicator.id), owes
    for policy in plan.policies:
        for unit in policy.lead:
            yield (unit, policy.id), Owes(plan.rhythms.policy, None, None, "lead", policy.due_on)
    for duty in plan.duties:
        yield (duty.unit, duty.id), Owes(duty.rhythm or "", None, None, "owner")
    for veto in plan.vetoes:
        for unit in veto.lead:
            yield (unit, veto.id), Owes(veto.rhythm or "", None, None, "lead")
