"""`eco plan`: check, show, diff, load, shift and schema at a terminal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import FIRST_DAY, NEXT_DAY, Terminal, assert_refused
from tests.plans.cast import CASTS, changed, document_of
from tests.plans.mutations import GOOD

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file with the real plan, pieces of its text replaced."""

    def make(*pieces: tuple[str, str]) -> str:
        text = GOOD
        for old, new in pieces:
            assert old in text, old
            text = text.replace(old, new, 1)
        file = tmp_path / "mine.yaml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    return make


def test_check_tells_warnings_and_succeeds_without_a_database(empty: Terminal) -> None:
    said = empty("plan", "check", "daxinganling-2022")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == ["warning"] * 4
    assert lines[-1].startswith("daxinganling-2022.yaml: 0 errors, 4 warnings; ")
    assert not empty.home.exists()


def test_check_names_every_error_with_its_line_and_fails(empty: Terminal, write: Write) -> None:
    file = write(("lead: [caizhengju]", "lead: [caizhenju]"), ("duties: 102", "duties: 101"))
    said = empty("plan", "check", file)
    assert said.code == 2
    assert f"error: {file}:" in said.out
    assert 'lead[0]: there is no such unit; "caizhenju"; did you mean caizhengju?' in said.out
    assert "declared.duties: differs from the 102 counted; 101" in said.out
    assert "2 errors, 4 warnings." in said.out


def test_check_prints_findings_as_json(empty: Terminal, write: Write) -> None:
    said = empty("plan", "check", write(("lead: [caizhengju]", "lead: [caizhenju]")), "--json")
    assert said.code == 2
    [error] = [found for found in said.json["findings"] if found["severity"] == "error"]
    assert (error["path"], error["value"]) == ("indicators[32].lead[0]", "caizhenju")
    assert GOOD.splitlines()[error["line"] - 1].strip() == "lead: [caizhengju]"
    assert (said.json["errors"], said.json["warnings"]) == (1, 4)


def test_a_file_that_is_not_there_is_wrong_input(empty: Terminal) -> None:
    for command in (("check", "./no.yaml"), ("diff", "./no.yaml", "daxinganling-2022"),
                    ("shift", "./no.yaml", "--start", "2023-10-01")):  # fmt: skip
        assert_refused(empty("plan", *command), 2, "'./no.yaml' cannot be read")


KEYS: dict[str, set[str]] = {
    "phases": {"id", "title", "start", "end", "milestones"},
    "units": {"id", "name", "aliases", "kind", "relation", "contacts"},
    "indicators": {
        "id", "name", "domain", "category", "unit", "binding", "target", "lead", "supporting",
        "data_providers", "parts", "branches",
    },
    "policies": {"id", "title", "lead", "supporting"},
    "vetoes": {"id", "title", "lead", "supporting"},
    "duties": {"id", "unit", "title", "catch_all", "source"},
    "roster": {"name", "post", "role"},
    "warnings": {"where", "printed", "decided", "why"},
}  # fmt: skip


def test_show_prints_the_whole_plan_as_json(eco: Terminal) -> None:
    shown = eco("plan", "show", "--json").json
    for name, keys in KEYS.items():
        assert shown[name], name
        assert all(keys <= set(entry) for entry in shown[name]), name
    assert set(shown) >= {"rhythms", "ladder"}
    counts = {name: len(shown[name]) for name in KEYS}
    assert counts | {"warnings": 0} == {
        "phases": 4, "units": 52, "indicators": 36, "policies": 5, "vetoes": 6, "duties": 102,
        "roster": 48, "warnings": 0,
    }  # fmt: skip
    ids = {unit["id"] for unit in shown["units"]}
    named = {code for i in shown["indicators"] for code in i["lead"] + i["supporting"] + i["data_providers"]}
    assert named | {duty["unit"] for duty in shown["duties"]} <= ids
    parts = [part for indicator in shown["indicators"] for part in indicator["parts"]]
    assert all({"id", "name", "target"} <= set(part) for part in parts)


def test_show_names_the_people_of_the_day(eco: Terminal) -> None:
    eco("contact", "end", "caizhengju", "liaison", "--now", NEXT_DAY)
    eco("contact", "add", "caizhengju", "liaison", "张三", "z@x.example", "--now", NEXT_DAY)
    units = {unit["id"]: unit for unit in eco("plan", "show", "--json").json["units"]}
    liaison = units["caizhengju"]["contacts"][0]
    assert liaison == {"name": "张三", "role": "liaison", "address": "z@x.example"}
    assert len(units["lingdaoxiaozu"]["members"]) == 37


def test_show_reads_duties_roster_and_ladder_to_a_person(eco: Terminal) -> None:
    shown = eco("plan", "show").out
    for part in ("D12.4", "V6", "I22.a", "I07.2", "刑广峰", "never asked", "when a leader so decides"):
        assert part in shown, part


def test_diff_compares_files_packaged_plans_and_the_plan_in_force(eco: Terminal, write: Write) -> None:
    file = write(("answer_days: 2", "answer_days: 3"))
    for old in ("daxinganling-2022", "in-force"):
        said = eco("plan", "diff", old, file)
        assert said.out == "changed: working days to answer: 2 → 3\n1 difference.\n"
    assert eco("plan", "diff", file, file).out == "No difference.\n"
    [found] = eco("plan", "diff", "in-force", file, "--json").json
    assert (found["kind"], found["before"], found["after"]) == ("changed", "2", "3")


def test_load_shows_what_changes_asks_and_leaves_alone_what_is_not_confirmed(
    eco: Terminal, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, before = write(("answer_days: 2", "answer_days: 3")), eco.picture()
    monkeypatch.setattr("typer.confirm", lambda _: False)
    said = eco("plan", "load", file, "--now", NEXT_DAY)
    assert said.code == 1
    assert "changed: working days to answer: 2 → 3" in said.out
    assert said.out.endswith("Nothing was changed.\n")
    assert eco.picture() == before
    monkeypatch.setattr("typer.confirm", lambda _: True)
    assert "daxinganling-2022 is in version 2" in eco("plan", "load", file, "--now", NEXT_DAY).out
    again = eco("plan", "load", file, "--yes", "--now", NEXT_DAY)
    assert "in force already, as version 2" in again.out


def test_load_prints_json_and_keeps_who_did_it(eco: Terminal, write: Write) -> None:
    file = write(("answer_days: 2", "answer_days: 3"))
    assert_refused(eco("plan", "load", file, "--json", "--now", NEXT_DAY), 2, "--yes")
    done: dict[str, Any] = eco(
        "plan", "load", file, "--yes", "--json", "--now", NEXT_DAY, "--as", "联络员·创建办"
    ).json
    assert (done["version"], done["fresh"], len(done["changes"])) == (2, True, 1)
    [(actor, action, detail)] = eco.sql("SELECT actor, action, detail FROM audit ORDER BY n DESC LIMIT 1")
    assert (actor, action) == ("联络员·创建办", "plan_load")
    assert json.loads(detail)["changes"] == ["changed: working days to answer: 2 → 3"]


def test_load_refuses_a_broken_file_and_a_change_that_cannot_be(eco: Terminal, write: Write) -> None:
    before = eco.picture()
    broken = write(("answer_days: 2", "answer_days: 0"))
    assert_refused(eco("plan", "load", broken, "--yes", "--now", NEXT_DAY), 2, "answer_days")
    past = write(("    due_on: 2022-05-31", "    due_on: 2022-03-01"))
    assert_refused(
        eco("plan", "load", past, "--yes", "--now", NEXT_DAY), 1, "I01: its due date", "has passed"
    )
    other = write(("id: daxinganling-2022", "id: elsewhere"))
    assert_refused(eco("plan", "load", other, "--yes", "--now", NEXT_DAY), 2, "no plan 'elsewhere' here")
    assert eco.picture() == before


def test_shift_writes_a_plan_that_can_be_activated(empty: Terminal, tmp_path: Path) -> None:
    file = str(tmp_path / "next.yaml")
    said = empty("plan", "shift", "daxinganling-2022", "--start", "2023-10-01", "--out", file)
    assert said.code == 0, said.err
    assert "the plan daxinganling-2024, 50 dates moved by 24 months" in said.out
    assert empty("plan", "check", file).code == 0
    assert empty("init", "--plan", file, "--now", "2024-03-01T08:00:00+08:00").code == 0
    again = empty("plan", "shift", "daxinganling-2022", "--start", "2023-10-01", "--out", file)
    assert_refused(again, 2, "exists")


def test_shift_prints_the_plan_or_says_what_it_did_as_json(empty: Terminal) -> None:
    words = ("plan", "shift", "daxinganling-2022", "--start", "2023-10-01")
    made = empty(*words, "--json").json
    assert (made["plan"], made["months"]) == ("daxinganling-2024", 24)
    assert empty(*words).out == made["text"]
    assert_refused(empty(*words[:-1], "2023-10-02"), 2, "whole months", "2023-10-01")
    assert_refused(empty(*words[:-1], "soon"), 2, "--start")


def test_the_schema_for_editors_knows_every_field(empty: Terminal) -> None:
    printed = empty("plan", "schema").json
    assert {"duties", "roster", "vetoes", "ladder"} <= set(printed["properties"])
    assert printed["additionalProperties"] is False
    assert printed["$defs"]["Bound"]["properties"]["kind"]["const"] == "bound"


def test_every_command_about_plans_knows_another_plan(empty: Terminal, tmp_path: Path) -> None:
    """The county's: checked, activated, shown, shifted by a year, compared, loaded with another rule."""
    cast = CASTS["county"]
    plan = document_of(cast)
    assert empty("plan", "check", cast.plan).out.splitlines()[-1].count(" 0 errors") == 1
    assert empty("init", "--plan", cast.plan, "--now", FIRST_DAY).code == 0
    shown = empty("plan", "show", "--json").json
    assert (shown["id"], len(shown["indicators"])) == (plan.id, len(plan.indicators))
    assert plan.units[0].short in empty("plan", "show").out

    start = plan.starts_on.replace(year=plan.starts_on.year + 1)
    next_year = str(tmp_path / "next.yaml")
    made = empty("plan", "shift", cast.plan, "--start", str(start), "--out", next_year, "--json").json
    assert (made["plan"], made["months"]) == (plan.id.replace("2022", "2023"), 12)
    assert empty("plan", "check", next_year).code == 0

    days = plan.answer_days
    file = str(changed(cast, tmp_path, f"answer_days: {days}", f"answer_days: {days + 1}"))
    said = f"changed: working days to answer: {days} → {days + 1}"
    assert empty("plan", "diff", "in-force", file).out.splitlines() == [said, "1 difference."]
    loaded = empty("plan", "load", file, "--yes", "--json", "--now", NEXT_DAY).json
    assert (loaded["code"], loaded["version"], len(loaded["changes"])) == (plan.id, 2, 1)

    assert_refused(empty("plan", "load", next_year, "--yes"), 2, "no plan", "eco init --plan FILE")
    day = ("--now", f"{start.year}-03-01T09:00:00+08:00")
    assert empty("init", "--plan", next_year, *day).code == 0
    ran = empty("dispatch", "--direct", *day)
    assert ran.code == 0, ran.err
    assert f"{plan.id} ended on {plan.ends_on}: nothing is due there." in ran.out
    assert_refused(empty("dispatch", "--direct", *day, "--plan", plan.id), 2, str(plan.ends_on))
