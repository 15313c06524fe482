"""The review clock in a run: what waits for the office's decision makes the office late (DOMAIN 4).

One case per plan, on the ladder of the report clock, which ends with the supervision office.
"""

from datetime import date, datetime, time

from sqlalchemy import Connection, TextClause

from eco_workflow.domain.clock import instant
from eco_workflow.domain.overdue import DAYS_TO_RELEASE
from eco_workflow.domain.working_days import ONE_DAY, WorkingDays
from eco_workflow.store.decide.batch import Batch
from eco_workflow.store.decide.waiting import OFFICE_IS_LATE
from eco_workflow.store.sql import sql

REVIEW_DAYS = sql("SELECT DISTINCT review_days FROM plan WHERE id IN :plans")

CLOSE = sql(f"""
    UPDATE ladder_case SET closed_on = :today, closed_why = 'no_longer_late'
    WHERE plan_id IN :plans AND closed_on IS NULL AND clock = 'review'
      AND EXISTS (SELECT 1 FROM plan p WHERE p.id = ladder_case.plan_id AND p.review_days = :review_days
                  AND NOT {OFFICE_IS_LATE})
""")

OPEN = sql(f"""
    INSERT INTO ladder_case
        (plan_id, unit_id, clock, item_id, ladder_id, rung, round_id, opened_on, closed_why, announced)
    SELECT p.id, p.office_unit_id, 'review', 0, p.ladder_id, 1, 0, :today, '', FALSE
    FROM plan p
    WHERE p.id IN :plans AND p.review_days = :review_days
      AND NOT EXISTS (SELECT 1 FROM ladder_case c
                      WHERE c.plan_id = p.id AND c.unit_id = p.office_unit_id AND c.clock = 'review'
                        AND c.item_id = 0 AND c.closed_on IS NULL)
      AND {OFFICE_IS_LATE}
""")


def close(connection: Connection, batch: Batch) -> int:
    """Closes the case of every office for which nothing waits that long any more; returns how many."""
    return _run(connection, batch, CLOSE)


def open_cases(connection: Connection, batch: Batch) -> int:
    """Opens a case at rung 1 for every office that has become late; returns how many. Working days only."""
    return _run(connection, batch, OPEN)


def _run(connection: Connection, batch: Batch, statement: TextClause) -> int:
    found = connection.execute(REVIEW_DAYS, {"plans": batch.plans}).scalars().all()
    return sum(
        batch.run(connection, statement, review_days=days, **cut_offs(days, batch.today, batch.days))
        for days in found
    )


def cut_offs(review_days: int, today: date, days: WorkingDays) -> dict[str, date | datetime]:
    """The last days since which what waits today has waited too long, as the statements name them."""
    cut_off = days.cut_off(today, review_days + 1)
    return {
        "cut_off": cut_off,
        "at": instant(cut_off + ONE_DAY, time()),
        "draft_cut_off": days.cut_off(today, DAYS_TO_RELEASE + 1),
    }
