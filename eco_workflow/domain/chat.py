"""Which chat channels reach a contact, and what each may carry (DOMAIN 5, group robots).

Every part of an address is read by itself and must be of the few characters that its service gives out; what
is handed on is put together again from these parts. So nothing in it can add a recipient or an option.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.messages import Envelope, Outcome, Result

PERSONAL = ("wechat", "json", "jsons")
"""To one person (WeCom's app), or to a system of the office's own: they carry the content."""
ROBOTS = ("wecombot", "dingtalk", "feishu")
"""Heard by a group: they carry a neutral line only."""

FORMS = {
    "wecombot": "wecombot://KEY",
    "wechat": "wechat://CORPID:SECRET@AGENT/USER",
    "dingtalk": "dingtalk://[SECRET@]TOKEN",
    "feishu": "feishu://TOKEN",
    "json": "json://[USER:PASSWORD@]HOST[:PORT]/PATH",
    "jsons": "jsons://[USER:PASSWORD@]HOST[:PORT]/PATH",
}

NEUTRAL_LINE = "有新的工作消息，请有关人员查收。"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")
_USER = re.compile(r"(?!all\Z)[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_PATH = re.compile(r"(?:/[A-Za-z0-9_.~-]+)*/?")
_SECRET = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True)
class ChatAddress:
    """One channel, checked."""

    scheme: str
    url: str = field(repr=False)
    """With its secrets."""
    shown: str
    """Without them, but told apart from others."""

    @property
    def is_robot(self) -> bool:
        """Whether a group hears it."""
        return self.scheme in ROBOTS


def read_chat_address(given: str) -> ChatAddress:
    """Reads a channel's address. Raises `WrongInput`, which never repeats a secret."""
    scheme = given.partition("://")[0].lower() if "://" in given else ""
    if scheme not in FORMS:
        raise WrongInput(f"A channel begins with one of {', '.join(FORMS)}, followed by ://.")
    try:
        parts = urlsplit(given)
        port = parts.port if scheme in ("json", "jsons") else None
    except ValueError:
        raise _wrong(scheme) from None
    if parts.query or parts.fragment or "?" in given or "#" in given or not given.isprintable():
        raise _wrong(scheme)
    if scheme in ("json", "jsons"):
        return _webhook(scheme, parts, port)
    if scheme == "wechat":
        return _wecom_app(parts)
    secret, at, token = parts.netloc.rpartition("@")
    if parts.path.strip("/") or not _TOKEN.fullmatch(token):
        raise _wrong(scheme)
    if at and (scheme != "dingtalk" or not _TOKEN.fullmatch(secret)):
        raise _wrong(scheme)
    return ChatAddress(scheme, f"{scheme}://{secret}{at}{token}", f"{scheme}://…{token[-4:]}")


def _wecom_app(parts: SplitResult) -> ChatAddress:
    login, _, agent = parts.netloc.rpartition("@")
    corp, _, secret = login.partition(":")
    user = parts.path.strip("/").removeprefix("@")
    if not (_TOKEN.fullmatch(corp) and _TOKEN.fullmatch(secret) and _USER.fullmatch(user)):
        raise _wrong("wechat")
    if not agent.isdecimal() or not agent.isascii():
        raise _wrong("wechat")
    return ChatAddress("wechat", f"wechat://{corp}:{secret}@{agent}/@{user}", f"wechat://…@{agent}/{user}")


def _webhook(scheme: str, parts: SplitResult, port: int | None) -> ChatAddress:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    host = parts.hostname or ""
    if not _HOST.fullmatch(host) or ".." in host or not _PATH.fullmatch(parts.path) or port == 0:
        raise _wrong(scheme)
    for secret in filter(None, (user, password)):
        if not _SECRET.fullmatch(secret):
            raise _wrong(scheme)
    login = quote(user, safe="") + (":" + quote(password, safe="") if password else "")
    where = f"{host}:{port}" if port else host
    path = parts.path or "/"
    at = "@" if login else ""
    # A path is often a secret itself.
    shown = f"{scheme}://{where}/{'…' + path[-4:].lstrip('/') if path.strip('/') else ''}"
    return ChatAddress(scheme, f"{scheme}://{login}{at}{where}{path}", shown)


def _wrong(scheme: str) -> WrongInput:
    only = " One user, never all of them." if scheme == "wechat" else ""
    return WrongInput(
        f"This is no {scheme} channel: it is written {FORMS[scheme]}, without options behind it.{only}"
    )


def _nobody(address: str, body: bytes) -> Outcome:
    return Outcome(Result.REFUSED, "No chat is connected here.")


@dataclass(frozen=True)
class Chat:
    """How contacts are reached besides mail: the words of an envelope as a text, and who carries them."""

    render: Callable[[Envelope], bytes] = lambda _: b""
    """Subject, an empty line, and the plain text, in UTF-8."""
    send: Callable[[str, bytes], Outcome] = _nobody
    """Hands a text to the channel of an address. Never raises for what the other side does."""
