"""A mail server of a few lines that fails in ten ways, over real sockets."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

WAYS = (
    "refused", "4xx", "5xx", "hang", "slow", "drop before 250", "drop after 250", "TLS error",
    "one bad recipient of three", "greylist",
)  # fmt: skip
BAD = "liaison@jia.example"
"""The one recipient that is no good."""
RUDE = f"\x1b]0;gone\x07no\0such\u202euser {'x' * 3000}"
"""Signs that drive a terminal, at length."""


class MailHost:
    """Takes mail at `port` in the way it was given; in no particular way it takes everything.

    `certificate` offers STARTTLS, with `at_once` the line begins with TLS. `login`: what AUTH PLAIN must say
    before anything is taken. `size`: what it says it takes, in bytes. `late`: seconds until it says that it
    took a mail. In the way "deaf at QUIT" it takes everything, and answers no good-bye; in the way "rude" it
    refuses every recipient with `RUDE`, in "rude at once" every call.
    """

    def __init__(
        self,
        way: str = "",
        certificate: Path | None = None,
        *,
        at_once: bool = False,
        login: bytes = b"",
        size: int = 0,
        late: float = 0,
    ) -> None:
        self.way = way
        self.taken: list[tuple[str, bytes]] = []
        self.connections = 0
        self.known: set[str] = set()
        """Recipients that a greylist has seen before."""
        self.login = login
        self.size = size
        self.late = late
        self.at_once = at_once
        self.context: ssl.SSLContext | None = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.over = threading.Event()
        self._open: list[socket.socket] = []
        if way == "refused":
            self._socket.close()

    def serve(self) -> None:
        """Takes one call after the other, each in a thread of its own."""
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._take, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Nobody is answered any more."""
        self.over.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _take(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self.way == "hang":
                self.over.wait(20)
            elif self.at_once and self.context:
                _Call(self, self.context.wrap_socket(connection, server_side=True)).answer()
            else:
                _Call(self, connection).answer()
        connection.close()


class _Call:
    """One connection."""

    def __init__(self, host: MailHost, connection: socket.socket) -> None:
        self.host = host
        self.connection = connection
        self.lines = connection.makefile("rb")
        self.to = ""
        self.trusted = not host.login

    def say(self, text: str) -> None:
        if self.host.way == "slow":
            time.sleep(0.05)
        self.connection.sendall(text.encode() + b"\r\n")

    def answer(self) -> None:
        """The dialogue, until somebody hangs up."""
        if self.host.way == "rude at once":
            self.say(f"554 {RUDE}")
            return
        self.say("220 here")
        while line := self.lines.readline():
            word, _, rest = line.strip().partition(b" ")
            match word.upper():
                case b"EHLO":
                    self.hello()
                case b"STARTTLS" if self.host.context:
                    self.say("220 go ahead")
                    self.connection = self.host.context.wrap_socket(self.connection, server_side=True)
                    self.lines = self.connection.makefile("rb")
                case b"AUTH":
                    self.trusted = rest == self.host.login
                    self.say("235 welcome" if self.trusted else "535 5.7.8 wrong password")
                case b"MAIL":
                    self.say("250 sender fine" if self.trusted else "530 5.7.0 log in first")
                case b"RCPT":
                    self.to = rest.decode().partition("<")[2].partition(">")[0]
                    self.say(self.recipient())
                case b"DATA":
                    self.say("354 go on")
                    if not self.mail():
                        return
                case b"QUIT" if self.host.way == "deaf at QUIT":
                    self.host.over.wait(20)
                    return
                case b"QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 fine")

    def hello(self) -> None:
        self.say("250-hello")
        if self.host.context and not isinstance(self.connection, ssl.SSLSocket):
            self.say("250-STARTTLS")
        if self.host.login:
            self.say("250-AUTH PLAIN")
        self.say(f"250 SIZE {self.host.size}")

    def recipient(self) -> str:
        is_new = self.to not in self.host.known
        self.host.known.add(self.to)
        match self.host.way:
            case "4xx":
                return "450 4.2.1 mailbox busy"
            case "5xx":
                return "550 5.1.1 no such user"
            case "one bad recipient of three" if self.to == BAD:
                return "550 5.1.1 no such user"
            case "rude":
                return f"550 5.1.1 {RUDE}"
            case "greylist" if is_new:
                return "451 4.7.1 greylisted, come back in five minutes"
        return "250 recipient fine"

    def mail(self) -> bool:
        """Takes the whole mail; whether the call goes on."""
        body = b"".join(iter(self.lines.readline, b".\r\n"))
        self.host.taken.append((self.to, body))
        if self.host.way == "drop before 250":
            return False
        self.host.over.wait(self.host.late)
        self.say("250 2.0.0 queued")
        return self.host.way != "drop after 250"


@contextmanager
def mail_host(way: str = "", certificate: Path | None = None, **more: object) -> Iterator[MailHost]:
    """A mail server that behaves in one way, gone afterwards."""
    host = MailHost(way, certificate, **more)  # type: ignore[arg-type]
    thread = threading.Thread(target=host.serve)
    if way != "refused":
        thread.start()
    try:
        yield host
    finally:
        host.close()
        if way != "refused":
            thread.join()


def certificate(folder: Path) -> Path:
    """A key and a certificate for `localhost` that no authority signed, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)  # noqa: TID251  (the real clock checks it)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=2))
        .not_valid_after(today + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / "localhost.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    )
    return file
