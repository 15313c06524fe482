"""The ladder of the report clock, one case at a time."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eco_workflow.domain.clock import instant
from eco_workflow.domain.escalation import (
    CaseFact,
    EntryFact,
    Ladder,
    earliest_day,
    is_late,
    is_resting,
    next_rung,
)
from eco_workflow.services.calendar import published_calendar

DAYS = published_calendar()
LADDER = Ladder({1: 0, 2: 3, 3: 2})
DUE = instant(date(2022, 3, 16), time(17, 30))
AN_INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("state", "late"),
    [("awaiting", True), ("returned", True), ("submitted", False), ("accepted", False)],
)
def test_an_entry_is_late_only_after_its_due_instant(state: str, late: bool) -> None:
    """At 17:30:00 exactly it is in time."""
    assert not is_late(EntryFact(state, DUE), DUE - AN_INSTANT)
    assert not is_late(EntryFact(state, DUE), DUE)
    assert is_late(EntryFact(state, DUE), DUE + AN_INSTANT) is late
    assert not is_late(EntryFact(state, None), DUE + timedelta(days=900))


def test_a_newer_request_lets_the_case_rest_until_its_due_instant_has_passed() -> None:
    """Under way without a due time: it rests. No newer request: it does not."""
    assert is_resting(True, None, DUE)
    assert is_resting(True, DUE, DUE)
    assert not is_resting(True, DUE, DUE + AN_INSTANT)
    assert not is_resting(False, None, DUE)


@pytest.mark.parametrize(
    ("rung", "sent", "today", "expected"),
    [
        (1, "2022-03-17", "2022-03-21", 1),
        (1, "2022-03-17", "2022-03-22", 2),
        (1, "2022-03-17", "2022-04-28", 2),  # one rung per run, however late
        (2, "2022-03-22", "2022-03-23", 2),
        (2, "2022-03-22", "2022-03-24", 3),
        (3, "2022-03-24", "2022-06-30", 3),  # the report clock ends there
        (1, None, "2022-06-30", 1),  # nobody is reported who was never told
        (1, "2022-03-17", "2022-03-26", 1),  # never on a Saturday
        (1, "2022-03-31", "2022-04-02", 1),
        (1, "2022-03-30", "2022-04-02", 2),  # a make-up Saturday counts, and is a day for it
        (2, "2022-04-29", "2022-05-05", 2),
        (2, "2022-04-29", "2022-05-06", 3),
    ],
)
def test_a_case_climbs_one_rung_after_its_grace(
    rung: int, sent: str | None, today: str, expected: int
) -> None:
    """Whole working days after the rung below was sent, by date."""
    case = CaseFact(rung, date.fromisoformat(sent) if sent else None)
    assert next_rung(case, LADDER, date.fromisoformat(today), DAYS, resting=False) == expected
    assert next_rung(case, LADDER, date.fromisoformat(today), DAYS, resting=True) == rung


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(st.dates(date(2022, 1, 1), date(2022, 12, 1)), st.sampled_from([1, 2]))
def test_the_first_day_of_a_climb_is_the_earliest_day_that_the_mail_named(sent: date, rung: int) -> None:
    """What a reminder announces is what happens."""
    today = sent
    while next_rung(CaseFact(rung, sent), LADDER, today, DAYS, resting=False) == rung:
        today += timedelta(days=1)
    assert today == earliest_day(rung, sent, LADDER, DAYS)


def test_nothing_follows_by_itself_above_the_top() -> None:
    """Rung 3 names no next step."""
    assert LADDER.top == 3
    assert earliest_day(3, date(2022, 3, 24), LADDER, DAYS) is None
