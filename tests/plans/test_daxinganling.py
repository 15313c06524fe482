"""The real plan, as the creation office would check it against the printed page."""

from datetime import date, time

import pytest

from eco_workflow.domain.errors import WrongInput
from eco_workflow.plans.count import count
from eco_workflow.plans.load import read
from eco_workflow.plans.schema import Plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read("daxinganling-2022").plan


def shorts(plan: Plan, codes: list[str]) -> list[str]:
    return [plan.unit(code).short for code in codes]


def indicator(plan: Plan, code: str) -> tuple[list[str], list[str], list[str]]:
    found = next(i for i in plan.indicators if i.id == code)
    return (
        shorts(plan, found.lead),
        shorts(plan, found.supporting),
        shorts(plan, found.data_providers),
    )


def test_the_totals_are_those_of_the_source(plan: Plan) -> None:
    assert count(plan).model_dump() == {
        "phases": 4,
        "milestones": 13,
        "units": 45,
        "superiors": 4,
        "groups": 3,
        "indicators": 36,
        "binding": 19,
        "lead_links": 39,
        "supporting_links": 49,
        "data_provider_links": 9,
        "policies": 5,
        "policy_lead_links": 7,
        "parts": 13,
        "branches": 2,
        "assigned_targets": 10,
        "duties": 102,
        "catch_all_duties": 25,
        "vetoes": 6,
        "veto_lead_links": 8,
        "roster": 48,
        "roster_names": 47,
    }


def test_the_phases_are_those_of_section_three(plan: Plan) -> None:
    assert [(p.title, p.start, p.end, len(p.milestones)) for p in plan.phases] == [
        ("组织启动", date(2021, 10, 1), date(2022, 2, 28), 3),
        ("全面推进", date(2022, 3, 1), date(2022, 5, 31), 3),
        ("考核验收", date(2022, 6, 1), date(2022, 8, 31), 4),
        ("深化提升", date(2022, 9, 1), date(2022, 12, 31), 3),
    ]


def test_answers_are_asked_on_the_14th_and_28th_by_half_past_five(plan: Plan) -> None:
    assert (plan.round_days, plan.answer_days, plan.answer_time) == ([14, 28], 2, time(17, 30))
    assert plan.rounds_from == date(2022, 3, 1)


def test_only_what_others_decide_is_external_and_only_the_award_opens_something(plan: Plan) -> None:
    milestones = [m for phase in plan.phases for m in phase.milestones]
    assert [m.id for m in milestones if m.external] == ["M3.1", "M3.3", "M3.4"]
    assert [m.id for m in milestones if m.opens] == ["M4.2"]


def test_each_category_holds_as_many_indicators_as_printed(plan: Plan) -> None:
    sizes: dict[str, int] = {}
    for found in plan.indicators:
        sizes[found.category] = sizes.get(found.category, 0) + 1
    assert list(sizes.values()) == [6, 2, 3, 3, 2, 5, 1, 6, 5, 3]


def test_21_units_are_asked_on_a_14th(plan: Plan) -> None:
    asked = {code for i in plan.indicators for code in i.lead + i.data_providers}
    asked |= {code for policy in plan.policies for code in policy.lead}
    assert len(asked) == 21


def test_a_prefix_carries_through_a_list_of_units(plan: Plan) -> None:
    lead, supporting, _ = indicator(plan, "I12")
    assert lead == ["地区生态环境局"]
    assert supporting == [
        "地区农业农村局",
        "地区公安局",
        "地区交通运输局",
        "地区工业和信息化局",
        "地区应急管理局",
    ]


def test_several_leads_and_a_group_stand_in_the_printed_order(plan: Plan) -> None:
    lead, supporting, _ = indicator(plan, "I02")
    assert lead == ["地委办公室", "地委政策研究室", "地委巡查办", "行署办公室"]
    assert supporting == ["领导小组成员单位"]


def test_three_indicators_have_data_providers_and_no_lead(plan: Plan) -> None:
    assert [i.id for i in plan.indicators if not i.lead] == ["I32", "I35", "I36"]
    assert len(indicator(plan, "I32")[2]) == 5


def test_every_indicator_and_policy_is_due_at_the_end_of_may(plan: Plan) -> None:
    due = {i.due_on for i in plan.indicators} | {p.due_on for p in plan.policies}
    assert due == {date(2022, 5, 31)}


def test_the_annex_is_quoted_to_the_letter(plan: Plan) -> None:
    rows = {i.id: (i.name, i.unit, i.target) for i in plan.indicators}
    assert rows["I07"] == ("环境空气质量", "%", "完成上级规定的考核任务;保持稳定或持续改善")
    assert rows["I15"] == ("自然生态空间", None, "面积不减少,性质不改变,功能不降低")
    assert rows["I30"] == ("公共交通出行分担率", "%", "中小城市≥50")
    assert rows["I32"] == ("绿色产品市场占有率", "% % 千克", "≥50 100 逐步下降")


@pytest.mark.parametrize(
    ("spelling", "short"),
    [
        ("地区住房和城乡建设局", "地区住房城乡建设局"),
        ("住房城乡建设局", "地区住房城乡建设局"),
        ("地区发改委", "地区发展改革委"),
        ("行署办", "行署办公室"),
        ("地委办", "地委办公室"),
        ("行署生态环境局", "地区生态环境局"),
        ("林草局", "地区林业和草原局"),
        ("林业集团公司", "大兴安岭林业集团公司"),
        ("黑龙江省人民检察院大兴安岭分院", "地区检察院"),
        ("省生态环境厅", "省生态环境厅"),
        ("财政局", "地区财政局"),
        ("检察院", "地区检察院"),
        ("发改委", "地区发展改革委"),
    ],
)
def test_a_printed_or_common_spelling_finds_its_unit(plan: Plan, spelling: str, short: str) -> None:
    assert plan.find_unit(spelling).short == short


def test_an_unknown_spelling_names_near_ones(plan: Plan) -> None:
    with pytest.raises(WrongInput, match=r"Did you mean .*水务局"):
        plan.find_unit("地区水务厅")


def test_a_common_name_that_fits_two_units_names_both(plan: Plan) -> None:
    county = {"id": "xiancaizhengju", "name": "县财政局", "short": "县财政局"}
    both = [*plan.units, plan.unit("caizhengju").model_copy(update=county)]
    with pytest.raises(WrongInput, match=r"Did you mean 县财政局, 地区财政局"):
        plan.model_copy(update={"units": both}).find_unit("财政局")


def test_the_prefecture_itself_is_no_unit(plan: Plan) -> None:
    with pytest.raises(WrongInput, match="is no unit"):
        plan.find_unit("行署")


def test_courts_and_the_discipline_commission_get_letters_not_orders(plan: Plan) -> None:
    by_relation: dict[str | None, set[str]] = {}
    for unit in plan.working_units:
        by_relation.setdefault(unit.relation, set()).add(unit.short)
    assert by_relation["independent"] == {"地区纪委监委", "地区中级人民法院", "地区检察院"}
    assert by_relation["vertical"] == {"大兴安岭调查队", "地区气象局", "大兴安岭林业集团公司"}
    assert set(by_relation) == {"subordinate", "independent", "vertical"}


def test_every_contact_is_invented(plan: Plan) -> None:
    contacts = [contact for unit in plan.units for contact in unit.contacts]
    assert len(contacts) == 90
    assert {c.name.partition("·")[0] for c in contacts} == {"联络员", "分管领导"}
    assert all(c.address.endswith(".dxal.example") for c in contacts)


def test_the_office_sits_in_the_environment_bureau(plan: Plan) -> None:
    host = plan.unit(plan.office.unit).host
    assert host is not None
    assert plan.unit(host).short == "地区生态环境局"


def test_silence_climbs_from_liaison_to_leader_to_supervision_office(plan: Plan) -> None:
    assert plan.ladder.graces("report") == {1: 0, 2: 3, 3: 2}
    heard = [
        (h.rung, h.unit, h.role, h.otherwise) for h in plan.who_hears if h.principal and 1 <= h.rung <= 3
    ]
    assert [(rung, role, otherwise) for rung, _, role, otherwise in heard] == [
        (1, "liaison", None),
        (2, "leader", "liaison"),
        (3, "liaison", None),
    ]
    assert plan.unit(heard[2][1]).short == "地委督查室"


def test_the_clocks_of_tasks_and_indicators_reach_the_leaders_and_by_decision_the_commission(
    plan: Plan,
) -> None:
    early, *_, report, accountability = plan.ladder.rungs
    assert (early.rung, early.before_due, early.clocks) == (0, 3, ["task"])
    assert (report.rung, report.after, report.clocks) == (4, 5, ["task", "indicator"])
    assert (accountability.rung, accountability.after, accountability.decided_by) == (5, None, "leader")
    assert plan.ladder.graces("task") == plan.ladder.graces("indicator") == {1: 0, 2: 3, 3: 2, 4: 5}
    assert plan.ladder.graces("evidence") == {1: 0, 2: 3, 3: 2}
    heard = {h.rung: (h.unit, h.kind) for h in plan.who_hears if h.principal}
    assert heard[0] == ("debtor", "early_warning")
    assert heard[4] == ("leaders", "draft_report")
    assert heard[5] == ("jiwei", "signed_file")


def test_the_discipline_commission_never_hears_of_itself_of_courts_or_of_vertical_units(plan: Plan) -> None:
    nothing = [e for e in plan.exceptions if e.rung == 5]
    assert all(e.kind == "none" for e in nothing)
    assert [code for e in nothing for code in e.items] == ["P1"]
    assert [relation for e in nothing for relation in e.relations] == ["independent", "vertical"]


def test_nobody_is_alerted_about_itself(plan: Plan) -> None:
    drafts = [e for e in plan.exceptions if e.rung == 3 and e.kind == "draft"]
    assert {plan.unit(code).short for e in drafts for code in e.units} == {
        "地委办公室",
        "地委督查室",
        "行署办公室",
    }


INCONSISTENT = """
I02 I06 I07.2 I08.1 I08.2 I08.3 I09 I10 I13 I14 I15 I17 I18 I20 I21 I22 I25 I30 I32 I35 I36
P1 M2.1 M3.1 M4.2 D17.2 四(四) 四(十二) 四(二十二)4 四(二十六) 三(二)1 附件2 吕英 张广伟 刑广峰
lincaoju zhongyuan shengtaiban xunchaban linyejituan xingshuducha
hezhangzhi mubiaokaoping lingdaoxiaozu shengtai-zhengzhi
"""


@pytest.mark.parametrize("code", INCONSISTENT.split())
def test_each_inconsistency_of_the_source_is_warned_of(plan: Plan, code: str) -> None:
    assert [w for w in plan.warnings if code in w.where.split(", ")]


def test_a_day_falls_in_one_phase_or_none(plan: Plan) -> None:
    days = [date(2021, 9, 30), date(2022, 2, 28), date(2022, 3, 1), date(2023, 1, 1)]
    found = [plan.phase_on(day) for day in days]
    assert [phase and phase.key for phase in found] == [None, "launch", "implementation", None]
