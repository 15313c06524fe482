"""What an engine's processes hold: memory, open files, connections, and how many they are."""

from collections.abc import Iterable
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
JUDGED_SECONDS = {"mib": 90.0, "files": 420.0, "connections": 420.0}
"""A life that went on for less after that says nothing of a leak: the server holds up to four times as many
connections, which are files too, for a minute when a runner comes back, which would be most of a third of a
shorter one.
"""
MAY_GROW = {"mib": 24.0, "files": 8.0, "connections": 8.0}
"""By so much, and by a quarter of what it was, the last third of a life may lie above its first."""
SHARE = 0.25
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

    A life is judged by itself, so that a part that was started again begins anew. Medians of thirds: what a
    delivery holds for a moment is no growth. A run that was started has to be gone after `RUN_SECONDS`.
    """
    found = []
    for part in PARTS.values():
        for pid, life in _lives(samples, part).items():
            if (most := max(held.pooled for held in life)) > POOLED:
                found.append(f"{part} ({pid}): {most} descriptors of its database, of at most {POOLED}")
            settled = [held for held in life if held.age >= WARM_UP_SECONDS]
            if not settled:
                continue
            seconds = settled[-1].age - settled[0].age
            third = max(len(settled) // 3, 1)
            for what, bound in MAY_GROW.items():
                if seconds < JUDGED_SECONDS[what]:
                    continue
                first, last = (
                    median(getattr(held, what) for held in held_then)
                    for held_then in (settled[:third], settled[-third:])
                )
                if last - first > max(bound, SHARE * first):
                    late = [getattr(held, what) for held in settled[-third:]]
                    found.append(
                        f"{part} ({pid}): {what} {first:.0f} → {last:.0f} in {seconds:.0f} s; "
                        f"in the last third {min(late):.0f} to {max(late):.0f}, at its end {late[-1]:.0f}"
                    )
    for pid, life in _lives(samples, "run").items():
        if (age := life[-1].age) > RUN_SECONDS:
            found.append(f"run ({pid}): still there after {age:.0f} s")
    return found


def _lives(samples: list[Sample], part: str) -> dict[int, list[Held]]:
    lives: dict[int, list[Held]] = {}
    for one in samples:
        for held in one.held:
            if held.part == part:
                lives.setdefault(held.pid, []).append(held)
    return lives


def _life(samples: list[Sample], part: str) -> dict[str, float]:
    """Of the process of a part that lived longest: MiB after 30 s, once it has settled, and at its end."""
    lives = _lives(samples, part)
    if not lives:
        return {}
    life = max(lives.values(), key=lambda life: life[-1].age)
    settled = next((held for held in life if held.age >= 30), life[-1])
    return {
        "seconds": round(life[-1].age),
        "MiB after 30 s": round(settled.mib, 1),
        "MiB at its end": round(life[-1].mib, 1),
        "files after 30 s": settled.files,
        "files at its end": life[-1].files,
        "pooled at most": max(held.pooled for held in life),
    }
