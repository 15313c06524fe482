"""`eco veto` as people type it."""

import pytest

from tests.cli.terminal import DISPATCH, INIT, Terminal, assert_refused

OFFICE, SUPERVISION = "联络员·创建办", "联络员·地委督查室"
HOST, LEAD = ("V3", "地区生态环境局"), ("V1", "行署办公室")


def on(day: str) -> tuple[str, str]:
    return "--now", f"2022-{day}T10:00:00+08:00"


@pytest.fixture
def declared(empty: Terminal) -> Terminal:
    """The administrative office's secretariat and the host bureau declared on 29 March what occurred."""
    dispatch = ("dispatch", "--direct", "--now", "2022-03-28T09:00:00+08:00")
    said = [
        ("report", "submit", unit, item, "--occurred", "yes", *on("03-29")) for item, unit in (HOST, LEAD)
    ]
    return empty.after(INIT, DISPATCH, dispatch, *said)


def test_what_is_declared_is_listed_decided_and_cleared(declared: Terminal) -> None:
    assert declared("account", "add", "孙某", "leader", *on("03-29")).code == 0
    listed = declared("veto", "list", *on("03-31"), COLUMNS="200").out
    assert "地区创建办 decides by 2022-03-30, 1 working day late" in listed
    assert "地委督查室 decides by 2022-03-30, 1 working day late" in listed
    status = declared("status", *on("03-31")).out
    assert "Veto item V1 of 行署办公室 is pending, declared on 2022-03-29: 地区创建办 decides by" in status
    said = declared("veto", "confirm", *LEAD, "--reason", "属实", *on("03-31"), "--as", OFFICE).out
    assert "it blocks the application until a leader clears it" in said
    assert "Bring it on paper to: 孙某" in said
    mails = declared("outbox", "list", "--on", "2022-03-31", "--json").json
    assert {(mail["address"], mail["state"]) for mail in mails} == {
        ("lianluo@ducha.dxal.example", "sent"),
        ("lianluo@xingshuban.dxal.example", "sent"),
        ("fenguan@xingshuban.dxal.example", "sent"),
    }
    error = ("veto", "error", *HOST, "--reason", "误报", *on("03-31"), "--as")
    assert "is an error: it holds nothing up" in declared(*error, SUPERVISION).out
    assert [row["item"] for row in declared("status", "--json", *on("03-31")).json["vetoes"]] == ["V1"]
    cleared = declared("veto", "clear", *LEAD, "--document", "会议纪要第3号", *on("04-06"), "--as", "孙某")
    assert "is cleared by: 会议纪要第3号" in cleared.out
    mails = declared("outbox", "list", "--on", "2022-04-06", "--json").json
    assert {mail["state"] for mail in mails} == {"sent"}
    assert len(mails) == 4
    assert declared("veto", "list", "--json", *on("04-06")).json == []
    rows = declared("veto", "list", "--all", "--json", *on("04-06")).json
    assert [(row["item"], row["state"], row["decide_by"]) for row in rows] == [
        ("V3", "error", None), ("V1", "cleared", None),
    ]  # fmt: skip


def test_an_indicator_of_the_same_event_is_met_but_for_the_veto_item(declared: Terminal) -> None:
    """The host bureau's I14 and V3 speak of the same: declared, then confirmed, then a leader clears it."""
    answer = ("report", "submit", HOST[1], "I14", "--status", "completed", "--value", "是")
    assert declared(*answer, *on("03-29")).code == 0
    assert declared("account", "add", "孙某", "leader", *on("03-29")).code == 0

    def shown(day: str) -> tuple[str, str]:
        lines = declared("indicator", "show", "I14", *on(day)).out.splitlines()
        [whole] = [line for line in lines if line.startswith("On ")]
        part = lines[lines.index("") + 1]
        return whole.partition(". ")[0], part.partition(": ")[2]

    assert shown("03-29") == ("On 2022-03-29: undetermined, owed by the office", "met but for V3")
    decide = ("veto", "confirm", *HOST, "--reason", "属实", *on("03-30"), "--as", SUPERVISION)
    assert declared(*decide).code == 0
    assert shown("03-30") == ("On 2022-03-30: unmet, owed by the unit", "met but for V3")
    assert declared("veto", "clear", *HOST, "--document", "纪要", *on("03-31"), "--as", "孙某").code == 0
    assert shown("03-31") == ("On 2022-03-31: met", "met")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("confirm", *LEAD, *on("03-30")), 2, "needs --reason"),
        (("confirm", *HOST, "--reason", "x", *on("03-30")), 1, "of the host bureau needs a supervisor"),
        (("error", "I04", "水务局", "--reason", "x", *on("03-30")), 2, "I04 is no veto item"),
        (("error", "V2", HOST[1], "--reason", "x", *on("03-30")), 1, "has not declared an occurrence of V2"),
        (("clear", *LEAD, "--document", "x", *on("03-30")), 1, "not confirmed yet"),
        (("confirm", *LEAD, "--reason", "x", "--declared", "soon", *on("03-30")), 2, "is no date"),
        (
            ("confirm", *LEAD, "--reason", "x", "--declared", "2022-03-28", *on("03-30")),
            1,
            "has not declared an occurrence of V1 on 2022-03-28",
        ),
    ],
)
def test_what_cannot_be_is_said_in_words_and_changes_nothing(
    declared: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    before = declared.picture()
    assert_refused(declared("veto", *words), code, said)
    assert declared.picture() == before


def test_a_unit_sees_its_own(declared: Terminal) -> None:
    rows = declared("veto", "list", "--json", *on("03-30"), "--as", "联络员·行署办公室").json
    assert [row["item"] for row in rows] == ["V1"]
