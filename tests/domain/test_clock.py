"""Dates are Shanghai's, instants are aware."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eco_workflow.domain.clock import instant, read_date, read_instant, shanghai_date
from eco_workflow.domain.errors import WrongInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-03-14T09:00:00+08:00", datetime(2022, 3, 14, 1, tzinfo=UTC)),
        ("2022-03-14T01:00:00Z", datetime(2022, 3, 14, 1, tzinfo=UTC)),
        ("2022-03-14T00:00:00+08:00", datetime(2022, 3, 13, 16, tzinfo=UTC)),
    ],
)
def test_an_instant_with_a_zone_is_read_as_utc(text: str, expected: datetime) -> None:
    """Whatever the zone it was written in."""
    assert read_instant(text) == expected
    assert read_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2022-03-14T09:00:00", "has no zone"),
        ("2022-03-14", "has no zone"),
        ("14 March", "is no instant"),
        ("", "is no instant"),
    ],
)
def test_a_time_without_a_zone_or_without_sense_is_refused(text: str, says: str) -> None:
    """It would mean another day on another host; the message says what to write."""
    with pytest.raises(WrongInput, match=says):
        read_instant(text)


def test_a_date_that_is_none_names_its_option() -> None:
    """So that the person knows which one to mend."""
    assert read_date("2022-03-14", "--round") == date(2022, 3, 14)
    with pytest.raises(WrongInput, match="--round '2022-02-30'"):
        read_date("2022-02-30", "--round")


@settings(deadline=None, derandomize=True, database=None)
@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.times())
def test_the_wall_of_the_office_shows_what_was_put_on_it(day: date, at: time) -> None:
    """Date and time to an instant and back to the same date; eight hours ahead of UTC."""
    found = instant(day, at)
    assert shanghai_date(found) == day
    assert (found.hour + 8) % 24 == at.hour
