"""The one log: what it says of a run and of an act, what it never says, and that it stays whole and small."""

import json
import multiprocessing
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eco_workflow import log
from eco_workflow.log import bound, keep_log, note
from eco_workflow.services.hold import hold, release
from eco_workflow.settings import Settings
from flows.wiring import Order, run_directly
from tests.office import OPERATOR, Office, at


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An ECO_HOME into whose log this process writes."""
    keep_log(tmp_path)
    yield tmp_path
    keep_log(None)


def lines(home: Path) -> list[dict[str, Any]]:
    """What stands in the log, the oldest first, without the moment of writing."""
    found = [json.loads(line) for line in (home / "log" / "eco.log").read_text().splitlines()]
    assert all(line.pop("at").endswith("+08:00") for line in found)
    return found


def opened(home: Path) -> Office:
    made = Office(f"sqlite:///{home / 'eco.db'}", home)
    made.open()
    return made


def test_a_run_is_three_lines_with_its_day_plan_round_counts_and_seconds(home: Path) -> None:
    office = opened(home)
    office.result("2022-03-14")
    decided, delivered, ran = lines(home)[-3:]
    assert decided["event"] == "decided"
    assert (decided["run"], decided["plan"], decided["round"]) == (
        "2022-03-14", "daxinganling-2022", "2022-03-14",
    )  # fmt: skip
    assert decided["counts"]["requests"] == 22
    assert set(decided["seconds"]) >= {"claim", "ask", "envelopes"}
    assert delivered["plan"] == ran["plan"] == "daxinganling-2022"
    assert (delivered["event"], delivered["counts"]["sent"], delivered["run"]) == (
        "delivered",
        22,
        "2022-03-14",
    )
    assert (ran["event"], ran["level"], ran["counts"]["open cases"]) == ("ran", "info", 0)


def test_an_act_is_a_line_that_names_its_audit_row_once_it_is_committed(home: Path) -> None:
    office = opened(home)
    hold(office.database, "张三要求", now=at("2022-03-01", "10:00"), by=OPERATOR)
    release(office.database, office.days, now=at("2022-03-01", "11:00"), by=OPERATOR)
    held, goes_on = lines(home)[-2:]
    number = held.pop("number")
    assert held == {"level": "info", "event": "act", "plan": "daxinganling-2022", "action": "hold"}
    assert goes_on["number"] == number + 1
    before = lines(home)
    with pytest.raises(Exception, match="not held"):
        release(office.database, office.days, now=at("2022-03-01", "12:00"), by=OPERATOR)
    assert lines(home) == before


def test_nothing_in_the_log_is_a_password_an_address_a_name_or_content(home: Path) -> None:
    office = opened(home)
    settings = Settings(home=home, database_url=office.url, mail_url="smtps://office:sekret@127.0.0.1:1")
    run_directly(settings, Order(now=at("2022-03-14"), actor="wanglin@office"))
    broken = settings.model_copy(update={"mail_url": "smtps://office:sekret@127.0.0.1:1/box"})
    with pytest.raises(Exception, match="behind the host"):
        run_directly(broken, Order(now=at("2022-03-15"), actor="wanglin@office"))
    text = (home / "log" / "eco.log").read_text()
    assert not [
        secret for secret in ("sekret", "127.0.0.1", "wanglin", "@", "水务局", "I04") if secret in text
    ]
    failed = lines(home)[-1]
    assert (failed["event"], failed["level"], failed["run"]) == ("not delivered", "error", "2022-03-15")
    assert failed["error"].startswith("WrongInput at send.py:")
    [first, *_] = [line for line in lines(home) if line["event"] == "message"]
    assert (first["state"], first["plan"]) == ("later", "daxinganling-2022")


def write_many(home: Path, process: int) -> None:
    keep_log(home)
    with bound(run=date(2022, 3, 14)):
        for number in range(200):
            note("line", number=1000 * process + number)


def test_lines_of_several_processes_stay_whole_and_none_is_lost_where_the_file_is_set_aside(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "FULL_BYTES", 30_000)
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=write_many, args=(home, n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    files = sorted((home / "log").iterdir())
    assert len(files) > 1
    assert all(file.stat().st_size <= 30_000 for file in files)
    numbers = [json.loads(line)["number"] for file in files for line in file.read_text().splitlines()]
    assert sorted(numbers) == sorted(1000 * n + number for n in range(3) for number in range(200))


def test_the_log_stays_small_and_one_that_cannot_be_written_stops_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The loss of it is named, once in a process."""
    monkeypatch.setattr(log, "FULL_BYTES", 500)
    for number in range(100):
        note("line", number=number)
    files = list((home / "log").iterdir())
    assert len(files) == log.KEPT + 1
    assert lines(home)[-1]["number"] == 99
    keep_log(no_folder := home / "log" / "eco.log")
    note("nowhere")
    note("nowhere again")
    assert capsys.readouterr().err == (
        f"eco: The log {no_folder}/log/eco.log cannot be written: Not a directory. The work goes on without; "
        "look at the folder's permissions and the disk.\n"
    )
