"""What evidence is missing: the one definition, for the list, the gates and the clock (DOMAIN 4, 7).

A requirement is met by one accepted file, whoever brought it. A file that waits for the office counts as
there for the clock, since what waits for review is not the unit's lateness; a gate waits for it.
"""

from sqlalchemy import Date, Integer, String

from eco_workflow.store.sql import sql

BROUGHT_FOR = "e.plan_id = r.plan_id AND e.item_id = r.item_id AND e.requirement = r.code"

PROVES = f"""
    {BROUGHT_FOR}
    AND (r.year = 0 OR e.data_year = r.year OR r.or_newer AND e.data_year > r.year)
"""

PROVES_NOTHING = f"{BROUGHT_FOR} AND NOT EXISTS (SELECT 1 FROM requirement r WHERE {PROVES})"
"""A file is of none of the years that its requirement wants."""

IS_THERE = f"EXISTS (SELECT 1 FROM evidence e WHERE {PROVES} AND e.state IN ('pending', 'accepted'))"

LACKS = sql(f"""
    SELECT count(*) FROM requirement r WHERE r.plan_id = :plan AND r.item_id = :item AND NOT {IS_THERE}
""")
"""How many requirements of an item nothing was brought for, or only what was returned."""

WANTED_INSTEAD = sql(f"""
    SELECT r.year, r.or_newer FROM requirement r JOIN evidence e ON {PROVES_NOTHING}
    WHERE e.id = :evidence ORDER BY r.year
""")
"""The years that are wanted where a file is of none of them; no row where it is."""

GAPS = sql(f"""
    SELECT r.item_id, i.code AS item, r.code AS requirement, r.title, r.year, r.or_newer,
           CASE WHEN EXISTS (SELECT 1 FROM evidence e WHERE {PROVES} AND e.state = 'pending') THEN 'pending'
                WHEN EXISTS (SELECT 1 FROM evidence e WHERE {PROVES} AND e.state = 'returned') THEN 'returned'
                WHEN EXISTS (SELECT 1 FROM evidence e WHERE {PROVES_NOTHING} AND e.state <> 'quarantined')
                THEN 'other_year'
                ELSE 'none' END AS why,
           (SELECT max(e.data_year) FROM evidence e WHERE {PROVES_NOTHING} AND e.state <> 'quarantined')
           AS of_year,
           (SELECT min(o.due_on) FROM obligation o WHERE o.plan_id = r.plan_id AND o.item_id = r.item_id
            AND o.state <> 'not_applicable') AS due_on
    FROM requirement r JOIN item i ON i.id = r.item_id
    WHERE r.plan_id = :plan
      AND EXISTS (SELECT 1 FROM obligation o WHERE o.plan_id = r.plan_id AND o.item_id = r.item_id
                  AND o.state <> 'not_applicable')
      AND NOT EXISTS (SELECT 1 FROM evidence e WHERE {PROVES} AND e.state = 'accepted')
    ORDER BY r.item_id, length(r.code), r.code, r.year
""").columns(
    item_id=Integer, item=String, requirement=String, title=String, year=Integer, why=String, due_on=Date
)
"""What a plan still lacks, in the order of its items."""
