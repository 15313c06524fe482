"""The yardstick: the rows of a round's day by bare `INSERT … SELECT`, with nothing decided.

The same rows go into the same declarations (keys and indexes included), with the same pragmas and in the
same batches. On SQLite into a second file, on PostgreSQL into a second schema of the same database.
"""

import time
from pathlib import Path

from eco_workflow.services.dispatch import PLANS_PER_TRANSACTION
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.session import Database

# Table → which of its rows belong to a batch of plans.
BATCH = {
    "run": "plan_id BETWEEN {low} AND {high}",
    "entry": "round_id IN (SELECT id FROM {of}.round WHERE plan_id BETWEEN {low} AND {high})",
    "request": "round_id IN (SELECT id FROM {of}.round WHERE plan_id BETWEEN {low} AND {high})",
    "message": "plan_id BETWEEN {low} AND {high}",
    "line": "message_id IN (SELECT id FROM {of}.message WHERE plan_id BETWEEN {low} AND {high})",
    "audit": "plan_id BETWEEN {low} AND {high}",
}


def insert_again(database: Database, folder: Path, plans: int) -> tuple[float, dict[str, int]]:
    """Inserts what a round's day wrote once more, elsewhere; returns the seconds and the rows per table."""
    if database.is_sqlite:
        target = Database(f"sqlite:///{folder / 'bare.db'}")
        upgrade(target)
        prepare = [f"ATTACH '{database.url.database}' AS src"]
        here, there, begin = "main", "src", "BEGIN IMMEDIATE"
    else:
        target = database
        prepare = ["DROP SCHEMA IF EXISTS bare CASCADE", "CREATE SCHEMA bare"]
        prepare += [f"CREATE TABLE bare.{table} (LIKE public.{table} INCLUDING ALL)" for table in BATCH]
        here, there, begin = "bare", "public", "BEGIN"
    rows = dict.fromkeys(BATCH, 0)
    raw = target.engine.raw_connection()
    try:
        if not target.is_sqlite:
            raw.driver_connection.autocommit = True  # type: ignore[union-attr]
        cursor = raw.cursor()
        for statement in prepare:
            cursor.execute(statement)
        start = time.perf_counter()
        for low in range(1, plans + 1, PLANS_PER_TRANSACTION):
            high = min(low + PLANS_PER_TRANSACTION - 1, plans)
            cursor.execute(begin)
            for table, condition in BATCH.items():
                which = condition.format(low=low, high=high, of=there)
                cursor.execute(f"INSERT INTO {here}.{table} SELECT * FROM {there}.{table} WHERE {which}")
                rows[table] += cursor.rowcount
            cursor.execute("COMMIT")
        return time.perf_counter() - start, rows
    finally:
        raw.close()
        if target is not database:
            target.dispose()
