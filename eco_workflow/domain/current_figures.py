"""Which figures are of the current reference period, as M4.2 wants after the award (DOMAIN 7).

The current period is the year that was over last, or a newer one: 2021 is current all through 2022.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from eco_workflow.domain.gates import Reason

AGED_OUT = 1
"""A figure is current while its period reaches into last year."""


@dataclass(frozen=True)
class Dated:
    """A figure or statement that stands."""

    period: str
    """Its reference period as written; of a statement, which has none, the year in which it was made."""
    year: int
    """The year into which the period reaches."""
    accepted: bool
    """Whether the office has accepted the answer that gave it."""


@dataclass(frozen=True)
class Asked:
    """One figure or statement that an indicator asks for, and what stands of it, oldest first."""

    part: str
    """The part's code; empty for an indicator without parts."""
    given: tuple[Dated, ...] = ()

    def is_current(self, year: int) -> bool:
        """Whether one of that year or newer was accepted."""
        return any(one.accepted and one.year >= year for one in self.given)

    def waits(self, year: int) -> bool:
        """Whether one of that year or newer waits for the office: the unit owes nothing then."""
        return not self.is_current(year) and any(one.year >= year for one in self.given)

    @property
    def newest(self) -> Dated | None:
        """The one whose period reaches furthest; None where none stands."""
        return max(self.given, key=lambda one: one.year, default=None)

    @property
    def words(self) -> str:
        """What there is, as an official reads it: I07.1 2020, 无."""
        return f"{self.part} {self.newest.period if self.newest else '无'}".lstrip()


@dataclass(frozen=True)
class Aged:
    """An indicator with the age of everything that it asks for."""

    code: str
    name: str
    units: tuple[str, ...]
    """Who owes its figures, by short name."""
    asked: tuple[Asked, ...]

    def lacking(self, year: int) -> list[Asked]:
        """What has no accepted figure of that year or newer."""
        return [one for one in self.asked if not one.is_current(year)]

    def wanted(self, year: int) -> list[Asked]:
        """Of that, what its units have to give still: not what waits for the office alone."""
        return [one for one in self.lacking(year) if not one.waits(year)]


def current_year(today: date) -> int:
    """The first year that a figure may be of to be current on a day."""
    return today.year - AGED_OUT


def current(aged: Iterable[Aged], year: int) -> list[Reason]:
    """Every indicator has an accepted figure of that year or newer, for each of its parts (M4.2)."""
    return [
        Reason(
            "current",
            one.code,
            one.name,
            units=one.units,
            value="; ".join(_said(asked, year) for asked in lacking),
            wanted=f"{year} or later",
        )
        for one in aged
        if (lacking := one.lacking(year))
    ]


def _said(asked: Asked, year: int) -> str:
    newest = asked.newest
    said = f"of {newest.period}" if newest else "no figure"
    if asked.waits(year):
        said += ", which waits for review"
    return f"{asked.part} {said}" if asked.part else said
