"""Two plans compared in words, and a new plan made of an old one."""

from datetime import date
from pathlib import Path

import pytest

from eco_workflow.domain.errors import WrongInput
from eco_workflow.plans.diff import differences
from eco_workflow.plans.load import examine_text, open_file
from eco_workflow.plans.schema import Plan
from eco_workflow.plans.shift import MARK, Shifted, add_months, shift

COUNTY = Path(__file__).with_name("county.yaml").read_text("utf-8")


def plan(*pieces: tuple[str, str]) -> Plan:
    text = COUNTY
    for old, new in pieces:
        assert old in text, old
        text = text.replace(old, new, 1)
    examined = examine_text("county.yaml", text.encode())
    assert examined.loaded is not None, examined.lines("error")
    return examined.loaded.plan


def said(*pieces: tuple[str, str]) -> list[str]:
    return [difference.said for difference in differences(plan(), plan(*pieces))]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([], []),
        ([("answer_days: 1", "answer_days: 2")], ["changed: working days to answer: 1 → 2"]),
        (
            [("due_on: 2022-06-30", "due_on: 2022-07-31")],
            ["changed: indicator I03 河长制: due date: 2022-06-30 → 2022-07-31"],
        ),
        (
            [("liaison@shuili.example", "new@shuili.example")],
            [
                "changed: unit shuili 县水利局, contact liaison 水利联络员: address: "
                "liaison@shuili.example → new@shuili.example"
            ],
        ),
        (
            [('at_least: "90"', 'at_least: "95"'), ("且≥90", "且≥95")],
            [
                "changed: indicator I01 河流水质: target: 完成市下达任务，且≥90 → 完成市下达任务，且≥95",
                "changed: indicator I01 河流水质, test bound: at least: 90 → 95",
            ],
        ),
        (
            [("{id: D2.1, unit: shuili, title: 巡查河道", "{id: D3.1, unit: shuili, title: 巡查河道")],
            ["removed: duty D2.1 巡查河道", "added: duty D3.1 巡查河道"],
        ),
        (
            [("after: 2, title: 催办", "after: 4, title: 催办")],
            ["changed: ladder, rung 2 催办: after: 2 → 4"],
        ),
        ([("乙某", "丙某")], ["removed: member 乙某 县水利局局长", "added: member 丙某 县水利局局长"]),
    ],
)
def test_what_differs_is_said_in_words(pieces: list[tuple[str, str]], expected: list[str]) -> None:
    assert said(*pieces) == expected


@pytest.mark.parametrize(
    ("day", "months", "moved"),
    [
        (date(2022, 2, 28), 24, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2022, 5, 31), 1, date(2022, 6, 30)),
        (date(2022, 1, 30), 1, date(2022, 2, 28)),
        (date(2022, 3, 15), -3, date(2021, 12, 15)),
    ],
)
def test_the_last_day_of_a_month_stays_the_last(day: date, months: int, moved: date) -> None:
    assert add_months(day, months) == moved


@pytest.fixture(scope="module")
def two_years_later() -> Shifted:
    return shift(*open_file("daxinganling-2022"), date(2023, 10, 1))


def test_a_shifted_plan_passes_check_with_all_its_dates_moved(two_years_later: Shifted) -> None:
    examined = examine_text("shifted.yaml", two_years_later.text.encode())
    assert examined.loaded is not None
    moved = examined.loaded.plan
    assert (two_years_later.plan, two_years_later.months, moved.id) == ("daxinganling-2024", 24, moved.id)
    assert [(p.start, p.end) for p in moved.phases] == [
        (date(2023, 10, 1), date(2024, 2, 29)),
        (date(2024, 3, 1), date(2024, 5, 31)),
        (date(2024, 6, 1), date(2024, 8, 31)),
        (date(2024, 9, 1), date(2024, 12, 31)),
    ]
    assert {i.due_on for i in moved.indicators} | {p.due_on for p in moved.policies} == {date(2024, 5, 31)}
    assert moved.rounds_from == date(2024, 3, 1)


def test_only_dates_and_the_id_differ(two_years_later: Shifted) -> None:
    _, data = open_file("daxinganling-2022")
    for before, after in zip(data.decode().splitlines(), two_years_later.text.splitlines(), strict=True):
        bare = after.removesuffix(f" # {MARK}")
        if bare != before:
            assert "2024" in bare or "2023-10-01" in bare


def test_what_a_person_must_look_at_again_is_marked(two_years_later: Shifted) -> None:
    marked = [line for line in two_years_later.text.splitlines() if line.endswith(MARK)]
    assert len(marked) == two_years_later.marked
    for part in ("id: daxinganling-2024", "published: 2022-05-31", "roster:", "units:", "due_on:", "2022年"):
        assert any(part in line for line in marked), part


def test_a_mark_joins_a_comment_and_does_not_pile_up() -> None:
    text = COUNTY.replace("rounds_from: 2022-03-01", "rounds_from: 2022-03-01 # the first")
    once = shift("county.yaml", text.encode(), date(2023, 3, 1))
    assert f"rounds_from: 2023-03-01 # the first; {MARK}\n" in once.text
    twice = shift("county.yaml", once.text.encode(), date(2024, 3, 1))
    assert twice.text.count(MARK) == once.text.count(MARK)
    assert twice.plan == "qingxi-2024"


def test_within_a_year_the_new_plan_has_an_id_of_its_own() -> None:
    assert shift("county.yaml", COUNTY.encode(), date(2022, 4, 1)).plan == "qingxi-2022-2022-04"


def test_a_start_that_is_not_whole_months_away_or_moves_nothing_is_refused() -> None:
    with pytest.raises(
        WrongInput, match=r"not whole months away from 2022-03-01.* Give e\.g\. 2023-0[34]-01"
    ):
        shift("county.yaml", COUNTY.encode(), date(2023, 3, 2))
    with pytest.raises(WrongInput, match="2022-03-01 is the day on which the old plan starts; nothing would"):
        shift("county.yaml", COUNTY.encode(), date(2022, 3, 1))


@pytest.mark.parametrize("start", ["9999-12-01", "2100-03-01", "2099-06-01", "1999-03-01"])
def test_a_start_in_no_year_that_a_plan_runs_in_is_refused(start: str) -> None:
    """The county's plan runs for nine months, and must end before 2100."""
    with pytest.raises(WrongInput, match=rf"^--start {start} .* in no year that a plan runs in\. [^\n]*$"):
        shift("county.yaml", COUNTY.encode(), date.fromisoformat(start))


def test_a_plan_in_no_year_that_a_plan_runs_in_is_not_right() -> None:
    """`--now` takes no day of it."""
    for year in ("2122", "1922"):
        found = examine_text("county.yaml", COUNTY.replace("2022-", f"{year}-").encode())
        assert found.loaded is None
        wrong = f'phases[0].start: lies in no year that a plan runs in; "{year}-03-01"; correct the year'
        assert any(wrong in line for line in found.lines("error")), found.lines("error")


def test_a_broken_plan_is_not_shifted() -> None:
    with pytest.raises(WrongInput, match=r"county\.yaml:\d+: units\[0\]\.id"):
        shift("county.yaml", COUNTY.replace("id: huanbao", "id: ''").encode(), date(2023, 3, 1))
