"""The demo's cast: units that answer, answer late, or never do, the same way on every replay."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal

from eco_workflow.domain.answers import Answer, Question
from eco_workflow.plans import schema
from eco_workflow.plans.targets import Bound, Stated

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
DONE = "演示数据\uff1a已完成\uff0c资料齐全"

PHASE_1 = ("M1.1", "M1.2", "M1.3")
EARLY = ("I01", "I04", "P3")
"""What is claimed in April; the rest of what can be claimed, in May."""
LAST = ("M2.1", "M2.3")
"""The office's own, claimed with the last round; M2.2 is not: it waits for what the units still owe."""
NEVER = ("I30",)
"""What a prompt unit asks an extension for instead."""

FIGURES_OF = "2021"
"""The period of every figure."""


@dataclass(frozen=True)
class Claim:
    """From which day a prompt unit claims an item completed, and with what figure."""

    since: date
    value: str = ""


def claims_in(plan: schema.Plan) -> dict[str, Claim]:
    """What can be claimed by a unit's own word: policies, and indicators with one test of a kind that needs
    no base and no figure from above.
    """
    values = {policy.id: "" for policy in plan.policies}
    for indicator in plan.indicators:
        match indicator.tests:
            case [Stated()]:
                values[indicator.id] = "是"
            case [Bound(at_least=Decimal() as bound)]:
                values[indicator.id] = f"{min(bound + 1, Decimal(100)) if indicator.unit == '%' else bound:f}"
    claims = {
        code: Claim(date(2022, 4 if code in EARLY else 5, 1), value)
        for code, value in values.items()
        if code not in NEVER
    }
    claims |= dict.fromkeys(PHASE_1, Claim(date(2022, 2, 1)))
    return claims | dict.fromkeys(LAST, Claim(date(2022, 5, 28)))


@dataclass(frozen=True)
class Member:
    """A unit of the cast: its habit, and after how many working days it answers a request."""

    unit: str
    habit: str
    days: int


class Cast:
    """Decides who answers on which day, and what; made up from a fixed seed."""

    def __init__(self, units: list[str], claims: Mapping[str, Claim]) -> None:
        chance = random.Random(SEED)  # noqa: S311 (a replay, not a secret)
        self.members = []
        for unit in units:
            [habit] = chance.choices(list(SHARES), weights=list(SHARES.values()))
            days = {PROMPT: chance.randint(1, 2), LATE: chance.randint(4, 7), SILENT: 0}[habit]
            self.members.append(Member(unit, habit, days))
        self._claims = claims
        self._chance = chance

    def answering(self, waited: int) -> Iterator[Member]:
        """Members whose day it is when `waited` working days have passed since the round opened."""
        return (member for member in self.members if member.habit != SILENT and member.days == waited)

    def clock(self) -> time:
        """When in the working day an answer comes."""
        return time(self._chance.randint(9, 16), self._chance.randint(0, 59))

    def answer(self, member: Member, code: str, question: Question, on: date) -> Answer:
        """What is answered; every word is marked as a demo's. Nothing ever occurs in a demo."""
        note = f"{self._chance.choice(NOTES)}\uff08{on.month}月{on.day}日\uff09"
        blocker = self._chance.choice(BLOCKERS)
        if question == "yes_no":
            return Answer(progress=True)
        if question == "occurred":
            return Answer(occurred=False, note=note)
        claim = self._claims.get(code)
        if claim is None or member.habit != PROMPT or on < claim.since:
            return Answer(status="in_progress", note=note, blocker=blocker)
        done = Answer(status="completed", note=DONE)
        return replace(done, value=claim.value, period=FIGURES_OF if claim.value else "")
