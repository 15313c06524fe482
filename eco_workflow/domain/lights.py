"""The light of an item, and of a unit: its worst open item's (DOMAIN 6).

Whether an item is overdue is handed in: the product has one overdue predicate (DOMAIN 4).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from fractions import Fraction
from typing import Literal

from eco_workflow.domain import pro_rata
from eco_workflow.domain.pro_rata import Span, Step
from eco_workflow.domain.words import REASON, STANDS
from eco_workflow.domain.working_days import WorkingDays

OPEN = ("not_started", "in_progress", "completed")
"""States of an item that something is still expected of; a claim is open until it is closed out."""
RESTING = {"suspended": REASON["suspended"], "not_applicable": REASON["not_applicable"]}


class Light(IntEnum):
    """Ordered: the worse, the higher. Grey says nothing, so one green item makes a unit green."""

    GREY = 0
    GREEN = 1
    YELLOW = 2
    RED = 3

    @property
    def code(self) -> str:
        """As in `words.LIGHT`, and in JSON."""
        return self.name.lower()


@dataclass(frozen=True)
class Thresholds:
    """The plan's own numbers: working days before the due date, percentage points, rounds, working days."""

    yellow_before_days: int
    behind_yellow: int
    behind_red: int
    repaired_rounds: int
    review_yellow_days: int
    review_red_days: int


@dataclass(frozen=True)
class Day:
    """The day for which lights are judged: the calendar, the days rounds opened on, the thresholds."""

    today: date
    days: WorkingDays
    rounds: tuple[date, ...]
    thresholds: Thresholds

    def is_fresh(self, repaired_on: date) -> bool:
        """Whether a red repaired on that day is too young for green: fewer rounds have opened since."""
        since = sum(repaired_on < opened <= self.today for opened in self.rounds)
        return since < self.thresholds.repaired_rounds


Answer = Literal["", "owed", "late"]


@dataclass(frozen=True)
class ItemFact:
    """What the light of an item for one unit is judged by."""

    state: str
    starts_on: date
    due_on: date | None = None
    """None where no date is held against the unit: external, data only, not settled since activation."""
    overdue: bool = False
    listed: bool = False
    """Past due at activation and not settled yet (DOMAIN 2, late loading)."""
    answer: Answer = ""
    """Whether an answer on it is owed, or late: all that can be said where no date is held against the unit
    (data providers, duties, declarations), since only the report clock runs there.
    """
    steps: tuple[Step, ...] = ()
    repaired_on: date | None = None
    """The day the last case on this item closed."""
    unproven: bool = False
    """It is late for want of evidence alone, whenever the work was due."""
    last_in_time: date | None = None
    """The day from which lateness is counted, where that is later than the due date."""
    rested: int = 0
    """Working days since then on which it was suspended: they are no lateness."""

    @property
    def is_started(self) -> bool:
        """Whether the unit has reported anything done."""
        return self.state != "not_started" or any(step.done_on for step in self.steps)

    @property
    def span(self) -> Span | None:
        """The time by which steps are measured; None without a due date."""
        return Span(self.starts_on, self.due_on) if self.due_on else None


@dataclass(frozen=True)
class Judged:
    """A light, why, and whether there ever was a red that was repaired: that mark stays."""

    light: Light
    reason: str
    marked: bool = False
    behind: Fraction | None = None
    """Percentage points the confirmed steps lag behind the time; None where the item is not measured so."""
    is_open: bool = True


Sign = tuple[Light, str]


def item_light(fact: ItemFact, day: Day) -> Judged:
    """The light of one item for one unit, with every reason that speaks for it."""
    repaired_on = _repaired_on(fact, day)
    marked = repaired_on is not None
    if fact.state == "closed":
        return Judged(Light.GREEN, REASON["closed"], marked, is_open=False)
    if fact.state in RESTING:
        return Judged(Light.GREY, RESTING[fact.state], marked, is_open=False)
    signs = [_standing(fact, day.today)]
    if fact.overdue:
        signs.append((Light.RED, _overdue(fact, day)))
    if fact.due_on is None and fact.answer == "late":
        signs.append((Light.RED, REASON["silent"]))
    if repaired_on is not None and day.is_fresh(repaired_on):
        signs.append((Light.YELLOW, REASON["repaired"].format(rounds=day.thresholds.repaired_rounds)))
    lag = None
    if fact.state != "completed" and fact.starts_on <= day.today:
        lag = _lag(fact, day.today)
        signs += [*_deadline(fact, day), *_pro_rata(fact, lag, day)]
    light = max(light for light, _ in signs)
    reason = "\uff1b".join(reason for found, reason in signs if found == light)
    return Judged(light, reason, marked, lag)


def report_light(late: bool, repaired_on: date | None, day: Day) -> Judged:
    """The report clock, which runs for the unit as a whole; grey when it has nothing to say."""
    marked = repaired_on is not None and repaired_on <= day.today
    if late:
        return Judged(Light.RED, REASON["silent"], marked)
    if repaired_on is not None and marked and day.is_fresh(repaired_on):
        rounds = day.thresholds.repaired_rounds
        return Judged(Light.YELLOW, REASON["answered_late"].format(rounds=rounds), marked)
    return Judged(Light.GREY, "", marked)


def review_light(waiting_since: date | None, day: Day, *, unreleased: int = 0) -> Judged:
    """What waits for review is held against the office alone (DOMAIN 4).

    `waiting_since`: the oldest of what waits for its decision; `unreleased`: working days by which the
    release of a round's summary is late.
    """
    waited = day.days.waited(waiting_since, day.today) if waiting_since else 0
    signs = [(Light.GREY, "")]
    if waited >= day.thresholds.review_yellow_days:
        light = Light.RED if waited >= day.thresholds.review_red_days else Light.YELLOW
        signs.append((light, REASON["review"].format(days=waited)))
    if unreleased:
        signs.append((Light.RED, REASON["unreleased"].format(days=unreleased)))
    worst = max(light for light, _ in signs)
    return Judged(worst, "\uff1b".join(reason for light, reason in signs if light == worst))


def unit_light(items: Sequence[tuple[str, Judged]], at_unit: Sequence[Judged] = ()) -> Judged:
    """A unit's light: the worst of its open items (code, judgement) and of what holds for it as a whole."""
    marked = any(judged.marked for judged in (*(judged for _, judged in items), *at_unit))
    opened = [(code, judged) for code, judged in items if judged.is_open]
    light = max((judged.light for judged in (*(j for _, j in opened), *at_unit)), default=Light.GREY)
    if light in (Light.YELLOW, Light.RED):
        reasons = [judged.reason for judged in at_unit if judged.light == light]
        # A late answer is said once for the unit, not again for what it was to be about.
        worst = [(code, judged) for code, judged in opened if judged.light == light]
        reasons += [f"{code} {judged.reason}" for code, judged in worst if judged.reason not in reasons]
        rest = REASON["rest"].format(count=len(reasons)) if len(reasons) > 1 else ""
        return Judged(light, reasons[0] + rest, marked)
    if not opened and items:
        return Judged(Light.GREEN, REASON["nothing_open"], marked)
    if light == Light.GREEN:
        return Judged(light, REASON["on_track"], marked)
    return Judged(light, _nothing_yet({judged.reason for _, judged in opened}), marked)


def _nothing_yet(reasons: set[str]) -> str:
    """Why a unit is grey: where none of its items has a date, nothing can be said of one."""
    for undated in ("asked", "not_asked"):
        if reasons and reasons <= {REASON["asked"], REASON["not_asked"]} and REASON[undated] in reasons:
            return REASON[undated]
    return REASON["nothing_due"]


def _repaired_on(fact: ItemFact, day: Day) -> date | None:
    found = [fact.repaired_on] if fact.repaired_on and fact.repaired_on <= day.today else []
    if fact.steps and fact.span:
        caught_up = pro_rata.caught_up_on(fact.steps, fact.span, day.today, day.thresholds.behind_red)
        found += [caught_up] if caught_up else []
    return max(found, default=None)


def _standing(fact: ItemFact, today: date) -> Sign:
    if fact.state == "completed":
        return Light.GREEN, REASON["claimed"]
    if fact.is_started:
        return Light.GREEN, REASON["on_track"]
    if today < fact.starts_on:
        start = fact.starts_on
        return Light.GREY, REASON["not_begun"].format(month=start.month, day=start.day)
    return Light.GREY, REASON[_not_started(fact)]


def _not_started(fact: ItemFact) -> str:
    if fact.due_on is not None:
        return "not_started"
    if fact.listed:
        return "listed"
    return "asked" if fact.answer else "not_asked"


def _overdue(fact: ItemFact, day: Day) -> str:
    if fact.unproven:
        return STANDS["evidence"]
    since = fact.last_in_time or fact.due_on
    late = day.days.waited(since, day.today) - fact.rested if since else 0
    said = REASON["overdue"].format(days=late) if late else REASON["just_overdue"]
    # Otherwise a claim is late on the indicator clock alone: the work was reported done.
    return f"{STANDS['indicator']}\uff0c{said}" if fact.state == "completed" else said


def _deadline(fact: ItemFact, day: Day) -> Iterator[Sign]:
    if fact.due_on is None or fact.overdue:
        return
    left = day.days.waited(day.today, fact.due_on)
    if fact.due_on < day.today:
        yield Light.YELLOW, REASON["past_due"]
    elif fact.due_on == day.today:
        yield Light.YELLOW, REASON["due_today"]
    elif left == 0:
        yield Light.YELLOW, REASON["due_now"]
    elif left <= day.thresholds.yellow_before_days:
        yield Light.YELLOW, REASON["near"].format(days=left)


def _lag(fact: ItemFact, today: date) -> Fraction | None:
    if not fact.steps or fact.span is None:
        return None
    return pro_rata.behind(pro_rata.confirmed(fact.steps, today), fact.span, today)


def _pro_rata(fact: ItemFact, lag: Fraction | None, day: Day) -> Iterator[Sign]:
    """Yellow by what is confirmed; red only by what the unit has not even claimed."""
    if lag is None or fact.span is None or lag < day.thresholds.behind_yellow:
        return
    done, sure = (share(fact.steps, day.today) for share in (pro_rata.claimed, pro_rata.confirmed))
    without_review = pro_rata.behind(done, fact.span, day.today)
    reason = REASON["behind"].format(points=pro_rata.in_words(lag))
    waits = REASON["steps_wait"] if done > sure else ""
    yield Light.RED if without_review > day.thresholds.behind_red else Light.YELLOW, reason + waits
