"""Since when a part of the engine has been away."""

from datetime import datetime

AWAY_AFTER = 180.0
"""Seconds. A start on a small machine, and the minute after which a part is trusted to stay, are shorter
together.
"""


class Absence:
    """When each part was last seen, by a clock that only goes forward and by the calendar's."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, datetime]] = {}

    def first(self, there: dict[str, bool], at: float, now: datetime) -> tuple[str, datetime] | None:
        """The first part that has been away for too long, and since when; none where none has.

        `there`: each part and whether it is there, those first on which the others hang.
        """
        for part, is_there in there.items():
            if is_there or part not in self._seen:
                self._seen[part] = at, now
        for part in there:
            since, then = self._seen[part]
            if at - since > AWAY_AFTER:
                return part, then
        return None
