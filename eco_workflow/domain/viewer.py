"""Whose eyes a query serves (DESIGN, rule 8): decided in one place, below pages and commands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Viewer:
    """Who looks, and the units whose rows may be shown; `units=None` means every unit of the plan."""

    name: str
    units: frozenset[int] | None = None

    def sees(self, unit_id: int) -> bool:
        """Whether rows of this unit may be shown."""
        return self.units is None or unit_id in self.units
