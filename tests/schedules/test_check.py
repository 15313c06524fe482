"""What `eco up --check` says is wrong before anything starts, and what `eco up` refuses to start with."""

import socket
from functools import partial
from pathlib import Path

import pytest

from eco_workflow.services import channels
from eco_workflow.store.engine_lock import alone
from eco_workflow.store.tables import Channel
from schedules.check import findings
from tests.cli.terminal import FIRST_DAY, Terminal
from tests.notifications.mail_host import mail_host
from tests.office import OPERATOR, Office, at

FREE = {"ECO_HEALTH_ADDRESS": "127.0.0.1:0"}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An installation that lacks nothing but a mail server, and the environment that names it."""
    monkeypatch.setenv("ECO_HOME", str(tmp_path / "home"))
    made = Office(f"sqlite:///{tmp_path / 'home' / 'eco.db'}", tmp_path / "home")
    made.home.mkdir()
    made.open()
    return made


def said(level: str, **environment: str) -> list[str]:
    """What is found on a level, as it is printed, with these settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (FREE | environment).items():
            patch.setenv(name, value)
        found = findings(FREE | environment, at("2022-03-01"))
    return [f"{one.about}: {one.said}" for one in found if one.level == level]


@pytest.mark.usefixtures("office")
def test_an_installation_that_lacks_nothing_is_ready() -> None:
    with mail_host() as host:
        sound = {"ECO_MAIL_URL": f"smtp://127.0.0.1:{host.port}", "ECO_MAIL_FROM": "office@eco.test"}
        assert said("error", **sound) == []
        assert said("warning", **sound) == [
            "contacts: daxinganling-2022: 90 contacts have addresses that cannot exist (.example). "
            "The true ones: eco contact template FILE.xlsx, then eco contact import FILE.xlsx"
        ]
        assert host.taken == []


@pytest.mark.usefixtures("office")
def test_a_mail_server_that_is_down_or_refuses_the_login_stops_no_start_and_is_named() -> None:
    with mail_host("refused") as host:
        url = f"smtp://127.0.0.1:{host.port}"
    [down] = [one for one in said("warning", ECO_MAIL_URL=url) if one.startswith("mail:")]
    assert down.startswith(f"mail: 127.0.0.1:{host.port} cannot be used: ")
    with mail_host("rude at once") as host:
        url = f"smtp://127.0.0.1:{host.port}"
        [rude] = [one for one in said("warning", ECO_MAIL_URL=url) if one.startswith("mail:")]
    assert "cannot be used: 554 ]0;gone no such user xxx" in rude
    assert rude.isprintable()
    [folder] = [one for one in said("warning", ECO_MAIL_URL="maildir:///proc/x") if one.startswith("mail:")]
    assert folder == "mail: /proc cannot be written. Messages wait until it can; see ECO_MAIL_URL."


def test_mails_that_are_only_filed_are_said_to_leave_for_nobody(office: Office, tmp_path: Path) -> None:
    assert f"mail: filed in {office.home}/mail, none leaves; see ECO_MAIL_URL" in said("ok")
    named = said("ok", ECO_MAIL_URL=f"maildir://{tmp_path}/post")
    assert f"mail: filed in {tmp_path}/post, none leaves; see ECO_MAIL_URL" in named


@pytest.mark.usefixtures("office")
def test_settings_that_cannot_be_meant_are_named_and_no_password_is() -> None:
    wrong = {"ECO_MAIL_URL": "smtps://office:sekret@mail.example/box", "ECO_MAILFROM": "x"}
    assert said("error", **wrong)[0].startswith("mail: ECO_MAIL_URL has something behind the host")
    assert "settings: ECO_MAILFROM is no setting. Did you mean ECO_MAIL_FROM" in said("warning", **wrong)[0]
    [sender] = said("error", ECO_MAIL_FROM="nobody")
    assert sender.startswith("mail: ECO_MAIL_FROM 'nobody' cannot send mail.")
    assert "sekret" not in "".join(said("error", **wrong) + said("warning", **wrong) + said("ok", **wrong))
    for heartbeat in ("ftp://monitor.example/ping", "monitor.example/ping", "https://"):
        [scheme] = said("error", ECO_HEARTBEAT_URL=heartbeat)
        assert "ECO_HEARTBEAT_URL: " in scheme
        assert scheme.endswith("write http://HOST/… or https://HOST/…: it is asked with GET")
    [port] = said("error", ECO_HEARTBEAT_URL="http://127.0.0.1:87900/ping")
    assert "ECO_HEARTBEAT_URL: Value error, Port out of range" in port
    [address] = said("error", ECO_HEALTH_ADDRESS="8790")
    assert address.startswith("settings: The environment cannot be used: ECO_HEALTH_ADDRESS:")
    [sixth] = said("error", ECO_HEALTH_ADDRESS="[::1]:8790")
    assert "ECO_HEALTH_ADDRESS: " in sixth
    assert "of an address of version 4, e.g. 127.0.0.1:8790" in sixth


@pytest.mark.usefixtures("office")
def test_an_audit_folder_that_is_none_is_named_before_the_first_night(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert said("error", ECO_AUDIT_FOLDER=str(file / "heads")) == [
        f"audit: {file} cannot be written. See ECO_AUDIT_FOLDER."
    ]
    assert said("error", ECO_AUDIT_FOLDER="/proc/x") == [
        "audit: /proc cannot be written. See ECO_AUDIT_FOLDER."
    ]
    assert said("error", ECO_AUDIT_FOLDER=str(tmp_path / "to" / "be" / "made")) == []
    assert {one.name for one in tmp_path.iterdir()} == {"home", "file"}


def test_a_log_that_cannot_be_written_is_named_before_the_engine_starts(office: Office) -> None:
    (office.home / "log").touch()
    assert said("error") == [f"log: {office.home}/log cannot be written: change its owner or permissions."]


def test_what_the_plan_lacks_for_the_days_ahead_is_named(office: Office) -> None:
    with office.database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("UPDATE plan SET ends_on = '2099-12-31'")
        connection.exec_driver_sql(
            "UPDATE contact SET ended_on = '2022-03-01' WHERE role = 'leader' AND unit_id IN "
            "(SELECT id FROM unit WHERE code IN ('shuiwuju', 'caizhengju'))"
        )
    calendar, leaders = said("warning")[-2:]
    assert calendar.startswith("calendar: daxinganling-2022: working days from 20")
    assert calendar.endswith("Once they are published: eco calendar import FILE")
    assert leaders.startswith("contacts: daxinganling-2022: 2 units have no leader who can be reached: ")


def test_channels_that_cannot_be_used_are_named_without_their_secrets(office: Office) -> None:
    """One of a gateway that is there, one of a gateway that is not, one that no address has the form of."""
    add = partial(channels.add, office.database, now=at("2022-03-01"), by=OPERATOR)
    assert "channels: none besides mail in plans that run" in said("ok")
    with socket.create_server(("127.0.0.1", 0)) as gateway, socket.create_server(("127.0.0.1", 0)) as closed:
        there, gone = (f"127.0.0.1:{one.getsockname()[1]}" for one in (gateway, closed))
        add("财政局", "liaison", f"json://user:sekret@{there}/gw")
        add("财政局", "leader", "wecombot://sekretkey")
        assert "channels: 1 json, 1 wecombot" in said("ok")
        closed.close()
        add("水务局", "liaison", f"json://{gone}/sekret", first=True)
        add("水务局", "leader", "wecombot://sekretkey")
        with office.database.write() as session:  # as a hand or another version leaves it
            session.get_one(Channel, 4).url = "tgram://sekret"
        down, unknown = [one for one in said("warning") if one.startswith("channels: ")]
    plan = "channels: daxinganling-2022: channel"
    assert down == (
        f"{plan} 3 of 地区水务局 liaison, json://{gone}/…kret, takes no connection: Connection refused. "
        "It comes before mail: that person's messages wait for it."
    )
    assert unknown.startswith(f"{plan} 4 of 地区水务局 leader cannot be used. A channel begins with one of ")
    assert "sekret" not in down + unknown
    assert not said("error")


@pytest.mark.usefixtures("office")
def test_a_monitor_that_is_not_there_is_named_without_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy a connection of one's own would say nothing."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as monitor:
        where = f"127.0.0.1:{monitor.getsockname()[1]}"
        url = f"http://{where}/ping/sekret"
        told = f"heartbeat: {where} takes connections; nothing was sent"
        assert told in said("ok", ECO_HEARTBEAT_URL=url)
    [gone] = [one for one in said("warning", ECO_HEARTBEAT_URL=url) if one.startswith("heartbeat")]
    assert gone == (
        f"heartbeat: {where} takes no connection: Connection refused. "
        "The monitor would hear of no run; see ECO_HEARTBEAT_URL."
    )
    behind = said("warning", ECO_HEARTBEAT_URL=url, http_proxy="http://127.0.0.1:1")
    assert not [one for one in behind if one.startswith("heartbeat")]


@pytest.mark.usefixtures("office")
def test_a_prefect_server_that_cannot_be_stops_the_start_and_a_silent_one_does_not() -> None:
    assert said("error", PREFECT_API_URL="foo") == [
        "prefect: PREFECT_API_URL 'foo' is no address of a Prefect server. Write http://HOST:PORT/api or "
        "https://HOST/api, or unset it and a server is started here."
    ]
    silent = {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    assert said("error", **silent) == []
    [told] = [one for one in said("warning", **silent) if one.startswith("prefect: ")]
    assert "127.0.0.1:9/api, which PREFECT_API_URL names, cannot be used" in told


def test_another_engine_here_and_a_taken_address_stop_the_start(office: Office) -> None:
    with alone(office.home), socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        engine, address = said("error", ECO_HEALTH_ADDRESS=f"127.0.0.1:{port}")
    assert engine.startswith("engine: eco up runs here already, as process ")
    assert address.startswith(
        f"health address: 127.0.0.1:{port} cannot be listened on: Address already in use"
    )


def test_eco_up_refuses_to_start_with_the_words_of_its_check(tmp_path: Path) -> None:
    eco = Terminal(tmp_path / "home")
    checked, started = (eco("up", *words, **FREE) for words in (("--check",), ()))
    assert checked.code == started.code == 1
    assert checked.err == started.err
    assert checked.err.startswith("eco: database: There is no database at ")
    assert eco("init", "--active-from", "2022-03-01", "--now", FIRST_DAY).code == 0
    told = eco("up", "--check", "--json", **FREE)
    assert (told.code, told.json["ready"]) == (0, True)
    assert {one["about"] for one in told.json["findings"]} >= {"settings", "database", "mail", "prefect"}
    assert eco("up", "--json").code == 2
