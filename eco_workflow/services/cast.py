"""The demo's cast: units that answer, answer late, or long do not, the same way on every replay."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from eco_workflow.domain.answers import Answer, Question
from eco_workflow.domain.assigned import is_assigned
from eco_workflow.plans import schema
from eco_workflow.services.demo_figures import PERIOD, claimed

SEED = 20220314

PROMPT, LATE, SILENT = "prompt", "late", "silent"
SHARES = {PROMPT: 0.6, LATE: 0.2, SILENT: 0.2}

CLAIMS_FROM = {PROMPT: date(2022, 2, 1), LATE: date(2022, 6, 1), SILENT: date(2022, 7, 14)}
"""Until then members of that habit only say that they are at it; silent ones say nothing at all."""
WOKEN_DAYS = 2
"""After so many working days a silent member answers once it answers."""
EVER_SILENT = ("jiaoyuju",)

NOTES = (
    "演示数据\uff1a资料已收集",
    "演示数据\uff1a方案已印发",
    "演示数据\uff1a现场核查中",
    "演示数据\uff1a数据待上级确认",
)
BLOCKERS = ("", "", "", "", "演示数据\uff1a缺少上年统计口径")
DONE = "演示数据\uff1a已完成\uff0c资料齐全"

EARLY = ("I01", "I04", "P3")
"""What is claimed in April; what else can be claimed, in May."""


@dataclass(frozen=True)
class Said:
    """What is said of an item from a day on."""

    since: date
    status: str = "completed"
    value: str = ""
    period: str = ""


BY_DATE = {
    **dict.fromkeys(("M1.1", "M1.2", "M1.3"), (Said(date(2022, 2, 1)),)),
    "M2.1": (Said(date(2022, 5, 28)),),
    "M2.2": (Said(date(2022, 8, 14)),),
    "M2.3": (Said(date(2022, 8, 14)),),
    "M3.1": (Said(date(2022, 7, 14)),),
    "M3.2": (Said(date(2022, 8, 14)),),
    "M3.3": (Said(date(2022, 8, 14)),),
    "M3.4": (Said(date(2022, 8, 28)),),
    **dict.fromkeys(("M4.1", "M4.2", "M4.3"), (Said(date(2022, 12, 14)),)),
    # Closed out in summer, fallen with the figure of the third quarter, mended in November.
    "I24": (
        Said(date(2022, 6, 1), "completed", "96", PERIOD),
        Said(date(2022, 10, 20), "in_progress"),
        Said(date(2022, 11, 14), "completed", "96.4", "2022-10"),
    ),
    "I27": (
        Said(date(2022, 6, 1), "in_progress", "76", PERIOD),
        Said(date(2022, 7, 14), "completed", "82", "2022-Q2"),
    ),
    "I28": (
        Said(date(2022, 6, 1), "in_progress", "14.2", PERIOD),
        Said(date(2022, 11, 14), "completed", "16.3", "2022-10"),
    ),
    "I30": (Said(date(2022, 6, 28), "completed", "52", PERIOD),),
}
"""Items with a story of their own: the office's milestones, what has an extension, and what falls short."""


SURVEYED = {("diaochadui", code) for code in ("I32", "I35", "I36")}
"""What a unit gives by a survey of its own (the story has it held): its answers then need no figure."""


def said_in(plan: schema.Plan) -> dict[str, Sequence[Said]]:
    """What a unit says of each item once it claims it, oldest first."""
    of_policies = {policy.id: "" for policy in plan.policies}
    values = of_policies | {indicator.id: claimed(indicator) for indicator in plan.indicators}
    said: dict[str, Sequence[Said]] = {
        code: (Said(date(2022, 4 if code in EARLY else 5, 1), "completed", value, PERIOD if value else ""),)
        for code, value in values.items()
    }
    return {**said, **BY_DATE}


@dataclass(frozen=True)
class Member:
    """A unit of the cast: its habit, and after how many working days it answers a request."""

    unit: str
    habit: str
    days: int

    def answers(self, on: date) -> bool:
        """Whether it answers at all on a day."""
        return self.habit != SILENT or (on >= CLAIMS_FROM[SILENT] and self.unit not in EVER_SILENT)


class Cast:
    """Decides who answers on which day, and what; made up from a fixed seed."""

    def __init__(self, units: list[str], said: Mapping[str, Sequence[Said]]) -> None:
        chance = random.Random(SEED)  # noqa: S311 (a replay, not a secret)
        self.members = []
        for unit in units:
            [habit] = chance.choices(list(SHARES), weights=list(SHARES.values()))
            days = {PROMPT: chance.randint(1, 2), LATE: chance.randint(4, 7), SILENT: WOKEN_DAYS}[habit]
            self.members.append(Member(unit, habit, days))
        self._said = said
        self._chance = chance

    def answering(self, waited: int, on: date) -> Iterator[Member]:
        """Members whose day it is when `waited` working days have passed since the round opened."""
        return (member for member in self.members if member.days == waited and member.answers(on))

    def clock(self) -> time:
        """When in the working day an answer comes."""
        return time(self._chance.randint(9, 16), self._chance.randint(0, 59))

    def answer(self, member: Member, code: str, question: Question, on: date) -> Answer:
        """What is answered to a request; every word is marked as a demo's. What occurs the story tells."""
        note = f"{self._chance.choice(NOTES)}\uff08{on.month}月{on.day}日\uff09"
        blocker = self._chance.choice(BLOCKERS)
        if question == "yes_no":
            return Answer(progress=True)
        if question == "occurred":
            return Answer(occurred=False, note=note)
        said = self._stands(member, code, on)
        if said is None:
            return Answer(status="in_progress", note=note, blocker=blocker)
        done = said.status == "completed"
        by_survey = (member.unit, code) in SURVEYED
        return Answer(
            said.status,
            value="" if by_survey else said.value,
            period="" if by_survey else said.period,
            note=DONE if done else note,
            blocker="" if done else blocker,
        )

    def _stands(self, member: Member, code: str, on: date) -> Said | None:
        """What the member says of an item on a day; None where it is only at it."""
        if on < CLAIMS_FROM[member.habit]:
            return None
        if is_assigned(code):
            return Said(on)
        return next((said for said in reversed(self._said.get(code, ())) if said.since <= on), None)
