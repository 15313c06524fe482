"""Money for an item, in 万元: what was budgeted, arrived, was spent, and what is short of it.

Amounts are exact. With so many digits before the point and after it, sums stay exact in decimal arithmetic.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from eco_workflow.domain.answers import plain_number
from eco_workflow.domain.errors import WrongInput

PLACES = 6
"""A fen is 0.000001 万元."""
DIGITS = 12
"""Before the point."""


@dataclass(frozen=True)
class Funds:
    """What a unit has for an item."""

    budget: Decimal
    arrived: Decimal
    spent: Decimal

    @property
    def short(self) -> Decimal:
        """What has not arrived of the budget."""
        return max(self.budget - self.arrived, Decimal(0))

    @property
    def overspent(self) -> Decimal:
        """What was spent beyond the budget (超支)."""
        return max(self.spent - self.budget, Decimal(0))


def together(all_: Iterable[Funds]) -> Funds:
    """Several records as one: of a unit that took an item over from others."""
    found = list(all_)
    return Funds(
        sum((one.budget for one in found), Decimal(0)),
        sum((one.arrived for one in found), Decimal(0)),
        sum((one.spent for one in found), Decimal(0)),
    )


def amount(text: str, option: str) -> Decimal:
    """An amount as typed. Raises `WrongInput` naming the option for what is no amount of money."""
    value = Decimal(plain_number(text, option))
    if value < 0:
        raise WrongInput(f"{option} {text} is less than nothing. Give the amount in 万元.")
    if value >= 10**DIGITS or value != round(value, PLACES):
        raise WrongInput(
            f"{option} {text} is no amount in 万元: at most {DIGITS} digits before the point and {PLACES} "
            "after it are taken, which is exact to the fen."
        )
    return abs(value)


def plainly(value: Decimal) -> str:
    """An amount without zeros that say nothing: 300, 0.5."""
    return f"{value.normalize():f}"
