"""Mail over a protected line, with a login, and within what the server takes."""

import base64
from pathlib import Path

import pytest

from eco_workflow.domain.messages import Outcome, Result
from notifications.send import open_channel
from tests.notifications.mail_host import MailHost, certificate, mail_host

SENDER = "创建办 <office@eco.example>"
ADDRESS = "zhangsan@water.example"
MAIL = b"Subject: x\r\n\r\nthe text\r\n"
LOGIN = base64.b64encode(b"\0office\0secret")


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `localhost` that nobody trusts."""
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(pem: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, trusted by this machine."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    return pem


def told(url: str, host: MailHost, mail: bytes = MAIL, password: str = "", largest: int = 0) -> list[Outcome]:
    """Two mails by one channel."""
    url = f"{url}:{host.port}"
    folder = Path("unused")
    with open_channel(url, mail_folder=folder, sender=SENDER, password=password, largest=largest) as send:
        return [send(ADDRESS, mail) for _ in range(2)]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_mails_leave_over_one_protected_line_after_a_login(trusted: Path, scheme: str) -> None:
    with mail_host("", trusted, at_once=scheme == "smtps", login=b"PLAIN " + LOGIN) as host:
        outcomes = told(f"{scheme}://office@localhost", host, password="secret")
    assert [outcome.result for outcome in outcomes] == [Result.ACCEPTED] * 2
    assert (host.taken, host.connections) == ([(ADDRESS, MAIL)] * 2, 1)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_that_nobody_vouches_for_is_no_protection(pem: Path, scheme: str) -> None:
    """Not taken, and worth another try once it is mended; neither login nor mail were shown to it."""
    with mail_host("", pem, at_once=scheme == "smtps", login=b"PLAIN " + LOGIN) as host:
        outcome, _ = told(f"{scheme}://office@localhost", host, password="secret")
    assert outcome.result is Result.LATER
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.answer
    assert host.taken == []


def test_a_certificate_of_another_name_is_no_protection(trusted: Path) -> None:
    with mail_host("", trusted, at_once=True) as host:
        outcome, _ = told("smtps://127.0.0.1", host)
    assert outcome.result is Result.LATER
    assert "127.0.0.1" in outcome.answer


def test_a_server_that_does_not_offer_starttls_gets_nothing_in_the_clear() -> None:
    with mail_host() as host:
        outcome, _ = told("smtp+starttls://localhost", host)
    assert outcome.result is Result.LATER
    assert "STARTTLS" in outcome.answer
    assert host.taken == []


def test_a_refused_login_says_nothing_about_the_mail(trusted: Path) -> None:
    """It stays to be sent: an operator mends the password. The answer does not repeat it."""
    with mail_host("", trusted, at_once=True, login=b"PLAIN " + LOGIN) as host:
        outcome, _ = told("smtps://office@localhost", host, password="wr0ng")
    assert outcome.result is Result.LATER
    assert "535 5.7.8 wrong password" in outcome.answer
    assert "wr0ng" not in outcome.answer


def test_a_line_dropped_after_the_whole_mail_is_in_doubt_under_protection_too(trusted: Path) -> None:
    with mail_host("drop before 250", trusted, at_once=True) as host:
        outcome, _ = told("smtps://localhost", host)
    assert outcome.result is Result.NO_ANSWER


@pytest.mark.parametrize(("own", "servers"), [(20, 0), (0, 20), (20, 40)])
def test_a_mail_that_is_too_large_is_not_handed_over_and_the_address_is_not_blamed(
    own: int, servers: int
) -> None:
    with mail_host(size=servers) as host:
        outcome, again = told("smtp://127.0.0.1", host, largest=own)
    assert outcome.result is again.result is Result.REJECTED
    assert f"{len(MAIL)} bytes large" in outcome.answer
    assert "allows 20 bytes." in outcome.answer
    assert host.taken == []


def test_a_mail_of_just_the_size_is_taken() -> None:
    with mail_host(size=len(MAIL)) as host:
        assert told("smtp://127.0.0.1", host, largest=len(MAIL))[0].result is Result.ACCEPTED
