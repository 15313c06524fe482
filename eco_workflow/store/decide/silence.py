"""The report clock in a run: whose silence is late, which cases it opens, counts and closes (DOMAIN 5)."""

from sqlalchemy import Connection

from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.store.decide.batch import Batch
from eco_workflow.store.sql import sql

# An entry past its own due time, of a request that was really sent and stands: older ones are superseded,
# but for an ad-hoc one that asks more.
IS_LATE = """
    EXISTS (SELECT 1 FROM entry e
            WHERE e.round_id = r.round_id AND e.unit_id = r.unit_id
              AND e.state IN ('awaiting', 'returned') AND e.due_at < :now)
"""

FIRST_MISSED = """
    (SELECT min(e.due_at) FROM entry e
     WHERE e.round_id = r.round_id AND e.unit_id = r.unit_id
       AND e.state IN ('awaiting', 'returned') AND e.due_at < :now)
"""

# A request under way, or sent and not yet due, lets the unit's case rest.
IS_RESTING = """
    EXISTS (SELECT 1 FROM request n
            WHERE n.plan_id = {of}.plan_id AND n.unit_id = {of}.unit_id AND n.state = 'awaiting'
              AND n.asked_on IS NOT NULL AND (n.due_at IS NULL OR n.due_at >= :now))
"""

# What a late unit still owes. An awaiting entry keeps the case open even before it is due: a new round
# supersedes the unanswered request without closing the case. A returned one has a due time of its own.
IS_SILENT = """
    EXISTS (SELECT 1 FROM request r JOIN entry e ON e.round_id = r.round_id AND e.unit_id = r.unit_id
            WHERE r.plan_id = ladder_case.plan_id AND r.unit_id = ladder_case.unit_id
              AND r.state = 'awaiting' AND r.sent_at IS NOT NULL
              AND (e.state = 'awaiting' OR (e.state = 'returned' AND e.due_at < :now)))
"""

# A request whose place a newer one took after its time had run out. While nothing ran no case was opened; but
# who was asked anew only then had let it pass.
ASKED_ANEW_TOO_LATE = """
    ({of}.state = 'superseded' AND {of}.sent_at IS NOT NULL
     AND EXISTS (SELECT 1 FROM entry e
                 WHERE e.round_id = {of}.round_id AND e.unit_id = {of}.unit_id
                   AND e.state IN ('awaiting', 'returned')
                   AND e.due_at < (SELECT n.sent_at FROM round m JOIN request n ON n.round_id = m.id
                                   WHERE m.plan_id = {of}.plan_id AND m.kind = 'regular'
                                     AND m.id > {of}.round_id AND n.unit_id = {of}.unit_id
                                   ORDER BY m.id LIMIT 1)))
"""

# A request that was let pass in silence, also where a newer one took its place: a breach says so, or that.
WAS_SILENT = f"""
    (EXISTS (SELECT 1 FROM breach b JOIN ladder_case c ON c.id = b.case_id
             WHERE b.round_id = {{of}}.round_id AND c.unit_id = {{of}}.unit_id)
     OR {ASKED_ANEW_TOO_LATE})
"""

CLOSE = sql(f"""
    UPDATE ladder_case SET closed_on = :today, closed_why = 'nothing_owed'
    WHERE plan_id IN :plans AND closed_on IS NULL AND clock = 'report' AND NOT {IS_SILENT}
""")

FURTHER_BREACH = sql(f"""
    INSERT INTO breach (case_id, round_id, on_date, due_at, tell)
    SELECT c.id, r.round_id, :today, {FIRST_MISSED}, c.rung = :supervision
    FROM ladder_case c
    JOIN request r ON r.plan_id = c.plan_id AND r.unit_id = c.unit_id AND r.state = 'awaiting'
    WHERE c.plan_id IN :plans AND c.closed_on IS NULL AND c.clock = 'report'
      AND r.round_id > c.round_id AND r.sent_at IS NOT NULL AND {IS_LATE}
    ON CONFLICT DO NOTHING
""")

COUNT_BREACH = sql("""
    UPDATE ladder_case
    SET round_id = (SELECT max(b.round_id) FROM breach b WHERE b.case_id = ladder_case.id)
    WHERE plan_id IN :plans AND closed_on IS NULL AND clock = 'report'
      AND EXISTS (SELECT 1 FROM breach b WHERE b.case_id = ladder_case.id AND b.on_date = :today
                  AND b.round_id > ladder_case.round_id)
""")

OPEN = sql(f"""
    INSERT INTO ladder_case
        (plan_id, unit_id, clock, item_id, ladder_id, rung, round_id, opened_on, closed_why,
         announced)
    SELECT r.plan_id, r.unit_id, 'report', 0, p.ladder_id, 1, max(r.round_id), :today, '', FALSE
    FROM request r JOIN plan p ON p.id = r.plan_id
    WHERE r.plan_id IN :plans AND r.state = 'awaiting' AND r.sent_at IS NOT NULL AND {IS_LATE}
      AND NOT {IS_RESTING.format(of="r")}
      AND NOT EXISTS (SELECT 1 FROM ladder_case c
                      WHERE c.plan_id = r.plan_id AND c.unit_id = r.unit_id AND c.clock = 'report'
                        AND c.item_id = 0 AND c.closed_on IS NULL)
    GROUP BY r.plan_id, r.unit_id, p.ladder_id
""")

# An ad-hoc and a regular request may have become late together: both silences are on record.
FIRST_BREACH = sql(f"""
    INSERT INTO breach (case_id, round_id, on_date, due_at, tell)
    SELECT c.id, r.round_id, :today, {FIRST_MISSED}, FALSE
    FROM ladder_case c
    JOIN request r ON r.plan_id = c.plan_id AND r.unit_id = c.unit_id AND r.state = 'awaiting'
    WHERE c.plan_id IN :plans AND c.opened_on = :today AND c.closed_on IS NULL AND c.clock = 'report'
      AND r.sent_at IS NOT NULL AND {IS_LATE}
    ON CONFLICT DO NOTHING
""")


def close(connection: Connection, batch: Batch) -> int:
    """Closes cases whose unit owes no answer any more; returns how many. Answers close theirs themselves."""
    return batch.run(connection, CLOSE)


def count_further_rounds(connection: Connection, batch: Batch) -> None:
    """Records the rounds that units with an open case have let pass since."""
    batch.run(connection, FURTHER_BREACH, supervision=SUPERVISION)
    batch.run(connection, COUNT_BREACH)


def open_cases(connection: Connection, batch: Batch) -> int:
    """Opens a case at rung 1 for every unit that has become silent; returns how many."""
    opened = batch.run(connection, OPEN)
    if opened:
        batch.run(connection, FIRST_BREACH)
    return opened
