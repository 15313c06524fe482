"""A notice holds what its words need, or it is not written."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from eco_workflow.domain.messages import Item, Notice
from eco_workflow.domain.notices import FACTS, KINDS, read_facts

ITEM = Item("I24", "绿色建筑", "lead", "五(七)24")
RETURNED = Notice(
    "returned",
    date(2022, 6, 10),
    "地区水务局",
    ITEM,
    {"reason": "缺少佐证", "due_at": "2022-06-14T17:30:00+08:00"},
)


def test_facts_are_read_as_what_they_are() -> None:
    assert read_facts(RETURNED) == {
        "reason": "缺少佐证",
        "due_at": datetime(2022, 6, 14, 9, 30, tzinfo=UTC),
    }


def test_every_fact_of_every_kind_has_a_way_to_be_written_and_none_is_left_over() -> None:
    assert {name for kind in KINDS.values() for name in kind.facts} == set(FACTS)


def test_what_asks_for_something_is_told_first() -> None:
    asks = [kind.asks for kind in KINDS.values()]
    assert asks == sorted(asks, reverse=True)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"facts": {"reason": "缺少佐证"}}, "due_at is missing"),
        ({"facts": {**RETURNED.facts, "until": "2022-06-30"}}, "until has no words"),
        ({"facts": {**RETURNED.facts, "due_at": "2022-06-14T17:30:00"}}, "due_at is wrong: .* has no zone"),
        ({"facts": {**RETURNED.facts, "due_at": "soon"}}, "due_at is wrong"),
        ({"facts": {**RETURNED.facts, "reason": " "}}, "reason is wrong: it is empty"),
        ({"item": None}, "the item is missing"),
        ({"kind": "praised"}, "'praised' is no kind of notice"),
        (
            {"kind": "no_contact", "facts": {"role": "mayor", "why": "none", "above": "地委督查室"}},
            "role is wrong: 'mayor' is none of liaison, leader",
        ),
        ({"facts": {}}, "about 地区水务局: reason is missing; due_at is missing"),
    ],
)
def test_what_is_wrong_with_a_notice_is_named(change: dict[str, object], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        read_facts(replace(RETURNED, **change))  # type: ignore[arg-type]
