"""What grows in a long run and is a leak, and what only looks like one."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.soak.leaks import MAY_GROW, an_hour, grown, restarted
from tests.soak.summary import summary
from tests.soak.watch import Held, Sample, look


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
        "least connections of first and last third": (2, 2), "MiB an hour": None, "pooled at most": 0,
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


@pytest.mark.parametrize("part", ["eco up", "runner"])
def test_files_that_leak_at_once_in_the_last_minutes_of_a_life_are_named(part: str) -> None:
    """The last third begins before them."""
    life = [Sample(at, (Held(part, 1, at, 90, 15 if at < 840 else 35, 4),)) for at in range(0, 1000, 5)]
    assert grown(life) == [f"{part} (1): files 15 → 35 in 935 s, at its end 35"]


def test_what_leaks_slowly_is_named() -> None:
    """Memory by what it grows in an hour, files by the least that is open; what fills once does not count."""
    slow = lived(1200, "runner", mib=0.7, files=0.45)
    assert grown(slow) == ["runner (1): mib grows by 42 an hour, at its end 214",
                           "runner (1): files 20 → 28 in 1135 s, at its end 28"]  # fmt: skip
    assert grown(lived(1200, "runner", mib=0.3, files=0.15)) == []
    assert an_hour([one.held[0] for one in lived(540, "runner", mib=3)]) is None  # too short to say
    fills = [Sample(at, (Held("runner", 1, at, 90 + min(at, 400) / 50, 15, 4),)) for at in range(0, 1200, 5)]
    assert grown(fills) == []


def test_whole_minutes_of_looks_that_fall_into_runs_are_no_leak() -> None:
    """Three of them, the last at the end of the life: 15 files are open beside the runs at any time."""
    within = {*range(700, 780), *range(900, 980), *range(1140, 1200)}
    life = [Sample(at, (Held("runner", 1, at, 140, 15 + 7 * (at in within), 4),)) for at in range(0, 1200, 5)]
    assert grown(life) == []


def test_a_part_that_ends_again_and_again_though_nothing_is_killed_is_named() -> None:
    def runner(at: int) -> int:
        return 3 + at // 100 if at >= 600 else 2

    samples = [
        Sample(at, (Held("eco up", 1, at, 90, 5, 1), Held("server", 9, at, 200, 20, 4),
                    Held("runner", runner(at), at % 100, 140, 15, 2)))
        for at in range(0, 900, 5)
    ]  # fmt: skip
    assert restarted(samples, 600) == ["runner: 3 processes in 295 s in which nothing was killed"]
    assert restarted([one for one in samples if one.at < 600], 300) == []
    assert restarted(samples, 1000) == []
    without = [*samples[:120], *(Sample(one.at, one.held[1:]) for one in samples[100:120])]
    assert restarted(without, 0) == [
        "eco up: 1 processes in 595 s in which nothing was killed, none at its end"
    ]


def test_a_run_that_is_being_started_is_no_second_runner(tmp_path: Path) -> None:
    """Between fork and exec it bears the runner's command line."""
    forks = "import os, time; os.fork(); os.write(1, b'there\\n'); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", forks, "schedules.runner"],
        env=os.environ | {"ECO_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
    ) as parent:
        children = []
        try:
            assert parent.stdout is not None
            assert parent.stdout.readline() + parent.stdout.readline() == b"there\nthere\n"
            children = psutil.Process(parent.pid).children()
            seen = look(tmp_path, 0, time.time())
        finally:
            for child in children:
                child.kill()
            parent.kill()
    assert sorted((one.part, one.pid == parent.pid) for one in seen.held) == [
        ("run", False),
        ("runner", True),
    ]


def test_a_child_that_ended_and_is_not_put_away_is_seen_and_named(tmp_path: Path) -> None:
    """The parent, of the home, starts a child that ends at once, and never asks how."""
    child = "import os, time; os.fork() or os._exit(0); print('started', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", child], env=os.environ | {"ECO_HOME": str(tmp_path)}, stdout=subprocess.PIPE
    ) as parent:
        try:
            assert parent.stdout is not None
            parent.stdout.readline()
            until = time.monotonic() + 20
            while not (seen := look(tmp_path, 0, time.time())).zombies and time.monotonic() < until:
                time.sleep(0.1)
        finally:
            parent.kill()
    [zombie] = seen.zombies
    stays = [Sample(at, seen.held, seen.zombies) for at in range(0, 150, 5)]
    assert grown(stays) == [f"process {zombie} ended and was not put away for 145 s"]
    assert grown(stays[:20]) == []
