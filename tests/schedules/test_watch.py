"""What the health address answers: the numbers of the engine, and what a monitor acts on."""

import logging
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
from sqlmodel import select

from eco_workflow.services.health import health
from eco_workflow.services.measure import Measured, measure
from eco_workflow.settings import Settings
from eco_workflow.store.tables import Case, Message, Unit
from schedules import watch
from schedules.metrics import PLANS_NAMED, Measures, Process, as_text
from schedules.timetable import last_start, next_start, runs
from schedules.watch import Watcher, answering
from tests.office import Office, at

PROCESSES = (Process("server", alive=True, restarts=0), Process("runner", alive=False, restarts=3))


def silent(database: str, home: Path) -> Office:
    """After a round of which nobody answered anything, on the first rung."""
    made = Office(database, home)
    made.open()
    made.silent("2022-03-14", "2022-03-17")
    return made


def measured(office: Office, day: str, clock: str) -> Measured:
    now = at(day, clock)
    with office.database.read() as session:
        due_at, next_run_at = last_start(runs(), now), next_start(runs(), now)
        found = health(session, office.settings, now, due_at=due_at, next_run_at=next_run_at, engine=True)
        return measure(session, found)


def shown(text: bytes) -> dict[str, float]:
    """Series by name and labels, without those of this process itself."""
    lines = [line for line in text.decode().splitlines() if line.startswith("eco_")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_the_books_in_numbers(database: str, tmp_path: Path) -> None:
    office = silent(database, tmp_path)
    with office.database.write() as session:  # as a process leaves it that died between two lines
        for message, state in zip(
            session.exec(select(Message).limit(2)), ("unknown", "pending"), strict=True
        ):
            message.state = state
        expected = len(session.exec(select(Case)).all())
    found = shown(
        as_text(Measures(at("2022-03-18", "10:30"), measured(office, "2022-03-18", "10:30"), PROCESSES))
    )
    assert found['eco_open_cases{clock="report",rung="1"}'] == expected
    assert found['eco_open_cases{clock="task",rung="4"}'] == 0
    assert found['eco_messages{state="unknown"}'] == found['eco_messages{state="pending"}'] == 1
    assert found["eco_oldest_pending_seconds"] == 4 * 86400 + 90 * 60
    plan = '{plan="daxinganling-2022"}'
    assert found[f"eco_runs_total{plan}"] == 2
    assert found[f"eco_last_run_timestamp_seconds{plan}"] == at("2022-03-17").timestamp()
    assert found[f"eco_run_missed{plan}"] == 1
    assert found[f"eco_run_late_seconds{plan}"] == 90 * 60
    assert found[f"eco_run_unconfirmed{plan}"] == 0
    assert found[f"eco_calendar_provisional{plan}"] == 0
    assert found['eco_rounds{plan="daxinganling-2022",state="open"}'] == 1
    assert found["eco_healthy"] == 0
    assert found["eco_disk_free_bytes"] > 0
    assert found['eco_child_restarts_total{child="runner"}'] == 3
    assert found['eco_child_up{child="runner"}'] == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_series_names_a_unit_an_item_or_a_person_and_their_number_is_bounded(
    database: str, tmp_path: Path
) -> None:
    office = silent(database, tmp_path)
    found = measured(office, "2022-03-18", "09:30")
    one = shown(as_text(Measures(at("2022-03-18"), found, PROCESSES)))
    with office.database.read() as session:
        names = {name for unit in session.exec(select(Unit)) for name in (unit.code, unit.short, unit.name)}
    assert not [series for series in one if any(f'"{name}"' in series for name in names)]
    [plan] = found.health.plans
    plans = tuple(replace(plan, plan=f"county-{n}") for n in range(PLANS_NAMED * 4))
    many = replace(found, health=replace(found.health, plans=plans), runs={"county-0": 2, "county-1": 3})
    told = shown(as_text(Measures(at("2022-03-18"), many, PROCESSES)))
    assert len(told) == len(one)
    assert told['eco_runs_total{plan="*"}'] == 5


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Watcher, httpx.Client]]:
    """The health address of an installation that ran a morning of 2022, and who asks it."""
    office = silent(f"sqlite:///{tmp_path / 'eco.db'}", tmp_path)
    settings = Settings(
        home=office.home, database_url=office.url, mail_url=None, health_address="127.0.0.1:0"
    )
    watcher = Watcher(settings, lambda: PROCESSES, lambda: ())
    with answering(watcher) as address, httpx.Client(base_url=address, trust_env=False) as client:
        yield watcher, client


def test_a_monitor_hears_what_eco_health_says_with_503_where_something_is_wrong(
    asked: tuple[Watcher, httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher, client = asked
    monkeypatch.setattr(watch, "moment", lambda: at("2022-03-17", "10:00"))
    well = client.get("/health")
    assert (well.status_code, well.json()["wrong"]) == (200, [])
    assert well.json()["plans"][0]["last_run_at"] == "2022-03-17T09:00:00+08:00"
    monkeypatch.setattr(watch, "moment", lambda: at("2022-03-18", "11:00"))
    assert client.get("/health").status_code == 200  # as it was a few seconds ago
    watcher.seen_at -= watch.KEPT_SECONDS + 1
    missed = client.get("/health")
    assert missed.status_code == 503
    assert "has not begun" in missed.json()["wrong"][0]
    alone = client.head("/health")
    assert (alone.status_code, alone.content) == (503, b"")
    assert alone.headers["Content-Length"] == missed.headers["Content-Length"]
    assert client.get("/").status_code == 404


def test_a_monitor_hears_what_the_engine_lacks_with_and_without_a_database(
    asked: tuple[Watcher, httpx.Client], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    watcher, client = asked
    monkeypatch.setattr(watch, "moment", lambda: at("2022-03-17", "10:00"))
    assert shown(client.get("/metrics").content)["eco_healthy"] == 1
    watcher.lacks = lambda: ("the runner is away",)
    watcher.seen_at -= watch.KEPT_SECONDS + 1
    assert shown(client.get("/metrics").content)["eco_healthy"] == 0
    away = client.get("/health")
    assert (away.status_code, away.json()["wrong"]) == (503, ["the runner is away"])
    (tmp_path / "eco.db").rename(tmp_path / "gone")
    watcher.seen_at -= watch.KEPT_SECONDS + 1
    assert client.get("/health").json()["wrong"][0] == "the runner is away"


def held() -> set[tuple[int, str]]:
    """What this process has open: files and connections."""
    process = psutil.Process()
    files = {(one.fd, one.path) for one in process.open_files()}
    return files | {(one.fd, "connection") for one in process.net_connections(kind="all")}


def test_a_second_look_compiles_no_statement_anew_and_leaves_no_connection(
    database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An engine that is asked every ten seconds for a year would grow by what each look leaves behind."""
    office = silent(database, tmp_path)
    office.database.dispose()
    watcher = Watcher(office.settings, lambda: PROCESSES, lambda: ())
    before = held()
    caplog.set_level(logging.INFO, "sqlalchemy.engine")
    watcher.look()
    assert "[generated in" in caplog.text
    watcher.seen_at -= watch.KEPT_SECONDS + 1
    caplog.clear()
    watcher.look()
    assert "[cached since" in caplog.text
    assert "[generated in" not in caplog.text
    assert held() <= before


def test_without_a_database_the_engines_own_numbers_are_told(
    asked: tuple[Watcher, httpx.Client], tmp_path: Path
) -> None:
    _, client = asked
    for file in tmp_path.glob("eco.db*"):
        file.rename(tmp_path / f"gone-{file.name}")
    assert "There is no database at" in client.get("/health").json()["wrong"][0]
    found = shown(client.get("/metrics").content)
    assert found["eco_database_up"] == 0
    assert found['eco_child_restarts_total{child="runner"}'] == 3
    assert found["eco_healthy"] == 0
    assert "eco_open_cases" not in " ".join(found)


def test_neither_who_hangs_nor_a_database_that_does_holds_up_the_end(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, health_address="127.0.0.1:0", database_url=None, mail_url=None)
    watcher = Watcher(settings, lambda: PROCESSES, lambda: ())
    with answering(watcher) as address:
        host, port = address.removeprefix("http://").split(":")
        watcher.lock.acquire()  # another's look does not come back
        with (
            socket.create_connection((host, int(port))) as mute,
            socket.create_connection((host, int(port))) as waiting,
        ):
            waiting.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            time.sleep(0.2)
            started = time.monotonic()
            mute.sendall(b"GET /met")
    assert time.monotonic() - started < 1
