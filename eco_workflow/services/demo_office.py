"""What people do in the demo by themselves: units answer and bring files, the offices review and release."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from sqlmodel import col, select

from eco_workflow.domain.answers import Question
from eco_workflow.domain.clock import instant
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services import evidence, evidence_review, progress, release_summary, review
from eco_workflow.services.cast import Cast, Member
from eco_workflow.services.find import host_of, item_named, plan_named
from eco_workflow.services.gaps import gaps
from eco_workflow.services.look import owed_codes
from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Entry, Evidence, Item, Round, RoundSummary, Unit

MARKING = "演示数据"
OPERATOR = Actor(f"{MARKING}·创建办", frozenset({Role.OPERATOR}))
SUPERVISOR = Actor(f"{MARKING}·督查室", frozenset({Role.SUPERVISOR}))
LEADER = Actor(f"{MARKING}·领导小组", frozenset({Role.LEADER}))

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

    settings: Settings
    database: Database
    plan: str
    days: WorkingDays
    question: Callable[[str], Question]
    cast: Cast

    def answers(self, opened_on: date, day: date) -> int:
        """Those whose day it is answer what they owe in the newest round; how many entries."""
        waited = self.days.waited(opened_on, day)
        return sum(self._answers_of(member, day) for member in self.cast.answering(waited, day))

    def _answers_of(self, member: Member, day: date) -> int:
        with self.database.read() as session:
            codes = owed_codes(session, self.plan, member.unit)
        claimed = []
        for code in codes:
            answer = self.cast.answer(member, code, self.question(code), day)
            if answer.status == "completed" and code[0] in "IP":
                claimed.append(code)
            progress.submit(
                self.database,
                member.unit,
                code,
                answer,
                now=instant(day, self.cast.clock()),
                by=liaison(member.unit),
                plan=self.plan,
            )
        if claimed:
            self.bring(member.unit, claimed, instant(day, self.cast.clock()))
        return len(codes)

    def bring(
        self, unit: str, items: Iterable[str], now: datetime, *, only: str = "", year: int = 2021
    ) -> list[int]:
        """A unit brings a file for all that its items lack, or for one requirement; the numbers they got."""
        with self.database.read() as session:
            lacking = gaps(session, plan_named(session, self.plan), list(items))
        return [
            self._bring(unit, gap.item, gap.requirement, year if gap.year else None, gap.title, now)
            for gap in lacking
            if gap.why != "pending" and only in ("", gap.requirement)
        ]

    def _bring(
        self, unit: str, item: str, requirement: str, year: int | None, title: str, now: datetime
    ) -> int:
        folder = self.settings.home / "brought"
        folder.mkdir(exist_ok=True)
        file: Path = folder / f"{MARKING}-{item}-{requirement}.txt"
        file.write_text(f"{MARKING}\uff1a{item} {title}\n{unit} {now:%Y-%m-%d}\n", encoding="utf-8")
        made = evidence.add(
            self.database, self.settings, item, requirement, str(file),
            year=year, unit=unit, now=now, by=liaison(unit), plan=self.plan,
        )  # fmt: skip
        return made.number

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
        """On a Friday all that was submitted and brought is accepted, the host bureau's by the supervision
        office.
        """
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
        now = instant(day, END_OF_DAY)
        for unit, item, on in waiting:
            by = SUPERVISOR if unit == host else OPERATOR
            review.accept(self.database, unit, item, now=now, by=by, plan=self.plan, round_on=on)
        said = [f"{len(waiting)} answers accepted"] if waiting else []
        files = self.accept_files(now)
        return said + ([f"{files} files accepted"] if files else [])

    def accept_files(self, now: datetime, items: Iterable[str] = ()) -> int:
        """Files that wait are accepted, of these items or of all; how many."""
        with self.database.read() as session:
            plan_row = plan_named(session, self.plan)
            waiting = select(Evidence).where(Evidence.plan_id == plan_row.id, Evidence.state == "pending")
            if named := [item_named(session, plan_row, item).id for item in items]:
                waiting = waiting.where(col(Evidence.item_id).in_(named))
            found = [
                (
                    row.id or 0,
                    evidence.is_of_host(session, plan_row, row.item_id, session.get_one(Unit, row.unit_id)),
                )
                for row in session.exec(waiting.order_by(col(Evidence.id)))
            ]
        for number, of_host in found:
            by = SUPERVISOR if of_host else OPERATOR
            evidence_review.accept(self.database, self.settings, number, now=now, by=by)
        return len(found)
