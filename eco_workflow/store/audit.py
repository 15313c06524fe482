"""The audit log: append-only, one hash chain per plan (DESIGN, rule 10).

Each digest covers the row and the digest before it; the head stands on the plan's row, which is locked
last in every transaction, so that two acts on one plan never fork the chain.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, col, select

from eco_workflow.store.tables import Audit, Plan

GENESIS = ""


def digest(row: Mapping[str, Any]) -> str:
    """SHA-256 over the row's content and the digest before it."""
    at: datetime = row["at"]
    content = [
        row["plan_id"],
        row["n"],
        at.astimezone(UTC).isoformat(),
        row["actor"],
        row["action"],
        row["detail"],
        row["previous"],
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def record(
    session: Session, details: Mapping[int, Mapping[str, Any]], *, at: datetime, actor: str, action: str
) -> None:
    """Appends one row to the chain of each plan in `details` (plan id → what happened)."""
    session.flush()
    heads = session.exec(
        select(Plan.id, Plan.audit_rows, Plan.audit_head)
        .where(col(Plan.id).in_(details))
        .order_by(col(Plan.id))
        .with_for_update()
    ).all()
    rows = []
    for plan_id, count, head in heads:
        assert plan_id is not None
        row = {
            "plan_id": plan_id,
            "n": count + 1,
            "at": at,
            "actor": actor,
            "action": action,
            "detail": json.dumps(details[plan_id], ensure_ascii=False, sort_keys=True, default=str),
            "previous": head,
        }
        rows.append({**row, "digest": digest(row)})
    connection = session.connection()
    connection.execute(insert(Audit), rows)
    connection.execute(
        update(Plan.__table__)  # type: ignore[attr-defined]
        .where(col(Plan.id) == bindparam("of_plan"))
        .values(audit_rows=bindparam("of_n"), audit_head=bindparam("of_digest")),
        [{"of_plan": row["plan_id"], "of_n": row["n"], "of_digest": row["digest"]} for row in rows],
    )


def broken_at(session: Session, plan_id: int) -> int | None:
    """The number of the first row that does not fit the chain; None when the chain is whole."""
    previous, expected = GENESIS, 1
    for row in session.exec(select(Audit).where(Audit.plan_id == plan_id).order_by(col(Audit.n))):
        if row.n != expected or row.previous != previous or row.digest != digest(row.model_dump()):
            return expected
        previous, expected = row.digest, expected + 1
    plan = session.get_one(Plan, plan_id)
    return None if (plan.audit_head, plan.audit_rows) == (previous, expected - 1) else expected
