"""When a plan asks for evidence, and of which years: checked, compared, moved with a new plan."""

from pathlib import Path

import pytest
from sqlmodel import select

from eco_workflow.plans.diff import differences
from eco_workflow.plans.load import examine_text
from eco_workflow.plans.schema import Plan
from eco_workflow.plans.shift import MARK, shift
from eco_workflow.services import gaps, revise_plan
from eco_workflow.services.find import plan_named
from eco_workflow.store.tables import Requirement
from tests.office import OPERATOR, Office, at
from tests.plans.test_diff_and_shift import COUNTY, plan

HERE = Path(__file__).parent


def text(rules: str) -> bytes:
    return f"{COUNTY}\nevidence: {rules}\n".encode()


def with_rules(rules: str) -> Plan:
    examined = examine_text("county.yaml", text(rules))
    assert examined.loaded is not None, examined.lines("error")
    return examined.loaded.plan


@pytest.mark.parametrize(
    ("rules", "wrong"),
    [
        ("{required_from: 2023-01-01}", "evidence.required_from: lies outside the phases"),
        ("{data_years: [2021, 2023]}", "evidence.data_years[1]: is after the plan"),
    ],
)
def test_what_cannot_be_is_named(rules: str, wrong: str) -> None:
    examined = examine_text("county.yaml", text(rules))
    assert examined.loaded is None
    assert any(wrong in line for line in examined.lines("error")), examined.lines("error")


def test_a_change_is_said_in_words_and_a_new_plan_moves_the_day() -> None:
    """The years want a look."""
    new = with_rules("{required_from: 2022-05-31, data_years: [2020, 2021]}")
    assert [one.said for one in differences(plan(), new)] == [
        "changed: evidence: required from: (none) → 2022-05-31",
        "changed: evidence: data years: (none) → 2020, 2021",
    ]
    old = text("{required_from: 2022-05-31, data_years: [2021]}")
    moved = shift("county.yaml", old, new.starts_on.replace(year=2023))
    [line] = [line for line in moved.text.splitlines() if line.startswith("evidence:")]
    assert line == f"evidence: {{required_from: 2023-05-31, data_years: [2021]}} # {MARK}"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_named_year_is_a_gap_of_its_own_once_the_plan_is_loaded(database: str, tmp_path: Path) -> None:
    office = Office(database, tmp_path, plan=str(HERE / "county.yaml"))
    office.open()
    examined = examine_text("county.yaml", text("{data_years: [2020, 2021]}"))
    assert examined.loaded is not None
    revise_plan.revise(office.database, examined.loaded, now=at("2022-03-02"), by=OPERATOR)
    with office.database.read() as session:
        found = gaps.gaps(session, plan_named(session, None), ["I01"])
        assert [(gap.requirement, gap.year, gap.or_newer) for gap in found] == [
            ("E1", 2020, False), ("E1", 2021, False),
        ]  # fmt: skip
        assert len(session.exec(select(Requirement)).all()) == 3
