"""What is told once, because it happened: resolutions, reports to sign, units out of reach (DOMAIN 5).

Services write the other notices themselves, in the transaction of the act.
"""

from sqlalchemy import Connection, TextClause

from eco_workflow.domain.escalation import DAYS_TO_DECIDE, SUPERVISION
from eco_workflow.domain.words import LEADING_GROUP
from eco_workflow.domain.working_days import ONE_DAY
from eco_workflow.store.decide.batch import Batch
from eco_workflow.store.sql import sql

# To everybody who was sent the alert or a copy of it, in the role in which he heard it.
ANNOUNCE = sql("""
    INSERT INTO notice (plan_id, unit_id, role, kind, key, facts, made_on)
    SELECT DISTINCT c.plan_id, k.unit_id, k.role, 'resolved',
           'resolved:' || c.id || ':' || k.unit_id || ':' || k.role, '{"case": ' || c.id || '}', :today
    FROM ladder_case c
    JOIN line l ON l.ref_id = c.id AND (l.kind = 'alert' OR l.kind = 'copy') AND NOT l.dropped
    JOIN message m ON m.id = l.message_id AND m.state = 'sent'
    JOIN contact k ON k.id = m.contact_id
    WHERE c.plan_id IN :plans AND c.closed_on IS NOT NULL AND c.rung >= 3 AND NOT c.announced
      AND c.annulled_on IS NULL
    ON CONFLICT DO NOTHING
""")

# Who was told on paper is told so on paper: a draft, where the leaders had been sent a report or file, or the
# leader above a report because the alert would have gone to the debtor itself.
NOTE_RESOLUTION = sql("""
    INSERT INTO paper (case_id, rung, kind, addressee, drafted_on, state, signed_by, reason)
    SELECT c.id, max(p.rung), 'resolution_note',
           CASE WHEN min(p.rung) > 3 THEN CAST(:leaders AS VARCHAR)
                WHEN max(p.rung) = 3 THEN max(p.addressee)
                ELSE CAST(:leaders AS VARCHAR) || '、' || max(CASE WHEN p.rung = 3 THEN p.addressee END) END,
           :today, 'draft', '', ''
    FROM ladder_case c
    JOIN paper p ON p.case_id = c.id AND p.state = 'signed'
         AND p.kind IN ('report_above', 'supervision_report', 'accountability_file')
    WHERE c.plan_id IN :plans AND c.closed_on IS NOT NULL AND c.rung >= 3 AND NOT c.announced
      AND c.annulled_on IS NULL
    GROUP BY c.id
    ON CONFLICT (case_id, kind) DO UPDATE
    SET state = 'draft', drafted_on = :today, rung = excluded.rung, addressee = excluded.addressee
    WHERE paper.state = 'void'
""")

ANNOUNCED = sql("""
    UPDATE ladder_case SET announced = TRUE
    WHERE plan_id IN :plans AND closed_on IS NOT NULL AND rung >= 3 AND NOT announced
""")


def _ask_to_sign(notice: str, paper: str, cases: str) -> TextClause:
    """Tells the supervision office, once a day, that papers of a kind on these cases were drafted."""
    return sql(f"""
        INSERT INTO notice (plan_id, unit_id, role, kind, key, facts, made_on)
        SELECT DISTINCT p.id, p.supervision_unit_id, 'liaison', '{notice}',
               '{notice}:' || p.id || ':' || CAST(:today AS VARCHAR), '{{}}', :today
        FROM ladder_case c
        JOIN plan p ON p.id = c.plan_id
        JOIN paper f ON f.case_id = c.id AND f.kind = '{paper}'
        WHERE c.plan_id IN :plans AND {cases}
          AND f.state = 'draft' AND f.drafted_on = :today
        ON CONFLICT DO NOTHING
    """)


# What says that it is over leaves only when signed, too: the supervision office brings it.
ASK_TO_SIGN_NOTES = _ask_to_sign("note_drafted", "resolution_note", "c.closed_on IS NOT NULL")

# A report leaves only when a leader signs it: the supervision office brings the day's drafts.
ASK_FOR_SIGNATURES = _ask_to_sign(
    "report_drafted", "supervision_report", "c.closed_on IS NULL AND c.rung > :supervision"
)

# Units that owe or hear something, and the office itself, need a liaison whose address works.
HAS_NOBODY = """
    NOT EXISTS (SELECT 1 FROM contact k WHERE k.unit_id = unit.id AND k.role = 'liaison'
                AND k.ended_on IS NULL AND k.failed_on IS NULL)
"""

# Only a unit one of whose contacts ended or was refused can be without: every unit has its own at first.
# Days are counted from the day on which the last one was lost, whenever a run notices it.
LOST_SIGHT = sql(f"""
    UPDATE unit SET unreached_on = COALESCE(
        (SELECT max(CASE WHEN g.failed_on IS NULL THEN g.ended_on
                         WHEN g.ended_on IS NULL OR g.failed_on < g.ended_on THEN g.failed_on
                         ELSE g.ended_on END)
         FROM contact g WHERE g.unit_id = unit.id AND g.role = 'liaison'), :today)
    WHERE id IN (SELECT g.unit_id FROM contact g
                 WHERE g.plan_id IN :plans AND (g.ended_on IS NOT NULL OR g.failed_on IS NOT NULL))
      AND unreached_on IS NULL AND kind IN ('unit', 'office') AND successor_id IS NULL
      AND {HAS_NOBODY}
      AND (EXISTS (SELECT 1 FROM obligation o WHERE o.plan_id = unit.plan_id AND o.unit_id = unit.id
                   AND o.state IN ('not_started', 'in_progress', 'completed'))
           OR EXISTS (SELECT 1 FROM hears h WHERE h.plan_id = unit.plan_id AND h.unit_id = unit.id))
""")

FOUND_AGAIN = sql(f"""
    UPDATE unit SET unreached_on = NULL
    WHERE plan_id IN :plans AND unreached_on IS NOT NULL AND NOT {HAS_NOBODY}
""")

ASK_OFFICE = sql("""
    INSERT INTO notice (plan_id, unit_id, role, kind, key, facts, made_on)
    SELECT u.plan_id, p.office_unit_id, 'liaison', 'no_contact',
           'no_contact:' || u.id || ':' || CAST(u.unreached_on AS VARCHAR), '{"unit": ' || u.id || '}', :today
    FROM unit u JOIN plan p ON p.id = u.plan_id
    WHERE u.plan_id IN :plans AND u.unreached_on IS NOT NULL AND u.id <> p.office_unit_id
    ON CONFLICT DO NOTHING
""")

TELL_SUPERVISION = sql("""
    INSERT INTO notice (plan_id, unit_id, role, kind, key, facts, made_on)
    SELECT u.plan_id, p.supervision_unit_id, 'liaison', 'no_contact_long',
           'no_contact_long:' || u.id || ':' || CAST(u.unreached_on AS VARCHAR),
           '{"unit": ' || u.id || '}', :today
    FROM unit u JOIN plan p ON p.id = u.plan_id
    WHERE u.plan_id IN :plans AND u.unreached_on <= :cut_off AND u.id <> p.supervision_unit_id
    ON CONFLICT DO NOTHING
""")

# Said of each once: to the liaison of the supervision office; where that office itself decides, also to its
# leader in charge.
ESCALATE = sql("""
    UPDATE veto_event SET escalated_on = :today
    WHERE plan_id IN :plans AND state = 'pending' AND escalated_on IS NULL AND declared_on <= :cut_off
""")

TELL_UNDECIDED = sql("""
    INSERT INTO notice (plan_id, unit_id, role, kind, key, facts, made_on)
    SELECT v.plan_id, p.supervision_unit_id, r.role, 'veto_undecided',
           'veto_undecided:' || v.id || ':' || r.role,
           '{"item": ' || v.item_id || ', "unit": ' || v.unit_id || ', "veto": ' || v.id || '}', :today
    FROM veto_event v JOIN plan p ON p.id = v.plan_id
    JOIN (SELECT 'liaison' AS role UNION ALL SELECT 'leader') r ON r.role = 'liaison' OR v.of_host
    WHERE v.plan_id IN :plans AND v.state = 'pending' AND v.escalated_on = :today
    ON CONFLICT DO NOTHING
""")

DAYS_WITHOUT_LIAISON = 5
"""Working days after which the supervision office hears of it."""

# One a plan and week, by its key: it rides in the first envelope of the week. Nothing is reported on the day
# of activation, of a plan that is held, or after its end.
REPORT_WEEK = sql("""
    INSERT INTO notice (plan_id, unit_id, role, kind, key, facts, made_on)
    SELECT p.id, p.office_unit_id, 'liaison', 'weekly',
           'weekly:' || p.id || ':' || CAST(:week AS VARCHAR), '{}', :today
    FROM plan p
    WHERE p.id IN :plans AND p.active_from < :today AND p.ends_on >= :today AND p.held_since IS NULL
    ON CONFLICT DO NOTHING
""")

CHOOSE = sql("""
    UPDATE notice SET told_on = :today, told_to = k.id
    FROM contact k
    WHERE notice.plan_id IN :plans AND notice.told_on IS NULL
      AND k.unit_id = notice.unit_id AND k.role = notice.role AND k.ended_on IS NULL AND k.failed_on IS NULL
""")


def announce(connection: Connection, batch: Batch) -> None:
    """Tells those who heard of a case at rung 3 that it is resolved, once.

    For who was told on paper a note is drafted, of which the supervision office hears.
    """
    batch.run(connection, ANNOUNCE)
    if batch.run(connection, NOTE_RESOLUTION, leaders=LEADING_GROUP):
        batch.run(connection, ASK_TO_SIGN_NOTES)
    batch.run(connection, ANNOUNCED)


def ask_for_signatures(connection: Connection, batch: Batch) -> None:
    """Tells the supervision office that reports were drafted today: one notice, however many there are."""
    batch.run(connection, ASK_FOR_SIGNATURES, supervision=SUPERVISION)


def look_for_contacts(connection: Connection, batch: Batch) -> None:
    """A unit without a working contact is a task for the office, and after five working days told above."""
    batch.run(connection, FOUND_AGAIN)
    if batch.run(connection, LOST_SIGHT):
        batch.run(connection, ASK_OFFICE)
    batch.run(connection, TELL_SUPERVISION, cut_off=batch.days.cut_off(batch.today, DAYS_WITHOUT_LIAISON))


def escalate_vetoes(connection: Connection, batch: Batch) -> None:
    """The supervision office hears of what was declared and is undecided past the day for it."""
    cut_off = batch.days.cut_off(batch.today - ONE_DAY, DAYS_TO_DECIDE)
    if batch.run(connection, ESCALATE, cut_off=cut_off):
        batch.run(connection, TELL_UNDECIDED)


def choose(connection: Connection, batch: Batch) -> None:
    """Gives every untold notice its recipient and today's date. Working days only."""
    batch.run(connection, CHOOSE)
