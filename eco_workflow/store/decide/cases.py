"""Cases and the ladder of the report clock (DOMAIN 5), in the order in which a run does it.

The same rules for a single case stand in `domain/escalation`; the property tests hold the two together.
"""

from sqlalchemy import Connection

from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.store.decide.batch import Batch
from eco_workflow.store.sql import sql

# An entry past its own due time, of the newest request that was really sent: older ones are superseded.
IS_LATE = """
    EXISTS (SELECT 1 FROM entry e
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

NOT_CARRIED = """
    EXISTS (SELECT 1 FROM message m
            WHERE m.plan_id = {of}.plan_id AND m.contact_id = {who} AND m.on_date = {day}
              AND m.occasion = 'envelope' AND m.state IN ('failed', 'withdrawn'))
"""

WITHDRAW_STALE = sql("""
    UPDATE message SET state = 'withdrawn'
    WHERE state = 'pending' AND on_date < :today AND plan_id IN :plans
""")

RELEASE_REQUESTS = sql(f"""
    UPDATE request SET asked_on = NULL
    WHERE plan_id IN :plans AND state = 'awaiting' AND asked_on IS NOT NULL AND sent_at IS NULL
      AND {NOT_CARRIED.format(of="request", who="request.liaison_id", day="request.asked_on")}
""")

RELEASE_CASES = sql(f"""
    UPDATE ladder_case SET told_on = NULL, told_to = NULL
    WHERE plan_id IN :plans AND closed_on IS NULL AND told_to IS NOT NULL
      AND {NOT_CARRIED.format(of="ladder_case", who="ladder_case.told_to", day="ladder_case.told_on")}
""")

# Reminders go to the contact of the day: a replacement is told anew before the case climbs.
RELEASE_REPLACED = sql("""
    UPDATE ladder_case SET told_on = NULL, told_to = NULL
    WHERE plan_id IN :plans AND closed_on IS NULL AND rung < :supervision AND told_to IS NOT NULL
      AND EXISTS (SELECT 1 FROM contact c WHERE c.id = ladder_case.told_to AND c.ended_on IS NOT NULL)
""")

RELEASE_RUNGS = sql("""
    UPDATE rung SET released_on = :today
    FROM ladder_case c
    WHERE c.id = rung.case_id AND c.rung = rung.rung AND rung.released_on IS NULL
      AND c.plan_id IN :plans AND c.closed_on IS NULL AND c.told_on IS NULL
""")

RELEASE_BREACHES = sql(f"""
    UPDATE breach SET told_on = NULL, told_to = NULL
    WHERE told_to IS NOT NULL
      AND case_id IN (SELECT id FROM ladder_case
                      WHERE plan_id IN :plans AND closed_on IS NULL AND rung = :supervision)
      AND EXISTS (SELECT 1 FROM ladder_case c WHERE c.id = breach.case_id
                  AND {NOT_CARRIED.format(of="c", who="breach.told_to", day="breach.told_on")})
""")

RELEASE_SUMMARIES = sql(f"""
    UPDATE round_summary SET told_on = NULL, told_to = NULL
    WHERE plan_id IN :plans AND told_to IS NOT NULL
      AND {NOT_CARRIED.format(of="round_summary", who="round_summary.told_to", day="round_summary.told_on")}
""")

CLOSE = sql(f"""
    UPDATE ladder_case SET closed_on = :today, closed_why = 'nothing_owed'
    WHERE plan_id IN :plans AND closed_on IS NULL AND clock = 'report' AND NOT {IS_SILENT}
""")

VOID_FILES = sql("""
    UPDATE supervision_file SET state = 'void'
    WHERE state = 'draft'
      AND EXISTS (SELECT 1 FROM ladder_case c WHERE c.id = supervision_file.case_id
                  AND c.plan_id IN :plans AND c.closed_on = :today)
""")

FURTHER_BREACH = sql(f"""
    INSERT INTO breach (case_id, round_id, on_date, tell)
    SELECT c.id, r.round_id, :today, c.rung = :supervision
    FROM ladder_case c
    JOIN request r ON r.plan_id = c.plan_id AND r.unit_id = c.unit_id AND r.state = 'awaiting'
    WHERE c.plan_id IN :plans AND c.closed_on IS NULL AND c.clock = 'report'
      AND r.round_id > c.round_id AND r.sent_at IS NOT NULL AND {IS_LATE}
    ON CONFLICT DO NOTHING
""")

COUNT_BREACH = sql("""
    UPDATE ladder_case SET round_id = b.round_id
    FROM breach b
    WHERE b.case_id = ladder_case.id AND b.on_date = :today AND b.round_id > ladder_case.round_id
      AND ladder_case.plan_id IN :plans AND ladder_case.closed_on IS NULL
""")

LADDERS = sql("""
    SELECT DISTINCT l.ladder_id, l.rung, l.after
    FROM ladder_rung l JOIN ladder_case c ON c.ladder_id = l.ladder_id
    WHERE c.plan_id IN :plans AND c.closed_on IS NULL AND l.rung > 1
    ORDER BY l.ladder_id, l.rung DESC
""")

CLIMB = sql(f"""
    UPDATE ladder_case SET rung = :rung, told_on = NULL, told_to = NULL
    FROM message m
    WHERE ladder_case.plan_id IN :plans AND ladder_case.closed_on IS NULL
      AND ladder_case.ladder_id = :ladder AND ladder_case.rung = :rung - 1
      AND m.plan_id = ladder_case.plan_id AND m.contact_id = ladder_case.told_to
      AND m.on_date = ladder_case.told_on AND m.occasion = 'envelope'
      AND m.state = 'sent' AND m.sent_on <= :cut_off
      AND NOT {IS_RESTING.format(of="ladder_case")}
""")

OPEN = sql(f"""
    INSERT INTO ladder_case
        (plan_id, unit_id, clock, item_id, ladder_id, rung, round_id, opened_on, closed_why)
    SELECT r.plan_id, r.unit_id, 'report', 0, p.ladder_id, 1, max(r.round_id), :today, ''
    FROM request r JOIN plan p ON p.id = r.plan_id
    WHERE r.plan_id IN :plans AND r.state = 'awaiting' AND r.sent_at IS NOT NULL AND {IS_LATE}
      AND NOT {IS_RESTING.format(of="r")}
      AND NOT EXISTS (SELECT 1 FROM ladder_case c
                      WHERE c.plan_id = r.plan_id AND c.unit_id = r.unit_id AND c.clock = 'report'
                        AND c.item_id = 0 AND c.closed_on IS NULL)
    GROUP BY r.plan_id, r.unit_id, p.ladder_id
""")

FIRST_BREACH = sql("""
    INSERT INTO breach (case_id, round_id, on_date, tell)
    SELECT id, round_id, :today, FALSE FROM ladder_case
    WHERE plan_id IN :plans AND opened_on = :today AND closed_on IS NULL
    ON CONFLICT DO NOTHING
""")

# The principal recipient who can be reached. Where nobody fills the role, the plan's other role hears.
PRINCIPAL = """
    (SELECT k.id FROM hears h
     JOIN contact k ON k.ended_on IS NULL AND k.failed_on IS NULL
          AND k.unit_id = CASE WHEN h.unit_id = 0 THEN {of}.unit_id ELSE h.unit_id END
          AND k.role = CASE WHEN EXISTS (SELECT 1 FROM contact f WHERE f.unit_id = k.unit_id
                                         AND f.role = h.role AND f.ended_on IS NULL)
                            THEN h.role ELSE h.otherwise END
     WHERE h.plan_id = {of}.plan_id AND h.rung = {of}.rung AND h.principal)
"""

IS_DRAFT = """
    EXISTS (SELECT 1 FROM exemption x WHERE x.plan_id = ladder_case.plan_id
            AND x.rung = ladder_case.rung AND x.unit_id = ladder_case.unit_id)
"""

CHOOSE = sql(f"""
    UPDATE ladder_case SET told_to = {PRINCIPAL.format(of="ladder_case")}
    WHERE plan_id IN :plans AND closed_on IS NULL AND told_on IS NULL AND NOT {IS_DRAFT}
""")

TELL = sql(f"""
    UPDATE ladder_case SET told_on = :today
    WHERE plan_id IN :plans AND closed_on IS NULL AND told_on IS NULL
      AND (told_to IS NOT NULL OR {IS_DRAFT})
""")

# It waits where the supervision office has nobody; a case whose rung is a draft has nobody to wait for.
TELL_BREACH = sql(f"""
    UPDATE breach SET told_on = :today,
        told_to = (SELECT CASE WHEN c.told_to IS NOT NULL THEN {PRINCIPAL.format(of="c")} END
                   FROM ladder_case c WHERE c.id = breach.case_id)
    WHERE tell AND told_on IS NULL
      AND case_id IN (SELECT c.id FROM ladder_case c
                      WHERE c.plan_id IN :plans AND c.closed_on IS NULL AND c.rung = :supervision
                        AND c.told_on < :today
                        AND (c.told_to IS NULL OR {PRINCIPAL.format(of="c")} IS NOT NULL))
""")

LOG_RUNGS = sql("""
    INSERT INTO rung (case_id, rung, on_date, told_to)
    SELECT id, rung, :today, told_to FROM ladder_case
    WHERE plan_id IN :plans AND closed_on IS NULL AND told_on = :today
    ORDER BY id
""")

OPEN_FILES = sql("""
    INSERT INTO supervision_file (case_id, paper, addressee, opened_on, state)
    SELECT c.id,
           CASE WHEN x.addressee IS NOT NULL THEN 'report_above'
                WHEN u.relation = 'subordinate' THEN 'supervision_order' ELSE 'letter_of_request' END,
           COALESCE(x.addressee, u.name), :today, 'draft'
    FROM ladder_case c JOIN unit u ON u.id = c.unit_id
    LEFT JOIN exemption x ON x.plan_id = c.plan_id AND x.rung = c.rung AND x.unit_id = c.unit_id
    WHERE c.plan_id IN :plans AND c.closed_on IS NULL AND c.rung = :supervision AND c.told_on = :today
    ON CONFLICT DO NOTHING
""")


def release(connection: Connection, batch: Batch) -> int:
    """Frees what rode in a message that failed or never left its day: it rides in the next one.

    Returns how many messages were withdrawn because their day had passed.
    """
    withdrawn = batch.run(connection, WITHDRAW_STALE)
    batch.run(connection, RELEASE_REQUESTS)
    batch.run(connection, RELEASE_CASES)
    batch.run(connection, RELEASE_REPLACED, supervision=SUPERVISION)
    batch.run(connection, RELEASE_RUNGS)
    batch.run(connection, RELEASE_BREACHES, supervision=SUPERVISION)
    batch.run(connection, RELEASE_SUMMARIES)
    return withdrawn


def close(connection: Connection, batch: Batch) -> int:
    """Closes cases whose unit owes nothing any more; returns how many. Answers close theirs themselves."""
    closed = batch.run(connection, CLOSE)
    if closed:
        batch.run(connection, VOID_FILES)
    return closed


def climb(connection: Connection, batch: Batch) -> None:
    """Counts further silent rounds, then raises cases by one rung at most. Working days only."""
    batch.run(connection, FURTHER_BREACH, supervision=SUPERVISION)
    batch.run(connection, COUNT_BREACH)
    # From the top down, so that a case raised now is not met again.
    for ladder, rung, after in connection.execute(LADDERS, {"plans": batch.plans}).all():
        batch.run(connection, CLIMB, ladder=ladder, rung=rung, cut_off=batch.days.cut_off(batch.today, after))


def open_cases(connection: Connection, batch: Batch) -> int:
    """Opens a case at rung 1 for every unit that has become late; returns how many. Working days only."""
    opened = batch.run(connection, OPEN)
    if opened:
        batch.run(connection, FIRST_BREACH)
    return opened


def tell(connection: Connection, batch: Batch) -> int:
    """Gives every untold rung its recipient and today's date; returns the number of rungs told."""
    batch.run(connection, CHOOSE)
    batch.run(connection, TELL)
    batch.run(connection, TELL_BREACH, supervision=SUPERVISION)
    rungs = batch.run(connection, LOG_RUNGS)
    batch.run(connection, OPEN_FILES, supervision=SUPERVISION)
    return rungs
