"""The day's decision, in the order in which DOMAIN 3 and 5 have it."""

from datetime import datetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.rounds import Span, reason_not_to_run
from tests.properties.model import asking, items, ladder, letters, notices, reviews
from tests.properties.model.books import Books


def run(books: Books, now: datetime, *, confirmed: bool = False) -> bool:
    """Decides the day; False when nothing may be done."""
    today = shanghai_date(now)
    last = books.runs[-1] if books.runs else None
    held_since = books.held.since if books.held else None
    span = Span(books.active_from, books.plan.ends_on, last, held_since, books.held_days(today))
    if reason_not_to_run(span, today, confirmed=confirmed):
        return False
    if today in books.runs:
        return True
    books.runs.append(today)
    ladder.release(books, today)
    asking.open_rounds(books, today)
    asking.ask_again(books, today)
    ladder.close_answered(books, today, now)
    items.close(books, today)
    reviews.close(books, today)
    if books.days(today).is_working(today):
        ladder.count_further_rounds(books, today, now)
        ladder.climb(books, today, now)
        ladder.open_silence(books, today, now)
        items.open_cases(books, today)
        reviews.open_case(books, today)
        ladder.tell(books, today, now)
        asking.summarise(books, today, now)
        items.warn(books, today)
        notices.announce(books, today)
        notices.ask_for_signatures(books, today)
        notices.look_for_contacts(books, today)
        notices.choose(books, today)
    letters.write(books, today)
    return True
