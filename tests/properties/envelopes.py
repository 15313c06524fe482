"""What an envelope says is what its letter in the model is about, and nothing that is not its reader's."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.messages import Envelope
from tests.properties.model.books import Books
from tests.properties.model.post_rows import Letter, LineKey, Notice, Warned
from tests.properties.model.rows import Case, Request, Round


def wrong_envelopes(books: Books, written: Sequence[Envelope]) -> Iterator[str]:
    """Envelopes that say more, less or other things than the model's letter of that person and day."""
    for envelope in written:
        of_that_day = [
            Counter(_meant(books, letter))
            for letter in books.letters
            if (letter.to.address, letter.on) == (envelope.recipient.address, envelope.on)
        ]
        said = Counter(_said(envelope))
        if said not in of_that_day:
            whose = f"the envelope of {envelope.on} to {envelope.recipient.address}"
            yield f"{whose} says {said}, not {of_that_day}"


def _said(envelope: Envelope) -> Iterator[tuple[Any, ...]]:
    own = envelope.recipient.unit
    for request in envelope.requests:
        yield "request", own, request.round_on, tuple(sorted(item.code for item in request.items))
    for reminder in envelope.reminders:
        yield "reminder", own, "", reminder.rung, tuple(sorted(reminder.silent_rounds))
    for kind, alerts in (("alert", envelope.alerts), ("copy", envelope.copies)):
        for alert in alerts:
            yield kind, alert.unit, "", 3, tuple(sorted(alert.silent_rounds))
    for kind, again in (
        ("alert again", envelope.still_silent),
        ("copy again", envelope.still_silent_copies),
    ):
        for counted in again:
            since = shanghai_date(counted.since)
            yield kind, counted.unit, "", 3, tuple(sorted(counted.silent_rounds)), since
    for kind, late in (
        ("reminder", envelope.overdue),
        ("alert", envelope.overdue_alerts),
        ("copy", envelope.overdue_copies),
    ):
        for one in late:
            yield kind, one.unit, one.item.code, one.rung, one.due_on
    for kind, backlogs in (
        ("reminder", envelope.backlog),
        ("alert", envelope.backlog_alerts),
        ("copy", envelope.backlog_copies),
    ):
        for backlog in backlogs:
            waits = sum(waiting.count for waiting in backlog.waits)
            yield kind, backlog.unit, "waiting", backlog.rung, (waits,)
    for item in envelope.warnings:
        yield "warning", own, item.code
    for notice in envelope.notices:
        yield "notice", notice.kind, notice.on
    for summary in envelope.summaries:
        yield "summary", summary.round_on


def _meant(books: Books, letter: Letter) -> Iterator[tuple[Any, ...]]:
    own = letter.to.unit.upper()
    for (kind, subject, rung), _ in letter.standing():
        match subject:
            case Request():
                yield kind, own, subject.round.printed, tuple(sorted(subject.owed))
            case Case(clock="review"):
                waits = books.waiting_too_long(letter.on)
                yield kind, subject.unit.upper(), "waiting", rung, (waits,)
            case Case():
                silent = tuple(books.silent_rounds(subject))
                key: LineKey = (kind, subject, rung)
                heard = subject.clock == "report" and kind in ("alert", "copy")
                # The whole was told before: now the count alone.
                again = heard and books.has_heard(letter.to, subject.opened_on, letter.on, key)
                line = kind + " again" * again, subject.unit.upper(), subject.item, rung
                if subject.clock != "report":
                    yield *line, books.late_since(subject)
                elif again:
                    yield *line, silent, books.late_since(subject)
                else:  # what it says of due times is of the items that are owed still
                    yield *line, silent
            case Warned():
                if subject.item not in _reminded(books, letter):
                    yield kind, own, subject.item
            case Notice():
                yield kind, subject.kind, subject.made_on
            case Round():
                yield kind, subject.printed


def _reminded(books: Books, letter: Letter) -> Iterator[str]:
    """What stands under a reminder of the unit's own silence, with its date: no warning says it again."""
    for (kind, subject, _), _ in letter.standing():
        if kind == "reminder" and isinstance(subject, Case) and subject.clock == "report":
            let_pass = {breach.round for breach in subject.breaches}
            passed = [r for r in books.requests_of(subject.unit) if r.round in let_pass]
            standing = books.standing(subject.unit)
            # What the request in this very letter took the place of stood still when the letter was written.
            asks = any(isinstance(other, Request) for (_, other, _), _ in letter.standing())
            for request in [*standing, *(passed[-1:] if asks or not standing else [])]:
                for item, entry in request.owed.items():
                    due = entry.due_at if entry.state == "returned" else None
                    if due is None or shanghai_date(due) < letter.on:
                        yield item
