"""Cases of whatever clock climb and are told, one rung a run at most (DOMAIN 5)."""

from datetime import date, datetime

from eco_workflow.domain.escalation import SUPERVISION, CaseFact, next_rung
from tests.properties.model.books import Books
from tests.properties.model.rows import Breach, Case, Person, Telling


def close_answered(books: Books, today: date, now: datetime) -> None:
    """Cases on the report clock close when nothing is owed any more."""
    for case in list(books.open_cases):
        if case.clock == "report" and not books.stands(case, now, today):
            case.close(today)


def count_further_rounds(books: Books, today: date, now: datetime) -> None:
    """Records the rounds that units with an open case have let pass since."""
    for case in books.open_cases:
        if case.clock != "report":
            continue
        newest = case.newest
        for request in books.late_requests(case.unit, now):
            if request.round.order > newest:
                tell = case.rung == SUPERVISION
                case.breaches.append(Breach(request.round, today, books.ran_out(request, now), tell))


def open_silence(books: Books, today: date, now: datetime) -> None:
    """A case for every unit that has become silent; several requests may have become late together."""
    for unit in books.units:
        late = books.late_requests(unit, now)
        case = Case(unit, today)
        if late and books.open_case(unit) is None and not books.rests(case, now):
            case.breaches = [
                Breach(request.round, today, books.ran_out(request, now), tell=False) for request in late
            ]
            books.cases.append(case)


def climb(books: Books, today: date, now: datetime) -> None:
    """One rung at most, and only when the rung below was sent long enough ago."""
    for case in books.open_cases:
        if case.reminded_on == today:
            continue  # nobody hears twice a day of one case
        fact = CaseFact(case.rung, waiting_since(books, case))
        ladder, days = books.ladders[case.clock], books.days(today)
        rung = next_rung(fact, ladder, today, days, resting=books.rests(case, now))
        if rung > case.rung:
            case.rung = rung
            case.untell()


def waiting_since(books: Books, case: Case) -> date | None:
    """The day the present rung was sent to its principal recipient, or that a suspension made of it.

    The leader above was told on the day on which somebody signed it.
    """
    sent = [m.sent_on for m in books.carrying(case) if m.state == "sent" and m.sent_on is not None]
    if case.rung == SUPERVISION and case.above_signed_on is not None:
        sent.append(case.above_signed_on)
    return max(min(sent), case.waits_from or min(sent)) if sent else None


def tell(books: Books, today: date, now: datetime) -> None:
    """Gives every untold rung its recipient and today's date."""
    for case in books.open_cases:
        draft = case.rung > SUPERVISION or (case.rung == SUPERVISION and case.unit in books.drafts)
        principal = None if draft else _principal(books, case.unit, case.rung)
        somebody = draft or principal is not None
        if case.told_on is None and somebody and not books.rests(case, now):
            case.told_on, case.told_to = today, principal
            if draft and case.rung == SUPERVISION:
                case.above_on = today
            if not any((t.rung, t.on) == (case.rung, today) for t in case.log):
                case.log.append(Telling(case.rung, today, principal))
        if case.told_on is not None and case.rung == SUPERVISION and case.reminded_on != today:
            for breach in case.breaches:
                if breach.tell and breach.told_on is None and somebody:
                    breach.told_on, breach.told_to = today, principal


def _principal(books: Books, unit: str, rung: int) -> Person | None:
    """The principal recipient who can be reached; where nobody fills the role, the other one."""
    hearing = next(h for h in books.plan.who_hears if h.rung == rung and h.principal)
    whose = unit if hearing.unit == "debtor" else hearing.unit
    person = books.person(whose, hearing.role)
    if person is None and hearing.otherwise:
        person = books.person(whose, hearing.otherwise)
    return person if person is not None and person.reachable else None


def release(books: Books, today: date) -> None:
    """A failed or withdrawn message releases what it carried; a replaced contact frees the case."""
    for letter in books.letters:
        if letter.state == "pending" and letter.on < today:
            letter.state = "withdrawn"
    for request in books.requests:
        waits = request.state == "awaiting" and not request.sent
        if waits and _not_carried(books, request.liaison, request.asked_on):
            request.asked_on = None
    for case in books.open_cases:
        replaced = case.rung < SUPERVISION and case.told_to is not None and case.told_to.ended
        carrying = books.carrying(case, dropped=True)
        if replaced or (carrying and all(letter.is_lost for letter in carrying)):
            case.untell()
        for telling in case.log:
            if case.told_on is None and telling.rung == case.rung and telling.released_on is None:
                telling.released_on = today
        for breach in case.breaches:
            if case.rung == SUPERVISION and _not_carried(books, breach.told_to, breach.told_on):
                breach.told_on = breach.told_to = None
    for round_ in books.rounds:
        if _not_carried(books, round_.summary_to, round_.summary_on):
            round_.summary_on = round_.summary_to = None
    for notice in books.notices:
        told = books.letter(notice.told_to, notice.told_on)
        if told and told.is_lost and any(key[1] is notice for key, _ in told.standing()):
            notice.told_on = notice.told_to = None
    for owes in books.owes.values():
        still = owes.due_on is not None and owes.due_on >= today
        if still and _not_carried(books, owes.warned_to, owes.warned_on):
            owes.warned_for = owes.warned_on = owes.warned_to = None


def _not_carried(books: Books, to: Person | None, on: date | None) -> bool:
    letter = books.letter(to, on)
    return letter is not None and letter.is_lost
