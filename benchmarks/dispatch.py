"""`make bench`: what a round's day and the days after it cost, as JSON with each figure's bound.

Progress goes to standard error. Ends with 1 when a bound is not met.
"""

import argparse
import json
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks import world
from benchmarks.bare import insert_again
from benchmarks.deciding import Took, decide_in_a_child
from eco_workflow.services.calendar import published_calendar
from eco_workflow.store.session import Database

PLANS = 3200

BOUNDS = {
    "round_day_ratio": 3.5,
    "rerun_seconds": 0.1,
    "rerun_rows_written": 0,
    "longest_write_lock_seconds": 0.5,
    "peak_mib": 128,
}
"""The most a figure may be at 3,200 plans; a figure without a bound is there to be compared."""

SQLITE_ONLY = ("rerun_seconds", "longest_write_lock_seconds")
"""On PostgreSQL a transaction locks rows, not the database, and a statement crosses to another process."""


def measure(database: Database, folder: Path, plans: int) -> dict[str, Any]:
    """Makes the world in an empty database, runs its days, and returns the figures.

    `folder` takes the second database of the yardstick.
    """
    url = database.url.render_as_string(hide_password=False)
    days = published_calendar()
    with _said(f"making {plans} plans"):
        world.make(database, plans)
    took: dict[str, Took] = {}

    def run(name: str, day: date) -> None:
        with _said(f"deciding: {name}"):
            took[name] = decide_in_a_child(url, world.morning(day))
        if took[name].broken:
            raise RuntimeError(f"{name}: {took[name].broken}")

    run("round_day", world.ROUND_DAY)
    run("rerun", world.ROUND_DAY)
    world.tidy(database)
    with _said("the bare INSERT … SELECT of the same rows"):
        bare, rows = insert_again(database, folder, plans)
    with _said("everything is sent, nobody answers"):
        world.deliver(database, world.ROUND_DAY, days)
    run("late_day", world.LATE_DAY)
    with _said("everything is sent, two of three answer"):
        world.deliver(database, world.LATE_DAY, days)
        world.answer(database, world.LATE_DAY)
    run("rung_2_day", world.RUNG_2_DAY)

    days_run = [took[name] for name in ("round_day", "late_day", "rung_2_day")]
    figures: dict[str, float] = {
        "round_day_seconds": took["round_day"].seconds,
        "bare_insert_seconds": bare,
        "round_day_ratio": took["round_day"].seconds / bare,
        "rerun_seconds": took["rerun"].seconds,
        "rerun_rows_written": took["rerun"].rows_written,
        "late_day_seconds": took["late_day"].seconds,
        "rung_2_day_seconds": took["rung_2_day"].seconds,
        "longest_write_lock_seconds": max(run.longest_transaction for run in days_run),
        "peak_mib": max(run.peak_mib for run in days_run),
    }
    return {
        "world": {"plans": plans, "units": plans * world.UNITS, "obligations": plans * world.OBLIGATIONS},
        "figures": {name: _against_bound(name, value, database) for name, value in figures.items()},
        "rows_inserted_on_round_day": rows,
        "rows_written": {name: run.rows_written for name, run in took.items()},
        "longest_write_lock": {name: round(run.longest_transaction, 3) for name, run in took.items()},
        "counted": {name: run.counted for name, run in took.items()},
        "steps": {name: run.steps for name, run in took.items()},
        "on": _on(database),
    }


def _against_bound(name: str, value: float, database: Database) -> dict[str, Any]:
    figure: dict[str, Any] = {"value": round(value, 3)}
    if name in BOUNDS and (database.is_sqlite or name not in SQLITE_ONLY):
        figure |= {"bound": BOUNDS[name], "met": value <= BOUNDS[name]}
    return figure


def _on(database: Database) -> dict[str, str]:
    kind = f"SQLite {sqlite3.sqlite_version}"
    if not database.is_sqlite:
        with database.read() as session:
            kind = f"PostgreSQL {session.connection().execute(text('SHOW server_version')).scalar()}"
    return {"database": kind, "python": platform.python_version(), "machine": platform.platform()}


@contextmanager
def _said(what: str) -> Iterator[None]:
    start = time.perf_counter()
    print(what, end=" … ", file=sys.stderr, flush=True)
    yield
    print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr, flush=True)


def main() -> int:
    """Measures in a temporary folder and prints the figures; 1 when a bound is not met."""
    parser = argparse.ArgumentParser(prog="benchmarks.dispatch", description=__doc__)
    parser.add_argument("--plans", type=int, default=PLANS, help="how many plans (default: %(default)s)")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own (fsync off)")
    parser.add_argument("--folder", type=Path, help="keep the databases here, in an empty folder")
    wanted = parser.parse_args()
    with ExitStack() as stack:
        folder = wanted.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eco-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'eco.db'}"
        if wanted.postgres:
            from tests.postgres import create_database, postgres

            url = create_database(stack.enter_context(postgres()), "benchmark")
        database = Database(url)
        stack.callback(database.dispose)
        report = measure(database, folder, wanted.plans)
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0 if all(figure.get("met", True) for figure in report["figures"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
