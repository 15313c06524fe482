"""A whole database as plain rows by natural key, so that two histories can be held side by side."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import text

from eco_workflow.store.session import Database

Picture = dict[str, list[str]]

QUERIES = {
    "run": "SELECT on_date, started_at, actor FROM run",
    "round": "SELECT on_date, kind, version, state, opened_on FROM round",
    "request": """
        SELECT r.on_date, u.code, l.address, d.address, q.state, q.asked_on, q.due_at, q.sent_at
        FROM request q JOIN round r ON r.id = q.round_id JOIN unit u ON u.id = q.unit_id
        LEFT JOIN contact l ON l.id = q.liaison_id LEFT JOIN contact d ON d.id = q.leader_id""",
    "entry": """
        SELECT r.on_date, u.code, i.code, e.state, e.due_at, e.on_time
        FROM entry e JOIN round r ON r.id = e.round_id JOIN unit u ON u.id = e.unit_id
        JOIN item i ON i.id = e.item_id""",
    "case": """
        SELECT u.code, c.clock, i.code, c.due_on, c.opened_on, c.rung, r.on_date, c.told_on, k.address,
               c.closed_on, c.closed_why, c.announced
        FROM ladder_case c JOIN unit u ON u.id = c.unit_id
        LEFT JOIN round r ON r.id = c.round_id LEFT JOIN item i ON i.id = c.item_id
        LEFT JOIN contact k ON k.id = c.told_to""",
    "breach": """
        SELECT u.code, c.opened_on, r.on_date, b.on_date, b.tell, b.told_on, k.address
        FROM breach b JOIN ladder_case c ON c.id = b.case_id JOIN unit u ON u.id = c.unit_id
        JOIN round r ON r.id = b.round_id LEFT JOIN contact k ON k.id = b.told_to""",
    "rung": """
        SELECT u.code, c.clock, c.item_id, c.opened_on, g.rung, g.on_date, k.address, g.released_on
        FROM rung g JOIN ladder_case c ON c.id = g.case_id JOIN unit u ON u.id = c.unit_id
        LEFT JOIN contact k ON k.id = g.told_to""",
    "paper": """
        SELECT u.code, c.clock, c.item_id, c.opened_on, f.rung, f.kind, f.addressee, f.drafted_on, f.state
        FROM paper f JOIN ladder_case c ON c.id = f.case_id JOIN unit u ON u.id = c.unit_id""",
    "summary": """
        SELECT r.on_date, s.drafted_on, s.told_on, k.address, s.asked, s.answered, s.unreached
        FROM round_summary s JOIN round r ON r.id = s.round_id LEFT JOIN contact k ON k.id = s.told_to""",
    "message": """
        SELECT k.address, m.on_date, m.occasion, m.state, m.sent_on, m.sent_at
        FROM message m JOIN contact k ON k.id = m.contact_id""",
    "line": """
        SELECT k.address, m.on_date, l.kind, r.on_date, u.code, c.clock, c.item_id, c.opened_on, n.key,
               l.rung, l.principal, l.dropped
        FROM line l JOIN message m ON m.id = l.message_id JOIN contact k ON k.id = m.contact_id
        LEFT JOIN round r ON r.id = l.ref_id AND l.kind IN ('request', 'summary')
        LEFT JOIN ladder_case c ON c.id = l.ref_id AND l.kind IN ('reminder', 'alert', 'copy')
        LEFT JOIN notice n ON n.id = l.ref_id AND l.kind = 'notice'
        LEFT JOIN unit u ON u.id = c.unit_id""",
    "notice": """
        SELECT n.key, n.facts, n.made_on, n.told_on, k.address
        FROM notice n LEFT JOIN contact k ON k.id = n.told_to""",
    "warning": """
        SELECT o.unit_id, o.item_id, o.warned_for, o.warned_on, k.address
        FROM obligation o JOIN contact k ON k.id = o.warned_to""",
    "attempt": """
        SELECT k.address, m.on_date, a.n, a.started_at, a.result
        FROM attempt a JOIN message m ON m.id = a.message_id JOIN contact k ON k.id = m.contact_id""",
    "body": """
        SELECT k.address, m.on_date, a.n, a.digest, a.answer
        FROM attempt a JOIN message m ON m.id = a.message_id JOIN contact k ON k.id = m.contact_id""",
    "contact": "SELECT address, since, ended_on, failed_on FROM contact",
    "report": "SELECT unit_id, item_id, action, at FROM report",
    "audit": "SELECT n, at, actor, action, detail FROM audit WHERE action <> 'settle_message'",
}


def picture(database: Database) -> Picture:
    """Everything that was decided and sent."""
    with database.read() as session:
        return {
            name: sorted(map(str, session.connection().execute(text(query))))
            for name, query in QUERIES.items()
        }


def differences(wanted: Picture, found: Picture, *, besides: tuple[str, ...] = ()) -> list[str]:
    """Rows that stand in one picture alone."""
    return list(_differences(wanted, found, besides))


def _differences(wanted: Picture, found: Picture, besides: tuple[str, ...]) -> Iterator[str]:
    for name in wanted:
        if name in besides or wanted[name] == found[name]:
            continue
        yield from (f"{name} is missing: {row}" for row in _less(wanted[name], found[name]))
        yield from (f"{name} is too many: {row}" for row in _less(found[name], wanted[name]))


def _less(rows: list[str], others: list[str]) -> list[str]:
    return list((Counter(rows) - Counter(others)).elements())
