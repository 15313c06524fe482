"""Whose eyes a query serves (DESIGN, rule 8): decided in one place, below pages and commands."""

from dataclasses import dataclass

from eco_workflow.domain.roles import OF_EVERY_UNIT, Action, Actor

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


def viewer_of(by: Actor, unit_id: int | None) -> Viewer:
    """The eyes of a person: a unit's people see their own unit (`unit_id`), the offices and leaders all.

    Raises `Refused` for who sees no content: an admin, an auditor.
    """
    by.must(Action.LOOK)
    ranking = next((role for role in RANKING_ROLES if role in by.roles), "")
    if by.roles & OF_EVERY_UNIT:
        return Viewer(by.name, role=ranking)
    return Viewer(by.name, frozenset({unit_id} if unit_id is not None else ()))
