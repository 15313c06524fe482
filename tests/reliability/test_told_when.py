"""The days on which people are told around holidays: the table of `told_when`, held in small."""

from pathlib import Path

import pytest

from tests.reliability.told_when import WEEKS, printed, replay
from tests.reliability.world import SMALL

DAYS = {
    # Due on 30 September; the festival's days count for nothing, its make-up weekend counts.
    "national-day": {
        "09-28 ": "request",
        "10-08 make-up day": "reminder, rung 1; summary",
        "10-11 ": "reminder, rung 2",
        "10-13 ": "alert, rung 3; copy, rung 3",
        "10-14 ": "request",
    },
    # The 14th is a Saturday and asks; the round of the 28th lets the case rest, which then goes on.
    "spring-2023": {
        "01-14 weekend": "request",
        "01-18 ": "reminder, rung 1; summary",
        "01-28 make-up day": "request",
        "01-31 ": "reminder, rung 2; summary",
        "02-02 ": "alert, rung 3; copy, rung 3",
    },
    # On New Year's Day nothing leaves, and it is no working day.
    "new-year": {
        "12-28 ": "request",
        "01-03 ": "reminder, rung 1; summary",
        "01-08 ": "reminder, rung 2",
        "01-10 ": "alert, rung 3; copy, rung 3",
        "01-14 weekend": "request",
        "01-17 ": "alert, rung 3; copy, rung 3; reminder, rung 3; summary",
    },
    # The 14th is a public holiday: its round leaves on the next working day, a make-up Sunday.
    "spring-2024": {
        "02-18 make-up day": "request",
        "02-21 ": "reminder, rung 1; summary",
        "02-26 ": "reminder, rung 2",
        "02-28 ": "request",
    },
    # The 28th is the festival's first day: its round leaves after it; a make-up Saturday tells of silence.
    "spring-2025": {
        "02-05 ": "request",
        "02-08 make-up day": "reminder, rung 1; summary",
        "02-12 ": "reminder, rung 2",
        "02-14 ": "request",
    },
}

# The table as a person sees it, some lines of it.
PRINTED = """
2025-01-26 Sun  make-up day    0  -
2025-01-28 Tue  holiday        0  -
2025-02-01 Sat  holiday        0  -
2025-02-05 Wed                 3  request → liaisons (3)
2025-02-09 Sun  weekend        0  -
2025-02-12 Wed                 6  reminder, rung 2 → leaders (3); reminder, rung 2 → liaisons (3)
"""


@pytest.mark.parametrize("name", DAYS)
def test_who_is_told_when_around_a_holiday(name: str, tmp_path: Path) -> None:
    """Requests leave on weekends, reminders on working days only, and nobody gets two mails a day."""
    rows = replay(WEEKS[name], tmp_path, str(SMALL))
    found = {
        f"{row.on:%m-%d} {row.calendar}": "; ".join(dict.fromkeys(what for what, _ in row.told))
        for row in rows
        if row.told
    }
    assert found == DAYS[name]
    assert {row.most for row in rows} <= {0, 1}
    if name == "spring-2025":
        assert set(PRINTED.strip().splitlines()) <= set(map(printed, rows))
