"""One envelope per person and day with lines (DOMAIN 5): references only, no words yet."""

from sqlalchemy import Connection, TextClause

from eco_workflow.store.decide.batch import Batch
from eco_workflow.store.decide.cases import IS_SUSPENDED
from eco_workflow.store.decide.silence import WAS_SILENT
from eco_workflow.store.sql import sql
from eco_workflow.store.tables.rounds import OPENED

REQUESTS = """
    SELECT r.plan_id, r.liaison_id AS contact_id, 'request' AS kind, r.round_id AS ref_id,
           0 AS rung, FALSE AS principal
    FROM request r
    WHERE r.plan_id IN :plans AND r.state = 'awaiting' AND r.asked_on = :today AND r.sent_at IS NULL
"""

# Nobody hears the same thing of a case twice: not in an envelope that was sent, may have been, or will be.
# Only the principal does, since whoever is given a rung has to be told it.
NOT_HEARD = """
    NOT EXISTS (SELECT 1 FROM message m JOIN line l ON l.message_id = m.id
                WHERE m.plan_id = c.plan_id AND m.contact_id = k.id AND m.on_date >= {since}
                  AND m.on_date < :today AND m.state NOT IN ('failed', 'withdrawn')
                  AND l.kind = {kind} AND l.ref_id = c.id AND l.rung = c.rung AND NOT l.dropped)
"""

# The principal is the one the case was given; others whom the plan lets hear get a line too, if their
# address works. What an operator told by hand today is not repeated. Nobody is copied on an alert about his
# own unit.
RUNGS = f"""
    SELECT c.plan_id, k.id AS contact_id, h.kind, c.id AS ref_id, c.rung, k.id = c.told_to AS principal
    FROM ladder_case c
    JOIN hears h ON h.plan_id = c.plan_id AND h.rung = c.rung
    JOIN contact k ON k.ended_on IS NULL AND k.failed_on IS NULL
         AND k.unit_id = CASE WHEN h.unit_id = 0 THEN c.unit_id ELSE h.unit_id END
         AND (h.principal AND k.id = c.told_to OR NOT h.principal AND k.role = h.role)
    WHERE c.plan_id IN :plans AND c.closed_on IS NULL AND c.told_on = :today AND c.told_to IS NOT NULL
      AND (h.kind <> 'copy' OR h.unit_id <> c.unit_id)
      AND (k.id = c.told_to OR {NOT_HEARD.format(since="c.opened_on", kind="h.kind")})
      AND NOT EXISTS (SELECT 1 FROM message b JOIN line g ON g.message_id = b.id
                      WHERE b.plan_id = c.plan_id AND b.contact_id = k.id AND b.on_date = :today
                        AND b.occasion <> 'envelope' AND b.state NOT IN ('failed', 'withdrawn')
                        AND g.ref_id = c.id AND g.rung = c.rung AND g.kind = h.kind)
"""

EARLY_WARNINGS = """
    SELECT o.plan_id, o.warned_to AS contact_id, 'warning' AS kind, o.item_id AS ref_id,
           0 AS rung, FALSE AS principal
    FROM obligation o
    WHERE o.plan_id IN :plans AND o.warned_on = :today AND o.warned_to IS NOT NULL
      AND (o.state = 'not_started' OR o.state = 'in_progress') AND o.due_on >= :today
"""

NOTICES = """
    SELECT n.plan_id, n.told_to AS contact_id, 'notice' AS kind, n.id AS ref_id,
           0 AS rung, FALSE AS principal
    FROM notice n
    WHERE n.plan_id IN :plans AND n.told_on = :today AND n.told_to IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM message b JOIN line g ON g.message_id = b.id
                      WHERE b.plan_id = n.plan_id AND b.contact_id = n.told_to AND b.on_date = :today
                        AND b.occasion <> 'envelope' AND g.kind = 'notice' AND g.ref_id = n.id)
"""

# A further round that a case at the top lets pass: the unit is reminded, the supervision office told.
# From the open cases on, in this order: SQLite keeps to it where it says CROSS JOIN.
FURTHER_ROUNDS = f"""
    SELECT c.plan_id, k.id AS contact_id, 'reminder' AS kind, c.id AS ref_id, c.rung, FALSE AS principal
    FROM ladder_case c CROSS JOIN breach b CROSS JOIN contact k
    WHERE c.plan_id IN :plans AND c.closed_on IS NULL AND b.case_id = c.id AND b.tell
      AND (b.told_on = :today OR b.told_on IS NULL)
      AND (c.reminded_on IS NULL OR c.reminded_on < :today)
      AND k.unit_id = c.unit_id AND k.role IN ('liaison', 'leader')
      AND k.ended_on IS NULL AND k.failed_on IS NULL
      AND {NOT_HEARD.format(since="b.on_date", kind="'reminder'")}
    UNION
    SELECT c.plan_id, k.id, h.kind, c.id, c.rung, k.id = b.told_to
    FROM ladder_case c CROSS JOIN breach b CROSS JOIN hears h CROSS JOIN contact k
    WHERE c.plan_id IN :plans AND c.closed_on IS NULL
      AND b.case_id = c.id AND b.told_on = :today AND b.told_to IS NOT NULL
      AND h.plan_id = c.plan_id AND h.rung = c.rung AND h.unit_id <> 0
      AND k.unit_id = h.unit_id AND k.role = h.role AND k.ended_on IS NULL AND k.failed_on IS NULL
      AND (h.kind <> 'copy' OR h.unit_id <> c.unit_id)
      AND (k.id = b.told_to OR {NOT_HEARD.format(since="b.on_date", kind="h.kind")})
"""

# What went to others than the principal in a message that never arrived: the case does not wait for it, but
# the person in that role still hears it, as long as the case stands on that rung.
LOST_LINES = f"""
    SELECT c.plan_id, k.id AS contact_id, g.kind, c.id AS ref_id, c.rung, FALSE AS principal
    FROM message w CROSS JOIN line g CROSS JOIN ladder_case c CROSS JOIN contact f CROSS JOIN contact k
    WHERE w.plan_id IN :plans AND (w.state = 'failed' OR w.state = 'withdrawn') AND w.on_date < :today
      AND g.message_id = w.id AND g.kind IN ('reminder', 'alert', 'copy')
      AND NOT g.principal AND NOT g.dropped
      AND c.id = g.ref_id AND c.closed_on IS NULL AND c.rung = g.rung AND c.told_on IS NOT NULL
      AND NOT {IS_SUSPENDED.format(of="c")}
      AND (c.reminded_on IS NULL OR c.reminded_on < :today)
      AND w.on_date >= c.opened_on AND f.id = w.contact_id
      AND k.unit_id = f.unit_id AND k.role = f.role AND k.ended_on IS NULL AND k.failed_on IS NULL
      AND {NOT_HEARD.format(since="w.on_date", kind="g.kind")}
"""

SUMMARIES = """
    SELECT s.plan_id, s.told_to AS contact_id, 'summary' AS kind, s.round_id AS ref_id,
           0 AS rung, FALSE AS principal
    FROM round_summary s
    WHERE s.plan_id IN :plans AND s.told_on = :today AND s.told_to IS NOT NULL
"""

MESSAGE = """
    INSERT INTO message (plan_id, contact_id, on_date, occasion, channel, state)
    SELECT DISTINCT plan_id, contact_id, :today, 'envelope', 'mail', 'pending' FROM ({lines}) lines
    WHERE TRUE
    ON CONFLICT DO NOTHING
"""

# CROSS JOIN fixes the order on SQLite, which would else begin with every message that a plan ever had.
LINE = """
    INSERT INTO line (message_id, kind, ref_id, rung, principal, dropped)
    SELECT m.id, l.kind, l.ref_id, l.rung, l.principal, FALSE
    FROM ({lines}) l CROSS JOIN message m
    WHERE m.plan_id = l.plan_id AND m.contact_id = l.contact_id
      AND m.on_date = :today AND m.occasion = 'envelope'
    ON CONFLICT DO NOTHING
"""


def _statements(*sources: str) -> list[tuple[TextClause, TextClause]]:
    return [(sql(MESSAGE.format(lines=lines)), sql(LINE.format(lines=lines))) for lines in sources]


ON_ANY_DAY = _statements(REQUESTS, SUMMARIES)
ON_WORKING_DAYS = _statements(RUNGS, FURTHER_ROUNDS, LOST_LINES, NOTICES)
WARNINGS = _statements(EARLY_WARNINGS)

# Something that was asked was answered: by telephone also what could not be sent.
_SAYS = """
    EXISTS (SELECT 1 FROM entry e WHERE e.round_id = q.round_id AND e.unit_id = q.unit_id
            AND (e.state = 'submitted' OR e.state = 'accepted' AND e.on_time IS NOT NULL)
            AND e.volunteered_on IS NULL)
"""

# A request that asks something still, or was answered: not one of which everything was set aside unanswered,
# as `domain/answers.is_set_aside` says of an entry, nor one that never reached the unit, or gave way before
# it was due.
COUNTS = f"""
    EXISTS (SELECT 1 FROM entry e WHERE e.round_id = q.round_id AND e.unit_id = q.unit_id
            AND (e.state <> 'accepted' OR e.on_time IS NOT NULL)
            AND (e.volunteered_on IS NULL OR e.state IN ('awaiting', 'returned')))
    AND (q.state = 'answered'
         OR (q.sent_at IS NOT NULL OR {_SAYS}) AND (q.state <> 'superseded' OR {WAS_SILENT.format(of="q")}))
"""

# When the last sent request is due, on the fourth working day at the latest (DOMAIN 3.5).
SUMMARISE = sql(f"""
    INSERT INTO round_summary (round_id, plan_id, drafted_on, asked, answered, unreached)
    SELECT r.id, r.plan_id, :today, sum(CASE WHEN {COUNTS} THEN 1 ELSE 0 END),
           sum(CASE WHEN q.state = 'answered' AND {COUNTS} THEN 1 ELSE 0 END),
           sum(CASE WHEN q.sent_at IS NULL AND q.state <> 'answered' AND NOT {_SAYS} THEN 1 ELSE 0 END)
    FROM round r JOIN plan p ON p.id = r.plan_id JOIN request q ON q.round_id = r.id
    WHERE r.plan_id IN :plans AND r.state IN {OPENED} AND p.summary_days = :summary_days
      AND NOT EXISTS (SELECT 1 FROM round_summary s WHERE s.round_id = r.id)
      AND (r.opened_on <= :cut_off
           OR NOT EXISTS (SELECT 1 FROM request w WHERE w.round_id = r.id AND w.asked_on IS NOT NULL
                          AND (w.due_at IS NULL OR w.due_at >= :now) AND w.state <> 'superseded'))
    GROUP BY r.id, r.plan_id
""")

SUMMARY_DAYS = sql("SELECT DISTINCT summary_days FROM plan WHERE id IN :plans")

TELL_SUMMARY = sql("""
    UPDATE round_summary SET told_on = :today, told_to = k.id
    FROM plan p JOIN contact k ON k.unit_id = p.office_unit_id AND k.role = 'liaison'
         AND k.ended_on IS NULL AND k.failed_on IS NULL
    WHERE p.id = round_summary.plan_id AND round_summary.plan_id IN :plans
      AND round_summary.told_on IS NULL
""")


def summarise(connection: Connection, batch: Batch) -> int:
    """Drafts the summary of rounds whose answers are due; returns how many. Working days only."""
    drafted = 0
    for days in connection.execute(SUMMARY_DAYS, {"plans": batch.plans}).scalars():
        cut_off = batch.days.cut_off(batch.today, days)
        drafted += batch.run(connection, SUMMARISE, summary_days=days, cut_off=cut_off)
    batch.run(connection, TELL_SUMMARY)
    return drafted


def fill(connection: Connection, batch: Batch, *, warned: bool) -> int:
    """Puts today's requests, rungs and summaries into envelopes; returns the number of new messages.

    `warned` says whether there are early warnings today: to look for them means to read every obligation.
    """
    messages = 0
    statements = ON_ANY_DAY + (ON_WORKING_DAYS if batch.is_working_day else []) + (WARNINGS if warned else [])
    for message, line in statements:
        messages += batch.run(connection, message)
        batch.run(connection, line)
    return messages
