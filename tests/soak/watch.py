"""What an engine's processes hold: memory, open files, connections, and how many they are."""

from dataclasses import dataclass
from pathlib import Path

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
    pooled: int = 0
    """Open files that are the Prefect server's own database; not among `files`."""


@dataclass(frozen=True)
class Sample:
    """All processes of a home, so many seconds after the start."""

    at: float
    held: tuple[Held, ...]
    zombies: frozenset[int] = frozenset()
    """Children of these that ended and were not put away; they have no home any more."""


def look(home: Path, at: float, now: float) -> Sample:
    """Looks at every process that works in a home; who ends meanwhile is left out. `now`: Unix seconds.

    A run that is just being started bears the command line of the part that starts it, until it has its own.
    """
    held = []
    there = {pid: _part(command) for pid, command in of_home(home).items()}
    for pid, part in there.items():
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                files, pooled = _open_files(pid)
                held.append(
                    Held(
                        part="run" if there.get(process.ppid()) == part else part,
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
    return Sample(at, tuple(held), _zombies({one.pid for one in held}))


def _part(command: str) -> str:
    return next((name for sign, name in PARTS.items() if sign in command), "run")


def _zombies(parents: set[int]) -> frozenset[int]:
    children = [one for one in psutil.process_iter(["ppid", "status"]) if one.info["ppid"] in parents]
    return frozenset(one.pid for one in children if one.info["status"] == psutil.STATUS_ZOMBIE)


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


def lives(samples: list[Sample], part: str) -> dict[int, list[Held]]:
    """Each process of a part by its number, look by look."""
    found: dict[int, list[Held]] = {}
    for one in samples:
        for held in one.held:
            if held.part == part:
                found.setdefault(held.pid, []).append(held)
    return found
