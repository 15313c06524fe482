"""The product's rows and the model's, in one form, under names instead of ids."""

import json
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.store.tables import (
    Breach,
    Case,
    Contact,
    Entry,
    Extension,
    Item,
    Line,
    Message,
    Notice,
    Obligation,
    Paper,
    Request,
    Round,
    RoundSummary,
    Rung,
    Suspension,
    Unit,
)
from tests.properties.model import rows as m
from tests.properties.model.books import Books
from tests.properties.model.post_rows import Letter, Subject, Warned
from tests.properties.model.post_rows import Notice as Told

Snapshot = dict[str, dict[Any, Any]]


def differences(expected: Snapshot, real: Snapshot) -> str:
    """What the two say differently, of the first kind of rows in which they do; empty when they agree."""
    for kind, rows in expected.items():
        if real[kind] == rows:
            continue
        keys = sorted({*rows, *real[kind]}, key=str)
        lines = [
            f"  {key}\n    model:   {rows.get(key)}\n    product: {real[kind].get(key)}"
            for key in keys
            if rows.get(key) != real[kind].get(key)
        ]
        return f"{kind} differ:\n" + "\n".join(lines)
    return ""


def product_says(session: Session) -> Snapshot:
    """The product's rows under names instead of ids."""
    units = {unit.id: unit.code for unit in session.exec(select(Unit))}
    people = {None: None} | {c.id: c.address for c in session.exec(select(Contact))}
    items = {item.id: item.code for item in session.exec(select(Item))}
    rounds = {round_.id: round_ for round_ in session.exec(select(Round))}
    names = {number: (r.on_date, r.kind) for number, r in rounds.items()}
    cases = {case.id: case for case in session.exec(select(Case))}
    entries: dict[tuple[Any, str], dict[str, Any]] = {}
    for e in session.exec(select(Entry)):
        due = e.due_at if e.state in m.OWED else None
        entries.setdefault((names[e.round_id], units[e.unit_id]), {})[items[e.item_id]] = (
            e.state,
            due,
            e.on_time,
        )
    log: dict[int | None, list[Any]] = {}
    for rung in session.exec(select(Rung).order_by(col(Rung.rung), col(Rung.on_date))):
        log.setdefault(rung.case_id, []).append(
            (rung.rung, rung.on_date, people[rung.told_to], rung.released_on is not None)
        )
    breaches: dict[int | None, list[Any]] = {}
    for b in session.exec(select(Breach).order_by(col(Breach.round_id))):
        breaches.setdefault(b.case_id, []).append(
            (names[b.round_id], b.on_date, b.told_on, people[b.told_to])
        )

    def case_key(case: Case) -> tuple[Any, ...]:
        return units[case.unit_id], case.clock, items.get(case.item_id, ""), case.opened_on

    def about(notice: Notice) -> tuple[Any, ...]:
        facts, key = json.loads(notice.facts), notice.key.split(":")
        found: tuple[Any, ...]
        match notice.kind:
            case "resolved":
                found = case_key(cases[facts["case"]])
            case "returned":
                found = names[int(key[1])], units[int(key[2])], items[int(key[3])], int(key[4])
            case "moved_by_hold":
                item, until = items.get(int(key[3]), ""), date.fromisoformat(key[4])
                found = names[int(key[1])], units[int(key[2])], item, until
            case "merged":
                found = (units[int(key[1])],)
            case "report_drafted" | "note_drafted":
                found = (date.fromisoformat(key[2]),)
            case "no_contact" | "no_contact_long":
                found = units[facts["unit"]], date.fromisoformat(key[-1])
            case _:  # an extension or a suspension, by its number
                found = (int(key[1]),)
        return found

    found = session.exec(select(Notice)).all()
    notices = {n.id: (n.kind, about(n), units[n.unit_id], n.role) for n in found}
    lines: dict[int, dict[Any, Any]] = {}
    for line in session.exec(select(Line)):
        ref: Any
        if line.kind in ("request", "summary"):
            ref = names[line.ref_id]
        elif line.kind == "notice":
            ref = notices[line.ref_id]
        elif line.kind == "warning":
            ref = items[line.ref_id]
        else:
            ref = case_key(cases[line.ref_id])
        lines.setdefault(line.message_id, {})[line.kind, ref, line.rung] = (line.principal, line.dropped)

    def occasion(message: Message) -> tuple[Any, ...]:
        what, *of = message.occasion.split(".")
        return (what, *(case_key(cases[int(number)]) for number in of[:1]), *map(int, of[1:]))

    return {
        "rounds": {names[r.id]: (r.state, r.opened_on) for r in rounds.values()},
        "requests": {
            (key := (names[r.round_id], units[r.unit_id])): (
                r.state,
                r.asked_on,
                r.sent_at is not None,
                r.due_at,
                entries[key],
            )
            for r in session.exec(select(Request))
        },
        "cases": {
            case_key(c): (
                c.due_on,
                c.rung,
                c.told_on,
                people[c.told_to],
                c.closed_on,
                c.waits_from,
                c.reminded_on,
                breaches.get(c.id, []),
                log.get(c.id, []),
            )
            for c in cases.values()
        },
        "items": {
            (units[o.unit_id], items[o.item_id]): (
                (o.role, o.state, o.due_on, o.clock_from),
                (o.warned_for, o.warned_on, people[o.warned_to]),
            )
            for o in session.exec(select(Obligation))
        },
        "extensions": {
            x.id: (units[x.unit_id], items[x.item_id], x.until, x.granted)
            for x in session.exec(select(Extension))
        },
        "asides": {
            s.id: (
                units[s.unit_id],
                items[s.item_id],
                s.state,
                s.confirmed_on,
                s.ended_on is not None,
                s.came_on,
                s.left_on,
            )
            for s in session.exec(select(Suspension))
        },
        "summaries": {
            names[s.round_id]: (s.drafted_on, s.told_on, people[s.told_to])
            for s in session.exec(select(RoundSummary))
        },
        "letters": {
            (msg.on_date, people[msg.contact_id], occasion(msg)): (msg.state, msg.sent_on, lines[msg.id])
            for msg in session.exec(select(Message))
            if msg.id is not None
        },
        "notices": {notices[n.id]: (n.made_on, n.told_on, people[n.told_to]) for n in found},
        "papers": {
            (*case_key(cases[p.case_id]), p.kind): (p.drafted_on, p.state, p.signed_on)
            for p in session.exec(select(Paper))
            if p.kind in ("report_above", "supervision_report", "resolution_note")
        },
    }


def _address(person: m.Person | None) -> str | None:
    return person.address if person else None


def _ref(subject: Subject) -> Any:
    match subject:
        case Told():
            return subject.kind, subject.about, subject.unit, subject.role
        case Warned():
            return subject.item
        case m.Request():
            return subject.round.name
        case m.Round():
            return subject.name
        case m.Case():
            return subject.unit, subject.clock, subject.item, subject.opened_on


def _occasion(letter: Letter) -> tuple[Any, ...]:
    of = (_ref(letter.of),) if letter.of else ()
    return (letter.occasion, *of, *([letter.of_rung] if letter.of_rung else []))


def _papers(case: m.Case) -> dict[str, tuple[date | None, str, date | None]]:
    """The papers of a case that are drafted at all, by kind."""
    above = "signed" if case.above_signed_on else "draft" if case.closed_on is None else "void"
    drafted = {
        "report_above": (case.above_on, above, case.above_signed_on),
        "supervision_report": (case.report_on, "void" if case.report_void else "draft", None),
        "resolution_note": (case.note_on, "void" if case.note_void else "draft", None),
    }
    return {kind: paper for kind, paper in drafted.items() if paper[0] is not None}


def model_says(books: Books) -> Snapshot:
    """The model's state in the same form."""
    return {
        "rounds": {r.name: (books.state_of(r), r.opened_on) for r in books.rounds},
        "items": {
            key: (
                (owes.role, owes.state, owes.due_on, owes.clock_from),
                (owes.warned_for, owes.warned_on, _address(owes.warned_to)),
            )
            for key, owes in books.owes.items()
        },
        "extensions": {
            n: (x.unit, x.item, x.until, x.granted) for n, x in enumerate(books.extensions, start=1)
        },
        "asides": {
            n: (a.unit, a.item, a.state, a.confirmed_on, a.ended, a.came_on, a.left_on)
            for n, a in enumerate(books.asides, start=1)
        },
        "notices": {
            (n.kind, n.about, n.unit, n.role): (n.made_on, n.told_on, _address(n.told_to))
            for n in books.notices
        },
        "requests": {
            (r.round.name, r.unit): (
                r.state,
                r.asked_on,
                r.sent,
                r.due_at,
                {
                    i: (e.state, e.due_at if e.state in m.OWED else None, e.on_time)
                    for i, e in r.entries.items()
                },
            )
            for r in books.requests
        },
        "cases": {
            (c.unit, c.clock, c.item, c.opened_on): (
                c.due_on,
                c.rung,
                c.told_on,
                _address(c.told_to),
                c.closed_on,
                c.waits_from,
                c.reminded_on,
                [
                    (b.round.name, b.on, b.told_on, _address(b.told_to))
                    for b in sorted(c.breaches, key=lambda b: b.round.order)
                ],
                [
                    (t.rung, t.on, _address(t.to), t.released_on is not None)
                    for t in sorted(c.log, key=lambda t: (t.rung, t.on))
                ],
            )
            for c in books.cases
        },
        "summaries": {
            r.name: (r.drafted_on, r.summary_on, _address(r.summary_to)) for r in books.rounds if r.drafted_on
        },
        "letters": {
            (x.on, x.to.address, _occasion(x)): (
                x.state,
                x.sent_on,
                {
                    (kind, _ref(subject), rung): (line.principal, line.dropped)
                    for (kind, subject, rung), line in x.lines.items()
                },
            )
            for x in books.letters
        },
        "papers": {
            (c.unit, c.clock, c.item, c.opened_on, kind): paper
            for c in books.cases
            for kind, paper in _papers(c).items()
        },
    }
