"""What was not taken is tried again ever later."""

from datetime import timedelta

from eco_workflow.domain.backoff import not_before
from tests.office import at


def test_each_try_waits_longer_up_to_two_hours() -> None:
    waits = [not_before(at("2022-03-14"), tries) - at("2022-03-14") for tries in range(1, 8)]
    assert waits == [timedelta(minutes=minutes) for minutes in (10, 20, 40, 80, 120, 120, 120)]
