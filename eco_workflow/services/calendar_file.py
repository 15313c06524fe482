"""The file of a newly published year: a small YAML document, or a table (CSV)."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

from eco_workflow.domain.arrangement import Arrangement, Day
from eco_workflow.domain.errors import WrongInput
from eco_workflow.plans.document import Document

LARGEST = 100_000
"""Bytes; a year's arrangement has some two thousand."""

LONGEST_HOLIDAY = 31
"""Days; a longer one is a slip in a date."""

COLUMNS = ["day", "kind", "name", "source"]
YAML = (
    "year: 2027, source: …, holidays: [{name: 元旦, from: 2027-01-01, to: 2027-01-03}, …], "
    "makeup: [2027-02-06, …]"
)


def read(path: Path) -> Arrangement:
    """The arrangement in a file; by its suffix a table (`.csv`), else YAML. Raises `WrongInput` in words."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WrongInput(f"The calendar file {path} cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise WrongInput(f"{path} is no calendar of one year: it has {len(data)} bytes.")
    return _table(path, data) if path.suffix.lower() == ".csv" else _document(path, data)


def _document(path: Path, data: bytes) -> Arrangement:
    source = Document(data)
    if source.unreadable or not isinstance(source.content, dict):
        found = [f"{path}:{source.line(one.path)}: {one.wrong}" for one in source.unreadable]
        raise WrongInput(f"{'; '.join(found) or f'{path} is empty'}. Write: {YAML}")
    content: dict[str, Any] = source.content
    if odd := sorted(set(content) - {"year", "source", "holidays", "makeup"}):
        raise WrongInput(f"{path}: unknown field {odd[0]!r}. Write: {YAML}")
    year, holidays, makeup = content.get("year"), content.get("holidays"), content.get("makeup", [])
    if not isinstance(year, int) or not isinstance(holidays, list) or not isinstance(makeup, list):
        raise WrongInput(f"{path}: year is a number, holidays and makeup are lists. Write: {YAML}")
    days = [day for n, holiday in enumerate(holidays) for day in _holiday(f"{path}: holidays[{n}]", holiday)]
    days += [Day(_day(f"{path}: makeup[{n}]", text), "makeup") for n, text in enumerate(makeup)]
    return Arrangement(year, str(content.get("source") or "").strip(), sorted(days))


def _holiday(place: str, holiday: Any) -> Iterator[Day]:
    if not isinstance(holiday, dict) or not {"name", "from"} <= set(holiday) <= {"name", "from", "to"}:
        raise WrongInput(f"{place} is no holiday. Write: {{name: 元旦, from: 2027-01-01, to: 2027-01-03}}")
    first = _day(f"{place}.from", holiday["from"])
    last = _day(f"{place}.to", holiday.get("to", holiday["from"]))
    if not timedelta() <= last - first < timedelta(days=LONGEST_HOLIDAY):
        raise WrongInput(f"{place} goes from {first} to {last}. Correct its dates.")
    for n in range((last - first).days + 1):
        yield Day(first + timedelta(days=n), "holiday", str(holiday["name"]).strip())


def _table(path: Path, data: bytes) -> Arrangement:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongInput(f"{path} is not UTF-8 text. Save it as UTF-8.") from None
    rows = csv.DictReader(io.StringIO(text))
    if rows.fieldnames is None or [name.strip() for name in rows.fieldnames] != COLUMNS:
        raise WrongInput(f"{path}: the first line must be {','.join(COLUMNS)}.")
    days, sources = [], dict[str, None]()
    for row in rows:
        place, kind = f"{path}:{rows.line_num}", str(row["kind"] or "").strip()
        if kind not in ("holiday", "makeup") or None in row:
            raise WrongInput(f"{place}: {kind!r} is no kind; write holiday or makeup, in four columns.")
        day = _day(place, row["day"])
        days.append(Day(day, cast("Any", kind), str(row["name"] or "").strip()))
        if source := str(row["source"] or "").strip():
            sources[source] = None
    if not days:
        raise WrongInput(f"{path} names no day.")
    if len(sources) > 1:
        raise WrongInput(f"{path} names {len(sources)} sources; one document publishes a year.")
    return Arrangement(max(day.on for day in days).year, next(iter(sources), ""), sorted(days))


def _day(place: str, text: Any) -> date:
    try:
        return date.fromisoformat(str(text).strip())
    except ValueError:
        raise WrongInput(f"{place}: {text!r} is no date. Write it as 2027-01-01.") from None
