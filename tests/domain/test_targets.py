"""The words of a verdict, confirmed figures, exact arithmetic, periods, and units that differ."""

from datetime import date
from decimal import Decimal

import pytest

from eco_workflow.domain.evaluation import evaluate
from eco_workflow.domain.figures import (
    Assigned,
    Base,
    Differing,
    Given,
    Known,
    Number,
    Statement,
    number_of,
    statement_of,
)
from eco_workflow.domain.periods import read_period, why_not_of_use
from eco_workflow.domain.targets import Bound, ByAssignment, Part, Rise, Target, Trend
from tests.domain.judging import DUE, TARGETS, judge, period

REASONS = """
I24 | 95.3@2021 | | | 2021年95.3%，不低于95%，达标
I24 | 94.9@2022-Q1 | | | 2022年第1季度94.9%，低于95%，未达标
I24 | 95@2020 | | | 2020年的数据过旧（须为2021年及以后），不作判定
I24 | 95@2022 | | | 2022年尚未结束，不作判定
I24 | 95@2022-06 | | | 2022年6月尚未开始，不作判定
I24 | | | | 缺牵头单位数据，不作判定
I35 | | | | 缺数据提供单位数据，不作判定
I28 | 15.20@2021 | | | 2021年15.20平方米/人，不低于15平方米/人，达标
I13 | 是 | | | “建立”：是，达标
I13 | 否 | | | “建立”：否，未达标
I13 | | | | 牵头单位未报是否“建立”，不作判定
I16 | 85@2021 | | | 缺上级下达的目标值，不作判定
I17 | 0.55@2021 | 0.60@2020 | 0.56 | 2021年0.55吨标准煤/万元，不高于上级目标0.56吨标准煤/万元（省厅文件，2022-01-10），达标；2021年0.55吨标准煤/万元，不高于2020年的0.60吨标准煤/万元，达标
I17 | | | | 缺牵头单位数据，缺上级下达的目标值，缺基数，不作判定
I17 | 0.61@2021 | 0.60@2020 | | 2021年0.61吨标准煤/万元，高于2020年的0.60吨标准煤/万元，未达标；缺上级下达的目标值，不作判定
I09 | 61@2021 | 60@2021 | | 基数（2021年）不早于所报数据（2021年），不作判定
I22 | 61@2021 | | | 缺基数，无法确定适用情形，不作判定
I22 | 61.9@2021 | 60@2020 | | 2021年61.9%，比2020年的60%提高1.9个百分点，低于2个百分点，未达标
I22 | 59@2021 | 60@2020 | | 2021年59%，比2020年的60%降低1个百分点，低于2个百分点，未达标
I22 | 60.1@2021 | 60.1@2020 | | 2021年60.1%，不低于2020年的60.1%，达标
I11 | .1=95@2021 .2=是 .3=80@2021 | | | I11.3 特有性或指示性水生物种保持率：缺基数，不作判定
I32 | .1=50@2021 .2=100@2021 .3=2@2021 | .3=2@2020 | | I32.3 一次性消费品人均使用量：2021年2千克，未低于2020年的2千克，未达标
"""  # noqa: E501


@pytest.mark.parametrize("line", REASONS.strip().splitlines())
def test_the_reason_is_said_as_an_official_reads_it(line: str) -> None:
    code, said, base, assigned, reason = (cell.strip() for cell in line.split("|"))
    assert judge(code, said, base, assigned).reason == reason


# The target figures confirmed (M2.1), one of each lead unit, beside what is printed.
CONFIRMED = """
I24 | 96@2021 | | | 96 | met | 2021年96%，不低于95%，达标；2021年96%，不低于确认的目标值96%，达标
I24 | 95.3@2021 | | | 96 | unmet | 2021年95.3%，低于确认的目标值96%，未达标
I24 | 95.3@2021 | | | 96 97 | unmet | 2021年95.3%，低于确认的目标值97%，未达标
I24 | 95.3@2021 | | | 95 | met | 2021年95.3%，不低于95%，达标
I24 | 94@2021 | | | 93 | unmet | 2021年94%，低于95%，未达标
I24 | | | | 96 | undetermined | 缺牵头单位数据，不作判定
I16 | 85@2021 | | 80 | 86 | unmet | 2021年85%，低于确认的目标值86%，未达标
I16 | 85@2021 | | | 86 | unmet | 2021年85%，低于确认的目标值86%，未达标；缺上级下达的目标值，不作判定
I17 | 0.55@2021 | 0.6@2020 | 0.56 | 0.54 0.57 | unmet | 2021年0.55吨标准煤/万元，高于确认的目标值0.54吨标准煤/万元，未达标
I22 | 63@2021 | 60@2020 | | 64 | unmet | 2021年63%，低于确认的目标值64%，未达标
I22 | 63@2021 | | | 64 | undetermined | 缺基数，无法确定适用情形，不作判定
I32 | .1=55@2021 .2=100@2021 .3=1.9@2021 | .3=2@2020 | | .1=60 .3=1.8 | unmet | I32.1 节能家电市场占有率：2021年55%，低于确认的目标值60%，未达标；I32.3 一次性消费品人均使用量：2021年1.9千克，高于确认的目标值1.8千克，未达标
I13 | 是 | | | 1 | met | “建立”：是，达标
"""  # noqa: E501


@pytest.mark.parametrize("line", CONFIRMED.strip().splitlines())
def test_a_confirmed_figure_decides_where_it_is_stricter_than_what_is_printed(line: str) -> None:
    code, said, base, assigned, confirmed, verdict, reason = (cell.strip() for cell in line.split("|"))
    found = judge(code, said, base, assigned, confirmed=confirmed)
    assert (found.verdict, found.reason) == (verdict, reason)


def test_the_branch_that_the_base_chose_is_named() -> None:
    chosen = [judge("I22", "62@2021", f"{base}@2020").parts[0].branch for base in ("59.9", "60", "60.1")]
    assert chosen == ["基数不高于60%", "基数不高于60%", "基数高于60%"]


def test_a_measure_named_by_the_superior_brings_its_own_direction_and_unit() -> None:
    """The plan prints a decrease; the task may set a concentration, of which less is better."""
    task = Assigned(Decimal(28), "省厅文件", date(2022, 1, 10), "年均浓度", "lower", "微克/立方米")
    known = {
        "I07.1": Known(),
        "I07.2": Known(
            Number(Decimal(27), period("2021")), base=Base(Decimal(30), period("2020")), assigned=task
        ),
    }
    part = evaluate(TARGETS["I07"], known, due_on=DUE, on=DUE).parts[1]
    assert part.verdict == "met"
    demands = [test.demand for test in part.tests]
    assert demands == ["不高于上级下达的目标值", "不高于基数（口径由上级任务确定）"]
    assert (
        part.tests[0].reason
        == "2021年27微克/立方米，不高于上级目标28微克/立方米（省厅文件，2022-01-10），达标"
    )
    assert part.tests[1].reason == "2021年27微克/立方米，不高于2020年的30微克/立方米（口径：年均浓度），达标"


TESTS = [
    ("strictly higher, the same", Trend("higher", strict=True), "60", "unmet"),
    ("strictly higher, a little more", Trend("higher", strict=True), "60.01", "met"),
    ("strictly, within the tolerance", Trend("higher", Decimal("0.5"), strict=True), "60.5", "unmet"),
    ("strictly, beyond the tolerance", Trend("higher", Decimal("0.5"), strict=True), "60.51", "met"),
    ("at most, at the bound", Bound("at_most", Decimal(60)), "60", "met"),
    ("at most, above", Bound("at_most", Decimal(60)), "60.01", "unmet"),
    ("equals, the same written longer", Bound("equals", Decimal(60)), "60.00", "met"),
    ("equals, a little more", Bound("equals", Decimal(60)), "60.01", "unmet"),
    ("a rise of just so much", Rise(Decimal("0.1")), "60.1", "met"),
    ("a hair below the base", Trend("higher"), "59.99999999999999999999", "unmet"),
    ("a hair above the base", Trend("lower"), "60.00000000000000000001", "unmet"),
    ("a rise short by a hair", Rise(Decimal(2)), "61.99999999999999999999", "unmet"),
]


@pytest.mark.parametrize(("test", "value", "verdict"), [t[1:] for t in TESTS], ids=[t[0] for t in TESTS])
def test_a_test_against_a_base_of_60(test: Bound | Trend | Rise, value: str, verdict: str) -> None:
    known = Known(Number(Decimal(value), period("2021")), base=Base(Decimal(60), period("2020")))
    target = Target("I99", "指标", (Part("I99", "指标", "%", (test,)),))
    assert evaluate(target, {"I99": known}, due_on=DUE, on=DUE).verdict == verdict


def test_twenty_digits_before_and_after_the_point_are_subtracted_exactly() -> None:
    """The decimal module would round at 28 digits."""
    base, value = "10000000000000000000.00000000000000000001", "10000000000000000002"
    known = Known(Number(Decimal(value), period("2021")), base=Base(Decimal(base), period("2020")))
    target = Target("I99", "指标", (Part("I99", "指标", "%", (Rise(Decimal(2)),)),))
    found = evaluate(target, {"I99": known}, due_on=DUE, on=DUE)
    assert found.verdict == "unmet"
    assert "提高1.99999999999999999999个百分点" in found.reason


@pytest.mark.parametrize(
    ("text", "first", "last", "words"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31), "2021年"),
        ("2022-Q1", date(2022, 1, 1), date(2022, 3, 31), "2022年第1季度"),
        ("2022-Q4", date(2022, 10, 1), date(2022, 12, 31), "2022年第4季度"),
        ("2022-05", date(2022, 5, 1), date(2022, 5, 31), "2022年5月"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024年2月"),
        ("9999", date(9999, 1, 1), date(9999, 12, 31), "9999年"),
    ],
)
def test_a_period_has_a_first_and_a_last_day(text: str, first: date, last: date, words: str) -> None:
    found = period(text)
    assert (found.first, found.last, found.words) == (first, last, words)


@pytest.mark.parametrize(
    "text", ["", "21", "0000", "2022-13", "2022-00", "2022-Q5", "2022-5", "2022年", "2022 "]
)
def test_what_is_no_period_is_none(text: str) -> None:
    assert read_period(text) is None


@pytest.mark.parametrize(
    ("text", "on", "why"),
    [
        ("2021", "2022-01-01", ""),
        ("2021", "2021-12-31", ""),
        ("2021", "2021-12-30", "2021年尚未结束"),
        ("2020-12", "2022-05-31", "2020年12月的数据过旧（须为2021年及以后）"),
        ("2021-01", "2022-05-31", ""),
        ("2022-05", "2022-05-30", "2022年5月尚未结束"),
        ("2022-05", "2022-05-31", ""),
        ("2022-06", "2022-05-31", "2022年6月尚未开始"),
    ],
)
def test_a_period_must_be_recent_and_over(text: str, on: str, why: str) -> None:
    found = why_not_of_use(period(text), DUE, date.fromisoformat(on))
    assert (found.words if found else "") == why


def test_an_unfinished_period_ripens_on_its_last_day() -> None:
    """The figure for May, given on the 28th, counts from the 31st: nobody has to give it again."""
    early = judge("I24", "96@2022-05", on=date(2022, 5, 28))
    assert (early.verdict, early.ripens_on) == ("undetermined", date(2022, 5, 31))
    assert judge("I24", "96@2022-05").ripens_on is None
    assert judge("I24", "96@2020", on=date(2020, 5, 1)).ripens_on is None


def given(unit: str, value: str, of: str) -> Given:
    return Given(unit, Number(Decimal(value), period(of)))


def test_units_that_agree_are_one_figure() -> None:
    assert number_of([given("林草局", "95", "2021"), given("水务局", "95.0", "2021")], "%") == Number(
        Decimal(95), period("2021")
    )
    assert number_of([], "%") is None
    assert number_of([Given("林草局", statement=Statement(True))], "%") is None


def test_units_that_differ_leave_it_to_the_office() -> None:
    differing = number_of([given("林草局", "95", "2021"), given("水务局", "96", "2021")], "%")
    assert differing == Differing("2021年数据不一致（林草局95%，水务局96%）")
    found = evaluate(TARGETS["I24"], {"I24": Known(differing)}, due_on=DUE, on=DUE)
    assert (found.verdict, found.owed_by) == ("undetermined", "office")
    assert found.reason == "2021年数据不一致（林草局95%，水务局96%），待核定，不作判定"


def test_a_newer_period_takes_the_place_of_an_older_one() -> None:
    """Several leads answer on different days; the year says more than its last quarter."""
    quarter = given("水务局", "96", "2022-Q1")
    assert number_of([given("林草局", "95", "2021"), quarter], "%") == quarter.number
    year = given("林草局", "95", "2021")
    assert number_of([year, given("水务局", "96", "2021-Q4")], "%") == year.number


def test_statements_that_differ_leave_it_to_the_office() -> None:
    differing = statement_of(
        [Given("甲局", statement=Statement(True)), Given("乙局", statement=Statement(False))]
    )
    assert differing == Differing("各单位所报不一致（甲局报是，乙局报否）")
    found = evaluate(TARGETS["I31"], {"I31": Known(statement=differing)}, due_on=DUE, on=DUE)
    assert (found.verdict, found.owed_by) == ("undetermined", "office")
    same = [Given("甲局", statement=Statement(True)), Given("乙局", statement=Statement(True))]
    assert statement_of(same) == Statement(True)


def test_a_superior_s_figure_is_judged_in_both_directions() -> None:
    for better, value, verdict in (
        ("higher", "4", "unmet"),
        ("lower", "4", "met"),
        ("lower", "5.1", "unmet"),
    ):
        target = Target("I99", "指标", (Part("I99", "指标", "%", (ByAssignment(better),)),))  # type: ignore[arg-type]
        known = Known(
            Number(Decimal(value), period("2021")), assigned=Assigned(Decimal(5), "文件", date(2022, 1, 1))
        )
        assert evaluate(target, {"I99": known}, due_on=DUE, on=DUE).verdict == verdict
