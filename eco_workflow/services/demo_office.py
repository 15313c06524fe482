"""What people do in the demo: units answer, and an operator and a supervisor review and release."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

from sqlmodel import col, select

from eco_workflow.domain.answers import Question
from eco_workflow.domain.clock import instant
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services import progress, release_summary, review
from eco_workflow.services.cast import Cast, Member
from eco_workflow.services.find import host_of, plan_named
from eco_workflow.services.look import owed_codes
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Entry, Item, Round, RoundSummary, Unit

MARKING = "演示数据"
OPERATOR = Actor(f"{MARKING}·创建办", frozenset({Role.OPERATOR}))
SUPERVISOR = Actor(f"{MARKING}·督查室", frozenset({Role.SUPERVISOR}))

END_OF_DAY = time(17, 30)
"""When the office reviews and releases: after the day's answers, and after what the story has happen."""

REVIEW_ON = 4
"""The weekday, a Friday: answers wait a week at most, and the office is late after ten working days."""


def liaison(unit: str) -> Actor:
    """Who answers for a unit."""
    return Actor(f"{MARKING}·{unit}", frozenset({Role.LIAISON}), unit)


@dataclass(frozen=True)
class DemoOffice:
    """The office of one replayed plan. `days`: the published calendar."""

    database: Database
    plan: str
    days: WorkingDays
    question: Callable[[str], Question]
    cast: Cast

    def answers(self, opened_on: date, day: date) -> int:
        """Those whose day it is answer what they owe in the newest round; how many entries."""
        waited = self.days.waited(opened_on, day)
        return sum(self._answers_of(member, day) for member in self.cast.answering(waited))

    def _answers_of(self, member: Member, day: date) -> int:
        with self.database.read() as session:
            codes = owed_codes(session, self.plan, member.unit)
        for code in codes:
            progress.submit(
                self.database,
                member.unit,
                code,
                self.cast.answer(member, code, self.question(code), day),
                now=instant(day, self.cast.clock()),
                by=liaison(member.unit),
                plan=self.plan,
            )
        return len(codes)

    def releases(self, day: date) -> list[str]:
        """Every summary that was drafted is released; what was done, in words."""
        with self.database.read() as session:
            drafts = session.exec(
                select(col(Round.on_date), col(Round.kind))
                .join(RoundSummary, col(RoundSummary.round_id) == Round.id)
                .where(RoundSummary.plan_id == plan_named(session, self.plan).id)
                .where(col(RoundSummary.released_on).is_(None))
            ).all()
        now = instant(day, END_OF_DAY)
        for on, kind in drafts:
            release_summary.release(self.database, on, kind=kind, now=now, by=OPERATOR, plan=self.plan)
        return [f"summary of {on:%m-%d} released" for on, _ in drafts]

    def reviews(self, day: date) -> list[str]:
        """On a Friday all that was submitted is accepted, the host bureau's by the supervision office."""
        if day.weekday() != REVIEW_ON:
            return []
        with self.database.read() as session:
            plan_row = plan_named(session, self.plan)
            host = host_of(session, plan_row)
            waiting = session.exec(
                select(col(Unit.code), col(Item.code), col(Round.on_date))
                .join(Entry, col(Entry.unit_id) == Unit.id)
                .join(Item, col(Item.id) == Entry.item_id)
                .join(Round, col(Round.id) == Entry.round_id)
                .where(Round.plan_id == plan_row.id, Entry.state == "submitted")
                .order_by(col(Round.id), col(Unit.id), col(Item.id))
            ).all()
        for unit, item, on in waiting:
            by = SUPERVISOR if unit == host else OPERATOR
            now = instant(day, END_OF_DAY)
            review.accept(self.database, unit, item, now=now, by=by, plan=self.plan, round_on=on)
        return [f"{len(waiting)} answers accepted"] if waiting else []
