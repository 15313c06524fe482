"""What happens in the demo beside rounds and answers, as a table: day, in words, and the service called."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.clock import instant
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import bounce, contacts, extension, hold, look, merge_units, progress, review
from eco_workflow.services.adhoc_round import plan_adhoc_round
from eco_workflow.services.cast import PHASE_1
from eco_workflow.services.demo_office import MARKING, OPERATOR, DemoOffice, liaison

Act = Callable[[DemoOffice, datetime], object]
"""A service called with its facts; its `now` is the event's."""

BEFORE_THE_RUN = time(8, 30)
IN_THE_AFTERNOON = time(17)
"""After the day's answers, before the office reviews."""


@dataclass(frozen=True)
class Event:
    """Something that happens on a day. `act`: None where the engine is off, up to and with `until`."""

    on: date
    what: str
    act: Act | None = None
    at: time = IN_THE_AFTERNOON
    until: date | None = None

    def is_outage(self, day: date) -> bool:
        """Whether the engine is off on that day because of it."""
        return self.act is None and self.on <= day <= (self.until or self.on)

    def as_json(self) -> dict[str, object]:
        """Day, hour and words."""
        return {"on": self.on, "until": self.until, "at": self.at.isoformat("minutes"), "what": self.what}

    def happen(self, office: DemoOffice) -> list[str]:
        """Does it; returns what was done, in words."""
        if self.act:
            self.act(office, instant(self.on, self.at))
        return [self.what]


def _said(text: str) -> str:
    return f"{MARKING}\uff1a{text}"


def _ask_adhoc(on: date, *items: str) -> Act:
    return lambda office, now: plan_adhoc_round(
        office.database, on=on, units=["chuangjianban"], items=items,
        note=_said("第一阶段节点月底到期\uff0c请反馈完成情况"), now=now, by=OPERATOR, plan=office.plan,
    )  # fmt: skip


def _close_out(unit: str, *items: str) -> Act:
    def act(office: DemoOffice, now: datetime) -> None:
        for item in items:
            review.close(office.database, unit, item, now=now, by=OPERATOR, plan=office.plan)

    return act


def _return(unit: str, item: str, reason: str) -> Act:
    return lambda office, now: review.return_(
        office.database, unit, item, _said(reason), office.days, now=now, by=OPERATOR, plan=office.plan
    )


def _mend(unit: str, item: str, note: str) -> Act:
    return lambda office, now: progress.submit(
        office.database, unit, item, Answer(status="in_progress", note=_said(note)),
        now=now, by=liaison(unit), plan=office.plan,
    )  # fmt: skip


def _bounce(address: str, sent_on: date, why: str) -> Act:
    def act(office: DemoOffice, now: datetime) -> None:
        with office.database.read() as session:
            sent = look.messages(session, Viewer(MARKING), plan=office.plan, state="sent", on=sent_on)
        [message] = [row["id"] for row in sent if row["address"] == address]
        bounce.bounce(office.database, message, _said(why), now=now, by=OPERATOR)

    return act


def _replace(unit: str, role: str, name: str, address: str) -> Act:
    def act(office: DemoOffice, now: datetime) -> None:
        person = contacts.Person(role, f"{name}\uff08{MARKING}\uff09", address)
        contacts.end(office.database, unit, role, now=now, by=OPERATOR, plan=office.plan)
        contacts.add(office.database, unit, person, now=now, by=OPERATOR, plan=office.plan)

    return act


def _merge(old: str, new: str) -> Act:
    return lambda office, now: merge_units.merge(
        office.database, old, new, now=now, by=OPERATOR, plan=office.plan
    )


def _hold(reason: str) -> Act:
    return lambda office, now: hold.hold(
        office.database, _said(reason), now=now, by=OPERATOR, plan=office.plan
    )


def _go_on() -> Act:
    return lambda office, now: hold.release(
        office.database, office.days, now=now, by=OPERATOR, plan=office.plan
    )


def _ask_extension(unit: str, item: str, until: date, reason: str) -> Act:
    return lambda office, now: extension.ask(
        office.database, unit, item, until=until, reason=_said(reason),
        now=now, by=liaison(unit), plan=office.plan,
    )  # fmt: skip


def _decide(unit: str, item: str, *, grant: bool, reason: str = "") -> Act:
    return lambda office, now: extension.decide(
        office.database, unit, item, grant=grant, reason=_said(reason) if reason else "",
        days=office.days, now=now, by=OPERATOR, plan=office.plan,
    )  # fmt: skip


STORY = (
    Event(date(2022, 2, 11), "ad-hoc round planned: M1.1–M1.3 of 地区创建办",
          _ask_adhoc(date(2022, 2, 14), *PHASE_1)),
    Event(date(2022, 2, 22), "closed out: M1.1–M1.3",
          _close_out("chuangjianban", *PHASE_1)),
    Event(date(2022, 3, 31), "returned: 地区财政局 I33",
          _return("caizhengju", "I33", "缺少数据来源")),
    Event(date(2022, 4, 1), "mended: 地区财政局 I33",
          _mend("caizhengju", "I33", "已补充数据来源")),
    Event(date(2022, 4, 7), "bounced: reminder to the leader of 地区教育局, rung 2",
          _bounce("fenguan@jiaoyuju.dxal.example", date(2022, 4, 6), "550 no such mailbox"), BEFORE_THE_RUN),
    Event(date(2022, 4, 8), "contact corrected: leader of 地区教育局",
          _replace("jiaoyuju", "leader", "分管领导·教育局", "xin@jiaoyuju.dxal.example"), BEFORE_THE_RUN),
    Event(date(2022, 4, 13), "engine off", until=date(2022, 4, 15)),
    Event(date(2022, 4, 20), "merged: 地委巡查办 into 地委督查室",
          _merge("xunchaban", "ducha")),
    Event(date(2022, 4, 22), "closed out: I04 of 地区水务局",
          _close_out("shuiwuju", "I04")),
    Event(date(2022, 4, 22), "closed out: P3 of 地区统计局",
          _close_out("tongjiju", "P3")),
    Event(date(2022, 5, 9), "engine off", until=date(2022, 5, 10)),
    Event(date(2022, 5, 17), "held: 地委全会期间暂停发函",
          _hold("地委全会期间暂停发函"), BEFORE_THE_RUN),
    Event(date(2022, 5, 20), "the plan goes on",
          _go_on(), BEFORE_THE_RUN),
    Event(date(2022, 5, 23), "extension asked: 地区交通运输局 I30 until 06-30",
          _ask_extension("jiaotongju", "I30", date(2022, 6, 30), "年度统计数据6月下旬发布")),
    Event(date(2022, 5, 25), "extension granted: 地区交通运输局 I30",
          _decide("jiaotongju", "I30", grant=True)),
    Event(date(2022, 5, 27), "closed out: I33 of 地区财政局",
          _close_out("caizhengju", "I33")),
    Event(date(2022, 5, 30), "extension asked: 地区住房城乡建设局 I27 until 08-31",
          _ask_extension("zhujianju", "I27", date(2022, 8, 31), "管网工程尚未验收")),
    Event(date(2022, 5, 31), "extension refused: 地区住房城乡建设局 I27",
          _decide("zhujianju", "I27", grant=False, reason="验收不影响已有数据的填报")),
)  # fmt: skip
