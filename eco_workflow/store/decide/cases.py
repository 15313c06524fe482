"""Cases on their ladder, whatever clock opened them (DOMAIN 5), in the order in which a run does it.

The same rules for a single case stand in `domain/escalation`; the property tests hold the two together.
Which cases open and close is the clocks' matter: `silence` and `items`.
"""

from sqlalchemy import Connection

from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.words import LEADING_GROUP
from eco_workflow.store.decide.batch import Batch
from eco_workflow.store.decide.silence import IS_RESTING
from eco_workflow.store.sql import sql

# A message that tells a case's present rung to its principal recipient: the day's envelope, or a reminder
# or telling by hand.
CARRIES = """
    m.plan_id = {of}.plan_id AND m.contact_id = {of}.told_to AND m.on_date = {of}.told_on
    AND l.message_id = m.id AND l.ref_id = {of}.id AND l.rung = {of}.rung AND l.kind IN ('reminder', 'alert')
"""

CASE_NOT_CARRIED = f"""
    EXISTS (SELECT 1 FROM message m CROSS JOIN line l
            WHERE {CARRIES.format(of="ladder_case")} AND m.state IN ('failed', 'withdrawn'))
    AND NOT EXISTS (SELECT 1 FROM message m CROSS JOIN line l
            WHERE {CARRIES.format(of="ladder_case")} AND m.state NOT IN ('failed', 'withdrawn'))
"""

# The same for what only ever rides in the day's envelope.
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
      AND {CASE_NOT_CARRIED}
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

RELEASE_NOTICES = sql("""
    UPDATE notice SET told_on = NULL, told_to = NULL
    WHERE plan_id IN :plans AND told_to IS NOT NULL
      AND EXISTS (SELECT 1 FROM message m JOIN line l ON l.message_id = m.id
                  WHERE m.plan_id = notice.plan_id AND m.contact_id = notice.told_to
                    AND m.on_date = notice.told_on AND m.state IN ('failed', 'withdrawn')
                    AND l.kind = 'notice' AND l.ref_id = notice.id AND NOT l.dropped)
""")

RELEASE_WARNINGS = sql(f"""
    UPDATE obligation SET warned_for = NULL, warned_on = NULL, warned_to = NULL
    WHERE plan_id IN :plans AND warned_to IS NOT NULL AND warned_on <= :today AND NOT due_on < :today
      AND {NOT_CARRIED.format(of="obligation", who="obligation.warned_to", day="obligation.warned_on")}
""")

VOID_PAPERS = sql("""
    UPDATE paper SET state = 'void'
    WHERE state = 'draft'
      AND EXISTS (SELECT 1 FROM ladder_case c WHERE c.id = paper.case_id
                  AND c.plan_id IN :plans AND c.closed_on = :today)
""")

LADDERS = sql("""
    SELECT DISTINCT l.ladder_id, l.rung, l.after
    FROM ladder_rung l JOIN ladder_case c ON c.ladder_id = l.ladder_id
    WHERE c.plan_id IN :plans AND c.closed_on IS NULL AND l.rung > 1
    ORDER BY l.ladder_id, l.rung DESC
""")

IS_SUSPENDED = """
    ({of}.item_id <> 0 AND EXISTS (SELECT 1 FROM obligation o WHERE o.plan_id = {of}.plan_id
        AND o.unit_id = {of}.unit_id AND o.item_id = {of}.item_id AND o.state = 'suspended'))
"""

# What rests is not told and does not climb: a unit whose newest request is not yet due, a suspended item.
RESTS = f"(({{of}}.clock = 'report' AND {IS_RESTING}) OR {IS_SUSPENDED})"

# Nor does what an operator reminded of today climb: nobody hears twice a day of one case.
MAY_CLIMB = f"""
    ladder_case.plan_id IN :plans AND ladder_case.closed_on IS NULL
    AND ladder_case.ladder_id = :ladder AND ladder_case.rung = :rung - 1
    AND (ladder_case.waits_from IS NULL OR ladder_case.waits_from <= :cut_off)
    AND (ladder_case.reminded_on IS NULL OR ladder_case.reminded_on < :today)
    AND NOT {RESTS.format(of="ladder_case")}
"""

CLIMB = sql(f"""
    UPDATE ladder_case SET rung = :rung, told_on = NULL, told_to = NULL
    FROM message m CROSS JOIN line l
    WHERE {MAY_CLIMB} AND {CARRIES.format(of="ladder_case")} AND NOT l.dropped
      AND m.state = 'sent' AND m.sent_on <= :cut_off
""")

# Where the alert would go to the debtor itself, the leader above is told by a paper: once it is signed.
CLIMB_ON_PAPER = sql(f"""
    UPDATE ladder_case SET rung = :rung, told_on = NULL, told_to = NULL
    WHERE {MAY_CLIMB} AND ladder_case.told_to IS NULL
      AND EXISTS (SELECT 1 FROM paper p WHERE p.case_id = ladder_case.id AND p.kind = 'report_above'
                  AND p.rung = ladder_case.rung AND p.state = 'signed' AND p.signed_on <= :cut_off)
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

# Above the supervision office nobody is told by a message: a paper is drafted, and leaves when signed.
IS_DRAFT = f"""
    (ladder_case.rung > {SUPERVISION}
     OR EXISTS (SELECT 1 FROM exemption x WHERE x.plan_id = ladder_case.plan_id
                AND x.rung = ladder_case.rung AND x.unit_id = ladder_case.unit_id))
"""

CHOOSE = sql(f"""
    UPDATE ladder_case SET told_to = {PRINCIPAL.format(of="ladder_case")}
    WHERE plan_id IN :plans AND closed_on IS NULL AND told_on IS NULL AND NOT {IS_DRAFT}
      AND NOT {RESTS.format(of="ladder_case")}
""")

TELL = sql(f"""
    UPDATE ladder_case SET told_on = :today
    WHERE plan_id IN :plans AND closed_on IS NULL AND told_on IS NULL
      AND (told_to IS NOT NULL OR {IS_DRAFT})
      AND NOT {RESTS.format(of="ladder_case")}
""")

# It waits where the supervision office has nobody; a case whose rung is a draft has nobody to wait for.
TELL_BREACH = sql(f"""
    UPDATE breach SET told_on = :today,
        told_to = (SELECT CASE WHEN c.told_to IS NOT NULL THEN {PRINCIPAL.format(of="c")} END
                   FROM ladder_case c WHERE c.id = breach.case_id)
    WHERE tell AND told_on IS NULL
      AND case_id IN (SELECT c.id FROM ladder_case c
                      WHERE c.plan_id IN :plans AND c.closed_on IS NULL AND c.rung = :supervision
                        AND c.told_on IS NOT NULL
                        AND (c.reminded_on IS NULL OR c.reminded_on < :today)
                        AND (c.told_to IS NULL OR {PRINCIPAL.format(of="c")} IS NOT NULL))
""")

# What was told by hand earlier today is in the log already.
LOG_RUNGS = sql("""
    INSERT INTO rung (case_id, rung, on_date, told_to)
    SELECT id, rung, :today, told_to FROM ladder_case
    WHERE plan_id IN :plans AND closed_on IS NULL AND told_on = :today
    ORDER BY id
    ON CONFLICT DO NOTHING
""")

# Whatever day its rung was told: by this run, or by hand since the last one.
DRAFT_PAPERS = sql("""
    INSERT INTO paper (case_id, rung, kind, addressee, drafted_on, state, signed_by, reason)
    SELECT c.id, c.rung,
           CASE WHEN c.rung > :supervision THEN 'supervision_report'
                WHEN x.addressee IS NOT NULL THEN 'report_above'
                WHEN u.relation = 'subordinate' THEN 'supervision_order' ELSE 'letter_of_request' END,
           CASE WHEN c.rung > :supervision THEN :leaders ELSE COALESCE(x.addressee, u.name) END,
           :today, 'draft', '', ''
    FROM ladder_case c JOIN unit u ON u.id = c.unit_id
    LEFT JOIN exemption x ON x.plan_id = c.plan_id AND x.rung = c.rung AND x.unit_id = c.unit_id
    WHERE c.plan_id IN :plans AND c.closed_on IS NULL AND c.rung >= :supervision AND c.told_on IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM paper p WHERE p.case_id = c.id AND p.rung = c.rung AND p.state <> 'void')
    ON CONFLICT (case_id, kind) DO UPDATE SET state = 'draft', drafted_on = :today
    WHERE paper.state = 'void'
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
    batch.run(connection, RELEASE_NOTICES)
    batch.run(connection, RELEASE_WARNINGS)
    return withdrawn


def void_papers(connection: Connection, batch: Batch) -> None:
    """A resolution voids what was drafted and not signed."""
    batch.run(connection, VOID_PAPERS)


def climb(connection: Connection, batch: Batch) -> None:
    """Raises cases by one rung at most. Working days only."""
    # From the top down, so that a case raised now is not met again.
    for ladder, rung, after in connection.execute(LADDERS, {"plans": batch.plans}).all():
        of_rung = {"ladder": ladder, "rung": rung, "cut_off": batch.days.cut_off(batch.today, after)}
        batch.run(connection, CLIMB, **of_rung)
        if rung > SUPERVISION:
            batch.run(connection, CLIMB_ON_PAPER, **of_rung)


def tell(connection: Connection, batch: Batch) -> int:
    """Gives every untold rung its recipient and today's date; returns the number of rungs told."""
    batch.run(connection, CHOOSE)
    batch.run(connection, TELL)
    batch.run(connection, TELL_BREACH, supervision=SUPERVISION)
    rungs = batch.run(connection, LOG_RUNGS)
    draft_papers(connection, batch)
    return rungs


def draft_papers(connection: Connection, batch: Batch) -> None:
    """Drafts the paper of every rung from supervision on that was told and has none."""
    batch.run(connection, DRAFT_PAPERS, supervision=SUPERVISION, leaders=LEADING_GROUP)
