"""At a month's end units behind pro-rata go into a draft supervision report (DOMAIN 8).

The supervision office brings it to a leader to sign. Who has caught up before it is signed is left out, as
with every draft; where nobody is behind any more, or ever was, there is no report and nothing is owed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.pro_rata import in_words
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.find import check_day_to_close, plan_named
from eco_workflow.services.lights import lights
from eco_workflow.services.notices import tell_once
from eco_workflow.services.rhythm_close import close
from eco_workflow.services.rhythm_turns import Scheduled, lock, occurrence_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Item, Occurrence, Plan, ProRataLine, Unit

NOBODY = "月末无单位落后序时进度，未拟督查报告"
NOBODY_ANY_MORE = "签发前落后单位均已赶上序时进度，督查报告作废"


@dataclass(frozen=True)
class Behind:
    """A line of the report: percentage points behind when it was drafted."""

    unit: str
    item: str
    behind: str
    caught_up_on: date | None


@dataclass(frozen=True)
class SignedReport:
    """A report that a leader signed, and the lines that stood."""

    code: str
    signed_on: date
    by: str
    lines: tuple[Behind, ...]


def draft(session: Session, plan: Plan, row: Occurrence, now: datetime, days: WorkingDays) -> Occurrence:
    """Writes down who is behind; where nobody is, the month is done with."""
    found = _behind(session, plan, now, days)
    if not found:
        row.state, row.held_on, row.minutes = "done", shanghai_date(now), NOBODY
    session.add(row)
    session.flush()
    session.add_all(
        ProRataLine(plan_id=row.plan_id, code=row.code, unit_id=unit, item_id=item, behind=points)
        for (unit, item), points in found.items()
    )
    session.flush()
    return row


def ask_for_signature(session: Session, plan: Plan, row: Occurrence, one: Scheduled, today: date) -> None:
    """The supervision office is told to bring it to a leader."""
    lines = _lines(session, row)
    facts = {
        "period": one.turn.words,
        "code": row.code,
        "count": len(lines),
        "units": len({line.unit_id for line in lines}),
    }
    key = f"pro_rata_drafted:{plan.id}:{row.code}"
    tell_once(session, plan, plan.supervision_unit_id, "pro_rata_drafted", key, on=today, facts=facts)


def caught_up(
    session: Session, plan: Plan, still: Sequence[Occurrence], now: datetime, days: WorkingDays
) -> list[Occurrence]:
    """Of what is open, the reports of which nobody is behind any more."""
    drafts = [row for row in still if row.form == "pro_rata"]
    if not drafts:
        return []
    behind = _behind(session, plan, now, days)
    return [row for row in drafts if not any(_key(line) in behind for line in _lines(session, row))]


def close_unsigned(session: Session, row: Occurrence, now: datetime) -> None:
    """Ends a draft of which nobody is behind any more."""
    today = shanghai_date(now)
    for line in _lines(session, row):
        line.caught_up_on = line.caught_up_on or today
    row.minutes = NOBODY_ANY_MORE
    close(session, row, today, now)


def sign(
    database: Database, code: str, *, now: datetime, days: WorkingDays, by: Actor, plan: str | None = None
) -> SignedReport:
    """A leader signs the month's report. Who has caught up by now is left out.

    Raises `Refused` where it is no draft, or nobody is behind any more; `WrongInput` for an unknown code.
    """
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.SIGN_REPORT)
        check_day_to_close(session, plan_row, now)
        lock(session, plan_row)
        row = occurrence_named(session, plan_row, code, days)
        if row is None or row.form != "pro_rata":
            raise Refused(f"{code.upper()} is no drafted pro-rata report. See: eco rhythm list")
        if row.state != "open":
            raise Refused(f"{row.code} is {row.state} since {row.held_on}: there is nothing to sign.")
        today = shanghai_date(now)
        if today < row.opened_on:
            raise WrongInput(f"{row.code} was drafted on {row.opened_on}, a later day. Correct --now.")
        behind = _behind(session, plan_row, now, days)
        for line in _lines(session, row):
            line.caught_up_on = None if _key(line) in behind else today
        session.flush()
        standing = tuple(line for line in lines(session, row) if line.caught_up_on is None)
        if not standing:
            raise Refused(f"Nobody in {row.code} is behind any more. The next morning's run ends it.")
        row.recorded_by = by.name
        close(session, row, today, now)
        detail = {"code": row.code, "lines": [f"{line.unit} {line.item} {line.behind}" for line in standing]}
        audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="sign_pro_rata_report")
        return SignedReport(row.code, today, by.name, standing)


def lines(session: Session, row: Occurrence) -> tuple[Behind, ...]:
    """The report's lines, by unit and item."""
    rows = session.exec(
        select(ProRataLine, Unit.short, Item.code)
        .join(Unit, col(Unit.id) == ProRataLine.unit_id)
        .join(Item, col(Item.id) == ProRataLine.item_id)
        .where(ProRataLine.plan_id == row.plan_id, ProRataLine.code == row.code)
        .order_by(col(ProRataLine.unit_id), col(ProRataLine.item_id))
    )
    return tuple(Behind(unit, item, line.behind, line.caught_up_on) for line, unit, item in rows)


def _lines(session: Session, row: Occurrence) -> Sequence[ProRataLine]:
    of_report = select(ProRataLine).where(ProRataLine.plan_id == row.plan_id, ProRataLine.code == row.code)
    return session.exec(of_report).all()


def _key(line: ProRataLine) -> tuple[int, int]:
    return line.unit_id, line.item_id


def _behind(session: Session, plan: Plan, now: datetime, days: WorkingDays) -> dict[tuple[int, int], str]:
    """Unit and item → percentage points behind, by the definition of the lights."""
    rows = lights(session, Viewer("report"), plan=plan.code, now=now, days=days, behind=True)
    if not rows:
        return {}
    units = dict(session.exec(select(Unit.code, Unit.id).where(Unit.plan_id == plan.id)).all())
    items = dict(session.exec(select(Item.code, Item.id).where(Item.plan_id == plan.id)).all())
    return {
        (units[row.code] or 0, items[item.item] or 0): in_words(item.judged.behind or Fraction())
        for row in rows
        for item in row.items
    }
