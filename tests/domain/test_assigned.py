"""What no plan document names: codes, places and demands as people type them."""

from datetime import date

import pytest

from eco_workflow.domain import assigned
from eco_workflow.domain.errors import WrongInput


@pytest.mark.parametrize(
    ("kind", "n", "code"), [("task", 1, "T001"), ("rectification", 12, "R012"), ("task", 1000, "T1000")]
)
def test_codes_are_numbered_by_kind_and_known_as_assigned(kind: str, n: int, code: str) -> None:
    assert assigned.code(kind, n) == code
    assert assigned.is_assigned(code)


@pytest.mark.parametrize("code", ["I07", "I07.1", "M3.1", "P3", "V6", "D12.4", "T01", "XT001"])
def test_what_the_document_names_is_not_assigned(code: str) -> None:
    assert not assigned.is_assigned(code)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        (("instruction", "王专员"), "领导批示：王专员"),
        (("finding", "省评审组", "M3.1"), "评审反馈（M3.1）：省评审组"),
        (("finding", "省评审组", "M3.1", "I07"), "评审反馈（M3.1，涉及I07）：省评审组"),
    ],
)
def test_where_it_comes_from_stands_for_its_place(said: tuple[str, ...], place: str) -> None:
    assert assigned.place(*said) == place


@pytest.mark.parametrize(
    ("text", "demand"),
    [
        ("水务局: 清理河道: 2022-04-29", ("水务局", "清理河道")),
        ("水务局：清理：左岸, 右岸：2022-04-29", ("水务局", "清理：左岸, 右岸")),
    ],
)
def test_a_demand_is_read_with_either_colon(text: str, demand: tuple[str, str]) -> None:
    assert assigned.read_demand(text, "--finding") == assigned.Demand(*demand, date(2022, 4, 29))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("水务局", "demands nothing"),
        ("水务局: 2022-04-29", "demands nothing"),
        (": 清理: 2022-04-29", "demands nothing"),
        ("水务局: : 2022-04-29", "demands nothing"),
        ("水务局: 清理: 月底", "'月底' is no date"),
    ],
)
def test_what_demands_nothing_is_named(text: str, said: str) -> None:
    with pytest.raises(WrongInput, match=f"--finding.*{said}"):
        assigned.read_demand(text, "--finding")
