"""`eco outbox show` and `bounce`: everything known of a message, and what an operator makes of it."""

import re

from tests.cli.terminal import DISPATCH, NEXT_DAY, Terminal, assert_refused


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


def test_after_a_bounce_the_lists_say_by_which_way_nothing_goes_any_more(eco: Terminal) -> None:
    """The liaison has a channel besides: told again by that, and not out of reach."""
    at = ("--now", NEXT_DAY)
    assert eco("contact", "channel", "add", "地区财政局", "liaison", "feishu://t0ken", *at).code == 0
    assert eco("contact", "channel", "add", "地区财政局", "liaison", "json://sms.example/x", *at).code == 0
    said = eco("outbox", "bounce", number_of(eco), "--why", "550 no such user", *at)
    assert "told again by another way, with the next run" in said.out
    [liaison, _] = eco("contact", "list", "地区财政局", "--json").json
    assert (liaison["failed_on"], liaison["bounced_on"]) == (None, NEXT_DAY[:10])
    assert f"mail came back on {NEXT_DAY[:10]}" in " ".join(eco("contact", "list", "地区财政局").out.split())
    assert "地区财政局" not in str(eco("status", "--json", *at).json["unreachable"])


def test_the_list_answers_with_the_bounce_and_no_longer_with_the_delivery(eco: Terminal) -> None:
    number = number_of(eco)
    assert eco("outbox", "bounce", number, "--why", "退信", "--now", NEXT_DAY).code == 0
    [row] = eco("outbox", "list", "--state", "failed", "--json").json
    assert (str(row["id"]), row["answer"]) == (number, "退信")
    listed = eco("outbox", "list", "--state", "failed").out
    assert "退信" in listed
    assert "filed as" not in listed


def test_what_was_settled_is_listed_and_shown_by_the_word_of_who_settled_it(eco: Terminal) -> None:
    """The server said nothing: that it was accepted, or refused, is the operator's finding."""
    eco.sql("UPDATE message SET state = 'unknown' WHERE id IN (1, 2)")
    eco.sql("UPDATE attempt SET result = NULL, answer = 'it did not reply' WHERE message_id = 1")
    eco.sql("UPDATE attempt SET result = NULL, answer = NULL WHERE message_id = 2")
    assert eco("outbox", "settle", "1", "--failed", "--now", NEXT_DAY).code == 0
    assert eco("outbox", "settle", "2", "--sent", "--now", NEXT_DAY).code == 0
    [failed] = eco("outbox", "list", "--state", "failed", "--json").json
    assert re.fullmatch(r"settled as failed by \S+; it did not reply", failed["answer"])
    shown = eco("outbox", "show", "1").out
    assert "refused: settled as failed by" in shown
    assert "accepted" not in shown
    assert "accepted: settled as sent by" in eco("outbox", "show", "2").out


def test_a_message_that_waits_since_no_server_was_reached_leaves_with_the_next_delivery(
    fresh: Terminal,
) -> None:
    """Nothing put it off, so there is nothing to cut short: it is said how it leaves, and what holds it."""
    assert fresh(*DISPATCH, ECO_MAIL_URL="smtp://127.0.0.1:1").code == 1
    number = number_of(fresh)
    at = ("--now", "2022-03-14T11:00:00+08:00")
    by_itself = "waits for nothing but the next delivery: eco dispatch, or by itself under eco up"
    held = "waits until the plan is released: eco plan release"
    assert_refused(fresh("outbox", "retry", number, *at), 1, f"Message {number} {by_itself}")
    assert by_itself in fresh("outbox", "show", number, *at).out
    assert fresh("plan", "hold", "--reason", "防汛", *at).code == 0
    assert_refused(fresh("outbox", "retry", number, *at), 1, f"Message {number} {held}")
    assert held in fresh("outbox", "show", number, *at).out
    later = ("--now", "2022-03-15T08:00:00+08:00")
    over = "was of 2022-03-14: what it carries rides in that person's next envelope"
    assert_refused(fresh("outbox", "retry", number, *later), 1, f"Message {number} {over}")
    assert over in fresh("outbox", "show", number, *later).out
    assert fresh("plan", "release", *at).code == 0
    assert fresh("dispatch", "--direct", *at).code == 0
    sent = fresh("outbox", "show", number).out
    assert "2022-03-14: sent" in sent
    assert "waits for" not in sent
