"""A plan file with mistakes: each is named with its line and what to do, all of them at once."""

import hashlib
from importlib import resources
from pathlib import Path

import pytest

from eco_workflow.domain.errors import WrongInput
from eco_workflow.plans.load import read
from eco_workflow.plans.schema import Plan

GOOD = (resources.files("eco_workflow.plans") / "daxinganling-2022.yaml").read_text("utf-8")


def with_change(old: str, new: str) -> str:
    assert old in GOOD, old
    return GOOD.replace(old, new, 1)


def line_of(fragment: str, text: str = GOOD) -> int:
    return text[: text.index(fragment)].count("\n") + 1


def complaint(tmp_path: Path, text: str) -> list[str]:
    """What reading that text says, a line per finding, without the folder."""
    file = tmp_path / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongInput) as caught:
        read(str(file))
    return str(caught.value).replace(f"{tmp_path}/", "").splitlines()


def test_the_packaged_plan_and_a_copy_of_its_file_are_the_same_document(tmp_path: Path) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_text(GOOD, encoding="utf-8")
    assert read(str(copy)) == read("daxinganling-2022")


def test_the_stored_text_reads_back_as_the_same_plan() -> None:
    loaded = read("daxinganling-2022")
    assert Plan.model_validate_json(loaded.text) == loaded.plan
    assert hashlib.sha256(loaded.text.encode()).hexdigest() == loaded.digest


def test_comments_order_of_fields_and_a_byte_order_mark_change_no_digest(tmp_path: Path) -> None:
    copy = tmp_path / "copy.yaml"
    line = "prefecture: 大兴安岭地区\n"
    copy.write_text("\ufeff# moved\n" + line + with_change(line, ""), encoding="utf-8")
    assert read(str(copy)).digest == read("daxinganling-2022").digest


def test_a_time_without_quotes_is_a_time(tmp_path: Path) -> None:
    """Stock YAML reads 17:30 as the number 1050, which would be seventeen minutes past midnight."""
    file = tmp_path / "plan.yaml"
    file.write_text(with_change('answer_time: "17:30"', "answer_time: 17:30"), encoding="utf-8")
    assert read(str(file)).plan.answer_time.isoformat() == "17:30:00"


def test_a_finding_says_file_line_field_value_and_remedy(tmp_path: Path) -> None:
    line = line_of("round_days:")
    assert complaint(tmp_path, with_change("answer_days: 2", "answer_days: two")) == [
        f'plan.yaml:{line + 1}: answer_days: Input should be a valid integer; "two"; '
        "write a whole number, without quotes"
    ]


def test_all_findings_come_in_one_go_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = with_change("lead: [shuiwuju]", "lead: [shuiwju]").replace("indicators: 36", "indicators: 35")
    said = complaint(tmp_path, text)
    assert said == [
        f"plan.yaml:{line_of('indicators: 35', text)}: declared.indicators: differs from the 36 counted; "
        "35; correct the total, or what is missing or too many",
        f"plan.yaml:{line_of('shuiwju', text)}: indicators[3].lead[0]: there is no such unit; "
        '"shuiwju"; did you mean shuiwuju?',
    ]


LIAISON = "lianluo@jiwei.dxal.example"
MISTAKES = [
    ("a field is missing", "prefecture: 大兴安岭地区\n", "", "prefecture: is missing; write it"),
    ("a field is misspelt", "summary_days: 4", "sumary_days: 4", "sumary_days: is not a known field; 4;"),
    ("a date that does not exist", "rounds_from: 2022-03-01", "rounds_from: 2022-02-30", '"2022-02-30"'),
    ("rounds outside the plan", "rounds_from: 2022-03-01", "rounds_from: 2002-03-01", "outside the plan"),
    ("a round day that some months lack", "[14, 28]", "[14, 31]", "round_days[1]: Input should be less"),
    ("a round day twice", "[14, 28]", "[14, 14]", "round_days[1]: stands there already; 14"),
    ("a unit's id twice", "- id: zuzhibu", "- id: jiwei", "units[1].id: this id is taken"),
    ("a spelling of two units", "[地委办]", "[地区水务局]", 'this spelling is taken; "地区水务局"'),
    ("a spelling that is no unit's", "[地委办]", "[行署]", 'this spelling is taken; "行署"'),
    ("a gap between phases", "start: 2022-03-01", "start: 2022-03-02", "does not follow phase 1"),
    ("a phase that ends before it starts", "end: 2022-02-28", "end: 2021-02-28", "before the phase's start"),
    ("a milestone of another phase", "id: M2.1", "id: M3.1", '"M3.1"; write M2.1'),
    ("no such office", "{unit: chuangjianban", "{unit: nobody", "office.unit: there is no such unit"),
    ("an office that is none", "{unit: chuangjianban", "{unit: ducha", "office.unit: is of kind unit"),
    ("no liaison", f"role: liaison, address: {LIAISON}", f"role: leader, address: {LIAISON}", "0 contacts"),
    ("no relation", "    relation: independent\n", "", "jiwei has no relation"),
    ("an address that adds a recipient", LIAISON, '"a@x.example&cc=b@x.example"', "mail address"),
    ("an address with a space", LIAISON, '"a b@x.example"', "mail address"),
    ("an address with a question mark", LIAISON, '"a@x.example?bcc=b"', "mail address"),
    ("an address with two dots", LIAISON, '"a..b@x.example"', "mail address"),
    ("an address in Chinese", LIAISON, "联络@x.example", "mail address"),
    ("a name that adds a header", "联络员·纪委监委", '"a\\nBcc: b@x.example"', "more than one line"),
    ("a gap in the ladder", "{rung: 3, after: 2", "{rung: 4, after: 2", "ladder.rungs: do not ascend"),
    ("a first rung that waits", "{rung: 1, after: 0", "{rung: 1, after: 1", "write 0"),
    ("two principals", "kind: copy}", "kind: copy, principal: true}", "rung 3 has 2 principal recipients"),
    ("nobody to ask", "    lead: [zuzhibu]\n", "", "neither lead nor data provider"),
    ("a unit with two roles", "[zhengwuban]", "[shengtaiju]", "I05 names a unit twice"),
    ("a superior to be asked", "lead: [caizhengju]", "lead: [shengting]", "is of kind superior"),
    ("an exception for no item", "items: [P1]", "items: [P9]", 'there is no such item; "P9"'),
    ("a tag", "title: ", "title: !!python/name:os.system ", "remove the tag"),
]


@pytest.mark.parametrize(("old", "new", "said"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_named_on_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert any(said in line for line in complaint(tmp_path, with_change(old, new)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "plan.yaml:1: plan: is no mapping; begin with fields such as id, title, phases"),
        ("- a\n- b\n", "plan.yaml:1: plan: is no mapping; begin with fields such as id, title, phases"),
        ("id: a\nid: b\n", "plan.yaml:2: id (again): the key 'id' stands twice; remove one of the two"),
        ("a: 1\n? [b]\n: 2\n", "plan.yaml:2: ?: is no field name; write a word before the colon"),
        ("a: 1\nb: &x [*x]\n", "plan.yaml:2: b[0]: is a YAML alias; write it out"),
        ("a: " + "[" * 900 + "]" * 900, "plan.yaml:1: plan: is nested too deeply; write fewer brackets"),
        (
            "a: " + "[" * 5000,
            "plan.yaml:1: plan: is not YAML: exceeded maximum nesting depth; "
            "correct this line or the one before",
        ),
    ],
    ids=[
        "empty",
        "a list",
        "a field twice",
        "a list as a field's name",
        "an alias",
        "many brackets",
        "brackets without end",
    ],
)
def test_what_is_no_plan_is_said_without_a_traceback(tmp_path: Path, text: str, said: str) -> None:
    assert complaint(tmp_path, text) == [said]


@pytest.mark.parametrize("text", ["a: 1\nb: [\n", "a: 1\nb: 'x\n", "a: 1\n---\nb: 2\n"])
def test_broken_yaml_is_one_line_that_says_so(tmp_path: Path, text: str) -> None:
    (said,) = complaint(tmp_path, text)
    assert "is not YAML" in said


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x7f", "\ufffe"], ids=ascii)
@pytest.mark.parametrize("before", ["title: 大兴安岭地区创建", "# 五, second part.", "name: 城镇污水处理率"])
def test_a_control_character_is_named_with_its_line(tmp_path: Path, before: str, character: str) -> None:
    """Wherever in the file it stands, also behind characters that take several bytes."""
    at = GOOD.index(before) + len(before)
    line = GOOD.count("\n", 0, at) + 1
    assert complaint(tmp_path, GOOD[:at] + character + GOOD[at:] + character) == [
        f"plan.yaml:{line}: plan: holds the character U+{ord(character):04X}, which no text has; remove it"
    ]


def test_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes("id: a\ntitle: 大兴安岭".encode("gb18030"))
    with pytest.raises(WrongInput, match=r"plan\.yaml:2: plan: is not UTF-8 text; save the file as UTF-8"):
        read(str(file))


@pytest.mark.parametrize("path", ["./missing.yaml", ".", "a\0b.yaml", ""])
def test_a_file_that_cannot_be_read_is_named_with_the_packaged_plans(path: str) -> None:
    with pytest.raises(WrongInput, match=r"cannot be read.*daxinganling-2022"):
        read(path)


def test_an_unknown_name_lists_the_packaged_plans() -> None:
    with pytest.raises(WrongInput, match=r"no packaged plan 'daxing'\. Known: daxinganling-2022"):
        read("daxing")


@pytest.mark.parametrize("text", ["{}", "id: 测试 2022\ntitle: 小县\n", "id: a b\n", "title: 小县\n"])
def test_the_beginning_of_a_plan_is_told_all_that_is_wanting(tmp_path: Path, text: str) -> None:
    """Also where the plan has no id yet, or one that is none."""
    said = complaint(tmp_path, text)
    assert any("who_hears: is missing" in one for one in said)
    assert len(said) == (18 if text in ("{}", "id: a b\n") else 17)
