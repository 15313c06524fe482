"""A run under a real Prefect server: the same run as without it, and what the server shows of it."""

import asyncio
import json
import os
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks import engine
from eco_workflow.domain.errors import EcoError, Unavailable, WrongInput
from eco_workflow.services.backup import back_up
from eco_workflow.services.deliver import Delivered
from eco_workflow.services.restore import restore
from eco_workflow.services.run_result import RunResult
from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from flows.wiring import decide_run, deliver_batch, run_directly
from schedules.children import KEPT_LOG_BYTES
from schedules.server import prefect_server
from tests.cli.terminal import Said, Terminal
from tests.flows.homes import new_home, order
from tests.flows.server import FULL_LOG, Server, without_prefect_settings
from tests.office import Office, at

pytestmark = pytest.mark.xdist_group("prefect")
"""One server, on one worker: the last test of this folder ends it."""

DAYS = {"round": 14, "same day again": 14, "first rung": 17, "second rung": 22, "alert": 24}
"""The days of March 2022 on which the run is started, in this order, while nobody answers."""

SUPERVISION_OFFICE = "lianluo@ducha.dxal.example"


@dataclass
class March:
    """What the runs of a month came to, and the installation in which they ran."""

    settings: Settings
    results: dict[str, RunResult] = field(default_factory=dict)


@pytest.fixture(scope="module")
def march(server: Server, tmp_path_factory: pytest.TempPathFactory) -> March:
    from flows.dispatch import run_under_prefect

    made = March(new_home(tmp_path_factory.mktemp("march") / "home"))
    for name, day in DAYS.items():
        made.results[name] = run_under_prefect(made.settings, order(day))
    return made


def test_a_server_is_started_on_the_loopback_and_says_so(server: Server) -> None:
    port = httpx.URL(server.url).port
    assert server.said == [f"starting a Prefect server on 127.0.0.1:{port} (first start takes ~15 s)"]
    assert os.environ["PREFECT_API_URL"] == server.url
    log = server.home / "prefect" / "server.log"
    assert log.stat().st_size < KEPT_LOG_BYTES
    assert log.with_suffix(".log.1").stat().st_size == len(FULL_LOG)
    assert server.processes()


def test_the_round_of_14_march_gives_the_same_json_as_without_prefect(march: March, tmp_path: Path) -> None:
    direct = run_directly(new_home(tmp_path / "home"), order(14)).as_json()
    assert march.results["round"].as_json() == direct
    assert direct["requests"] == direct["sent"] == 22


def test_a_second_run_on_the_same_day_has_nothing_new(march: March) -> None:
    again = march.results["same day again"].as_json()
    assert again.pop("round") == date(2022, 3, 14)
    assert set(again.values()) == {0}


def test_a_run_is_overdue_while_cases_are_open_else_completed(server: Server, march: March) -> None:
    runs = server.found("flow_runs", sort="START_TIME_ASC")
    assert [(run["name"], run["state"]["name"]) for run in runs][: len(DAYS)] == [
        ("dispatch 2022-03-14", "Completed"),
        ("dispatch 2022-03-14", "Completed"),
        ("dispatch 2022-03-17", "Overdue"),
        ("dispatch 2022-03-22", "Overdue"),
        ("dispatch 2022-03-24", "Overdue"),
    ]
    assert runs[2]["state"]["type"] == "COMPLETED"
    assert runs[2]["state"]["message"] == "22 cases are open"
    assert march.results["first rung"].open_cases == 22


def test_each_step_is_a_task_with_a_name(server: Server, march: March) -> None:
    run = server.found("flow_runs", sort="START_TIME_ASC")[0]
    for _ in range(60):  # the server takes task runs out of events
        tasks = server.found("task_runs", flow_runs={"id": {"any_": [run["id"]]}})
        if len(tasks) == 3 and all(task["state_name"] == "Completed" for task in tasks):
            break
        time.sleep(0.25)
    assert {task["name"]: task["state_name"] for task in tasks} == dict.fromkeys(
        ("decide", "deliver 1-50", "summarise"), "Completed"
    )


@pytest.mark.parametrize(("least", "at_most", "tasks"), [(10, 10, 3), (1, 4, 4)])
def test_more_messages_than_one_batch_holds_are_delivered_in_several(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    least: int,
    at_most: int,
    tasks: int,
) -> None:
    """With batches of ten the 22 messages of the round take three tasks; in four at most, they are of six."""
    from flows import dispatch

    batches = list[int]()

    def counted(*order: Any, **more: Any) -> Delivered:
        batches.append(more["at_most"])
        return deliver_batch(*order, **more)

    monkeypatch.setattr(dispatch, "MESSAGES_PER_TASK", least)
    monkeypatch.setattr(dispatch, "TASKS_AT_MOST", at_most)
    monkeypatch.setattr(dispatch, "deliver_batch", counted)
    delivered = dispatch.run_under_prefect(new_home(tmp_path / "home"), order(14)).delivered
    assert (delivered.sent, delivered.ended, len(batches)) == (22, True, tasks)
    bar = server.found(
        "artifacts", artifacts={"key": {"any_": ["delivery-2022-03-14"]}}, sort="CREATED_DESC"
    )[0]
    assert (bar["type"], bar["data"], bar["description"]) == ("progress", 100.0, "delivery of 22 messages")


def test_every_other_flow_leaves_something_to_read(server: Server, installed: Settings) -> None:
    from flows.deliver import deliver_waiting
    from flows.nightly import nightly
    from flows.rhythms import rhythms
    from flows.weekly import weekly

    decide_run(installed, order(14))
    flows: tuple[Any, ...] = (weekly, rhythms, deliver_waiting, nightly)
    written, near, delivered, kept = (asyncio.run(flow(order(14).now)) for flow in flows)
    assert (written, near.opened, delivered.sent, kept.wrong) == (1, {}, 22, ())
    shown = {one["key"]: one["data"] for one in server.found("artifacts", sort="CREATED_DESC")}
    assert shown["weekly-2022-03-14"].startswith("Week 11 of 2022: 1 new report.")
    assert json.loads(shown["rhythms-2022-03-14"]) == [{"plan": "", "what": "opened", "found": "nothing"}]
    assert json.loads(shown["deliver-2022-03-14"])[0] == {"messages": "sent", "count": 22, "see": ""}
    night = {row["what"]: row["found"] for row in json.loads(shown["nightly-2022-03-14"])}
    assert night["backup"] == kept.backup.file.name
    assert night["wrong"] == "nothing"
    told = [json.loads(line) for line in (installed.home / "log" / "eco.log").read_text().splitlines()]
    assert [line["event"] for line in told] == [
        "reported the week", "opened rhythms", "delivered", "kept house",
    ]  # fmt: skip
    assert len({line["flow_run"] for line in told}) == 4


def test_a_table_shows_the_counts_and_how_long_each_step_took(server: Server, march: March) -> None:
    [table] = server.found("artifacts", artifacts={"key": {"any_": ["dispatch-2022-03-22"]}})
    rows = json.loads(table["data"])
    counts = {row["what"]: row["count"] for row in rows if row["count"] is not None}
    seconds = {row["what"]: row["seconds"] for row in rows if row["seconds"] is not None}
    result = march.results["second rung"]
    # The silent units, and the office itself, which has not released its summary.
    assert counts["rungs"] == result.decision.rungs == 23
    assert counts["sent"] == result.delivered.sent == 44
    assert counts["open cases"] == 23
    assert set(seconds) == {*result.decision.seconds, "deliver"}
    assert all(0 <= taken < 60 for taken in seconds.values())


def test_an_alert_to_the_supervision_office_is_an_event_that_names_ids_only(
    server: Server, march: March
) -> None:
    assert len(march.results["alert"].alerts) == 1
    wanted = {"event": {"name": ["eco.supervision-alert"]}}
    until = time.monotonic() + 20  # the server stores events every five seconds
    while not (events := server.found("events", filter=wanted)) and time.monotonic() < until:
        time.sleep(0.25)
    [event] = events
    message = march.results["alert"].alerts[0]
    assert event["resource"] == {"prefect.resource.id": f"eco.message.{message}"}
    assert event["payload"] == {}


def test_what_goes_wrong_inside_comes_out_as_it_would_without_prefect(
    server: Server, march: March, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same error with the same words; the console hears them once, from the command line."""
    from flows.dispatch import run_under_prefect

    wrong_date = order(25, confirmed=date(2022, 3, 26))
    nowhere = Settings(home=tmp_path, database_url=None, mail_url=None)
    for settings, asked, kind in (
        (march.settings, wrong_date, WrongInput),
        (nowhere, order(14), Unavailable),
    ):
        with pytest.raises(kind) as direct:
            run_directly(settings, asked)
        with pytest.raises(kind) as under_prefect:
            run_under_prefect(settings, asked)
        assert str(under_prefect.value) == str(direct.value)
    assert capfd.readouterr() == ("", "")
    assert server.found("flow_runs", sort="START_TIME_DESC")[0]["state"]["name"] == "Failed"


def test_a_start_of_yesterday_that_comes_at_night_leaves_the_round_to_nine_oclock(
    server: Server, installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine is back at 04:52 on the day of a round, and the run of 09:00 the day before is started."""
    from flows import dispatch

    monkeypatch.setattr(dispatch, "asked_for", lambda: at("2022-03-13"))
    monkeypatch.setattr(dispatch, "moment", lambda _: at("2022-03-14", "04:52"))
    assert asyncio.run(dispatch.dispatch()) is None
    state = server.found("flow_runs", sort="START_TIME_DESC")[0]["state"]
    assert (state["name"], state["message"]) == (
        "TooEarly", "meant for 2022-03-13: the run of 2022-03-14 begins at 09:00",
    )  # fmt: skip
    assert run_directly(installed, order(14)).delivered.sent == 22


def test_a_run_can_be_started_with_json_and_never_at_a_time_without_a_zone(server: Server) -> None:
    from flows.dispatch import dispatch

    asked = {"now": "2022-03-14T09:00:00+08:00", "actor": "schedule", "confirmed": "2022-03-14"}
    read_back = dispatch.validate_parameters(dict(asked))
    assert read_back["now"] == order(14).now
    assert read_back["confirmed"] == date(2022, 3, 14)
    with pytest.raises(Exception, match="timezone"):
        dispatch.validate_parameters(asked | {"now": "2022-03-14T09:00:00"})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:1/api", "http://127.0.0.1:1/api"),
        ("http://eco:secret@127.0.0.1:1/api", "http://…@127.0.0.1:1/api"),
    ],
)
def test_a_named_server_that_does_not_answer_is_named_and_none_is_started(
    url: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", url)
    assert_told(Unavailable, shown, tmp_path)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("no address", "'no address'"),
        ("127.0.0.1:4200/api", "'127.0.0.1:4200/api'"),
        ("http:///api", "'http:///api'"),
        ("http://127.0.0.1:99999/api", "'http://127.0.0.1:99999/api'"),
        ("http://eco:secret@127.0.0.1:port", "'http://…@127.0.0.1:port'"),
        ("eco:secret@127.0.0.1:4200/api", "'…@127.0.0.1:4200/api'"),
    ],
)
def test_what_can_never_be_a_server_is_wrong_input(
    url: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", url)
    assert_told(WrongInput, shown, tmp_path)


def assert_told(error: type[EcoError], shown: str, home: Path) -> None:
    """The address that the environment names is told without its password, and nothing is started."""
    with pytest.raises(error, match="PREFECT_API_URL") as told, prefect_server(home):
        pass
    assert shown in str(told.value)
    assert "secret" not in str(told.value)
    assert list(home.iterdir()) == []


def test_a_named_server_is_used_as_it_is(server: Server, tmp_path: Path) -> None:
    with prefect_server(tmp_path) as url:
        assert url == server.url
    assert list(tmp_path.iterdir()) == []
    assert server.processes()


def test_a_server_that_cannot_start_is_told_with_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_prefect_settings(monkeypatch)
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", "nonsense://")
    with (
        pytest.raises(Unavailable, match=r"(?s)ended with code \d+.*server\.log:\n.*"),
        prefect_server(tmp_path),
    ):
        pass


@pytest.fixture(scope="module")
def demo(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, Path]:
    """What the demo printed, and its home."""
    folder = tmp_path_factory.mktemp("demo")
    said = Terminal(folder)("demo", "--exit")
    assert said.code == 0, said.err
    return said, folder / "demo"


def test_the_demo_tells_its_story_and_its_28th_of_march_is_a_run_of_the_server(
    server: Server, demo: tuple[Said, Path]
) -> None:
    """What happens reaches people by the product's rules: asked with the original date, told anew, moved."""
    said, home = demo
    for row in (
        r"Mon 02-14 +02-14 +1 ",
        r"Wed 02-16 .*phase 1 not closed: 7 reasons",
        r"Fri 02-25 .*phase 1 closed",
        r"Mon 03-28 +03-28 +41 +run as a Prefect flow",
        r"Thu 04-14 +engine off",
        r"Mon 04-18 +04-14 +22 .*round of 04-14 made good",
        r"Wed 05-18 +held since 2022-05-17",
        r"2022-02-14 ad hoc +open +2022-02-14 +1/1 ",
        r"2022-04-14 +open +2022-04-18 +18/21 ",
        r"2022-05-28 +open +2022-05-28 +24/28 ",
        r"地区教育局 +3 .*1 on 03-31 .*\n +2 on 04-08 *\n +3 on 04-12 ",  # the mail of 6 April came back
        r"phase 2 passed by a leader until 08-31: 15 reasons",
        r"phase 2 closed over 15 reasons",
        r"1 组织启动, .*: closed on 2022-02-25 ",
        r"2 全面推进, .*: closed on 2022-06-24 .*, late\n",
        r"I27 农村生活垃圾无害化处理村占比: unmet, 2021年76%; wanted is ≥80 ",  # its extension was refused
        r"Passed conditionally by 演示数据·领导小组 on 2022-06-23, until 2022-08-31: ",
        r"3 考核验收, .*: closed on 2022-08-31 ",
        r"4 深化提升, .*: closed on 2022-12-29 ",
        r"Awarded on 2022-11-18",
        r"V1 of 行署办公室 on 2022-04-09: error, ",
        r"V4 of 地区生态环境局 on 2022-07-05: cleared, .*cleared on 2022-07-29",
        r"68 done; after their day: C2022-05\.",
        r"131 closed out\.",
        r"3 items on record; short .*: I27 of 地区住房城乡建设局: 460\.",
        r"Survey 1 .*: 2022-04-11 to 2022-04-22, 1000 people asked by .*; I32\.1 .*, I35 81, I36 81\.",
    ):
        assert re.search(row, said.out), f"{row} is not in:\n{said.out}"
    late = said.out[said.out.index("\nLate: ") : said.out.index("\nMessages: ")]
    assert "地委巡查办" not in late  # merged away, and what it let pass stays with it
    assert "地委督查室 " not in late
    assert "is late itself" not in said.out
    shown = Terminal(home)("phase", "show", "--json", "--now", "2022-12-31T18:00:00+08:00").json
    assert [(one["closed_on"], one["late"], one["lacking"]) for one in shown["phases"]] == [
        ("2022-02-25", False, []), ("2022-06-24", True, []),
        ("2022-08-31", False, []), ("2022-12-29", False, []),
    ]  # fmt: skip
    assert len(shown["phases"][1]["conditional"]["covers"]) == 15
    assert Terminal(home)("evidence", "gaps", "--json").json == []
    [run] = server.found("flow_runs", flow_runs={"name": {"any_": ["dispatch 2022-03-28"]}})
    assert run["state"]["type"] == "COMPLETED"
    mails = Office(f"sqlite:///{home / 'eco.db'}", home).mails()
    assert f"Messages: {len(mails) - 1} sent, 1 failed" in said.out
    assert [mail.subject for mail in mails if not mail.subject.startswith("【演示数据】")] == []
    assert [mail.to for mail in mails if "演示数据" not in mail.text] == []
    assert [key for key, n in Counter((mail.on, mail.to) for mail in mails).items() if n > 1] == []
    [alert] = [mail for mail in mails if (str(mail.on), mail.to) == ("2022-03-24", SUPERVISION_OFFICE)]
    assert "地区审计局" in alert.text
    by_day = {(str(mail.on), mail.to.partition(".")[0]): mail.text for mail in mails}
    assert "4月14日" in by_day["2022-04-18", "lianluo@caizhengju"]
    assert {day for day, _ in by_day} & {"2022-04-13", "2022-04-14", "2022-04-15", "2022-05-18"} == set()
    assert "缺少数据来源" in by_day["2022-04-01", "lianluo@caizhengju"]
    assert "地委巡查办" in by_day["2022-04-21", "lianluo@ducha"]
    assert "地委全会期间暂停发函" in by_day["2022-05-20", "lianluo@zhengyanshi"]
    assert "6月30日" in by_day["2022-05-26", "lianluo@jiaotongju"]


def test_the_demo_is_backed_up_and_restored_in_under_a_minute(
    demo: tuple[Said, Path], tmp_path: Path
) -> None:
    _, home = demo
    of_demo = Settings(home=home, database_url=None, audit_folder=None)
    elsewhere = Settings(home=tmp_path / "there", database_url=None, audit_folder=None)
    now = datetime(2022, 12, 31, 12, tzinfo=UTC)
    started = time.monotonic()
    made = back_up(Database(of_demo.database), of_demo, tmp_path / "demo.zip", now=now, by="admin")
    done = restore(made.file, elsewhere, yes=False, now=now, by="admin")
    assert time.monotonic() - started < 60
    assert (done.plans, done.wrong) == (1, ())
    mails = Office(f"sqlite:///{home / 'eco.db'}", home).mails()
    assert Office(elsewhere.database, elsewhere.home).mails() == mails != []


def test_what_prefect_adds_is_measured_beside_the_plain_functions(server: Server, tmp_path: Path) -> None:
    """`make bench-engine` in small: both did the same, else it would not be measured."""
    days = (date(2022, 3, 14), date(2022, 3, 15))
    found = engine.by_day(tmp_path, 2, days, repeats=1)
    assert found["plans"] == 2
    for beside, worst in (("around our functions", "worst"), ("more than the plain run", "worst more")):
        assert list(found[beside]) == ["2022-03-14", "2022-03-15"]
        assert found[worst] == max(found[beside].values())
    assert min(found["around our functions"].values()) > 0
