"""A monitor is told of every run, and no run fails because it cannot be told."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from eco_workflow.log import keep_log
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Plan, Request, Round, Unit
from flows.wiring import run_directly
from tests.flows.homes import new_home, order


def test_every_run_is_told_to_the_monitor_also_one_without_work(
    tmp_path: Path, monitor: tuple[str, list[str]]
) -> None:
    url, asked = monitor
    settings = new_home(tmp_path / "home").model_copy(update={"heartbeat_url": url})
    for _ in range(2):
        run_directly(settings, order(14))
    assert asked == ["/ping/eco", "/ping/eco"]


def test_a_run_that_waits_for_a_person_is_not_told_to_the_monitor(
    tmp_path: Path, monitor: tuple[str, list[str]]
) -> None:
    """A plan whose date somebody must confirm is not at work, however often its run begins."""
    url, asked = monitor
    settings = new_home(tmp_path / "home").model_copy(update={"heartbeat_url": url})
    run_directly(settings, order(14))
    for day in (13, 14):
        run_directly(settings, order(day))
    assert asked == ["/ping/eco", "/ping/eco"]


@pytest.mark.parametrize(
    ("url", "why"),
    [("http://127.0.0.1:1/ping", "ConnectError at "), ("no address", "UnsupportedProtocol at ")],
)
def test_a_monitor_that_cannot_be_reached_stops_no_run_and_the_log_says_so(
    tmp_path: Path, url: str, why: str
) -> None:
    settings = new_home(tmp_path / "home").model_copy(update={"heartbeat_url": url})
    keep_log(settings.home)
    result = run_directly(settings, order(14))
    keep_log(None)
    assert result.delivered.sent == 22
    [line] = told_of_the_monitor(settings.home)
    assert (line["level"], line["run"]) == ("warning", "2022-03-14")
    assert line["error"].startswith(why)


def test_a_run_in_which_a_plan_is_broken_is_not_told_to_the_monitor(
    tmp_path: Path, monitor: tuple[str, list[str]]
) -> None:
    """Nobody of that plan was asked: the monitor is to alarm."""
    url, asked = monitor
    settings = new_home(tmp_path / "home").model_copy(update={"heartbeat_url": url})
    database = Database(settings.database)
    with database.write() as session:  # requests stand already, so the round cannot be written
        [plan_id] = session.exec(select(Plan.id)).all()
        round_id = session.exec(select(Round.id).where(Round.on_date == date(2022, 3, 14))).one()
        for unit_id in session.exec(select(Unit.id)).all():
            session.add(Request(round_id=round_id or 0, unit_id=unit_id or 0, plan_id=plan_id or 0))
    database.dispose()
    assert run_directly(settings, order(14)).decision.broken
    assert asked == []


@pytest.mark.parametrize("answer", [301, 404, 503])
def test_a_monitor_that_does_not_take_the_heartbeat_is_in_the_log_with_its_answer(
    tmp_path: Path, monitor: tuple[str, list[str]], answer: int
) -> None:
    url, asked = monitor
    settings = new_home(tmp_path / "home").model_copy(update={"heartbeat_url": f"{url}/{answer}"})
    keep_log(settings.home)
    run_directly(settings, order(14))
    keep_log(None)
    assert asked == [f"/ping/eco/{answer}"]
    [line] = told_of_the_monitor(settings.home)
    assert (line["level"], line["state"]) == ("warning", f"answer {answer}")


def told_of_the_monitor(home: Path) -> list[dict[str, Any]]:
    """The lines of the log that say that it was not told."""
    lines = map(json.loads, (home / "log" / "eco.log").read_text().splitlines())
    return [line for line in lines if line["event"] == "heartbeat not taken"]
