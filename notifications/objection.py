"""What a group's service thinks of a line. It answers 200 whatever that is, and apprise looks no further.

WeCom and DingTalk say `errcode` and `errmsg`, Feishu `code` and `msg`, 0 where they took the line.
"""

import json
from threading import local
from types import ModuleType
from typing import Any


class _Listening:
    """`requests` as one plugin of apprise uses it; the body of the last answer is kept, by thread."""

    def __init__(self, real: ModuleType) -> None:
        self._real, self._last = real, local()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def post(self, *given: Any, **options: Any) -> Any:
        answer = self._real.post(*given, **options)
        self._last.body = answer.content
        return answer

    def take(self) -> bytes:
        """The body, once."""
        body, self._last.body = getattr(self._last, "body", b""), b""
        return bytes(body or b"")


def listen(plugin: Any) -> None:
    """From now on what the plugin's service answers is kept. Its module alone is touched, once."""
    names = _names(plugin)
    if not isinstance(names["requests"], _Listening):
        names["requests"] = _Listening(names["requests"])
    names["requests"].take()


def objection(plugin: Any) -> tuple[str, str] | None:
    """The code and the words with which the service objects to what the plugin has just handed over in this
    thread; None where it took it, or said nothing that can be read.
    """
    try:
        said = json.loads(_names(plugin)["requests"].take())
        code = said.get("errcode", said.get("code", 0))
    except (ValueError, AttributeError):
        return None
    return (str(code), str(said.get("errmsg", said.get("msg", "")))) if code else None


def _names(plugin: Any) -> dict[str, Any]:
    """What the plugin's code finds by name."""
    found: dict[str, Any] = type(plugin).send.__globals__
    return found
