"""The one door to the outside: from the setting ECO_MAIL_URL to a `Send`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.messages import Send
from eco_workflow.writable import is_writable, nearest
from notifications.address import name_and_address
from notifications.maildir import maildir
from notifications.smtp import Server, greeted, smtp

_ALLOWED = (
    "Leave it unset to file mails in the local mail folder, or set maildir:///folder, "
    "smtps://[user@]host[:port], smtp+starttls://[user@]host[:port] or smtp://host[:port]."
)

_SMTP = {"smtp": ("", 25), "smtp+starttls": ("starttls", 587), "smtps": ("at-once", 465)}
"""Scheme → how the line is protected, and the usual port."""


@contextmanager
def open_channel(
    url: str | None,
    *,
    mail_folder: Path,
    sender: str,
    password: str = "",
    largest: int = 0,
    is_ending: Callable[[], bool] = lambda: False,
) -> Iterator[Send]:
    """Yields the `Send` that `url` names: None files into `mail_folder`, see `maildir` and `smtp`.

    Nothing is connected or created before the first mail. `password` belongs to the user in `url`, where it
    is not given beside it; `largest`: bytes of the largest mail that is offered to a server, 0 for any;
    `is_ending`: whether no server is waited for any more.

    Raises `WrongInput` for any other url, and for a `sender` without a usable address where one is needed;
    what it says never repeats a password.
    """
    place = _place(url, mail_folder, password, largest)
    with maildir(place) if isinstance(place, Path) else smtp(place, sender, is_ending=is_ending) as send:
        yield send


def why_unreachable(
    url: str | None, *, mail_folder: Path, sender: str, password: str = "", seconds: float = 30
) -> str:
    """Why no mail could leave now, in words; empty where the server greets, protects the line and takes the
    login, or the folder can be written. Nothing is sent. Raises as `open_channel` does.

    `seconds`: how long each step of the dialogue may take.
    """
    name_and_address(sender)
    place = _place(url, mail_folder, password, 0)
    if isinstance(place, Path):
        there = nearest(place)
        return "" if is_writable(there) else f"{there} cannot be written"
    return greeted(place, sender, seconds)


def filed_in(url: str | None, mail_folder: Path) -> Path | None:
    """The folder in which mails are only filed; None where a server takes them. `url`: a usable one."""
    if url is None:
        return mail_folder
    parts = urlsplit(url)
    return _folder(parts) if parts.scheme == "maildir" else None


def _place(url: str | None, mail_folder: Path, password: str, largest: int) -> Server | Path:
    """The server or the folder that a url names."""
    if url is None:
        return mail_folder
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WrongInput(f"ECO_MAIL_URL is no address: {_without(url, error)}. {_ALLOWED}") from None
    if parts.scheme == "maildir":
        return _folder(parts)
    if parts.scheme in _SMTP:
        tls, usual = _SMTP[parts.scheme]
        user, password = _login(parts, password)
        host = _host(parts)
        return Server(host, usual if port is None else port, tls, user, password, largest)
    raise WrongInput(f"ECO_MAIL_URL begins with {parts.scheme!r}, which is no channel. {_ALLOWED}")


def _without(url: str, error: ValueError) -> str:
    """The error's words, unless they may repeat a part of a url that holds a login."""
    return "what stands behind the host is no port" if "@" in url else str(error)


def _folder(parts: SplitResult) -> Path:
    folder = unquote(parts.path)
    if (
        not folder.startswith("/")
        or parts.netloc
        or parts.query
        or parts.fragment
        or "\0" in folder
        or not folder.strip("/")
    ):
        raise WrongInput(f"ECO_MAIL_URL names no folder: three slashes, then its full path. {_ALLOWED}")
    return Path(folder)


def _login(parts: SplitResult, password: str) -> tuple[str, str]:
    """User and password; both empty where nobody logs in."""
    user, given = unquote(parts.username or ""), unquote(parts.password or "")
    if not user and (password or given):
        raise WrongInput("There is a mail password, but ECO_MAIL_URL names no user: smtps://user@host.")
    if not user:
        return "", ""
    if parts.scheme == "smtp":
        raise WrongInput(
            "ECO_MAIL_URL asks for a login, and smtp:// would send the password in the clear. "
            "Use smtps:// or smtp+starttls://."
        )
    if given and password:
        raise WrongInput("The mail password is given twice: in ECO_MAIL_URL and on its own. Keep one.")
    password = password or given
    if not password:
        raise WrongInput(
            "ECO_MAIL_URL names a user without a password: set ECO_MAIL_PASSWORD or ECO_MAIL_PASSWORD_FILE."
        )
    if not (user + password).isascii() or not (user + password).isprintable():
        raise WrongInput("User and password of the mail server must be printable ASCII characters.")
    return user, password


def _host(parts: SplitResult) -> str:
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise WrongInput(f"ECO_MAIL_URL has something behind the host and port. {_ALLOWED}")
    host = parts.hostname or ""
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise WrongInput(f"ECO_MAIL_URL: {host!r} is no host name. {_ALLOWED}") from error
    if not host or any(character.isspace() for character in host) or parts.port == 0:
        raise WrongInput(f"ECO_MAIL_URL names no host that can be called. {_ALLOWED}")
    return host
