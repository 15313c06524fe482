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


@dataclass(frozen=True)
class Held:
    """One process at one moment."""

    part: str
    pid: int
    age: float
    mib: float
    files: int
    connections: int


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
                held.append(
                    Held(
                        part=next((name for sign, name in PARTS.items() if sign in command), "run"),
                        pid=pid,
                        age=now - process.create_time(),
                        mib=process.memory_info().rss / 2**20,
                        files=process.num_fds(),
                        connections=len(process.net_connections()),
                    )
                )
        except psutil.Error:
            continue
    return Sample(at, tuple(held))


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
            part: {what: of(part, what) for what in ("mib", "files", "connections")}
            for part in PARTS.values()
        },
    }


def _median(values: Iterable[float]) -> float:
    known = list(values)
    return round(median(known), 1) if known else 0.0


def _life(samples: list[Sample], part: str) -> dict[str, float]:
    """Of the process of a part that lived longest: MiB after 30 s, once it has settled, and at its end."""
    lives: dict[int, list[Held]] = {}
    for one in samples:
        for held in one.held:
            if held.part == part:
                lives.setdefault(held.pid, []).append(held)
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
    }
