"""`eco demo --json`: one document on standard output; the replay to its end is in `tests/flows`."""

from collections import Counter
from datetime import date
from unittest import mock

from tests.cli.terminal import Terminal

ONE_DAY = mock.patch.multiple(
    "eco_workflow.cli.demo", FIRST=date(2022, 3, 14), LAST=date(2022, 3, 14), UNDER_PREFECT=date(2022, 3, 15)
)
"""The 14th, without the day that runs under Prefect."""


def test_the_summary_comes_as_json_and_all_else_on_standard_error(empty: Terminal) -> None:
    with ONE_DAY:
        said = empty("demo", "--json")
    assert said.code == 0
    found = said.json
    assert [(day["on"], day["how"]) for day in found["days"]] == [("2022-03-14", "direct")]
    assert (found["status"]["rounds"][-1]["asked"], found["marking"]) == (22, "演示数据")
    told = Counter((row["what"], row["to"] if row["what"] == "request" else "") for row in found["told"])
    assert told == {("request", "liaisons"): 1, ("notice", ""): 42}  # a task sheet for every unit with tasks
    assert [(phase["phase"], phase["state"]) for phase in found["phases"]["phases"]] == [
        (1, "before"), (2, "open"), (3, "planned"), (4, "planned"),
    ]  # fmt: skip
    assert {turn["state"] for turn in found["rhythm"]} == {"not_owed", "planned"}
    assert "Demo" in said.err
    assert found["events"] == []
    assert len(found["mailboxes"]) == 85
