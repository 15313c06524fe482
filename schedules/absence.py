"""Since when a part of the engine has been away."""

from datetime import datetime

AWAY_AFTER = 180.0
"""Seconds. A start on a small machine, and the minute after which a part is trusted to stay, are shorter
together.
"""


class Absence:
    """When the server, the runner and both together were last seen, by a clock that only goes forward and by
    the calendar's.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, datetime]] = {}

    def longer(self, *, server: bool, runner: bool, at: float, now: datetime) -> tuple[str, datetime] | None:
        """What has been away for too long (`server`, `runner`, or `both`, where they take turns), and since
        when; none where nothing has. The arguments say which are there.

        The runner starts only where a server answers: without one it is not told of.
        """
        there = {"server": server, "runner": runner or not server, "both": server and runner}
        for part, is_there in there.items():
            if is_there or part not in self._seen:
                self._seen[part] = at, now
        for part in there:
            since, then = self._seen[part]
            if at - since > AWAY_AFTER:
                return part, then
        return None
