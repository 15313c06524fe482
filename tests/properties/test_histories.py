"""Generated histories: months of an office's life, done to the product and to the model alike."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eco_workflow.domain.messages import Result
from tests.properties.plan import UNITS
from tests.properties.world import World, broken_rules, everything

EXAMPLES = int(os.environ.get("ECO_EXAMPLES", "0"))
LAST = date(2022, 6, 30)

steady = settings(
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # a seed does not shrink; a failure tells its whole story
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Deed:
    """Something somebody does; numbers choose among what is possible at that moment."""

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


WHAT = ("answer", "answer", "answer", "part", "claim", "recall", "recall", "return", "return", "accept",
        "end", "add", "add", "replace", "retry", "retry", "settle", "settle")  # fmt: skip
GAPS = (1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 11, 16)
STARTS = (date(2022, 3, 1), date(2022, 3, 14), date(2022, 4, 1), date(2022, 4, 12), date(2022, 5, 12))
ADDRESSES = [f"{role}@{unit}.example" for unit in UNITS for role in ("liaison", "leader")]
NOT_TAKEN = (Result.REFUSED, Result.REJECTED, Result.LATER, Result.NO_ANSWER)


@dataclass(frozen=True)
class History:
    """A plan, a first day and what follows, all from one number: neighbours have nothing in common."""

    plan: int
    starts: date
    days: list[Day]


def history(seed: int) -> History:
    """The history of that number; an office is busy, calm or in trouble."""
    chance = random.Random(seed)
    busy, trouble = chance.choice((0.2, 0.6, 1.5)), chance.choice((0.0, 0.1, 0.4))

    def deeds(much: float) -> list[Deed]:
        count = int(much) + (chance.random() < much % 1)
        return [Deed(chance.choice(WHAT), chance.choice(UNITS), chance.randrange(8)) for _ in range(count)]

    def day() -> Day:
        fate: dict[str, Result] = {}
        if chance.random() < trouble:
            fate = {who: chance.choice(NOT_TAKEN) for who in chance.sample(ADDRESSES, chance.randint(1, 3))}
        gap = chance.choice(GAPS) if chance.random() > 0.02 else 46
        return Day(gap, deeds(busy), deeds(busy / 4), fate, deeds(busy / 3), deeds(busy / 2))

    return History(chance.randrange(3), chance.choice(STARTS), [day() for _ in range(chance.randint(12, 32))])


def do(world: World, deed: Deed) -> None:
    """Does a deed if it is possible now."""
    unit, n = deed.unit, deed.n
    role = ("liaison", "leader")[n % 2]
    match deed.what:
        case "answer":
            world.answer(unit)
        case "part":
            world.answer(unit, keep=1)
        case "claim":
            world.answer(unit, keep=n % 2, status="completed")
        case "recall" | "return" | "accept" if submitted := world.submitted(unit):
            act = {"recall": world.recall, "return": world.give_back, "accept": world.accept}[deed.what]
            act(unit, submitted[n % len(submitted)])
        case "end":
            world.end(unit, role)
        case "add":
            world.add(unit, role)
        case "replace":
            world.end(unit, role)
            world.add(unit, role)
        case "retry" if failed := world.letters("failed"):
            world.retry(failed[-1 - n % len(failed)])
        case "settle" if unknown := world.letters("unknown"):
            world.settle(unknown[-1 - n % len(unknown)], sent=n < 4)


def live(world: World, lived: History) -> None:
    """Lives through a history and compares after everything that decides, and at the end of every day."""
    today = lived.starts
    for number, day in enumerate(lived.days):
        world.go_to(today, "08:00")
        do_all(world, day.before)
        world.at("09:00")
        if world.decide().stopped:
            world.decide(confirmed=True)
        world.compare("the decision")
        do_all(world, day.race)
        world.at("09:05")
        world.deliver(day.fate)
        world.at("10:00")
        do_all(world, day.between)
        if number % 5 == 0:
            before = everything(world.database)
            world.decide()
            assert everything(world.database) == before, world.failure("a second run changed something")
        world.deliver()
        world.at("16:00")
        do_all(world, day.after)
        world.compare("the day")
        if number % 5 == 0:
            check(world)
        today += timedelta(days=day.gap)
        if today > LAST:
            break
    check(world)


def do_all(world: World, deeds: list[Deed]) -> None:
    """One after the other."""
    for deed in deeds:
        do(world, deed)


def check(world: World) -> None:
    """The rules hold whatever the model says."""
    wrong = list(broken_rules(world.database, world.days))
    assert not wrong, world.failure("\n".join(wrong))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_product_does_what_the_model_does(make_world: Callable[[int], World]) -> None:
    """Rounds, requests, entries, cases, tellings and letters agree after every step of every history."""
    hold(make_world, EXAMPLES or 15)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_the_product_does_the_same_on_postgresql(make_world: Callable[[int], World]) -> None:
    """The same statements mean the same there."""
    hold(make_world, max(EXAMPLES // 5, 3))


def hold(make_world: Callable[[int], World], examples: int) -> None:
    """Lives through that many histories."""

    @settings(steady, max_examples=examples)
    @given(st.integers(0, 2**32 - 1))
    def lives(seed: int) -> None:
        lived = history(seed)
        live(make_world(lived.plan), lived)

    lives()
