"""Every table as text, the same from SQLite and from PostgreSQL, and back.

A row is a line: a JSON list of its values in the order of the columns. Dates are ISO dates, instants ISO
instants in UTC, bytes base64. The rows come in the order of the primary key, so that equal tables have equal
digests on both databases.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    insert,
    select,
    text,
)
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from eco_workflow.domain.errors import WrongInput
from eco_workflow.store import tables  # noqa: F401  (registers every table)

ROWS_AT_A_TIME = 1_000


@dataclass(frozen=True)
class Content:
    """What a table holds, in short: its columns, how many rows, and the SHA-256 over its lines."""

    columns: tuple[str, ...]
    rows: int
    digest: str


def all_tables() -> list[Table]:
    """Every table, those that others refer to first."""
    return SQLModel.metadata.sorted_tables


def write(connection: Connection, table: Table, put: Callable[[bytes], object]) -> Content:
    """Hands every row of a table to `put` as a line."""
    columns = list(table.columns)
    spell = [_spelling(column) for column in columns]
    sha, count = hashlib.sha256(), 0
    for row in _rows(connection, table):
        values = [say(value) if value is not None else None for say, value in zip(spell, row, strict=True)]
        line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        sha.update(line)
        put(line)
        count += 1
    return Content(tuple(column.name for column in columns), count, sha.hexdigest())


def content(connection: Connection, table: Table) -> Content:
    """What the table holds."""
    return write(connection, table, lambda _line: None)


def fill(connection: Connection, table: Table, columns: Iterable[str], lines: Iterable[bytes]) -> None:
    """Writes rows into an empty table. Raises `WrongInput` where a line is no row of it."""
    names = list(columns)
    if names != [column.name for column in table.columns]:
        raise WrongInput(f"The columns of {table.name} are not those of this program.")
    read = [_reading(column) for column in table.columns]
    batch: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        try:
            values = json.loads(line)
            row = [mean(v) if v is not None else None for mean, v in zip(read, values, strict=True)]
        except (ValueError, TypeError) as error:
            raise WrongInput(f"Line {number} of {table.name} is no row: {error}.") from None
        batch.append(dict(zip(names, row, strict=True)))
        if len(batch) == ROWS_AT_A_TIME:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    _count_on(connection, table)


def has_rows(connection: Connection) -> bool:
    """Whether any table holds a row."""
    return any(connection.execute(select(1).select_from(table).limit(1)).first() for table in all_tables())


def empty(connection: Connection) -> None:
    """Takes every row out of every table."""
    for table in reversed(all_tables()):
        connection.execute(table.delete())


def _rows(connection: Connection, table: Table) -> Iterator[Any]:
    on_postgres = connection.dialect.name == "postgresql"
    order = [
        column.collate("C") if on_postgres and isinstance(column.type, AutoString | String) else column
        for column in table.primary_key
    ]
    query = select(*table.columns).order_by(*order)
    return iter(connection.execute(query, execution_options={"yield_per": ROWS_AT_A_TIME}))


def _spelling(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, UTCDateTime):
        return lambda value: value.astimezone(UTC).isoformat()
    if isinstance(column.type, Date):
        return date.isoformat
    if isinstance(column.type, LargeBinary):
        return lambda value: base64.b64encode(value).decode()
    return lambda value: value


def _reading(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, UTCDateTime):
        return datetime.fromisoformat
    if isinstance(column.type, Date):
        return date.fromisoformat
    if isinstance(column.type, LargeBinary):
        return base64.b64decode
    return lambda value: value


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers new rows behind those that were restored; SQLite does so by itself."""
    key = table.autoincrement_column
    if connection.dialect.name != "postgresql" or key is None or not isinstance(key.type, Integer):
        return
    quoted = connection.dialect.identifier_preparer.format_table(table)
    place = {"table": quoted, "column": key.name}
    sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), place).scalar()
    if sequence is not None:
        last = connection.execute(select(func.max(key))).scalar()
        connection.execute(
            text("SELECT setval(CAST(:sequence AS regclass), :last, :used)"),
            {"sequence": sequence, "last": last or 1, "used": last is not None},
        )
