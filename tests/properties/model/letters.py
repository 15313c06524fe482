"""One envelope per person and day, with lines for whoever is to hear (DOMAIN 5)."""

from datetime import date

from eco_workflow.plans.ladder import Hearing
from tests.properties.model.books import Books
from tests.properties.model.post_rows import Letter, LineKey, Warned
from tests.properties.model.rows import Breach, Case, Person


def write(books: Books, today: date) -> None:
    """Today's requests and summaries; on a working day also rungs, warnings and notices."""
    for request in books.requests:
        if request.state == "awaiting" and request.asked_on == today and not request.sent:
            assert request.liaison is not None
            _add(books, request.liaison, today, ("request", request, 0))
    for round_ in books.rounds:
        if round_.summary_on == today and round_.summary_to is not None:
            _add(books, round_.summary_to, today, ("summary", round_, 0))
    if not books.days(today).is_working(today):
        return
    for case in books.open_cases:
        if case.told_on == today and case.told_to is not None:
            _write_rung(books, case, today)
        for breach in case.breaches:
            if breach.tell and breach.told_on in (None, today):
                _write_breach(books, case, breach, today)
    _write_lost(books, today)
    for key, owes in books.owes.items():
        if owes.warned_on == today and owes.warned_to is not None:
            subject = books.warned.setdefault(key, Warned(*key))
            _add(books, owes.warned_to, today, ("warning", subject, 0))
    for notice in books.notices:
        if notice.told_on == today and notice.told_to is not None:
            _add(books, notice.told_to, today, ("notice", notice, 0))


def _add(books: Books, to: Person, today: date, key: LineKey, *, principal: bool = False) -> None:
    letter = books.letter(to, today)
    if letter is None:
        letter = Letter(to, today)
        books.letters.append(letter)
    letter.add(key, principal=principal)


def _write_rung(books: Books, case: Case, today: date) -> None:
    """The principal is always told; the others unless they heard it of this case before."""
    for hearing in books.plan.who_hears:
        if hearing.rung != case.rung:
            continue
        key: LineKey = (hearing.kind, case, case.rung)
        if hearing.principal:
            assert case.told_to is not None
            if not _told_by_hand(books, case.told_to, today, key):
                _add(books, case.told_to, today, key, principal=True)
            continue
        unit = case.unit if hearing.unit == "debtor" else hearing.unit
        person = books.reachable(unit, hearing.role)
        if person is None or is_own_alert(hearing, case):
            continue
        told = person is case.told_to or _told_by_hand(books, person, today, key)
        if not told and not books.has_heard(person, case.opened_on, today, key):
            _add(books, person, today, key)


def _told_by_hand(books: Books, person: Person, today: date, key: LineKey) -> bool:
    """What an operator told today is not repeated."""
    return any(
        letter.to is person and letter.on == today and letter.of is not None and not letter.is_lost
        for letter in books.letters
        if key in letter.lines
    )


def is_own_alert(hearing: Hearing, case: Case) -> bool:
    """A debtor is never copied on its own alert."""
    return hearing.kind == "copy" and hearing.unit == case.unit


def _write_breach(books: Books, case: Case, breach: Breach, today: date) -> None:
    """A further silent round: the unit is reminded, the supervision office and the copies hear the count."""
    listeners: list[tuple[str, Person | None]] = []
    if case.reminded_on != today:
        listeners += [("reminder", books.reachable(case.unit, role)) for role in ("liaison", "leader")]
    if breach.told_on == today and breach.told_to is not None:
        listeners += [
            (h.kind, books.reachable(h.unit, h.role))
            for h in books.plan.who_hears
            if h.rung == case.rung and h.unit != "debtor" and not is_own_alert(h, case)
        ]
    for kind, person in listeners:
        key: LineKey = (kind, case, case.rung)
        if person is None:
            continue
        principal = person is breach.told_to
        if principal or not books.has_heard(person, breach.on, today, key):
            _add(books, person, today, key, principal=principal)


def _write_lost(books: Books, today: date) -> None:
    """What others than the principal did not get, they get while the case stands on that rung."""
    for letter in list(books.letters):
        if not letter.is_lost or letter.on == today:
            continue
        for key, line in letter.standing():
            _, case, rung = key
            if not isinstance(case, Case) or line.principal or case.closed_on is not None:
                continue
            person = books.reachable(letter.to.unit, letter.to.role)
            stands = case.rung == rung and case.told_on is not None and letter.on >= case.opened_on
            stands = stands and case.reminded_on != today
            suspended = bool(case.item) and books.owes[case.unit, case.item].state == "suspended"
            hears = person is not None and not books.has_heard(person, letter.on, today, key)
            if stands and not suspended and hears and person is not None:
                _add(books, person, today, key)
