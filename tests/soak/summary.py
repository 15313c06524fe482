"""What the parts of an engine held in a long run, as it is printed."""

from collections.abc import Iterable
from statistics import median
from typing import Any

from tests.soak.leaks import an_hour, thirds
from tests.soak.watch import PARTS, Sample, lives


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


def _life(samples: list[Sample], part: str) -> dict[str, Any]:
    """Of the process of a part that lived longest, once it has settled: MiB at both ends; what it held."""
    found = lives(samples, part)
    if not found:
        return {}
    life = max(found.values(), key=lambda life: life[-1].age)
    settled = [held for held in life if held.age >= 30] or life[-1:]
    held = {what: thirds(settled, what) for what in ("files", "connections")}
    return {
        "seconds": round(life[-1].age),
        "MiB after 30 s": round(settled[0].mib, 1),
        "MiB at its end": round(life[-1].mib, 1),
        **{f"least {what} of first and last third": ends for what, ends in held.items()},
        "MiB an hour": None if (grows := an_hour(settled)) is None else round(grows, 1),
        "pooled at most": max(held.pooled for held in life),
    }
