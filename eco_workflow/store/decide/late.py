"""What is late in one plan, for those who look: the predicates of the run itself."""

from eco_workflow.store.decide.overdue import INDICATOR_IS_LATE, TASK_IS_LATE
from eco_workflow.store.decide.silence import IS_LATE
from eco_workflow.store.sql import sql

LATE_ITEMS = sql(f"""
    SELECT o.unit_id, o.item_id FROM obligation o
    WHERE o.plan_id = :plan AND ({TASK_IS_LATE.format(o="o")} OR {INDICATOR_IS_LATE.format(o="o")})
""")

SILENT_UNITS = sql(f"""
    SELECT r.unit_id FROM request r
    WHERE r.plan_id = :plan AND r.state = 'awaiting' AND r.sent_at IS NOT NULL AND {IS_LATE}
    UNION
    SELECT c.unit_id FROM ladder_case c
    WHERE c.plan_id = :plan AND c.clock = 'report' AND c.closed_on IS NULL AND c.opened_on <= :today
""")
