"""Whose eyes a query serves (DESIGN, rule 8): decided in one place, below pages and commands."""

from dataclasses import dataclass

RANKING_ROLES = ("leader", "supervisor")


@dataclass(frozen=True)
class Viewer:
    """Who looks, and the units whose rows may be shown; `units=None` means every unit of the plan."""

    name: str
    units: frozenset[int] | None = None
    role: str = ""
    """One of DOMAIN 9; empty grants nothing beyond the rows of `units`."""

    def sees(self, unit_id: int) -> bool:
        """Whether rows of this unit may be shown."""
        return self.units is None or unit_id in self.units

    @property
    def sees_ranking(self) -> bool:
        """Whether units may be shown one against the other: to leaders and supervisors only (DOMAIN 6)."""
        return self.role in RANKING_ROLES
