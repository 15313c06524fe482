"""The one Prefect server of the tests of this folder, and what it is asked."""

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from schedules.children import KEPT_LOG_BYTES


def without_prefect_settings(patch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        patch.delenv(name)


FULL_LOG = b"x" * (KEPT_LOG_BYTES + 1)
"""What the server's log holds before it is started: more than is kept."""


@dataclass
class Server:
    """The one Prefect server of these tests."""

    url: str
    home: Path
    said: list[str]
    running: ExitStack

    def found(self, what: str, **criteria: Any) -> list[dict[str, Any]]:
        """What the REST API finds."""
        answer = httpx.post(f"{self.url}/{what}/filter", json=criteria, trust_env=False).raise_for_status()
        found: Any = answer.json()
        return list(found["events"] if what == "events" else found)

    def processes(self) -> list[int]:
        """The server's processes: all of the session in which it was started."""
        port = httpx.URL(self.url).port
        sessions = {stat[5] for pid, stat in processes() if f"--port\0{port}\0" in _command(pid)}
        return [pid for pid, stat in processes() if stat[5] in sessions]


def processes() -> list[tuple[int, list[str]]]:
    """(id, status) of every process of this machine that is alive; the session is status 5."""
    alive = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue
        fields = ["", "", *stat.rpartition(")")[2].split()]
        if fields[2] != "Z":
            alive.append((int(folder.name), fields))
    return alive


def _command(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text(errors="replace")
    except OSError:
        return ""
