"""Whoever is to end while something is being handed over hears the truth about it, and it stays the truth."""

import signal
import threading

import pytest

from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.stop import Ending, Stop
from notifications import chat
from notifications.handing import Handing, HandOver

TAKEN = Outcome(Result.ACCEPTED, "250 taken")


def test_what_was_given_up_is_not_handed_over_by_a_channel_that_begins_too_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would arrive today, and once more with the next delivery."""
    stop, late, done, sent = Stop(), threading.Event(), threading.Event(), list[str]()

    class Late(HandOver):
        def begin(self) -> bool:
            stop.say()
            late.wait(10)
            done.set()
            return super().begin()

    monkeypatch.setattr("notifications.handing.HandOver", Late)

    def send(address: str, _body: bytes) -> Outcome:
        sent.append(address)
        return TAKEN

    monkeypatch.setattr(chat, "send", send)
    said = chat.chat(stop.is_said).send("json://127.0.0.1:9/", b"x")
    assert said.result is Result.LATER
    late.set()
    assert done.wait(10)
    threading.Event().wait(0.2)
    assert sent == []


def test_an_answer_that_is_there_counts_also_when_it_is_to_end() -> None:
    """Looked at only when the answer is there: else a refusal would be tried again."""
    answered = threading.Event()
    looks = iter((False, True))

    def talk(_address: str, _body: bytes, _hand_over: HandOver) -> Outcome:
        threading.Timer(0.1, answered.set).start()
        return Outcome(Result.REFUSED, "550 no such user")

    def is_ending() -> bool:
        ends = next(looks)
        assert not ends or answered.wait(10)
        return ends

    assert Handing(talk, is_ending)("a@b.example", b"").result is Result.REFUSED


def test_what_is_broken_off_is_never_handed_over_afterwards() -> None:
    """By a ctrl-C that nobody listens to."""
    may_go_on, done, begun = threading.Event(), threading.Event(), list[bool]()

    def talk(_address: str, _body: bytes, hand_over: HandOver) -> Outcome:
        may_go_on.wait(10)
        begun.append(hand_over.begin())
        done.set()
        return TAKEN

    handing = Handing(talk, lambda: False)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a parallel test run ignores it
    threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            handing("a@b.example", b"")
    finally:
        signal.signal(signal.SIGINT, before)
    assert handing.left
    may_go_on.set()
    assert done.wait(10)
    assert begun == [False]


def test_what_is_begun_after_it_was_said_to_end_is_left_at_once() -> None:
    stop = Stop()
    stop.say()
    with pytest.raises(Ending), stop.breaking():
        pytest.fail("nothing is begun")
