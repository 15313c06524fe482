"""The day's run that was lost or failed is made good the same morning: nobody starts runs by hand."""

import asyncio
import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import EcoError
from eco_workflow.plans.load import read
from eco_workflow.services.deliver import GIVE_UP_AFTER
from eco_workflow.services.hold import hold
from eco_workflow.services.load_plan import activate
from eco_workflow.services.people import console
from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Message, Run
from flows.wiring import decide_run, plans_missed, run_directly
from tests.county import COUNTY
from tests.flows.homes import new_home, order
from tests.flows.server import Server
from tests.notifications.mail_host import mail_host
from tests.office import at
from tests.schedules.engine_room import picture


def delivered_after(minutes: int) -> Any:
    """What the quarter-hourly delivery came to, so many minutes after nine on the 14th."""
    from flows.deliver import deliver_waiting

    return asyncio.run(deliver_waiting(order(14).now + timedelta(minutes=minutes)))


def test_a_run_that_was_lost_at_nine_is_made_good_by_the_next_delivery(
    server: Server, installed: Settings, tmp_path: Path
) -> None:
    """The database was away at nine: at a quarter past all is as it would have been."""
    punctual = new_home(tmp_path / "punctual" / "home")
    run_directly(punctual, order(14))
    for minute in (0, 5):
        assert delivered_after(minute).sent == 0
    assert picture(installed)["messages"] == []
    made_good = delivered_after(15)
    assert made_good.delivered.sent == 22
    again = delivered_after(30)
    assert again.sent == 0
    assert picture(installed) == picture(punctual)
    told = [json.loads(line) for line in (installed.home / "log" / "eco.log").read_text().splitlines()]
    assert [line["event"] for line in told] == ["makes good the day's run", "decided", "delivered", "ran"]


def test_what_a_killed_delivery_left_in_hand_is_owned_up_to_by_the_next_one(
    server: Server, installed: Settings
) -> None:
    """It was the last of the day: nothing else waits."""
    run_directly(installed, order(14))
    database = Database(installed.database)
    with database.write() as session:
        message = session.exec(select(Message).order_by(col(Message.id))).first()
        assert message is not None
        message.state = "sending"
    delivered = delivered_after(15)
    assert delivered.unknown == 1
    assert sorted({state for *_, state in picture(installed)["messages"]}) == ["sent", "unknown"]
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
        (at("2022-05-14", "09:15"), False),  # a clock that jumped: a person has to confirm
        (at("2032-03-14", "09:15"), False),
    ],
)
def test_a_run_is_missed_ten_minutes_after_nine_on_its_own_day(
    tmp_path: Path, now: datetime, missed: bool
) -> None:
    assert bool(plans_missed(new_home(tmp_path / "home"), now)) is missed


def test_a_run_that_was_kept_or_that_no_plan_waits_for_is_not_missed(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    decide_run(settings, order(14))
    assert not plans_missed(settings, at("2022-03-14", "09:15"))
    database = Database(settings.database)
    hold(database, "停一停", now=at("2022-03-15", "08:00"), by=console("root@console"))
    database.dispose()
    assert not plans_missed(settings, at("2022-03-15", "09:15"))


def test_a_plan_set_up_in_the_afternoon_begins_on_the_next_morning(
    server: Server, installed: Settings
) -> None:
    """Beside one whose run was lost: that is made good, and of the new one nobody hears before he should."""
    database = Database(installed.database)
    afternoon = at("2022-03-14", "14:00")
    activate(database, read(str(COUNTY)), active_from=afternoon.date(), now=afternoon, actor="operator")
    assert delivered_after(6 * 60).delivered.sent == 22
    with database.read() as session:
        assert set(session.exec(select(Run.plan_id)).all()) == {1}
        assert set(session.exec(select(Message.plan_id)).all()) == {1}
    assert len(plans_missed(installed, at("2022-03-15", "09:15"))) == 2
    database.dispose()


def two_plans(settings: Settings) -> Database:
    """The packaged plan, and the county's beside it since the morning of the 14th, before nine."""
    database = Database(settings.database)
    early = at("2022-03-14", "08:00")
    activate(database, read(str(COUNTY)), active_from=early.date(), now=early, actor="operator")
    return database


def test_the_runs_that_several_plans_lack_are_one_run_and_one_delivery(
    server: Server, installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail server that hangs up after each mail leaves five in doubt, not five a plan."""
    database = two_plans(installed)
    with mail_host("drop before 250") as host:
        monkeypatch.setenv("ECO_MAIL_URL", f"smtp://127.0.0.1:{host.port}")
        assert delivered_after(15).decision.plans == 2
    with database.read() as session:
        states = Counter(session.exec(select(Message.state)).all())
        assert states == {"unknown": GIVE_UP_AFTER, "pending": 22 - GIVE_UP_AFTER}
        assert sorted(session.exec(select(Run.plan_id)).all()) == [1, 2]
    database.dispose()


@pytest.mark.parametrize(
    "trouble",
    [
        "UPDATE plan SET last_run_on = '2022-01-02', active_from = '2022-01-01' WHERE id = 2",
        "UPDATE plan SET last_run_on = '2022-03-15' WHERE id = 2",
        "CREATE TRIGGER broken BEFORE INSERT ON run WHEN NEW.plan_id = 2 "
        "BEGIN SELECT RAISE(ABORT, 'no'); END",
    ],
)
def test_the_monitor_hears_nothing_where_one_of_them_waits_or_is_broken(
    server: Server,
    installed: Settings,
    monitor: tuple[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
) -> None:
    """As of the run of nine: what is silent is looked after. The other plan's people are asked."""
    url, asked = monitor
    monkeypatch.setenv("ECO_HEARTBEAT_URL", url)
    database = two_plans(installed)
    with database.write() as session:
        session.connection().exec_driver_sql(trouble)
    assert delivered_after(15).delivered.sent == 22
    assert asked == []
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE plan SET last_run_on = '2022-03-13' WHERE id = 2")
        session.connection().exec_driver_sql("DROP TRIGGER IF EXISTS broken")
    assert delivered_after(30).decision.plans == 1
    assert asked == ["/ping/eco"]
    database.dispose()


def test_a_day_that_a_clock_ahead_has_claimed_is_not_begun_again_and_again(tmp_path: Path) -> None:
    """Ahead to the 17th, confirmed back to the 16th: the claim of the 17th stands."""
    settings = new_home(tmp_path / "home")
    for day, confirmed in ((14, None), (17, None), (16, date(2022, 3, 16))):
        decide_run(settings, order(day, confirmed))
    assert plans_missed(settings, at("2022-03-17", "09:15")) == []


def test_what_waits_leaves_also_where_the_day_cannot_be_decided(server: Server, installed: Settings) -> None:
    decide_run(installed, order(14))
    database = Database(installed.database)
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE plan SET last_run_on = '2022-03-11'")
        session.connection().exec_driver_sql("DELETE FROM run")
        session.connection().exec_driver_sql(
            "CREATE TRIGGER away BEFORE INSERT ON run BEGIN DELETE FROM away; END"
        )
    with pytest.raises(EcoError):
        delivered_after(15)
    assert {state for *_, state in picture(installed)["messages"]} == {"sent"}
    database.dispose()
