"""How facts are said in Chinese: dates, counts, who and what. The sentences stand in the templates."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from eco_workflow.domain.assigned import is_assigned
from eco_workflow.domain.clock import ZONE
from eco_workflow.domain.messages import Item, Notice, SheetLine, Summary, UnitInRound
from eco_workflow.domain.notices import KINDS, Fact, read_facts
from eco_workflow.domain.words import OFFICE

ROWS = 20
"""Rows of a table before the rest becomes a count. Alerts and copies have no such limit (DOMAIN 10)."""

ASKS = 3
"""Notices that ask for something and are said in the first lines before the rest becomes a count."""

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


def own_late(item: Item, days: int) -> str:
    """How late an item is: by its own due time where it has one, else by that of its round."""
    return late(days if item.days_late is None else item.days_late)


ROLES = {
    "lead": "牵头", "data_provider": "数据提供", "owner": "负责", "supporting": "配合", OFFICE: "核定"
}  # fmt: skip


def role(item: Item | SheetLine) -> str:
    """What the unit is to the item. Raises `KeyError` for a role nobody decided how to say."""
    return ROLES[item.role]


def place(item: Item) -> str:
    """Where the item comes from: its place in the plan, or who assigned it."""
    return item.place if is_assigned(item.code) else f"方案{item.place}"


def asked(item: Item) -> str:
    """What the unit is asked for."""
    if item.returned:
        return "补正后重新填报"
    if item.question == "occurred":
        return "申报是否发生"
    if item.question == "yes_no":
        return "只报有无进展"
    return "提供数据" if item.role == "data_provider" else "填报进展"


def worst_first(items: Iterable[Item]) -> list[Item]:
    """Returned answers first, then by due date, those without one last; otherwise as given."""
    return sorted(items, key=lambda item: (not item.returned, item.due_on or date.max))


@dataclass(frozen=True)
class Event:
    """A notice with its facts read; `asks`: the recipient has something to do."""

    kind: str
    on: date
    unit: str
    item: Item | None
    facts: dict[str, Fact]
    asks: bool


def events(notices: Iterable[Notice]) -> list[Event]:
    """What happened, in the order of `KINDS`; what is only to be known of one item in the order of the acts.

    `notices`: oldest first. Raises `ValueError` for one that is not complete.
    """
    order = list(KINDS)
    read = [
        Event(notice.kind, notice.on, notice.unit, notice.item, read_facts(notice), KINDS[notice.kind].asks)
        for notice in notices
    ]
    told = sorted(read, key=lambda event: (order.index(event.kind), event.on))
    acts: dict[tuple[str, str], list[Event]] = {}
    for event in read:
        if event.item and not event.asks:
            acts.setdefault((event.unit, event.item.code), []).append(event)
    # Suspended after it was resumed, it would seem to rest: each item's acts share the places they have.
    return [
        acts[event.unit, event.item.code].pop(0) if event.item and not event.asks else event for event in told
    ]


@dataclass(frozen=True)
class Tally:
    """A round's summary counted. A unit that could not be asked is `unreached`, never `silent`."""

    units: int
    entries: int
    answered: int
    silent: Sequence[UnitInRound]
    partial: Sequence[UnitInRound]
    returned: Sequence[UnitInRound]
    """Answered, and to be mended."""
    late: Sequence[UnitInRound]
    """Answered in full, but not on time."""
    obstacles: Sequence[UnitInRound]
    """Units that named what stands in the way."""


def tally(summary: Summary) -> Tally:
    """Counts units and entries of a round. Those that could not be asked are left out, and those of which
    everything was set aside: they owe no answer.
    """
    asked_units = [unit for unit in summary.units if unit.entries and unit.unit not in summary.unreached]
    return Tally(
        units=len(asked_units),
        entries=sum(unit.entries for unit in asked_units),
        answered=sum(unit.answered for unit in asked_units),
        silent=[u for u in asked_units if not u.answered and not u.returned],
        partial=[u for u in asked_units if 0 < u.answered < u.entries],
        returned=[u for u in asked_units if u.returned],
        late=[unit for unit in asked_units if unit.answered >= unit.entries and not unit.on_time],
        obstacles=[unit for unit in summary.units if unit.note],
    )


def dial(telephone: str) -> str:
    """What a phone dials: digits and a leading plus, so that nothing else gets into a link."""
    return "".join(sign for sign in telephone if sign in "+0123456789")


def paragraphs(text: str) -> list[str]:
    """The lines of a longer text that say something: each stands as a paragraph."""
    return [line.strip() for line in text.splitlines() if line.strip()]


FILTERS = {
    filter_.__name__: filter_
    for filter_ in (
        day,
        full_day,
        clock,
        full_clock,
        late,
        own_late,
        role,
        place,
        asked,
        worst_first,
        events,
        tally,
        dial,
        paragraphs,
    )
}
