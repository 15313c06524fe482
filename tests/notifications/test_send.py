"""ECO_MAIL_URL: which channel it opens, and what it says when it cannot."""

from pathlib import Path

import pytest

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.messages import Result
from notifications.send import open_channel

SENDER = "创建办 <office@eco.example>"
ADDRESS = "zhangsan@water.example"


def test_without_a_url_mail_goes_into_the_mail_folder(tmp_path: Path) -> None:
    with open_channel(None, mail_folder=tmp_path / "mail", sender=SENDER) as send:
        assert send(ADDRESS, b"x").result is Result.ACCEPTED
    assert (tmp_path / "mail" / ADDRESS).is_dir()


def test_a_maildir_url_names_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "eco mail"
    with open_channel(f"maildir://{tmp_path}/eco%20mail", mail_folder=tmp_path, sender=SENDER) as send:
        assert send(ADDRESS, b"x").result is Result.ACCEPTED
    assert (folder / ADDRESS).is_dir()


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "smtp://127.0.0.1:1/"])
def test_an_smtp_url_names_the_server(tmp_path: Path, url: str) -> None:
    with open_channel(url, mail_folder=tmp_path, sender=SENDER) as send:
        outcome = send(ADDRESS, b"x")
    assert outcome.result is Result.LATER
    assert outcome.answer.startswith("127.0.0.1:1 did not take the mail: ")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "begins with ''"),
        ("ftp://x", "begins with 'ftp'"),
        ("var/mail", "begins with ''"),
        ("maildir://var/mail", "names no folder"),
        ("maildir:///", "names no folder"),
        ("maildir:///a%00b", "names no folder"),
        ("smtp://", "names no host"),
        ("smtp://mail.example:0", "names no host"),
        ("smtp://mail.example:x", "is no address"),
        ("smtp://[::1", "is no address"),
        ("smtp://a..b", "is no host name"),
        ("smtp://mail.example/box", "something behind the host"),
        ("smtp://mail.example?tls=1", "something behind the host"),
        ("smtps://mail.example", "TLS (smtps), which is not supported yet"),
        ("smtp://office:secret@mail.example", "login is not supported yet"),
    ],
)
def test_any_other_url_is_refused_in_words(tmp_path: Path, url: str, why: str) -> None:
    with (
        pytest.raises(WrongInput) as refused,
        open_channel(url, mail_folder=tmp_path, sender=SENDER),
    ):
        pass
    said = str(refused.value)
    assert said.startswith("ECO_MAIL_URL")
    assert why in said
    assert "maildir:///folder or smtp://host[:port]" in said
    assert "secret" not in said


def test_a_sender_without_an_address_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(WrongInput, match="ECO_MAIL_FROM '创建办' cannot send mail"),
        open_channel("smtp://mail.example", mail_folder=tmp_path, sender="创建办"),
    ):
        pass
