"""What leaks in a long run: memory, files, connections, processes that stay, parts that die by themselves."""

from collections.abc import Callable, Iterable, Iterator
from statistics import fmean, linear_regression, median

from tests.soak.watch import PARTS, Held, Sample, lives

OWN = ("eco up", "runner")
"""The server is Prefect's."""

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
OF_A_STRETCH: dict[str, Callable[[Iterable[float]], float]] = {
    "mib": median,
    "files": min,
    "connections": min,
}
"""What of a stretch of looks is compared. What leaked is never given back, so it shows in the least that is
held. A look every five seconds and runs every ten fall together for minutes on end, and apart for others: of
which of the two a stretch consists says nothing, though a run holds up to seven connections of the server.
"""
POOLED = 256
"""So many descriptors of its own SQLite database the Prefect server may hold: a quarter of what a process may
open as a rule. It has a pool of connections, up to fifteen, for each loop and each patience. How many were
ever needed at once depends on the load, and SQLite keeps the file of a connection that was closed, to use it
again, as long as another one holds a lock. So these go up with the worst moment of a life, and no further.
"""

RUN_SECONDS = 180.0
"""No run of the accelerated timetable takes so long, so one that is still there then was left behind."""
ZOMBIE_SECONDS = 120.0
"""A child that ended may stay so long until it is put away: its parent may be busy, or hang for a while."""

LOOKS = 12
"""A minute of looks, of which one value stands for all."""
STEADY_SECONDS = 600.0
"""How long the last two thirds of a life last at least whose slope says something."""
AN_HOUR_MIB = 30.0
"""By so much the memory of an own part may grow in an hour, by the last two thirds of its life."""
STAYS_OPEN = 3.0
"""By so much the least that an own part held open in its last third may lie above that of its first. Of a
third, not of a minute: whether a minute's looks fall into runs, which hold seven each, is chance.
"""


def grown(samples: list[Sample]) -> list[str]:
    """What leaks: each life of a process in which memory, open files or connections grew beyond the bounds.

    A life is judged by itself, so that a part that was started again begins anew. A run that was started has
    to be gone after `RUN_SECONDS`, a child that ended after `ZOMBIE_SECONDS`.
    """
    found = [
        f"{part} ({pid}): {said}"
        for part in PARTS.values()
        for pid, life in lives(samples, part).items()
        for said in _leaks(part, life)
    ]
    for pid, life in lives(samples, "run").items():
        if (age := life[-1].age) > RUN_SECONDS:
            found.append(f"run ({pid}): still there after {age:.0f} s")
    return found + list(_zombies(samples))


def _leaks(part: str, life: list[Held]) -> Iterator[str]:
    if (most := max(held.pooled for held in life)) > POOLED:
        yield f"{most} descriptors of its database, of at most {POOLED}"
    settled = [held for held in life if held.age >= WARM_UP_SECONDS]
    seconds = settled[-1].age - settled[0].age if settled else 0.0
    for what, bound in MAY_GROW.items():
        if seconds < JUDGED_SECONDS[what]:
            continue
        first, last = thirds(settled, what)
        stays = False
        if part in OWN and OF_A_STRETCH[what] is min:
            stays = last - first > STAYS_OPEN
            last = max(last, _last_tenth(settled, what))
        at_its_end = f"at its end {getattr(settled[-1], what):.0f}"
        if stays or last - first > max(bound, SHARE[part] * first):
            yield f"{what} {first:.0f} → {last:.0f} in {seconds:.0f} s, {at_its_end}"
        elif part in OWN and what == "mib" and (grows := an_hour(settled)) and grows > AN_HOUR_MIB:
            yield f"mib grows by {grows:.0f} an hour, {at_its_end}"


def thirds(life: list[Held], what: str) -> tuple[float, float]:
    """What stands for the first and for the last third of a life, by `OF_A_STRETCH`."""
    third = max(len(life) // 3, 1)
    return _of(life[:third], what), _of(life[-third:], what)


def _last_tenth(life: list[Held], what: str) -> float:
    """A step late in a life is seen here first: what leaked once is never given back."""
    return _of(life[-max(len(life) // 10, LOOKS) :], what)


def _of(looks: list[Held], what: str) -> float:
    return OF_A_STRETCH[what](getattr(held, what) for held in looks)


def an_hour(life: list[Held]) -> float | None:
    """By how many MiB the last two thirds of a life grow in an hour, by least squares over their minutes.
    None where they are too short to say. What fills once at the beginning does not count.
    """
    steady = life[len(life) // 3 :]
    if not steady or steady[-1].age - steady[0].age < STEADY_SECONDS:
        return None
    minutes = [steady[n : n + LOOKS] for n in range(0, len(steady) - LOOKS + 1, LOOKS)]
    ages = [fmean(held.age for held in minute) for minute in minutes]
    return 3600 * linear_regression(ages, [_of(minute, "mib") for minute in minutes]).slope


def _zombies(samples: list[Sample]) -> Iterator[str]:
    seen: dict[int, list[float]] = {}
    for one in samples:
        for pid in one.zombies:
            seen.setdefault(pid, []).append(one.at)
    for pid, at in seen.items():
        if at[-1] - at[0] > ZOMBIE_SECONDS:
            yield f"process {pid} ended and was not put away for {at[-1] - at[0]:.0f} s"


def restarted(samples: list[Sample], since: float) -> list[str]:
    """Parts that did not live all through the time in which nothing was killed, from `since` on."""
    calm = [one for one in samples if one.at >= since]
    if not calm:
        return []
    at_the_end = {held.part for one in calm[-2:] for held in one.held}  # a look may just miss one
    return [
        f"{part}: {len(processes)} processes in {calm[-1].at - since:.0f} s in which nothing was killed"
        + ("" if part in at_the_end else ", none at its end")
        for part in PARTS.values()
        for processes in [lives(calm, part)]
        if len(processes) != 1 or part not in at_the_end
    ]
