"""SIGTERM and ctrl-C: noted, and whoever waits meanwhile waits no more."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue


class Ending(BaseException):
    """What was under way was told to end, and ended in good order."""

    def __init__(self, number: int) -> None:
        """`number`: of the signal that said so."""
        super().__init__(number)
        self.number = number


class Stop:
    """Whether this process, or a part of it, is to end. Python's own signals wake no call that waits for
    another process.
    """

    def __init__(self) -> None:
        self._number: int | None = None
        # Of all that waits only this may be woken by a signal handler that interrupts the waiting itself.
        self._woken: SimpleQueue[None] = SimpleQueue()
        self._breaks = False

    def is_said(self) -> bool:
        """Whether it is to end."""
        return self._number is not None

    def check(self) -> None:
        """Raises `Ending` where it is to end."""
        if self._number is not None:
            raise Ending(self._number)

    def say(self, number: int = signal.SIGTERM) -> None:
        """It is to end; also from another thread."""
        self._number = number
        self._woken.put(None)

    def within(self, seconds: float) -> bool:
        """Waits so long; whether it is to end."""
        if not self.is_said():
            try:
                self._woken.get(timeout=seconds)
            except Empty:
                return False
        return True

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hears SIGTERM and ctrl-C, in the main thread; in any other nothing is ever heard."""
        is_main = threading.current_thread() is threading.main_thread()
        numbers = (signal.SIGTERM, signal.SIGINT) if is_main else ()
        before = {number: signal.signal(number, self._hear) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """Around what may be left at any point, as a call that only asks, or a transaction: it is left at
        once, by `Ending`.
        """
        self._breaks = True
        try:
            self.check()
            yield
        finally:
            self._breaks = False

    def _hear(self, number: int, _frame: object) -> None:
        self.say(number)
        if self._breaks:
            self._breaks = False
            self.check()
