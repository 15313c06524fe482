"""Mail over SMTP: one connection for many mails, and an honest word about each of them.

`smtplib.sendmail` cannot tell "dropped before the mail was complete" from "complete, but no reply". The
first may be repeated, the second must not be: so the end of the mail is handed over here in a step of
its own.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property

from eco_workflow.domain.address import why_unusable
from eco_workflow.domain.free_text import on_a_line
from eco_workflow.domain.messages import LONGEST_ANSWER, Outcome, Result, Send
from notifications.address import name_and_address
from notifications.handing import Handing, HandOver, not_handed_over

# A bare CR or LF passes one server as text and the next as a line's end, which lets a body forge a second
# mail behind a line with a dot. So every line end becomes CRLF before dots are doubled.
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)

# RFC 3463: 5.7 is about what is permitted. A server without such codes says it in words; with them the words
# may mean anything, as "user unknown in relay recipient table".
_NOT_PERMITTED = re.compile(rb"5\.7\.\d|(?!5\.\d)(?s:.*)\brelay", re.IGNORECASE)

_Reply = tuple[int, bytes]

LEAVE_SECONDS = 2.0
"""How long a server is waited for that is only told good-bye: nothing hangs on its answer."""


@dataclass(frozen=True)
class Server:
    """Where mail is handed in, how the line is protected, and who hands it in."""

    host: str
    port: int
    tls: str = ""
    """`` (in the clear), `starttls` or `at-once`."""
    user: str = ""
    password: str = field(default="", repr=False)
    largest: int = 0
    """Bytes; a larger mail is not offered to the server. 0: only the server's own limit counts."""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @cached_property
    def context(self) -> ssl.SSLContext:
        """Checks the server's certificate and name. Made once: that takes longer than a mail."""
        return ssl.create_default_context()


@contextmanager
def smtp(
    server: Server,
    sender: str,
    timeout: float = 30,
    patience: float = 300,
    is_ending: Callable[[], bool] = lambda: False,
) -> Iterator[Send]:
    """Yields a `Send` to a server; `timeout` in seconds for each step of the dialogue, `patience` for the
    reply to the whole mail: whoever hangs up there does not know what became of it.

    Connects at the first mail, keeps the connection, connects anew when the server dropped it in between.
    For one thread. ACCEPTED: 2xx after the end of the mail. REFUSED: 5xx to the recipient, or an unusable
    address. REJECTED: 5xx to the mail itself, or a mail that is too large. LATER: 4xx, no connection, no
    protection or no login where one is wanted, a server that greets with an error or says that we may not
    send, as a relay that refuses to be one, a drop or timeout before the end of the mail was handed over.
    NO_ANSWER: the mail was handed over whole, no readable reply came. Once `is_ending` says so, whoever keeps
    one waiting is left: LATER or NO_ANSWER, as it is.

    `sender` is an address, or a name and an address; raises `WrongInput` when it is neither.
    """
    line = _Line(server, name_and_address(sender)[1], timeout, patience)
    send = Handing(line.talk, is_ending)
    try:
        yield send
    finally:
        if not send.left:
            line.close(takes_leave=not is_ending())


def greeted(server: Server, sender: str, timeout: float) -> str:
    """Why the server cannot be used now; empty where it greets, protects the line and takes the login.

    Raises as `smtp` does; `timeout` in seconds for each step. Nothing is sent.
    """
    line = _Line(server, name_and_address(sender)[1], timeout, timeout)
    try:
        line.connect()
    except (OSError, smtplib.SMTPException) as error:
        return on_a_line(f"{server} cannot be used: {_cause(error)}", LONGEST_ANSWER)
    finally:
        line.close()
    return ""


class _NotTakenError(Exception):
    """A reply other than the one that lets the dialogue go on. `refusal`: what a 5xx means here; LATER where
    it is about us and neither about the recipient nor the mail.
    """

    def __init__(self, reply: _Reply, refusal: Result) -> None:
        super().__init__(reply)
        self.reply = reply
        self.refusal = refusal


class _TooLargeError(Exception):
    """The mail is larger than what the server says it takes."""


class _Line:
    """The dialogue with one server. Not connected while `_server` is None."""

    def __init__(self, place: Server, sender: str, timeout: float, patience: float) -> None:
        self._place = place
        self._sender = sender
        self._timeout = timeout
        self._patience = patience
        self._server: smtplib.SMTP | None = None
        self._own_name: str | None = None

    def talk(self, address: str, message: bytes, hand_over: HandOver) -> Outcome:
        """One mail to one address; what the server does never raises."""
        unusable = why_unusable(address)
        if unusable:
            return Outcome(Result.REFUSED, unusable)
        body = _LEADING_DOT.sub(b"..", _LINE_END.sub(b"\r\n", message))
        if not body.endswith(b"\r\n"):
            body += b"\r\n"
        if 0 < self._place.largest < len(body):
            return Outcome(Result.REJECTED, _too_large(len(body), self._place.largest, "ECO_MAIL_MAX_MIB"))
        try:
            server = self._announce(len(body))
            reply = server.rcpt(address)
            may_not = reply[0] == 530 or _NOT_PERMITTED.match(reply[1])
            _expect(reply, {250, 251}, refusal=Result.LATER if may_not else Result.REFUSED)
            _expect(server.docmd("DATA"), {354})
            server.send(body)
        except _TooLargeError as error:
            return Outcome(Result.REJECTED, str(error))
        except _NotTakenError as stop:
            self._reset(stop.reply[0])
            refuses = 500 <= stop.reply[0] <= 599
            result = stop.refusal if refuses else Result.LATER
            # Who refuses to be used at all has not been reached: no time is set, the next delivery tries.
            return Outcome(result, _words(stop.reply), reached=not (refuses and result is Result.LATER))
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return self._not_taken(error)
        except BaseException:
            # Stopped in mid-dialogue: a QUIT would now be read as a line of the mail.
            self._drop()
            raise
        return self._end(server, hand_over)

    def close(self, *, takes_leave: bool = True) -> None:
        """Hangs up; takes leave of the server before, if it is still there, which may take two seconds."""
        if self._server is not None and takes_leave:
            with suppress(OSError, smtplib.SMTPException):
                if self._server.sock is not None:
                    self._server.sock.settimeout(min(self._timeout, LEAVE_SECONDS))
                self._server.quit()
        self._drop()

    def _announce(self, size: int) -> smtplib.SMTP:
        """Connected and MAIL FROM accepted. The only step that is repeated: nothing is handed over yet."""
        if self._server is not None:
            # Servers drop idle connections, or after so many mails: by silence or with 421.
            with suppress(OSError, smtplib.SMTPException):
                reply = self._mail_from(self._server, size)
                if reply[0] != 421:
                    _expect_sender_taken(reply)
                    return self._server
            self._drop()
        server = self.connect()
        _expect_sender_taken(self._mail_from(server, size))
        return server

    def connect(self) -> smtplib.SMTP:
        """Greeted, protected and logged in as the place wants it."""
        place = self._place
        # A greeting other than 220 raises, whatever its code: it says nothing about this mail.
        if place.tls == "at-once":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                place.host, place.port, self._own_name, timeout=self._timeout, context=place.context
            )
        else:
            server = smtplib.SMTP(place.host, place.port, self._own_name, timeout=self._timeout)
        self._server = server
        # Finding out our own name may ask the DNS: once is enough.
        self._own_name = server.local_hostname
        if server.sock is not None:
            # The end of the mail is a small packet after the body: it shall not wait for the body's receipt.
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.ehlo_or_helo_if_needed()
        if place.tls == "starttls":
            # Raises where the server does not offer it: nothing is ever said in the clear instead.
            server.starttls(context=place.context)
            server.ehlo_or_helo_if_needed()
        if place.user:
            # A refused login is about our setting, no word about this mail: it is tried again.
            server.login(place.user, place.password)
        return server

    def _mail_from(self, server: smtplib.SMTP, size: int) -> _Reply:
        if not server.has_extn("size"):
            return server.mail(self._sender)
        takes = server.esmtp_features["size"]
        if takes.isdigit() and 0 < int(takes) < size:
            raise _TooLargeError(_too_large(size, int(takes), str(self._place)))
        return server.mail(self._sender, [f"size={size}"])

    def _end(self, server: smtplib.SMTP, hand_over: HandOver) -> Outcome:
        """Hands over the end of the mail. From here on silence means: nobody knows."""
        if not hand_over.begin():
            self._drop()
            return not_handed_over()
        try:
            # Three bytes: the kernel took all of them, or the mail has no end and the server drops it.
            server.send(b".\r\n")
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            if self._place.tls:
                # Here the bytes become a record of their own, and what an error says about it is less sure.
                return self._silent(error)
            return self._not_taken(error)
        except BaseException:
            self._drop()
            raise
        return self._verdict(server)

    def _verdict(self, server: smtplib.SMTP) -> Outcome:
        """What the reply to the whole mail means."""
        try:
            if server.sock is not None:
                server.sock.settimeout(self._patience)
            reply = server.getreply()
            if server.sock is not None:
                server.sock.settimeout(self._timeout)
        except BaseException as error:
            self._drop()
            if not isinstance(error, OSError | smtplib.SMTPException):
                raise
            return self._silent(error)
        if 200 <= reply[0] <= 299:
            return Outcome(Result.ACCEPTED, _words(reply))
        self._reset(reply[0])
        if 500 <= reply[0] <= 599:
            return Outcome(Result.REJECTED, _words(reply))
        if 400 <= reply[0] <= 499:
            return Outcome(Result.LATER, _words(reply))
        return Outcome(Result.NO_ANSWER, f"unreadable reply to the whole mail: {_words(reply)}")

    def _not_taken(self, error: BaseException) -> Outcome:
        said = f"{self._place} did not take the mail: {_cause(error)}"
        return Outcome(Result.LATER, said, reached=False)

    def _silent(self, error: BaseException) -> Outcome:
        said = f"{self._place} was given the whole mail and did not reply: {_cause(error)}"
        return Outcome(Result.NO_ANSWER, said)

    def _reset(self, code: int) -> None:
        """After a refusal: ready for the next mail, or disconnected if the server leaves or is confused."""
        if self._server is None or not 400 <= code <= 599 or code == 421:
            self._drop()
            return
        try:
            _expect(self._server.docmd("RSET"), {250})
        except (_NotTakenError, OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def _expect(reply: _Reply, wanted: set[int], *, refusal: Result = Result.REJECTED) -> None:
    if reply[0] not in wanted:
        raise _NotTakenError(reply, refusal)


def _expect_sender_taken(reply: _Reply) -> None:
    """Of a refusal here only 552 is about the mail: it is too large."""
    _expect(reply, {250}, refusal=Result.REJECTED if reply[0] == 552 else Result.LATER)


def _too_large(size: int, limit: int, whose: str) -> str:
    return f"The mail is {size} bytes large; {whose} allows {limit} bytes."


def _words(reply: _Reply) -> str:
    """The server's own words on one line: code and text."""
    return " ".join([str(reply[0]), *reply[1].decode("utf-8", "replace").split()])


def _cause(error: BaseException) -> str:
    """What broke the dialogue; the server's own words where there are any."""
    if isinstance(error, smtplib.SMTPResponseException) and isinstance(error.smtp_error, bytes):
        return _words((error.smtp_code, error.smtp_error))
    return str(error)
