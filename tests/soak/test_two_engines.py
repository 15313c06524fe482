"""Two engines on one PostgreSQL: whoever comes first does the day's work, and nobody hears anything twice."""

from pathlib import Path

import pytest

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
    assert not wrong(found, 3)
    assert wrong(found, 4)
    assert wrong({**found, "claimed by each": [found["mornings"], 0]}, 3)
    assert sum(found["claimed by each"]) == found["mornings"]
    assert sum(found["sent by each"]) == found["arrived"] > 3 * UNITS
