"""The clocks of single items in a run: overdue work, claims that fall short, early warnings (DOMAIN 4)."""

from datetime import date, timedelta

from tests.properties.model.books import Books
from tests.properties.model.rows import Case


def close(books: Books, today: date) -> None:
    """Cases close when their item is late no longer."""
    for unit, item in books.owes:
        books.conclude(unit, item, today)


def open_cases(books: Books, today: date) -> None:
    """A case at rung 1 for every item that has become late."""
    for (unit, item), owes in books.owes.items():
        clock = books.late_clock(unit, item, today)
        if clock and books.open_case(unit, clock, item) is None:
            books.cases.append(Case(unit, today, clock, item, owes.due_on))


def warn(books: Books, today: date) -> None:
    """Rung 0: once for each due date, to a liaison who can be reached."""
    last = books.days(today).after(today, books.early_days + 1) - timedelta(days=1)
    for (unit, item), owes in books.owes.items():
        person = books.reachable(unit, "liaison")
        is_near = owes.due_on is not None and today <= owes.due_on <= last
        is_work = owes.role != "data_provider" and owes.is_open and books.pending(unit, item) is None
        if is_near and is_work and owes.warned_for != owes.due_on and person is not None:
            owes.warned_for, owes.warned_on, owes.warned_to = owes.due_on, today, person
