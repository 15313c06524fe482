"""What waits for the office's decision (DOMAIN 4): the one definition, for light, ladder and alert.

Each part is the end of a statement in which `p` is the plan: `since` is the day from which something waits,
at the latest `:cut_off` (`:at` its end, as an instant). What the host bureau owes waits for the supervision
office. The pure twin of what follows from it is `domain/overdue.review_is_late`.
"""

IS_UNDECIDED = "('not_started', 'in_progress', 'completed')"
"""States of an item of which something is still to be decided."""

# Of rounds by their printed date: nothing was answered before. An answer waits no more when a newer one on
# the same item was reviewed.
ANSWERS = """
    FROM round r CROSS JOIN entry e
    WHERE r.plan_id = p.id AND r.on_date <= :cut_off
      AND e.round_id = r.id AND e.submitted_on <= :cut_off AND e.unit_id <> p.host_unit_id
      AND NOT EXISTS (SELECT 1 FROM round w JOIN entry n ON n.round_id = w.id
                      WHERE w.plan_id = p.id AND w.id > e.round_id
                        AND n.unit_id = e.unit_id AND n.item_id = e.item_id
                        AND n.state IN ('accepted', 'returned'))
"""

# A step is common to all who owe the item: where the host is among them, the supervision office confirms it.
STEPS = f"""
    FROM step s
    WHERE s.plan_id = p.id AND s.confirmed_on IS NULL AND s.done_on <= :cut_off
      AND EXISTS (SELECT 1 FROM obligation o WHERE o.plan_id = s.plan_id AND o.item_id = s.item_id
                  AND o.state IN {IS_UNDECIDED})
      AND NOT EXISTS (SELECT 1 FROM obligation h WHERE h.plan_id = s.plan_id AND h.item_id = s.item_id
                      AND h.unit_id = p.host_unit_id AND h.role IN ('lead', 'owner'))
"""

# Nothing is decided while an item is suspended.
EXTENSIONS = f"""
    FROM extension x JOIN obligation o
         ON o.plan_id = x.plan_id AND o.unit_id = x.unit_id AND o.item_id = x.item_id
    WHERE x.plan_id = p.id AND x.decided_on IS NULL AND x.asked_on <= :cut_off
      AND x.unit_id <> p.host_unit_id AND o.state IN {IS_UNDECIDED}
"""

# A date that has passed is confirmed no more: the unit proposes anew.
PROPOSALS = f"""
    FROM proposal q JOIN obligation o
         ON o.plan_id = q.plan_id AND o.unit_id = q.unit_id AND o.item_id = q.item_id
    WHERE q.plan_id = p.id AND q.confirmed_at IS NULL AND q.declined_at IS NULL
      AND q.at < :at AND q.due_on >= :today
      AND q.unit_id <> p.host_unit_id AND o.state IN {IS_UNDECIDED}
      AND NOT EXISTS (SELECT 1 FROM proposal n WHERE n.plan_id = q.plan_id AND n.item_id = q.item_id
                      AND n.unit_id = q.unit_id AND n.n > q.n)
"""

# As with steps: where the host owes the item, or brought the file, the supervision office decides.
EVIDENCE = """
    FROM evidence v
    WHERE v.plan_id = p.id AND v.state = 'pending' AND v.added_on <= :cut_off
      AND v.unit_id <> p.host_unit_id
      AND NOT EXISTS (SELECT 1 FROM obligation h WHERE h.plan_id = v.plan_id AND h.item_id = v.item_id
                      AND h.unit_id = p.host_unit_id AND h.role IN ('lead', 'owner'))
"""

# Drafted on that day at the latest: late by the end of the next working day (DOMAIN 3.5).
SUMMARIES = """
    FROM round_summary s
    WHERE s.plan_id = p.id AND s.released_on IS NULL AND s.drafted_on <= :draft_cut_off
"""

SINCE = {
    "answer": ("e.submitted_on", ANSWERS),
    "step": ("s.done_on", STEPS),
    "extension": ("x.asked_on", EXTENSIONS),
    "proposal": ("q.at", PROPOSALS),
    "evidence": ("v.added_on", EVIDENCE),
    "summary": ("s.drafted_on", SUMMARIES),
}
"""Each kind of thing that waits: since when, as a date (of a proposal the instant), and where from."""

OFFICE_IS_LATE = "(" + " OR ".join(f"EXISTS (SELECT 1 {source})" for _, source in SINCE.values()) + ")"
