"""Installations to type commands in: an empty one, and mornings of March 2022 on which tests begin."""

from pathlib import Path

import pytest

from tests.cli.terminal import DISPATCH, INIT, THURSDAY, Terminal


@pytest.fixture
def empty(tmp_path: Path) -> Terminal:
    """A machine on which nobody has said `eco init`."""
    return Terminal(tmp_path / "home")


@pytest.fixture
def fresh(empty: Terminal) -> Terminal:
    """The plan is active from 1 March 2022; nobody was asked yet."""
    return empty.after(INIT)


@pytest.fixture
def eco(empty: Terminal) -> Terminal:
    """The morning after the round of 14 March 2022: 21 units and the office were asked."""
    return empty.after(INIT, DISPATCH)


@pytest.fixture
def late(empty: Terminal) -> Terminal:
    """Thursday, 17 March 2022: nobody answered, and every liaison was told."""
    return empty.after(INIT, DISPATCH, THURSDAY)
