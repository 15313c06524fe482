"""The ladder of the report clock, one case at a time (DOMAIN 5).

The run does this in set-based SQL (`store/decide`); these functions say the same for a single case.
They word the next step in a reminder, and the property tests hold the two against each other.
"""

from dataclasses import dataclass
from datetime import date, datetime

from eco_workflow.domain.answers import OWED
from eco_workflow.domain.working_days import WorkingDays

SUPERVISION = 3
"""The rung at which the supervision office hears; the report clock ends there."""

DAYS_TO_DECIDE = 1
"""Working days within which a declared veto item is confirmed or marked an error; then the supervision office
hears (DOMAIN 7).
"""


@dataclass(frozen=True)
class Ladder:
    """Graces in working days: `after[rung]` counts from the day the rung below was sent."""

    after: dict[int, int]

    @property
    def top(self) -> int:
        """The last rung that is told by itself."""
        return max(self.after)


@dataclass(frozen=True)
class EntryFact:
    """An entry as the overdue predicate sees it."""

    state: str
    due_at: datetime | None


@dataclass(frozen=True)
class CaseFact:
    """An open case: the rung it stands on and when that rung was sent to its principal recipient.

    Where a paper to the leader above tells it, `sent_on` is the day on which that was signed (decision 0015).
    After a suspension `sent_on` is the day from which the rung has waited (`due.waits_from`), if later.
    """

    rung: int
    sent_on: date | None


def is_late(entry: EntryFact, now: datetime) -> bool:
    """The overdue predicate of the report clock: awaiting or returned past its own due time."""
    return entry.state in OWED and entry.due_at is not None and entry.due_at < now


def is_resting(newest_asked: bool, newest_due_at: datetime | None, now: datetime) -> bool:
    """Whether a newer request that is under way, or sent and not yet due, lets the case rest."""
    return newest_asked and (newest_due_at is None or newest_due_at >= now)


def next_rung(case: CaseFact, ladder: Ladder, today: date, days: WorkingDays, *, resting: bool) -> int:
    """The rung on which an open case stands after today's run: one higher at most.

    It climbs on working days only, and only when the rung below was sent that many whole working days
    before, counted by date.
    """
    above = case.rung + 1
    if resting or above > ladder.top or case.sent_on is None or not days.is_working(today):
        return case.rung
    return above if days.waited(case.sent_on, today) >= ladder.after[above] else case.rung


def earliest_day(rung: int, sent_on: date, ladder: Ladder, days: WorkingDays) -> date | None:
    """The first day on which the rung above may be told when this one is sent on `sent_on`."""
    above = rung + 1
    if above > ladder.top:
        return None
    return days.after(sent_on, ladder.after[above])
