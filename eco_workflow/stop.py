"""SIGTERM and ctrl-C: noted, and whoever waits meanwhile waits no more."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue

STDERR = 2
AGAIN = b"eco: ending. What is in hand is waited for, a few seconds; ctrl-C again ends at once.\n"


GOES_ON = "the same command again goes on, where it was not done already"


class Ending(BaseException):
    """What was under way was told to end, and ended in good order."""

    def __init__(self, number: int, then: str = GOES_ON) -> None:
        """`number`: of the signal that said so; `then`: how what is left undone goes on."""
        super().__init__(number)
        self.number = number
        self.then = then


class Stop:
    """Whether this process, or a part of it, is to end. Python's own signals wake no call that waits for
    another process.
    """

    def __init__(self) -> None:
        self._number: int | None = None
        # Of all that waits only this may be woken by a signal handler that interrupts the waiting itself.
        self._woken: SimpleQueue[None] = SimpleQueue()
        self._breaks = self._again_ends = False

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
    def listening(self, *numbers: signal.Signals, again_ends: bool = False) -> Iterator[None]:
        """Hears SIGTERM and ctrl-C, or these `numbers`, in the main thread; in any other nothing is heard.

        `again_ends`: a person sits there, and ctrl-C after the first signal ends the process whatever it
        waits for, as a database that hangs. What was in hand is then in doubt, as after kill -9. After what
        breaks off (`breaking`) any second signal does: asyncio may have swallowed the first.
        """
        heard = (numbers or (signal.SIGTERM, signal.SIGINT)) if _in_main_thread() else ()
        before = {number: signal.signal(number, self._hear) for number in heard}
        self._again_ends = again_ends
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """Around what may be left at any point, as a call that only asks, or a transaction: it is left at
        once, by `Ending`. Only in the main thread, where signals are heard.
        """
        self._breaks = _in_main_thread()
        try:
            self.check()
            yield
        finally:
            self._breaks = False

    def _hear(self, number: int, _frame: object) -> None:
        self.say(number)
        if self._again_ends:
            # The system's own way: Python's handlers wait as well, where SQLite waits for another process.
            for once in {signal.SIGINT, number} if self._breaks else {signal.SIGINT}:
                signal.signal(once, signal.SIG_DFL)
        if self._breaks:
            self._breaks = False
            self.check()
        if self._again_ends and number == signal.SIGINT:
            with suppress(OSError):
                os.write(STDERR, AGAIN)  # a handler must not print: it may interrupt a print


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
