"""Mail over SMTP: one connection for many mails, and an honest word about each of them.

`smtplib.sendmail` cannot tell "dropped before the mail was complete" from "complete, but no reply". The
first may be repeated, the second must not be: so the end of the mail is handed over here in a step of
its own.
"""

import re
import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from eco_workflow.domain.address import why_unusable
from eco_workflow.domain.messages import Outcome, Result, Send
from notifications.address import name_and_address

# A bare CR or LF passes one server as text and the next as a line's end, which lets a body forge a second
# mail behind a line with a dot. So every line end becomes CRLF before dots are doubled.
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)

_Reply = tuple[int, bytes]


@contextmanager
def smtp(host: str, port: int, sender: str, timeout: float = 30) -> Iterator[Send]:
    """Yields a `Send` to the server at `host:port`; `timeout` in seconds for each step of the dialogue.

    Connects at the first mail, keeps the connection, connects anew when the server dropped it in between.
    For one thread. ACCEPTED: 2xx after the end of the mail. REFUSED: 5xx to the recipient, or an unusable
    address. REJECTED: 5xx to the sender or to the mail itself. LATER: 4xx, no connection, a server that
    greets with an error, a drop or timeout before the end of the mail was handed over. NO_ANSWER: the mail
    was handed over whole, no readable reply came.

    `sender` is an address, or a name and an address; raises `WrongInput` when it is neither.
    """
    line = _Line(host, port, name_and_address(sender)[1], timeout)
    try:
        yield line.send
    finally:
        line.close()


class _NotTakenError(Exception):
    """A reply other than the one that lets the dialogue go on. `refusal`: what a 5xx at this step means."""

    def __init__(self, reply: _Reply, refusal: Result) -> None:
        super().__init__(reply)
        self.reply = reply
        self.refusal = refusal


class _Line:
    """The dialogue with one server. Not connected while `_server` is None."""

    def __init__(self, host: str, port: int, sender: str, timeout: float) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._timeout = timeout
        self._server: smtplib.SMTP | None = None
        self._own_name: str | None = None

    def send(self, address: str, message: bytes) -> Outcome:
        """One mail to one address; what the server does never raises."""
        unusable = why_unusable(address)
        if unusable:
            return Outcome(Result.REFUSED, unusable)
        body = _LEADING_DOT.sub(b"..", _LINE_END.sub(b"\r\n", message))
        if not body.endswith(b"\r\n"):
            body += b"\r\n"
        try:
            server = self._announce(len(message))
            _expect(server.rcpt(address), {250, 251}, refusal=Result.REFUSED)
            _expect(server.docmd("DATA"), {354})
            server.send(body)
            # Three bytes: the kernel took all of them, or the mail has no end and the server drops it.
            # (With TLS an error here would prove nothing; this must be thought over again then.)
            server.send(b".\r\n")
        except _NotTakenError as stop:
            self._reset(stop.reply[0])
            result = stop.refusal if 500 <= stop.reply[0] <= 599 else Result.LATER
            return Outcome(result, _words(stop.reply))
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome(Result.LATER, f"{self._host}:{self._port} did not take the mail: {_cause(error)}")
        except BaseException:
            # Stopped in mid-dialogue: a QUIT would now be read as a line of the mail.
            self._drop()
            raise
        return self._verdict(server)

    def close(self) -> None:
        """Takes leave of the server, if it is still there."""
        if self._server is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._server.quit()
        self._drop()

    def _announce(self, size: int) -> smtplib.SMTP:
        """Connected and MAIL FROM accepted. The only step that is repeated: nothing is handed over yet."""
        if self._server is not None:
            # Servers drop idle connections, or after so many mails: by silence or with 421.
            with suppress(OSError, smtplib.SMTPException):
                reply = self._mail_from(self._server, size)
                if reply[0] != 421:
                    _expect(reply, {250})
                    return self._server
            self._drop()
        server = self._connect()
        _expect(self._mail_from(server, size), {250})
        return server

    def _connect(self) -> smtplib.SMTP:
        server = smtplib.SMTP(local_hostname=self._own_name, timeout=self._timeout)
        # Finding out our own name may ask the DNS: once is enough.
        self._own_name = server.local_hostname
        self._server = server
        greeting = server.connect(self._host, self._port)
        if greeting[0] != 220:
            # Whatever the code: it is about this server, no word about this mail.
            raise smtplib.SMTPConnectError(*greeting)
        if server.sock is not None:
            # The end of the mail is a small packet after the body: it shall not wait for the body's receipt.
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.ehlo_or_helo_if_needed()
        return server

    def _mail_from(self, server: smtplib.SMTP, size: int) -> _Reply:
        return server.mail(self._sender, [f"size={size}"] if server.has_extn("size") else [])

    def _verdict(self, server: smtplib.SMTP) -> Outcome:
        """Reads the reply to the end of the mail. From here on silence means: nobody knows."""
        try:
            reply = server.getreply()
        except BaseException as error:
            self._drop()
            if not isinstance(error, OSError | smtplib.SMTPException):
                raise
            where = f"{self._host}:{self._port}"
            return Outcome(
                Result.NO_ANSWER, f"{where} was given the whole mail and did not reply: {_cause(error)}"
            )
        if 200 <= reply[0] <= 299:
            return Outcome(Result.ACCEPTED, _words(reply))
        self._reset(reply[0])
        if 500 <= reply[0] <= 599:
            return Outcome(Result.REJECTED, _words(reply))
        if 400 <= reply[0] <= 499:
            return Outcome(Result.LATER, _words(reply))
        return Outcome(Result.NO_ANSWER, f"unreadable reply to the whole mail: {_words(reply)}")

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


def _words(reply: _Reply) -> str:
    """The server's own words on one line: code and text."""
    return " ".join([str(reply[0]), *reply[1].decode("utf-8", "replace").split()])


def _cause(error: BaseException) -> str:
    """What broke the dialogue; the server's own words where there are any."""
    if isinstance(error, smtplib.SMTPResponseException) and isinstance(error.smtp_error, bytes):
        return _words((error.smtp_code, error.smtp_error))
    return str(error)
