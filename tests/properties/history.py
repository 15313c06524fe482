"""A history from one number: a plan, a first day, and what everybody does on the days after it."""

import random
from dataclasses import dataclass
from datetime import date

from eco_workflow.domain.messages import Result
from eco_workflow.plans.load import LoadedPlan
from tests.properties.plan import UNITS, random_shape, small_plan


@dataclass(frozen=True)
class Deed:
    """Something somebody does; the number chooses among what is possible at that moment."""

    what: str
    unit: str
    n: int


@dataclass(frozen=True)
class Day:
    """A day with a run: how long after the last, who does what, what becomes of the mail."""

    gap: int
    before: list[Deed]
    race: list[Deed]
    """Between the decision and the delivery."""
    fate: dict[str, Result]
    between: list[Deed]
    """Between the first delivery and the second."""
    after: list[Deed]


WHAT = (
    *("answer",) * 6, *("part",) * 2, *("claim",) * 3, *("recall",) * 4, *("return",) * 4, *("accept",) * 2,
    *("review",) * 3, *("publish",) * 2,
    "end", *("add",) * 3, *("replace",) * 2, *("retry",) * 4, *("settle",) * 4,
    *("adhoc",) * 2, "hold", *("release",) * 4,
    *("extend",) * 3, *("decide",) * 3,
    *("suspend",) * 2, "drop", *("confirm",) * 3, *("resume",) * 2, "merge",
    *("tell",) * 2, *("remind",) * 3, *("sign",) * 4,
)  # fmt: skip
GAPS = (1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 11, 16)
ADDRESSES = [f"{role}@{unit}.example" for unit in UNITS for role in ("liaison", "leader")]
NOT_TAKEN = (Result.REFUSED, Result.REJECTED, Result.LATER, Result.NO_ANSWER)


@dataclass(frozen=True)
class History:
    """Neighbouring numbers have nothing in common."""

    plan: LoadedPlan
    starts: date
    days: list[Day]


def history(seed: int) -> History:
    """The history of that number; an office is busy, calm or in trouble."""
    chance = random.Random(seed)
    busy, trouble = chance.choice((0.5, 2.0, 5.0)), chance.choice((0.0, 0.1, 0.4))

    def deeds(much: float) -> list[Deed]:
        count = int(much) + (chance.random() < much % 1)
        return [Deed(chance.choice(WHAT), chance.choice(UNITS), chance.randrange(24)) for _ in range(count)]

    def day() -> Day:
        fate: dict[str, Result] = {}
        if chance.random() < trouble:
            fate = {who: chance.choice(NOT_TAKEN) for who in chance.sample(ADDRESSES, chance.randint(1, 3))}
        gap = chance.choice(GAPS) if chance.random() > 0.02 else 46
        return Day(gap, deeds(busy), deeds(busy / 4), fate, deeds(busy / 3), deeds(busy / 2))

    shape = random_shape(chance)
    starts = chance.choice(shape.season.first_days)
    return History(small_plan(shape), starts, [day() for _ in range(chance.randint(10, 26))])
