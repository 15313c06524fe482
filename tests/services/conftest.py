"""The real plan, active from 1 March 2022, before anybody was asked."""

from pathlib import Path

import pytest

from tests.office import Office


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """A creation office on the first day of the plan."""
    made = Office(database, tmp_path)
    made.open()
    return made
