"""What is late, sorted, counted and brought together for a mail: silence and overdue items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from eco_workflow.domain.messages import (
    Alert,
    Backlog,
    Item,
    NextStep,
    Overdue,
    Reminder,
    StillSilent,
    Telling,
    owed_longest,
)
from notifications.sections import Supervised
from notifications.words import day

_Silence = TypeVar("_Silence", Reminder, Alert)


def without_answer(case: Reminder | Alert | StillSilent) -> list[date]:
    """Of the rounds that a unit let pass those to which it gave no answer at all."""
    in_part = {one.round_on for one in case.in_part}
    return [printed for printed in case.silent_rounds if printed not in in_part]


def partly(cases: Iterable[Alert | Reminder | StillSilent]) -> list[Alert | Reminder | StillSilent]:
    """Those whose unit gave answers that stand to a round that it let pass."""
    return [case for case in cases if any(one.answered for one in case.in_part)]


def latest_first(cases: Iterable[_Silence]) -> list[_Silence]:
    """The longest silence first."""
    return sorted(cases, key=lambda case: (-case.days_late, -len(case.silent_rounds)))


def rounds(cases: Iterable[Reminder | Alert], on: date) -> str:
    """The rounds that lines speak of: `3月14日调度`, `2月28日、3月14日调度`, `2月28日等3轮调度`."""
    found = {item.round_on or case.round_on for case in cases for item in case.items}
    found |= {case.round_on for case in cases if not case.items}
    days = [day(one, on) for one in sorted(found)]
    return "、".join(days) + "调度" if len(days) <= 2 else f"{days[0]}等{len(days)}轮调度"


@dataclass(frozen=True)
class Part:
    """Items of a silence that were due at one time."""

    round_on: date
    due_at: datetime
    days_late: int
    items: int
    returned: bool
    """The office gave them back; their due time is not that of the round."""


def parts(silence: Reminder | Alert) -> list[Part]:
    """What was due when, the longest late first; one that names no item where it has none."""
    found: dict[tuple[date, datetime, int], list[Item]] = {}
    for item in silence.items:
        owed = owed_longest([item]) or (silence.round_on, silence.due_at, silence.days_late)
        found.setdefault(owed, []).append(item)
    if not found:
        found[silence.round_on, silence.due_at, silence.days_late] = []
    return [
        Part(*owed, items=len(of_part), returned=all(item.returned for item in of_part))
        for owed, of_part in sorted(found.items(), key=lambda part: part[0][1])
    ]


def units(cases: Iterable[Supervised]) -> int:
    """How many units a list speaks of."""
    return len({case.unit for case in cases})


def items(alerts: Iterable[Alert]) -> int:
    """How many items a list speaks of."""
    return sum(len(alert.items) for alert in alerts)


def on_clock(overdue: Iterable[Overdue], clock: str) -> list[Overdue]:
    """Those of one kind: `task`, `indicator` or `office`."""
    return [one for one in overdue if one.clock == clock]


def latest_items(overdue: Iterable[Overdue]) -> list[Overdue]:
    """The item that is late longest first; each row names the date from which it is counted."""
    dated = [replace(one, item=replace(one.item, due_on=one.due_on)) for one in overdue]
    return sorted(dated, key=lambda one: (-one.days_late, one.due_on))


@dataclass(frozen=True)
class Step:
    """What follows by rule for some of the items in a table."""

    clock: str
    step: NextStep | None
    codes: str
    """The items it is for; empty when it is for all of them."""


def steps(shown: Sequence[Overdue], overdue: Iterable[Overdue]) -> list[Step]:
    """What follows for the rows `shown` of `overdue`: the soonest first, what climbs no further last."""
    rows: dict[tuple[str, NextStep | None], list[Overdue]] = {}
    for one in shown:
        rows.setdefault((one.clock, one.next_step), []).append(one)
    same_for_all = len({(one.clock, one.next_step) for one in overdue}) == 1
    found = [Step(clock, step, "" if same_for_all else codes(those)) for (clock, step), those in rows.items()]
    return sorted(found, key=lambda one: (one.step.on if one.step else date.max, one.clock != "task"))


def is_signed(case: Supervised) -> bool:
    """Whether the order that lists the case waits for no signature any more."""
    return case.order is not None and case.order.signed


def papers(cases: Iterable[Supervised]) -> str:
    """What waits for signature, one a unit and day: `督办单2份、商请函1份`; empty when all are signed."""
    orders = {(case.unit, case.independent, case.order) for case in cases if not is_signed(case)}
    independent = [of_independent for _, of_independent, _ in orders]
    counts = (("督办单", independent.count(False)), ("商请函", independent.count(True)))
    return "、".join(f"{name}{count}份" for name, count in counts if count)


@dataclass(frozen=True)
class Unit:
    """What the supervision office hears of one unit."""

    name: str
    silent: Sequence[Alert]
    late: Sequence[Overdue]


def by_unit(alerts: Iterable[Alert], overdue: Iterable[Overdue]) -> list[Unit]:
    """Silence and overdue items brought together unit by unit, the unit that is late longest first."""
    silent, late = latest_first(alerts), latest_items(overdue)
    every: list[Alert | Overdue] = [*silent, *late]
    worst = sorted(every, key=lambda case: -case.days_late)
    return [
        Unit(
            name,
            [alert for alert in silent if alert.unit == name],
            [one for one in late if one.unit == name],
        )
        for name in dict.fromkeys(case.unit for case in worst)
    ]


@dataclass(frozen=True)
class Told:
    """How many people were told of one rung, on one day, by one means."""

    rung: int
    on: date
    means: str
    people: int


def told(cases: Iterable[Alert | Overdue | Backlog]) -> list[Told]:
    """Who was told counted, in the order of the ladder and the calendar.

    Who was told of several items on one day by one means was told once.
    """
    tellings = {telling for case in cases for telling in case.tellings}
    kinds = sorted({(telling.rung, telling.on, telling.means) for telling in tellings})
    return [
        Told(*kind, people=sum((telling.rung, telling.on, telling.means) == kind for telling in tellings))
        for kind in kinds
    ]


@dataclass(frozen=True)
class ToldOf:
    """Of which of a unit's items somebody was told."""

    telling: Telling
    codes: str


def told_of(overdue: Sequence[Overdue]) -> list[ToldOf]:
    """Who was told of which items, in the order of the ladder and the calendar."""
    tellings = dict.fromkeys(telling for one in overdue for telling in one.tellings)
    return [
        ToldOf(telling, codes(one for one in overdue if telling in one.tellings))
        for telling in sorted(tellings, key=lambda telling: (telling.rung, telling.on))
    ]


def untold(overdue: Iterable[Overdue]) -> str:
    """The items nobody was told of."""
    return codes(one for one in overdue if not one.tellings)


def codes(overdue: Iterable[Overdue]) -> str:
    """`I18、I04`."""
    return "、".join(one.item.code for one in overdue)


FILTERS = {
    filter_.__name__: filter_
    for filter_ in (
        without_answer,
        partly,
        latest_first,
        rounds,
        parts,
        units,
        items,
        on_clock,
        latest_items,
        steps,
        is_signed,
        papers,
        by_unit,
        told,
        told_of,
        untold,
    )
}
