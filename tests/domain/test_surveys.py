"""What a survey found, as typed, and of which period it is."""

from datetime import date

import pytest

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.periods import shortest_around
from eco_workflow.domain.surveys import Found, check_field, found_in

APRIL = date(2022, 4, 1), date(2022, 4, 20)


@pytest.mark.parametrize(
    ("first", "last", "around"),
    [
        ((2022, 4, 1), (2022, 4, 30), "2022-04"),
        ((2022, 3, 31), (2022, 4, 1), "2022"),
        ((2022, 4, 1), (2022, 6, 30), "2022-Q2"),
        ((2022, 1, 1), (2022, 12, 31), "2022"),
        ((2021, 12, 31), (2022, 1, 1), ""),
    ],
)
def test_the_shortest_period_around_the_field_days(
    first: tuple[int, int, int], last: tuple[int, int, int], around: str
) -> None:
    found = shortest_around(date(*first), date(*last))
    assert (found.text if found else "") == around


@pytest.mark.parametrize(
    ("values", "periods", "found"),
    [
        ("I35=85.2", "", {"I35": Found("I35=85.2", "2022-04")}),
        ("i35=85.2 I36=81", "2021", {"I35": Found("I35=85.2", "2021"), "I36": Found("I36=81", "2021")}),
        (
            "I32.1=55 I35=85 I32.3=4.1",
            "2021 I32.3=2022-Q1",
            {"I32": Found("I32.1=55 I32.3=4.1", "2021 I32.3=2022-Q1"), "I35": Found("I35=85", "2021")},
        ),
        ("Ｉ３５＝８５", "", {"I35": Found("I35=85", "2022-04")}),
    ],
)
def test_figures_go_to_their_indicators_with_their_periods(
    values: str, periods: str, found: dict[str, Found]
) -> None:
    assert found_in(values, periods, *APRIL) == found


@pytest.mark.parametrize(
    ("values", "periods", "words"),
    [
        (" ", "", "--value is missing"),
        ("85.2", "", "Write it as --value I35=85.2"),
        ("I35=85.2", "I36=2022", "--period names I36"),
    ],
)
def test_a_figure_without_its_indicator_is_refused(values: str, periods: str, words: str) -> None:
    with pytest.raises(WrongInput, match=words):
        found_in(values, periods, *APRIL)


def test_field_days_in_two_years_ask_for_the_period() -> None:
    days = date(2021, 12, 20), date(2022, 1, 10)
    with pytest.raises(WrongInput, match="Say with --period"):
        found_in("I35=85", "", *days)
    assert found_in("I35=85", "2021", *days) == {"I35": Found("I35=85", "2021")}


@pytest.mark.parametrize(
    ("sample", "first", "last"),
    [(0, 1, 20), (-3, 1, 20), (10**9, 1, 20), (100, 21, 20), (100, 1, 26)],
)
def test_a_survey_that_cannot_have_been_held_is_refused(sample: int, first: int, last: int) -> None:
    with pytest.raises(WrongInput):
        check_field(sample, date(2022, 4, first), date(2022, 4, last), date(2022, 4, 25))
