"""What units answer and the office reviews (DOMAIN 3.4)."""

from datetime import datetime

from eco_workflow.domain.clock import shanghai_date
from tests.properties.model.asking import supersede_older
from tests.properties.model.books import Books
from tests.properties.model.rows import Request


def submit(books: Books, request: Request, item: str, status: str, now: datetime) -> None:
    entry, today = request.entries[item], shanghai_date(now)
    entry.state, entry.submitted_on, entry.touched = "submitted", today, True
    entry.said.append(status)
    if entry.on_time is None:
        entry.on_time = entry.due_at is None or books.report_clock(now) <= entry.due_at
    if _is_news(books, request, item):
        books.owes[request.unit, item].state = status
        books.conclude(request.unit, item, today, request.round)
    conclude_answers(books, request, now)


def conclude_answers(books: Books, request: Request, now: datetime) -> None:
    """A request that owes nothing is answered; a unit that owes nothing is not silent any more."""
    if request.state == "awaiting" and not request.owed:
        request.state = "answered"
        if not request.sent:
            supersede_older(books, request)  # as sending it would have done
    case = books.open_case(request.unit)
    if case is not None and not books.is_silent(request.unit, now):
        case.close(shanghai_date(now), request.round)


def accept(books: Books, request: Request, item: str) -> None:
    request.entries[item].state, request.entries[item].touched = "accepted", True


def recall(books: Books, request: Request, item: str, now: datetime) -> None:
    """What was recalled is owed as before; late again, it opens the same case where it stood."""
    unit, entry = request.unit, request.entries[item]
    _reopen(books, request, item)
    entry.state = "returned" if entry.returns else "awaiting"
    if not entry.returns:
        entry.on_time = None
    runs = books.late_clock(unit, item, shanghai_date(now))
    claimed = [
        c for c in books.cases if (c.unit, c.item, c.clock, c.closed_by) == (unit, item, runs, request.round)
    ]
    if claimed and books.open_case(unit, runs, item) is None:
        claimed[-1].reopen()
    answered = [
        c
        for c in books.cases
        if (c.unit, c.clock) == (unit, "report") and c.closed_by is not None
        # Two requests may stand at a time: the case closed with the later answer, whichever that was.
        if c.closed_by is request.round or any(b.round is request.round for b in c.breaches)
    ]
    if books.open_case(unit) is None and answered and books.is_silent(unit, now):
        answered[-1].reopen()


def give_back(books: Books, request: Request, item: str, now: datetime) -> None:
    entry, today = request.entries[item], shanghai_date(now)
    _reopen(books, request, item)
    entry.state, entry.returned_on, entry.due_at = "returned", today, books.due(today, today)
    entry.returns += 1
    about = (request.round.name, request.unit, item, entry.returns)
    books.notify("returned", about, request.unit, today, entry=entry)


def _reopen(books: Books, request: Request, item: str) -> None:
    """The request is owed again; one that never reached the unit, together with the last that did."""
    entry = request.entries[item]
    if request.state == "answered":
        request.state = "awaiting"
        reached = [
            older
            for older in books.requests_of(request.unit)
            if older.round.order < request.round.order and older.state == "superseded" and older.sent
        ]
        if reached and not request.sent:
            reached[-1].state = "awaiting"
    if not entry.returns or entry.due_at is None:  # as the request, whenever that really left
        entry.due_at = request.due_at
    entry.touched, entry.submitted_on = True, None
    entry.said.pop()
    if _is_news(books, request, item):
        said = [
            status
            for asked in books.requests_of(request.unit)
            for status in (asked.entries[item].said if item in asked.entries else [])
        ]
        owes = books.owes[request.unit, item]
        owes.state = said[-1] if said else owes.came_as


def _is_news(books: Books, request: Request, item: str) -> bool:
    """Whether an answer says where the item stands now: not once it is set aside, nor out of the past."""
    if books.owes[request.unit, item].is_set_aside:
        return False
    return not any(
        asked.round.order > request.round.order and item in asked.entries and asked.entries[item].touched
        for asked in books.requests_of(request.unit)
    )
