"""The one overdue predicate of an item with a due date (DOMAIN 4): tile, list, message and ladder use it.

A run asks it of all plans at once in SQL (`store/decide/overdue`); the property tests hold the two together.
"""

from dataclasses import dataclass
from datetime import date

OPEN = ("not_started", "in_progress")
"""States of an item in which the work itself is still owed; a claim waits for the office."""

SET_ASIDE = ("suspended", "not_applicable")
"""States in which nothing is asked and no clock runs."""


@dataclass(frozen=True)
class Owed:
    """What a unit owes on an item, as the clocks see it."""

    role: str
    """`lead`, `data_provider` or `owner`; data providers owe figures, not the result."""
    state: str
    due_on: date | None
    clock_from: date | None = None
    """Before this day it is not late: a date just after activation, or a refused extension."""
    listed: bool = False
    """On the settling list of activation until a person settles it."""
    extension_pending: bool = False


def is_overdue(owed: Owed, today: date) -> bool:
    """Whether the task clock has run out: the due date is past and nothing excuses it."""
    return (
        owed.due_on is not None
        and owed.due_on < today
        and owed.state in OPEN
        and owed.role != "data_provider"
        and not owed.listed
        and not owed.extension_pending
        and (owed.clock_from is None or owed.clock_from <= today)
    )


def falls_short(owed: Owed, today: date, *, verdict: str, owed_by: str) -> bool:
    """Whether the indicator clock has run out for a lead unit: due and claimed, but not shown to be met.

    What is wanting must be the unit's own: its figure is missing or does not meet the target. Overdue work
    comes first, so that one item never runs on two clocks. What activation found past due, or due just after
    it, is spared on this clock as on the other (DOMAIN 2, late loading).
    """
    return (
        owed.due_on is not None
        and owed.due_on < today
        and owed.role == "lead"
        and owed.state == "completed"
        and not owed.listed
        and (owed.clock_from is None or owed.clock_from <= today)
        and verdict != "met"
        and owed_by == "unit"
    )
