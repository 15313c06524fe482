"""Letters are handed over, and what becomes of them (DOMAIN 3.2, 5)."""

from collections.abc import Mapping
from datetime import date, datetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.messages import Result
from tests.properties.model.asking import asks_more, supersede_older
from tests.properties.model.books import Books
from tests.properties.model.notices import notes, reports
from tests.properties.model.post_rows import Letter, Line, Notice, Warned
from tests.properties.model.rows import Case, Request


def deliver(books: Books, now: datetime, fate: Mapping[str, Result]) -> None:
    """Hands over today's pending letters; `fate` says what becomes of an address, else it is taken."""
    today = shanghai_date(now)
    if books.held is not None:
        return
    for letter in books.letters:
        if letter.state != "pending" or letter.on != today:
            continue
        if letter.to.ended:
            letter.state = "withdrawn"  # it rides to the successor in the next run
            continue
        for (_, subject, _rung), line in list(letter.standing()):
            if isinstance(subject, Request):
                _make_up_request(books, subject, line, today)
            elif isinstance(subject, Case):
                _make_up_case(books, letter, subject, line, now)
            elif isinstance(subject, Notice):
                line.dropped = _is_over(books, subject, today)
            elif isinstance(subject, Warned):
                line.dropped = not _still_to_come(books, subject, today)
        if not any(letter.standing()):
            letter.state = "withdrawn"
            continue
        letter.tried_on = today
        match fate.get(letter.to.address, Result.ACCEPTED):
            case Result.ACCEPTED:
                _sent(books, letter, today)
            case Result.REFUSED | Result.REJECTED as result:
                _not_sent(letter, "failed")
                letter.to.failed = result is Result.REFUSED
                if letter.to.failed:
                    letter.to.lose(today)
            case Result.LATER:
                _not_sent(letter, "pending")
            case Result.NO_ANSWER:
                letter.state = "unknown"


def retry(books: Books, letter: Letter, now: datetime) -> None:
    """An operator trusts the address again; on its own day the letter leaves once more."""
    letter.to.failed = False
    if not letter.to.ended:
        letter.to.lost_on = None
    if letter.on == shanghai_date(now) and letter.on in books.runs:
        letter.state = "pending"


def settle(books: Books, letter: Letter, *, sent: bool) -> None:
    """An operator found out what became of a letter."""
    if sent:
        assert letter.tried_on is not None
        _sent(books, letter, letter.tried_on)
    else:
        _not_sent(letter, "failed")


def _make_up_request(books: Books, request: Request, line: Line, today: date) -> None:
    if request.state != "awaiting":
        line.dropped, request.asked_on = True, None
    else:
        _fix_due(request, books.due(today, today))


def _make_up_case(books: Books, letter: Letter, case: Case, line: Line, now: datetime) -> None:
    """Dropped when its reason is gone or rests; what this letter was to tell was not told then, unless it
    was told by hand that day.
    """
    today = shanghai_date(now)
    suspended = bool(case.item) and case.closed_on is None and books.rests(case, now)
    if case.closed_on is None and not suspended and not books.stands(case, now, today):
        case.close(today)
    if case.closed_on is None and not suspended:
        return
    line.dropped = True
    by_hand = any(
        other.occasion == "told" and other.state == "sent" and other.tells(case, rung=case.rung)
        for other in books.letters
        if (other.to, other.on) == (letter.to, letter.on)
    )
    if (case.told_to, case.told_on) == (letter.to, letter.on) and not by_hand:
        case.untell()
    for breach in case.breaches:
        if (breach.told_to, breach.told_on) == (letter.to, letter.on):
            breach.told_on = breach.told_to = None


def _is_over(books: Books, notice: Notice, today: date) -> bool:
    """The matter of a notice was settled before anybody was told."""
    if notice.kind in ("no_contact", "no_contact_long"):
        return notice.about[0] not in books.unreached
    if notice.kind in ("report_drafted", "note_drafted"):
        waiting = reports if notice.kind == "report_drafted" else notes
        return not waiting(books, notice.made_on)
    if notice.kind == "extension_asked":
        return books.extensions[_number(notice) - 1].granted is not None
    if notice.kind == "suspension_asked":
        asked = books.asides[_number(notice) - 1]
        return asked.confirmed_on is not None or asked.ended
    if notice.moved is not None:
        request, due = notice.moved
        of = notice.about[2]
        runs = any(
            entry.due_at == due and (of == item or (of == "" and entry.state == "awaiting"))
            for item, entry in request.owed.items()
        )
        return request.state != "awaiting" or not runs or _gives_way(books, request, today)
    return notice.entry is not None and notice.entry.state != "returned"


def _gives_way(books: Books, request: Request, today: date) -> bool:
    """Whether a newer request that leaves today asks what this one does."""
    newer = [
        other.entries
        for other in books.requests_of(request.unit)
        if other.round.order > request.round.order and not other.round.is_adhoc
        if other.state == "awaiting" and other.asked_on == today
    ]
    return bool(newer) and not asks_more(books, request, {item for items in newer for item in items})


def _number(notice: Notice) -> int:
    (number,) = notice.about
    assert isinstance(number, int)
    return number


def _still_to_come(books: Books, warned: Warned, today: date) -> bool:
    owes = books.owes[warned.unit, warned.item]
    return owes.is_open and owes.due_on is not None and owes.due_on >= today


def _fix_due(request: Request, due: datetime | None) -> None:
    request.due_at = due
    for entry in request.entries.values():
        if entry.state == "awaiting":
            entry.due_at = due


def _asked_in(letter: Letter) -> list[Request]:
    asked = [subject for (_, subject, _), _ in letter.standing() if isinstance(subject, Request)]
    return sorted(asked, key=lambda request: request.round.order)


def _sent(books: Books, letter: Letter, on: date) -> None:
    letter.state, letter.sent_on = "sent", on
    for request in _asked_in(letter):
        request.sent_on = on
        supersede_older(books, request)


def _not_sent(letter: Letter, state: str) -> None:
    letter.state = state
    for request in _asked_in(letter):
        _fix_due(request, None)
