"""The audit chains: anchored outside the database, verified against what was anchored (DESIGN, rule 10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.audit_chain import Finding, Head
from eco_workflow.domain.clock import wall_time
from eco_workflow.domain.english import counted
from eco_workflow.store import anchors
from eco_workflow.store.anchors import Anchor, Anchored
from eco_workflow.store.audit import of_no_plan, tampered
from eco_workflow.store.tables import Audit, Night, Plan


@dataclass(frozen=True)
class Chain:
    """One plan's chain, and what was found wrong with it."""

    plan: str
    rows: int
    """How many are there, whatever the plan's row counts."""
    anchored_at: datetime | None
    """When its head was last anchored."""
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    """What is known and no forgery: rows that a restore gave up."""

    @property
    def wrong(self) -> list[str]:
        """What was found, in words."""
        return [f"{self.plan}: {finding.said}" for finding in self.findings]


@dataclass(frozen=True)
class Verified:
    """Every chain, and the file of anchors."""

    chains: tuple[Chain, ...]
    file: Path
    lines: int
    others: tuple[str, ...]
    """What is wrong with the file itself, and plans that were anchored and are no longer there."""
    lost: str
    """That the file lost what a night had anchored; empty where it did not."""

    @property
    def wrong(self) -> list[str]:
        """Everything that was found, a line each."""
        return [line for chain in self.chains for line in chain.wrong] + list(self.others)

    def as_json(self) -> dict[str, Any]:
        """By names; a finding by its kind and rows."""
        return {
            "whole": not self.wrong,
            "plans": [
                {
                    "plan": chain.plan,
                    "rows": chain.rows,
                    "anchored_at": chain.anchored_at,
                    "findings": [
                        {"kind": f.kind, "row": f.row, "until": f.until, "why": f.why} for f in chain.findings
                    ],
                    "notes": chain.notes,
                }
                for chain in self.chains
            ],
            "anchors": {"file": self.file, "lines": self.lines},
            "others": self.others,
        }


@dataclass(frozen=True)
class Heads:
    """What an anchoring wrote: a line for every chain that had grown since the last one."""

    file: Path
    written: int
    plans: int
    wrong: tuple[str, ...]
    """Chains that no longer hold what was anchored of them: not anchored anew."""
    lost: str
    """That the file had lost what a night had anchored, and begins anew; empty where it had not."""

    @property
    def complete(self) -> bool:
        """Whether there are chains, and every one is anchored."""
        return bool(self.plans) and not self.wrong

    def with_found(self, verified: Verified) -> list[str]:
        """What was wrong before this anchoring, and what the chains show after it, a line each."""
        return [*filter(None, [self.lost]), *verified.wrong]


def verify(session: Session, file: Path) -> Verified:
    """Walks every plan's chain, and compares it with the heads kept outside."""
    kept = anchors.read(file)
    plans = session.exec(select(Plan.id, Plan.code).order_by(col(Plan.code))).all()
    rows = dict(session.exec(select(Audit.plan_id, func.count()).group_by(col(Audit.plan_id))).all())
    chains = [_chain(session, plan_id or 0, code, rows.get(plan_id or 0, 0), kept) for plan_id, code in plans]
    gone = dict.fromkeys(line.plan for line in kept.lines if line.plan not in {code for _, code in plans})
    others = [f"{file}: {what}" for what in kept.broken]
    others += [f"{code}: the plan and its whole chain deleted: it was anchored outside" for code in gone]
    others += [
        f"{counted(stray, 'row')} inserted under a plan that is not there ({number})"
        for number, stray in of_no_plan(session)
    ]
    missing = lost(session, file, kept)
    others += [missing] if missing else []
    return Verified(tuple(chains), file, len(kept.lines), tuple(others), missing)


def lost(session: Session, file: Path, kept: Anchored) -> str:
    """That the file holds nothing, though a night anchored, as the database knows; else empty.
    `kept`: what the file holds.
    """
    last = session.exec(select(func.max(Night.at)).where(col(Night.anchored))).one()
    if last is None or kept.lines:
        return ""
    return (
        f"{file} held nothing, though a night anchored on {wall_time(last)}: what was cut off before is not "
        "found without its lines. A backup made until then has them; bring them back, then: eco audit verify"
    )


def _chain(session: Session, plan_id: int, code: str, rows: int, kept: Anchored) -> Chain:
    binding = kept.of(code)
    notes = [
        f"{counted(last - line.head.rows + 1, 'row')} from {line.head.rows} on given up "
        f"when a backup was restored on {wall_time(line.at)}"
        for line, last in kept.given_up(code)
    ]
    found = tampered(session, plan_id, [line.head for line in binding])
    return Chain(code, rows, binding[-1].at if binding else None, tuple(found), tuple(notes))


def anchor(session: Session, file: Path, *, now: datetime, by: str, event: str = "anchor") -> Heads:
    """Writes the heads of the chains down, outside the database; again changes nothing.

    A chain that no longer holds what was anchored before is left as it is, and named. A file that lost its
    lines begins anew, and that is said.
    """
    wrong: list[str] = []
    written: list[Anchor] = []
    with anchors.appending(file) as writer:
        missing = "" if event == anchors.RESTORE else lost(session, file, writer.anchored)
        plans = session.exec(
            select(Plan.id, Plan.code, Plan.audit_rows, Plan.audit_head).order_by(col(Plan.code))
        ).all()
        for plan_id, code, rows, digest in plans:
            before = writer.anchored.of(code)[-1:]
            if before and event != anchors.RESTORE:
                if before[0].head == Head(rows, digest):
                    continue
                if not _holds(session, plan_id or 0, rows, before):
                    wrong.append(f"{code} does not hold what was anchored on {wall_time(before[0].at)}")
                    continue
            written.append(Anchor(now, event, by, code, Head(rows, digest)))
        if written:
            writer.append(written)
    return Heads(file, len(written), len(plans), tuple(wrong), missing)


def _holds(session: Session, plan_id: int, rows: int, before: Sequence[Anchor]) -> bool:
    """Whether the chain still has the row of the last anchor, as it was; of an empty one there is none."""
    [last] = before
    if last.head.rows == 0:
        return True
    row = session.exec(
        select(Audit.digest).where(Audit.plan_id == plan_id, Audit.n == last.head.rows)
    ).one_or_none()
    return rows >= last.head.rows and row == last.head.digest


def said(verified: Verified) -> str:
    """The outcome in one line."""
    rows = sum(chain.rows for chain in verified.chains)
    chains = counted(len(verified.chains), "chain")
    if verified.wrong:
        return f"Tampered with: {counted(len(verified.wrong), 'finding')} in {chains}."
    return f"{chains} of {counted(rows, 'row')}: whole."


def said_in_full(verified: Verified, also: Sequence[str] = ()) -> str:
    """The outcome, and every finding in a line of its own; `also`: what it kept from being anchored."""
    return "\n".join([said(verified), *(f"  {line}" for line in (*verified.wrong, *also))])
