"""One run of `services.dispatch.decide` in a process of its own, with what it took.

Run as a program it decides and prints its figures as JSON: python -m benchmarks.deciding URL INSTANT
"""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.dispatch import decide
from eco_workflow.store.session import Database

ROOT = Path(__file__).parents[1]
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class Took:
    """What a run took, and what it counted."""

    seconds: float = 0.0
    """Of `decide` alone, the imports left out."""
    rows_written: int = 0
    """Inserted, updated or deleted."""
    longest_transaction: float = 0.0
    """Seconds from the moment the write lock was had until the commit was on disk."""
    peak_mib: float = 0.0
    """The whole process at its largest, imports included."""
    counted: dict[str, int] | None = None
    steps: dict[str, float] | None = None
    broken: dict[str, str] | None = None


def decide_in_a_child(url: str, now: datetime) -> Took:
    """Decides everything due at `now` in a fresh process. Raises `CalledProcessError` when that fails."""
    command = [sys.executable, "-m", "benchmarks.deciding", url, now.isoformat()]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Took(**json.loads(done.stdout))


class _Watch:
    """Listens to a database's write transactions."""

    def __init__(self, database: Database) -> None:
        self.longest = 0.0
        self.rows = 0
        self.since: float | None = None
        engine, sqlite = database.engine, database.is_sqlite

        # Registered behind the listener that says BEGIN IMMEDIATE, so the lock is had already.
        @event.listens_for(engine, "begin")
        def begun(connection: Any) -> None:
            reads = connection.get_execution_options().get("reads_only")
            self.since = None if reads else time.perf_counter()

        @event.listens_for(engine, "after_cursor_execute")
        def executed(_connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
            if not sqlite and statement.lstrip().startswith(WRITES):
                self.rows += max(cursor.rowcount, 0)

        # The connection is handed back after its commit, and closed after that.
        @event.listens_for(engine, "checkin")
        def ended(connection: Any, _record: Any) -> None:
            if self.since is not None:
                self.longest = max(self.longest, time.perf_counter() - self.since)
                self.since = None
            if sqlite:
                self.rows += connection.total_changes


def _peak_mib() -> float:
    """The largest resident size of this program.

    Not `ru_maxrss`, where the kernel tells it otherwise: that one carries over the parent's size.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024  # bytes on macOS


def _decide(url: str, now: datetime) -> Took:
    database = Database(url)
    watch = _Watch(database)
    days = published_calendar()
    start = time.perf_counter()
    decision = decide(database, now, days, actor="benchmark")
    seconds = time.perf_counter() - start
    counts = ("plans", "opened", "requests", "entries", "cases", "closed", "rungs", "summaries", "messages")
    return Took(
        seconds=seconds,
        rows_written=watch.rows,
        longest_transaction=watch.longest,
        peak_mib=_peak_mib(),
        counted={name: getattr(decision, name) for name in counts},
        steps={step: round(took, 3) for step, took in decision.seconds.items()},
        broken=decision.broken,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_decide(sys.argv[1], datetime.fromisoformat(sys.argv[2])))))
