"""Everything known of one message: what it is about, every handing over, and the text as it left."""

import email
import email.policy
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.outbox import waits_by_itself
from eco_workflow.store.tables import (
    Attempt,
    Case,
    Contact,
    Item,
    Line,
    Message,
    Notice,
    Plan,
    Round,
    Told,
    Unit,
)


def message(session: Session, viewer: Viewer, message_id: int, now: datetime) -> dict[str, Any]:
    """One message, and what it waits for at `now`. Raises `WrongInput` where there is none, `Refused` for who
    may not see its unit.
    """
    row = session.get(Message, message_id)
    if row is None:
        raise WrongInput(f"There is no message {message_id}. See: eco outbox list")
    contact = session.get_one(Contact, row.contact_id)
    if not viewer.sees(contact.unit_id):
        raise Refused(f"{viewer.name} sees the own unit's messages only; {message_id} is another's.")
    attempts = session.exec(
        select(Attempt).where(Attempt.message_id == message_id).order_by(col(Attempt.n))
    ).all()
    lines = session.exec(
        select(Line).where(Line.message_id == message_id).order_by(col(Line.kind), col(Line.ref_id))
    ).all()
    told = session.get(Told, message_id)
    return {
        "id": row.id,
        "on": row.on_date,
        "occasion": row.occasion,
        "unit": session.get_one(Unit, contact.unit_id).short,
        "role": contact.role,
        "name": contact.name,
        "address": contact.address,
        "state": row.state,
        "sent_at": row.sent_at,
        "not_before": row.not_before if row.state == "pending" else None,
        "waits": waits_by_itself(session.get_one(Plan, row.plan_id), row, now),
        "lines": [_line(session, line) for line in lines],
        "attempts": [_attempt(attempt) for attempt in attempts],
        "told": told.model_dump(include={"means", "by", "said"}) if told else None,
        "text": _text(attempts[-1].body) if attempts else None,
    }


def _line(session: Session, line: Line) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "about": _about(session, line),
        "rung": line.rung or None,
        "principal": line.principal,
        "dropped": line.dropped,
    }


def _about(session: Session, line: Line) -> str:
    match line.kind:
        case "request" | "summary":
            return f"round of {session.get_one(Round, line.ref_id).on_date}"
        case "warning":
            return session.get_one(Item, line.ref_id).code
        case "notice":
            return session.get_one(Notice, line.ref_id).kind
    case = session.get_one(Case, line.ref_id)
    unit = session.get_one(Unit, case.unit_id).short
    item = session.get(Item, case.item_id)
    return f"case {case.id}: {unit}, {item.code if item else case.clock}"


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "n": attempt.n,
        "at": attempt.started_at,
        "address": attempt.address,
        "deputy": attempt.deputy,
        "result": attempt.result,
        "answer": attempt.answer,
        "bounced": attempt.bounced,
        "bytes": len(attempt.body) if attempt.body is not None else None,
        "digest": attempt.digest,
    }


def _text(body: bytes | None) -> str | None:
    """Subject and plain text of what was handed over last; None once it was purged."""
    if body is None:
        return None
    mail = email.message_from_bytes(body, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    plain = mail.get_body(("plain",))
    if plain is None or "Message-ID" not in mail:  # it went to a chat, where a text is all there is
        return body.decode("utf-8", "replace")
    attached = [f"\n[{part.get_filename()}]" for part in mail.iter_attachments()]
    return f"{mail['Subject']}\n\n{plain.get_content()}{''.join(attached)}"
