"""What an engine's processes hold: memory, open files, connections, and how many they are."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from tests.schedules.engine_room import of_home

PARTS = {"cli.main": "eco up", "server start": "server", "schedules.runner": "runner"}
"""Part of a command line → what it is; whatever else runs in the home is a run that was started."""

WARM_UP_SECONDS = 60.0
"""A new process reads its modules in and fills its caches; it is judged from then on."""
JUDGED_SECONDS = {"mib": 90.0, "files": 240.0, "connections": 240.0}
"""A life that went on for less after that says nothing of a leak: for a minute when a runner comes back the
server holds many connections, which are files too, and that would be all of a third of a shorter life.
"""
MAY_GROW = {"mib": 12.0, "files": 8.0, "connections": 8.0}
"""By so much the last third of a life may lie above its first, or by `SHARE` of what it was."""
SHARE = {"eco up": 0.1, "runner": 0.1, "server": 0.25}
"""The server is Prefect's, and takes a quarter more in its first twenty minutes."""
OF_A_THIRD: dict[str, Callable[[Iterable[float]], float]] = {"mib": median, "files": min, "connections": min}
"""What of a third is compared. What leaked is never given back, so it shows in the least that is held. A look
every five seconds and runs every ten fall together for minutes on end, and apart for others: of which of the
two a third consists says nothing, though a run holds up to seven connections of the server.
"""
POOLED = 256
"""So many descriptors of its own SQLite database the Prefect server may hold: a quarter of what a process may
open as a rule. It has a pool of connections, up to fifteen, for each loop and each patience. How many were
ever needed at once depends on the load, and SQLite keeps the file of a connection that was closed, to use it
again, as long as another one holds a lock. So these go up with the worst moment of a life, and no further.
"""

RUN_SECONDS = 180.0
"""No run of the accelerated timetable takes so long, so one that is still there then was left behind."""


@dataclass(frozen=True)
class Held:
    """One process at one moment."""

    part: str
    pid: int
    age: float
    mib: float
    files: int
    connections: int
    pooled: int = 0
    """Open files that are the Prefect server's own database; not among `files`."""


@dataclass(frozen=True)
class Sample:
    """All processes of a home, so many seconds after the start."""

    at: float
    held: tuple[Held, ...]


def look(home: Path, at: float, now: float) -> Sample:
    """Looks at every process that works in a home; who ends meanwhile is left out. `now`: Unix seconds."""
    held = []
    for pid, command in of_home(home).items():
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                files, pooled = _open_files(pid)
                held.append(
                    Held(
                        part=next((name for sign, name in PARTS.items() if sign in command), "run"),
                        pid=pid,
                        age=now - process.create_time(),
                        mib=process.memory_info().rss / 2**20,
                        files=files,
                        connections=len(process.net_connections()),
                        pooled=pooled,
                    )
                )
        except (psutil.Error, FileNotFoundError):
            continue
    return Sample(at, tuple(held))


def _open_files(pid: int) -> tuple[int, int]:
    """How many files a process has open, and how many more that are the Prefect server's database."""
    names = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            names.append(descriptor.readlink().name)
        except FileNotFoundError:  # closed meanwhile
            continue
    pooled = sum(name.startswith("prefect.db") for name in names)
    return len(names) - pooled, pooled


def summary(samples: list[Sample], seconds: float) -> dict[str, Any]:
    """The medians around a tenth of the time and at its end, and how each part grew while it lived."""
    early = [one for one in samples if 0.05 * seconds <= one.at <= 0.15 * seconds]
    late = [one for one in samples if one.at >= 0.9 * seconds]
    return {
        "samples": len(samples),
        "at 10 %": _medians(early),
        "at the end": _medians(late),
        "longest life": {part: _life(samples, part) for part in PARTS.values()},
    }


def _medians(samples: list[Sample]) -> dict[str, Any]:
    def of(part: str, what: str) -> float:
        values = [getattr(held, what) for one in samples for held in one.held if held.part == part]
        return round(median(values), 1) if values else 0.0

    return {
        "processes": _median(len(one.held) for one in samples),
        "MiB": _median(sum(held.mib for held in one.held if held.part != "run") for one in samples),
        **{
            part: {what: of(part, what) for what in ("mib", "files", "connections", "pooled")}
            for part in PARTS.values()
        },
    }


def _median(values: Iterable[float]) -> float:
    known = list(values)
    return round(median(known), 1) if known else 0.0


def grown(samples: list[Sample]) -> list[str]:
    """What leaks: each life of a process in which memory, open files or connections grew beyond the bounds.

    A life is judged by itself, so that a part that was started again begins anew; what of its thirds is
    compared says `OF_A_THIRD`. A run that was started has to be gone after `RUN_SECONDS`.
    """
    found = []
    for part in PARTS.values():
        for pid, life in _lives(samples, part).items():
            if (most := max(held.pooled for held in life)) > POOLED:
                found.append(f"{part} ({pid}): {most} descriptors of its database, of at most {POOLED}")
            settled = [held for held in life if held.age >= WARM_UP_SECONDS]
            seconds = settled[-1].age - settled[0].age if settled else 0.0
            for what, bound in MAY_GROW.items():
                if seconds < JUDGED_SECONDS[what]:
                    continue
                first, last = _first_and_last_third(settled, what)
                if last - first > max(bound, SHARE[part] * first):
                    found.append(
                        f"{part} ({pid}): {what} {first:.0f} → {last:.0f} in {seconds:.0f} s, "
                        f"at its end {getattr(settled[-1], what):.0f}"
                    )
    for pid, life in _lives(samples, "run").items():
        if (age := life[-1].age) > RUN_SECONDS:
            found.append(f"run ({pid}): still there after {age:.0f} s")
    return found


def _first_and_last_third(life: list[Held], what: str) -> tuple[float, float]:
    third = max(len(life) // 3, 1)
    of = OF_A_THIRD[what]
    first, last = (of(getattr(held, what) for held in part) for part in (life[:third], life[-third:]))
    return first, last


def _lives(samples: list[Sample], part: str) -> dict[int, list[Held]]:
    lives: dict[int, list[Held]] = {}
    for one in samples:
        for held in one.held:
            if held.part == part:
                lives.setdefault(held.pid, []).append(held)
    return lives


def _life(samples: list[Sample], part: str) -> dict[str, Any]:
    """Of the process of a part that lived longest, once it has settled: MiB at both ends; what it held."""
    lives = _lives(samples, part)
    if not lives:
        return {}
    life = max(lives.values(), key=lambda life: life[-1].age)
    settled = [held for held in life if held.age >= 30] or life[-1:]
    held = {what: _first_and_last_third(settled, what) for what in ("files", "connections")}
    return {
        "seconds": round(life[-1].age),
        "MiB after 30 s": round(settled[0].mib, 1),
        "MiB at its end": round(life[-1].mib, 1),
        **{f"least {what} of first and last third": found for what, found in held.items()},
        "pooled at most": max(held.pooled for held in life),
    }
