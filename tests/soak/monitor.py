"""A monitor of a running `eco up`: asks its health address every ten seconds, as one does for years."""

from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import httpx

from tests.schedules.engine_room import said_by

EVERY_SECONDS = 10.0
PATIENCE_SECONDS = 10.0
ANSWERS = {
    "/metrics": {HTTPStatus.OK},
    "/health": {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE},
}
"""Where something is wrong `/health` says so, which is an answer."""


@dataclass
class Monitor:
    """Asks the engine of a home, at the address that it said last."""

    home: Path
    asked: list[tuple[float, str]] = field(default_factory=list)
    """When, in seconds after the start, and what was not answered: empty where all was."""
    client: httpx.Client = field(
        default_factory=lambda: httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS)
    )

    def ask(self, at: float) -> None:
        """Asks for both pages, unless that was done just now."""
        if self.asked and at < self.asked[-1][0] + EVERY_SECONDS:
            return
        said = said_by(self.home).read_text().rpartition("metrics are at ")[2].split()
        self.asked.append((at, "; ".join(self._not_answered(said[0] if said else ""))))

    def _not_answered(self, address: str) -> list[str]:
        found = []
        for page, statuses in ANSWERS.items():
            try:
                status = self.client.get(f"{address}{page}").status_code
            except httpx.HTTPError as error:
                found.append(f"{page}: {type(error).__name__}")
            else:
                found += [] if status in statuses else [f"{page}: {status}"]
        return found

    def summary(self) -> dict[str, int]:
        """How often it asked and was answered."""
        return {"asked": len(self.asked), "answered": sum(not failed for _, failed in self.asked)}

    def silent(self, since: float) -> list[str]:
        """What was not answered though nothing was killed, from `since` on."""
        return [f"after {at:.0f} s {failed}" for at, failed in self.asked if at >= since and failed]
