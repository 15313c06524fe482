"""Amounts of money as typed, and what is short of them."""

from decimal import Decimal

import pytest

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.funding import Funds, amount, plainly, together


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("300", "300"), ("0.10", "0.1"), ("１２．５", "12.5"), ("-0", "0"), ("999999999999.999999",) * 2],
)
def test_an_amount_is_kept_exactly(typed: str, kept: str) -> None:
    assert plainly(amount(typed, "--budget")) == kept


@pytest.mark.parametrize("typed", ["-1", "3万", "1e3", "1,000", "", "0.0000001", "1000000000000"])
def test_what_is_no_amount_is_refused_by_its_option(typed: str) -> None:
    with pytest.raises(WrongInput, match="--spent"):
        amount(typed, "--spent")


def test_a_thousand_large_sums_lose_no_fen() -> None:
    largest = amount("999999999999.999999", "--budget")
    assert plainly(together([Funds(largest, largest, largest)] * 1000).budget) == "999999999999999.999"


@pytest.mark.parametrize(
    ("budget", "arrived", "spent", "short", "overspent"),
    [
        ("500", "200", "150", "300", "0"),
        ("500", "500", "500", "0", "0"),
        ("500", "600", "500.01", "0", "0.01"),
        ("500", "200", "600", "300", "100"),
        ("0", "0", "1", "0", "1"),
    ],
)
def test_short_is_what_has_not_arrived_and_overspent_what_goes_beyond_the_budget(
    budget: str, arrived: str, spent: str, short: str, overspent: str
) -> None:
    funds = Funds(Decimal(budget), Decimal(arrived), Decimal(spent))
    assert (funds.short, funds.overspent) == (Decimal(short), Decimal(overspent))
