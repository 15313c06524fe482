"""`eco outbox show` and `bounce`: everything known of a message, and what an operator makes of it."""

from tests.cli.terminal import NEXT_DAY, Terminal, assert_refused


def number_of(eco: Terminal, unit: str = "地区财政局") -> str:
    return str(next(row["id"] for row in eco("outbox", "list", "--json").json if row["unit"] == unit))


def test_show_prints_lines_attempts_and_the_text_as_it_left(eco: Terminal) -> None:
    number = number_of(eco)
    said = eco("outbox", "show", number)
    assert said.code == 0
    head, _, text = said.out.partition("\n\n")
    assert f"Message {number} of 2022-03-14: sent" in head
    assert "request: round of 2022-03-14" in head
    assert "accepted: filed as" in head
    assert "3月14日" in text
    assert "I33" in text
    assert eco("outbox", "show", number, "--json").json["attempts"][0]["result"] == "accepted"


def test_a_message_is_shown_to_its_own_unit_only(eco: Terminal) -> None:
    """A liaison reads what came to the own unit; a number that nobody has is said to be none."""
    number = number_of(eco)
    name = eco("outbox", "show", number, "--json").json["name"]
    assert eco("outbox", "show", number, "--as", name).code == 0
    other = number_of(eco, "地区水务局")
    assert_refused(eco("outbox", "show", other, "--as", name), 1, "own unit's messages only")
    assert_refused(eco("outbox", "show", "999"), 2, "There is no message 999")


def test_a_bounce_is_recorded_and_shown(eco: Terminal) -> None:
    number = number_of(eco)
    said = eco("outbox", "bounce", number, "--why", "550 no such user", "--now", NEXT_DAY)
    assert (said.code, f"Message {number} is failed" in said.out) == (0, True)
    shown = eco("outbox", "show", number).out
    assert f"Message {number} of 2022-03-14: failed" in shown
    assert "came back: 550 no such user" in shown
    assert "550 no such user" in eco("contact", "list", "地区财政局").out
    assert_refused(eco("outbox", "bounce", number, "--why", "again", "--now", NEXT_DAY), 1, "only a sent one")
