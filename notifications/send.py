"""The one door to the outside: from the setting ECO_MAIL_URL to a `Send`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.messages import Send
from notifications.maildir import maildir
from notifications.smtp import smtp

_ALLOWED = (
    "Leave it unset to file mails in the local mail folder, or set maildir:///folder or smtp://host[:port]."
)


@contextmanager
def open_channel(url: str | None, *, mail_folder: Path, sender: str) -> Iterator[Send]:
    """Yields the `Send` that `url` names: None files into `mail_folder`, see `maildir` and `smtp`.

    Nothing is connected or created before the first mail. Raises `WrongInput` for any other url, and for a
    `sender` without a usable address where one is needed. The message never repeats a password.
    """
    if url is None:
        with maildir(mail_folder) as send:
            yield send
        return
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WrongInput(f"ECO_MAIL_URL is no address: {error}. {_ALLOWED}") from error
    if parts.scheme == "maildir":
        with maildir(_folder(parts)) as send:
            yield send
    elif parts.scheme == "smtp":
        with smtp(_host(parts), 25 if port is None else port, sender) as send:
            yield send
    elif parts.scheme == "smtps":
        raise WrongInput(f"ECO_MAIL_URL asks for TLS (smtps), which is not supported yet. {_ALLOWED}")
    else:
        raise WrongInput(f"ECO_MAIL_URL begins with {parts.scheme!r}, which is no channel. {_ALLOWED}")


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


def _host(parts: SplitResult) -> str:
    if "@" in parts.netloc:
        raise WrongInput(f"ECO_MAIL_URL holds a user or password; login is not supported yet. {_ALLOWED}")
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
