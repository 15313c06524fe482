"""Two engines on one PostgreSQL: whoever comes first does the day's work, and nobody hears anything twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eco_workflow.log import keep_log, note
from eco_workflow.settings import Settings
from flows.wiring import Order, run_directly
from tests.office import at
from tests.reliability.world import Small, plan_file
from tests.soak.both_up import Did, did
from tests.soak.mail_sink import mail_sink
from tests.soak.race import UNITS, race
from tests.soak.two_engines import wrong


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_of_two_engines_that_start_at_the_same_moment_one_does_the_work(
    database: str, tmp_path: Path
) -> None:
    """Three rounds and the mornings between them, in two processes."""
    with mail_sink() as sink:
        found = race(database, tmp_path, sink, rounds=3)
    assert (found["lost"], found["doubled"], found["broken"], found["troubles"]) == ([], [], [], [])
    assert (found["not arrived"], found["not sent"]) == ([], [])
    assert found["rounds"] == 3
    assert wrong(found, 3) == []
    assert wrong(found, 4) == ["3 rounds of 4"]
    assert wrong({**found, "claimed by each": [13, 0]}, 3) == ["claimed by each: [13, 0]"]
    assert sum(found["claimed by each"]) == found["mornings"]
    assert sum(found["sent by each"]) == found["arrived"] > 3 * UNITS


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[list[Path]]:
    """Two ECO_HOMEs, into whose logs this process may write."""
    yield [tmp_path / "one", tmp_path / "other"]
    keep_log(None)


def test_which_of_two_engines_did_the_work_is_read_in_the_log_of_each(
    tmp_path: Path, homes: list[Path]
) -> None:
    """One does two mornings; the other comes too late for both, and its runner died meanwhile."""
    url = f"sqlite:///{tmp_path / 'eco.db'}"
    Small(url, tmp_path, plan=plan_file(tmp_path)).open()
    for home in homes:
        home.mkdir()
        keep_log(home)
        for day in ("2022-03-14", "2022-03-15"):
            run_directly(Settings(home=home, database_url=url), Order(now=at(day), actor="schedule"))
    note("runner ended", number=1, state="signal 9")
    assert [did(home) for home in homes] == [Did(2, 3, ()), Did(0, 0, ("runner ended",))]


def test_two_eco_up_of_which_one_was_idle_or_ended_are_not_taken_for_two() -> None:
    found = {
        "rounds": 100, "claimed by each": [60, 41], "sent by each": [200, 190], "did not live": [],
        "not arrived": [], "not sent": [], "processes left": [],
    }  # fmt: skip
    assert wrong(found, 100) == []
    assert wrong({**found, "sent by each": [390, 0]}, 100) == ["sent by each: [390, 0]"]
    assert wrong({**found, "claimed by each": [0, 101]}, 100) == ["claimed by each: [0, 101]"]
    assert wrong({**found, "did not live": ["up-one: eco up ended"]}, 100) == ["did not live"]
    assert wrong({**found, "not sent": ["a"], "processes left": ["b"]}, 100) == ["not sent", "processes left"]
