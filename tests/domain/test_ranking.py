"""Units one against the other (DOMAIN 6): classes, ties, who is not ranked, who may look."""

import pytest

from eco_workflow.domain.ranking import Row, Rules, Standing, ranking
from eco_workflow.domain.viewer import Viewer

RULES = Rules((("large", 5), ("small", 1), ("duties", 0)), frozenset({"independent", "vertical"}))


def led(unit: str, obligations: int, due: int, late: int, relation: str = "subordinate") -> Standing:
    """A unit that leads."""
    return Standing(unit, relation, obligations, due, late)


def gave(unit: str, requested: int, on_time: int, relation: str = "subordinate", leads: int = 0) -> Standing:
    """A unit that provides data, and leads nothing unless said so."""
    return Standing(unit, relation, leads, leads, 0, provides_data=True, requested=requested, on_time=on_time)


def places(rows: tuple[Row, ...]) -> list[tuple[str, int | None]]:
    """In order: who, on which place."""
    return [(row.unit, row.place) for row in rows]


def test_the_worst_comes_first_and_equal_shares_share_a_place() -> None:
    """1/2 and 2/4 are the same share; the next place counts how many stand before it."""
    found = ranking(
        [led("a", 4, 4, 0), led("b", 4, 4, 2), led("c", 4, 3, 2), led("d", 2, 2, 1), led("e", 3, 3, 0)],
        RULES,
    )
    assert places(found["small"]) == [("c", 1), ("b", 2), ("d", 2), ("a", 4), ("e", 4)]


def test_thirds_are_compared_exactly() -> None:
    """33333 of 99999 and 1 of 3 are equal; 33334 of 99999 is worse."""
    found = ranking([led("a", 9, 3, 1), led("b", 9, 99999, 33333), led("c", 9, 99999, 33334)], RULES)
    assert places(found["large"]) == [("c", 1), ("a", 2), ("b", 2)]


@pytest.mark.parametrize(
    ("obligations", "expected"), [(0, "duties"), (1, "small"), (4, "small"), (5, "large"), (6, "large")]
)
def test_units_are_ranked_among_their_like(obligations: int, expected: str) -> None:
    """One class each."""
    found = ranking([led("a", obligations, 0, 0)], RULES)
    assert [name for name, rows in found.items() if rows] == [expected]


def test_the_classes_and_who_is_ranked_are_the_plans_own() -> None:
    """A plan may draw the line elsewhere, and rank others."""
    rules = Rules((("whales", 30), ("whitebait", 0)), frozenset({"subordinate"}))
    found = ranking(
        [led("a", 30, 1, 0, "vertical"), led("b", 29, 1, 0, "vertical"), led("c", 30, 1, 0)], rules
    )
    assert {code: places(rows) for code, rows in found.items() if rows} == {
        "whales": [("a", 1)],
        "whitebait": [("b", 1)],
        "unranked": [("c", None)],
    }


def test_who_has_duties_only_is_ranked_by_answers() -> None:
    """Duties have no due date: what can be late is the answer. Nobody else is measured so."""
    found = ranking(
        [
            Standing("a", "subordinate", 0, 0, 0, asked=4, answered=3),
            Standing("b", "subordinate", 0, 0, 0, asked=4, answered=1),
            Standing("c", "subordinate", 1, 1, 0, asked=4, answered=0),
        ],
        RULES,
    )
    assert [(row.unit, row.place, row.text) for row in found["duties"]] == [
        ("b", 1, "应填报4项，未按时填报3项"),
        ("a", 2, "应填报4项，未按时填报1项"),
    ]
    assert [row.text for row in found["small"]] == ["应完成1项，逾期0项"]


def test_where_nothing_was_due_there_is_no_place() -> None:
    """It stands last in its class, with its two zeros, and pushes nobody down."""
    (worst, best, none) = ranking([led("z", 2, 0, 0), led("a", 2, 2, 0), led("b", 2, 2, 1)], RULES)["small"]
    assert (worst.unit, worst.place, worst.text) == ("b", 1, "应完成2项，逾期1项")
    assert (best.unit, best.place, best.text) == ("a", 2, "应完成2项，逾期0项")
    assert (none.unit, none.place, none.text, none.share) == ("z", None, "应完成0项，逾期0项", None)


def test_data_providers_are_ranked_by_delivery_only() -> None:
    """Nothing of the result is held against them."""
    found = ranking([gave("a", 4, 4), gave("b", 4, 1), gave("c", 0, 0)], RULES)
    assert [(row.text, row.place) for row in found["delivery"]] == [
        ("应报送4项，按时报送1项", 1),
        ("应报送4项，按时报送4项", 2),
        ("应报送0项，按时报送0项", None),
    ]
    assert all(not found[name] for name in ("large", "small", "duties"))


def test_a_unit_that_leads_and_provides_data_stands_in_both_lists() -> None:
    """Each with its own figures: late figures are no late obligations."""
    found = ranking([gave("a", 2, 0, leads=3)], RULES)
    assert (found["small"][0].text, found["delivery"][0].text) == (
        "应完成3项，逾期0项",
        "应报送2项，按时报送0项",
    )


@pytest.mark.parametrize("relation", ["independent", "vertical"])
def test_independent_and_vertical_units_are_listed_apart_without_a_place(relation: str) -> None:
    """With their figures, worst first; they take no place from others."""
    found = ranking(
        [
            led("court", 3, 3, 1, relation),
            gave("survey", 2, 0, relation),
            led("a", 3, 3, 0),
        ],
        RULES,
    )
    assert [(row.unit, row.place, row.text) for row in found["unranked"]] == [
        ("survey", None, "应报送2项，按时报送0项"),
        ("court", None, "应完成3项，逾期1项"),
    ]
    assert places(found["small"]) == [("a", 1)]


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("leader", True),
        ("supervisor", True),
        ("operator", False),
        ("liaison", False),
        ("unit_leader", False),
        ("auditor", False),
        ("admin", False),
        ("", False),
    ],
)
def test_the_ranking_is_seen_by_leaders_and_supervisors_only(role: str, sees: bool) -> None:
    """No unit, and not even the office, reads the others' places."""
    assert Viewer("someone", role=role).sees_ranking is sees
