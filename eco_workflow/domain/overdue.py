"""The one overdue predicate (DOMAIN 4), of an item with a due date and of what waits for the office.

Tile, list, message and ladder use it. A run asks it of all plans at once in SQL (`store/decide/overdue` and
`store/decide/waiting`); tests hold the two together.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from eco_workflow.domain.working_days import WorkingDays

Clock = Literal["report", "task", "indicator", "evidence"]
CLOCKS: tuple[Clock, ...] = get_args(Clock)
"""What a unit may be late with (DOMAIN 4); a plan's ladder names them."""

CASE_CLOCKS = (*CLOCKS, "review")
"""What a case may be of: the last is the office's own, for what waits for its decision."""

OPEN = ("not_started", "in_progress")
"""States of an item in which the work itself is still owed; a claim waits for the office."""

DAYS_TO_RELEASE = 1
"""Working days after its draft by the end of which a round's summary is released (DOMAIN 3.5)."""

SET_ASIDE = ("suspended", "not_applicable")
"""States in which nothing is asked and no clock runs."""

ROLES = ("lead", "owner", "data_provider")
"""In what role a unit owes an item, the one that owes most first."""


def owes_more(role: str, other: str) -> bool:
    """Whether a role owes more than another: a lead the result, a data provider figures alone."""
    return ROLES.index(role) < ROLES.index(other)


@dataclass(frozen=True)
class Owed:
    """What a unit owes on an item, as the clocks see it."""

    role: str
    """One of `ROLES`; data providers owe figures, not the result."""
    state: str
    due_on: date | None
    clock_from: date | None = None
    """Before this day it is not late: a date just after activation, or a refused extension."""
    listed: bool = False
    """On the settling list of activation until a person settles it."""
    extension_pending: bool = False
    spared: bool = False
    """What the indicator lacks is of parts that other units lead."""


def has_run_out(owed: Owed, today: date) -> bool:
    """Whether the date is past and nothing excuses it, whatever became of the work.

    A pending extension spares every clock of the item: granted, it moves the date of all of them. What
    activation found past due, or due just after it, is spared on all of them too (DOMAIN 2, late loading).
    """
    return (
        owed.due_on is not None
        and owed.due_on < today
        and not owed.listed
        and not owed.extension_pending
        and (owed.clock_from is None or owed.clock_from <= today)
    )


def is_overdue(owed: Owed, today: date) -> bool:
    """Whether the task clock has run out: the due date is past, the work is owed still."""
    return has_run_out(owed, today) and owed.state in OPEN and owed.role != "data_provider"


def falls_short(owed: Owed, today: date, *, verdict: str, owed_by: str) -> bool:
    """Whether the indicator clock has run out for a lead unit: due and claimed, but not shown to be met.

    What is wanting must be the unit's own: its figure is missing or does not meet the target. Overdue work
    comes first, so that one item never runs on two clocks.
    """
    return (
        has_run_out(owed, today)
        and owed.role == "lead"
        and owed.state == "completed"
        and not owed.spared
        and verdict != "met"
        and owed_by == "unit"
    )


def lacks_evidence(owed: Owed, today: date, *, required_from: date | None, missing: bool) -> bool:
    """Whether the evidence clock has run out: claimed, due or not, and a required file is not there.

    `missing`: nothing was brought for a requirement, or only what was returned. What falls short of its
    target comes first.
    """
    return (
        required_from is not None
        and required_from <= today
        and missing
        and owed.state == "completed"
        and owed.role != "data_provider"
        and not owed.listed
    )


def office_falls_short(owing: Collection[Owed], today: date, *, verdict: str, owed_by: str) -> bool:
    """Whether the indicator clock has run out for the office: due, and what is wanting is the office's.

    A superior's figure or a base is missing, units contradict each other, or data providers alone are asked
    and the target is missed. `owing`: all who are asked for figures. The lead units' dates say when, the
    data providers' where there is no lead unit. It needs no claim: a unit cannot show what it lacks.
    """
    if verdict == "met" or owed_by != "office":
        return False
    wanted = [owed for owed in owing if owed.role == "lead" and owed.state != "not_applicable"]
    wanted = wanted or [owed for owed in owing if owed.role == "data_provider"]
    return any(owed.state in (*OPEN, "completed") and has_run_out(owed, today) for owed in wanted)


def review_is_late(
    waiting: Iterable[date], drafts: Iterable[date], today: date, days: WorkingDays, *, review_days: int
) -> bool:
    """Whether the review clock has run out for the office.

    `waiting`: since when each thing has waited for its decision, more than `review_days` working days being
    too long; `drafts`: the days on which summaries were drafted that nobody has released.
    """
    return any(days.waited(since, today) > review_days for since in waiting) or any(
        days.waited(drafted, today) > DAYS_TO_RELEASE for drafted in drafts
    )
