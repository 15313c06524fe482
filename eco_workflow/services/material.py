"""What is prepared for the office's meetings and issues, as of now (DOMAIN 8)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.lights import OPEN
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.words import LIGHT
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.lights import UnitRow, lights
from eco_workflow.services.reverification import Verified, as_lines, verified
from eco_workflow.store.tables import InfoItem, Occurrence, Plan, Resolution, Unit


@dataclass(frozen=True)
class Resolved:
    """What a meeting resolved for a unit."""

    meeting: str
    unit: str
    text: str
    due_on: date


@dataclass(frozen=True)
class Offered:
    """An information item that no issue has taken up yet."""

    number: int
    unit: str
    text: str
    offered_on: date


@dataclass(frozen=True)
class Material:
    """The plan as of a day: what is open, every unit's light, what was resolved last, what was offered."""

    as_of: date
    open_items: int
    """Items for which a unit owes something still, claims included, what recurs for the office left out."""
    lights: tuple[UnitRow, ...]
    """Worst first."""
    resolutions: tuple[Resolved, ...]
    offered: tuple[Offered, ...]
    indicators: tuple[Verified, ...] = ()
    """For the yearly re-verification alone."""

    def count(self, light: str) -> int:
        """How many units show a light."""
        return Counter(row.judged.light.code for row in self.lights)[light]


def prepared(
    session: Session, plan: Plan, now: datetime, days: WorkingDays, *, reverifying: bool = False
) -> Material:
    """The material as of now, in the words of the whole office: no unit's own people see it.

    `reverifying`: with the figures of every indicator and their age.
    """
    rows = lights(session, Viewer("material"), plan=plan.code, now=now, days=days)
    recurring = set(session.exec(select(Occurrence.code).where(Occurrence.plan_id == plan.id)))
    items = {
        item.item for row in rows for item in row.items if item.state in OPEN and item.item not in recurring
    }
    return Material(
        as_of=shanghai_date(now),
        open_items=len(items),
        lights=tuple(rows),
        resolutions=last_resolutions(session, plan),
        offered=offered(session, plan),
        indicators=verified(session, plan, shanghai_date(now)) if reverifying else (),
    )


def last_resolutions(session: Session, plan: Plan) -> tuple[Resolved, ...]:
    """What the last meeting that resolved anything resolved."""
    last = session.exec(
        select(Occurrence.code)
        .join(
            Resolution,
            (col(Resolution.plan_id) == Occurrence.plan_id) & (col(Resolution.code) == Occurrence.code),
        )
        .where(Occurrence.plan_id == plan.id)
        .order_by(col(Occurrence.held_on).desc(), col(Occurrence.code))
    ).first()
    return resolutions_of(session, plan, last) if last else ()


def resolutions_of(session: Session, plan: Plan, code: str) -> tuple[Resolved, ...]:
    """What a meeting resolved, in order."""
    rows = session.exec(
        select(Resolution, Unit)
        .join(Unit, col(Unit.id) == Resolution.unit_id)
        .where(Resolution.plan_id == plan.id, Resolution.code == code)
        .order_by(col(Resolution.n))
    )
    return tuple(Resolved(code, unit.short, row.text, row.due_on) for row, unit in rows)


def offered(session: Session, plan: Plan) -> tuple[Offered, ...]:
    """Information items that no issue has taken up, oldest first."""
    rows = session.exec(
        select(InfoItem, Unit)
        .join(Unit, col(Unit.id) == InfoItem.unit_id)
        .where(InfoItem.plan_id == plan.id, InfoItem.used_in == "")
        .order_by(col(InfoItem.id))
    )
    return tuple(Offered(row.id or 0, unit.short, row.text, row.offered_on) for row, unit in rows)


def as_text(ready: Material) -> str:
    """The material as plain text, for whoever prepares the meeting or the issue."""
    counts = "、".join(
        f"{LIGHT[code][1]}{ready.count(code)}个" for code in ("red", "yellow", "green", "grey")
    )
    said = [f"截至{_day(ready.as_of)}：未办结事项{ready.open_items}项；各单位灯色{counts}。"]
    for code in ("red", "yellow"):
        shape, colour, _ = LIGHT[code]
        rows = [row for row in ready.lights if row.judged.light.code == code]
        said += [f"{shape} {colour}灯{len(rows)}个"] if rows else []
        said += [f"- {row.unit}：{row.judged.reason}" for row in rows]
    said += as_lines(ready.indicators) if ready.indicators else []
    if ready.resolutions:
        said.append(f"上次议定事项（{ready.resolutions[0].meeting}）")
        said += [f"- {one.unit}：{one.text}，期限{_day(one.due_on)}" for one in ready.resolutions]
    if ready.offered:
        said.append("待编信息")
        said += [f"- {one.number}号 {one.unit}：{one.text}" for one in ready.offered]
    return "\n".join(said)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
