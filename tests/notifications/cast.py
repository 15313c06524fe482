"""The people, units and items that recur in these tests: the prefecture's water bureau above all."""

from dataclasses import replace
from datetime import UTC, date, datetime

from eco_workflow.domain.messages import (
    Alert,
    Envelope,
    Item,
    NextStep,
    Office,
    Recipient,
    Reminder,
    Request,
    Summary,
    Telling,
    UnitInRound,
)

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
    1, MARCH, MARCH_DUE, 1, 1, (RIVER_CHIEF, SHORELINE), NextStep(2, date(2022, 3, 22), "分管领导")
)
WATER_ALERT = Alert(
    unit="地区水务局",
    round_on=MARCH,
    due_at=MARCH_DUE,
    days_late=6,
    silent_rounds=1,
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
    silent_rounds=2,
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
        UnitInRound("地区水务局", 4, 1, False, "省级管控目标尚未下达"),
        UnitInRound("地区生态环境局", 14, 14, True),
        UnitInRound("地区交通运输局", 1, 1, False, "县(区)出行调查数据未汇总"),
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
    overdue = replace(REMINDER, round_on=FEBRUARY, due_at=FEBRUARY_DUE, days_late=8, silent_rounds=2)
    return replace(
        ENVELOPE,
        requests=(REQUEST,),
        reminders=(replace(overdue, rung=3, next_step=None),),
        alerts=(COURT_ALERT,),
        copies=(WATER_ALERT,),
        summaries=(SUMMARY,),
    )
