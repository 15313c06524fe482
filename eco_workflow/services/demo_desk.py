"""What the creation office does in the demo besides its rounds: it closes out, holds its meetings, issues."""

from datetime import date, datetime
from itertools import groupby

from sqlmodel import Session, col, select

from eco_workflow.domain.assigned import RECTIFICATION
from eco_workflow.domain.clock import instant
from eco_workflow.domain.viewer import Viewer
from eco_workflow.plans.demands import target_of
from eco_workflow.services import (
    findings,
    indicator_dates,
    indicator_facts,
    information,
    issues,
    pro_rata_report,
    review,
)
from eco_workflow.services.cast import PROMPT
from eco_workflow.services.demo_figures import BASE_PERIOD, base_of, claimed, task_of
from eco_workflow.services.demo_office import (
    END_OF_DAY,
    LEADER,
    MARKING,
    OPERATOR,
    REVIEW_ON,
    SUPERVISOR,
    DemoOffice,
    liaison,
)
from eco_workflow.services.find import document, host_of, plan_named
from eco_workflow.services.gaps import gaps
from eco_workflow.services.rhythm_done import done
from eco_workflow.store.tables import (
    Distribution,
    Item,
    Obligation,
    Occurrence,
    Proposal,
    Standing,
    Unit,
)

KEPT_LATER = {"C2022-05": date(2022, 6, 8)}
"""What the office does later than on its due day; this circular after it was late."""

RESOLVED = {
    "PM2022-Q1": (
        "地区住房城乡建设局: 报送污水管网改造进度: 2022-04-29",
        "地区财政局: 落实创建经费: 2022-05-16",
    ),
    "PM2022-Q2": ("地委组织部: 补报培训和考核材料: 2022-07-29", "地区林草局: 补报林草覆盖率数据: 2022-07-29"),
    "JC2022-10": ("地区住房城乡建设局: 报送污水处理率回落原因: 2022-11-30",),
}
"""Meeting to its resolutions, as typed behind `--resolution`."""

READERS = ("diweiban", "xingshuban", "ducha", "shengtaiju", "caizhengju")
"""The distribution list of every issue."""

CLOSED_OUT = ("indicator", "policy", "task", RECTIFICATION)
"""Kinds that are closed out once claimed, met and proven; milestones close with their phase."""


def closes(office: DemoOffice, day: date) -> list[str]:
    """On a Friday what all its units claim, what is met and proven is closed out; what was done, in words."""
    if day.weekday() != REVIEW_ON:
        return []
    with office.database.read() as session:
        ready = _ready(session, office.plan)
    now = instant(day, END_OF_DAY)
    for item, kind, unit, of_host in ready:
        by = SUPERVISOR if of_host else OPERATOR
        if kind == RECTIFICATION:
            note = f"{MARKING}\uff1a现场复核属实"
            findings.close(office.database, item, note=note, now=now, by=by, plan=office.plan)
        else:
            review.close(office.database, unit, item, now=now, by=by, plan=office.plan)
    return [f"closed out: {', '.join(item for item, *_ in ready)}"] if ready else []


def _ready(session: Session, plan: str) -> list[tuple[str, str, str, bool]]:
    """Item, kind, the unit that claimed it last, whether it is the host bureau's."""
    plan_row = plan_named(session, plan)
    host = host_of(session, plan_row)
    unproven = {gap.item for gap in gaps(session, plan_row)}
    rows = session.exec(
        select(Item, Unit.code, Obligation.state, Standing.verdict)
        .join(Obligation, col(Obligation.item_id) == Item.id)
        .join(Unit, col(Unit.id) == Obligation.unit_id)
        .outerjoin(Standing, col(Standing.item_id) == Item.id)
        .where(Item.plan_id == plan_row.id, col(Item.kind).in_(CLOSED_OUT))
        .where(Obligation.state != "not_applicable")
        .order_by(col(Item.id), col(Unit.id))
    ).all()
    ready = []
    for item, of_item in groupby(rows, key=lambda row: row[0]):
        owing = list(of_item)
        claims = [unit for _, unit, state, _ in owing if state == "completed"]
        is_met = owing[0][3] in (None, "met")
        if len(claims) == len(owing) and is_met and item.code not in unproven:
            ready.append((item.code, item.kind, claims[-1], host in claims))
    return ready


def keeps_rhythm(office: DemoOffice, day: date) -> list[str]:
    """What recurs and is due is held, handed in, issued or signed; what was done, in words."""
    with office.database.read() as session:
        plan_row = plan_named(session, office.plan)
        still = session.exec(
            select(Occurrence)
            .where(Occurrence.plan_id == plan_row.id, Occurrence.state == "open", Occurrence.due_on <= day)
            .order_by(col(Occurrence.due_on), col(Occurrence.code))
        ).all()
        due = [row for row in still if KEPT_LATER.get(row.code, day) <= day]
        if not due:
            return []
        offered = information.listed(session, Viewer(MARKING), plan=office.plan, unused=True)
    now = instant(day, END_OF_DAY)
    for row in due:
        words = f"{MARKING}\uff1a{row.title}"
        if row.form == "series":
            taken = [one.number for one in offered] if row.rhythm == "bulletin" else []
            issues.release(
                office.database, row.code, text=words, to=READERS, information=taken,
                now=now, days=office.days, by=OPERATOR, plan=office.plan,
            )  # fmt: skip
        elif row.form == "pro_rata":
            pro_rata_report.sign(
                office.database, row.code, now=now, days=office.days, by=LEADER, plan=office.plan
            )
        else:
            done(
                office.database, row.code, on=day, minutes=words, resolutions=RESOLVED.get(row.code, ()),
                now=now, days=office.days, by=OPERATOR, plan=office.plan,
            )  # fmt: skip
    return [f"held, issued or signed: {', '.join(row.code for row in due)}"]


def gives_receipts(office: DemoOffice, day: date) -> None:
    """On a Friday prompt units give their receipt of what was issued before that day."""
    if day.weekday() != REVIEW_ON:
        return
    prompt = [member.unit for member in office.cast.members if member.habit == PROMPT]
    with office.database.read() as session:
        plan_row = plan_named(session, office.plan)
        owing = session.exec(
            select(Distribution.code, Unit.code)
            .join(Unit, col(Unit.id) == Distribution.unit_id)
            .join(
                Occurrence,
                (col(Occurrence.plan_id) == Distribution.plan_id)
                & (col(Occurrence.code) == Distribution.code),
            )
            .where(Distribution.plan_id == plan_row.id, col(Distribution.received_on).is_(None))
            .where(col(Occurrence.held_on) < day, col(Unit.code).in_(prompt))
        ).all()
    now = instant(day, END_OF_DAY)
    for code, unit in owing:
        issues.receipt(
            office.database, code, unit, now=now, days=office.days, by=liaison(unit), plan=office.plan
        )


def record_what_others_set(office: DemoOffice, now: datetime) -> None:
    """The office records the superiors' figures and the bases of all trends."""
    with office.database.read() as session:
        indicators = document(session, plan_named(session, office.plan)).indicators
    source = f"{MARKING}\uff1a上级任务文件"
    for part in (part for indicator in indicators for part in target_of(indicator).parts):
        if part.needs_assigned:
            measure = "同比变化率" if part.needs_measure else ""
            task = indicator_facts.Task(f"{task_of(part):f}", source, date(2022, 2, 28), measure)
            indicator_facts.assign(office.database, part.code, task, now=now, by=OPERATOR, plan=office.plan)
        if part.needs_base:
            indicator_facts.set_base(
                office.database, part.code, f"{base_of(part):f}", period=BASE_PERIOD,
                source=f"{MARKING}\uff1a统计年鉴", now=now, by=OPERATOR, plan=office.plan,
            )  # fmt: skip


def agree_on_dates(office: DemoOffice, now: datetime, habits: tuple[str, ...]) -> str:
    """Lead units of these habits propose date and target figure of what they have not proposed yet; the
    office confirms, for its host bureau the supervision office.
    """
    members = {member.unit for member in office.cast.members if member.habit in habits}
    with office.database.read() as session:
        plan_row = plan_named(session, office.plan)
        host = host_of(session, plan_row)
        indicators = {one.id: one for one in document(session, plan_row).indicators}
        known = set(session.exec(select(Proposal.item_id, Proposal.unit_id)).all())
        owing = session.exec(
            select(Item, Unit, Obligation)
            .join(Obligation, col(Obligation.item_id) == Item.id)
            .join(Unit, col(Unit.id) == Obligation.unit_id)
            .where(Obligation.plan_id == plan_row.id, Item.kind == "indicator", Obligation.role == "lead")
            .where(Obligation.state != "not_applicable")
        ).all()
    wanted = [
        (item.code, unit.code, owed.due_on)
        for item, unit, owed in owing
        if (item.id, unit.id) not in known and unit.code in members
    ]
    for code, unit, due_on in wanted:
        # What a leader passed over is due by the pass's date, later than the plan's.
        passed = due_on is not None and indicators[code].due_on < now.date() <= due_on
        indicator_dates.propose(
            office.database, code, unit, due_on=due_on if passed and due_on else indicators[code].due_on,
            target=claimed(indicators[code]), source=f"{MARKING}\uff1a本单位测算",
            now=now, by=liaison(unit), plan=office.plan,
        )  # fmt: skip
        by = SUPERVISOR if unit == host else OPERATOR
        indicator_dates.confirm(
            office.database, code, unit, decision=f"{MARKING}\uff1a领导小组意见" if passed else "",
            reason=f"{MARKING}\uff1a限期补齐" if passed else "", now=now, by=by, plan=office.plan,
        )  # fmt: skip
    return f"dates and target figures agreed on: {len(wanted)} of {len(owing)}"
