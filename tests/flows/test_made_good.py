"""The day's run that was lost or failed is made good the same morning: nobody starts runs by hand."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.log import keep_log
from eco_workflow.services.hold import hold
from eco_workflow.services.people import console
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Message
from flows.wiring import decide_run, is_missed, run_directly
from tests.flows.homes import new_home, order
from tests.flows.server import Server
from tests.office import at
from tests.schedules.engine_room import picture


def delivered_after(minutes: int) -> Any:
    """What the quarter-hourly delivery came to, so many minutes after nine on the 14th."""
    from flows.deliver import deliver_waiting

    return asyncio.run(deliver_waiting(order(14).now + timedelta(minutes=minutes)))


def test_a_run_that_was_lost_at_nine_is_made_good_by_the_next_delivery(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was away at nine: at a quarter past all is as it would have been."""
    punctual = new_home(tmp_path / "punctual" / "home")
    run_directly(punctual, order(14))
    lost = new_home(tmp_path / "lost" / "home")
    monkeypatch.setenv("ECO_HOME", str(lost.home))
    for minute in (0, 5):
        assert delivered_after(minute).sent == 0
    assert picture(lost)["messages"] == []
    made_good = delivered_after(15)
    assert made_good.delivered.sent == 22
    again = delivered_after(30)
    keep_log(None)
    assert again.sent == 0
    assert picture(lost) == picture(punctual)
    told = [json.loads(line) for line in (lost.home / "log" / "eco.log").read_text().splitlines()]
    assert [line["event"] for line in told] == ["makes good the day's run", "decided", "delivered", "ran"]


def test_what_a_killed_delivery_left_in_hand_is_owned_up_to_by_the_next_one(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was the last of the day: nothing else waits."""
    settings = new_home(tmp_path / "home")
    monkeypatch.setenv("ECO_HOME", str(settings.home))
    run_directly(settings, order(14))
    database = Database(settings.database)
    with database.write() as session:
        message = session.exec(select(Message).order_by(col(Message.id))).first()
        assert message is not None
        message.state = "sending"
    delivered = delivered_after(15)
    keep_log(None)
    assert delivered.unknown == 1
    assert sorted({state for *_, state in picture(settings)["messages"]}) == ["sent", "unknown"]
    database.dispose()


@pytest.mark.parametrize(
    ("now", "missed"),
    [
        (at("2022-03-14", "08:59"), False),
        (at("2022-03-14", "09:09"), False),
        (at("2022-03-14", "09:10"), True),
        (at("2022-03-14", "23:45"), True),
        (at("2022-03-15", "08:45"), False),  # the run of nine makes it good
        (at("2022-03-15", "09:15"), True),
        (at("2022-02-14", "09:15"), False),  # before the plan is active
        (at("2032-03-14", "09:15"), False),  # a clock that jumped: a person has to confirm
    ],
)
def test_a_run_is_missed_ten_minutes_after_nine_on_its_own_day(
    tmp_path: Path, now: datetime, missed: bool
) -> None:
    assert is_missed(new_home(tmp_path / "home"), now) is missed


def test_a_run_that_was_kept_or_that_no_plan_waits_for_is_not_missed(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    decide_run(settings, order(14))
    assert not is_missed(settings, at("2022-03-14", "09:15"))
    hold(Database(settings.database), "停一停", now=at("2022-03-15", "08:00"), by=console("root@console"))
    assert not is_missed(settings, at("2022-03-15", "09:15"))


def test_a_plan_set_up_in_the_afternoon_begins_on_the_next_morning(tmp_path: Path) -> None:
    """Set up at 14:00 on the 1st: nothing leaves before nobody could look at it; the 2nd is its first."""
    settings = new_home(tmp_path / "home")
    database = Database(settings.database)
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE plan_version SET loaded_at = '2022-03-01 06:00:00'")
    assert not is_missed(settings, at("2022-03-01", "15:00"))
    assert is_missed(settings, at("2022-03-02", "09:15"))
    database.dispose()
