"""Installations to type commands in: an empty one, and one on the morning after the first round."""

import shutil
from pathlib import Path

import pytest

from tests.cli.terminal import DISPATCH, INIT, Terminal


@pytest.fixture
def empty(tmp_path: Path) -> Terminal:
    """A machine on which nobody has said `eco init`."""
    return Terminal(tmp_path / "home")


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The plan active from 1 March 2022, and the same after the round of 14 March."""
    fresh = Terminal(tmp_path_factory.mktemp("eco") / "fresh")
    assert fresh(*INIT).code == 0
    asked = Terminal(fresh.home.with_name("asked"))
    shutil.copytree(fresh.home, asked.home)
    assert asked(*DISPATCH).code == 0
    return fresh.home, asked.home


@pytest.fixture
def fresh(made_once: tuple[Path, Path], tmp_path: Path) -> Terminal:
    """The plan is active from 1 March 2022; nobody was asked yet."""
    return Terminal(Path(shutil.copytree(made_once[0], tmp_path / "home")))


@pytest.fixture
def eco(made_once: tuple[Path, Path], tmp_path: Path) -> Terminal:
    """The morning after the round of 14 March 2022: 21 units and the office were asked."""
    return Terminal(Path(shutil.copytree(made_once[1], tmp_path / "home")))
