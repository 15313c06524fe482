"""What waits for the office itself (DOMAIN 4): one case, whatever waits."""

from datetime import date

from tests.properties.model.books import Books
from tests.properties.model.rows import Case


def close(books: Books, today: date) -> None:
    """The case closes when nothing has waited too long any more."""
    case = books.open_case(books.office, "review")
    if case is not None and not books.office_is_late(today):
        case.close(today)


def open_case(books: Books, today: date) -> None:
    """A case at rung 1 once anything has."""
    if books.open_case(books.office, "review") is None and books.office_is_late(today):
        books.cases.append(Case(books.office, today, "review"))
