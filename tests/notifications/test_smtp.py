"""What each answer of a mail server means, and each silence, against real sockets."""

import smtplib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.messages import Outcome, Result
from notifications.smtp import LEAVE_SECONDS, Server, smtp
from tests.notifications.mail_host import mail_host

SENDER = "创建办 <office@eco.example>"
ADDRESS = "zhangsan@water.example"
NO_USER = "550 5.1.1 <zhangsan@water.example>: User unknown in relay recipient table"
MAIL = b"Subject: x\r\n\r\n.a line with a dot\r\n"


class Postmaster:
    """A server's handler that keeps what it took, and answers what a test tells it to."""

    def __init__(self, *, mail: str = "", rcpt: str = "", data: str = "") -> None:
        self.answers = {"MAIL": mail, "RCPT": rcpt, "DATA": data}
        self.connections: set[Any] = set()
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        self.connections.add(session.peer)
        if self.answers["MAIL"]:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 sender fine"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.answers["RCPT"] and address == ADDRESS:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 recipient fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answers["DATA"]:
            return self.answers["DATA"]
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 2.0.0 queued as A1"


@contextmanager
def post_office(postmaster: Postmaster) -> Iterator[int]:
    """A real server on a free port."""
    controller = Controller(postmaster, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def one(postmaster: Postmaster, address: str = ADDRESS, mail: bytes = MAIL) -> Outcome:
    with post_office(postmaster) as port, smtp(Server("127.0.0.1", port), SENDER, timeout=5) as send:
        return send(address, mail)


def test_an_accepted_mail_arrives_as_it_was_with_the_servers_words() -> None:
    postmaster = Postmaster()
    assert one(postmaster) == Outcome(Result.ACCEPTED, "250 2.0.0 queued as A1")
    assert postmaster.taken == [("office@eco.example", [ADDRESS], MAIL)]


def test_a_bare_line_end_cannot_forge_the_end_of_the_mail() -> None:
    postmaster = Postmaster()
    one(postmaster, mail=b"x\n.\nMAIL FROM:<a@b.example>\r.\ry")
    ((_, _, content),) = postmaster.taken
    assert content == b"x\r\n.\r\nMAIL FROM:<a@b.example>\r\n.\r\ny\r\n"


@pytest.mark.parametrize(
    ("postmaster", "outcome"),
    [
        (Postmaster(rcpt="550 5.1.1 no such user"), Outcome(Result.REFUSED, "550 5.1.1 no such user")),
        (Postmaster(rcpt=NO_USER), Outcome(Result.REFUSED, NO_USER)),
        (Postmaster(rcpt="450 4.2.1 try later"), Outcome(Result.LATER, "450 4.2.1 try later")),
        (Postmaster(rcpt="421 4.3.2 closing"), Outcome(Result.LATER, "421 4.3.2 closing")),
        (Postmaster(mail="552 5.3.4 too large"), Outcome(Result.REJECTED, "552 5.3.4 too large")),
        (Postmaster(data="554 5.6.0 no"), Outcome(Result.REJECTED, "554 5.6.0 no")),
        (Postmaster(data="452 4.3.1 disk full"), Outcome(Result.LATER, "452 4.3.1 disk full")),
        (Postmaster(data="421 4.3.2 closing"), Outcome(Result.LATER, "421 4.3.2 closing")),
    ],
    ids=lambda value: value.answer if isinstance(value, Outcome) else "",
)
def test_the_servers_code_decides(postmaster: Postmaster, outcome: Outcome) -> None:
    assert one(postmaster) == outcome


@pytest.mark.parametrize(
    "postmaster",
    [
        Postmaster(mail="553 5.7.1 not you"),
        Postmaster(mail="530 Authentication required"),
        Postmaster(rcpt="554 5.7.1 <zhangsan@water.example>: Relay access denied"),
        Postmaster(rcpt="550 relaying to <zhangsan@water.example> prohibited"),
        Postmaster(rcpt="530 5.5.1 log in first"),
    ],
    ids=lambda postmaster: next(filter(None, postmaster.answers.values())),
)
def test_a_server_that_lets_us_not_send_says_nothing_about_an_address(postmaster: Postmaster) -> None:
    [said] = filter(None, postmaster.answers.values())
    assert one(postmaster) == Outcome(Result.LATER, said, reached=False)


def test_one_connection_carries_many_mails_also_past_a_refused_one() -> None:
    postmaster = Postmaster(rcpt="550 no such user")
    with post_office(postmaster) as port, smtp(Server("127.0.0.1", port), SENDER, timeout=5) as send:
        results = [send(address, MAIL).result for address in ("a@x.example", ADDRESS, "b@x.example")]
    assert results == [Result.ACCEPTED, Result.REFUSED, Result.ACCEPTED]
    assert len(postmaster.connections) == 1


def test_a_connection_dropped_between_two_mails_is_made_anew() -> None:
    first, second = Postmaster(), Postmaster()
    port = free_port()
    with smtp(Server("127.0.0.1", port), SENDER, timeout=5) as send:
        for postmaster in (first, second):
            controller = Controller(postmaster, hostname="127.0.0.1", port=port)
            controller.start()
            assert send(ADDRESS, MAIL).result is Result.ACCEPTED
            controller.stop()
    assert [len(first.taken), len(second.taken)] == [1, 1]


def test_an_unusable_address_is_refused_before_anyone_is_called() -> None:
    with smtp(Server("127.0.0.1", 1), SENDER) as send:
        outcome = send("张三@water.example", MAIL)
    assert outcome.result is Result.REFUSED
    assert "outside ASCII" in outcome.answer


def test_a_sender_without_an_address_is_wrong_input() -> None:
    with pytest.raises(WrongInput, match="ECO_MAIL_FROM"), smtp(Server("127.0.0.1", 25), "创建办"):
        pass


def test_a_refused_connection_is_later() -> None:
    with smtp(Server("127.0.0.1", free_port()), SENDER, timeout=5) as send:
        outcome = send(ADDRESS, MAIL)
    assert outcome.result is Result.LATER
    assert "Connection refused" in outcome.answer


class Line:
    """The server's end of one connection, driven by a test line by line."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.lines = connection.makefile("rb")

    def say(self, text: str) -> None:
        self.connection.sendall(text.encode() + b"\r\n")

    def hear(self) -> bytes:
        return self.lines.readline().strip()

    def up_to_data(self) -> None:
        """Greets and agrees to everything until the client may begin the mail."""
        self.say("220 here")
        for answer in ("250 hello", "250 sender fine", "250 recipient fine", "354 go on"):
            self.hear()
            self.say(answer)

    def whole_mail(self) -> None:
        while self.hear() != b".":
            pass

    def hang_up(self) -> None:
        """Drops the connection with a reset, as a crashed machine does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.lines.close()
        self.connection.close()


@contextmanager
def answering(conduct: Callable[[Line], None]) -> Iterator[int]:
    """A server for one connection that behaves as `conduct` says, then keeps silent until the test ends."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                conduct(Line(connection))
                over.wait(20)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join()


def told(conduct: Callable[[Line], None], mail: bytes = MAIL, timeout: float = 0.3) -> Outcome:
    with (
        answering(conduct) as port,
        smtp(Server("127.0.0.1", port), SENDER, timeout=timeout, patience=timeout) as send,
    ):
        return send(ADDRESS, mail)


def silent_from_the_start(line: Line) -> None:
    """Takes the call and says nothing."""


def unwelcoming(line: Line) -> None:
    line.say("554 no mail here")


def silent_at_data(line: Line) -> None:
    line.say("220 here")
    for answer in ("250 hello", "250 sender fine", "250 recipient fine"):
        line.hear()
        line.say(answer)
    line.hear()


def gone_at_data(line: Line) -> None:
    silent_at_data(line)
    line.hang_up()


def gone_within_the_mail(line: Line) -> None:
    line.up_to_data()
    line.hear()
    line.hang_up()


def stuck_within_the_mail(line: Line) -> None:
    line.up_to_data()
    line.hear()


@pytest.mark.parametrize(
    ("conduct", "answer"),
    [
        (silent_from_the_start, "timed out"),
        (unwelcoming, "554 no mail here"),
        (silent_at_data, "timed out"),
        (gone_at_data, "did not take the mail"),
    ],
)
def test_a_server_that_never_asks_for_the_mail_gets_it_later(
    conduct: Callable[[Line], None], answer: str
) -> None:
    outcome = told(conduct)
    assert outcome.result is Result.LATER
    assert answer in outcome.answer


@pytest.mark.parametrize("conduct", [gone_within_the_mail, stuck_within_the_mail])
def test_a_drop_before_the_end_of_the_mail_is_later(conduct: Callable[[Line], None]) -> None:
    """The mail is larger than what the kernel keeps in store, so its end never left."""
    outcome = told(conduct, mail=b"Subject: x\r\n" + b"y" * 32_000_000)
    assert outcome.result is Result.LATER
    assert "did not take the mail" in outcome.answer


def gone_after_the_mail(line: Line) -> None:
    line.up_to_data()
    line.whole_mail()
    line.hang_up()


def silent_after_the_mail(line: Line) -> None:
    line.up_to_data()
    line.whole_mail()


def babbling_after_the_mail(line: Line) -> None:
    silent_after_the_mail(line)
    line.say("what?")


@pytest.mark.parametrize("conduct", [gone_after_the_mail, silent_after_the_mail, babbling_after_the_mail])
def test_no_reply_to_the_whole_mail_means_nobody_knows(conduct: Callable[[Line], None]) -> None:
    outcome = told(conduct)
    assert outcome.result is Result.NO_ANSWER
    assert "the whole mail" in outcome.answer


def test_a_server_that_answers_no_good_bye_is_not_waited_for_long() -> None:
    """The mail is done with; to hang on here would keep a run from its end."""
    with mail_host("deaf at QUIT") as host:
        with smtp(Server("127.0.0.1", host.port), "office@eco.example") as send:
            assert send("liaison@yi.example", MAIL).result is Result.ACCEPTED
            started = time.monotonic()
        assert time.monotonic() - started < LEAVE_SECONDS + 1


def test_a_stop_in_mid_mail_takes_no_leave_inside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A QUIT would be read as one more line of the mail."""
    heard: list[bytes] = []
    really = smtplib.SMTP.send

    def listening(line: Line) -> None:
        line.up_to_data()
        heard.extend(line.lines.readlines())

    def stopped_at_the_end(self: smtplib.SMTP, data: Any) -> None:
        if data == b".\r\n":
            raise KeyboardInterrupt
        really(self, data)

    monkeypatch.setattr(smtplib.SMTP, "send", stopped_at_the_end)
    with pytest.raises(KeyboardInterrupt):
        told(listening)
    assert heard == [b"Subject: x\r\n", b"\r\n", b"..a line with a dot\r\n"]
