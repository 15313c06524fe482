"""Whether an audit chain is whole, and what was done to one that is not (DESIGN, rule 10).

Every row's digest covers its number, its content and the digest before it. So a digest also tells for which
number a row was written: that is how an altered row is told from a deleted, an inserted and a moved one.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

GENESIS = ""
"""The digest before the first row."""

FARTHEST = 2_000
"""So many numbers up and down it is looked for which one a row was written for."""

Row = Mapping[str, Any]


class Kind(StrEnum):
    """What was done to a chain."""

    ALTERED = "altered"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TAIL_CUT = "tail cut"
    REWRITTEN = "rewritten"
    """Every digest from some row on was made anew: only what was anchored outside shows it."""


@dataclass(frozen=True)
class Finding:
    """What was done to the rows `row` to `until`, numbered as they were written."""

    kind: Kind
    row: int
    until: int
    why: str

    def covers(self, row: int) -> bool:
        """Whether it is about this row."""
        return self.row <= row <= self.until

    @property
    def said(self) -> str:
        """In words."""
        rows = f"row {self.row}" if self.row == self.until else f"rows {self.row} to {self.until}"
        return f"{rows} {self.kind}: {self.why}"


@dataclass(frozen=True)
class Head:
    """How far a chain went: its number of rows and the last one's digest."""

    rows: int
    digest: str


def digest(row: Row) -> str:
    """SHA-256 over the row's number, its content and the digest before it.

    What no row has that was written through the program (bytes for text, no time) counts as it is shown: so
    the digest fits no row of the program's.
    """
    at = row["at"]
    content = [
        row["plan_id"],
        row["n"],
        at.astimezone(UTC).isoformat() if isinstance(at, datetime) else repr(at),
        row["actor"],
        row["action"],
        row["detail"],
        row["previous"],
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, default=repr).encode()).hexdigest()


def examine(rows: Sequence[Row], head: Head, anchored: Sequence[Head] = ()) -> list[Finding]:
    """What was done to a chain, by row; nothing where it is whole.

    `rows` in the order of their numbers; `head` as it stands on the plan's row; `anchored`: heads written
    down outside the database, oldest first. A row with a number that none is given (none, negative, a
    fraction, a word: SQLite stores them all) is looked at no further, so that it hides nothing else.
    """
    strange = [row["n"] for row in rows if not _is_given(row["n"])]
    rows = [row for row in rows if _is_given(row["n"])]
    written = _put_back(rows, _written_for(rows))
    found = _reordered(rows, written) or _compared(rows, written, head)
    places = {number or row["n"]: row["digest"] for row, number in zip(rows, written, strict=True)}
    found += _end(rows, places, head, found)
    found += _unlike_anchored(places, anchored, found)
    return [
        *(Finding(Kind.INSERTED, n, n, "no row is given such a number") for n in strange),
        *sorted(found, key=lambda finding: (finding.row, finding.kind)),
    ]


def _is_given(n: object) -> bool:
    return isinstance(n, int) and n >= 1


def _written_for(rows: Sequence[Row]) -> list[int | None]:
    """The number for which each row was written; None where its digest fits no number."""
    written: list[int | None] = []
    shift = 0
    for row in rows:
        number = next((n for n in _candidates(row["n"], shift) if _fits(row, n)), None)
        if number is not None:
            shift = number - row["n"]
        written.append(number)
    return written


def _candidates(n: int, shift: int) -> Iterator[int]:
    yield n
    if shift:
        yield n + shift
    for distance in range(1, FARTHEST):
        yield n + distance
        if n > distance:
            yield n - distance


def _fits(row: Row, n: int) -> bool:
    return bool(digest({**row, "n": n}) == row["digest"])


def _put_back(rows: Sequence[Row], written: list[int | None]) -> list[int | None]:
    """Knows a row again whose content was exchanged with another's, while the digests stayed."""
    lost = [row for row, number in zip(rows, written, strict=True) if number is None]
    if len(lost) < 2:
        return written
    slots = {(row["n"], row["previous"]): row["digest"] for row in lost}
    again = {}
    for row in lost:
        for (n, previous), made in slots.items():
            if digest({**row, "n": n, "previous": previous}) == made:
                again[row["n"]] = n
    return [
        again.get(row["n"]) if number is None else number for row, number in zip(rows, written, strict=True)
    ]


def _reordered(rows: Sequence[Row], written: Sequence[int | None]) -> list[Finding]:
    """Rows that exchanged their numbers among themselves."""
    moved = [(row["n"], number) for row, number in zip(rows, written, strict=True) if number != row["n"]]
    stands, was = [n for n, _ in moved], [number for _, number in moved if number is not None]
    if not moved or sorted(was) != stands:
        return []
    order = ", ".join(str(number) for number in was)
    return [Finding(Kind.REORDERED, stands[0], stands[-1], f"in the places {stands} stand the rows {order}")]


def _compared(rows: Sequence[Row], written: Sequence[int | None], head: Head) -> list[Finding]:
    """Row by row: what lacks, what is too many, what does not fit its digest, and where a link is torn."""
    found: list[Finding] = []
    unknown: list[int] = []  # rows behind the last known one whose digest fits nothing
    shift, expected, last = 0, 1, ""
    for row, number in zip(rows, written, strict=True):
        n = row["n"]
        if n > expected:
            found.append(Finding(Kind.DELETED, expected + shift, n - 1 + shift, "no such row is there"))
        expected = n + 1
        if number is None:
            unknown.append(n)
            continue
        more = number - n - shift
        if more < 0:
            first = n if row["digest"] == last else n + more  # the copy of a row is the second of the two
            until = max(first, n - 1)
            why = "the rows behind were written for lower numbers"
            found.append(Finding(Kind.INSERTED, first + shift, until + shift, why))
            unknown = [m for m in unknown if m < first]
        found += [_altered(m + shift) for m in unknown]
        if more > 0:
            found.append(
                Finding(
                    Kind.DELETED, n + shift, number - 1, "the rows behind were written for higher numbers"
                )
            )  # fmt: skip
        unknown, shift, last = [], number - n, row["digest"]
    found += [_altered(m + shift) for m in unknown]
    return found + _torn(rows, written, head, found)


def _altered(row: int) -> Finding:
    return Finding(Kind.ALTERED, row, row, "its content does not fit its digest")


def _torn(
    rows: Sequence[Row], written: Sequence[int | None], head: Head, found: Sequence[Finding]
) -> list[Finding]:
    """Rows that fit their own digests, but not one another: a digest was made anew."""
    torn: list[Finding] = []
    if rows and written[0] == 1 and rows[0]["previous"] != GENESIS and not found:
        torn.append(Finding(Kind.INSERTED, 1, 1, "a row before it is named, and the first has none"))
    both = zip(rows, written, strict=True)
    for (row, number), (behind, next_number) in pairwise(both):
        if number is None or next_number != number + 1 or behind["previous"] == row["digest"]:
            continue
        if any(finding.covers(number) or finding.covers(next_number) for finding in (*found, *torn)):
            continue
        if head.rows > len(rows):
            torn.append(Finding(Kind.DELETED, next_number, next_number, "the row behind was made to fit"))
            return torn
        torn.append(Finding(Kind.ALTERED, number, number, "the row behind it names another digest"))
    return torn


def _end(
    rows: Sequence[Row], places: Mapping[int, str], head: Head, found: Sequence[Finding]
) -> list[Finding]:
    """What the head on the plan's row says of the chain's end."""
    last = max(places, default=0)
    if last < head.rows:
        if any(finding.covers(head.rows) for finding in found):
            return []
        return [Finding(Kind.TAIL_CUT, last + 1, head.rows, f"the plan's row counts {head.rows}")]
    if last > head.rows:
        if any(finding.kind is Kind.INSERTED for finding in found):
            return []
        return [Finding(Kind.INSERTED, head.rows + 1, last, f"the plan's row counts {head.rows}")]
    if rows and places[last] != head.digest and not any(finding.covers(last) for finding in found):
        return [Finding(Kind.ALTERED, last, last, "its digest is not the head on the plan's row")]
    return []


def _unlike_anchored(
    places: Mapping[int, str], anchored: Sequence[Head], found: Sequence[Finding]
) -> list[Finding]:
    """What the heads kept outside say; the first that does not fit tells where the rewriting ends."""
    last, sound = max(places, default=0), 0
    for head in sorted(anchored, key=lambda one: one.rows):
        if head.rows > last:
            if any(finding.kind is Kind.TAIL_CUT or finding.covers(head.rows) for finding in found):
                return []
            furthest = max(one.rows for one in anchored)
            return [Finding(Kind.TAIL_CUT, last + 1, furthest, f"{furthest} rows were anchored outside")]
        if head.rows == 0 or places.get(head.rows, head.digest) == head.digest:
            sound = head.rows
            continue
        if any(finding.row <= head.rows for finding in found):
            return []
        why = "the digests were made anew, and the last is not the one that was anchored outside"
        return [Finding(Kind.REWRITTEN, sound + 1, head.rows, why)]
    return []
