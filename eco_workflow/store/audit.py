"""The audit log: append-only, one hash chain per plan (DESIGN, rule 10).

Each digest covers the row and the digest before it; the head stands on the plan's row, which is locked
last in every transaction, so that two acts on one plan never fork the chain.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, update
from sqlmodel import Session, col, select

from eco_workflow.domain.audit_chain import Finding, Head, digest, examine
from eco_workflow.store.session import ACTS
from eco_workflow.store.tables import Audit, Plan

RUN = "run"
"""The action of a run: its own lines in the log say more than one for each of its plans would."""


def record(
    session: Session, details: Mapping[int, Mapping[str, Any]], *, at: datetime, actor: str, action: str
) -> None:
    """Appends one row to the chain of each plan in `details` (plan id → what happened)."""
    session.flush()
    heads = session.exec(
        select(Plan.id, Plan.audit_rows, Plan.audit_head, Plan.code)
        .where(col(Plan.id).in_(details))
        .order_by(col(Plan.id))
        .with_for_update()
    ).all()
    rows = []
    for plan_id, count, head, code in heads:
        assert plan_id is not None
        if action != RUN:
            session.info.setdefault(ACTS, []).append((action, code, count + 1))
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


def tampered(session: Session, plan_id: int, anchored: Sequence[Head] = ()) -> list[Finding]:
    """What was done to a plan's chain, by row: nothing where it is whole and fits what was `anchored`."""
    rows = _rows(session, plan_id)
    plan = session.exec(select(Plan.audit_rows, Plan.audit_head).where(Plan.id == plan_id)).one()
    return examine(rows, Head(*plan), anchored)


def _rows(session: Session, plan_id: int) -> list[dict[str, Any]]:
    """A plan's rows by number. A time that is none, as nobody writes it through the program, is left out."""
    query = select(*Audit.__table__.columns)  # type: ignore[attr-defined]
    query = query.where(Audit.plan_id == plan_id).order_by(col(Audit.n))
    connection = session.connection()
    try:
        return [dict(row._mapping) for row in connection.execute(query)]
    except (TypeError, ValueError):
        numbers = session.exec(select(Audit.n).where(Audit.plan_id == plan_id).order_by(col(Audit.n))).all()
    rows = []
    for n in numbers:
        one = query.where(Audit.n == n)
        try:
            rows += [dict(row._mapping) for row in connection.execute(one)]
        except (TypeError, ValueError):
            timeless = one.with_only_columns(*(c for c in Audit.__table__.columns if c.name != "at"))  # type: ignore[attr-defined]
            rows += [{**row._mapping, "at": None} for row in connection.execute(timeless)]
    return rows


def of_no_plan(session: Session) -> Sequence[tuple[int, int]]:
    """Plan number and count of rows under plans that are not there: nobody wrote them through the program."""
    query = select(Audit.plan_id, func.count()).where(col(Audit.plan_id).not_in(select(Plan.id)))
    return session.exec(query.group_by(col(Audit.plan_id)).order_by(col(Audit.plan_id))).all()


def broken_at(session: Session, plan_id: int) -> int | None:
    """The number of the first row that does not fit the chain; None when the chain is whole."""
    return next((finding.row for finding in tampered(session, plan_id)), None)
