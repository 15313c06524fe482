"""A hundred broken plan files: every one is refused, and the broken place is named; with two, both are."""

import pytest

from eco_workflow.plans.load import examine_text
from tests.plans.mutations import COUNT, GOOD, Double, Mutation, doubles, mutations

BROKEN = list(mutations())


def test_there_are_a_hundred_and_no_two_alike() -> None:
    assert len({mutation.text for mutation in BROKEN}) == COUNT


@pytest.mark.parametrize(
    "broken", BROKEN, ids=[f"{n} {m.where} {m.after}" for n, m in enumerate(BROKEN, start=1)]
)
def test_a_broken_file_is_refused_with_its_place(broken: Mutation) -> None:
    examined = examine_text("plan.yaml", broken.text.encode())
    assert examined.loaded is None
    named = f"plan.yaml:{broken.line}: {broken.where}: "
    assert [line for line in examined.lines("error") if line.startswith(named)], examined.lines("error")


@pytest.mark.parametrize(
    "double", list(doubles(30)), ids=lambda d: f"{d.wrong.where} {d.wrong.after} and {d.across.where}"
)
def test_a_wrong_field_hides_nothing_that_is_wrong_across_fields(double: Double) -> None:
    lines = examine_text("plan.yaml", double.text.encode()).lines("error")
    for broken in (double.wrong, double.across):
        named = f"plan.yaml:{broken.line}: {broken.where}: "
        assert [line for line in lines if line.startswith(named)], lines


# A wrong field, and what must not be said because of it.
CONSEQUENCES = [
    ("an id that others name", "- id: shuiwuju", '- id: ""', "units[16].id"),
    ("a unit's kind", "kind: superior}", "kind: sometimes}", "kind"),
    ("a test's kind", "[{kind: assigned, better: lower}, ", "[{kind: sometimes, better: lower}, ", "kind"),
    ("a veto item's id", "- {id: V3,", '- {id: "",', "vetoes[2].id"),
    ("a list's name", "\nduties:\n", "\ndutys:\n", "dut"),
    ("a unit's list", "\nunits:\n", "\nunit:\n", "unit"),
    ("a duty's id, followed by others", "- {id: D12.4,", "- {id: D12,", "duties[44].id"),
    ("a ladder's rungs", "  rungs:\n", "  rungs: {}\n  rungz:\n", "rung"),
    ("a name that stands twice", "- {name: 吕英,", '- {name: "",', "name"),
    ("where branches meet", '{base_above: "60"}', '{base_above: "≥60"}', "base_above"),
    ("a phase's end", "end: 2022-12-31", "end: 2022-12-32", "phases[3].end"),
]


@pytest.mark.parametrize(
    ("old", "new", "where"), [c[1:] for c in CONSEQUENCES], ids=[c[0] for c in CONSEQUENCES]
)
def test_what_hangs_on_a_wrong_field_is_not_said(old: str, new: str, where: str) -> None:
    """Whoever mends one field would look in vain for twelve others."""
    assert old in GOOD, old
    lines = examine_text("plan.yaml", GOOD.replace(old, new, 1).encode()).lines("error")
    assert [line for line in lines if where not in line.split(": ")[1]] == [], lines


def test_warnings_are_told_beside_a_wrong_field() -> None:
    text = GOOD.replace("answer_days: 2", "answer_days: two", 1)
    assert len(examine_text("plan.yaml", text.encode()).lines("warning")) == 4


def exchanged(one: str, other: str) -> str:
    text = GOOD.replace(f"id: {one}\n", "id: ?\n").replace(f"id: {one},", "id: ?,")
    text = text.replace(f"id: {other}\n", f"id: {one}\n").replace(f"id: {other},", f"id: {one},")
    return text.replace("id: ?", f"id: {other}")


def test_exchanged_ids_are_named_with_both_places() -> None:
    """Not with five parts to rename: they are numbered right."""
    assert [
        line.partition(": ")[2] for line in examine_text("p", exchanged("I07", "I08").encode()).lines("error")
    ] == [
        f'{here}.id: does not match its parts, which are numbered {belongs}; "{stands}"; write {belongs}, '
        f"which stands at {there}.id: the two may be exchanged"
        for here, belongs, stands, there in (
            ("indicators[6]", "I07", "I08", "indicators[7]"),
            ("indicators[7]", "I08", "I07", "indicators[6]"),
        )
    ]


@pytest.mark.parametrize(
    ("one", "other", "severity", "places"),
    [
        ("M1.1", "M1.2", "error", ("phases[0].milestones[0].id", "phases[0].milestones[1].id")),
        ("D4.1", "D4.2", "error", ("duties[12].id", "duties[13].id")),
        ("I05", "I06", "warning", ("indicators[5].id", "indicators[4].id")),
        ("caizhengju", "shengtaibu", "error", ("indicators[32].lead[0]", "units[45].id")),
    ],
)
def test_an_exchanged_id_names_the_other(
    one: str, other: str, severity: str, places: tuple[str, str]
) -> None:
    lines = examine_text("p", exchanged(one, other).encode()).lines(severity)
    assert [line for line in lines if f" {places[0]}: " in line and places[1] in line.split(": ", 2)[2]], (
        lines
    )
