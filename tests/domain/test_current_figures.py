"""After the award every figure is of the current reference period, and accepted (DOMAIN 7, M4.2)."""

from datetime import date

import pytest

from eco_workflow.domain.current_figures import Aged, Asked, Dated, current, current_year

OLD, WAITS, ACCEPTED = Dated("2020", 2020, True), Dated("2021-Q4", 2021, False), Dated("2021", 2021, True)
NEWER = Dated("2022-Q1", 2022, False)


def aged(*asked: Asked) -> Aged:
    return Aged("I07", "环境空气质量", ("地区生态环境局",), asked)


@pytest.mark.parametrize(
    ("asked", "lacks", "wanted"),
    [
        ([Asked("", (ACCEPTED,))], "", False),
        ([Asked("", (ACCEPTED, NEWER))], "", False),  # what waits takes nothing from what was accepted
        ([Asked("")], "no figure", True),
        ([Asked("", (OLD,))], "of 2020", True),
        ([Asked("", (OLD, WAITS))], "of 2021-Q4, which waits for review", False),
        ([Asked("I07.1", (ACCEPTED,)), Asked("I07.2")], "I07.2 no figure", True),
        (
            [Asked("I07.1", (WAITS,)), Asked("I07.2", (OLD,))],
            "I07.1 of 2021-Q4, which waits for review; I07.2 of 2020",
            True,
        ),
    ],
)
def test_what_has_no_accepted_figure_of_the_period_is_lacking(
    asked: list[Asked], lacks: str, wanted: bool
) -> None:
    """The unit is asked for it unless all that is missing is the office's review."""
    one = aged(*asked)
    assert [reason.value for reason in current([one], 2021)] == ([lacks] if lacks else [])
    assert bool(one.wanted(2021)) is wanted


def test_a_lacking_indicator_is_named_with_its_units_and_what_is_wanted() -> None:
    [reason] = current([aged(Asked(""))], 2021)
    said = "I07 环境空气质量: no figure; wanted is a figure of 2021 or later (地区生态环境局)"
    assert (reason.key, reason.said) == ("current:I07", said)


def test_the_year_that_was_over_last_is_current() -> None:
    assert [current_year(date(2022, 1, 1)), current_year(date(2022, 12, 31))] == [2021, 2021]
