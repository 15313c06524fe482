"""How facts are said in Chinese: dates, counts, who and what. The sentences stand in the templates."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from eco_workflow.domain.clock import ZONE
from eco_workflow.domain.messages import Alert, Envelope, Item, Reminder, Summary, UnitInRound

ROWS = 20
"""Rows of a table before the rest becomes a count. Alerts and copies have no such limit (DOMAIN 10)."""

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSAFE = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def one_line(value: object) -> object:
    """A fact as it may stand in a line: no line break that forges a line, no sign that turns the reading
    direction, nothing that cannot be encoded. Markup and anything but text is left as it is.
    """
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return _SURROGATE.sub("\ufffd", _UNSAFE.sub("", _BREAKS.sub(" ", value)))


def sections(envelope: Envelope) -> list[str]:
    """Which kinds of lines the mail holds, what is worst first: the stems of the templates' names."""
    kinds = {
        "alert": envelope.alerts,
        "reminder": envelope.reminders,
        "request": envelope.requests,
        "summary": envelope.summaries,
        "copies": envelope.copies,
    }
    return [kind for kind, lines in kinds.items() if lines]


def day(value: date, on: date) -> str:
    """`3月16日`; with the year when it is not the year of the mail, written on `on`."""
    year = "" if value.year == on.year else f"{value.year}年"
    return f"{year}{value.month}月{value.day}日"


def weekday(value: date) -> str:
    """`（周三）`, in full-width brackets."""
    return f"（{'周' + '一二三四五六日'[value.weekday()]}）"


def full_day(value: date, on: date) -> str:
    """`3月16日（周三）`."""
    return day(value, on) + weekday(value)


def clock(value: datetime, on: date) -> str:
    """`3月16日17:30`, in Shanghai."""
    local = value.astimezone(ZONE)
    return f"{day(local.date(), on)}{local:%H:%M}"


def full_clock(value: datetime, on: date) -> str:
    """`3月16日17:30（周三）`, in Shanghai."""
    return clock(value, on) + weekday(value.astimezone(ZONE).date())


def late(days: int) -> str:
    """How late, in whole working days; before the first one is over, only that it is late."""
    return f"逾期{days}个工作日" if days > 0 else "逾期不足1个工作日"


def role(item: Item) -> str:
    """What the unit is to the item. Raises `KeyError` for a role nobody decided how to say."""
    return {"lead": "牵头", "data_provider": "数据提供", "owner": "负责"}[item.role]


def asked(item: Item) -> str:
    """What the unit is asked for."""
    if item.returned:
        return "补正后重新填报"
    return "提供数据" if item.role == "data_provider" else "填报进展"


def worst_first(items: Iterable[Item]) -> list[Item]:
    """Returned answers first, then by due date, those without one last; otherwise as given."""
    return sorted(items, key=lambda item: (not item.returned, item.due_on or date.max))


def latest_first(cases: Iterable[Reminder] | Iterable[Alert]) -> list[Reminder | Alert]:
    """The longest silence first."""
    return sorted(cases, key=lambda case: (-case.days_late, -case.silent_rounds))


def rounds(cases: Iterable[Reminder | Alert], on: date) -> str:
    """The rounds that lines speak of: `3月14日调度`, `2月28日、3月14日调度`, `2月28日等3轮调度`."""
    days = [day(found, on) for found in sorted({case.round_on for case in cases})]
    return "、".join(days) + "调度" if len(days) <= 2 else f"{days[0]}等{len(days)}轮调度"


def units(alerts: Iterable[Alert]) -> int:
    """How many units a list speaks of."""
    return len({alert.unit for alert in alerts})


def items(alerts: Iterable[Alert]) -> int:
    """How many items a list speaks of."""
    return sum(len(alert.items) for alert in alerts)


def papers(alerts: Iterable[Alert]) -> str:
    """What is drafted for signature: `督办单2份、商请函1份`."""
    letters = sum(alert.independent for alert in alerts)
    orders = sum(not alert.independent for alert in alerts)
    drafted = [f"{name}{count}份" for name, count in (("督办单", orders), ("商请函", letters)) if count]
    return "、".join(drafted)


@dataclass(frozen=True)
class Told:
    """How many people were told of one rung, on one day, by one means."""

    rung: int
    on: date
    means: str
    people: int


def told(alerts: Iterable[Alert]) -> list[Told]:
    """All tellings of all alerts counted, in the order of the ladder and the calendar."""
    tellings = [telling for alert in alerts for telling in alert.tellings]
    kinds = sorted({(telling.rung, telling.on, telling.means) for telling in tellings})
    return [
        Told(*kind, people=sum((telling.rung, telling.on, telling.means) == kind for telling in tellings))
        for kind in kinds
    ]


@dataclass(frozen=True)
class Tally:
    """A round's summary counted. A unit that could not be asked is `unreached`, never `silent`."""

    units: int
    entries: int
    answered: int
    silent: Sequence[UnitInRound]
    partial: Sequence[UnitInRound]
    late: Sequence[UnitInRound]
    """Answered in full, but not on time."""
    obstacles: Sequence[UnitInRound]
    """Units that named what stands in the way."""


def tally(summary: Summary) -> Tally:
    """Counts units and entries of a round, those that could not be asked left out: they owe no answer."""
    asked_units = [unit for unit in summary.units if unit.unit not in summary.unreached]
    return Tally(
        units=len(asked_units),
        entries=sum(unit.entries for unit in asked_units),
        answered=sum(unit.answered for unit in asked_units),
        silent=[unit for unit in asked_units if unit.entries and not unit.answered],
        partial=[unit for unit in asked_units if 0 < unit.answered < unit.entries],
        late=[unit for unit in asked_units if unit.answered >= unit.entries and not unit.on_time],
        obstacles=[unit for unit in summary.units if unit.note],
    )


def dial(telephone: str) -> str:
    """What a phone dials: digits and a leading plus, so that nothing else gets into a link."""
    return "".join(sign for sign in telephone if sign in "+0123456789")


FILTERS = {
    filter_.__name__: filter_
    for filter_ in (
        day,
        full_day,
        clock,
        full_clock,
        late,
        role,
        asked,
        worst_first,
        latest_first,
        rounds,
        units,
        items,
        papers,
        told,
        tally,
        dial,
    )
}
