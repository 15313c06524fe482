"""A run that is killed anywhere and started again leaves what an undisturbed run leaves.

0 lost, 0 doubled; in doubt is exactly the message that was between its attempt and its settlement.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from eco_workflow.domain.messages import Send
from eco_workflow.services.contacts import Person, add, end
from eco_workflow.store.audit import broken_at
from eco_workflow.store.session import Database
from tests.office import OPERATOR, at
from tests.reliability.sweep import (
    COMMIT,
    COMMITTED,
    HAND_OVER,
    HANDED_OVER,
    STATEMENT,
    Sweep,
    at_rest,
    copied,
    handed_over,
    held_back,
    into,
    killed_at,
    run,
    todays,
)
from tests.reliability.world import Small, plan_id, set_up

EVERYTHING = "2022-03-28"
"""The day on which every kind of line is sent: on SQLite it is swept most closely."""


@contextmanager
def morning_of(day: str, url: str, home: Path) -> Iterator[Sweep]:
    """The small office on a morning, as a database at rest of which copies can be made."""
    office = set_up(url, home)
    STORIES[day](office)
    at_rest(office.database)
    with copied(url) as copy:
        yield Sweep(copy, at(day), home)


def _nothing_yet(office: Small) -> None:
    pass


def _up_to_rung(*days: str) -> Callable[[Small], None]:
    def story(office: Small) -> None:
        for day in ("2022-03-14", *days):
            office.run(day)

    return story


def _everything_at_once(office: Small) -> None:
    """So that on the 28th there is a line of every kind, several of them in one envelope.

    Requests leave, and what is due by itself is late: bing's item since the 16th (the supervision office,
    without anybody until the 27th, hears of it), jia's since the 25th, yi's is due on the 30th.
    """
    office.releases = False  # so it is late itself
    office.falls_due("bing", "P1", "2022-03-16")
    office.falls_due("jia", "I01", "2022-03-25")
    office.falls_due("yi", "I02", "2022-03-30")
    office.run("2022-03-14")
    office.answer("yi", "2022-03-15")
    end(office.database, "office", "liaison", now=at("2022-03-15"), by=OPERATOR)
    office.run("2022-03-17")  # rung 1 for jia and bing; nobody there for the summary
    end(office.database, "jia", "liaison", now=at("2022-03-18"), by=OPERATOR)
    end(office.database, "supervision", "liaison", now=at("2022-03-18"), by=OPERATOR)
    office.run("2022-03-22")  # rung 2 for bing; jia's new liaison is still to be told of rung 1
    office.run("2022-03-24")  # rung 3 for bing, and nobody to tell
    for unit in ("office", "jia", "supervision"):
        new = Person("liaison", "新联络员", f"new@{unit}.example")
        add(office.database, unit, new, now=at("2022-03-27"), by=OPERATOR)


STORIES: dict[str, Callable[[Small], None]] = {
    "2022-03-14": _nothing_yet,
    "2022-03-17": _up_to_rung(),
    "2022-03-22": _up_to_rung("2022-03-17"),
    "2022-03-24": _up_to_rung("2022-03-17", "2022-03-22"),
    EVERYTHING: _everything_at_once,
}

KINDS = {
    "2022-03-14": {"request": 3},
    "2022-03-17": {"reminder": 3, "summary": 1},
    "2022-03-22": {"reminder": 6},
    "2022-03-24": {"alert": 3, "copy": 3},
    EVERYTHING: {
        "request": 3,
        "reminder": 2,
        "alert": 1,
        "copy": 1,
        "summary": 1,
        "warning": 1,
        "notice": 3,
    },
}
"""What the lines of the day's envelopes are about."""


@pytest.mark.parametrize("day", STORIES)
def test_a_run_killed_at_any_point_and_started_again_loses_and_doubles_nothing(
    database: str, tmp_path: Path, day: str
) -> None:
    """Every statement, both sides of every commit and of every handing over; see `Sweep` for the checks.

    By default every eleventh point of the day on which everything is sent on SQLite, fewer of the others and
    on PostgreSQL; all of it with `ECO_SWEEP=full`.
    """
    with morning_of(day, database, tmp_path) as sweep:
        assert sweep.kinds == KINDS[day]
        assert set(sweep.sent.values()) == {1}
        assert len(sweep.points) > 90
        assert sweep.labels.count(STATEMENT) > 60
        assert sweep.labels.count(HAND_OVER) == sweep.labels.count(HANDED_OVER) == len(sweep.sent) > 1
        assert sweep.labels.count(COMMITTED) == 1 + 2 * len(sweep.sent)

        every = 61 if database.startswith("postgresql") else 11 if day == EVERYTHING else 31
        points = sweep.chosen(every)
        doubtful = held_back(sweep.labels)
        assert len(doubtful) >= 5 * len(sweep.sent)
        assert sweep.unknown(points) == [point for point in points if point in doubtful]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_sweep_notices_who_sends_again_what_is_in_doubt(database: str, tmp_path: Path) -> None:
    """A recovery that trusts a message in `sending` to have stayed here doubles it, and is caught."""
    with morning_of("2022-03-17", database, tmp_path) as sweep:

        def send_again(database: Database, now: datetime, send: Send) -> None:
            with database.write() as session:
                again = text("UPDATE message SET state = 'pending' WHERE state = 'sending'")
                session.connection().execute(again)
            run(database, now, send)

        after = sweep.labels.index(HANDED_OVER)
        with pytest.raises(AssertionError, match="was handed over 2 times"):
            sweep.kill_and_recover(after, send_again)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_sweep_notices_who_takes_what_is_in_doubt_for_sent(database: str, tmp_path: Path) -> None:
    """A recovery that trusts a message in `sending` to have arrived loses it, and is caught."""
    with morning_of("2022-03-17", database, tmp_path) as sweep:

        def believe(database: Database, now: datetime, send: Send) -> None:
            with database.write() as session:
                gone = text("UPDATE message SET state = 'sent' WHERE state = 'sending'")
                session.connection().execute(gone)
            run(database, now, send)

        before = sweep.labels.index(HAND_OVER)
        with pytest.raises(AssertionError, match="was handed over 0 times"):
            sweep.kill_and_recover(before, believe)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_sweep_notices_a_day_that_nobody_runs_again(database: str, tmp_path: Path) -> None:
    """Without a recovery something is missing at every point up to the last commit."""
    with morning_of("2022-03-17", database, tmp_path) as sweep:
        last = max(point for point in sweep.points if sweep.labels[point] == COMMIT)
        for point in range(last, -1, -40):
            with pytest.raises(AssertionError):
                sweep.kill_and_recover(point, lambda *_: None)


def test_a_day_that_was_killed_is_made_good_on_the_next_one(database: str, tmp_path: Path) -> None:
    """The round of 14 March dies; the run of the 15th asks whoever was not asked, once, in one mail.

    What was in doubt stays in doubt and is not asked again before an operator settles it.
    """
    with morning_of("2022-03-14", database, tmp_path) as sweep:
        doubtful = held_back(sweep.labels)
        office = Small(sweep.copy.url, tmp_path, plan="small")
        for point in sweep.chosen(31):
            sink = tmp_path / f"next-day-{point}"
            killed_at(point, sweep.copy, sweep.now, sink)
            run(office.database, at("2022-03-15"), into(sink))
            lines = sink.read_text().splitlines() if sink.exists() else []
            asked = Counter(line.split()[1] for line in lines)
            states = [state for day in ("2022-03-14", "2022-03-15") for state in office.states(day)]
            in_doubt = states.count("unknown")
            assert in_doubt == (point in doubtful), f"killed at {point}"
            assert set(asked.values()) <= {1}, f"killed at {point}: {asked}"
            assert asked.total() == 3 - (in_doubt and not doubtful[point]), f"killed at {point}: {asked}"
            assert states.count("sent") + in_doubt == 3
            assert office.rounds()["2022-03-14"] == "open"
            with office.database.read() as session:
                assert broken_at(session, plan_id(session, "small")) is None
            office.database.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_run_that_nobody_kills_reaches_its_end(database: str, tmp_path: Path) -> None:
    """A point behind the last one is never reached: the count of points is the whole run."""
    with morning_of("2022-03-14", database, tmp_path) as sweep:
        sink = tmp_path / "whole"
        with pytest.raises(AssertionError, match="was to die"):
            killed_at(len(sweep.points), sweep.copy, sweep.now, sink)
        assert handed_over(sink) == sweep.sent
        assert {found.state for found, _ in todays(sweep.copy.database, sweep.now)} == {"sent"}
