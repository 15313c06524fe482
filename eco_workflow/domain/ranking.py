"""Units one against the other, worst first, each among its like (DOMAIN 6)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from eco_workflow.domain.words import SHARE

RANKED = "subordinate"
"""The relation of units that are ranked; independent and vertical ones are listed apart."""
CLASSES = ("large", "small", "duties", "delivery")


@dataclass(frozen=True)
class Standing:
    """A unit's figures: obligations with a date, those fallen due and late of them; figures requested."""

    unit: str
    relation: str
    obligations: int
    """As lead or owner, with a due date. Duties have none."""
    due: int
    late: int
    provides_data: bool = False
    requested: int = 0
    """Figures whose time of delivery has come."""
    on_time: int = 0


@dataclass(frozen=True)
class Row:
    """A unit in a list. `place` is None where it is not ranked or nothing was due."""

    unit: str
    basis: str
    """`task` or `delivery`."""
    due: int
    late: int
    place: int | None = None

    @property
    def share(self) -> Fraction | None:
        """Late of due; None when nothing was due."""
        return Fraction(self.late, self.due) if self.due else None

    @property
    def text(self) -> str:
        """The share as officials read it: always by its two numbers."""
        return SHARE[self.basis].format(due=self.due, late=self.late, on_time=self.due - self.late)


def ranking(standings: Sequence[Standing], *, many: int) -> dict[str, tuple[Row, ...]]:
    """Every class with its units in order, and `unranked`.

    `large` holds units with `many` or more obligations, `small` those with fewer, `duties` those with none.
    Data providers stand in `delivery` by what they delivered; who also leads stands in both.
    """
    found: dict[str, list[Row]] = {name: [] for name in (*CLASSES, "unranked")}
    for one in standings:
        for name, row in _rows(one, many):
            found[name if one.relation == RANKED else "unranked"].append(row)
    ranked = {name: _placed(found[name]) for name in CLASSES}
    return {**ranked, "unranked": tuple(sorted(found["unranked"], key=_worst_first))}


def _rows(one: Standing, many: int) -> list[tuple[str, Row]]:
    rows = []
    if one.obligations or not one.provides_data:
        size = "large" if one.obligations >= many else "small" if one.obligations else "duties"
        rows.append((size, Row(one.unit, "task", one.due, one.late)))
    if one.provides_data:
        late = one.requested - one.on_time
        rows.append(("delivery", Row(one.unit, "delivery", one.requested, late)))
    return rows


def _placed(rows: list[Row]) -> tuple[Row, ...]:
    """Equal shares share a place, and the next one counts how many stand before it."""
    placed: list[Row] = []
    for number, row in enumerate(sorted(rows, key=_worst_first), start=1):
        if row.share is None:
            placed.append(row)
        elif placed and placed[-1].share == row.share:
            placed.append(replace(row, place=placed[-1].place))
        else:
            placed.append(replace(row, place=number))
    return tuple(placed)


def _worst_first(row: Row) -> Fraction:
    return Fraction(1) if row.share is None else -row.share
