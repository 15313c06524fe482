"""The overdue predicate in SQL, the same for every statement that asks it (DOMAIN 4).

The pure twin for a single item is `domain/overdue`.
"""

IS_OPEN = "({o}.state = 'not_started' OR {o}.state = 'in_progress')"
"""Said with OR: so the partial index on due dates serves it."""

NO_EXTENSION_PENDING = """
    NOT EXISTS (SELECT 1 FROM extension x WHERE x.plan_id = {o}.plan_id AND x.unit_id = {o}.unit_id
                AND x.item_id = {o}.item_id AND x.decided_on IS NULL)
"""

TASK_IS_LATE = f"""
    ({IS_OPEN} AND {{o}}.due_on < :today AND {{o}}.role <> 'data_provider' AND {{o}}.settle <> 'listed'
     AND ({{o}}.clock_from IS NULL OR {{o}}.clock_from <= :today)
     AND {NO_EXTENSION_PENDING})
"""

# Claimed, due, and not shown to be met for want of the unit's own figure.
INDICATOR_IS_LATE = """
    ({o}.state = 'completed' AND {o}.due_on < :today AND {o}.role = 'lead' AND {o}.settle <> 'listed'
     AND ({o}.clock_from IS NULL OR {o}.clock_from <= :today)
     AND EXISTS (SELECT 1 FROM standing s WHERE s.plan_id = {o}.plan_id AND s.item_id = {o}.item_id
                 AND s.verdict <> 'met' AND s.owed_by = 'unit'))
"""
