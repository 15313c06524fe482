"""A delivery told to end while a server keeps it waiting leaves the truth about its message behind."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from eco_workflow.domain.chat import Chat
from eco_workflow.domain.errors import Unavailable
from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.services.channels import add
from eco_workflow.services.deliver import Delivered
from eco_workflow.stop import Ending, Stop
from eco_workflow.store.delivery_lock import delivery_lock
from eco_workflow.store.session import Database
from notifications.handing import LAST_WORD_SECONDS
from notifications.render import chat_text
from notifications.smtp import Server, smtp
from tests.notifications.mail_host import BAD, MailHost, mail_host
from tests.office import OPERATOR, at
from tests.reliability.world import Small, set_up

DAY = "2022-03-14"


@pytest.fixture
def office(tmp_path: Path) -> Small:
    """The small office on the morning of a round, three requests to be sent."""
    made = set_up(f"sqlite:///{tmp_path / 'eco.db'}", tmp_path)
    made.decide(DAY)
    return made


def post(office: Small, host: MailHost, stop: Stop) -> Delivered:
    with smtp(Server("127.0.0.1", host.port), "office@eco.example", is_ending=stop.is_said) as send:
        return office.deliver(DAY, send, stop=stop)


def told_to_end(office: Small, host: MailHost, when: Callable[[], bool]) -> float:
    """Delivers, and says that it is to end as soon as `when` holds; how many seconds it took from then on."""
    stop, said = Stop(), []

    def watch() -> None:
        while not when():
            time.sleep(0.01)
        said.append(time.monotonic())
        stop.say()

    threading.Thread(target=watch, daemon=True).start()
    with pytest.raises(Ending):
        post(office, host, stop)
    return time.monotonic() - said[0]


def states(office: Small) -> list[str]:
    """Of the message that was in hand, and of those behind it."""
    return [office.message(f"liaison@{unit}.example", DAY).state for unit in ("jia", "yi", "bing")]


def test_a_mail_that_a_hanging_server_was_never_given_waits_and_leaves_once(office: Small) -> None:
    """Nothing is in doubt: the next delivery sends it, and nobody has to ask the recipient."""
    with mail_host("hang") as host:
        assert told_to_end(office, host, lambda: host.connections > 0) < 1
    assert states(office) == ["pending"] * 3
    [tried] = office.attempts(BAD, DAY)
    assert (tried.result, tried.answer) == ("later", "The delivery ended before it was handed over.")
    assert office.request("jia", DAY).due_at is None
    with mail_host() as host:
        post(office, host, Stop())
        assert len(host.taken) == 3
    assert states(office) == ["sent"] * 3


def test_the_answer_to_a_mail_in_hand_is_waited_for(office: Small) -> None:
    with mail_host(late=1.5) as host:
        assert 0.5 < told_to_end(office, host, lambda: bool(host.taken)) < LAST_WORD_SECONDS
    assert states(office) == ["sent", "pending", "pending"]


def test_a_mail_that_was_handed_over_whole_to_a_server_that_says_nothing_is_unknown(office: Small) -> None:
    with mail_host(late=20) as host:
        assert told_to_end(office, host, lambda: bool(host.taken)) < LAST_WORD_SECONDS + 1
    assert states(office) == ["unknown", "pending", "pending"]
    [tried] = office.attempts(BAD, DAY)
    assert tried.answer == "It was handed over, and the delivery ended before a reply came."


def test_no_group_is_called_by_a_delivery_that_is_ending(office: Small) -> None:
    """What the mail said is written down; the group's line for the day is left to a later one."""
    add(
        office.database, "jia", "liaison", "wecombot://s3cret", first=False, now=at(DAY, "08:00"), by=OPERATOR
    )
    stop, called = Stop(), list[str]()

    def send(_to: str, _body: bytes) -> Outcome:
        stop.say()
        return Outcome(Result.ACCEPTED, "250 taken")

    def call(to: str, _body: bytes) -> Outcome:
        called.append(to)
        return Outcome(Result.ACCEPTED, "taken")

    with pytest.raises(Ending):
        office.deliver(DAY, send, stop=stop, chat=Chat(chat_text, call))
    assert called == []
    assert states(office) == ["sent", "pending", "pending"]


def test_a_delivery_that_waits_for_another_ends_at_once(database: str, tmp_path: Path) -> None:
    office = set_up(database, tmp_path)
    office.decide(DAY)
    other, stop = Database(database), Stop()
    with delivery_lock(other, Stop()):
        threading.Timer(0.3, stop.say).start()
        started = time.monotonic()
        with pytest.raises(Ending):
            office.deliver(DAY, lambda *_: pytest.fail("nothing is handed over"), stop=stop)
        assert time.monotonic() - started < 2
    other.dispose()
    assert states(office) == ["pending"] * 3


def test_a_delivery_that_takes_long_is_waited_for_while_it_goes_on(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few may leave in a minute: the other process hands one over now and then, for longer than the patience.

    One that hands nothing over is not waited for without an end.
    """
    office = set_up(database, tmp_path)
    office.decide(DAY)
    other = Database(database)
    goes_on, ended = threading.Event(), threading.Event()
    monkeypatch.setattr("eco_workflow.store.delivery_lock.PATIENCE_SECONDS", 1.0)

    def slow(_to: str, _body: bytes) -> Outcome:
        goes_on.set()
        time.sleep(0.7)
        return Outcome(Result.ACCEPTED, "250 taken")

    def delivers() -> None:
        office.deliver(DAY, slow)
        ended.set()

    thread = threading.Thread(target=delivers)
    thread.start()
    assert goes_on.wait(10)
    with delivery_lock(other, Stop()):
        assert ended.wait(1)
        waits = Database(database)
        with pytest.raises(Unavailable, match="handed nothing over"), delivery_lock(waits, Stop()):
            pytest.fail("two at a time")
        waits.dispose()
    thread.join()
    other.dispose()
    assert states(office) == ["sent"] * 3


def test_a_delivery_that_waits_for_its_minute_ends_at_once(office: Small) -> None:
    stop = Stop()
    threading.Timer(0.3, stop.say).start()
    started = time.monotonic()
    with pytest.raises(Ending):
        office.deliver(DAY, lambda *_: pytest.fail("nothing is handed over"), stop=stop, per_minute=1)
    assert time.monotonic() - started < 2
    assert states(office) == ["pending"] * 3
