"""The plans of one transaction and the moment they are decided at."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, TextClause

from eco_workflow.domain.working_days import WorkingDays


@dataclass(frozen=True)
class Batch:
    """Plans claimed by this run (at most 100), its day and instant, and the calendar."""

    plans: tuple[int, ...]
    today: date
    now: datetime
    days: WorkingDays

    @property
    def is_working_day(self) -> bool:
        """Rungs and summaries move on working days only (DOMAIN 5)."""
        return self.days.is_working(self.today)

    def run(self, connection: Connection, statement: TextClause, **more: Any) -> int:
        """Executes a statement with the batch's parameters; returns the number of rows it wrote."""
        known = {"plans": self.plans, "today": self.today, "now": self.now, **more}
        wanted = {name: known[name] for name in statement._bindparams}
        return connection.execute(statement, wanted).rowcount
