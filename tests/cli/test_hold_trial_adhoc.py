"""`eco plan hold`, `release`, `trial` and `eco round adhoc`, as they are typed."""

import pytest

from tests.cli.terminal import FIRST_DAY, NEXT_DAY, Terminal, assert_refused

NOW = ("--now", NEXT_DAY)
LATER = ("--now", "2022-03-17T08:00:00+08:00")
HOLD = ("plan", "hold", "--reason", "等待方案修订", *NOW)
ADHOC = ("round", "adhoc", *NOW, "--note", "补充说明")


def test_hold_status_run_and_release(eco: Terminal) -> None:
    """The run says why nothing was done and ends with 1; the release counts what moved."""
    said = eco(*HOLD, "--json")
    assert said.json == {"plan": "daxinganling-2022", "since": "2022-03-15", "why": "等待方案修订"}
    assert "Held since 2022-03-15: 等待方案修订." in eco("status", *NOW).out
    run = eco("follow-up", "--direct", *LATER)
    assert run.code == 1
    assert "held since 2022-03-15" in run.err
    done = eco("plan", "release", *LATER, "--json").json
    assert (done["working_days"], done["moved"]) == (2, 58)
    assert eco("follow-up", "--direct", *LATER).code == 0


def test_a_trial_from_init_on_until_it_is_off(empty: Terminal) -> None:
    """One Maildir gets everything; afterwards the people themselves do."""
    assert "On trial" in empty("init", "--now", FIRST_DAY, "--trial", "shiyun@test.example").out
    run = ("dispatch", "--direct", "--now", "2022-03-14T09:00:00+08:00")
    assert empty(*run).code == 0
    assert [box.name for box in (empty.home / "mail").iterdir()] == ["shiyun@test.example"]
    assert empty("status", *NOW, "--json").json["trial_mailbox"] == "shiyun@test.example"
    too_early = ("--now", "2022-02-28T09:00:00+08:00")
    assert_refused(empty("plan", "trial", "--off", *too_early), 2, "on trial since 2022-03-01 08:00, later")
    assert empty("plan", "trial", "--off", *NOW, "--json").json["undone"] == 22
    assert empty("follow-up", "--direct", *NOW).code == 0
    assert len(list((empty.home / "mail").iterdir())) == 23
    assert "is on trial" in empty("plan", "trial", "a@test.example", *NOW).out
    assert_refused(empty("plan", "trial", "--off", "--now", FIRST_DAY), 2, "later than the instant given")


def test_an_adhoc_round_is_planned_and_leaves_on_its_day(eco: Terminal) -> None:
    """Units by any spelling, with Chinese commas, too."""
    said = eco(*ADHOC, "--on", "2022-03-16", "--units", "水务局，地区财政局", "--items", "I04、I33", "--json")
    assert said.json["asks"] == {"地区财政局": ["I33"], "地区水务局": ["I04"]}
    run = eco("dispatch", "--direct", "--now", "2022-03-16T09:00:00+08:00", "--json").json
    assert (run["round"], run["opened"], run["requests"], run["entries"]) == ("2022-03-16", 1, 2, 2)
    assert "ad hoc" in eco("status", "--now", "2022-03-16T10:00:00+08:00").out
    listed = eco("report", "list", "--json").json
    assert [(row["unit"], row["item"]) for row in listed] == [("地区财政局", "I33"), ("地区水务局", "I04")]


def test_an_answer_to_an_adhoc_round_says_what_of_the_item_is_owed_in_the_older_one(eco: Terminal) -> None:
    """P2 was returned in the round of the 14th and is asked ad hoc on the 16th: each wants its answer."""
    p2 = ("report", "submit", "审计局", "P2", "--status", "in_progress", "--as", "联络员·审计局")
    assert "Still owed" not in eco(*p2, *NOW).out
    assert eco("report", "return", "审计局", "P2", "--reason", "不全", *NOW).code == 0
    assert eco(*ADHOC, "--on", "2022-03-16", "--units", "审计局", "--items", "P2").code == 0
    assert eco("dispatch", "--direct", "--now", "2022-03-16T09:00:00+08:00").code == 0
    said = eco(*p2, *LATER).out
    assert "2022-03-16 地区审计局 P2: submitted" in said
    owed = "Still owed: 2022-03-14 P2, returned: eco report submit 地区审计局 P2 --round 2022-03-14 …"
    assert owed in said
    done = eco("report", "recall", "审计局", "P2", "--as", "联络员·审计局", *LATER, "--json").json
    assert done["elsewhere"] == [{"round": "2022-03-14", "state": "returned"}]
    assert "Still owed: 2022-03-16 P2, awaiting" in eco(*p2, *LATER, "--round", "2022-03-14").out
    assert "Still owed" not in eco(*p2, *LATER).out


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (("plan", "hold", *NOW), 2, "--reason"),
        (("plan", "hold", "--reason", "a\nb", *NOW), 2, "one line"),
        (("plan", "release", *NOW), 1, "not held"),
        ((*HOLD, "--as", "nobody"), 2, "nobody"),
        (("plan", "trial", *NOW), 2, "--off"),
        (("plan", "trial", "a@b.example", "--off", *NOW), 2, "--off"),
        (("plan", "trial", "nonsense", *NOW), 2, "nonsense"),
        (("plan", "trial", "--off", *NOW), 1, "not on trial"),
        ((*ADHOC, "--on", "soon"), 2, "--on 'soon' is no date"),
        ((*ADHOC, "--on", "2022-03-14", "--units", "水务局", "--items", "I04"), 2, "between today"),
        ((*ADHOC, "--on", "2022-03-16", "--units", "水务局"), 2, "--items"),
        ((*ADHOC, "--on", "2022-03-16", "--units", "天文台", "--items", "I04"), 2, "天文台"),
        ((*ADHOC, "--on", "2022-03-16", "--units", "水务局", "--items", "I33"), 2, "nothing to ask"),
    ],
)
def test_what_is_typed_wrong_is_said_and_changes_nothing(
    eco: Terminal, words: tuple[str, ...], code: int, part: str
) -> None:
    before = eco.picture()
    assert_refused(eco(*words), code, part)
    assert eco.picture() == before
