"""What is wrong is said in words: no traceback, nothing half-written, and afterwards it works."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from eco_workflow.store.session import close_files
from tests.cli.terminal import (
    ANSWER,
    DISPATCH,
    FIRST_DAY,
    GOES_ON,
    INIT,
    NEXT_DAY,
    ROUND_DAY,
    STOPPED,
    Said,
    Terminal,
    assert_refused,
    disk_with_room_for,
    without_the_powers_of_root,
)

AT = ("--now", NEXT_DAY)
I33 = ("report", "submit", "caizhengju", "I33", *AT)
FIGURE = (*I33, "--status", "in_progress", "--period", "2021", "--value")
STEP = ("step", "add")
LONG = "长" * 2001
FAR = "2023-02-01T09:00:00+08:00"
CONTACT = ("contact", "add", "caizhengju", "liaison")

WRONG = [
    ("a time without zone", ("dispatch", "--direct", "--now", "2022-03-15T09:00:00"), ["no zone", "+08:00"]),
    ("a time that is none", ("dispatch", "--direct", "--now", "tomorrow"), ["no instant", "2022-03-14T09"]),
    ("the end of time", ("dispatch", "--direct", "--now", "9999-12-31T23:59:59-08:00"), ["--now", "year"]),
    ("the beginning of time", ("status", "--now", "0001-01-01T00:00:00+08:00"), ["--now", "year"]),
    (
        "a day before activation",
        ("dispatch", "--direct", "--now", "2022-02-14T09:00:00+08:00"),
        ["2022-02-14", "activation on 2022-03-01", "--now"],
    ),
    (
        "a day after the plan",
        ("dispatch", "--direct", "--now", "2023-01-14T09:00:00+08:00"),
        ["2023-01-14", "2022-12-31", "--now", "plan shift"],
    ),
    (
        "the follow-up after the plan",
        ("follow-up", "--direct", "--now", "2023-01-14T09:00:00+08:00"),
        ["shift"],
    ),
    (
        "a date to confirm that is none",
        ("dispatch", "--direct", "--confirm-date", "x"),
        ["--confirm-date 'x'"],
    ),
    (
        "another date to confirm",
        ("dispatch", "--direct", *AT, "--confirm-date", "2022-03-16"),
        ["2022-03-16", "2022-03-15"],
    ),
    (
        "a plan that is not here",
        ("dispatch", "--direct", *AT, "--plan", "nope"),
        ["'nope'", "daxinganling-2022"],
    ),
    ("a plan that is not here to look at", ("status", "--plan", "nope"), ["'nope'", "daxinganling-2022"]),
    ("init with a date that is none", ("init", "--active-from", "2022-02-30"), ["2022-02-30", "2022-03-14"]),
    ("init from outside the plan", ("init", "--active-from", "2023-01-01"), ["2021-10-01", "2022-12-31"]),
    ("init from another date", ("init", "--now", NEXT_DAY), ["active already", "2022-03-01", "ECO_HOME"]),
    ("init with no such plan", ("init", "--plan", "nope", "--now", FIRST_DAY), ["nope", "daxinganling-2022"]),
    ("init with no such file", ("init", "--plan", "./nope.yaml", "--now", FIRST_DAY), ["cannot be read"]),
    (
        "a unit with a wrong character",
        ("report", "submit", "地区水务厅", "I33", "--status", "completed"),
        ["Did you mean", "地区水务局"],
    ),
    ("a unit like no other", ("report", "list", "??"), ["no unit '??'", "eco plan show"]),
    ("the prefecture as a unit", ("contact", "list", "行署"), ["is no unit"]),
    (
        "an item that is none",
        ("report", "accept", "caizhengju", "I99", *AT),
        ["'I99'", "Did you mean I", "?"],
    ),
    (
        "an item of another unit",
        ("report", "submit", "caizhengju", "I07", "--status", "completed", *AT),
        ["地区财政局 is not asked about I07", "eco report list 地区财政局"],
    ),
    (
        "a round that did not ask",
        (*I33, "--status", "completed", "--round", "2022-03-28"),
        ["in the round of 2022-03-28"],
    ),
    ("a round that is no date", (*I33, "--status", "completed", "--round", "28"), ["--round '28'"]),
    ("a value in letters", (*FIGURE, "abc"), ["--value 'abc'", "95.3"]),
    ("a value that is no number by name", (*FIGURE, "NaN"), ["'NaN' is no number"]),
    ("an infinite value", (*FIGURE, "Infinity"), ["is no number"]),
    ("a value of a million digits", (*FIGURE, "1e999999"), ["'1e999999' is no number"]),
    ("a value of a million places", (*FIGURE, "1e-999999"), ["is no number"]),
    ("a value with its unit", (*FIGURE, "95.3%"), ["without unit or %"]),
    ("a value with a decimal comma", (*FIGURE, "95,3"), ["is no number"]),
    ("a value too long to be one", (*FIGURE, "9" * 500), ["is no number", "…"]),
    ("a value of spaces", (*FIGURE, " "), ["--value is missing"]),
    ("a value without its period", (*I33, "--status", "completed", "--value", "95"), ["--period", "2022-Q1"]),
    ("a period without a value", (*I33, "--status", "completed", "--period", "2021"), ["--value is missing"]),
    (
        "a thirteenth month",
        (*I33, "--status", "completed", "--value", "9", "--period", "2022-13"),
        ["'2022-13'", "2022-05"],
    ),
    ("a status of one's own", (*I33, "--status", "done"), ["'done'", "in_progress", "--no-change"]),
    ("no status at all", I33, ["--status", "completed"]),
    ("no change, and a change", (*I33, "--no-change", "--note", "x"), ["give nothing else"]),
    ("no change where nothing was said", (*I33, "--no-change"), ["no earlier answer", "--status"]),
    ("a return without reason", ("report", "return", "caizhengju", "I33", *AT), ["--reason"]),
    ("a return for a blank", ("report", "return", "caizhengju", "I33", "--reason", " "), ["--reason"]),
    ("a reason of pages", ("plan", "hold", "--reason", LONG, *AT), ["--reason is 2001", "2000"]),
    (
        "a return of pages",
        ("report", "return", "caizhengju", "I33", "--reason", LONG, *AT),
        ["--reason is 2001", "2000"],
    ),
    (
        "a cover note of pages",
        ("round", "adhoc", "--on", "2022-04-20", "--units", "财政局", "--items", "I33", "--note", LONG, *AT),
        ["--note is 2001", "2000"],
    ),
    ("evidence of pages", ("item", "settle", "M1.1", "--done", LONG, *AT), ["--done is 2001"]),
    (
        "a source of pages",
        ("indicator", "assign", "I16", "85", "--source", LONG, "--date", "2022-03-01"),
        ["--source is 2001"],
    ),
    ("a step's title of pages", (*STEP, "I33", LONG, "--weight", "1", *AT), ["title is 2001"]),
    ("a role of one's own", ("contact", "add", "caizhengju", "boss", "张三", "z@x.example"), ["'boss'"]),
    ("an address with a second one", (*CONTACT, "张三", "u@x&cc=evil@x"), ["'u@x&cc=evil@x'"]),
    ("an address with a header", (*CONTACT, "张三", "z@x.example\nBcc: y@x.example"), ["mail address"]),
    ("an address without a domain", (*CONTACT, "张三", "z"), ["mail address 'z'"]),
    ("a name of two lines", (*CONTACT, "张\n三", "z@x.example"), ["name of one line"]),
    ("a name with a control character", (*CONTACT, "张\x1b[2J三", "z@x.example"), ["name of one line"]),
    ("a name of nothing", (*CONTACT, " ", "z@x.example"), ["name of one line"]),
    (
        "a contact of a superior",
        ("contact", "add", "省水利厅", "liaison", "张三", "z@x.example"),
        ["superior", "no contacts"],
    ),
    ("an end of nobody", ("contact", "end", "省水利厅", "liaison"), ["no liaison"]),
    ("a message that is none", ("outbox", "retry", "999"), ["no message 999", "eco outbox list"]),
    ("a message beyond numbers", ("outbox", "retry", "9" * 30), ["MESSAGE"]),
    ("a message in letters", ("outbox", "settle", "one", "--sent"), ["MESSAGE"]),
    ("a message to settle that is none", ("outbox", "settle", "999", "--failed"), ["no message 999"]),
    ("a settling both ways", ("outbox", "settle", "1", "--sent", "--failed"), ["either --sent or --failed"]),
    ("a settling no way", ("outbox", "settle", "1"), ["either --sent or --failed"]),
    ("a state that no message has", ("outbox", "list", "--state", "lost"), ["'lost'", "unknown"]),
    ("a day of messages that is none", ("outbox", "list", "--on", "monday"), ["--on 'monday'"]),
    ("an item settled no way", ("item", "settle", "M1.1"), ["either --done EVIDENCE or --due DATE"]),
    ("an item settled without evidence", ("item", "settle", "M1.1", "--done", " "), ["evidence"]),
    ("an item due in the past", ("item", "settle", "M1.1", "--due", "2022-03-14", *AT), ["today"]),
    ("an item due after the plan", ("item", "settle", "M1.1", "--due", "2023-01-01", *AT), ["2022-12-31"]),
    ("a step of no item", (*STEP, "I99", "x", "--weight", "1", *AT), ["'I99'", "Did you mean I"]),
    ("a step without a title", (*STEP, "I33", " ", "--weight", "1", *AT), ["title", "one line"]),
    ("a step of two lines", (*STEP, "I33", "a\nb", "--weight", "1", *AT), ["title", "one line"]),
    ("a step without a weight", (*STEP, "I33", "x", *AT), ["Missing option", "--weight"]),
    ("a step that weighs nothing", (*STEP, "I33", "x", "--weight", "0", *AT), ["--weight 0", "whole number"]),
    ("a step that weighs half", (*STEP, "I33", "x", "--weight", "0.5", *AT), ["--weight", "integer"]),
    ("a step beyond numbers", (*STEP, "I33", "x", "--weight", "9" * 30, *AT), ["from 1 to 10000"]),
    (
        "a step due after its item",
        (*STEP, "I33", "x", "--weight", "1", "--due", "2022-06-01", *AT),
        ["--due 2022-06-01", "2022-05-31, when I33 itself is due"],
    ),
    ("a step due on no date", (*STEP, "I33", "x", "--weight", "1", "--due", "May", *AT), ["--due 'May'"]),
    ("a step outside the plan", (*STEP, "I33", "x", "--weight", "1", "--now", FAR), ["outside the plan"]),
    ("a step that is none", ("step", "done", "I33", "1", *AT), ["no step 1", "eco step add I33"]),
    ("a step's number beyond numbers", ("step", "confirm", "I33", "9" * 30, *AT), ["no step 999"]),
    ("a step's number in letters", ("step", "done", "I33", "one", *AT), ["'N'", "one"]),
    ("steps of no item", ("step", "list", "I99"), ["'I99'"]),
    ("the light of no unit", ("light", "??"), ["no unit '??'"]),
    ("an item like no other", ("step", "list", "??"), ["no item '??'", "eco item list"]),
    ("a ranking of no plan", ("ranking", "--plan", "nope"), ["'nope'"]),
    ("an acting person of two lines", (*I33, "--status", "completed", "--as", "a\nb"), ["--as", "one line"]),
    ("an acting person of nothing", (*I33, "--status", "completed", "--as", ""), ["--as", "one line"]),
    ("a note in another encoding", (*I33, "--status", "completed", "--note", "\udcff"), ["UTF-8"]),
    ("an acting person unheard of", (*I33, "--as", "张三"), ["'张三'", "eco account add 张三 ROLE"]),
    ("an acting person of no unit", (*I33, "--as", "张三@水务厅"), ["no unit '水务厅'"]),
    (
        "an acting person of another unit",
        (*I33, "--as", "张三@水务局"),
        ["no account '张三'", "contact list"],
    ),
    ("a run by somebody unheard of", ("dispatch", "--direct", *AT, "--as", "张三"), ["'张三'"]),
    ("means that are none", (*I33, "--status", "completed", "--means", "fax"), ["'fax'", "phone, paper"]),
    ("an account without a name", ("account", "add", " ", "operator"), ["one line"]),
    ("an account named like a unit's", ("account", "add", "张三@水务局", "operator"), ["without @"]),
    ("an account as nothing", ("account", "add", "张三", "boss"), ["'boss'", "supervisor"]),
    ("an account of no unit", ("account", "add", "张三", "liaison", *AT), ["--unit"]),
    (
        "an account of a unit",
        ("account", "add", "张三", "leader", "--unit", "水务局", *AT),
        ["leave --unit away"],
    ),
    (
        "an account of a superior",
        ("account", "add", "张三", "liaison", "--unit", "省水利厅", *AT),
        ["nobody acts for it"],
    ),
    (
        "an account of long ago",
        ("account", "add", "张三", "leader", "--now", "2021-01-01T09:00:00+08:00"),
        ["--now"],
    ),
    ("an end of no account", ("account", "end", "张三", "leader", *AT), ["no account as leader"]),
    ("a command that is none", ("report", "sumbit"), ["No such command"]),
    ("an option that is none", ("status", "--josn"), ["No such option"]),
    ("an argument missing", ("report", "submit", "caizhengju"), ["Missing argument"]),
]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminal, dict[str, Any]]:
    """The morning after the first round, once for all who change nothing, and what it looks like."""
    eco = Terminal(tmp_path_factory.mktemp("untouched") / "home").after(INIT, DISPATCH)
    return eco, eco.picture()


@pytest.mark.parametrize(("words", "parts"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_wrong_input_ends_with_2_and_changes_nothing(
    untouched: tuple[Terminal, dict[str, Any]], words: tuple[str, ...], parts: list[str]
) -> None:
    eco, before = untouched
    assert_refused(eco(*words), 2, *parts)
    assert eco.picture() == before


def output_on_a_full_disk() -> None:
    """For `beforehand`: standard output is a file on a disk without room."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


def test_output_that_cannot_be_written_is_one_line(eco: Terminal) -> None:
    full = eco.outside("report", "list", *AT, beforehand=output_on_a_full_disk)
    assert_refused(full, 1, "The output cannot be written: No space left on device")
    ascii_only = eco.outside("report", "list", *AT, PYTHONIOENCODING="ascii")
    assert_refused(ascii_only, 1, "The output cannot be written: not in ascii", "PYTHONIOENCODING=utf-8")
    for said in (full, ascii_only):
        assert len(said.err.splitlines()) == 1


def without_output() -> None:
    """For `beforehand`: standard output is closed, as by `>&-` or a bare service."""
    os.close(1)


def test_a_command_without_standard_output_does_its_work_in_silence(eco: Terminal) -> None:
    for words in (("status",), ("status", "--json"), ANSWER, ("round", "list")):
        assert eco.outside(*words, beforehand=without_output) == Said(0, "", "")
    assert_refused(eco.outside("case", "show", "77", beforehand=without_output), 2, "77")
    assert eco.sql("SELECT count(*) FROM report") == [(1,)]


EARLIER = ("--now", "2022-03-14T10:00:00+08:00")
OUT_OF_ORDER = [
    ("a recall before the answer", [ANSWER], ("report", "recall", "caizhengju", "I33"), "later than"),
    ("a review before the answer", [ANSWER], ("report", "accept", "caizhengju", "I33"), "later than"),
    (
        "a contact ended before it began",
        [("contact", "end", "caizhengju", "liaison", *AT), (*CONTACT, "张三", "z@x.example", *AT)],
        ("contact", "end", "caizhengju", "liaison"),
        "张三 was named on 2022-03-15",
    ),
]


@pytest.mark.parametrize(
    ("first", "words", "part"), [o[1:] for o in OUT_OF_ORDER], ids=[o[0] for o in OUT_OF_ORDER]
)
def test_an_act_dated_before_what_it_follows_ends_with_2(
    eco: Terminal, first: list[tuple[str, ...]], words: tuple[str, ...], part: str
) -> None:
    for act in first:
        assert eco(*act).code == 0
    before = eco.picture()
    assert_refused(eco(*words, *EARLIER), 2, part, "Correct --now")
    assert eco.picture() == before


def test_after_a_wrong_value_the_right_one_is_taken(eco: Terminal) -> None:
    assert_refused(eco(*FIGURE, "abc"), 2, "is no number")
    assert eco(*FIGURE, "95.3").code == 0


REFUSED = [
    (
        "an answer twice",
        [ANSWER],
        ANSWER,
        ["地区财政局 I33 is submitted already", "eco report recall 地区财政局 I33"],
    ),
    (
        "a recall of what was accepted",
        [ANSWER, ("report", "accept", "caizhengju", "I33", *AT)],
        ("report", "recall", "caizhengju", "I33", *AT),
        ["is accepted", "only a submitted answer can be recalled"],
    ),
    (
        "a recall of nothing",
        [],
        ("report", "recall", "caizhengju", "I33", *AT),
        ["is awaiting", "only a submitted answer can be recalled"],
    ),
    (
        "an acceptance of nothing",
        [],
        ("report", "accept", "caizhengju", "I33", *AT),
        ["only a submitted answer can be accepted"],
    ),
    (
        "a return of nothing",
        [],
        ("report", "return", "caizhengju", "I33", "--reason", "x", *AT),
        ["only a submitted answer can be returned"],
    ),
    (
        "a close-out without claims",
        [("report", "submit", "林草局", "I11", "--status", "completed", *AT)],
        ("report", "close", "林草局", "I11", *AT),
        ["a claim needs every lead unit", "by 地区农业农村局、地区水务局.", "--status completed"],
    ),
    (
        "a contact while there is one",
        [],
        (*CONTACT, "张三", "z@x.example"),
        ["lianluo@caizhengju.dxal.example", "eco contact end caizhengju liaison"],
    ),
    ("a retry of what was sent", [], ("outbox", "retry", "1", *AT), ["Message 1 is sent"]),
    ("a settling of what was sent", [], ("outbox", "settle", "1", "--failed", *AT), ["Message 1 is sent"]),
    (
        "a settling of what is not on the list",
        [],
        ("item", "settle", "I33", "--done", "x", *AT),
        ["not on the settling list", "eco item list --unsettled"],
    ),
    ("a step of figures", [], (*STEP, "I35", "x", "--weight", "1", *AT), ["I35 asks for figures only"]),
    (
        "a step confirmed before it is done",
        [(*STEP, "I33", "x", "--weight", "1", *AT)],
        ("step", "confirm", "I33", "1", *AT),
        ["not reported done", "eco step done I33 1"],
    ),
    (
        "a step done twice",
        [(*STEP, "I33", "x", "--weight", "1", *AT), ("step", "done", "I33", "1", *AT)],
        ("step", "done", "I33", "1", *AT),
        ["done on 2022-03-15 already"],
    ),
]


@pytest.mark.parametrize(("first", "words", "parts"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_the_state_of_things_does_not_allow_ends_with_1_and_changes_nothing(
    eco: Terminal, first: list[tuple[str, ...]], words: tuple[str, ...], parts: list[str]
) -> None:
    assert [eco(*step).code for step in first] == [0] * len(first)
    before = eco.picture()
    assert_refused(eco(*words), 1, *parts)
    assert eco.picture() == before


def test_a_full_width_figure_is_a_figure(eco: Terminal) -> None:
    """Who types Chinese types digits and points like this now and then."""
    assert eco(*FIGURE, " ９５.30 ").code == 0
    assert eco.sql("SELECT value, period FROM figure") == [("95.30", "2021")]


def test_the_exit_codes_are_those_of_the_process(empty: Terminal) -> None:
    failed = empty.outside("status")
    assert_refused(failed, 1, f"eco: There is no database at {empty.file}. Make one with: eco init, or")
    wrong = empty.outside("init", "--now", "2022-03-01T08:00:00")
    assert_refused(wrong, 2, "eco: --now '2022-03-01T08:00:00' has no zone")
    assert not empty.home.exists()
    assert empty.outside(*INIT).code == 0


def test_bytes_that_are_no_text_are_refused_by_the_process(eco: Terminal) -> None:
    assert_refused(eco.outside(*I33, "--status", "completed", "--note", os.fsdecode(b"x\xff")), 2, "UTF-8")


COMMANDS = [
    ("dispatch", "--direct"), ("follow-up", "--direct"), ("status",), ("plan", "show"), ANSWER,
    ("plan", "load", "daxinganling-2022", "--yes"), ("plan", "diff", "in-force", "daxinganling-2022"),
    ("report", "recall", "caizhengju", "I33"), ("report", "accept", "caizhengju", "I33"),
    ("report", "return", "caizhengju", "I33", "--reason", "x"), ("report", "close", "caizhengju", "I33"),
    ("report", "list"), ("item", "list"), ("item", "settle", "M1.1", "--done", "x"), ("contact", "list"),
    ("contact", "end", "caizhengju", "liaison"), (*CONTACT, "张三", "z@x.example"), ("outbox", "list"),
    ("outbox", "retry", "1"), ("outbox", "settle", "1", "--sent"),
    ("report", "confirm", "caizhengju", "I33", "--as", "张三"), ("account", "list"),
    ("account", "add", "张三", "operator"), ("account", "end", "张三", "operator"),
    ("task", "list"), ("inspection", "list"), ("finding", "list"),
    ("finding", "close", "R001", "--note", "x"),
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_before_init_every_command_names_it_and_makes_nothing(
    empty: Terminal, words: tuple[str, ...]
) -> None:
    assert_refused(empty(*words), 1, "no database", "eco init")
    assert not empty.home.exists()


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_an_empty_file_is_told_from_a_database(empty: Terminal, words: tuple[str, ...]) -> None:
    empty.home.mkdir()
    empty.file.touch()
    assert_refused(empty(*words), 1, "is empty", "eco init")


def test_a_plan_file_with_mistakes_is_refused_whole_with_every_line(empty: Terminal, tmp_path: Path) -> None:
    good = (resources.files("eco_workflow.plans") / "daxinganling-2022.yaml").read_text("utf-8")
    file = tmp_path / "mine.yaml"
    wrong = good.replace("answer_days: 2", "answer_dayz: 2").replace("binding: true", "binding: maybe", 1)
    file.write_text(wrong, encoding="utf-8")
    said = empty("init", "--plan", str(file), "--now", FIRST_DAY)
    assert_refused(
        said, 2, f"{file}:", "answer_days: is missing", "answer_dayz", "indicators[0].binding", "maybe"
    )
    assert len(said.err.splitlines()) == 3
    assert not empty.home.exists()
    file.write_text(good, encoding="utf-8")
    assert empty("init", "--plan", str(file), "--now", FIRST_DAY).code == 0


@pytest.mark.parametrize("words", [("status",), INIT, DISPATCH, ANSWER], ids=lambda words: words[0])
def test_a_database_of_a_newer_version_is_left_alone(eco: Terminal, words: tuple[str, ...]) -> None:
    eco.sql("UPDATE alembic_version SET version_num = '9999'")
    before = eco.picture()
    assert_refused(eco(*words), 1, "schema 9999", "newer", "nstall")
    assert eco.picture() == before


@pytest.mark.parametrize("words", [("status",), INIT, DISPATCH, ANSWER], ids=lambda words: words[0])
def test_a_file_that_is_no_database_is_left_alone(empty: Terminal, words: tuple[str, ...]) -> None:
    empty.home.mkdir()
    text = "A diary, kept where the database should be.\n" * 100
    empty.file.write_text(text)
    assert_refused(empty(*words), 1, str(empty.file), "no SQLite database", "ECO_DATABASE_URL")
    assert empty.file.read_text() == text


def cut_off(whole: bytes) -> bytes:
    return whole[:50_000]


def holed(whole: bytes) -> bytes:
    """The first page, which says what lies where, and nothing behind it."""
    return whole[:4096] + bytes(len(whole) - 4096)


@pytest.mark.parametrize("harm", [cut_off, holed])
def test_a_damaged_database_is_named_with_the_remedy_which_helps(
    eco: Terminal, tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    """Half of the file is lost on a bad disk: every command says so, and a backup takes its place."""
    file, before = tmp_path / "eco.zip", eco.picture()
    assert eco("backup", str(file)).code == 0
    close_files()  # what the commands of this process wrote is in the file
    damaged = harm(eco.file.read_bytes())
    eco.file.write_bytes(damaged)
    for words in (("status",), INIT, DISPATCH, ANSWER, ("backup",)):
        assert_refused(eco(*words), 1, f"The database {eco.file} is damaged", "eco restore FILE")
    assert eco.file.read_bytes() == damaged
    for named in ((), ("--as", "张三")):
        said = eco("restore", str(file), *named)
        assert_refused(said, 1, f"There is something at {eco.file}", "say --yes")
    assert eco("restore", str(file), "--yes", "--as", "张三").code == 0
    assert eco.picture().keys() == before.keys()
    assert eco(*ANSWER).code == 0


@pytest.mark.parametrize(
    ("url", "code", "parts"),
    [
        ("nonsense", 2, ["'nonsense' is no database address", "sqlite:///FILE"]),
        (" ", 2, ["no database address"]),
        ("mysql://u:secret@h/x", 2, ["'mysql'", "not supported", "postgresql+psycopg://"]),
        ("sqlite://", 2, ["names no file"]),
        ("sqlite:///:memory:", 2, ["names no file"]),
        ("postgresql://u:secret@[::1/x", 2, ["no database address"]),
        ("postgresql://u:secret@127.0.0.1:1/x", 1, ["does not answer", "127.0.0.1:1", "ECO_DATABASE_URL"]),
        ("postgresql://u:secret@no-such-host.invalid/x", 1, ["no-such-host.invalid", "ECO_DATABASE_URL"]),
    ],
)
@pytest.mark.parametrize("words", [("status",), INIT, DISPATCH], ids=lambda words: words[0])
def test_a_database_address_of_no_use_is_said_without_its_password(
    empty: Terminal, words: tuple[str, ...], url: str, code: int, parts: list[str]
) -> None:
    said = empty(*words, ECO_DATABASE_URL=url)
    assert_refused(said, code, *parts)
    assert "secret" not in said.err
    assert not empty.home.exists()


def test_any_driver_of_sqlite_means_the_one_there_is(empty: Terminal, tmp_path: Path) -> None:
    assert empty(*INIT, ECO_DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path / 'other.db'}").code == 0
    assert (tmp_path / "other.db").exists()


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", "smtp://", "smtps://:secret@x", "smtp://u:secret@h"])
def test_a_mail_address_of_no_use_is_said_before_anything_is_decided(fresh: Terminal, url: str) -> None:
    before = fresh.picture()
    said = fresh(*DISPATCH, ECO_MAIL_URL=url)
    assert_refused(said, 2, "ECO_MAIL_URL", "smtps://")
    assert "secret" not in said.err
    assert fresh.picture() == before
    assert fresh(*DISPATCH, "--json").json["sent"] == 22


@contextmanager
def only_readable(*paths: Path) -> Iterator[None]:
    """Takes the right to write away for a while."""
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_a_folder_that_cannot_be_written_to_keeps_init_from_starting(empty: Terminal) -> None:
    empty.home.mkdir()
    inner = Terminal(empty.home / "inner")
    with only_readable(empty.home):
        said = inner.outside(*INIT, beforehand=without_the_powers_of_root)
        assert_refused(said, 1, str(inner.home), "cannot be made", "ECO_HOME")
        said = empty.outside(*INIT, beforehand=without_the_powers_of_root)
        assert_refused(said, 1, str(empty.file), "cannot be opened", "permissions")
    assert list(empty.home.iterdir()) == []
    assert empty.outside(*INIT, beforehand=without_the_powers_of_root).code == 0


@pytest.mark.parametrize("what", ["the file", "file and folder"])
def test_a_database_that_cannot_be_written_to_is_named_with_the_remedy(eco: Terminal, what: str) -> None:
    before = eco.picture()
    with only_readable(eco.file, *([eco.home] if what == "file and folder" else [])):
        said = eco.outside(*ANSWER, beforehand=without_the_powers_of_root)
        assert_refused(said, 1, str(eco.file), "read-only for this user", "give write permission")
    assert eco.picture() == before
    assert eco.outside(*ANSWER, beforehand=without_the_powers_of_root).code == 0


@pytest.mark.parametrize("end", ["", "-shm", "-wal"])
def test_the_check_names_what_of_a_database_cannot_be_written(eco: Terminal, end: str) -> None:
    """SQLite's own files beside it take their rights from it, and keep them when those are mended."""
    shut = eco.home / f"{eco.file.name}{end}"
    if end:
        shut.touch()
    with only_readable(shut):
        checked = eco.outside("up", "--check", beforehand=without_the_powers_of_root)
    assert checked.code == 1
    assert f"cannot be used. {shut} is read-only for this user" in checked.out + checked.err
    checked = eco.outside("up", "--check", beforehand=without_the_powers_of_root)
    assert "read-only" not in checked.out + checked.err


def test_a_folder_that_cannot_be_entered_is_no_missing_database(eco: Terminal) -> None:
    eco.home.chmod(0)
    try:
        said = eco.outside("status", beforehand=without_the_powers_of_root)
    finally:
        eco.home.chmod(0o755)
    assert_refused(said, 1, str(eco.file), "cannot be opened", "permissions")


def test_a_home_below_a_folder_that_cannot_be_entered_is_said_by_init_and_by_the_check(
    eco: Terminal, tmp_path: Path
) -> None:
    """In the words of every other command; a backup is not blamed for it, either."""
    file, shut = tmp_path / "eco.zip", tmp_path / "shut"
    assert eco("backup", str(file)).code == 0
    inner = Terminal(shut / "inner" / "home")
    shut.mkdir(0)
    try:
        for words in (("status",), INIT, ("restore", str(file))):
            said = inner.outside(*words, beforehand=without_the_powers_of_root)
            assert_refused(
                said, 1, f"The database {inner.file} cannot be used", "check the path and its perm"
            )
        checked = inner.outside("up", "--check", beforehand=without_the_powers_of_root)
    finally:
        shut.chmod(0o755)
    assert "Traceback" not in checked.err
    assert checked.code == 1
    assert f"disk: {shut} cannot be written. See ECO_HOME" in checked.err
    assert f"database: The database {inner.file} cannot be used" in checked.err


def test_a_home_whose_name_would_cut_the_path_of_the_database_short_is_refused(
    eco: Terminal, tmp_path: Path
) -> None:
    """Two such homes would have had one database, beside both."""
    file = tmp_path / "eco.zip"
    assert eco("backup", str(file)).code == 0
    odd = Terminal(tmp_path / "home of ?%41")
    for words in (("status",), INIT, ("restore", str(file)), ("dispatch", "--direct")):
        assert_refused(odd(*words), 2, f"ECO_HOME {odd.home} holds a '?'", "Choose another")
    said = eco("restore", str(file), "--to", str(odd.home))
    assert_refused(said, 2, "home of ?%41/eco.db' holds a '?'", "Use sqlite:///FILE")
    said = eco("status", ECO_DATABASE_URL=f"sqlite:///{eco.file}?timeout=9")
    assert_refused(said, 2, "eco.db?timeout=9' holds a '?'", "nor options are taken", "Use sqlite:///FILE")
    assert not (tmp_path / "home of ").exists()


@pytest.mark.parametrize("room", [0, 4096, 100_000])
def test_init_on_a_full_disk_leaves_nothing_and_works_once_there_is_room(empty: Terminal, room: int) -> None:
    """Neither an empty file nor the folder made for it."""
    said = empty.outside(*INIT, beforehand=disk_with_room_for(room))
    assert_refused(said, 1, str(empty.file), "full")
    assert not empty.home.exists()
    done = empty(*INIT, "--json")
    assert (done.code, done.json["fresh"]) == (0, True)


def test_an_init_that_fails_midway_leaves_a_database_that_was_there_as_it_was(
    fresh: Terminal, tmp_path: Path
) -> None:
    """Ctrl-C amid the activation: a new file goes, with its folder; one that holds a plan stays."""
    interrupted = mock.patch("eco_workflow.services.load_plan.activate", side_effect=KeyboardInterrupt)
    before, new = fresh.picture(), Terminal(tmp_path / "new")
    with interrupted:
        stopped = new(*INIT)
        assert stopped.code == 130
        assert stopped.err == f"{STOPPED}{GOES_ON}\n"
        assert fresh(*INIT).code == 130
    assert not new.home.exists()
    assert fresh.picture() == before


@pytest.mark.parametrize("room", [1000, 40_000])
def test_a_run_on_a_full_disk_decides_nothing_and_works_once_there_is_room(
    fresh: Terminal, room: int
) -> None:
    before = fresh.picture()
    said = fresh.outside(*DISPATCH, beforehand=disk_with_room_for(room))
    assert_refused(said, 1, str(fresh.file), "full")
    assert fresh.picture() == before
    done = fresh(*DISPATCH, "--json").json
    assert (done["opened"], done["requests"], done["sent"], done["unknown"]) == (1, 22, 22, 0)


def test_a_disk_that_is_full_amid_the_delivery_costs_no_mail_twice(fresh: Terminal) -> None:
    """What was decided stands; the next run delivers the rest, and what is in doubt waits for a person."""
    said = fresh.outside(*DISPATCH, beforehand=disk_with_room_for(100_000))
    assert "Traceback" not in said.err
    assert (said.code, "full" in said.err) == (1, True)
    done = fresh(*DISPATCH, "--json")
    assert done.code == 0
    states = [message["state"] for message in fresh("outbox", "list", "--json").json]
    assert len(states) == 22
    assert set(states) <= {"sent", "unknown"}
    assert states.count("unknown") <= 1
    mails = sorted(path.parts[-3] for path in fresh.home.glob("mail/*/new/*"))
    assert len(mails) == len(set(mails))
    assert len(mails) >= states.count("sent")


def test_a_full_disk_leaves_no_empty_file_in_the_way_of_the_same_command(empty: Terminal) -> None:
    empty.home.mkdir(exist_ok=True)
    file = empty.home / "plan26.yaml"
    shift = ("plan", "shift", "daxinganling-2022", "--start", "2026-10-01", "--out", str(file))
    assert_refused(empty.outside(*shift, beforehand=disk_with_room_for(1000)), 2, "File too large")
    assert not file.exists()
    assert empty(*shift).code == 0


def test_an_answer_on_a_full_disk_is_not_half_recorded(eco: Terminal) -> None:
    before = eco.picture()
    said = eco.outside(*ANSWER, beforehand=disk_with_room_for(1000))
    assert_refused(said, 1, str(eco.file), "full")
    assert eco.picture() == before
    assert eco(*ANSWER, "--json").json["state"] == "submitted"


def test_mailboxes_that_cannot_be_written_to_let_the_messages_wait(fresh: Terminal) -> None:
    (fresh.home / "mail").mkdir()
    with only_readable(fresh.home / "mail"):
        said = fresh.outside(*DISPATCH, beforehand=without_the_powers_of_root)
    assert "Traceback" not in said.err
    assert said.code == 1
    assert "wait for the next delivery" in said.err
    assert "Permission denied" in said.err
    assert fresh(*DISPATCH, "--json").json["sent"] == 22


def test_a_clock_that_went_back_is_asked_about(eco: Terminal) -> None:
    before = eco.picture()
    back = ("dispatch", "--direct", "--now", ROUND_DAY.replace("-14", "-13"))
    said = eco(*back)
    assert said.code == 1
    assert "--confirm-date 2022-03-13" in said.err
    assert eco.picture() == before


@pytest.mark.parametrize("year", ["2021", "2031"])
def test_an_act_dated_outside_the_plan_is_refused(eco: Terminal, year: str) -> None:
    """A slip in --now must not end a contact, or date a report, years away."""
    now = f"{year}-06-01T09:00:00+08:00"
    for command in (
        ["report", "submit", "shuiwuju", "I04", "--status", "in_progress", "--now", now],
        ["contact", "end", "shuiwuju", "liaison", "--now", now],
        ["item", "settle", "M1.1", "--done", "存档", "--now", now],
    ):
        said = eco(*command)
        assert said.code == 2, said
        assert "--now" in said.err
