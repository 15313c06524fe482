"""Generated histories: weeks of an office's life, done to the product and to the model alike."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.properties.conftest import MakeWorld
from tests.properties.deeds import do
from tests.properties.history import Deed, History, history
from tests.properties.rules import broken_rules, everything, untold_lateness
from tests.properties.views import wrong_views
from tests.properties.world import World

EXAMPLES = int(os.environ.get("ECO_EXAMPLES", "0"))
"""How many histories a long run lives through on SQLite; a fifth of them on PostgreSQL."""
LONG_RUN = 200
STEPS = 10_000
"""Deeds, runs and deliveries that a long run does at least."""

steady = settings(
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # a seed does not shrink; a failure tells its whole story
    suppress_health_check=list(HealthCheck),
)


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
        check_lateness(world)
        do_all(world, day.race)
        world.at("09:05")
        world.deliver(day.fate)
        world.at("10:00")
        do_all(world, day.between)
        if number % 5 == 0 and today in world.books.runs:
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
        if today > world.loaded.plan.ends_on:
            break
    check(world)


def do_all(world: World, deeds: list[Deed]) -> None:
    """One after the other."""
    for deed in deeds:
        do(world, deed)


def check_lateness(world: World) -> None:
    """A run leaves nothing that is late without its case."""
    ran = world.today in world.books.runs and world.books.held is None
    if ran and world.books.days(world.today).is_working(world.today):
        wrong = list(untold_lateness(world.database, world.now))
        assert not wrong, world.failure("\n".join(wrong))


def check(world: World) -> None:
    """The rules hold whatever the model says, and everything that people look at counts the same."""
    wrong = list(broken_rules(world.database, world.days, world.now))
    with world.database.read() as session:
        wrong += wrong_views(session, world.books, world.now, world.days)
    assert not wrong, world.failure("\n".join(wrong))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_product_does_what_the_model_does(
    make_world: MakeWorld, record_property: Callable[[str, object], None]
) -> None:
    """Rounds, requests, entries, cases, tellings and letters agree after every step of every history."""
    hold(make_world, EXAMPLES or 10, record_property)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_the_product_does_the_same_on_postgresql(
    make_world: MakeWorld, record_property: Callable[[str, object], None]
) -> None:
    """The same statements mean the same there."""
    hold(make_world, max(EXAMPLES // 5, 3), record_property)


def hold(make_world: MakeWorld, examples: int, record_property: Callable[[str, object], None]) -> None:
    """Lives through that many histories and says how many steps they took."""
    steps = 0

    @settings(steady, max_examples=examples)
    @given(st.integers(0, 2**32 - 1))
    def lives(seed: int) -> None:
        nonlocal steps
        lived = history(seed)
        world = make_world(lived.plan)
        live(world, lived)
        steps += world.steps

    lives()
    record_property("steps", f"{steps:,} steps in {examples} histories")
    assert examples < LONG_RUN or steps >= STEPS, f"a long run does {STEPS:,} steps, this one did {steps:,}"
