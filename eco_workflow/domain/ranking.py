"""Units one against the other, worst first, each among its like (DOMAIN 6)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from eco_workflow.domain.words import SHARE

DELIVERY = "delivery"
"""The list of data providers, by what they delivered."""
UNRANKED = "unranked"
"""Units with figures and no place."""


@dataclass(frozen=True)
class Rules:
    """The plan's own: from which size a unit falls into a class, and which relations have no place."""

    classes: tuple[tuple[str, int], ...]
    """A class and the obligations from which it begins, largest first; the last begins at 0."""
    unranked: frozenset[str]

    def class_of(self, obligations: int) -> str:
        """The class of a unit with so many obligations."""
        return next(code for code, at_least in self.classes if obligations >= at_least)


@dataclass(frozen=True)
class Standing:
    """A unit's figures: obligations, those fallen due and late of them; answers and figures requested."""

    unit: str
    relation: str
    obligations: int
    """As lead or owner, besides duties and veto declarations."""
    due: int
    late: int
    asked: int = 0
    """Answers on duties and veto declarations whose due time has passed: no date is printed for these, so
    only the report clock says what is late (DOMAIN 2, time).
    """
    answered: int = 0
    """Those given in time."""
    provides_data: bool = False
    requested: int = 0
    """Figures whose time of delivery has come."""
    on_time: int = 0


@dataclass(frozen=True)
class Row:
    """A unit in a list. `place` is None where it is not ranked or nothing was due."""

    unit: str
    basis: str
    """`task`, `answer` or `delivery`."""
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


def ranking(standings: Sequence[Standing], rules: Rules) -> dict[str, tuple[Row, ...]]:
    """Every class of the plan with its units in order, then `delivery` and `unranked`.

    A unit stands in the class of its size. One that owes duties and declarations alone is ranked there by its
    answers. Data providers stand in `delivery` by what they delivered; who also leads stands in both.
    """
    ranked_in = [*(code for code, _ in rules.classes), DELIVERY]
    found: dict[str, list[Row]] = {code: [] for code in (*ranked_in, UNRANKED)}
    for one in standings:
        for code, row in _rows(one, rules):
            found[UNRANKED if one.relation in rules.unranked else code].append(row)
    ranked = {code: _placed(found[code]) for code in ranked_in}
    return {**ranked, UNRANKED: tuple(sorted(found[UNRANKED], key=_worst_first))}


def _rows(one: Standing, rules: Rules) -> list[tuple[str, Row]]:
    rows = []
    if one.obligations:
        rows.append((rules.class_of(one.obligations), Row(one.unit, "task", one.due, one.late)))
    elif not one.provides_data:
        late = one.asked - one.answered
        rows.append((rules.class_of(0), Row(one.unit, "answer", one.asked, late)))
    if one.provides_data:
        late = one.requested - one.on_time
        rows.append((DELIVERY, Row(one.unit, "delivery", one.requested, late)))
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
