"""What a whole run came to: decided, delivered, and what stands open after it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from eco_workflow.domain.english import counted
from eco_workflow.services.deliver import Delivered
from eco_workflow.services.dispatch import Decision
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Case, Line, Message, Plan


@dataclass(frozen=True)
class RunResult:
    """A decision, its delivery, the open cases after it, and the supervision alerts it sent."""

    decision: Decision
    delivered: Delivered
    open_cases: int
    alerts: tuple[int, ...]
    """Ids of the messages sent in this run that alert a supervision office."""
    waiting: int
    """Messages of the day that nobody has taken yet, but for those of held plans."""

    @property
    def withdrawn(self) -> int:
        """Messages withdrawn in this run: their day had passed, or nothing was left to say."""
        return self.decision.withdrawn + self.delivered.withdrawn

    @property
    def troubles(self) -> list[str]:
        """What a person must look at before this counts as done, one line each."""
        told = [f"{plan}: {why}" for plan, why in self.decision.stopped.items()]
        told += [f"{plan} could not be decided: {why}" for plan, why in self.decision.broken.items()]
        if self.waiting:
            wait = "message was not taken and waits", "messages were not taken and wait"
            told.append(
                f"{counted(self.waiting, *wait)} for the next delivery "
                f"(last answer: {self.delivered.last_answer})."
            )
        return told

    def as_json(self) -> dict[str, Any]:
        """The counts that `eco dispatch --json` prints; `provisional` only where the calendar is."""
        counts = {
            "round": self.decision.round,
            "opened": self.decision.opened,
            "requests": self.decision.requests,
            "entries": self.decision.entries,
            "rungs": self.decision.rungs,
            "messages": self.decision.messages,
            "sent": self.delivered.sent,
            "failed": self.delivered.failed,
            "unknown": self.delivered.unknown,
        }
        return counts | ({"provisional": True} if self.decision.provisional else {})


def conclude(database: Database, decision: Decision, delivered: Delivered, on: date) -> RunResult:
    """Looks once more at what stands after a run."""
    with database.read() as session:
        open_cases = session.exec(select(func.count()).where(col(Case.closed_on).is_(None))).one()
        alerts = session.exec(
            select(Message.id)
            .distinct()
            .join(Line, col(Line.message_id) == Message.id)
            .where(Message.state == "sent", Message.sent_at == decision.now, Message.sent_on == on)
            .where(Line.kind == "alert", col(Line.dropped).is_(False))
            .order_by(col(Message.id))
        ).all()
        pending = session.exec(
            select(func.count(col(Message.id)))
            .join(Plan, col(Plan.id) == Message.plan_id)
            .where(Message.state == "pending", Message.on_date == on, col(Plan.held_since).is_(None))
        ).one()
    ours = set(delivered.sent_ids)
    return RunResult(decision, delivered, open_cases, tuple(i for i in alerts if i in ours), pending)
