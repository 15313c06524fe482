"""Rounds open and ask; newer requests supersede older ones (DOMAIN 3, decision 0010)."""

from collections.abc import Container
from datetime import date, datetime

from eco_workflow.domain.rounds import may_leave
from tests.properties.model.books import Books
from tests.properties.model.rows import Entry, Request, Round


def open_rounds(books: Books, today: date) -> None:
    """The newest regular round that may leave, and every ad-hoc one; older regular ones are skipped."""
    leaving = [r for r in books.rounds if r.state == "planned" and _may_leave(books, r, today)]
    newest = max((r for r in leaving if not r.is_adhoc), key=lambda r: r.order, default=None)
    adhoc = sorted((r for r in leaving if r.is_adhoc), key=lambda r: r.order)
    for older in books.rounds:
        if newest and older.state == "planned" and not older.is_adhoc and older.order < newest.order:
            older.state = "skipped"
    asked_adhoc: set[tuple[str, str]] = set()
    for round_ in adhoc:
        asked_adhoc |= round_.chosen or set()
    asks = {}
    if newest is not None:
        asks = _asked_by_regular(books, newest, asked_adhoc)
        for request in books.requests:
            gives_way = request.state == "awaiting" and request.asked_on is None and request.unit in asks
            if gives_way and not asks_more(books, request, asks[request.unit]):
                request.state = "superseded"
    for round_ in [*adhoc, *([newest] if newest else [])]:
        round_.state, round_.opened_on = "open", today
        for unit in books.units:
            items = asks.get(unit, []) if round_ is newest else _chosen(books, round_, unit, adhoc)
            if items:
                _ask(books, round_, unit, items, today)


def _chosen(books: Books, round_: Round, unit: str, leaving: list[Round]) -> list[str]:
    """Of two ad-hoc rounds that leave together, the newer asks what both would."""
    newer = {key for other in leaving if other.order > round_.order for key in other.chosen or ()}
    return [
        item
        for owner, item in (round_.chosen or set()) - newer
        if owner == unit and books.may_be_asked(unit, item)
    ]


def _asked_by_regular(
    books: Books, round_: Round, asked_adhoc: Container[tuple[str, str]]
) -> dict[str, list[str]]:
    """Unit → items: those of its rhythm, and what older ad-hoc requests still ask a unit that is asked."""
    asks: dict[str, list[str]] = {}
    for (unit, item), owes in books.owes.items():
        its_turn = books.may_be_asked(unit, item) and owes.is_asked(round_.printed, round_.month_end)
        if its_turn and (unit, item) not in asked_adhoc:
            asks.setdefault(unit, []).append(item)
    for request in books.requests:
        is_older = request.round.is_adhoc and request.round.order < round_.order
        if is_older and request.state == "awaiting" and request.unit in asks:
            for item in request.owed:
                is_asked = item in asks[request.unit] or (request.unit, item) in asked_adhoc
                if books.may_be_asked(request.unit, item) and not is_asked:
                    asks[request.unit].append(item)
    return asks


def _ask(books: Books, round_: Round, unit: str, items: list[str], today: date) -> None:
    request = Request(round_, unit, books.person(unit, "liaison"), {item: Entry() for item in items})
    if books.reachable(unit, "liaison"):
        request.asked_on = today
    books.requests.append(request)


def ask_again(books: Books, today: date) -> None:
    """A request that could not be sent is asked as soon as somebody can be reached."""
    for request in books.requests:
        liaison = books.reachable(request.unit, "liaison")
        waits = request.state == "awaiting" and request.asked_on is None
        if waits and liaison is not None and _may_leave(books, request.round, today):
            request.asked_on, request.liaison = today, liaison


def _may_leave(books: Books, round_: Round, today: date) -> bool:
    waits = books.plan.wait_for_working_day
    return may_leave(round_.printed, today, books.days(today), wait_for_working_day=waits)


def supersede_older(books: Books, request: Request) -> None:
    """A regular request takes the place of older ones; an ad-hoc one supersedes nothing."""
    if request.round.is_adhoc:
        return
    for older in books.requests_of(request.unit):
        is_older = older.state == "awaiting" and older.round.order < request.round.order
        if is_older and not asks_more(books, older, request.entries):
            older.state = "superseded"


def asks_more(books: Books, request: Request, newer: Container[str]) -> bool:
    """Whether an ad-hoc request still asks what the newer one does not: then it stands beside it."""
    return request.round.is_adhoc and any(
        item not in newer and books.may_be_asked(request.unit, item) for item in request.owed
    )


def summarise(books: Books, today: date, now: datetime) -> None:
    """When the last sent request is due, on the fourth working day at the latest."""
    for round_ in books.rounds:
        if round_.state == "open" and round_.drafted_on is None and round_.opened_on is not None:
            asked = [r for r in books.requests if r.round is round_]
            outstanding = any(
                r.asked_on is not None and (r.due_at is None or r.due_at >= now)
                for r in asked
                if r.state != "superseded"
            )
            waited = books.days(today).waited(round_.opened_on, today)
            if asked and (not outstanding or waited >= books.plan.summary_days):
                round_.drafted_on = today
        liaison = books.reachable(books.office, "liaison")
        if round_.drafted_on and round_.summary_on is None and liaison is not None:
            round_.summary_on, round_.summary_to = today, liaison
