"""The hour of faults in small is `tests/schedules/test_up`; here, what it is held against."""

from datetime import date
from pathlib import Path

import pytest

from flows.wiring import Order, decide_run, run_directly
from tests.office import at as on
from tests.schedules import quick
from tests.schedules.engine_room import picture
from tests.soak.faults import differences, new_office, stood_still
from tests.soak.stormy import answer, calm, end_of_day, whole
from tests.soak.watch import MAY_GROW, Held, Sample, grown, summary

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


def test_what_was_held_is_told_around_a_tenth_of_the_time_and_at_its_end() -> None:
    """A runner that was replaced once; the server lives on, grows by 50 MiB, and leaks a file a look."""
    samples = [
        Sample(
            at, (Held("server", 1, at, 100 + at / 2, int(at), 2), Held("runner", 2 + at // 50, 1, 80, 9, 1))
        )
        for at in range(0, 100, 10)
    ]
    found = summary(samples, 100)
    assert found["at 10 %"]["server"] == {
        "mib": 105, "files": 10, "connections": 2, "pooled": 0,
    }  # fmt: skip
    assert found["at the end"]["server"] == {
        "mib": 145, "files": 90, "connections": 2, "pooled": 0,
    }  # fmt: skip
    assert (found["at 10 %"]["MiB"], found["at the end"]["MiB"]) == (185, 225)
    assert found["longest life"]["server"] == {
        "seconds": 90, "MiB after 30 s": 115, "MiB at its end": 145,
        "least files of first and last third": (30, 80),
        "least connections of first and last third": (2, 2), "pooled at most": 0,
    }  # fmt: skip


def lived(
    seconds: int, part: str = "server", /, *, mib: float = 0, files: float = 0, connections: float = 0
) -> list[Sample]:
    """A process that grows by so much a minute, looked at every five seconds."""
    return [
        Sample(at, (Held(part, 1, at, 200 + mib * at / 60, int(20 + files * at / 60),
                         int(4 + connections * at / 60)),))
        for at in range(0, seconds, 5)
    ]  # fmt: skip


@pytest.mark.parametrize("what", MAY_GROW)
def test_a_process_that_leaks_fails_the_soak_and_is_named(what: str) -> None:
    life = lived(1200, **{what: 8})
    [said] = grown(life)
    assert said.startswith(f"server (1): {what} ")
    assert said.endswith(f"at its end {getattr(life[-1].held[0], what):.0f}")


def test_what_grows_little_or_while_it_warms_up_or_for_a_moment_is_no_leak() -> None:
    assert grown(lived(1200, mib=1)) == []
    warm = [Sample(at, (Held("server", 1, at, 80 + 2 * min(at, 60), 20, 4),)) for at in range(0, 600, 5)]
    burst = [
        Sample(at, (Held("runner", 2, at, 90, 60 if at % 100 < 10 else 9, 4),)) for at in range(0, 600, 5)
    ]
    assert grown(warm + burst) == []


@pytest.mark.parametrize("part", ["eco up", "runner"])
def test_our_own_parts_may_grow_by_less_than_the_server(part: str) -> None:
    assert grown(lived(1200, mib=3)) == []
    [said] = grown(lived(1200, part, mib=3))
    assert said.startswith(f"{part} (1): mib ")


def test_memory_that_leaks_is_named_also_in_a_life_of_minutes() -> None:
    [said] = grown(lived(180, mib=60))
    assert said.startswith("server (1): mib ")


def test_a_minute_of_many_connections_is_no_leak_wherever_in_a_life_it_falls() -> None:
    for ends_at in (120, 240, 400, 500, 600):
        life = [
            Sample(at, (Held("server", 1, at, 200, 7, 19 if ends_at - 60 <= at < ends_at else 5),))
            for at in range(0, ends_at, 5)
        ]
        assert grown(life) == []


def test_looks_that_fall_into_runs_late_in_a_life_and_beside_them_before_show_no_leak() -> None:
    """Two runs at once, of seven connections each: first one look in six meets them, then all but one."""
    life = [
        Sample(at, (Held("server", 1, at, 200, 7 + held, 2 + held),))
        for at in range(0, 900, 5)
        for held in [14 if (at // 5 % 6 == 0) == (at < 450) else 0]
    ]
    assert grown(life) == []


def test_a_pool_of_connections_may_fill_but_not_without_end() -> None:
    """Descriptors of the server's database go up with the load; beyond what pools hold they are a leak."""

    def pool(most: int) -> list[Sample]:
        return [
            Sample(at, (Held("server", 1, at, 200, 20, 4, min(20 + at // 4, most)),))
            for at in range(0, 1200, 5)
        ]

    assert grown(pool(120)) == []
    assert grown(pool(300)) == ["server (1): 300 descriptors of its database, of at most 256"]


def test_a_run_that_does_not_end_is_named_and_those_that_do_are_not() -> None:
    ended = [Sample(at, (Held("run", 1 + at // 20, at % 20, 90, 9, 4),)) for at in range(0, 600, 5)]
    assert grown(ended) == []
    stays = [Sample(at, (Held("run", 1, at, 90, 9, 4),)) for at in range(0, 600, 5)]
    assert grown(stays) == ["run (1): still there after 595 s"]


def test_a_part_that_was_started_again_is_judged_anew() -> None:
    """Small, then larger by as much as a leak would be: two processes, neither of which grew."""
    lives = [
        Sample(at, (Held("runner", 1 + at // 600, at % 600, 90 + 60 * (at // 600), 9, 4),))
        for at in range(0, 1200, 5)
    ]
    assert grown(lives) == []
