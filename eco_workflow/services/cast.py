"""The demo's cast: units that answer, answer late, or never do, the same way on every replay."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from eco_workflow.domain.answers import Answer, Question

SEED = 20220314

PROMPT, LATE, SILENT = "prompt", "late", "silent"
SHARES = {PROMPT: 0.6, LATE: 0.2, SILENT: 0.2}

NOTES = (
    "演示数据\uff1a资料已收集",
    "演示数据\uff1a方案已印发",
    "演示数据\uff1a现场核查中",
    "演示数据\uff1a数据待上级确认",
)
BLOCKERS = ("", "", "", "", "演示数据\uff1a缺少上年统计口径")


@dataclass(frozen=True)
class Member:
    """A unit of the cast: its habit, and after how many working days it answers a request."""

    unit: str
    habit: str
    days: int


class Cast:
    """Decides who answers on which day, and what; made up from a fixed seed."""

    def __init__(self, units: list[str]) -> None:
        chance = random.Random(SEED)  # noqa: S311 (a replay, not a secret)
        self.members = []
        for unit in units:
            [habit] = chance.choices(list(SHARES), weights=list(SHARES.values()))
            days = {PROMPT: chance.randint(1, 2), LATE: chance.randint(4, 7), SILENT: 0}[habit]
            self.members.append(Member(unit, habit, days))
        self._chance = chance

    def answering(self, waited: int) -> Iterator[Member]:
        """Members whose day it is when `waited` working days have passed since the round opened."""
        return (member for member in self.members if member.habit != SILENT and member.days == waited)

    def clock(self) -> time:
        """When in the working day an answer comes."""
        return time(self._chance.randint(9, 16), self._chance.randint(0, 59))

    def answer(self, question: Question, on: date) -> Answer:
        """What is answered; every word is marked as a demo's. Nothing ever occurs in a demo."""
        note = f"{self._chance.choice(NOTES)}\uff08{on.month}月{on.day}日\uff09"
        blocker = self._chance.choice(BLOCKERS)
        if question == "yes_no":
            return Answer(progress=True)
        if question == "occurred":
            return Answer(occurred=False, note=note)
        return Answer(status="in_progress", note=note, blocker=blocker)
