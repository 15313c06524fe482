"""`eco contact channel` and `eco channel test`."""

import email
import email.policy
import io
import sqlite3
from email.message import EmailMessage
from unittest import mock

from tests.cli.terminal import NEXT_DAY, Terminal, assert_refused
from tests.notifications.mail_host import mail_host

LIAISON = ("地区财政局", "liaison")
WECHAT = "wechat://ww12:s3cret@1000002/zhangsan"


def test_channels_are_added_listed_without_their_secrets_and_removed(eco: Terminal) -> None:
    at = ("--now", NEXT_DAY)
    assert eco("contact", "channel", "add", *LIAISON, "wecombot://s3cret", *at).code == 0
    said = eco("contact", "channel", "add", *LIAISON, WECHAT, "--first", *at)
    assert "wechat://…@1000002/zhangsan" in said.out
    listed = eco("contact", "channel", "list", "地区财政局")
    assert listed.out.index("before mail") < listed.out.index("after mail")
    assert "neutral line" in listed.out
    rows = eco("contact", "channel", "list", "--json").json
    assert [row["carries"] for row in rows] == ["content", "neutral line"]
    number = str(rows[0]["channel"])
    assert eco("contact", "channel", "remove", *LIAISON, number, *at).code == 0
    assert [row["address"] for row in eco("contact", "channel", "list", "--json").json] == [
        "wecombot://…cret"
    ]
    with sqlite3.connect(eco.file) as connection:
        audited = " ".join(detail for (detail,) in connection.execute("SELECT detail FROM audit"))
    assert "zhangsan" in audited
    with mock.patch("sys.stdin", io.StringIO("feishu://s3cret\n")):
        assert "feishu://…cret" in eco("contact", "channel", "add", *LIAISON, "-", *at).out
    assert "s3cret" not in said.out + listed.out + audited


def test_a_channel_that_cannot_be_is_refused_in_words(eco: Terminal) -> None:
    add = ("contact", "channel", "add")
    at = ("--now", NEXT_DAY)
    assert_refused(eco(*add, *LIAISON, "mailto://x", *at), 2, "begins with one of wecombot")
    assert_refused(eco(*add, *LIAISON, "feishu://a?b=c", *at), 2, "feishu://TOKEN")
    assert_refused(eco(*add, "地区财政局", "chief", WECHAT, *at), 2, "liaison or leader")
    assert_refused(eco("contact", "channel", "remove", *LIAISON, "9", *at), 2, "no channel 9")


def test_a_test_message_is_marked_and_its_answer_printed(empty: Terminal) -> None:
    """It needs no database: whoever sets the mail server up tries it first."""
    said = empty("channel", "test", "me@eco.example")
    assert said.code == 0
    assert "me@eco.example: accepted: filed as" in said.out
    [mail] = (empty.home / "mail" / "me@eco.example" / "new").iterdir()
    arrived = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert isinstance(arrived, EmailMessage)
    text, [file] = arrived.get_body(("plain",)), arrived.iter_attachments()
    assert text is not None
    assert "无需办理" in text.get_content()
    assert file.get_filename() == "测试附件.txt"
    assert "无需办理" in file.get_content()
    down = empty("channel", "test", "me@eco.example", ECO_MAIL_URL="smtp://127.0.0.1:1")
    assert (down.code, "later: 127.0.0.1:1 did not take the mail" in down.out) == (1, True)
    assert "was not taken" in down.err
    with mail_host("drop before 250") as host:
        doubt = empty("channel", "test", "me@eco.example", ECO_MAIL_URL=f"smtp://127.0.0.1:{host.port}")
    assert (doubt.code, "me@eco.example: nobody knows: 127.0.0.1" in doubt.out) == (1, True)
    assert "Nobody knows whether the test message to me@eco.example arrived." in doubt.err
    assert_refused(empty("channel", "test", "me"), 2, "not of the form name@domain")
    nobody = empty("channel", "test", "json://127.0.0.1:1/s3cret")
    assert (nobody.code, "later: json://127.0.0.1:1/…cret" in nobody.out) == (1, True)


def test_what_a_server_says_is_shown_and_kept_on_one_line_that_drives_no_terminal(eco: Terminal) -> None:
    with mail_host("rude") as host:
        url = f"smtp://127.0.0.1:{host.port}"
        said = eco("channel", "test", "me@eco.example", ECO_MAIL_URL=url)
        assert eco("dispatch", "--direct", "--now", "2022-03-28T09:00:00+08:00", ECO_MAIL_URL=url).code == 0
    words = "550 5.1.1 ]0;gone no such user xxx"
    assert f"me@eco.example: refused: {words}" in said.out
    [answer] = eco.sql("SELECT DISTINCT answer FROM attempt WHERE result = 'refused'")[0]
    for shown in (said.out.partition("refused: ")[2].strip(), answer):
        assert shown.startswith(words)
        assert (len(shown), shown.isprintable()) == (500, True)


def test_old_texts_are_purged_by_command(eco: Terminal) -> None:
    assert eco("outbox", "purge", "--now", NEXT_DAY, "--json").json == {"purged": 0}
    said = eco("outbox", "purge", "--now", "2022-03-17T09:00:00+08:00", ECO_KEEP_BODIES_DAYS="2")
    assert "22 texts older than 2 days purged" in said.out
    number = str(eco("outbox", "list", "--json").json[0]["id"])
    assert "the text was purged; its digest was" in eco("outbox", "show", number).out
    assert_refused(eco("outbox", "purge", ECO_KEEP_BODIES_DAYS="0"), 2, "ECO_KEEP_BODIES_DAYS")
