"""What people look at counts what the model counts: status, cases, messages, JSON, lights (DOMAIN 4, 6)."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from eco_workflow.domain.answers import ANSWERED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.lights import Light
from eco_workflow.domain.overdue import DAYS_TO_RELEASE
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services import look
from eco_workflow.services.cases_shown import cases
from eco_workflow.services.lights import lights
from eco_workflow.services.overview import overview
from tests.properties.model.books import Books
from tests.properties.model.rows import Case, Request

VIEWER = Viewer("operator")
REVIEW_RED_DAYS = 10
"""Working days for which something waits for the office until its light is red."""


def wrong_views(session: Session, books: Books, now: datetime, days: WorkingDays) -> Iterator[str]:
    """Every view that counts otherwise than the model."""
    yield from _wrong_lights(session, books, now, days)
    found = overview(session, VIEWER, plan=None, now=now, days=days)
    shown = json.loads(json.dumps(found.as_json(), default=str))
    today, open_cases = shanghai_date(now), list(books.open_cases)
    yield from _unequal(
        "status: silent units",
        ((x["unit"], x["rung"], x["days_late"], x["silent_rounds"], x["owes"]) for x in shown["late"]),
        (
            (c.unit.upper(), c.rung, books.days_late(c, today), len(books.silent_rounds(c)), _owes(books, c))
            for c in open_cases
            if c.clock == "report"
        ),
    )
    yield from _unequal(
        "status: late items",
        (
            (x["unit"], x["item"], x["clock"], x["rung"], x["due_on"], x["days_late"])
            for x in shown["late_items"]
        ),
        (
            (c.unit.upper(), c.item, c.clock, c.rung, str(c.due_on), books.days_late(c, today))
            for c in open_cases
            if c.item and not books.rests(c, now)
        ),
    )
    yield from _unequal(
        "status: the office itself",
        ((x["unit"], x["rung"]) for x in shown["late_office"]),
        ((c.unit.upper(), c.rung) for c in open_cases if c.clock == "review"),
    )
    yield from _unequal(
        "status: messages",
        shown["messages"].items(),
        Counter(letter.state for letter in books.letters).items(),
    )
    yield from _unequal(
        "status: rounds",
        (
            (x["on_date"], x["kind"], x["asked"], x["answered"], x["entries"], x["entries_answered"])
            for x in shown["rounds"]
        ),
        (_round(books, r.name) for r in books.rounds if r.state != "planned"),
    )
    yield from _unequal(
        "status: units that cannot be reached",
        (line.partition(":")[0] for line in shown["unreachable"]),
        (
            unit.upper()
            for unit in books.units
            if (unit in books.hearing or any(owner == unit for owner, _ in books.owes))
            and books.reachable(unit, "liaison") is None
        ),
    )
    listed = cases(session, VIEWER, plan=None, unit=None, everything=False, now=now, days=days)
    yield from _unequal(
        "case list",
        (
            (
                x["unit"],
                x["clock"],
                x["item"] or "",
                x["rung"],
                *_lateness(x["clock"], x["since"], x["days_late"]),
            )
            for x in listed
        ),
        (
            (
                *(c.unit.upper(), c.clock, c.item, c.rung),
                *_lateness(c.clock, books.late_since(c), books.days_late(c, today)),
            )
            for c in open_cases
        ),
    )
    yield from _unequal(
        "outbox",
        (
            (x["on"], x["address"], x["state"], tuple(sorted(x["lines"].items())))
            for x in look.messages(session, VIEWER, plan=None, state=None, on=None)
        ),
        (
            (x.on, x.to.address, x.state, tuple(sorted(Counter(key[0] for key, _ in x.standing()).items())))
            for x in books.letters
        ),
    )


def _unequal(what: str, said: Iterable[Any], meant: Iterable[Any]) -> Iterator[str]:
    real, expected = Counter(said), Counter(meant)
    if real != expected:
        yield f"{what}: {dict(real - expected)} instead of {dict(expected - real)}"


def _lateness(clock: str, since: date | None, days: int) -> tuple[Any, ...]:
    """What waits for the office has days of its own."""
    return () if clock == "review" else (since, days)


def _owes(books: Books, case: Case) -> int:
    """Items that the unit owes to requests that stand."""
    asked = [r for r in books.requests_of(case.unit) if r.state == "awaiting"]
    return len({item for request in asked for item in request.owed})


def _says(request: Request) -> bool:
    """Whether anything that it asks was answered."""
    return any(
        e.state == "submitted" or (e.state == "accepted" and e.on_time is not None)
        for e in request.entries.values()
    )


def _was_late_when_asked_anew(books: Books, request: Request) -> bool:
    """Whether a newer regular request took its place after its time had run out: a silence without a case."""
    newer = [r for r in books.requests_of(request.unit) if r.round.order > request.round.order]
    asked_anew = next((r.sent_on for r in newer if not r.round.is_adhoc), None)
    return (
        request.state == "superseded"
        and request.sent
        and asked_anew is not None
        and any(e.due_at and shanghai_date(e.due_at) < asked_anew for e in request.owed.values())
    )


def _round(books: Books, name: tuple[date, str]) -> tuple[Any, ...]:
    let_pass = {c.unit for c in books.cases if any(b.round.name == name for b in c.breaches)}
    let_pass |= {
        r.unit for r in books.requests if r.round.name == name and _was_late_when_asked_anew(books, r)
    }
    # Nor is who was never asked and said nothing by telephone, or is asked elsewhere, before it was due.
    requests = [
        r
        for r in books.requests
        if r.round.name == name
        if r.sent or r.state not in ("awaiting", "superseded") or _says(r)
        if r.state != "superseded" or r.unit in let_pass
    ]
    # What was set aside unanswered is neither owed nor answered.
    counted = [
        [e for e in r.entries.values() if e.state != "accepted" or e.on_time is not None] for r in requests
    ]
    entries = [[e.state in ANSWERED for e in of_unit] for of_unit in counted if of_unit]
    printed, kind = name
    answered = sum(map(all, entries))
    return str(printed), kind, len(entries), answered, sum(map(len, entries)), sum(map(sum, entries))


def _wrong_lights(session: Session, books: Books, now: datetime, days: WorkingDays) -> Iterator[str]:
    """A unit is red exactly when the predicate says so: a late item, its silence, reviews that wait."""
    today = shanghai_date(now)
    for row in lights(session, VIEWER, plan=None, now=now, days=days):
        late = {item for unit, item in books.owes if unit == row.code and books.late_clock(unit, item, today)}
        late |= _late_answers(books, row.code, now)
        red = {item.item for item in row.items if item.judged.light is Light.RED}
        if red != late:
            yield f"{row.code}: red are {sorted(red)}, late are {sorted(late)}"
        silent = books.open_case(row.code) is not None or bool(books.late_requests(row.code, now))
        waits = row.code == books.office and _office_is_red(books, today)
        if (row.judged.light is Light.RED) != (bool(late) or silent or waits):
            light = row.judged.light.code
            yield f"{row.code} is {light}; late {sorted(late)}, silent {silent}, reviews wait {waits}"


def _late_answers(books: Books, unit: str, now: datetime) -> set[str]:
    """Of figures, duties and declarations, what a unit has not answered: no date is held against it."""
    clock = books.report_clock(now)
    late = {item for r in books.standing(unit) for item, entry in r.owed.items() if entry.late(clock)}
    over = ("closed", "suspended", "not_applicable")
    return {
        item
        for (owner, item), owes in books.owes.items()
        if owner == unit and (owes.role == "data_provider" or owes.due_on is None)
        if owes.state not in over and item in late
    }


def _office_is_red(books: Books, today: date) -> bool:
    """Something has waited for the office for the days of a red light, or a summary is late."""
    days = books.days(today)
    return any(days.waited(since, today) >= REVIEW_RED_DAYS for since in books.waiting_since()) or any(
        days.waited(drafted, today) > DAYS_TO_RELEASE for drafted in books.drafts_waiting()
    )
