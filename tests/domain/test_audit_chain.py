"""What was done to an audit chain is named: which row, and what (DESIGN, rule 10)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eco_workflow.domain.audit_chain import GENESIS, Head, digest, examine

Rows = list[dict[str, Any]]
LENGTH = 9


def chain(length: int = LENGTH) -> Rows:
    """As the product writes one: a run every day."""
    rows: Rows = []
    for n in range(1, length + 1):
        row = {
            "plan_id": 1,
            "n": n,
            "at": datetime(2022, 3, 14, 1, tzinfo=UTC) + timedelta(days=n),
            "actor": "schedule",
            "action": "run",
            "detail": f'{{"asked": {n}}}',
            "previous": rows[-1]["digest"] if rows else GENESIS,
        }
        rows.append({**row, "digest": digest(row)})
    return rows


def head_of(rows: Rows) -> Head:
    return Head(len(rows), rows[-1]["digest"] if rows else GENESIS)


def numbered(rows: Rows) -> Rows:
    """Renumbered without a gap, the digests as they were."""
    return [{**row, "n": n} for n, row in enumerate(rows, start=1)]


def sealed(rows: Rows) -> Rows:
    """Renumbered, every digest made anew: a chain that fits itself."""
    made: Rows = []
    for row in numbered(rows):
        row["previous"] = made[-1]["digest"] if made else GENESIS
        made.append({**row, "digest": digest(row)})
    return made


def other(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "detail": '{"asked": 99}'}


def fitting(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "digest": digest(row)}


def exchanged(rows: Rows, *names: str) -> Rows:
    """Rows 3 and 6 with these of their fields exchanged."""
    third, sixth = rows[2], rows[5]
    for name in names:
        third[name], sixth[name] = sixth[name], third[name]
    return sorted(rows, key=lambda row: row["n"])


FORGED: dict[str, tuple[Callable[[Rows], Rows], list[tuple[str, int, int]]]] = {
    "a word changed": (lambda r: [*r[:3], other(r[3]), *r[4:]], [("altered", 4, 4)]),
    "the first changed": (lambda r: [other(r[0]), *r[1:]], [("altered", 1, 1)]),
    "the last changed": (lambda r: [*r[:8], other(r[8])], [("altered", 9, 9)]),
    "two changed": (
        lambda r: [*r[:2], other(r[2]), *r[3:6], other(r[6]), *r[7:]],
        [("altered", 3, 3), ("altered", 7, 7)],
    ),
    "changed, its digest made to fit": (
        lambda r: [*r[:3], fitting(other(r[3])), *r[4:]],
        [("altered", 4, 4)],
    ),
    "the last changed, its digest made to fit": (
        lambda r: [*r[:8], fitting(other(r[8]))],
        [("altered", 9, 9)],
    ),
    "one deleted": (lambda r: [*r[:3], *r[4:]], [("deleted", 4, 4)]),
    "the first deleted": (lambda r: r[1:], [("deleted", 1, 1)]),
    "two deleted, the others renumbered": (lambda r: numbered([*r[:3], *r[5:]]), [("deleted", 4, 5)]),
    "the first deleted, the others renumbered": (lambda r: numbered(r[1:]), [("deleted", 1, 1)]),
    "one inserted": (lambda r: numbered([*r[:3], other(r[3]), *r[3:]]), [("inserted", 4, 4)]),
    "the copy of one inserted": (lambda r: numbered([*r[:4], r[3], *r[4:]]), [("inserted", 5, 5)]),
    "one inserted that fits itself": (
        lambda r: numbered([*r[:3], fitting({**other(r[3]), "previous": r[2]["digest"]}), *r[3:]]),
        [("inserted", 4, 4)],
    ),
    "one inserted before the first": (lambda r: numbered([other(r[0]), *r]), [("inserted", 1, 1)]),
    "one appended past the head": (
        lambda r: [*r, fitting({**other(r[8]), "n": 10, "previous": r[8]["digest"]})],
        [("inserted", 10, 10)],
    ),
    "two exchanged": (lambda r: exchanged(r, "n"), [("reordered", 3, 6)]),
    "two exchanged but for their digests": (
        lambda r: exchanged(r, "at", "actor", "action", "detail"),
        [("reordered", 3, 6)],
    ),
    "the tail cut": (lambda r: r[:6], [("tail cut", 7, 9)]),
    "everything cut": (lambda r: [], [("tail cut", 1, 9)]),
    "one deleted and one changed": (
        lambda r: [*r[:2], *r[3:6], other(r[6]), *r[7:]],
        [("deleted", 3, 3), ("altered", 7, 7)],
    ),
}
"""What somebody did to the rows, the head on the plan's row left alone → what is found."""


@pytest.mark.parametrize("name", FORGED)
def test_what_was_done_to_a_chain_is_named_with_its_row(name: str) -> None:
    forge, expected = FORGED[name]
    rows = chain()
    assert found(forge(chain()), head_of(rows)) == expected


SEALED: dict[str, tuple[Callable[[Rows], Rows], list[tuple[str, int, int]]]] = {
    "changed": (lambda r: [*r[:3], other(r[3]), *r[4:]], [("rewritten", 3, 5)]),
    "deleted": (lambda r: [*r[:5], *r[6:]], [("tail cut", 9, 9)]),
    "cut": (lambda r: r[:6], [("tail cut", 7, 9)]),
    "cut before the first anchor": (lambda r: r[:1], [("tail cut", 2, 9)]),
    "all gone": (lambda r: [], [("tail cut", 1, 9)]),
    "behind the last anchor": (lambda r: [*r, other(r[8])], []),
}
"""As above with every digest made anew, the head on the plan's row too."""


@pytest.mark.parametrize("name", SEALED)
def test_a_chain_made_anew_with_its_head_is_found_by_what_was_anchored_outside(name: str) -> None:
    """From the database alone nobody could tell; a row appended like any other is no forgery."""
    forge, expected = SEALED[name]
    rows = chain()
    forged = sealed(forge(chain()))
    assert found(forged, head_of(forged)) == []
    anchored = [head_of(rows[:n]) for n in (2, 5, 9)]
    assert found(forged, head_of(forged), *anchored) == expected


def test_a_whole_chain_is_whole() -> None:
    rows = chain()
    anchored = [head_of(rows[:n]) for n in (0, 3, 9)]
    assert examine(rows, head_of(rows), anchored) == []
    assert examine([], Head(0, GENESIS)) == []


def test_a_head_that_was_changed_alone_is_found() -> None:
    rows = chain()
    assert found(rows, Head(LENGTH, "0" * 64)) == [("altered", 9, 9)]
    assert found(rows, head_of(rows[:6])) == [("inserted", 7, 9)]


def found(rows: Rows, head: Head, *anchored: Head) -> list[tuple[str, int, int]]:
    return [(finding.kind.value, finding.row, finding.until) for finding in examine(rows, head, anchored)]
