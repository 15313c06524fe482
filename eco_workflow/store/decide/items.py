"""The clocks of single items in a run: overdue work, claims that fall short or lack evidence, early warnings.

One case per clock, unit and item. Overdue work comes first: the predicates exclude each other.
"""

from datetime import timedelta

from sqlalchemy import Connection

from eco_workflow.store.decide.batch import Batch
from eco_workflow.store.decide.overdue import (
    EVIDENCE_IS_MISSING,
    INDICATOR_IS_LATE,
    IS_OPEN,
    NO_EXTENSION_PENDING,
    OFFICE_OWES,
    TASK_IS_LATE,
    WAITS_FOR_OFFICE,
)
from eco_workflow.store.sql import sql

LATE = {"task": TASK_IS_LATE, "indicator": INDICATOR_IS_LATE, "evidence": EVIDENCE_IS_MISSING}

# Since when an item is late, and the ladder it climbs. Evidence is due with the claim, whenever the work is:
# late from the first run that finds it missing.
SINCE_AND_LADDER = {
    "task": "o.due_on, p.item_ladder_id",
    "indicator": "o.due_on, p.item_ladder_id",
    "evidence": ":today, p.evidence_ladder_id",
}

# An indicator that waits for what the office owes: the office has a case on it without an obligation.
IS_OF_OFFICE = f"""
    (ladder_case.clock = 'indicator'
     AND ladder_case.unit_id = (SELECT p.office_unit_id FROM plan p WHERE p.id = ladder_case.plan_id)
     AND EXISTS (SELECT 1 FROM obligation o
                 WHERE o.plan_id = ladder_case.plan_id AND o.item_id = ladder_case.item_id
                   AND o.state IN ('not_started', 'in_progress', 'completed')
                   AND {WAITS_FOR_OFFICE.format(o="o")}))
"""

# From the open cases on, of which there are few. A suspended item pauses its clock: the case stays and rests.
CLOSE = {
    clock: sql(f"""
        UPDATE ladder_case SET closed_on = :today, closed_why = 'no_longer_late'
        WHERE plan_id IN :plans AND closed_on IS NULL AND clock = '{clock}'
          AND NOT EXISTS (SELECT 1 FROM obligation o
                          WHERE o.plan_id = ladder_case.plan_id AND o.unit_id = ladder_case.unit_id
                            AND o.item_id = ladder_case.item_id
                            AND (o.state = 'suspended' OR {late.format(o="o")}))
          AND NOT {IS_OF_OFFICE}
    """)
    for clock, late in LATE.items()
}

OPEN = {
    clock: sql(f"""
        INSERT INTO ladder_case
            (plan_id, unit_id, clock, item_id, due_on, ladder_id, rung, round_id, opened_on, closed_why,
             announced)
        SELECT o.plan_id, o.unit_id, '{clock}', o.item_id, {SINCE_AND_LADDER[clock]}, 1, 0, :today, '', FALSE
        FROM obligation o JOIN plan p ON p.id = o.plan_id
        WHERE o.plan_id IN :plans AND {late.format(o="o")}
          AND NOT EXISTS (SELECT 1 FROM ladder_case c
                          WHERE c.plan_id = o.plan_id AND c.unit_id = o.unit_id AND c.clock = '{clock}'
                            AND c.item_id = o.item_id AND c.closed_on IS NULL)
    """)
    for clock, late in LATE.items()
}

OPEN_OF_OFFICE = sql(f"""
    INSERT INTO ladder_case
        (plan_id, unit_id, clock, item_id, due_on, ladder_id, rung, round_id, opened_on, closed_why,
         announced)
    SELECT w.plan_id, p.office_unit_id, 'indicator', w.item_id, min(w.due_on), p.item_ladder_id, 1, 0, :today,
           '', FALSE
    FROM ({OFFICE_OWES}) w JOIN plan p ON p.id = w.plan_id
    WHERE NOT EXISTS (SELECT 1 FROM ladder_case c
                      WHERE c.plan_id = w.plan_id AND c.unit_id = p.office_unit_id AND c.clock = 'indicator'
                        AND c.item_id = w.item_id AND c.closed_on IS NULL)
    GROUP BY w.plan_id, p.office_unit_id, w.item_id, p.item_ladder_id
""")

EARLY_DAYS = sql("SELECT DISTINCT early_days FROM plan WHERE id IN :plans AND early_days > 0")

# Once for each due date; a date that moved warns again.
LIAISON = """
    (SELECT k.id FROM contact k WHERE k.unit_id = obligation.unit_id AND k.role = 'liaison'
     AND k.ended_on IS NULL AND k.failed_on IS NULL)
"""

WARN = sql(f"""
    UPDATE obligation SET warned_for = due_on, warned_on = :today, warned_to = {LIAISON}
    WHERE obligation.plan_id IN (SELECT id FROM plan WHERE id IN :plans AND early_days = :early_days)
      AND {IS_OPEN.format(o="obligation")} AND obligation.due_on >= :today AND obligation.due_on <= :cut_off
      AND obligation.role <> 'data_provider' AND obligation.settle <> 'listed'
      AND (obligation.warned_for IS NULL OR obligation.warned_for <> obligation.due_on)
      AND {NO_EXTENSION_PENDING.format(o="obligation")}
      AND {LIAISON} IS NOT NULL
""")


def close(connection: Connection, batch: Batch) -> int:
    """Closes cases whose item is late no longer; returns how many. A claim closes its own at once."""
    return sum(batch.run(connection, statement) for statement in CLOSE.values())


def open_cases(connection: Connection, batch: Batch) -> int:
    """Opens a case at rung 1 for every item that has become late, and for the office for every indicator
    that waits for it; returns how many. Working days only.
    """
    return sum(batch.run(connection, statement) for statement in (*OPEN.values(), OPEN_OF_OFFICE))


def warn(connection: Connection, batch: Batch) -> int:
    """Marks what falls due within the plan's early days for its liaison's envelope (rung 0).

    Returns how many items were marked.
    """
    warned = 0
    for early_days in connection.execute(EARLY_DAYS, {"plans": batch.plans}).scalars().all():
        last = batch.days.after(batch.today, early_days + 1) - timedelta(days=1)
        warned += batch.run(connection, WARN, early_days=early_days, cut_off=last)
    return warned
