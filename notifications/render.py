"""Words an envelope as a mail: subject, plain text and HTML from the templates, bytes ready to send."""

import hashlib
import re
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import Compat32
from email.utils import format_datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from eco_workflow.domain.address import why_unusable
from eco_workflow.domain.clock import ZONE
from eco_workflow.domain.messages import Envelope, Recipient, Render
from eco_workflow.domain.words import MEANS, MESSAGE_STATE, OFFICE, ROLE, STANDS
from notifications import cases, sections, words
from notifications.address import name_and_address
from notifications.attached import with_attachments
from notifications.utf8 import UTF8, text_part

_HEADER_SPECIALS = re.compile(r'[()<>\[\]:;@\\,"]')


class _MailPolicy(Compat32):
    """RFC 5322 with one exception: a Message-ID is never folded, since some servers lose a folded one.

    The older policy of Python's two: the newer one parses every header again, which takes four times as long.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name == "Message-ID":
            return f"{name}: {value}\r\n".encode("ascii")
        folded: bytes = super().fold_binary(name, value)
        return folded


_POLICY = _MailPolicy(linesep="\r\n")


@cache
def _templates() -> tuple[Template, Template, Template, Template]:
    """Subject, plain text, HTML and the sheet of a summary; compiled once in a process, which costs as much
    as some hundred mails.
    """
    # Two environments: a macro called from HTML must itself be compiled with escaping.
    html_environment = Environment(
        loader=PackageLoader("notifications"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=words.one_line,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    html_environment.filters.update(words.FILTERS | cases.FILTERS | sections.FILTERS)
    html_environment.globals.update(
        ROWS=words.ROWS,
        ASKS=words.ASKS,
        ROLE=ROLE,
        MEANS=MEANS,
        STANDS=STANDS,
        OFFICE=OFFICE,
        MESSAGE_STATE=MESSAGE_STATE,
    )
    text_environment = html_environment.overlay(autoescape=False)
    return (
        text_environment.get_template("layout.subject.j2"),
        text_environment.get_template("layout.text.j2"),
        html_environment.get_template("layout.html.j2"),
        text_environment.get_template("sheet.text.j2"),
    )


def renderer(sender: str) -> Render:
    """Makes a `Render` for mails from `sender`.

    `sender` is an address, or a name and an address; without a name the office's stands in From.

    The mail is complete (RFC 5322, CRLF), the same bytes for the same envelope. `message_id` is taken with
    its angle brackets. A recipient whose address is unusable is named in To without it: `Send` refuses it.
    Raises `WrongInput` when `sender` is neither.
    """
    sender_name, sender_address = name_and_address(sender)
    _, text_template, html_template, _ = _templates()

    def render(envelope: Envelope) -> bytes:
        facts = _facts(envelope)
        subject = _subject(facts)
        message = MIMEMultipart("alternative", boundary=_boundary(envelope), policy=_POLICY)
        message.attach(_part(text_template.render(facts), "plain"))
        message.attach(_part(html_template.render(facts, subject=subject), "html"))
        if envelope.attachments:
            whole = MIMEMultipart("mixed", boundary=_boundary(envelope, "mixed"), policy=_POLICY)
            message = with_attachments(whole, message, envelope.attachments)
        headers: dict[str, Any] = {
            "From": _named("From", sender_name or envelope.office.name, f"<{sender_address}>"),
            "To": _to(envelope.recipient),
            "Subject": Header(subject, UTF8, header_name="Subject"),
            "Date": format_datetime(envelope.written_at.astimezone(ZONE)),
            "Message-ID": envelope.message_id,
            "Auto-Submitted": "auto-generated",
        }
        for name, value in headers.items():
            message[name] = value
        return message.as_bytes()

    return render


def chat_text(envelope: Envelope) -> bytes:
    """Words an envelope for a chat between persons: the mail's subject, an empty line, its plain text."""
    facts = _facts(envelope)
    return f"{_subject(facts)}\n\n{_templates()[1].render(facts)}".encode()


def on_paper(envelope: Envelope) -> str:
    """Words the one summary of an envelope as text for paper, in the sentences of the mail."""
    *_, sheet = _templates()
    return sheet.render(envelope=envelope, on=envelope.on)


def _facts(envelope: Envelope) -> dict[str, Any]:
    return {"envelope": envelope, "on": envelope.on, "sections": sections.sections(envelope)}


def _subject(facts: dict[str, Any]) -> str:
    # Only the templates themselves hold line breaks; no fact does.
    return _templates()[0].render(facts).replace("\n", "")


def _boundary(envelope: Envelope, of: str = "") -> str:
    """`=_` occurs in no base64 line, so the boundary cannot occur in a part."""
    return "=_" + hashlib.sha256((envelope.message_id + of).encode()).hexdigest()[:32]


def _part(text: str, subtype: str) -> MIMEText:
    return text_part(text.replace("\n", "\r\n"), subtype, _POLICY)


def _to(recipient: Recipient) -> Header:
    if why_unusable(recipient.address):
        return _named("To", recipient.name or "unknown", ":;")
    return _named("To", recipient.name, f"<{recipient.address}>")


def _named(header: str, name: str, what: str) -> Header:
    """A display name that no reader takes for an address or a second recipient, and the address behind it."""
    display = _HEADER_SPECIALS.sub("", str(words.one_line(name))).strip()
    value = Header(display, UTF8, header_name=header) if display else Header(header_name=header)
    value.append(what, "us-ascii")
    return value
