"""One message to see whether a channel works: it says that it is a test, and nothing else."""

from datetime import datetime
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.utils import format_datetime, make_msgid
from typing import Any

from eco_workflow.domain.clock import ZONE, wall_time
from eco_workflow.domain.messages import Attachment, Outcome, Send
from notifications.address import name_and_address
from notifications.attached import with_attachments
from notifications.utf8 import UTF8, text_part

SUBJECT = "【测试】创建办系统测试消息"
TEXT = "这是一条测试消息，无需办理。"
FILE = Attachment(
    "测试附件.txt", "text/plain; charset=utf-8", "这是一份测试附件，无需办理。\r\n".encode("utf-8-sig")
)
"""It begins with a mark by which old readers, too, know the content for UTF-8."""
ASKED = f"附件“{FILE.name}”如名称显示正常且能打开，即可正常收取附件。"


def try_mail(send: Send, sender: str, address: str, now: datetime) -> Outcome:
    """A marked test mail to an address, with an attachment that has a Chinese name."""
    _, from_address = name_and_address(sender)
    text = text_part(f"{TEXT}\r\n{ASKED}\r\n{wall_time(now)}\r\n")
    mail: Message[Any, Any] = with_attachments(MIMEMultipart("mixed"), text, (FILE,))
    mail["From"] = from_address
    mail["To"] = address
    mail["Subject"] = Header(SUBJECT, UTF8)
    mail["Date"] = format_datetime(now.astimezone(ZONE))
    mail["Message-ID"] = make_msgid("test", domain=from_address.partition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    return send(address, mail.as_bytes())


def try_chat(send: Send, address: str) -> Outcome:
    """A marked test text to a channel; a group reads no more in it than a person."""
    return send(address, f"{SUBJECT}\n\n{TEXT}".encode())
