"""The light of an item, of the report clock, of the office, and of a unit: a table of cases (DOMAIN 4, 6)."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eco_workflow.domain.lights import (
    Answer,
    Day,
    ItemFact,
    Judged,
    Light,
    Thresholds,
    item_light,
    report_light,
    review_light,
    unit_light,
)
from eco_workflow.domain.pro_rata import Step
from eco_workflow.domain.words import LIGHT
from eco_workflow.services.calendar import published_calendar

DAYS = published_calendar()
THRESHOLDS = Thresholds(
    yellow_before_days=3,
    behind_yellow=10,
    behind_red=30,
    repaired_rounds=2,
    review_yellow_days=3,
    review_red_days=10,
)
GREY, GREEN, YELLOW, RED = Light.GREY, Light.GREEN, Light.YELLOW, Light.RED
ROUNDS = ("2022-03-14", "2022-03-28", "2022-04-14", "2022-04-28", "2022-05-14", "2022-05-28")


def d(text: str) -> date:
    """A date of 2022, e.g. `05-31`."""
    return date.fromisoformat(f"2022-{text}")


def on(text: str) -> Day:
    """The day judged, with the rounds of spring 2022."""
    return Day(d(text), DAYS, tuple(map(date.fromisoformat, ROUNDS)), THRESHOLDS)


def steps(*said: str) -> tuple[Step, ...]:
    """Steps as `weight`, `weight done 05-31` or `weight ok 05-31` (claimed and confirmed that day)."""
    made = []
    for text in said:
        weight, _, rest = text.partition(" ")
        state, _, day = rest.partition(" ")
        done = d(day) if day else None
        made.append(Step(int(weight), done, done if state == "ok" else None))
    return tuple(made)


@dataclass(frozen=True)
class Case:
    """What is true, and what is shown."""

    what: str
    today: str
    light: Light
    reason: str
    state: str = "in_progress"
    starts: str = "03-01"
    due: str | None = "05-31"
    overdue: bool = False
    steps: tuple[Step, ...] = ()
    repaired: str | None = None
    marked: bool = False
    answer: Answer = ""
    listed: bool = False

    def fact(self) -> ItemFact:
        """The facts alone."""
        due_on, repaired_on = (d(text) if text else None for text in (self.due, self.repaired))
        return ItemFact(
            self.state,
            d(self.starts),
            due_on,
            self.overdue,
            self.listed,
            self.answer,
            self.steps,
            repaired_on,
        )


HALF_AND_HALF = ("50 ok 03-02", "50")


def measured(
    what: str,
    today: str,
    light: Light,
    reason: str,
    *said: str,
    state: str = "in_progress",
    overdue: bool = False,
    marked: bool = False,
) -> Case:
    """An item with steps and 100 days, one percentage point a day: on 04-10 40 points have passed."""
    return Case(what, today, light, reason, state, "03-01", "06-09", overdue, steps(*said), None, marked)


CASES = [
    # Dates alone.
    Case("under way, far from its date", "03-15", GREEN, "正常推进"),
    Case("not started, far from its date", "03-15", GREY, "未启动，未到期限", state="not_started"),
    Case("before its phase", "03-15", GREY, "6月1日起", state="not_started", starts="06-01", due="08-31"),
    Case("on the first day of its phase", "06-01", GREEN, "正常推进", starts="06-01", due="08-31"),
    Case("begun before its phase", "03-15", GREEN, "正常推进", starts="06-01", due=None),
    Case("without a date, under way", "12-30", GREEN, "正常推进", due=None),
    # Where no date is held against the unit, the answer speaks.
    Case("without a date, never asked", "12-30", GREY, "暂无应填报事项", due=None, state="not_started"),
    Case("an answer owed", "03-15", GREY, "待填报，未到时限", due=None, state="not_started", answer="owed"),
    Case("an answer late", "03-17", RED, "填报逾期", due=None, state="not_started", answer="late"),
    Case("answered before, late again", "03-31", RED, "填报逾期", due=None, answer="late"),
    Case("answered before, asked again", "03-28", GREEN, "正常推进", due=None, answer="owed"),
    Case("with a date, the answer is the unit's as a whole", "03-17", GREEN, "正常推进", answer="late"),
    Case(
        "past due at activation",
        "03-01",
        GREY,
        "启用前已到期，待核定",
        due=None,
        state="not_started",
        listed=True,
    ),
    Case("4 working days before", "05-25", GREEN, "正常推进"),
    Case("3 working days before", "05-26", YELLOW, "距期限3个工作日"),
    Case("1 working day before", "05-30", YELLOW, "距期限1个工作日"),
    Case("the due day itself", "05-31", YELLOW, "今日到期"),
    Case("3 working days before, not started", "05-26", YELLOW, "距期限3个工作日", state="not_started"),
    Case("3 over Labour Day", "04-28", YELLOW, "距期限3个工作日", due="05-06"),
    Case("4 over Labour Day", "04-27", GREEN, "正常推进", due="05-06"),
    Case("inside the holiday", "05-01", YELLOW, "距期限2个工作日", due="05-06"),
    Case("3 with a make-up Saturday", "05-05", YELLOW, "距期限3个工作日", due="05-09"),
    Case("4 with a make-up Saturday", "04-29", GREEN, "正常推进", due="05-09"),
    Case("due on a Sunday, seen on Saturday", "05-28", YELLOW, "期限前已无工作日", due="05-29"),
    Case("past its date, not counted overdue", "06-01", YELLOW, "期限已过，尚未计逾期"),
    # Overdue is handed in.
    Case("overdue the day after", "06-01", RED, "逾期1个工作日", overdue=True),
    Case("overdue over the Dragon Boat holiday", "06-06", RED, "逾期3个工作日", overdue=True),
    Case("overdue, no working day yet", "05-29", RED, "已逾期", due="05-27", overdue=True),
    Case("overdue by another clock, no date", "05-29", RED, "已逾期", due=None, overdue=True),
    Case("overdue and not started", "06-01", RED, "逾期1个工作日", state="not_started", overdue=True),
    Case(
        "claimed, but not shown to be met",
        "06-01",
        RED,
        "已报完成，未确认达标，逾期1个工作日",
        state="completed",
        overdue=True,
    ),
    # States that end it or pause it.
    Case("claimed waits for review", "05-31", GREEN, "已报完成，待核", state="completed"),
    Case("claimed before its phase", "03-15", GREEN, "已报完成，待核", state="completed", starts="06-01"),
    Case("claimed, past its date", "06-30", GREEN, "已报完成，待核", state="completed"),
    Case("closed out", "06-30", GREEN, "已销号", state="closed"),
    Case(
        "closed out with a history", "06-30", GREEN, "已销号", state="closed", repaired="06-29", marked=True
    ),
    Case("suspended", "06-30", GREY, "已中止", state="suspended"),
    Case("not applicable", "06-30", GREY, "不适用", state="not_applicable"),
    # Pro-rata, where there are steps.
    measured("on the first day", "03-01", GREEN, "正常推进", "1", "1"),
    measured("9 points behind", "03-10", GREEN, "正常推进", "1"),
    measured("10 points behind", "03-11", YELLOW, "落后序时进度10个百分点", "1"),
    measured("30 points behind", "03-31", YELLOW, "落后序时进度30个百分点", "1"),
    measured("31 points behind", "04-01", RED, "落后序时进度31个百分点", "1"),
    measured("ahead", "03-20", GREEN, "正常推进", *HALF_AND_HALF),
    measured("half done, 59 passed", "04-29", GREEN, "正常推进", *HALF_AND_HALF),
    measured("half done, 60 passed", "04-30", YELLOW, "落后序时进度10个百分点", *HALF_AND_HALF),
    measured("half done, 80 passed", "05-20", YELLOW, "落后序时进度30个百分点", *HALF_AND_HALF),
    measured("half done, 81 passed", "05-21", RED, "落后序时进度31个百分点", *HALF_AND_HALF),
    measured("weights count, not steps", "04-30", GREEN, "正常推进", "7 ok 03-02", "2", "1"),
    measured("thirds stay exact: 10", "04-14", YELLOW, "落后序时进度10.7个百分点", "1 ok 03-02", "2"),
    measured("thirds stay exact: below 10", "04-13", GREEN, "正常推进", "1 ok 03-02", "2"),
    measured("thirds stay exact: just above 30", "05-04", RED, "落后序时进度30.7个百分点", "1 ok 03-02", "2"),
    Case(
        "a hair above 30 never reads as 30",
        "03-09",
        RED,
        "落后序时进度30.8个百分点",
        starts="03-01",
        due="03-27",
        steps=steps("1"),
    ),
    measured("all confirmed", "06-01", GREEN, "正常推进", "1 ok 03-02", "1 ok 03-02"),
    measured("confirmed later than today", "04-01", RED, "落后序时进度31个百分点", "1 ok 04-02"),
    Case("without a due date nothing is behind", "12-30", GREEN, "正常推进", due=None, steps=steps("1")),
    Case(
        "before its phase nothing is behind",
        "03-15",
        GREY,
        "6月1日起",
        state="not_started",
        starts="06-01",
        due="08-31",
        steps=steps("1"),
    ),
    measured("a claimed step is a start", "03-05", GREEN, "正常推进", "1 done 03-04", state="not_started"),
    measured(
        "not started is behind, too", "03-31", YELLOW, "落后序时进度30个百分点", "1", state="not_started"
    ),
    measured(
        "what waits for review is yellow, not red",
        "05-01",
        YELLOW,
        "落后序时进度61个百分点（有步骤待核）",
        "1 done 03-05",
    ),
    measured(
        "red by what is not even claimed",
        "05-01",
        RED,
        "落后序时进度61个百分点（有步骤待核）",
        "20 done 03-05",
        "80",
    ),
    measured(
        "claimed whole, steps not confirmed",
        "05-01",
        GREEN,
        "已报完成，待核",
        "1 done 03-05",
        state="completed",
    ),
    measured(
        "late and behind: both said",
        "06-10",
        RED,
        "逾期1个工作日；落后序时进度100个百分点",
        "1",
        overdue=True,
    ),
    measured(
        "near and behind: both said", "06-09", YELLOW, "今日到期；落后序时进度20个百分点", "80 ok 03-02", "20"
    ),
    # A repaired red.
    Case("repaired today", "04-10", YELLOW, "红灯消除未满2轮", repaired="04-10", marked=True),
    Case("repaired, no round since", "04-13", YELLOW, "红灯消除未满2轮", repaired="04-08", marked=True),
    Case(
        "repaired on a round's day: it does not count",
        "04-27",
        YELLOW,
        "红灯消除未满2轮",
        repaired="03-28",
        marked=True,
    ),
    Case("repaired 1 round ago", "04-27", YELLOW, "红灯消除未满2轮", repaired="04-08", marked=True),
    Case("repaired 2 rounds ago", "04-28", GREEN, "正常推进", repaired="04-08", marked=True),
    Case("repaired long ago: the mark stays", "05-20", GREEN, "正常推进", repaired="03-10", marked=True),
    Case(
        "repaired by a claim",
        "04-13",
        YELLOW,
        "红灯消除未满2轮",
        state="completed",
        repaired="04-08",
        marked=True,
    ),
    Case("repaired later than the day looked at", "04-07", GREEN, "正常推进", repaired="04-08"),
    Case("red again", "06-01", RED, "逾期1个工作日", overdue=True, repaired="05-10", marked=True),
    Case(
        "fresh and near: both said",
        "05-27",
        YELLOW,
        "红灯消除未满2轮；距期限2个工作日",
        repaired="05-24",
        marked=True,
    ),
    measured(
        "caught up today from 39 points behind",
        "04-10",
        YELLOW,
        "红灯消除未满2轮",
        "40 ok 04-10",
        "60",
        marked=True,
    ),
    measured("caught up one round ago", "04-20", YELLOW, "红灯消除未满2轮", "60 ok 04-10", "40", marked=True),
    measured("caught up two rounds ago", "04-28", GREEN, "正常推进", "60 ok 04-10", "40", marked=True),
    measured("caught up from 30 points was never red", "04-05", GREEN, "正常推进", "40 ok 03-31", "60"),
    measured(
        "caught up from 31 points was red",
        "04-05",
        YELLOW,
        "红灯消除未满2轮",
        "40 ok 04-01",
        "60",
        marked=True,
    ),
    measured(
        "a step that was not enough repairs nothing",
        "04-20",
        RED,
        "落后序时进度45个百分点",
        "5 ok 04-10",
        "95",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_the_light_of_an_item_and_its_reason(case: Case) -> None:
    """Colour, words and the permanent mark."""
    judged = item_light(case.fact(), on(case.today))
    assert (judged.light, judged.reason, judged.marked) == (case.light, case.reason, case.marked)


def test_the_lag_is_told_exactly_and_only_where_there_are_steps() -> None:
    """Percentage points as a fraction: documents and lists round it as they need."""
    third = ItemFact("in_progress", d("03-01"), d("06-09"), steps=steps("1 ok 03-02", "2"))
    behind = item_light(third, on("04-14")).behind
    assert (behind and behind.numerator, behind and behind.denominator) == (32, 3)
    assert item_light(ItemFact("in_progress", d("03-01"), d("06-09")), on("04-14")).behind is None


def test_the_thresholds_are_the_plans_own() -> None:
    """Another plan warns five working days ahead and reddens at 20 points."""
    strict = Thresholds(5, 5, 20, 0, 1, 2)
    day = Day(d("05-24"), DAYS, (), strict)
    assert item_light(ItemFact("in_progress", d("03-01"), d("05-31")), day).light == YELLOW
    assert item_light(ItemFact("in_progress", d("05-01"), d("08-09"), steps=steps("1")), day).light == RED
    assert item_light(ItemFact("in_progress", d("03-01"), repaired_on=d("05-24")), day).light == GREEN


@pytest.mark.parametrize(
    ("late", "repaired", "today", "expected"),
    [
        (False, None, "04-20", Judged(GREY, "")),
        (True, None, "04-20", Judged(RED, "填报逾期")),
        (True, "04-01", "04-20", Judged(RED, "填报逾期", marked=True)),
        (False, "04-20", "04-20", Judged(YELLOW, "补报未满2轮", marked=True)),
        (False, "04-14", "04-28", Judged(YELLOW, "补报未满2轮", marked=True)),
        (False, "04-13", "04-28", Judged(GREY, "", marked=True)),
        (False, "04-21", "04-20", Judged(GREY, "")),
    ],
)
def test_the_report_clock_speaks_for_the_unit_as_a_whole(
    late: bool, repaired: str | None, today: str, expected: Judged
) -> None:
    """Red while silent, yellow until two rounds have opened since, then only the mark."""
    assert report_light(late, d(repaired) if repaired else None, on(today)) == expected


@pytest.mark.parametrize(
    ("since", "today", "light"),
    [
        (None, "04-20", GREY),
        ("04-12", "04-14", GREY),
        ("04-12", "04-15", YELLOW),
        ("04-28", "05-05", GREY),  # the holiday does not count
        ("04-28", "05-06", YELLOW),
        ("04-12", "04-24", YELLOW),  # 9: a make-up Sunday counts
        ("04-12", "04-25", RED),
    ],
)
def test_what_waits_for_review_colours_the_office(since: str | None, today: str, light: Light) -> None:
    """Yellow after 3 whole working days, red after 10."""
    assert review_light(d(since) if since else None, on(today)).light == light


def test_a_unit_names_its_worst_item_and_how_many_there_are() -> None:
    """One line, short enough for a list."""
    items = [
        ("I04", Judged(YELLOW, "今日到期")),
        ("I07", Judged(RED, "逾期2个工作日", marked=True)),
        ("I08", Judged(RED, "已逾期")),
    ]
    assert unit_light(items) == Judged(RED, "I07 逾期2个工作日，等2项", marked=True)
    assert unit_light(items[:1]) == Judged(YELLOW, "I04 今日到期")
    assert unit_light(items, [Judged(RED, "填报逾期")]).reason == "填报逾期，等3项"
    silent = [("I35", Judged(RED, "填报逾期")), ("I36", Judged(RED, "填报逾期"))]
    assert unit_light(silent, [Judged(RED, "填报逾期")]).reason == "填报逾期"


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], (GREY, "未到期限")),
        ([Judged(GREY, "x"), Judged(GREEN, "x")], (GREEN, "正常推进")),
        ([Judged(GREY, "x"), Judged(GREY, "x")], (GREY, "未到期限")),
        ([Judged(GREY, "暂无应填报事项"), Judged(GREY, "待填报，未到时限")], (GREY, "待填报，未到时限")),
        ([Judged(GREY, "暂无应填报事项"), Judged(GREY, "未启动，未到期限")], (GREY, "未到期限")),
        ([Judged(GREEN, "x", is_open=False)], (GREEN, "无未结事项")),
        ([Judged(GREEN, "x", is_open=False), Judged(GREY, "x")], (GREY, "未到期限")),
        ([Judged(GREY, "x", is_open=False), Judged(YELLOW, "x")], (YELLOW, "A x")),
    ],
)
def test_only_open_items_colour_a_unit(items: list[Judged], expected: tuple[Light, str]) -> None:
    """What is closed, suspended or not applicable says nothing any more."""
    found = unit_light([("A", judged) for judged in items])
    assert (found.light, found.reason) == expected


def test_every_light_has_a_shape_and_words_of_its_own() -> None:
    """Whoever sees no colours, or prints in black, reads the same."""
    assert set(LIGHT) == {light.code for light in Light}
    for part in zip(*LIGHT.values(), strict=True):
        assert len(set(part)) == len(Light)


some_day = st.dates(d("02-01"), d("07-31"))
some_steps = st.lists(
    st.builds(
        lambda weight, done, wait: Step(weight, done, done and wait and done + timedelta(days=wait)),
        st.integers(1, 9),
        st.none() | some_day,
        st.none() | st.integers(0, 20),
    ),
    max_size=4,
).map(tuple)
facts = st.builds(
    ItemFact,
    state=st.sampled_from(
        ["not_started", "in_progress", "completed", "closed", "suspended", "not_applicable"]
    ),
    starts_on=some_day,
    due_on=st.none() | some_day,
    overdue=st.booleans(),
    steps=some_steps,
    repaired_on=st.none() | some_day,
)
steady = settings(deadline=None, derandomize=True, database=None, max_examples=300)


@steady
@given(st.lists(facts, max_size=6), some_day)
def test_a_units_light_is_the_worst_of_its_open_items(items: list[ItemFact], today: date) -> None:
    """Nothing better, nothing worse, whatever the order."""
    day = Day(today, DAYS, tuple(map(date.fromisoformat, ROUNDS)), THRESHOLDS)
    judged = [(f"I{n:02}", item_light(fact, day)) for n, fact in enumerate(items)]
    opened = [
        light.light
        for fact, (_, light) in zip(items, judged, strict=True)
        if fact.state in ("not_started", "in_progress", "completed")
    ]
    found = unit_light(judged)
    if opened:
        assert found.light == max(opened)
    else:
        assert found.light in (GREY, GREEN)
    assert found.light == unit_light(judged[::-1]).light
    assert found.reason


@steady
@given(facts, some_day)
def test_what_the_unit_has_claimed_never_reddens_it(fact: ItemFact, today: date) -> None:
    """With every step claimed, confirmed or not, only the overdue predicate makes red (DOMAIN 4)."""
    day = Day(today, DAYS, (), THRESHOLDS)
    done = tuple(Step(step.weight, today, step.confirmed_on) for step in fact.steps)
    all_claimed = replace(fact, overdue=False, steps=done)
    assert item_light(all_claimed, day).light < RED
