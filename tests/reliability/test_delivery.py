"""Every answer of a mail server, and every silence: what becomes of the message and of what it carried.

March 2022 in the small office: round on Monday the 14th, answers due on the 16th at 17:30, rung 1 on the
17th, rung 2 on the 22nd, rung 3 on the 24th.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlmodel import select

from eco_workflow.domain.errors import Refused, Unavailable
from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.services import outbox, progress
from eco_workflow.services.contacts import Person, add, end
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Line
from tests.office import OPERATOR, at, liaison
from tests.reliability.sweep import forked, handed_over, into
from tests.reliability.world import UNITS, Postmaster, Small, mail_server, no_two, plan_id, set_up

JIA, YI, BING = "liaison@jia.example", "liaison@yi.example", "liaison@bing.example"
LEADER, OFFICE = "leader@jia.example", "liaison@office.example"
NEW = "new@jia.example"
NO_SUCH_USER = "550 5.1.1 no such user"
TRY_LATER = "450 4.2.1 mailbox busy"


@pytest.fixture
def server() -> Iterator[Postmaster]:
    """A mail server that takes everything until it is told otherwise."""
    with mail_server() as postmaster:
        yield postmaster


@pytest.fixture
def office(database: str, tmp_path: Path, server: Postmaster) -> Iterator[Small]:
    """The small office, sending through that server."""
    made = set_up(database, tmp_path)
    made.through(server)
    yield made
    with made.database.read() as session:
        assert broken_at(session, plan_id(session, "small")) is None
    made.database.dispose()


def correct(office: Small, day: str, unit: str = "jia", role: str = "liaison", address: str = NEW) -> None:
    """The unit names another person."""
    office.replace(unit, role, address, day)


# --- refused for good


def test_a_refused_request_fails_marks_the_contact_and_has_no_due_time(
    office: Small, server: Postmaster
) -> None:
    """The address is marked with the server's words; the others of the round are not touched by it."""
    server.says[JIA] = NO_SUCH_USER
    run = office.run("2022-03-14")
    assert (run["sent"], run["failed"], run["unknown"]) == (2, 1, 0)
    assert office.message(JIA, "2022-03-14").state == "failed"
    [attempt] = office.attempts(JIA, "2022-03-14")
    assert (attempt.result, attempt.answer) == ("refused", NO_SUCH_USER)
    contact = office.contact(JIA)
    assert (contact.failed_on, contact.failed_why) == (date(2022, 3, 14), NO_SUCH_USER)
    request = office.request("jia", "2022-03-14")
    assert (request.due_at, request.sent_at) == (None, None)
    assert all(entry.due_at is None for entry in office.entries("jia", "2022-03-14"))
    assert office.request("yi", "2022-03-14").due_at == at("2022-03-16", "17:30")


def test_a_mail_that_is_rejected_for_its_content_leaves_the_address_as_it_was(
    office: Small, server: Postmaster
) -> None:
    """A filter took offence at the mail or its sender: nobody's address is wrong, and the next run tries."""
    server.rejects = "554 5.7.1 message content rejected"
    run = office.run("2022-03-14")
    assert (run["sent"], run["failed"]) == (0, 3)
    [attempt] = office.attempts(JIA, "2022-03-14")
    assert (attempt.result, attempt.answer) == ("rejected", server.rejects)
    assert office.contact(JIA).failed_on is None
    assert office.request("jia", "2022-03-14").due_at is None
    server.rejects = ""
    assert office.run("2022-03-15")["sent"] == 3
    assert office.request("jia", "2022-03-14").due_at == at("2022-03-17", "17:30")


def test_a_relay_that_refuses_to_be_one_costs_no_address_and_no_round(
    office: Small, server: Postmaster
) -> None:
    """Somebody set it up wrongly: nobody's address is marked, and once it is mended all are asked."""
    addresses = [f"liaison@{unit}.example" for unit in UNITS]
    server.says = dict.fromkeys(addresses, "554 5.7.1 Relay access denied")
    run = office.run("2022-03-14")
    assert (run["sent"], run["failed"]) == (0, 0)
    assert {office.message(address, "2022-03-14").state for address in addresses} == {"pending"}
    assert {office.contact(address).failed_on for address in addresses} == {None}
    server.says = {}
    assert office.run("2022-03-14")["sent"] == 3
    assert office.request("jia", "2022-03-14").due_at == at("2022-03-16", "17:30")


def test_a_unit_whose_request_was_refused_does_not_climb(office: Small, server: Postmaster) -> None:
    """Nobody is late with what never reached him, however long that lasts; and nothing is sent there."""
    server.says[JIA] = NO_SUCH_USER
    for day in ("2022-03-14", "2022-03-15", "2022-03-17", "2022-03-22", "2022-03-24"):
        office.run(day)
    assert office.rungs() == {"yi": 3, "bing": 3}
    assert len(office.attempts(JIA, "2022-03-14")) == 1
    assert server.to(JIA) == server.to(LEADER) == []


def test_a_refused_request_leaves_to_the_new_liaison_and_its_due_time_is_fixed_anew(
    office: Small, server: Postmaster
) -> None:
    """Named on the 17th, asked on the 18th: due on Tuesday the 22nd, rung 1 on the 23rd."""
    server.says[JIA] = NO_SUCH_USER
    for day in ("2022-03-14", "2022-03-17"):
        office.run(day)
    correct(office, "2022-03-17")
    office.run("2022-03-18")
    [text] = server.to(NEW)
    assert "3月14日" in text
    request = office.request("jia", "2022-03-14")
    assert (request.asked_on, request.sent_at) == (date(2022, 3, 18), at("2022-03-18"))
    assert request.due_at == at("2022-03-22", "17:30")
    assert [entry.due_at for entry in office.entries("jia", "2022-03-14")] == [request.due_at]
    office.run("2022-03-22")
    assert "jia" not in office.rungs()
    office.run("2022-03-23")
    assert office.rungs()["jia"] == 1


def test_a_refused_reminder_is_told_again_at_the_same_rung_and_the_grace_counts_from_then(
    office: Small, server: Postmaster
) -> None:
    """Refused on the 17th, corrected on the 22nd, told on the 23rd: rung 2 would be due on the 28th.

    The round of the 28th lets the case rest until it is due itself, so rung 2 comes on the 31st.
    """
    office.run("2022-03-14")
    server.says[JIA] = NO_SUCH_USER
    office.run("2022-03-17")
    office.run("2022-03-22")
    assert office.rungs() == {"jia": 1, "yi": 2, "bing": 2}
    assert office.case("jia").told_on is None
    correct(office, "2022-03-22")
    office.run("2022-03-23")
    assert office.told("jia") == [
        (1, date(2022, 3, 17), date(2022, 3, 22)),
        (1, date(2022, 3, 23), None),
    ]
    assert len(server.to(NEW)) == 1
    for day in ("2022-03-24", "2022-03-25", "2022-03-28", "2022-03-29", "2022-03-30"):
        office.run(day)
        assert office.rungs()["jia"] == 1
    office.run("2022-03-31")
    assert office.rungs()["jia"] == 2


def test_a_refused_leader_keeps_the_case_from_climbing_to_supervision(
    office: Small, server: Postmaster
) -> None:
    """Rung 2 is the leader's: that the liaison heard it as well counts for nothing."""
    server.says[LEADER] = NO_SUCH_USER
    for day in ("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24", "2022-03-25"):
        office.run(day)
    assert office.rungs() == {"jia": 2, "yi": 3, "bing": 3}
    correct(office, "2022-03-25", role="leader")
    office.run("2022-03-29")  # the round of the 28th leaves; the case rests until it is due
    assert server.to(NEW) == []
    office.run("2022-04-01")
    assert len(server.to(NEW)) == 1
    assert len(server.to(JIA)) == 4  # two requests, rung 1, and rung 2 once


# --- not now


def test_a_message_not_taken_now_leaves_with_the_next_delivery_of_the_day(
    office: Small, server: Postmaster
) -> None:
    """It stays pending without a due time; the second attempt is a row of its own under one Message-ID."""
    server.says[JIA] = TRY_LATER
    office.run("2022-03-14")
    assert office.message(JIA, "2022-03-14").state == "pending"
    assert office.request("jia", "2022-03-14").due_at is None
    assert office.contact(JIA).failed_on is None
    server.says.clear()
    office.run("2022-03-14", "15:00")
    message = office.message(JIA, "2022-03-14")
    assert (message.state, message.sent_at) == ("sent", at("2022-03-14", "15:00"))
    first, second = office.attempts(JIA, "2022-03-14")
    assert [(first.n, first.result), (second.n, second.result)] == [(1, "later"), (2, "accepted")]
    assert first.body is not None
    assert second.body is not None
    assert _message_id(first.body) == _message_id(second.body)
    assert office.request("jia", "2022-03-14").due_at == at("2022-03-16", "17:30")
    assert server.addresses() == [BING, JIA, YI]


def test_a_request_not_taken_all_day_rides_in_the_next_days_envelope(
    office: Small, server: Postmaster
) -> None:
    """The old message is withdrawn; the due time counts from the day of the real sending."""
    server.says[JIA] = TRY_LATER
    office.run("2022-03-14")
    server.says.clear()
    office.run("2022-03-15")
    assert office.message(JIA, "2022-03-14").state == "withdrawn"
    assert office.message(JIA, "2022-03-15").state == "sent"
    assert office.request("jia", "2022-03-14").due_at == at("2022-03-17", "17:30")
    assert server.addresses() == [BING, JIA, YI]


def test_a_reminder_not_taken_for_days_rests_over_the_new_round_and_is_told_when_that_is_late(
    office: Small, server: Postmaster
) -> None:
    """From the 17th on the mailbox is busy; the 28th only asks, the 31st reminds of both, still at rung 1."""
    office.run("2022-03-14")
    server.says[JIA] = TRY_LATER
    for day in ("2022-03-17", "2022-03-18", "2022-03-22", "2022-03-25"):
        office.run(day)
        assert office.rungs()["jia"] == 1
    server.addresses()
    server.says.clear()
    office.run("2022-03-28")
    assert server.addresses().count(JIA) == 1
    assert _kinds(office, JIA, "2022-03-28") == ["request"]
    assert office.case("jia").told_on is None
    office.run("2022-03-31")
    assert _kinds(office, JIA, "2022-03-31") == ["reminder"]
    assert office.rungs()["jia"] == 1
    released = [told[2] for told in office.told("jia")]
    assert released[-1] is None
    assert None not in released[:-1]


def test_a_mail_server_that_is_down_makes_nobody_late(office: Small, server: Postmaster) -> None:
    """Nobody took anything on the 14th and 15th: all are asked on the 16th, and due on the 18th."""
    for address in (JIA, YI, BING):
        server.says[address] = "421 4.3.2 going down"
    for day in ("2022-03-14", "2022-03-15"):
        office.run(day)
    server.says.clear()
    for day in ("2022-03-16", "2022-03-17", "2022-03-18"):
        office.run(day)
        assert office.rungs() == {}
    assert {office.request(unit, "2022-03-14").due_at for unit in ("jia", "yi", "bing")} == {
        at("2022-03-18", "17:30")
    }
    office.run("2022-03-21")
    assert office.rungs() == {"jia": 1, "yi": 1, "bing": 1}


def test_what_was_not_taken_does_not_go_to_a_liaison_who_has_left_since(
    office: Small, server: Postmaster
) -> None:
    """Busy at nine, replaced at noon, delivered again at three: the successor is asked the next day."""
    server.says[JIA] = TRY_LATER
    office.run("2022-03-14")
    server.says.clear()
    correct(office, "2022-03-14")
    office.run("2022-03-14", "15:00")
    assert server.to(JIA) == []
    assert office.message(JIA, "2022-03-14").state == "withdrawn"
    office.run("2022-03-15")
    assert len(server.to(NEW)) == 1
    assert office.request("jia", "2022-03-14").due_at == at("2022-03-17", "17:30")


def test_a_reminder_to_the_liaison_at_rung_2_that_was_not_taken_is_not_lost(
    office: Small, server: Postmaster
) -> None:
    """The leader's telling counts, but the liaison's line is still owed: it rides in his next envelope."""
    for day in ("2022-03-14", "2022-03-17"):
        office.run(day)
    server.says[JIA] = TRY_LATER
    office.run("2022-03-22")
    server.says.clear()
    office.run("2022-03-23")
    assert office.case("jia").told_on == date(2022, 3, 22)  # the case does not wait for it
    assert _kinds(office, JIA, "2022-03-23") == ["reminder"]


# --- in doubt


def test_a_connection_dropped_after_the_final_dot_is_unknown_and_never_sent_again(
    office: Small, server: Postmaster
) -> None:
    """The mail may have arrived: it is held, over deliveries, days and the next round."""
    server.dropping.add(JIA)
    run = office.run("2022-03-14")
    assert (run["sent"], run["unknown"]) == (2, 1)
    server.dropping.clear()
    for day, clock in (("2022-03-14", "15:00"), ("2022-03-15", "09:00"), ("2022-03-22", "09:00")):
        office.run(day, clock)
    assert len(server.to(JIA)) == 1
    [attempt] = office.attempts(JIA, "2022-03-14")
    assert attempt.result is None
    assert office.message(JIA, "2022-03-14").state == "unknown"
    assert "jia" not in office.rungs()
    office.run("2022-03-28")
    assert len(server.to(JIA)) == 2
    assert office.request("jia", "2022-03-14").state == "superseded"
    with pytest.raises(Refused, match="settle it first"):
        outbox.retry(office.database, _id(office, JIA, "2022-03-14"), now=at("2022-03-28"), by=OPERATOR)


def test_an_unknown_request_settled_as_sent_counts_from_its_attempt(
    office: Small, server: Postmaster
) -> None:
    """Found on the 18th to have arrived on the 14th: it was due on the 16th, and is late at the next run."""
    server.dropping.add(JIA)
    office.run("2022-03-14")
    server.dropping.clear()
    office.run("2022-03-17")
    _settle(office, JIA, "2022-03-14", sent=True, day="2022-03-18")
    request = office.request("jia", "2022-03-14")
    assert (request.sent_at, request.due_at) == (at("2022-03-14"), at("2022-03-16", "17:30"))
    message = office.message(JIA, "2022-03-14")
    assert (message.state, message.sent_on) == ("sent", date(2022, 3, 14))
    office.run("2022-03-21")
    assert office.rungs() == {"jia": 1, "yi": 1, "bing": 1}


def test_an_unknown_reminder_settled_as_sent_lets_the_case_climb_from_its_day(
    office: Small, server: Postmaster
) -> None:
    """Rung 1 in doubt since the 17th holds the case; settled on the 22nd it climbs at the next run."""
    office.run("2022-03-14")
    server.dropping.add(JIA)
    office.run("2022-03-17")
    server.dropping.clear()
    office.run("2022-03-22")
    assert office.rungs() == {"jia": 1, "yi": 2, "bing": 2}
    _settle(office, JIA, "2022-03-17", sent=True, day="2022-03-22")
    office.run("2022-03-23")
    assert office.rungs()["jia"] == 2
    assert office.told("jia") == [(1, date(2022, 3, 17), None), (2, date(2022, 3, 23), None)]


def test_an_unknown_request_settled_as_failed_is_asked_at_the_next_run(
    office: Small, server: Postmaster
) -> None:
    """It never arrived: the due time is emptied, and fixed anew with the mail of the 18th."""
    server.dropping.add(JIA)
    office.run("2022-03-14")
    server.dropping.clear()
    _settle(office, JIA, "2022-03-14", sent=False, day="2022-03-17")
    assert office.request("jia", "2022-03-14").due_at is None
    assert office.contact(JIA).failed_on is None  # nobody said that the address is wrong
    office.run("2022-03-18")
    assert office.message(JIA, "2022-03-18").state == "sent"
    assert office.request("jia", "2022-03-14").due_at == at("2022-03-22", "17:30")


def test_an_unknown_reminder_settled_as_failed_releases_its_rung(office: Small, server: Postmaster) -> None:
    """A new telling at the same rung, from whose day the grace counts."""
    office.run("2022-03-14")
    server.dropping.add(JIA)
    office.run("2022-03-17")
    server.dropping.clear()
    _settle(office, JIA, "2022-03-17", sent=False, day="2022-03-18")
    office.run("2022-03-21")
    assert office.told("jia") == [
        (1, date(2022, 3, 17), date(2022, 3, 21)),
        (1, date(2022, 3, 21), None),
    ]
    office.run("2022-03-23")
    assert office.rungs()["jia"] == 1
    office.run("2022-03-24")
    assert office.rungs()["jia"] == 2


def test_only_an_unknown_message_can_be_settled_and_only_once(office: Small, server: Postmaster) -> None:
    """An operator corrects a doubt, never a fact."""
    server.dropping.add(JIA)
    office.run("2022-03-14")
    with pytest.raises(Refused, match="only an unknown one"):
        _settle(office, YI, "2022-03-14", sent=False, day="2022-03-15")
    _settle(office, JIA, "2022-03-14", sent=True, day="2022-03-15")
    with pytest.raises(Refused, match="only an unknown one"):
        _settle(office, JIA, "2022-03-14", sent=False, day="2022-03-15")


# --- answers between the decision and the sending


def test_a_unit_that_answers_between_decision_and_sending_gets_no_reminder(
    office: Small, server: Postmaster
) -> None:
    """Nothing else was in the envelope: it is withdrawn."""
    office.run("2022-03-14")
    server.addresses()
    office.decide("2022-03-17")
    office.answer("jia", "2022-03-17", "09:01")
    done = office.post("2022-03-17", server, "09:02")
    assert (done.sent, done.withdrawn) == (3, 1)
    assert server.addresses() == [BING, OFFICE, YI]
    assert office.message(JIA, "2022-03-17").state == "withdrawn"
    assert office.attempts(JIA, "2022-03-17") == []
    assert "jia" not in office.rungs()


def test_a_unit_that_was_not_told_and_recalls_its_answer_is_told_anew(
    office: Small, server: Postmaster
) -> None:
    """The rung of the 17th was never heard: it is released, told on the 21st, and counts from there."""
    office.run("2022-03-14")
    office.decide("2022-03-17")
    office.answer("jia", "2022-03-17", "09:01")
    office.post("2022-03-17", server, "09:02")
    progress.recall(office.database, "jia", "I01", now=at("2022-03-18"), by=liaison("jia"))
    server.addresses()
    office.run("2022-03-21")
    assert server.addresses() == [JIA]
    assert office.told("jia") == [
        (1, date(2022, 3, 17), date(2022, 3, 21)),
        (1, date(2022, 3, 21), None),
    ]
    office.run("2022-03-23")
    assert office.rungs()["jia"] == 1
    office.run("2022-03-24")
    assert office.rungs()["jia"] == 2


def test_only_the_line_whose_reason_is_gone_is_dropped(office: Small, server: Postmaster) -> None:
    """The alert of the 24th names three units; one answers before it leaves, two are told of."""
    for day in ("2022-03-14", "2022-03-17", "2022-03-22"):
        office.run(day)
    server.addresses()
    office.decide("2022-03-24")
    office.answer("yi", "2022-03-24", "09:01")
    server.taken.clear()
    office.post("2022-03-24", server, "09:02")
    [alert] = server.to("liaison@supervision.example")
    assert "甲" in alert
    assert "丙" in alert
    assert "乙" not in alert
    assert office.rungs() == {"jia": 3, "bing": 3}


def test_a_unit_that_answers_before_its_request_leaves_is_not_asked(
    office: Small, server: Postmaster
) -> None:
    """It called on the phone while the mailbox was busy; what it recalls is asked at the next run."""
    server.says[JIA] = TRY_LATER
    office.run("2022-03-14")
    server.says.clear()
    office.answer("jia", "2022-03-14", "10:00")
    office.run("2022-03-14", "15:00")
    assert server.to(JIA) == []
    assert office.message(JIA, "2022-03-14").state == "withdrawn"
    progress.recall(office.database, "jia", "I01", now=at("2022-03-15"), by=liaison("jia"))
    office.run("2022-03-16")
    assert len(server.to(JIA)) == 1
    assert office.request("jia", "2022-03-14").due_at == at("2022-03-18", "17:30")


def test_a_case_whose_leader_was_told_does_not_forget_it_when_the_liaisons_line_is_dropped(
    office: Small, server: Postmaster
) -> None:
    """Told at nine, the liaison's mailbox busy; answered at ten, dropped at three, recalled the next day.

    The leader was told of rung 2 on the 22nd, so the case goes on from there: rung 3 on the 24th.
    """
    for day in ("2022-03-14", "2022-03-17"):
        office.run(day)
    server.says[JIA] = TRY_LATER
    office.run("2022-03-22")
    server.says.clear()
    office.answer("jia", "2022-03-22", "10:00")
    office.run("2022-03-22", "15:00")
    progress.recall(office.database, "jia", "I01", now=at("2022-03-23", "08:00"), by=liaison("jia"))
    office.run("2022-03-23")
    assert office.case("jia").told_on == date(2022, 3, 22)
    office.run("2022-03-24")
    assert office.rungs()["jia"] == 3


# --- an operator tries again


def test_a_failed_message_tried_again_on_its_day_leaves_with_the_next_delivery(
    office: Small, server: Postmaster
) -> None:
    """The server's mistake, mended at ten: the same message leaves at eleven."""
    server.says[JIA] = NO_SUCH_USER
    office.run("2022-03-14")
    server.says.clear()
    message = _id(office, JIA, "2022-03-14")
    assert outbox.retry(office.database, message, now=at("2022-03-14", "10:00"), by=OPERATOR)
    assert office.contact(JIA).failed_on is None
    office.run("2022-03-14", "11:00")
    assert office.message(JIA, "2022-03-14").state == "sent"
    assert [attempt.result for attempt in office.attempts(JIA, "2022-03-14")] == ["refused", "accepted"]
    assert office.request("jia", "2022-03-14").due_at == at("2022-03-16", "17:30")
    assert len(server.to(JIA)) == 1
    with pytest.raises(Refused, match="only a failed one"):
        outbox.retry(office.database, message, now=at("2022-03-14", "12:00"), by=OPERATOR)


def test_a_failed_message_tried_again_later_rides_in_the_next_envelope(
    office: Small, server: Postmaster
) -> None:
    """Nobody has two mails in a day: the old message stays failed, the request leaves on the 16th."""
    server.says[JIA] = NO_SUCH_USER
    office.run("2022-03-14")
    server.says.clear()
    message = _id(office, JIA, "2022-03-14")
    assert not outbox.retry(office.database, message, now=at("2022-03-15", "08:00"), by=OPERATOR)
    assert office.message(JIA, "2022-03-14").state == "failed"
    office.run("2022-03-16")
    assert office.message(JIA, "2022-03-16").state == "sent"
    assert len(server.to(JIA)) == 1


def test_a_message_to_a_contact_who_ended_is_not_tried_again(office: Small, server: Postmaster) -> None:
    """What it carried goes to the successor by itself."""
    server.says[JIA] = NO_SUCH_USER
    office.run("2022-03-14")
    end(office.database, "jia", "liaison", now=at("2022-03-14"), by=OPERATOR)
    with pytest.raises(Refused, match="successor"):
        outbox.retry(office.database, _id(office, JIA, "2022-03-14"), now=at("2022-03-14"), by=OPERATOR)
    add(office.database, "jia", Person("liaison", "新", NEW), now=at("2022-03-14"), by=OPERATOR)
    office.run("2022-03-15")
    assert len(server.to(NEW)) == 1


# --- several at once, and one that cannot be written


def test_two_deliveries_at_once_send_each_message_once(office: Small, tmp_path: Path) -> None:
    """Four processes start together; whoever comes second finds nothing left."""
    office.decide("2022-03-14")
    office.database.dispose()
    sink = tmp_path / "sink"

    def slowly(address: str, body: bytes) -> Outcome:
        time.sleep(0.02)
        return into(sink)(address, body)

    def process() -> None:
        Small(office.url, tmp_path, plan="small").deliver("2022-03-14", slowly)

    children = [forked(process) for _ in range(4)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
    assert sorted(handed_over(sink).values()) == [1, 1, 1]
    assert office.states("2022-03-14") == ["sent", "sent", "sent"]


def test_two_whole_runs_at_once_decide_and_send_once(office: Small, tmp_path: Path) -> None:
    """Threads of one process, each with a connection of its own: one claim, three mails."""
    sink, barrier = tmp_path / "sink", threading.Barrier(3)
    requests: list[int] = []

    def whole() -> None:
        other = Small(office.url, tmp_path, plan="small")
        barrier.wait()
        requests.append(other.decide("2022-03-14").requests)
        other.deliver("2022-03-14", into(sink))
        other.database.dispose()

    threads = [threading.Thread(target=whole) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(requests) == [0, 0, 3]
    assert sorted(handed_over(sink).values()) == [1, 1, 1]


def test_a_message_that_cannot_be_made_up_is_named_and_the_others_leave(
    office: Small, server: Postmaster
) -> None:
    """A line without its case: that message stays pending with the reason told, as a broken plan is."""
    office.decide("2022-03-14")
    with office.database.write() as session:
        broken = office.message(JIA, "2022-03-14").id
        assert broken is not None
        session.add(Line(message_id=broken, kind="reminder", ref_id=4711, rung=1))
    done = office.post("2022-03-14", server)
    assert (done.sent, len(done.sent_ids), done.later) == (2, 2, 1)
    assert f"message {broken}" in done.last_answer
    assert server.addresses() == [BING, YI]
    assert office.message(JIA, "2022-03-14").state == "pending"
    assert office.attempts(JIA, "2022-03-14") == []
    assert office.request("jia", "2022-03-14").due_at is None


def test_no_one_is_sent_two_mails_in_a_day_whatever_fails(office: Small, server: Postmaster) -> None:
    """Every answer of a server in turn, twice a day, over two rounds."""
    answers = ["", TRY_LATER, NO_SUCH_USER]
    days = ["2022-03-14", *(f"2022-03-{n}" for n in (15, 16, 17, 18, 21, 22, 23, 24, 25, 28, 29, 30, 31))]
    for n, day in enumerate(days):
        for m, address in enumerate((JIA, YI, LEADER, OFFICE)):
            answer = answers[(n + m) % 3]
            server.says[address] = answer
            if not answer:
                del server.says[address]
        server.dropping = {BING} if n % 4 == 3 else set()
        office.run(day)
        office.run(day, "15:00")
        assert no_two(server.addresses()), day
    with office.database.read() as session:
        assert broken_at(session, plan_id(session, "small")) is None


def _message_id(body: bytes) -> bytes:
    [line] = [line for line in body.split(b"\r\n") if line.startswith(b"Message-ID:")]
    return line


def _id(office: Small, to: str, day: str) -> int:
    found = office.message(to, day).id
    assert found is not None
    return found


def _settle(office: Small, to: str, day_of: str, *, sent: bool, day: str) -> None:
    outbox.settle_unknown(
        office.database, _id(office, to, day_of), sent=sent, now=at(day, "08:00"), by=OPERATOR
    )


def _kinds(office: Small, to: str, day: str) -> list[str]:
    message = office.message(to, day)
    with office.database.read() as session:
        lines = session.exec(select(Line).where(Line.message_id == message.id))
        kinds = Counter(line.kind for line in lines if not line.dropped)
    assert message.state == "sent"
    return sorted(kinds.elements())


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_database_that_goes_away_in_the_middle_of_a_delivery_is_said_in_words(office: Small) -> None:
    """The lock went with its connection; that it cannot be given back must not hide why."""
    office.decide("2022-03-14")

    def send(address: str, body: bytes) -> Outcome:
        with create_engine(office.url, poolclass=NullPool).connect() as connection:
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        return Outcome(Result.ACCEPTED, "250 taken")

    with pytest.raises(Unavailable, match="cannot be used"):
        office.deliver("2022-03-14", send)
