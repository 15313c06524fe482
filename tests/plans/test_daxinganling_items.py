"""Targets, duties, veto items and the leading group of the real plan, held against a table kept by hand."""

from collections import Counter
from datetime import date

import pytest

from eco_workflow.plans.count import evidence, targets
from eco_workflow.plans.demands import in_print
from eco_workflow.plans.load import read
from eco_workflow.plans.schema import Plan

TARGETS = """
I01 stated 制定实施
I02 stated 有效开展
I03 bound >= 20
I04 stated 全面实施
I05 bound >= 100
I06 bound >= 100
I07.1 assigned higher, trend higher
I07.2 assigned higher, trend higher of the assigned measure
I08.1 assigned higher, trend higher of the assigned measure
I08.2 assigned higher, trend higher of the assigned measure
I08.3 assigned higher, trend higher of the assigned measure
I09 bound >= 60, trend higher
I10 bound >= 60
I11.1 bound >= 95
I11.2 stated 不明显
I11.3 trend higher
I12 bound >= 100
I13 stated 建立
I14 stated 建立
I15.1 trend higher, stated 性质不改变, stated 功能不降低
I15.2 trend higher, stated 性质不改变, stated 功能不降低
I16 assigned higher
I17 assigned lower, trend lower
I18 assigned lower, trend lower
I19 bound >= 4.5
I20 assigned lower, trend lower
I21 assigned higher
I22.a rise >= 2
I22.b trend higher
I23 bound >= 100
I24 bound >= 95
I25 bound >= 50
I26 bound >= 95
I27 bound >= 80
I28 bound >= 15
I29 bound >= 50
I30 bound >= 50
I31 stated 实施
I32.1 bound >= 50
I32.2 bound >= 100
I32.3 trend lower strictly
I33 bound >= 80
I34 bound >= 100
I35 bound >= 80
I36 bound >= 80
"""

SPECIFIC_DUTIES = [3, 3, 2, 2, 1, 2, 6, 4, 2, 3, 2, 10, 4, 3, 1, 4, 2, 1, 2, 1, 5, 4, 4, 2, 3, 1]
"""By heading of section 四, without the catch-all at its end."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read("daxinganling-2022").plan


def in_words(test: object) -> str:
    """A test as the table writes it."""
    said = {name: value for name, value in vars(test).items() if value not in (None, False)}
    words = [said["kind"]]
    words += [f">= {said['at_least']}"] if "at_least" in said else []
    words += [said[name] for name in ("better", "words") if name in said]
    words += ["strictly"] if "strict" in said else []
    words += ["of the assigned measure"] if "measure_from_assigned" in said else []
    assert said.get("tolerance", 0) == 0
    return " ".join(words)


def test_every_target_says_what_is_printed(plan: Plan) -> None:
    found: dict[str, str] = {}
    for indicator in plan.indicators:
        found |= {part.id: ", ".join(map(in_words, part.tests)) for part in indicator.parts}
        found |= {branch.id: ", ".join(map(in_words, branch.tests)) for branch in indicator.branches}
        if indicator.tests:
            found[indicator.id] = ", ".join(map(in_words, indicator.tests))
    assert "\n".join(f"{code} {said}" for code, said in found.items()) == TARGETS.strip()


def test_four_rates_of_change_may_be_negative(plan: Plan) -> None:
    """All other figures in % are shares: I22 asks for the rate, and its rise is computed."""
    kinds = {indicator.id: indicator.figures for indicator in plan.indicators}
    kinds |= {part.id: part.figures for indicator in plan.indicators for part in indicator.parts}
    assert {code: kind for code, kind in kinds.items() if kind} == dict.fromkeys(
        ("I07.2", "I08.1", "I08.2", "I19"), "change"
    )


def test_ten_targets_wait_for_a_figure_from_above(plan: Plan) -> None:
    waiting = [path for path, *_, tests in targets(plan) if any(t.kind == "assigned" for t in tests)]
    assert len(waiting) == 10


def test_sixty_percent_exactly_takes_the_first_branch(plan: Plan) -> None:
    rising, keeping = next(i for i in plan.indicators if i.id == "I22").branches
    assert (str(rising.applies.base_at_most), rising.applies.base_above) == ("60", None)
    assert (keeping.applies.base_at_most, str(keeping.applies.base_above)) == (None, "60")


def test_parts_stand_in_five_indicators(plan: Plan) -> None:
    parts = {i.id: [part.name for part in i.parts] for i in plan.indicators if i.parts}
    assert parts == {
        "I07": ["优良天数比例", "pm2.5浓度下降幅度"],
        "I08": ["水质达到或优于ⅲ类比例提高幅度", "劣v类水体比例下降幅度", "黑臭水体消除比例"],
        "I11": ["国家重点保护野生动植物保护率", "外来物种入侵", "特有性或指示性水生物种保持率"],
        "I15": ["生态保护红线", "自然保护地"],
        "I32": ["节能家电市场占有率", "在售用水器具中节水型器具占比", "一次性消费品人均使用量"],
    }


def test_names_that_differ_in_the_text_are_aliases(plan: Plan) -> None:
    aliases = {i.id: i.aliases for i in plan.indicators}
    aliases |= {part.id: part.aliases for i in plan.indicators for part in i.parts}
    assert sorted(code for code in aliases if aliases[code]) == ["I02", "I08.1", "I08.2", "I20", "I25"]


def test_three_targets_hold_for_a_scope(plan: Plan) -> None:
    scopes = {i.id: i.scope for i in plan.indicators if i.scope}
    assert scopes == {"I09": "湿润地区", "I10": "山区", "I30": "中小城市"}


def test_every_indicator_and_policy_names_its_evidence(plan: Plan) -> None:
    without = [path for path, files in evidence(plan) if not files and path[0] != "phases"]
    assert without == []
    milestones = {m.id: len(m.evidence) for p in plan.phases for m in p.milestones if m.evidence}
    assert milestones == {"M1.1": 3, "M1.2": 1, "M1.3": 3, "M2.2": 2, "M2.3": 2, "M3.2": 1, "M4.3": 6}


@pytest.mark.parametrize(("code", "clause"), [("I13", "监管体系"), ("I14", "重特大事件")])
def test_an_extra_clause_of_the_text_is_required_evidence(plan: Plan, code: str, clause: str) -> None:
    found = next(i for i in plan.indicators if i.id == code)
    assert any(clause in file.title for file in found.evidence)


def test_the_event_of_i14_is_that_of_a_veto_item(plan: Plan) -> None:
    assert {i.id: i.linked_veto for i in plan.indicators if i.linked_veto} == {"I14": "V3"}


def test_each_heading_has_its_duties_and_all_but_the_last_a_catch_all(plan: Plan) -> None:
    headings = Counter(duty.id.partition(".")[0] for duty in plan.duties if not duty.catch_all)
    assert list(headings.values()) == SPECIFIC_DUTIES
    last = [duty for duty in plan.duties if duty.catch_all]
    expected = [f"D{n}.{count + 1}" for n, count in enumerate(SPECIFIC_DUTIES[:-1], 1)]
    assert [duty.id for duty in last] == expected
    assert {duty.title for duty in last} == {"规划提出的其他创建工作"}


def test_a_heading_of_two_units_has_one_owner(plan: Plan) -> None:
    assert {plan.unit(d.unit).short for d in plan.duties if d.id.startswith("D4.")} == {"地委办公室"}


def test_duties_stand_where_their_unit_does(plan: Plan) -> None:
    for duty in plan.duties:
        number = duty.id.partition(".")[2]
        place = plan.unit(duty.unit).source
        # The survey team's only duty is unnumbered in print.
        assert duty.source == (place if duty.id == "D26.1" else f"{place}{number}")


def test_titles_are_short(plan: Plan) -> None:
    titles = (
        [d.title for d in plan.duties] + [v.title for v in plan.vetoes] + [p.title for p in plan.policies]
    )
    assert max(map(len, titles)) <= 24


def test_the_discipline_commission_says_yes_or_no(plan: Plan) -> None:
    assert [duty.id for duty in plan.duties if duty.yes_no] == ["D1.1", "D1.2", "D1.3"]


def test_duties_are_asked_monthly_in_phase_two_then_quarterly_or_as_they_say(plan: Plan) -> None:
    assert [(r.from_phase, r.rhythm) for r in plan.rhythms.duty] == [(2, "monthly"), (3, "quarterly")]
    own = {duty.id: duty.rhythm for duty in plan.duties if duty.rhythm}
    assert own == {"D17.2": "quarterly", "D21.3": "yearly"}


def test_31_units_are_asked_on_a_28th(plan: Plan) -> None:
    asked = {code for i in plan.indicators for code in i.lead + i.data_providers}
    asked |= {code for policy in plan.policies for code in policy.lead}
    asked |= {code for veto in plan.vetoes for code in veto.lead}
    asked |= {duty.unit for duty in plan.duties if not duty.catch_all}
    assert len(asked) == 31
    assert plan.office.unit not in asked


def test_veto_items_are_declared_monthly_and_the_yearly_assessment_once_a_year(plan: Plan) -> None:
    assert plan.rhythms.veto == "monthly"
    assert [(v.id, v.rhythm) for v in plan.vetoes if v.rhythm] == [("V5", "yearly")]
    leads = {v.id: [plan.unit(code).short for code in v.lead] for v in plan.vetoes}
    assert leads.pop("V1") == ["地区生态环境局", "地委办公室", "行署办公室"]
    assert set(map(tuple, leads.values())) == {("地区生态环境局",)}


def test_the_leading_group_has_48_entries_and_47_names(plan: Plan) -> None:
    roles = Counter(member.role for member in plan.roster)
    assert roles == {"head": 1, "executive_deputy": 4, "deputy": 4, "member": 39}
    twice = [name for name, times in Counter(member.name for member in plan.roster).items() if times > 1]
    assert twice == ["吕英"]
    assert [m.post for m in plan.roster if m.name == "吕英"] == ["行署副专员", "地区财政局局长"]


def test_names_and_posts_are_kept_as_printed(plan: Plan) -> None:
    posts = {member.name: member.post for member in plan.roster}
    assert posts["刑广峰"] == "地委政策研究室主任"
    assert posts["张广伟"] == "国家统计局大兴安岭调查队"
    assert posts["吕延廷"] == "大兴安岭日报社党委副书记、副社长、总编辑"
    assert (plan.roster[0].name, plan.roster[-1].name) == ("徐向国", "戴新竹")


def test_the_group_of_member_units_stands_for_the_units_of_the_roster(plan: Plan) -> None:
    members = plan.members_of(plan.unit("lingdaoxiaozu"))
    assert len(members) == len(set(members)) == 37
    assert {"zhongyuan", "linyejituan", "wangxinban"} < set(members)
    assert all(m.unit for m in plan.roster if m.role == "member")


def test_recurring_obligations_of_the_office_cover_the_plan(plan: Plan) -> None:
    months = [(2021, 10 + n) for n in range(3)] + [(2022, 1 + n) for n in range(12)]
    assert (plan.starts_on, plan.ends_on) == (date(2021, 10, 1), date(2022, 12, 31))
    parts = {"month": 1, "quarter": 3, "half_year": 6}
    periods = {
        recurring.id: len({(year, (month - 1) // parts[recurring.every]) for year, month in months})
        for recurring in plan.rhythms.office
        if recurring.every != "award_year"
    }
    assert periods == {
        "joint_conference": 15,
        "promotion_meeting": 5,
        "leaders_report": 3,
        "bulletin": 15,
        "circular": 15,
        "pro_rata_report": 15,
    }


def test_lights_and_ranking_are_those_of_the_office(plan: Plan) -> None:
    lights = plan.lights
    assert (lights.yellow_before_days, lights.yellow_behind_points, lights.red_behind_points) == (3, 10, 30)
    assert lights.repaired_rounds == 2
    classes = [(group.id, group.at_least) for group in plan.ranking.classes]
    assert classes == [("five_or_more", 5), ("one_to_four", 1), ("duties_only", 0)]
    assert (plan.ranking.data_providers, plan.ranking.unranked) == ("delivery", ["independent", "vertical"])


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("I24", "≥95%"),
        ("I04", "全面实施"),
        ("I22", "综合利用率≤60%的地区：≥2个百分点；综合利用率>60%的地区：保持稳定或持续改善"),
        (
            "I32",
            "节能家电市场占有率：≥50%；在售用水器具中节水型器具占比：100%；一次性消费品人均使用量：逐步下降",
        ),
        ("I15", "面积不减少,性质不改变,功能不降低"),
    ],
)
def test_a_printed_target_is_read_by_itself(plan: Plan, code: str, words: str) -> None:
    [indicator] = [one for one in plan.indicators if one.id == code]
    assert in_print(indicator) == words
