"""Of two parts the one is named that was away, since when it was, whatever the other did meanwhile."""

from datetime import timedelta

from schedules.absence import AWAY_AFTER, Absence
from tests.office import at

START = at("2022-03-14", "10:00")
MINUTE = 60


def seen(*minutes: str) -> list[str]:
    """What is said minute by minute: `S` where the server is there, `R` the runner; named with minutes
    since when.
    """
    absence, said = Absence(), []
    for n, there in enumerate(minutes):
        now = START + timedelta(minutes=n)
        away = absence.longer(server="S" in there, runner="R" in there, at=n * MINUTE, now=now)
        said.append(f"{away[0]} {(away[1] - START).seconds // MINUTE}" if away else "")
    return said


def test_a_part_is_named_after_three_minutes_and_until_it_is_back() -> None:
    assert AWAY_AFTER == 3 * MINUTE
    assert seen("SR", *["S"] * 4, "SR") == [""] * 4 + ["runner 0", ""]
    assert seen("SR", *["R"] * 4, "SR") == [""] * 4 + ["server 0", ""]


def test_the_one_is_not_named_for_what_the_other_lacked() -> None:
    """A runner that died all the while, then the server too: the server has only just gone."""
    assert seen("SR", *["S"] * 4, "", "", "R", "R") == [""] * 4 + ["runner 0", *["both 0"] * 3, "server 4"]
    assert seen("", *[""] * 4, *["S"] * 5)[-5:] == [*["both 0"] * 3, "runner 4", "runner 4"]


def test_two_that_are_never_there_together_are_named() -> None:
    assert seen("SR", *["S", "R"] * 2)[-1] == "both 0"
