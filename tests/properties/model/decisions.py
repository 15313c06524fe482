"""What the two offices decide about dates, items, units and the plan itself (DOMAIN 3.7, 3.8, 4, 5)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.due import late_from, put_off, rested, waits_from
from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.overdue import OPEN
from tests.properties.model.answers import conclude_answers
from tests.properties.model.books import Books
from tests.properties.model.rows import Aside, Entry, Extension, Hold, Owes, Person, Request, Round

ONE_DAY = timedelta(days=1)


# People


def end(books: Books, unit: str, role: str, today: date) -> None:
    person = books.person(unit, role)
    assert person is not None
    person.ended = True
    person.lose(today)


def add(books: Books, unit: str, role: str, address: str) -> None:
    books.people.append(Person(unit, role, address))


# Rounds of one's own


def plan_adhoc(books: Books, on: date, chosen: set[tuple[str, str]]) -> None:
    """An ad-hoc round: chosen units and items, its own date; it supersedes nothing."""
    books.rounds.append(Round(on, month_end=False, chosen=chosen))


def release_summary(books: Books, round_: Round) -> None:
    round_.released = True


# Holds


def hold(books: Books, now: datetime) -> None:
    """Held and let go on one day is no day lost."""
    today = shanghai_date(now)
    books.holds = [h for h in books.holds if h.since != today]
    books.holds.append(Hold(now, today))


def release(books: Books, now: datetime) -> None:
    """What was not yet due when the hold began is counted again, in the plan's own calendar."""
    today, hold = shanghai_date(now), books.held
    assert hold is not None
    hold.until = today
    owed: list[tuple[Request, str, Entry, datetime | None]] = []
    answered: list[tuple[Request, str, Entry, datetime | None]] = []
    for request in books.requests:
        open_still = [
            (item, entry)
            for item, entry in request.entries.items()
            if entry.state != "accepted" and entry.due_at is not None and entry.due_at >= hold.began_at
        ]
        if open_still and request.asked_on and request.due_at and request.due_at >= hold.began_at:
            request.due_at = books.due(request.asked_on, today)
        for item, entry in open_still:
            asked = entry.returned_on or request.asked_on
            if asked is None:
                continue  # it was answered to a letter that failed: nothing runs
            before, entry.due_at = entry.due_at, books.due(asked, today)
            if entry.due_at != before and item in request.owed and request.state == "awaiting":
                owed.append((request, item, entry, before))
            elif entry.due_at != before and request.state in ("awaiting", "answered"):
                answered.append((request, item, entry, before))
    told: set[tuple[object, ...]] = set()
    for moved in owed:
        if not (moved[2].returned_on and books.return_is_untold(moved[2])):
            _tell_moved(books, *moved, today, told)
    for moved in answered:
        _tell_moved(books, *moved, today, told, silently=True)


def _tell_moved(
    books: Books,
    request: Request,
    item: str,
    entry: Entry,
    before: datetime | None,
    today: date,
    told: set[tuple[object, ...]],
    *,
    silently: bool = False,
) -> None:
    """Once for the request as it stands, and once for each answer that was returned."""
    about = (request.round.name, request.unit, item if entry.returned_on else "", today)
    if about in told:
        return
    told.add(about)
    _take_back(books, about, before, today)
    assert entry.due_at is not None
    books.notify("moved_by_hold", about, request.unit, today, moved=(request, entry.due_at))
    for notice in books.notices:
        if silently and (notice.kind, notice.about) == ("moved_by_hold", about):
            notice.told_on = today


def _take_back(books: Books, about: tuple[object, ...], before: datetime | None, today: date) -> None:
    """A due time that moves again before anybody heard of it is told once."""
    for notice in reversed(books.notices):
        if notice.moved is None or notice.about[:3] != about[:3] or notice.moved[1] != before:
            continue
        waiting = books.carried(notice)
        if not any(letter.has_left for letter in waiting):
            notice.told_on, notice.told_to = today, None
            for letter in waiting:
                letter.lines["notice", notice, 0].dropped = True
        return


# Extensions


def ask_extension(books: Books, unit: str, item: str, until: date, today: date) -> None:
    books.extensions.append(Extension(unit, item, until, today))
    books.notify("extension_asked", (len(books.extensions),), books.office, today)


def decide_extension(books: Books, unit: str, item: str, today: date, *, grant: bool) -> None:
    """Decided after the due date (or after the day asked for), one working day remains."""
    asked, owes = books.pending(unit, item), books.owes[unit, item]
    assert asked is not None
    asked.granted = grant
    if grant:
        owes.due_on = asked.until
    assert owes.due_on is not None
    first_late = late_from(owes.due_on, today, books.days(today))
    if owes.clock_from is not None:
        first_late = max(first_late, owes.clock_from)
    if first_late > owes.due_on + ONE_DAY:
        owes.clock_from = first_late
    books.conclude(unit, item, today)
    number = books.extensions.index(asked) + 1
    _was_decided(books, "extension_asked", number, today)
    _tell_unit(books, "extension_granted" if grant else "extension_refused", number, unit, today)


def _was_decided(books: Books, kind: str, number: int, today: date) -> None:
    """Nobody needs to hear any more that something waits."""
    for notice in books.notices:
        if (notice.kind, notice.about) == (kind, (number,)) and notice.told_on is None:
            notice.told_on = today


def _tell_unit(books: Books, kind: str, number: int, unit: str, today: date) -> None:
    for role in ("liaison", "leader"):
        books.notify(kind, (number,), unit, today, role=role)


# Items set aside


def ask_aside(books: Books, unit: str, item: str, state: str, today: date, *, asked_as: str) -> None:
    books.asides.append(Aside(unit, item, state, asked_as))
    other = books.supervision if asked_as == "operator" else books.office
    books.notify("suspension_asked", (len(books.asides),), other, today)


def aside_asked(books: Books, unit: str, item: str) -> Aside | None:
    """What waits for the other office."""
    return next(
        (
            a
            for a in books.asides
            if (a.unit, a.item) == (unit, item) and a.confirmed_on is None and not a.ended
        ),
        None,
    )


def _aside_in_force(books: Books, unit: str, item: str) -> Aside | None:
    return next(
        (
            a
            for a in books.asides
            if (a.unit, a.item, a.state) == (unit, item, "suspended") and a.confirmed_on and not a.ended
        ),
        None,
    )


def confirm_aside(books: Books, unit: str, item: str, now: datetime) -> None:
    """From now on it is set aside: open entries are no longer owed, suspended cases rest, others close."""
    today, owes = shanghai_date(now), books.owes[unit, item]
    asked, in_force = aside_asked(books, unit, item), _aside_in_force(books, unit, item)
    assert asked is not None
    asked.confirmed_on = today
    if asked.state == "suspended":
        owes.paused_as = owes.state
    elif in_force is not None:
        in_force.ended_on = today
    owes.state = asked.state
    books.conclude(unit, item, today)
    for request in books.requests_of(unit):
        if request.state == "awaiting" and item in request.owed:
            request.entries[item].state, request.entries[item].touched = "accepted", True
            conclude_answers(books, request, now)
    number = books.asides.index(asked) + 1
    _was_decided(books, "suspension_asked", number, today)
    _tell_unit(books, asked.state, number, unit, today)


def resume(books: Books, unit: str, item: str, now: datetime) -> None:
    """What had not run out is put off by the working days it rested; what was only asked is taken back."""
    today, days, owes = shanghai_date(now), books.days(shanghai_date(now)), books.owes[unit, item]
    asked = aside_asked(books, unit, item)
    if asked is not None:
        asked.ended_on = today
        _was_decided(books, "suspension_asked", books.asides.index(asked) + 1, today)
        return
    aside = _aside_in_force(books, unit, item)
    assert aside is not None
    assert aside.confirmed_on is not None
    aside.ended_on = today
    owes.state, owes.paused_as = owes.paused_as, ""
    since = aside.confirmed_on
    by = rested(since, today, days)
    if by and owes.due_on is not None and owes.due_on >= since:
        owes.due_on = max(owes.due_on, min(put_off(owes.due_on, by, days), books.plan.ends_on))
    if owes.clock_from is not None and owes.clock_from > since:
        owes.clock_from = put_off(owes.clock_from - ONE_DAY, by, days) + ONE_DAY
    for case in books.open_cases:
        if (case.unit, case.item) == (unit, item) and case.told_on is not None:
            signed_on = case.above_signed_on if case.rung == SUPERVISION else None
            told = max(filter(None, (case.told_on, signed_on, case.waits_from)))
            case.waits_from = waits_from(told, since, today, days)
    _tell_unit(books, "resumed", books.asides.index(aside) + 1, unit, today)


# Units


def _drop_what_is_asked(books: Books, unit: str, item: str, today: date) -> None:
    """What the unit asked for on the item, and what rested, is void."""
    pending = books.pending(unit, item)
    if pending is not None:
        pending.granted = False
    for aside in books.asides:
        if (aside.unit, aside.item, aside.left_on) == (unit, item, None):
            aside.ended_on, aside.left_on = aside.ended_on or today, today


def _claim_is_void(books: Books, unit: str, item: str, comes: Owes) -> None:
    """What the unit said of it speaks of the part that it has done."""
    if comes.state == "suspended":
        comes.paused_as = "in_progress"
    else:
        comes.state = "in_progress"
    asked = [request.entries[item] for request in books.requests_of(unit) if item in request.entries]
    for entry in asked:
        entry.said = ["in_progress"] * len(entry.said)
    for entry in asked[-1:]:
        entry.touched = True


def merge(books: Books, old: str, new: str, today: date) -> None:
    """What it owed moves on, what it failed to do stays with it; the successor starts with fresh notice."""
    heard = False
    for case in list(books.open_cases):
        if case.unit == old:
            case.close(today)
            case.announced = True  # it is no resolution
            heard = heard or case.rung >= SUPERVISION
    for unit, item in list(books.owes):
        if unit != old:
            continue
        owes = books.owes.pop((old, item))
        own = books.owes.get((new, item))
        if own is not None:
            # Both owed it, and owe it once from now on: who leads does, the other's figures are part of that.
            leads = owes.role != "data_provider" and own.role == "data_provider"
            if not item.startswith("I") and owes.got_to in OPEN and own.got_to in ("completed", "closed"):
                # A claim needs all: with the open share of the other it is to be claimed anew.
                leads = True
                _claim_is_void(books, new, item, owes)
            _drop_what_is_asked(books, new if leads else old, item, today)
            if not leads:
                continue
        owes.warned_for = owes.warned_on = owes.warned_to = None
        owes.came_as = (owes.paused_as or "not_started") if owes.is_set_aside else owes.state
        books.owes[new, item] = owes
        for asked in books.extensions:
            asked.unit = new if (asked.unit, asked.item) == (old, item) else asked.unit
    for aside in [a for a in books.asides if a.unit == old and a.left_on is None]:
        aside.unit, came = new, aside.came_on
        aside.came_on = today
        if aside.state == "suspended" and aside.confirmed_on is not None:
            # The pause goes on with the clock; that the merged unit had it stays true of its own cases.
            kept = replace(aside, unit=old, ended_on=aside.ended_on or today, left_on=today, came_on=came)
            books.asides.append(kept)
    for request in books.requests_of(old):
        if request.state == "awaiting":
            request.state = "superseded"
    for round_ in books.rounds:
        if round_.state == "planned" and round_.chosen is not None:
            round_.chosen = {(new if unit == old else unit, item) for unit, item in round_.chosen}
    for person in books.people:
        person.ended = person.ended or person.unit == old
    books.successors[old] = new
    books.unreached.pop(old, None)
    for role in ("liaison", "leader"):
        books.notify("merged", (old,), new, today, role=role)
    if heard:
        books.notify("merged", (old,), books.supervision, today)
