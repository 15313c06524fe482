"""What a run tells once: resolutions, units without a contact (DOMAIN 5)."""

from datetime import date

from eco_workflow.domain.escalation import SUPERVISION
from tests.properties.model.books import Books
from tests.properties.model.rows import Case


def announce(books: Books, today: date) -> None:
    """Everybody who was sent the alert or a copy of it hears once that the case is over, or told on paper."""
    for case in books.cases:
        if case.closed_on is None or case.rung < SUPERVISION or case.announced:
            continue
        case.announced = True
        if case.above_signed_on is not None and case.note_void:
            case.note_on, case.note_void = today, False
            books.notify("note_drafted", (today,), books.supervision, today)
        for letter in books.letters:
            if letter.state != "sent":
                continue
            for (kind, subject, _), _line in letter.standing():
                if subject is case and kind in ("alert", "copy"):
                    about = (case.unit, case.clock, case.item, case.opened_on)
                    books.notify("resolved", about, letter.to.unit, today, role=letter.to.role)


def ask_for_signatures(books: Books, today: date) -> None:
    """Reports drafted today wait for a leader: the supervision office hears it once."""
    for case in books.open_cases:
        if case.rung > SUPERVISION and case.told_on is not None and case.report_void:
            case.report_on, case.report_void = today, False
    if reports(books, today):
        books.notify("report_drafted", (today,), books.supervision, today)


def reports(books: Books, drafted_on: date) -> list[Case]:
    """The cases whose report of that day still waits."""
    return [case for case in books.cases if case.report_on == drafted_on and not case.report_void]


def notes(books: Books, drafted_on: date) -> list[Case]:
    """The cases whose note of that day, that it is over, still waits."""
    return [case for case in books.cases if case.note_on == drafted_on and not case.note_void]


def look_for_contacts(books: Books, today: date) -> None:
    """A unit that owes or hears something and cannot be reached: the office, after five days supervision."""
    for unit in books.units:
        if unit in books.successors or books.reachable(unit, "liaison"):
            books.unreached.pop(unit, None)
            continue
        owing = any(owner == unit and not owes.is_set_aside for (owner, _), owes in books.owes.items())
        if (unit in books.hearing or owing) and unit not in books.unreached:
            lost = [one.lost_on for one in books.people if (one.unit, one.role) == (unit, "liaison")]
            books.unreached[unit] = since = max((day for day in lost if day), default=today)
            if unit != books.office:
                books.notify("no_contact", (unit, since), books.office, today)
    for unit, since in books.unreached.items():
        if unit != books.supervision and books.days(today).waited(since, today) >= 5:
            books.notify("no_contact_long", (unit, since), books.supervision, today)


def choose(books: Books, today: date) -> None:
    """Gives every untold notice its recipient and today's date."""
    for notice in books.notices:
        person = books.reachable(notice.unit, notice.role)
        if notice.told_on is None and person is not None:
            notice.told_on, notice.told_to = today, person
