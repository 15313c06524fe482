"""The hour of faults in small is `tests/schedules/test_up`; here, what it is held against."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from flows.wiring import Order, decide_run, run_directly
from tests.office import at as on
from tests.schedules import quick
from tests.schedules.engine_room import picture
from tests.soak.faults import differences, stood_still, too_many_in_doubt
from tests.soak.storm import mornings, new_office
from tests.soak.stormy import answer, calm, end_of_day, whole

pytestmark = pytest.mark.xdist_group("prefect")
"""The worker that has read Prefect in."""

LAST = date(2022, 3, 17)


def test_mornings_that_are_cut_off_and_started_again_end_like_calm_ones(tmp_path: Path) -> None:
    once, again = (new_office(tmp_path / name / "home", None) for name in ("once", "again"))
    calm(once, LAST)
    while at := quick.morning(again, LAST):
        answer(again, at)
        decide_run(again, Order(now=at, actor="schedule"))
        if quick.morning(again, LAST) == at:  # cut off before anything was delivered
            answer(again, at)
            run_directly(again, Order(now=at, actor="schedule"))
        end_of_day(again, at)
    wanted, found = picture(once), picture(again)
    assert wanted["rungs"] != []
    assert {row[2] for row in wanted["requests"]} == {"backfill", "answered", "awaiting"}
    assert list(differences(wanted, found)) == []
    found["rungs"].pop()
    assert len(list(differences(wanted, found))) == 1


def test_a_storm_that_ends_between_the_answers_of_a_morning_and_its_run_differs_in_nothing(
    tmp_path: Path,
) -> None:
    stormy, twin = (new_office(tmp_path / name / "home", None) for name in ("stormy", "twin"))
    calm(stormy, date(2022, 3, 14))
    answer(stormy, on("2022-03-15"))  # and the engine was ended
    last = whole(stormy)
    assert last == date(2022, 3, 15)
    calm(twin, last)
    assert "answered" in {row[2] for row in picture(twin)["requests"]}
    assert list(differences(picture(twin), picture(stormy))) == []


def test_an_engine_that_stood_still_is_named() -> None:
    """Its twin would not tell: it has only the mornings that the engine had."""
    assert stood_still(269, 3600) == []
    assert stood_still(2, 3600) == ["2 mornings in 3600 s, of at least 120"]


def test_mornings_are_counted_from_the_first(tmp_path: Path) -> None:
    settings = new_office(tmp_path / "home", None)
    assert mornings(settings) == 0
    calm(settings, date(2022, 3, 15))
    assert mornings(settings) == 2


def test_more_in_doubt_than_deliveries_were_killed_is_named() -> None:
    """The server's death leaves none in doubt, nor who is hung up on; the end of the storm may."""
    faults = Counter({"runner": 2, "both": 1, "eco up": 1, "server": 9, "mail": 9})
    assert too_many_in_doubt(5, faults) == []
    assert too_many_in_doubt(6, faults) == ["6 messages, of at most 5"]
