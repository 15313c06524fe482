"""What an operator tells or reminds of by hand (DOMAIN 5): it counts as told, once a day at most."""

from datetime import date, datetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.plans.ladder import Hearing
from tests.properties.model.books import Books
from tests.properties.model.ladder import waiting_since
from tests.properties.model.letters import is_own_alert
from tests.properties.model.post_rows import Letter
from tests.properties.model.rows import Case, Person, Telling


def whom_to_tell(books: Books, case: Case, now: datetime) -> tuple[Person, str] | None:
    """Who is told the present rung by telephone or letter, and by which kind of line."""
    today = shanghai_date(now)
    suspended = bool(case.item) and books.rests(case, now)
    if case.closed_on or _on_paper(books, case) or _was_told(books, case):
        return None
    if suspended or not books.stands(case, now, today):
        return None
    hearing, person = _principal(books, case)
    return (person, hearing.kind) if person is not None else None


def tell(books: Books, case: Case, to: Person, kind: str, today: date) -> None:
    """Others whom the plan lets hear are sent a line of the same event, if nobody sent it before."""
    _count_as_told(case, to, today)
    letter = Letter(to, today, "told", case, case.rung, state="sent", sent_on=today)
    letter.add((kind, case, case.rung), principal=True)
    books.letters.append(letter)
    for hearing in books.plan.who_hears:
        if hearing.rung != case.rung or hearing.principal or is_own_alert(hearing, case):
            continue
        person = books.reachable(case.unit if hearing.unit == "debtor" else hearing.unit, hearing.role)
        key = (hearing.kind, case, case.rung)
        if person is None or person is to or books.has_heard(person, case.opened_on, None, key):
            continue
        other = Letter(person, today, "told", case, case.rung)
        if any(other.is_same_event(letter) for letter in books.letters):
            continue  # it was lost: one a day and person
        other.add(key)
        books.letters.append(other)


def whom_to_remind(books: Books, case: Case, now: datetime) -> tuple[Person, str, bool] | None:
    """Who is reminded, by which kind of line, and whether that tells the present rung."""
    today = shanghai_date(now)
    heard = any(
        letter.on == today and not letter.is_lost and letter.tells(case) for letter in books.letters
    ) or any((m.on, m.occasion) == (today, "remind") and m.of is case for m in books.letters)
    goes_on = books.held is None and books.published.is_working(today)
    may = case.closed_on is None and goes_on and not heard
    if not may or books.rests(case, now) or not books.stands(case, now, today):
        return None
    on_paper = _on_paper(books, case)
    counts = not on_paper and not _was_told(books, case)
    if counts or (case.rung < SUPERVISION and not on_paper):
        hearing, person = _principal(books, case)
        return (person, hearing.kind, counts) if person is not None and person.reachable else None
    for role in ("liaison", "leader"):
        if own := books.reachable(case.unit, role):
            return own, "reminder", False
    return None


def remind(books: Books, case: Case, to: Person, kind: str, today: date, *, counts: bool) -> None:
    letter = Letter(to, today, "remind", case)
    letter.add((kind, case, case.rung), principal=counts)
    books.letters.append(letter)
    if counts:
        _count_as_told(case, to, today)
    case.reminded_on = today


def may_sign(books: Books, case: Case, now: datetime) -> bool:
    """Whether a report to the leader above waits, of what is late still and does not rest."""
    waits = case.closed_on is None and case.above_on is not None and case.above_signed_on is None
    suspended = bool(case.item) and books.rests(case, now)
    return waits and not suspended and books.stands(case, now, shanghai_date(now))


def sign(books: Books, signed: Case, now: datetime) -> None:
    """With all that was drafted for the unit on that day; what is late no longer closes, what rests waits."""
    today = shanghai_date(now)
    for case in list(books.open_cases):
        if (case.unit, case.above_on) != (signed.unit, signed.above_on):
            continue
        if may_sign(books, case, now):
            case.above_signed_on = today
        elif case.above_signed_on is None and not (case.item and books.rests(case, now)):
            case.close(today)


def _on_paper(books: Books, case: Case) -> bool:
    return case.rung > SUPERVISION or (case.rung == SUPERVISION and case.unit in books.drafts)


def _was_told(books: Books, case: Case) -> bool:
    """Whether the present rung was really told; what a contact heard who has left does not count."""
    gone = case.rung < SUPERVISION and case.told_to is not None and case.told_to.ended
    return not gone and waiting_since(books, case) is not None


def _principal(books: Books, case: Case) -> tuple[Hearing, Person | None]:
    hearing = next(h for h in books.plan.who_hears if h.rung == case.rung and h.principal)
    unit = case.unit if hearing.unit == "debtor" else hearing.unit
    person = books.person(unit, hearing.role)
    if person is None and hearing.otherwise:
        person = books.person(unit, hearing.otherwise)
    return hearing, person


def _count_as_told(case: Case, to: Person, today: date) -> None:
    """The log keeps one row a rung that was not released."""
    case.told_on, case.told_to = today, to
    for telling in case.log:
        if telling.rung == case.rung and telling.released_on is None and telling.on != today:
            telling.released_on = today
    logged = next((t for t in case.log if (t.rung, t.on) == (case.rung, today)), None)
    if logged is None:
        case.log.append(Telling(case.rung, today, to))
    else:
        logged.to, logged.released_on = to, None
