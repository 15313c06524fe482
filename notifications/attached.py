"""Files that go with a mail, under Chinese names."""

import re
from collections.abc import Iterable
from email.encoders import encode_base64
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from pathlib import PurePosixPath

from eco_workflow.domain.messages import Attachment

LONGEST_NAME = 80
"""Characters of an attachment's name: nine bytes each, so that its line stays below the 998 of RFC 5322."""

_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


def with_attachments(
    mixed: MIMEMultipart, text: MIMEMultipart | MIMEText, files: Iterable[Attachment]
) -> MIMEMultipart:
    """`mixed`, which is empty, with the text and the files behind it."""
    mixed.attach(text)
    for file in files:
        main, _, sub = file.kind.partition("/")
        part = MIMENonMultipart(main, sub, policy=mixed.policy)
        part.set_payload(file.content)
        encode_base64(part)
        # RFC 2231: in a quoted or encoded word, half of the readers show a Chinese name as signs.
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", _file_name(file.name)))
        mixed.attach(part)
    return mixed


def _file_name(name: str) -> str:
    """A name that every system takes; a long one keeps its ending, by which the reader's machine opens it."""
    name = _NOT_IN_A_NAME.sub("_", name).strip()
    ending = PurePosixPath(name).suffix
    if len(name) <= LONGEST_NAME or len(ending) > 10:
        return name[:LONGEST_NAME] or "附件"
    return name[: LONGEST_NAME - len(ending)] + ending
