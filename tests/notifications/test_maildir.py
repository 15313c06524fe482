"""Mail into folders: whole or not at all, and in no folder but its own."""

import mailbox
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eco_workflow.domain.messages import Result
from notifications.maildir import maildir

ADDRESS = "zhangsan@water.example"
MAIL = b"Subject: x\r\n\r\nline\r\n.\r\n"


def test_a_mail_is_filed_byte_for_byte_under_its_address(tmp_path: Path) -> None:
    with maildir(tmp_path / "var" / "mail") as send:
        outcome = send(ADDRESS, MAIL)
    (filed,) = (tmp_path / "var" / "mail" / ADDRESS / "new").iterdir()
    assert outcome.result is Result.ACCEPTED
    assert outcome.answer == f"filed as {filed}"
    assert filed.read_bytes() == MAIL
    assert len(mailbox.Maildir(filed.parents[1], create=False)) == 1


def test_every_handing_over_is_seen_even_of_the_same_mail(tmp_path: Path) -> None:
    """A sink that hid duplicates would make crash tests lie."""
    with maildir(tmp_path) as send:
        send(ADDRESS, MAIL)
        send(ADDRESS, MAIL)
    assert len(list((tmp_path / ADDRESS / "new").iterdir())) == 2


def test_an_address_cannot_leave_the_folder(tmp_path: Path) -> None:
    with maildir(tmp_path / "mail") as send:
        assert send("a/../../b%2F@water.example", MAIL).result is Result.REFUSED
        assert send("a/b%2F@water.example", MAIL).result is Result.REFUSED
        assert send("a+b@water.example", MAIL).result is Result.ACCEPTED
    assert [box.name for box in (tmp_path / "mail").iterdir()] == ["a+b@water.example"]


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("", "There is no mail address; enter one for this contact."),
        ("张三@water.example", "The mail address '张三@water.example' has characters outside ASCII;"),
        ("zhangsan@水务.example", "The mail address 'zhangsan@水务.example' has characters outside ASCII;"),
        ("zhangsan", "The mail address 'zhangsan' is not of the form name@domain; correct it."),
        ("a@b.example\r\nRCPT TO:<c@d.example>", "is not of the form name@domain; correct it."),
        ("..@water.example", "is not of the form name@domain; correct it."),
    ],
)
def test_an_unusable_address_is_refused_in_words(tmp_path: Path, address: str, answer: str) -> None:
    with maildir(tmp_path) as send:
        outcome = send(address, MAIL)
    assert outcome.result is Result.REFUSED
    assert answer in outcome.answer
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file in the way")
    with maildir(tmp_path / "mail") as send:
        outcome = send(ADDRESS, MAIL)
    assert outcome.result is Result.LATER
    assert "did not take the mail" in outcome.answer


@contextmanager
def disk_full_at(size: int) -> Iterator[None]:
    """No file grows beyond `size` bytes: as on a full disk, a write ends in the middle."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [200, 20_000])
def test_a_disk_that_fills_up_leaves_no_half_mail(tmp_path: Path, size: int) -> None:
    with maildir(tmp_path) as send:
        with disk_full_at(100):
            outcome = send(ADDRESS, b"x" * size)
        assert outcome.result is Result.LATER
        assert list((tmp_path / ADDRESS / "new").iterdir()) == []
        assert send(ADDRESS, MAIL).result is Result.ACCEPTED


def test_a_box_that_a_crash_left_half_made_works_again(tmp_path: Path) -> None:
    (tmp_path / ADDRESS / "tmp").mkdir(parents=True)
    with maildir(tmp_path) as send:
        assert send(ADDRESS, MAIL).result is Result.ACCEPTED


def test_a_mail_that_the_disk_does_not_confirm_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the box already: to say `later` would file it twice."""
    with maildir(tmp_path) as send:
        send(ADDRESS, MAIL)
        sync = os.fsync

        def fail_for_folders(handle: int) -> None:
            if Path(f"/proc/self/fd/{handle}").is_dir():
                raise OSError(5, "Input/output error")
            sync(handle)

        monkeypatch.setattr(os, "fsync", fail_for_folders)
        outcome = send(ADDRESS, MAIL)
    assert outcome.result is Result.NO_ANSWER
    assert len(list((tmp_path / ADDRESS / "new").iterdir())) == 2
