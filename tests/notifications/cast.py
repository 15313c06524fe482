"""The people, units and items that recur in these tests: the prefecture's water bureau above all."""

from dataclasses import replace
from datetime import UTC, date, datetime

from eco_workflow.domain.messages import (
    Alert,
    Envelope,
    Item,
    NextStep,
    Notice,
    Office,
    Order,
    Overdue,
    Recipient,
    Reminder,
    Request,
    RoundOfWeek,
    SheetLine,
    StillSilent,
    Summary,
    Task,
    TaskSheet,
    Telling,
    UnitInRound,
    WeeklyReport,
)
from eco_workflow.domain.notices import KINDS
from eco_workflow.domain.one_line import one_line_per_item

RIVER_CHIEF = Item("I04", "河长制", "lead", "五(一)4", date(2022, 5, 31), "各县(区)已印发年度工作要点")
SHORELINE = Item(
    "I16", "河湖岸线保护率", "lead", "五(五)16", date(2022, 5, 31), "基数已测算", "缺少省级管控目标文件"
)
WATER_USE = Item("I18", "单位地区生产总值用水量", "lead", "五(六)18", date(2022, 4, 29))
GREEN_GOODS = Item("I32", "绿色产品市场占有率", "data_provider", "五(九)32", date(2022, 5, 31))
COURT_CASES = Item("P4", "生态环境损害赔偿", "lead", "五(十一)4", date(2022, 5, 31))
WATER_ITEMS = (RIVER_CHIEF, SHORELINE, WATER_USE, GREEN_GOODS)

LIAISON = Recipient("张三", "liaison", "地区水务局", "zhangsan@water.example")
LEADER = Recipient("李四", "leader", "地区水务局", "lisi@water.example")
SUPERVISION = Recipient("王五", "liaison", "地委督查室", "wangwu@supervision.example")
HEAD = Recipient("赵六", "leader", "领导小组", "zhaoliu@leading.example")

FEBRUARY = date(2022, 2, 28)
FEBRUARY_DUE = datetime(2022, 3, 2, 9, 30, tzinfo=UTC)
MARCH = date(2022, 3, 14)
MARCH_DUE = datetime(2022, 3, 16, 9, 30, tzinfo=UTC)

ENVELOPE = Envelope(
    message_id="<dxal-2022.17.2022-03-14@eco.example>",
    plan="大兴安岭地区创建国家生态文明建设示范区实施方案",
    marking="演示数据",
    on=MARCH,
    written_at=datetime(2022, 3, 14, 1, 0, 5, tzinfo=UTC),
    recipient=LIAISON,
    office=Office("大兴安岭地区创建办", "0457-2730000"),
)

REQUEST = Request(MARCH, MARCH_DUE, WATER_ITEMS)
REMINDER = Reminder(
    1, MARCH, MARCH_DUE, 1, (MARCH,), (RIVER_CHIEF, SHORELINE), NextStep(2, date(2022, 3, 22), "分管领导")
)
WATER_ALERT = Alert(
    unit="地区水务局",
    round_on=MARCH,
    due_at=MARCH_DUE,
    days_late=6,
    silent_rounds=(MARCH,),
    items=(RIVER_CHIEF, WATER_USE),
    tellings=(
        Telling(1, date(2022, 3, 17), "地区水务局联络员（张三）", "邮件"),
        Telling(2, date(2022, 3, 22), "地区水务局分管领导（李四）", "邮件"),
        Telling(2, date(2022, 3, 22), "地区水务局联络员（张三）", "邮件"),
    ),
    independent=False,
)
COURT_ALERT = Alert(
    unit="地区中级人民法院",
    round_on=FEBRUARY,
    due_at=FEBRUARY_DUE,
    days_late=16,
    silent_rounds=(FEBRUARY, MARCH),
    items=(COURT_CASES,),
    tellings=(
        Telling(1, date(2022, 3, 3), "地区中级人民法院联络员（孙七）", "邮件"),
        Telling(2, date(2022, 3, 22), "地区中级人民法院分管领导（周八）", "电话"),
    ),
    independent=True,
)
SUMMARY = Summary(
    MARCH,
    (
        UnitInRound("地区水务局", 4, 1, False, note="省级管控目标尚未下达"),
        UnitInRound("地区生态环境局", 14, 14, True),
        UnitInRound("地区交通运输局", 1, 1, False, note="县(区)出行调查数据未汇总"),
        UnitInRound("地区中级人民法院", 1, 0, False),
        UnitInRound("地区林草局", 2, 0, False),
        UnitInRound("地区财政局", 1, 0, False),
    ),
    ("地区财政局",),
)


def request_mail() -> Envelope:
    """The water bureau's liaison on a round's day."""
    return replace(ENVELOPE, requests=(REQUEST,))


def reminder_mail() -> Envelope:
    """The same liaison on the first working day after the due time."""
    return replace(ENVELOPE, on=date(2022, 3, 17), reminders=(REMINDER,))


def alert_mail() -> Envelope:
    """The supervision office hears of two units."""
    return replace(ENVELOPE, on=date(2022, 3, 24), recipient=SUPERVISION, alerts=(WATER_ALERT, COURT_ALERT))


def summary_mail() -> Envelope:
    """The head of the leading group reads how the round went."""
    return replace(ENVELOPE, on=date(2022, 3, 16), recipient=HEAD, summaries=(SUMMARY,))


def mixed_mail() -> Envelope:
    """All kinds in one mail, on a round's day."""
    overdue = replace(
        REMINDER, round_on=FEBRUARY, due_at=FEBRUARY_DUE, days_late=8, silent_rounds=(FEBRUARY, MARCH)
    )
    return replace(
        ENVELOPE,
        requests=(REQUEST,),
        reminders=(replace(overdue, rung=3, next_step=None),),
        alerts=(COURT_ALERT,),
        copies=(WATER_ALERT,),
        summaries=(SUMMARY,),
    )


OFFICE_LIAISON = Recipient("钱九", "liaison", "大兴安岭地区创建办", "qianjiu@office.example")
WEEKLY = WeeklyReport(
    since=date(2022, 3, 14),
    until=date(2022, 3, 20),
    due=7,
    missed=(date(2022, 3, 16), date(2022, 3, 20)),
    late=(datetime(2022, 3, 17, 2, 30, tzinfo=UTC),),
    rounds=(RoundOfWeek(MARCH, 22, 18), RoundOfWeek(date(2022, 3, 18), 2, 1, adhoc=True)),
    skipped=(FEBRUARY,),
    messages=(("sent", 42), ("failed", 1), ("unknown", 1)),
    tasks=(
        Task("answer", 4, "eco report list", date(2022, 3, 15)),
        Task("summary", 1, "eco round list", date(2022, 3, 18)),
        Task("paper", 2, "eco case papers --drafts", date(2022, 3, 18)),
        Task("unsettled", 3, "eco item list --unsettled"),
        Task("unknown", 1, "eco outbox list --state unknown", MARCH),
        Task("failed", 1, "eco outbox list --state failed", MARCH),
        Task("untold", 1, "eco status", MARCH, ("地区审计局联络员",)),
        Task("no_contact", 2, "eco contact list", date(2022, 3, 15), ("地区水务局", "地区林草局")),
        Task("night", 2, "eco health", date(2022, 3, 18)),
        Task("calendar", 1, "eco calendar import FILE", date(2022, 4, 1)),
    ),
)


def weekly_mail() -> Envelope:
    """The office's liaison hears how the week went."""
    return replace(ENVELOPE, on=date(2022, 3, 21), recipient=OFFICE_LIAISON, weekly=(WEEKLY,))


def quiet_week_mail() -> Envelope:
    """In that week nothing was missed, and nothing waits."""
    quiet = replace(WEEKLY, missed=(), late=(), rounds=(), skipped=(), messages=(("sent", 0),), tasks=())
    return replace(weekly_mail(), weekly=(quiet,))


def task_sheet_mail() -> Envelope:
    """What the plan gives the water office to do; its leader hears it too."""
    lines = (
        SheetLine("I04", "河长制", "lead", "五(一)4", date(2022, 5, 31), "全面实施"),
        SheetLine("D16.1", "水利规划与工程落实环保要求", "owner", "四(十六)1"),
        SheetLine("I32", "绿色产品市场占有率", "data_provider", "五(九)32", date(2022, 5, 31), "≥50"),
        SheetLine("I08", "水环境质量", "supporting", "五(二)8", target="保持稳定或持续改善"),
    )
    sheet = TaskSheet(date(2021, 10, 1), date(2022, 12, 31), lines)
    return replace(ENVELOPE, task_sheets=(sheet,))


JUNE = date(2022, 6, 10)
JUNE_MORNING = datetime(2022, 6, 10, 1, 0, 5, tzinfo=UTC)
GREEN_BUILDING = Item("I24", "绿色建筑", "lead", "五(七)24", date(2022, 6, 30), "推进中")

WATER_USE_LATE = Overdue(
    unit="地区水务局",
    clock="task",
    rung=2,
    due_on=date(2022, 4, 29),
    days_late=28,
    item=WATER_USE,
    why="",
    next_step=NextStep(3, date(2022, 6, 14), "督查室"),
    tellings=(),
    independent=False,
)
RIVER_CHIEF_LATE = replace(
    WATER_USE_LATE,
    rung=1,
    due_on=date(2022, 5, 31),
    days_late=7,
    item=RIVER_CHIEF,
    next_step=NextStep(2, date(2022, 6, 15), "分管领导"),
)
SHORELINE_UNMET = replace(
    RIVER_CHIEF_LATE, clock="indicator", item=replace(SHORELINE, returned=""), why="现值78%，目标80%"
)
OWN_OVERDUE = (RIVER_CHIEF_LATE, SHORELINE_UNMET, WATER_USE_LATE)

LIAISON_TOLD = Telling(1, date(2022, 6, 1), "地区水务局联络员（张三）", "邮件")
LEADER_TOLD = Telling(2, date(2022, 6, 7), "地区水务局分管领导（李四）", "电话")
COURT_TOLD = Telling(2, date(2022, 6, 7), "地区中级人民法院分管领导（周八）", "信函")


def told_above(overdue: Overdue, *tellings: Telling) -> Overdue:
    """The same as the supervision office hears it."""
    return replace(overdue, rung=3, next_step=None, tellings=tellings)


WATER_OVERDUE = (
    told_above(RIVER_CHIEF_LATE, LIAISON_TOLD, LEADER_TOLD),
    told_above(SHORELINE_UNMET, LIAISON_TOLD, LEADER_TOLD),
    told_above(WATER_USE_LATE, replace(LIAISON_TOLD, on=date(2022, 5, 5)), LEADER_TOLD),
)
COURT_OVERDUE = replace(
    told_above(RIVER_CHIEF_LATE, COURT_TOLD), unit="地区中级人民法院", item=COURT_CASES, independent=True
)

FACTS = {
    "veto_occurred": {"by": "张三", "until": "2022-06-13", "note": "6月9日发生突发环境事件"},
    "veto_confirmed": {"by": "钱九", "declared_on": "2022-06-09", "reason": "现场核查属实"},
    "veto_undecided": {"declared_on": "2022-06-07", "until": "2022-06-08", "decides": "创建办"},
    "returned": {"reason": "缺少省级管控目标文件", "due_at": "2022-06-14T09:30:00+00:00"},
    "moved_by_hold": {
        "round_on": "2022-05-28",
        "old_due_at": "2022-06-01T09:30:00+00:00",
        "due_at": "2022-06-15T09:30:00+00:00",
        "reason": "系统停发10个工作日",
    },
    "moved_by_calendar": {
        "round_on": "2022-05-28",
        "old_due_at": "2022-06-13T09:30:00+00:00",
        "due_at": "2022-06-15T09:30:00+00:00",
        "reason": "国办发明电〔2021〕11号",
    },
    "due_by_calendar": {
        "old_due_on": "2022-07-07",
        "due_on": "2022-07-08",
        "reason": "国办发明电〔2021〕11号",
    },
    "reopened": {"value": "78%", "target": "不低于80%", "due_on": "2022-07-08"},
    "extension_refused": {
        "until": "2022-07-29",
        "reason": "前期工作未按序时推进",
        "first_due_on": "2022-05-31",
        "late_from": "2022-06-14",
        "by": "创建办",
    },
    "proposal_declined": {"due_on": "2022-07-29", "target": "96", "reason": "与省级规划不符"},
    "confirm_on_behalf": {"recorded": "推进中，已完成设计", "means": "telephone", "by": "钱九"},
    "rhythm_due": {
        "due_on": "2022-06-30",
        "late_from": "2022-07-06",
        "open_items": "58",
        "red": "3",
        "yellow": "2",
        "resolutions": "4",
    },
    "reverification_due": {
        "due_on": "2022-06-30",
        "late_from": "2022-07-06",
        "met": "30",
        "unmet": "2",
        "undetermined": "4",
        "outdated": "5",
    },
    "no_contact": {"role": "liaison", "why": "none", "above": "地委督查室"},
    "extension_asked": {"until": "2022-07-29", "reason": "等待省级数据", "by": "张三"},
    "suspension_asked": {"state": "suspended", "reason": "国家标准修订", "by": "钱九"},
    "report_drafted": {"addressee": "领导小组", "count": "46", "units": "21"},
    "note_drafted": {"addressee": "领导小组", "count": "2", "units": "1"},
    "pro_rata_drafted": {"period": "2022年5月", "code": "PRR2022-05", "count": "5", "units": "3"},
    "no_contact_long": {"since": "2022-06-01", "days": "6"},
    "veto_of_host": {
        "by": "张三",
        "until": "2022-06-13",
        "note": "6月9日发生突发环境事件",
        "decides": "地委督查室",
    },
    "veto_decided": {
        "by": "钱九",
        "declared_on": "2022-06-09",
        "found": "error",
        "reason": "不属重特大事件",
    },
    "phase_outlived": {"phase": "全面推进", "ended_on": "2022-05-31", "lacking": "12"},
    "value_wanted": {"year": "2021", "value": "2020"},
    "phase_closed": {"phase": "组织启动", "closed_on": "2022-06-09", "next": "全面推进"},
    "last_phase_closed": {"phase": "深化提升", "closed_on": "2022-06-09"},
    "phase_passed": {
        "phase": "组织启动",
        "closed_on": "2022-06-09",
        "next": "全面推进",
        "lacking": "16",
        "until": "2022-08-31",
    },
    "last_phase_passed": {
        "phase": "深化提升",
        "closed_on": "2022-06-09",
        "lacking": "1",
        "until": "2022-08-31",
    },
    "veto_cleared": {"by": "孙某", "document": "地区领导小组会议纪要第3号"},
    "issue_released": {
        "issue": "工作简报2022年第5期",
        "code": "B2022-05",
        "text": "全区创建工作推进会召开。\n\n河道清淤3公里。",
    },
    "veto_recalled": {"by": "张三", "declared_on": "2022-06-09"},
    "annulled": {
        "clock": "report",
        "opened_on": "2022-05-17",
        "stands": "over",
        "reason": "邮件服务器未投递",
        "asked_by": "钱九",
        "confirmed_by": "王五",
    },
    "merged": {"predecessor": "地区水务局", "successor": "地区水利局"},
    "renamed": {"old_name": "地区水务局", "new_name": "地区水利局"},
    "split": {"predecessor": "地区水务局", "successor": "地区水利局", "items": "I07、P3"},
    "resumed": {"reason": "国家标准已发布"},
    "suspended": {"reason": "国家标准修订"},
    "not_applicable": {"reason": "辖区无此类水体"},
    "extension_granted": {
        "until": "2022-06-30",
        "reason": "省级数据6月下达",
        "first_due_on": "2022-05-31",
        "by": "创建办",
    },
    "proposal_confirmed": {"due_on": "2022-07-29", "target": "96"},
    "settled_due": {"due_on": "2022-07-29", "first_due_on": "2022-05-31"},
    "settled_done": {"evidence": "档案第3卷"},
    "closed_out": {},
    "assigned": {"due_on": "2022-07-29"},
    "evidence_returned": {"file": "E1 绿色建筑占比数据及来源 2021", "reason": "缺少来源说明"},
    "evidence_quarantined": {"file": "E1 绿色建筑占比数据及来源 2021", "reason": "含不应报送的内容"},
    "resolved": {"closed_on": "2022-06-09", "how": "over"},
}
"""Facts of one notice of each kind."""

MAY_END = date(2022, 5, 31)
DUE_ON = {
    "reopened": date(2022, 7, 8),
    "assigned": date(2022, 7, 29),
    "due_by_calendar": date(2022, 7, 8),
    "rhythm_due": date(2022, 6, 30),
    "reverification_due": date(2022, 6, 30),
    "extension_granted": date(2022, 6, 30),
    "proposal_confirmed": date(2022, 7, 29),
    "settled_due": date(2022, 7, 29),
}
WITHOUT_ITEM = (
    "moved_by_hold",
    "moved_by_calendar",
    "no_contact",
    "report_drafted",
    "note_drafted",
    "pro_rata_drafted",
    "phase_outlived",
    "phase_closed",
    "last_phase_closed",
    "phase_passed",
    "last_phase_passed",
    "no_contact_long",
    "issue_released",
    "annulled",
    "merged",
    "renamed",
    "split",
)


def notice(kind: str) -> Notice:
    """One notice of a kind, about the water bureau and its green buildings."""
    item = None if kind in WITHOUT_ITEM else replace(GREEN_BUILDING, due_on=DUE_ON.get(kind, MAY_END))
    return Notice(kind, JUNE, "地区水务局", item, FACTS[kind])


JUNE_ENVELOPE = replace(ENVELOPE, on=JUNE, written_at=JUNE_MORNING)


def overdue_mail() -> Envelope:
    """The water bureau's liaison is late with three items."""
    return replace(JUNE_ENVELOPE, overdue=OWN_OVERDUE)


def warning_mail() -> Envelope:
    """Two items fall due within three working days."""
    return replace(
        JUNE_ENVELOPE,
        on=date(2022, 5, 27),
        warnings=(RIVER_CHIEF, replace(WATER_USE, due_on=date(2022, 5, 30))),
    )


def notice_mail() -> Envelope:
    """One decision in a message of its own."""
    return replace(JUNE_ENVELOPE, notices=(notice("extension_granted"),))


def notices_mail() -> Envelope:
    """Every kind of notice once."""
    return replace(
        JUNE_ENVELOPE, notices=tuple(map(notice, sorted(FACTS, key=lambda kind: KINDS[kind].asks)))
    )


def joint_alert_mail() -> Envelope:
    """The supervision office hears of silence and of overdue items in one mail."""
    silence = replace(COURT_ALERT, round_on=date(2022, 5, 28), due_at=datetime(2022, 6, 1, 9, 30, tzinfo=UTC))
    envelope = replace(
        JUNE_ENVELOPE,
        recipient=SUPERVISION,
        alerts=(replace(silence, days_late=6, silent_rounds=(silence.round_on,), tellings=(COURT_TOLD,)),),
        overdue_alerts=(*WATER_OVERDUE, COURT_OVERDUE),
    )
    return one_line_per_item(envelope)


WATER_STILL_SILENT = StillSilent(
    "地区水务局", MARCH_DUE, (MARCH, date(2022, 3, 28)), False, Order(date(2022, 3, 24), signed=True)
)
FORESTRY_STILL_SILENT = StillSilent("地区林草局", FEBRUARY_DUE, (FEBRUARY, MARCH, date(2022, 3, 28)), True)


def still_silent_mail() -> Envelope:
    """Of two units the supervision office was alerted before; they let a further round pass."""
    return replace(
        ENVELOPE,
        on=date(2022, 3, 31),
        recipient=SUPERVISION,
        still_silent=(FORESTRY_STILL_SILENT, WATER_STILL_SILENT),
    )


def overdue_and_silent_mail() -> Envelope:
    """The water bureau's liaison owes answers on two of the three overdue items, and on none beside."""
    asked = (replace(SHORELINE, days_late=1), replace(RIVER_CHIEF, days_late=7, parts=(("I04.1", "巡河率"),)))
    may_due = datetime(2022, 5, 31, 9, 30, tzinfo=UTC)
    silence = replace(REMINDER, round_on=date(2022, 5, 28), due_at=may_due, days_late=7, items=asked)
    step = NextStep(2, date(2022, 6, 15), "分管领导")
    reminder = replace(silence, silent_rounds=(silence.round_on,), next_step=step)
    return one_line_per_item(replace(overdue_mail(), reminders=(reminder,)))


def everything_mail() -> Envelope:
    """All there is in one mail, on a day in June."""
    may = date(2022, 5, 28)
    due_at = datetime(2022, 6, 1, 9, 30, tzinfo=UTC)
    june = date(2022, 6, 14)
    june_due_at = datetime(2022, 6, 16, 9, 30, tzinfo=UTC)
    envelope = replace(
        joint_alert_mail(),
        on=june,
        recipient=LIAISON,
        requests=(Request(june, june_due_at, (GREEN_BUILDING,)),),
        reminders=(
            replace(REMINDER, round_on=may, due_at=due_at, next_step=None, items=(RIVER_CHIEF, GREEN_GOODS)),
        ),
        still_silent=(WATER_STILL_SILENT,),
        overdue=OWN_OVERDUE[:2],
        warnings=(replace(GREEN_BUILDING, due_on=date(2022, 6, 17)),),
        notices=(notice("resolved"), notice("returned")),
        summaries=(replace(SUMMARY, round_on=may, units=SUMMARY.units[:2], unreached=()),),
        copies=(replace(WATER_ALERT, round_on=may, due_at=due_at, items=(RIVER_CHIEF,), tellings=()),),
        overdue_copies=(replace(WATER_OVERDUE[2], tellings=()),),
    )
    return one_line_per_item(envelope)
