"""Since when a case is late: one answer for mails, lists, status and JSON (DOMAIN 3.4, 5)."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.store.tables import Breach, Case

_LET_PASS = (
    select(Breach.case_id, Breach.due_at)
    .where(col(Breach.case_id).in_(bindparam("cases", expanding=True)))
    .order_by(col(Breach.round_id).desc())
)


def silent_since(session: Session, cases: Collection[Case]) -> dict[int, datetime]:
    """Case id → the due time that its unit let pass first; for cases on the report clock.

    An answer in time that was returned has a due time of its own, and only that can be let pass.
    """
    rows = session.exec(_LET_PASS, params={"cases": [case.id for case in cases]})
    return dict(rows.all())


def late_since(session: Session, case: Case) -> date | None:
    """The day whose end was let pass: the item's due date, or that of the first answer missed.

    None on the review clock, where what waits says since when, and of a silence that turned out to be none.
    """
    if case.clock != "report":
        return case.due_on
    let_pass = silent_since(session, [case]).get(case.id or 0)
    return shanghai_date(let_pass) if let_pass else None
