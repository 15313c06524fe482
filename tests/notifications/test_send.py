"""ECO_MAIL_URL: which channel it opens, and what it says when it cannot."""

from pathlib import Path

import pytest

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.messages import Result
from eco_workflow.settings import read_settings
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
        ("smtp+tls://mail.example", "begins with 'smtp+tls'"),
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
    assert "set maildir:///folder, smtps://" in said


@pytest.mark.parametrize(
    ("url", "password", "why"),
    [
        ("smtp://office:secret@mail.example", "", "in the clear"),
        ("smtps://office@mail.example", "", "without a password"),
        ("smtps://office:secret@mail.example", "secret", "given twice"),
        ("smtps://mail.example", "secret", "names no user"),
        ("smtps://office:secret%0A@mail.example", "", "printable ASCII"),
        ("smtps://office@mail.example", "秘密secret", "printable ASCII"),
        ("smtps://office:secret@mail.example/secret", "", "something behind the host"),
        ("smtps://office@mail.example:secret", "x", "is no port"),
        ("smtps://office:secret@:465", "", "names no host"),
        ("imaps://office:secret@mail.example", "", "begins with 'imaps'"),
    ],
)
def test_a_login_that_cannot_be_used_is_said_without_the_password(
    tmp_path: Path, url: str, password: str, why: str
) -> None:
    with (
        pytest.raises(WrongInput) as refused,
        open_channel(url, mail_folder=tmp_path, sender=SENDER, password=password),
    ):
        pass
    assert why in str(refused.value)
    assert "secret" not in str(refused.value)


def test_the_settings_name_a_password_in_a_file_and_never_show_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands neither in a list of processes nor in a printed setting; the file's last line end is none."""
    file = tmp_path / "password"
    file.write_text("secret\n", encoding="utf-8")
    monkeypatch.setenv("ECO_MAIL_PASSWORD_FILE", str(file))
    monkeypatch.setenv("ECO_MAIL_URL", "smtps://office:secret@mail.example")
    settings = read_settings()
    assert settings.read_mail_password() == "secret"
    monkeypatch.setenv("ECO_MAIL_PASSWORD", "secret")
    assert "secret" not in repr(read_settings())
    with pytest.raises(WrongInput, match="not both"):
        read_settings().read_mail_password()
    file.unlink()
    with pytest.raises(WrongInput, match="No such file"):
        settings.read_mail_password()


def test_a_sender_without_an_address_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(WrongInput, match="ECO_MAIL_FROM '创建办' cannot send mail"),
        open_channel("smtp://mail.example", mail_folder=tmp_path, sender="创建办"),
    ):
        pass
