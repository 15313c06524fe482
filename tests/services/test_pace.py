"""So many messages a minute, whoever delivers."""

from eco_workflow.services.pace import Pace


class Clock:
    """Time passes only while somebody sleeps, or when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def handed_over(per_minute: int, taking: float, messages: int = 5) -> list[float]:
    """The instants at which messages leave that take so many seconds each."""
    clock, at = Clock(), []
    pace = Pace(per_minute, lambda: clock.now, clock.sleep)
    for _ in range(messages):
        pace.wait()
        at.append(clock.now - 100)
        clock.now += taking
    return at


def test_messages_keep_their_distance_and_the_first_too() -> None:
    """The delivery before may have ended just now: two deliveries together keep to the limit."""
    assert handed_over(20, taking=0.5) == [3, 6, 9, 12, 15]


def test_a_slow_server_is_not_waited_for_twice() -> None:
    assert handed_over(20, taking=4) == [3, 7, 11, 15, 19]


def test_without_a_limit_nobody_waits() -> None:
    assert handed_over(0, taking=0) == [0] * 5
