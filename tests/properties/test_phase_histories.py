"""Whatever people try about phases, in any order: what DOMAIN 7 forbids does not come about."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.first_days import keep_folder, restore_folder
from tests.office import Office, at
from tests.phase_office import agree, answer_all, county, launched, look
from tests.properties.phase_deeds import live
from tests.properties.phase_world import PhaseWorld
from tests.properties.test_histories import EXAMPLES, steady

STEPS = 60
MANY = 20
"""Histories in which phases are closed often: most begin behind the first closing."""


def begin(url: str, folder: Path, *, late: bool, agreed: bool) -> PhaseWorld:
    """On the second day of the first phase, or in the second one when nothing is missing, except, where it is
    not `agreed`, dates, target figures and what others set.
    """
    office = county(url, folder)
    if not late:
        office.once("first phase", lambda: _first_phase(office))
        return PhaseWorld(office, at("2022-03-02", "10:00"))
    name = "second phase" + ", agreed" * agreed
    kept = (f"evidence of the {name}", url.partition(":")[0])

    def second_phase() -> None:
        _second_phase(office, agreed=agreed)
        keep_folder(office.home / "evidence", kept)

    office.once(name, second_phase)
    restore_folder(office.home / "evidence", kept)
    return PhaseWorld(office, at("2022-03-11", "10:00"))


def _first_phase(office: Office) -> None:
    look(office, "2022-03-01", "launch")
    office.run("2022-03-01")


def _second_phase(office: Office, *, agreed: bool) -> None:
    launched(office)
    if agreed:
        agree(office, "2022-03-04")
    office.run("2022-03-07")
    answer_all(office)
    office.run("2022-03-10")
    office.release("2022-03-05", "2022-03-10")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_that_a_gate_forbids_comes_about(
    database: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """After every act and every refusal; see `PhaseWorld` for what is looked at."""
    hold(database, tmp_path, EXAMPLES or 3, record_property)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_nothing_that_a_gate_forbids_comes_about_on_postgresql(
    database: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    hold(database, tmp_path, max(EXAMPLES // 5, 1), record_property)


def hold(
    database: str, tmp_path: Path, examples: int, record_property: Callable[[str, object], None]
) -> None:
    """Lives through that many histories; something must have been done and closed in them."""
    acts, closed, histories = 0, 0, 0

    @settings(steady, max_examples=examples)
    @given(st.integers(0, 2**32 - 1))
    def lives(seed: int) -> None:
        nonlocal acts, closed, histories
        histories += 1
        chance, folder = random.Random(seed), tmp_path / str(histories)
        folder.mkdir()
        world = begin(database, folder, late=seed % 4 != 0, agreed=seed % 4 != 1)
        live(world, chance, STEPS)
        world.office.database.dispose()
        acts += world.acts
        closed += len(world.seen.closings)

    lives()
    record_property("steps", f"{acts:,} acts, {closed} closings in {examples} histories")
    assert acts > 10 * examples
    assert examples < MANY or closed > histories // 2
