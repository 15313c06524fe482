"""What becomes of a text that is handed to a chat channel, against a real web server on this machine."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from eco_workflow.domain.chat import NEUTRAL_LINE
from eco_workflow.domain.messages import Result
from notifications.chat import chat, send
from notifications.trying import SUBJECT, TEXT, try_chat
from tests.notifications import cast

BODY = "【催办】2项\n\n请补报。\n第二行".encode()


@contextmanager
def web_server(
    answer: int, location: str = "", says: bytes = b""
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that answers every POST with a code, with 0 by hanging up; yields its place and its posts."""
    posts: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posts.append({"path": self.path, "login": self.headers["Authorization"], **json.loads(body)})
            if not answer:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(says)))
            self.end_headers()
            self.wfile.write(says)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", posts
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_text_is_taken_with_its_title_and_the_secret_stays_out_of_the_answer() -> None:
    with web_server(200) as (place, posts):
        outcome = send(f"json://eco:s3cret@{place}/hook/s3cret", BODY)
    assert outcome.result is Result.ACCEPTED
    [post] = posts
    assert (post["path"], post["title"], post["message"]) == (
        "/hook/s3cret",
        "【催办】2项",
        "请补报。\n第二行",
    )
    assert post["login"]
    assert "s3cret" not in outcome.answer


@pytest.mark.parametrize(
    ("code", "result"),
    [
        (204, Result.ACCEPTED),
        (302, Result.REFUSED),
        (401, Result.REFUSED),
        (404, Result.REFUSED),
        (429, Result.LATER),
        (503, Result.LATER),
        (500, Result.NO_ANSWER),
        (504, Result.NO_ANSWER),
        (0, Result.NO_ANSWER),
    ],
)
def test_the_servers_answer_decides_and_silence_means_that_nobody_knows(code: int, result: Result) -> None:
    """A redirect is not followed: the content would go where nobody sent it."""
    with (
        web_server(200) as (elsewhere, strayed),
        web_server(code, f"http://{elsewhere}/") as (place, posts),
    ):
        outcome = send(f"json://{place}/s3cret", BODY)
    assert outcome.result is result, outcome
    assert (len(posts), strayed) == (1, [])
    assert "s3cret" not in outcome.answer


def test_nobody_reached_is_later(caplog: pytest.LogCaptureFixture) -> None:
    """The details, which name the address, reach nobody's log."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with caplog.at_level(logging.DEBUG):
        outcome = send(f"json://127.0.0.1:{port}/s3cret", BODY)
    assert outcome.result is Result.LATER
    assert "s3cret" not in outcome.answer + caplog.text


@pytest.mark.parametrize(
    ("token", "message", "result"),
    [
        ({"errcode": 0, "access_token": "t"}, {"errcode": 0}, Result.ACCEPTED),
        ({"errcode": 0, "access_token": "t"}, {"errcode": 81013}, Result.REFUSED),
        ({"errcode": 0, "access_token": "t"}, {"errcode": -1}, Result.LATER),
        ({"errcode": 40001}, None, Result.REFUSED),
        ({"errcode": 0}, None, Result.LATER),
    ],
)
def test_wecoms_own_codes_decide(
    monkeypatch: pytest.MonkeyPatch, token: dict[str, Any], message: dict[str, Any] | None, result: Result
) -> None:
    """It answers 200 whatever it thinks. One person is written to."""
    import requests

    posts: list[dict[str, Any]] = []

    def get(*_: Any, **__: Any) -> SimpleNamespace:
        return SimpleNamespace(status_code=200, content=json.dumps(token).encode())

    def post(*_: Any, data: bytes, **__: Any) -> SimpleNamespace:
        posts.append(json.loads(data))
        return SimpleNamespace(status_code=200, content=json.dumps(message).encode())

    monkeypatch.setattr(requests, "get", get)
    monkeypatch.setattr(requests, "post", post)
    outcome = send("wechat://ww12:s3cret@1000002/zhangsan", BODY)
    assert outcome.result is result, outcome
    assert "s3cret" not in outcome.answer
    assert [post["touser"] for post in posts] == (["zhangsan"] if message else [])


ROBOTS = {
    "wecombot": ("NotifyWeComBot", "http://{place}/send?key={{key}}", "text/content"),
    "dingtalk": ("NotifyDingTalk", "http://{place}/send?access_token={{token}}", "text/content"),
    "feishu": ("NotifyFeishu", "http://{place}/hook/{{token}}/", "content/text"),
}
"""By scheme: apprise's plugin, its service's address as a server on this machine, where the line stands."""


@pytest.mark.parametrize(
    ("scheme", "said", "result"),
    [
        ("wecombot", {"errcode": 0, "errmsg": "ok"}, Result.ACCEPTED),
        ("wecombot", {"errcode": 93000, "errmsg": "invalid webhook url s3cretkey"}, Result.REFUSED),
        ("wecombot", {"errcode": 45009, "errmsg": "api freq out of limit"}, Result.LATER),
        ("dingtalk", {"errcode": 0, "errmsg": "ok"}, Result.ACCEPTED),
        ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, Result.REFUSED),
        ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, Result.LATER),
        ("feishu", {"code": 0, "msg": "success", "StatusCode": 0}, Result.ACCEPTED),
        ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, Result.REFUSED),
        ("feishu", {"code": 11232, "msg": "frequency limited"}, Result.LATER),
        ("feishu", None, Result.ACCEPTED),
    ],
)
def test_a_groups_service_answers_200_whatever_it_thinks_and_what_it_thinks_is_told(
    monkeypatch: pytest.MonkeyPatch, scheme: str, said: dict[str, Any] | None, result: Result
) -> None:
    """Its plugin of apprise is the real one, and calls a server on this machine."""
    import apprise

    plugin, address, where = ROBOTS[scheme]
    with web_server(200, says=json.dumps(said).encode() if said else b"thanks") as (place, posts):
        cls = type(apprise.Apprise.instantiate(f"{scheme}://s3cretkey"))
        assert cls.__name__ == plugin
        monkeypatch.setattr(cls, "notify_url", address.format(place=place))
        outcome = send(f"{scheme}://s3cretkey", NEUTRAL_LINE.encode())
    assert outcome.result is result, outcome
    assert "s3cretkey" not in outcome.answer
    if result is not Result.ACCEPTED:
        code = str(said["errcode"] if said and "errcode" in said else said and said["code"])
        assert code in outcome.answer
    [post] = posts
    outer, inner = where.split("/")
    assert "s3cretkey" in post["path"]
    assert post[outer][inner] == NEUTRAL_LINE


def test_a_text_that_a_service_would_cut_is_refused_whole() -> None:
    """Whoever reads half an alert has not been told; the next channel takes it."""
    outcome = send("wechat://ww12:s3cret@1000002/zhangsan", "催".encode() * 700)
    assert outcome.result is Result.REFUSED
    assert "2100 bytes long" in outcome.answer


def test_an_address_that_is_none_is_refused_before_anyone_is_called() -> None:
    assert send("mailto://x", BODY).result is Result.REFUSED


def test_a_person_reads_in_the_chat_what_stands_in_the_mail() -> None:
    """Subject, an empty line, the mail's plain text: nothing less."""
    text = chat().render(cast.reminder_mail()).decode()
    assert text.startswith(
        "【演示数据】【催办】3月14日调度2项逾期1个工作日\n\n【演示数据】地区水务局：请补报"
    )
    assert text.endswith("涉密信息不得填报。\n")


def test_a_test_message_says_that_it_is_one() -> None:
    with web_server(200) as (place, posts):
        assert try_chat(send, f"json://{place}/").result is Result.ACCEPTED
    assert [(post["title"], post["message"]) for post in posts] == [(SUBJECT, TEXT)]
    assert "测试" in SUBJECT
