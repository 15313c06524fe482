"""What waits for the office's decision, counted: for the light, the case and what mails say of it (DOMAIN 4).

What counts is said in one place, `store/decide/waiting`, for the run and for those who look.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session

from eco_workflow.domain.clock import instant, shanghai_date
from eco_workflow.domain.overdue import DAYS_TO_RELEASE
from eco_workflow.domain.working_days import ONE_DAY, WorkingDays
from eco_workflow.store.decide.late import WAITING
from eco_workflow.store.decide.reviews import cut_offs
from eco_workflow.store.decide.waiting import SINCE
from eco_workflow.store.tables import Plan

SUMMARY = "summary"


@dataclass(frozen=True)
class Waiting:
    """Things of one kind that wait for the office: how many, since when, and how long they may."""

    kind: str
    """`answer`, `step`, `extension`, `proposal`, `evidence` or `summary`."""
    count: int
    since: date
    """The day from which the oldest has waited; of a summary the day of its draft."""
    waited: int
    """Whole working days since then."""
    within: int
    """Whole working days after which it is late."""

    @property
    def days_late(self) -> int:
        """Whole working days beyond those it may wait."""
        return max(self.waited - self.within, 0)


def waiting(session: Session, plan: Plan, today: date, days: WorkingDays) -> list[Waiting]:
    """All that waits for the office's decision, and of summaries those that are late, longest first."""
    late = cut_offs(plan.review_days, today, days)
    now = {"cut_off": today, "at": instant(today + ONE_DAY, time()), "draft_cut_off": late["draft_cut_off"]}
    return _counted(session, plan, today, days, now)


def late_reviews(session: Session, plan: Plan, today: date, days: WorkingDays) -> list[Waiting]:
    """What has waited too long, longest first; nothing where the office is not late. `days`: the plan's."""
    return _counted(session, plan, today, days, cut_offs(plan.review_days, today, days))


def _counted(
    session: Session, plan: Plan, today: date, days: WorkingDays, until: dict[str, date | datetime]
) -> list[Waiting]:
    row = session.connection().execute(WAITING, {"plan": plan.id, "today": today, **until}).mappings().one()
    found = []
    for kind in SINCE:
        since = row[f"{kind}_since"]
        if since is not None:
            day = shanghai_date(since) if kind == "proposal" else since
            within = DAYS_TO_RELEASE if kind == SUMMARY else plan.review_days
            found.append(Waiting(kind, row[f"{kind}_count"], day, days.waited(day, today), within))
    return sorted(found, key=lambda one: (-one.days_late, one.since))
