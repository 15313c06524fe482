"""Databases for generated histories: one for each, begun as a copy."""

from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path

import pytest

from eco_workflow.domain.clock import instant
from eco_workflow.plans.load import LoadedPlan
from eco_workflow.services.load_plan import activate
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.session import Database
from tests.first_days import database_once
from tests.properties.world import World

MakeWorld = Callable[[LoadedPlan], World]


@pytest.fixture
def make_world(database: str, tmp_path: Path) -> Iterator[MakeWorld]:
    """Makes a fresh office with a plan, in the place of the one made before."""
    made: list[Database] = []

    def make(loaded: LoadedPlan) -> World:
        for old in made:
            old.dispose()
        first = loaded.plan.rounds_from
        made[:] = [fresh := Database(database)]

        def schema() -> None:
            upgrade(fresh)
            fresh.dispose()

        database_once(database, tmp_path, "schema", schema)
        activate(fresh, loaded, active_from=first, now=instant(first, time(8)), actor="operator")
        return World(fresh, loaded, first)

    yield make
    for last in made:
        last.dispose()
