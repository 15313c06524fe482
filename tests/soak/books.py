"""Whether the books of a long run hold: nothing lost, nothing told twice, and a chain that verifies."""

from collections import Counter

from sqlalchemy import text

from eco_workflow.services.audit_log import verify
from eco_workflow.settings import Settings
from eco_workflow.store.session import Database

# A message that carries the line and was sent stands for what was told; one that was not has its state for a
# reason; who answered meanwhile need not be asked again. What stands without any of these is lost.
LOST = {
    "round that was never opened": """
        SELECT r.on_date FROM round r JOIN plan p ON p.id = r.plan_id
        WHERE r.state = 'planned' AND r.on_date <= p.last_run_on""",
    "request without a mail": """
        SELECT r.on_date, u.code FROM request q
        JOIN round r ON r.id = q.round_id JOIN unit u ON u.id = q.unit_id
        WHERE q.state <> 'backfill' AND NOT (q.state = 'answered' AND q.sent_at IS NULL) AND NOT EXISTS (
            SELECT 1 FROM line l JOIN message m ON m.id = l.message_id
            WHERE l.kind = 'request' AND l.ref_id = q.round_id AND m.contact_id = q.liaison_id
              AND m.on_date = q.asked_on AND m.state = 'sent' AND NOT l.dropped)""",
    "rung without a mail": """
        SELECT c.id, g.rung, g.on_date FROM rung g JOIN ladder_case c ON c.id = g.case_id
        WHERE g.released_on IS NULL AND g.told_to IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM line l JOIN message m ON m.id = l.message_id
            WHERE l.kind IN ('reminder', 'alert') AND l.ref_id = c.id AND m.contact_id = g.told_to
              AND m.on_date = g.on_date AND m.state = 'sent')""",
    "message that never left": """
        SELECT m.id, m.on_date, m.state FROM message m JOIN plan p ON p.id = m.plan_id
        WHERE m.state IN ('sending', 'unknown') OR (m.state = 'pending' AND m.on_date < p.last_run_on)""",
    "message that was sent without an attempt": """
        SELECT m.id, m.on_date FROM message m
        WHERE m.state = 'sent' AND m.channel <> 'told'
          AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.message_id = m.id)""",
}

DOUBLED = {
    "message": "SELECT plan_id, contact_id, on_date, occasion FROM message",
    "round": "SELECT plan_id, on_date, kind FROM round",
    "rung": "SELECT case_id, rung FROM rung WHERE released_on IS NULL",
    "open case": """
        SELECT plan_id, unit_id, clock, COALESCE(item_id, 0) FROM ladder_case WHERE closed_on IS NULL""",
    "audit row": "SELECT plan_id, n FROM audit",
}


def lost(database: Database) -> list[str]:
    """What should have been told and was not, in words; empty when nothing is lost."""
    with database.read() as session:
        found = {what: session.connection().execute(text(query)).all() for what, query in LOST.items()}
    return [f"{what}: {', '.join(map(str, row))}" for what, rows in found.items() for row in rows]


def doubled(database: Database, mailbox: Counter[str]) -> list[str]:
    """What stands twice by its key, and mails (by Message-ID) that arrived more than once."""
    said = [f"{name} arrived {times} times" for name, times in mailbox.items() if times > 1]
    with database.read() as session:
        for what, query in DOUBLED.items():
            rows = Counter(map(str, session.connection().execute(text(query))))
            said += [f"{what} {row} stands {times} times" for row, times in rows.items() if times > 1]
    return said


# What an operator settled as sent counts as accepted in the books; no server said so.
SENT = """
    SELECT m.occasion, m.plan_id, m.contact_id, m.on_date, EXISTS (
        SELECT 1 FROM attempt a WHERE a.message_id = m.id AND a.result = 'accepted'
            AND COALESCE(a.answer, '') NOT LIKE 'settled as %') AS accepted
    FROM message m WHERE m.state = 'sent' AND m.channel = 'mail' ORDER BY m.id"""


def not_arrived(database: Database, mailbox: Counter[str]) -> dict[str, bool]:
    """Messages that stand as sent and came to no mailbox, by what stands before the @ of their Message-ID,
    and whether a server had accepted them; one in doubt was taken as arrived.
    """
    came = _names(mailbox)
    return {name: accepted for name, accepted in _sent(database).items() if name not in came}


def not_sent(database: Database, mailbox: Counter[str]) -> list[str]:
    """Mails that arrived and do not stand as sent."""
    return sorted(_names(mailbox) - _sent(database).keys())


def _sent(database: Database) -> dict[str, bool]:
    with database.read() as session:
        rows = session.connection().execute(text(SENT)).all()
    return {".".join(map(str, key)): bool(accepted) for *key, accepted in rows}


def _names(mailbox: Counter[str]) -> set[str]:
    return {name.strip("<>").partition("@")[0] for name in mailbox}


def broken(database: Database, settings: Settings) -> list[str]:
    """What the audit chains and their anchors show."""
    with database.read() as session:
        return verify(session, settings.audit_heads).wrong


def count(database: Database, rows: str) -> int:
    """How many there are of a table, or of a query in brackets."""
    with database.read() as session:
        return int(session.connection().execute(text(f"SELECT count(*) FROM {rows} counted")).scalar_one())
