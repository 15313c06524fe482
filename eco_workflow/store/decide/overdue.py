"""The overdue predicate in SQL, the same for every statement that asks it (DOMAIN 4).

The pure twin for a single item is `domain/overdue`.
"""

from eco_workflow.store.decide.evidence import IS_THERE

IS_OPEN = "({o}.state = 'not_started' OR {o}.state = 'in_progress')"
"""Said with OR: so the partial index on due dates serves it."""

NO_EXTENSION_PENDING = """
    NOT EXISTS (SELECT 1 FROM extension x WHERE x.plan_id = {o}.plan_id AND x.unit_id = {o}.unit_id
                AND x.item_id = {o}.item_id AND x.decided_on IS NULL)
"""

# A pending extension spares both clocks: granted, it moves the date of both.
HAS_RUN_OUT = f"""
    {{o}}.due_on < :today AND {{o}}.settle <> 'listed'
     AND ({{o}}.clock_from IS NULL OR {{o}}.clock_from <= :today)
     AND {NO_EXTENSION_PENDING}
"""

TASK_IS_LATE = f"({IS_OPEN} AND {{o}}.role <> 'data_provider' AND {HAS_RUN_OUT})"

# Claimed, and not shown to be met for want of the unit's own figure.
_FALLS_SHORT = """
    {o}.state = 'completed' AND {o}.role = 'lead'
     AND EXISTS (SELECT 1 FROM standing s WHERE s.plan_id = {o}.plan_id AND s.item_id = {o}.item_id
                 AND s.verdict <> 'met' AND s.owed_by = 'unit')
     AND NOT EXISTS (SELECT 1 FROM spared z WHERE z.plan_id = {o}.plan_id AND z.item_id = {o}.item_id
                     AND z.unit_id = {o}.unit_id)
"""

INDICATOR_IS_LATE = f"({_FALLS_SHORT} AND {HAS_RUN_OUT})"

# What falls short is asked about until it is mended, though not while the claim itself waits for its review.
IS_ASKED = f"""
    ({IS_OPEN} OR {_FALLS_SHORT}
     AND NOT EXISTS (SELECT 1 FROM round w JOIN entry v ON v.round_id = w.id
                     WHERE w.plan_id = {{o}}.plan_id AND v.unit_id = {{o}}.unit_id
                       AND v.item_id = {{o}}.item_id AND v.state = 'submitted'))
"""

# Claimed, whether due or not, and a required file was not brought, or was returned. A claim that falls short
# comes first: one item never runs on two clocks.
EVIDENCE_IS_MISSING = f"""
    ({{o}}.state = 'completed' AND {{o}}.role <> 'data_provider' AND {{o}}.settle <> 'listed'
     AND EXISTS (SELECT 1 FROM plan q WHERE q.id = {{o}}.plan_id AND q.evidence_from <= :today)
     AND EXISTS (SELECT 1 FROM requirement r WHERE r.plan_id = {{o}}.plan_id AND r.item_id = {{o}}.item_id
                 AND NOT {IS_THERE})
     AND NOT {INDICATOR_IS_LATE})
"""

# Due, claimed or not, and not shown to be met for want of what the office owes. The lead units' dates say
# when; the data providers' where there is no lead unit.
WAITS_FOR_OFFICE = f"""
    ({HAS_RUN_OUT}
     AND EXISTS (SELECT 1 FROM standing s WHERE s.plan_id = {{o}}.plan_id AND s.item_id = {{o}}.item_id
                 AND s.verdict <> 'met' AND s.owed_by = 'office')
     AND ({{o}}.role = 'lead'
          OR {{o}}.role = 'data_provider'
             AND NOT EXISTS (SELECT 1 FROM obligation l WHERE l.plan_id = {{o}}.plan_id
                             AND l.item_id = {{o}}.item_id AND l.role = 'lead'
                             AND l.state <> 'not_applicable')))
"""

# In two halves, each with its own partial index on due dates.
OFFICE_OWES = f"""
    SELECT o.plan_id, o.item_id, o.due_on FROM obligation o
    WHERE o.plan_id IN :plans AND {IS_OPEN.format(o="o")} AND {WAITS_FOR_OFFICE.format(o="o")}
    UNION ALL
    SELECT o.plan_id, o.item_id, o.due_on FROM obligation o
    WHERE o.plan_id IN :plans AND o.state = 'completed' AND {WAITS_FOR_OFFICE.format(o="o")}
"""
"""The indicators on which the office is late itself, once for each lead unit whose date has passed."""
