"""SIGTERM and ctrl-C: noted, and whoever waits for an answer meanwhile waits no more."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Ending(BaseException):
    """What waited for an answer was told to end."""


class Stop:
    """Whether this process is to end. Python's own signals wake no call that waits for another process."""

    def __init__(self) -> None:
        self._said = threading.Event()
        self._breaks = False

    def within(self, seconds: float) -> bool:
        """Waits so long; whether it is to end."""
        return self._said.wait(seconds)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hears SIGTERM and ctrl-C."""
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, self._hear) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """Around a call that only asks: it is left at once, by `Ending`. Nothing may be half done there."""
        self._breaks = True
        try:
            yield
        finally:
            self._breaks = False

    def _hear(self, *_: object) -> None:
        self._said.set()
        if self._breaks:
            self._breaks = False
            raise Ending
