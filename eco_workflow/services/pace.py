"""So many messages a minute at most: what a provider allows, over all deliveries together."""

import time
from collections.abc import Callable


class Pace:
    """Keeps handings over apart. It waits before the first one too, since the delivery before this one may
    have ended just now.
    """

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """`per_minute` 0: without a limit."""
        self._apart = 60 / per_minute if per_minute else 0.0
        self._clock = clock
        self._sleep = sleep
        self._last = clock()

    def wait(self) -> None:
        """Returns when the next message may be handed over."""
        if not self._apart:
            return
        rest = self._last + self._apart - self._clock()
        if rest > 0:
            self._sleep(rest)
        self._last = self._clock()
