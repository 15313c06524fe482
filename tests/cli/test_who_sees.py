"""Who sees what: `--as` names whose eyes a list serves, decided below the commands (DESIGN, rule 8)."""

from typing import Any

from tests.cli.terminal import Terminal, assert_refused

LATE_DAY = "2022-03-17T09:00:00+08:00"
LATE = ("--now", "2022-03-17T12:00:00+08:00")
WATER, OFFICE, SUPERVISION = "联络员·水务局", "联络员·创建办", "联络员·地委督查室"
RANKING = ("ranking", "--now", "2022-06-01T12:00:00+08:00")

LISTS: dict[tuple[str, ...], Any] = {
    ("case", "list", *LATE): lambda rows: {row["unit"] for row in rows},
    ("report", "list"): lambda rows: {row["unit"] for row in rows},
    ("item", "list"): lambda rows: {row["unit"] for row in rows},
    ("item", "show", "I32"): lambda row: {unit["unit"] for unit in row["units"]},
    ("light", *LATE): lambda rows: {row["unit"] for row in rows},
    ("status", *LATE): lambda found: {row["unit"] for row in found["late"]},
    ("round", "show", "2022-03-14"): lambda found: {row["unit"] for row in found["units"]},
    ("outbox", "list"): lambda rows: {row["unit"] for row in rows},
    ("contact", "list"): lambda rows: {row["unit"] for row in rows},
}
"""A command → the units that its JSON shows."""


def test_a_liaison_sees_the_own_unit_and_the_offices_see_all(late: Terminal) -> None:
    for words, units in LISTS.items():
        assert units(late(*words, "--as", WATER, "--json").json) == {"地区水务局"}, words
        everybody = units(late(*words, "--json").json)
        assert len(everybody) > 1, words
        for who in (OFFICE, SUPERVISION):
            assert units(late(*words, "--as", who, "--json").json) == everybody, words


def test_a_case_of_another_unit_is_not_shown(late: Terminal) -> None:
    numbers = {row["unit"]: str(row["case"]) for row in late("case", "list", *LATE, "--json").json}
    assert late("case", "show", numbers["地区水务局"], *LATE, "--as", WATER).code == 0
    other = late("case", "show", numbers["地区财政局"], *LATE, "--as", WATER)
    assert_refused(other, 1, f"{WATER} sees the own unit's cases only")


def test_a_list_of_another_unit_is_refused_in_words(late: Terminal) -> None:
    for words in (
        ("report", "list"),
        ("case", "list", *LATE, "--unit"),
        ("light", *LATE),
        ("contact", "list"),
    ):
        other = late(*words, "财政局", "--as", WATER)
        assert_refused(other, 1, f"{WATER} sees the own unit only; 地区财政局 is another")
        assert late(*words, "水务局", "--as", WATER).code == 0


def test_who_keeps_accounts_or_reads_the_log_sees_no_content(late: Terminal) -> None:
    for name, role in (("钱七", "admin"), ("孙八", "auditor")):
        assert late("account", "add", name, role, "--now", "2022-03-17T10:00:00+08:00").code == 0
        for words in LISTS:
            said = late(*words, "--as", name, "--json")
            assert_refused(said, 1, f"{name} is an {role}; looking at the plan's content needs an operator")


def test_units_are_set_side_by_side_for_leaders_and_supervisors_only(late: Terminal) -> None:
    late("account", "add", "赵六", "leader", "--now", "2022-03-17T10:00:00+08:00")
    for who in (SUPERVISION, "赵六"):
        assert late(*RANKING, "--as", who).code == 0
    for words in (("--as", OFFICE), ("--as", WATER), ()):
        assert_refused(late(*RANKING, *words), 1, "leader and supervisor only")
