"""Chat and webhooks, through apprise: one text to one channel, and an honest word about it.

apprise says yes or no and writes the reason into its log, so the log is read here: an answer with a code is
definite, a connection that was never made as well; anything else may have arrived.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from eco_workflow.domain.chat import FORMS, Chat, ChatAddress, read_chat_address
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.messages import Outcome, Result
from notifications.connection import why_no_connection
from notifications.handing import Handing, HandOver, not_handed_over
from notifications.objection import listen, objection
from notifications.render import chat_text

LONGEST = {"wechat": 2048}
"""Bytes of a text that a service takes whole; a longer one it would cut."""

PORTS = {"json": 80, "jsons": 443}
"""Of a system of the office's own, where its address names no other."""

_OPTIONS = "?redirect=no&cto=10&rto=30"
"""A redirect might carry the content elsewhere; seconds to connect and to wait for the answer."""

_HTTP = re.compile(r"\berror=(\d{3})\b")
_WECOM = re.compile(r"\berrcode=(-?\d+)")
_NEVER_REACHED = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|Connection refused|CERTIFICATE_VERIFY_FAILED"
)
_AGAIN = {"408", "425", "429", "503", "-1", "45009", "130101", "11232"}
"""Codes of HTTP, of WeCom, DingTalk and Feishu that say: not now."""


def chat(is_ending: Callable[[], bool] = lambda: False) -> Chat:
    """The channels of `domain/chat`, connected; once `is_ending` says so, none is waited for long."""

    def talk(address: str, body: bytes, hand_over: HandOver) -> Outcome:
        # Nobody tells how far apprise is: from the first moment on it may have arrived.
        return send(address, body) if hand_over.begin() else not_handed_over()

    return Chat(chat_text, Handing(talk, is_ending))


def send(address: str, body: bytes) -> Outcome:
    """Hands a text to a channel: the title, an empty line, the rest.

    ACCEPTED: the service took it. REFUSED: it definitely did not, or the address or the text cannot be used.
    LATER: nobody was reached, or asked to come again. NO_ANSWER: handed over, and nobody knows.
    """
    try:
        to = read_chat_address(address)
    except WrongInput as error:
        return Outcome(Result.REFUSED, str(error))
    longest = LONGEST.get(to.scheme)
    if longest is not None and len(body) > longest:
        return Outcome(Result.REFUSED, f"The text is {len(body)} bytes long; {to.scheme} takes {longest}.")
    # Here, since few installations need it and it takes a second.
    import apprise

    title, _, text = body.decode().partition("\n\n")
    with _listening() as said:
        channel = apprise.Apprise.instantiate(to.url + _OPTIONS)
        if not channel:
            return Outcome(Result.REFUSED, f"apprise knows no channel of the form {FORMS[to.scheme]}.")
        # One message of WeCom's is two requests, which apprise would keep 5.5 s apart.
        channel.request_rate_per_sec = 0
        if to.is_robot:
            listen(channel)
        if channel.notify(body=text or title, title=title if text else ""):
            found = objection(channel) if to.is_robot else None
            return _objected(to, *found) if found else Outcome(Result.ACCEPTED, f"{to.shown} took it")
    return _understood(to.shown, said)


def why_unreachable(to: ChatAddress, seconds: float) -> str:
    """Why a system of the office's own takes no connection now, in words; empty where it does. Every other
    channel is a service on the Internet, perhaps behind a proxy, of which a call says nothing: empty, too.
    """
    if to.scheme not in PORTS:
        return ""
    parts = urlsplit(to.url)
    return why_no_connection(parts.hostname or "", parts.port or PORTS[to.scheme], seconds)


def _objected(to: ChatAddress, code: str, words: str) -> Outcome:
    """A group's service said no. Its words may repeat the secret."""
    secret = to.url.rpartition("/")[2].rpartition("@")[2]
    answer = f"{to.shown}: error={code} {words.replace(secret, '…')}".rstrip()
    return Outcome(Result.LATER if code in _AGAIN else Result.REFUSED, answer)


def _understood(where: str, said: list[logging.LogRecord]) -> Outcome:
    """What a refusal means. Only warnings are repeated: what is below them may hold secrets."""
    words = " ".join(record.getMessage() for record in said if record.levelno >= logging.WARNING)
    everything = " ".join(record.getMessage() for record in said)
    answer = f"{where}: {words or 'no reason was given'}"
    if found := _HTTP.search(words) or _WECOM.search(words):
        code = found.group(1)
        if code in _AGAIN:
            return Outcome(Result.LATER, answer)
        # A gateway that failed may have passed it on.
        return Outcome(Result.NO_ANSWER if re.fullmatch(r"5\d\d", code) else Result.REFUSED, answer)
    # Without its token nothing was said to WeCom yet.
    if _NEVER_REACHED.search(everything) or "access token" in words:
        return Outcome(Result.LATER, answer, reached=False)
    return Outcome(Result.NO_ANSWER, answer)


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def _listening() -> Iterator[list[logging.LogRecord]]:
    """What apprise says meanwhile, and nobody else hears: its details name addresses with their secrets."""
    log, kept = logging.getLogger("apprise"), _Kept()
    level, propagates = log.level, log.propagate
    log.addHandler(kept)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    try:
        yield kept.records
    finally:
        log.removeHandler(kept)
        log.setLevel(level)
        log.propagate = propagates
