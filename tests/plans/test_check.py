"""What the check says of targets, duties, evidence, ladder and leading group; warnings refuse nothing."""

import pytest

from eco_workflow.plans.load import examine_text
from tests.plans.mutations import GOOD

BRANCH_B = 'applies: {base_above: "60"}'
FIRST_DUTY = "{id: D1.1, unit: jiwei, title: 对监管履职情况监督执纪问责"
LAST_OF_ONE = '{id: D1.4, unit: jiwei, title: 规划提出的其他创建工作, source: "四(一)4", catch_all: true}'
I05 = 'tests: [{kind: bound, at_least: "100"}]\n    evidence: [{id: E1, title: 信息公开率数据及来源}]'

ERRORS = [
    ("no tests", f"    {I05}\n", "", "indicators[4]: has no tests"),
    (
        "tests and parts",
        "    parts:\n",
        '    tests: [{kind: rise, at_least: "1"}]\n    parts:\n',
        "has tests and parts",
    ),
    (
        "a bound that is not printed",
        I05,
        I05.replace('"100"', '"90"'),
        "the figure of the printed target, 100",
    ),
    ("two bounds", I05, I05.replace('"100"', '"100", at_most: "100"'), "gives 2 bounds"),
    ("no bound", I05, I05.replace(', at_least: "100"', ""), "gives 0 bounds"),
    ("a float", I05, I05.replace('"100"', "100.5e0"), "is no exact decimal"),
    ("a number without quotes", I05, I05.replace('"100"', "100"), "is no exact decimal"),
    (
        "an unknown field of a test",
        I05,
        I05.replace("at_least", "at_leest"),
        "tests[0].at_leest: is not a known",
    ),
    ("no kind of test", I05, I05.replace("kind: bound, ", ""), "write kind: bound, trend"),
    (
        "a share of more than all",
        I05,
        I05.replace('"100"', '"120"'),
        'at_least: lies outside 0 to 100: it is a share in %; "120"',
    ),
    ("words that are not printed", "words: 建立}", "words: 完善}", "is not in the printed target"),
    (
        "a measure that nobody brings",
        "[{kind: trend, better: higher}]}",
        "[{kind: trend, better: higher, measure_from_assigned: true}]}",
        "no figure from above to bring the measure",
    ),
    (
        "a trend against the figure",
        "[{kind: assigned, better: lower}, {kind: trend, better: lower}]",
        "[{kind: assigned, better: lower}, {kind: trend, better: higher}]",
        "runs against the figure",
    ),
    (
        "a tolerance below zero",
        "{kind: trend, better: lower}]",
        '{kind: trend, better: lower, tolerance: "-1"}]',
        "tests[1].tolerance: is below zero",
    ),
    ("a figure without measure", '    unit: "%"\n', "", "there is no measure"),
    (
        "a part of another indicator",
        "id: I07.1",
        "id: I08.1",
        'does not match its place in I07; "I08.1"; write I07.1',
    ),
    ("a part led by a stranger", "{id: I07.1,", "{id: I07.1, lead: [caizhengju],", "does not lead I07"),
    ("a gap between branches", BRANCH_B, 'applies: {base_above: "70"}', "exactly one branch to every base"),
    ("a branch for no base", BRANCH_B, "applies: {}", "exactly one branch to every base"),
    ("a branch of another letter", "id: I22.b", "id: I22.c", "write I22.b"),
    (
        "evidence numbered twice",
        "{id: E2, title: 建设规划文本}",
        "{id: E1, title: 建设规划文本}",
        "evidence[1].id",
    ),
    ("a duty numbered twice", "{id: D1.2,", "{id: D1.1,", "this id is taken"),
    ("a duty left out", "{id: D1.2,", "{id: D1.9,", "does not follow D1.1"),
    (
        "a duty of two owners",
        "{id: D4.2, unit: diweiban",
        "{id: D4.2, unit: ducha",
        "a joint duty has one owner",
    ),
    (
        "a catch-all before the end",
        FIRST_DUTY,
        f"{FIRST_DUTY}, catch_all: true",
        "after the heading's catch-all",
    ),
    (
        "a catch-all that is asked",
        LAST_OF_ONE,
        LAST_OF_ONE.replace("}", ", rhythm: monthly}"),
        "is never asked",
    ),
    (
        "a catch-all not flagged",
        ", catch_all: true",
        "",
        "declared.catch_all_duties: differs from the 24 counted",
    ),
    (
        "waiting on what the office does itself",
        "waits_on: [M3.1]",
        "waits_on: [M2.3]",
        'phases[2].milestones[1].waits_on[0]: is no external milestone; "M2.3"',
    ),
    (
        "an external milestone that waits",
        'source: "三(三)3", external: true',
        'source: "三(三)3", external: true, waits_on: [M3.1]',
        "M3.3 is external itself, and has no due date anyway",
    ),
    ("an unknown veto item", "linked_veto: V3", "linked_veto: V9", "there is no such veto item"),
    (
        "nobody who declares",
        "lead: [shengtaiju, diweiban, xingshuban]",
        "lead: []",
        "vetoes[0].lead: names nobody",
    ),
    ("two heads", "role: executive_deputy}", "role: head}", "names 2 heads"),
    ("one post twice", "{name: 白成君,", "{name: 赵清,", "stands there already with this post"),
    (
        "rung 0 for reports",
        "title: 预警, clocks: [task]",
        "title: 预警, clocks: [report]",
        "rung 0 warns of a due date",
    ),
    (
        "rung 4 for reports",
        "督查报告, clocks: [task, indicator]",
        "督查报告",
        "the report and the evidence clock ends",
    ),
    ("a rung without a way", "{rung: 5, decided_by: leader,", "{rung: 5,", "needs one way up"),
    (
        "a rung with two ways",
        "{rung: 5, decided_by: leader,",
        "{rung: 5, decided_by: leader, after: 1,",
        "one way up",
    ),
    (
        "a clock with a gap",
        "after: 3, title: 催办",
        "after: 3, title: 催办, clocks: [report, indicator, evidence]",
        "the rungs of the task clock have a gap",
    ),
    (
        "a message from rung 4 on",
        "kind: draft_report",
        "kind: reminder",
        "kind: rung 4 is told in one way only",
    ),
    (
        "told twice",
        "xingshuban, role: liaison, kind: copy",
        "ducha, role: liaison, kind: copy",
        "hears of rung 3 twice",
    ),
    (
        "a report that a leader decides on",
        "rung: 4, after: 5",
        "rung: 4, decided_by: leader",
        'decided_by: up to rung 4 a case climbs by itself; "leader"; write after',
    ),
    (
        "accountability by itself",
        "rung: 5, decided_by: leader",
        "rung: 5, after: 5",
        "after: only a leader's decision leads to rung 5; 5; write decided_by: leader",
    ),
    (
        "indicators that climb less far than tasks",
        "督查报告, clocks: [task, indicator]",
        "督查报告, clocks: [task]",
        'clocks: tasks and indicators climb the same rungs; ["task"]; name both or neither',
    ),
    (
        "a warning to a leader",
        "rung: 0, unit: debtor, role: liaison",
        "rung: 0, unit: debtor, role: leader",
        'who_hears[0].role: rung 0 is told in one way only; "leader"; write liaison',
    ),
    (
        "a warning to another unit",
        "rung: 0, unit: debtor",
        "rung: 0, unit: ducha",
        "who_hears[0].unit: rung 0 is told in one way only",
    ),
    (
        "a warning of another kind",
        "kind: early_warning",
        "kind: reminder",
        "who_hears[0].kind: rung 0 is told in one way only",
    ),
    (
        "a warning with a substitute",
        "role: liaison, kind: early_warning",
        "role: liaison, otherwise: leader, kind: early_warning",
        "who_hears[0].otherwise: only the principal of rung 1 or 2",
    ),
    (
        "a second warning",
        "who_hears:\n",
        "who_hears:\n  - {rung: 0, unit: debtor, role: leader, kind: early_warning}\n",
        'who_hears[0]: nobody else hears of rung 0; "leader"; remove it',
    ),
    (
        "a report to a unit",
        "rung: 4, unit: leaders",
        "rung: 4, unit: xingshuban",
        "who_hears[7].unit: rung 4 is told in one way only",
    ),
    (
        "a report to a liaison",
        "unit: leaders, role: leader",
        "unit: leaders, role: liaison",
        "who_hears[7].role: rung 4 is told in one way only",
    ),
    (
        "a report of another kind",
        "kind: draft_report",
        "kind: signed_file",
        'kind: rung 4 is told in one way only; "signed_file"; write draft_report',
    ),
    (
        "a file to the leading group",
        "rung: 5, unit: jiwei",
        "rung: 5, unit: leaders",
        'who_hears[8].unit: is no unit, which alone gets the file of rung 5; "leaders"',
    ),
    (
        "a file to a liaison",
        "unit: jiwei, role: leader",
        "unit: jiwei, role: liaison",
        "who_hears[8].role: rung 5 is told in one way only",
    ),
    (
        "a message to the leading group",
        "rung: 3, unit: chuangjianban",
        "rung: 3, unit: leaders",
        "who_hears[6].unit: the leading group is told on paper",
    ),
    (
        "a rung 1 told to another first",
        "rung: 1, unit: debtor",
        "rung: 1, unit: ducha",
        'who_hears[1].unit: nobody is reported who was never told; "ducha"; write debtor',
    ),
    (
        "an alert to whoever is late",
        "rung: 3, unit: ducha",
        "rung: 3, unit: debtor",
        "who_hears[4].unit: is no unit that supervises",
    ),
    (
        "a reminder as a copy",
        "otherwise: liaison, kind: reminder",
        "otherwise: liaison, kind: copy",
        'who_hears[2].kind: the debtor is reminded; "copy"; write reminder',
    ),
    (
        "an alert as a copy",
        "kind: alert",
        "kind: copy",
        'who_hears[4].kind: the principal is alerted; "copy"; write alert',
    ),
    (
        "a copy as an alert",
        "xingshuban, role: liaison, kind: copy",
        "xingshuban, role: liaison, kind: alert",
        "who_hears[5].kind: others than the principal get a copy",
    ),
    (
        "a substitute for a copy",
        "xingshuban, role: liaison,",
        "xingshuban, role: liaison, otherwise: leader,",
        "who_hears[5].otherwise: only the principal of rung 1 or 2",
    ),
    (
        "a draft instead of a reminder",
        "{rung: 3, units: [xingshuban]",
        "{rung: 2, units: [xingshuban]",
        "exceptions[1].rung: a draft stands in for the alert of rung 3 only; 2; write rung: 3",
    ),
    (
        "a draft instead of a report",
        "{rung: 3, units: [xingshuban]",
        "{rung: 4, units: [xingshuban]",
        "exceptions[1].rung: a draft stands in for the alert of rung 3 only",
    ),
    (
        "a draft by relation",
        "units: [xingshuban], kind: draft",
        "relations: [vertical], kind: draft",
        "exceptions[1].relations: a draft is made for units only",
    ),
    (
        "a draft by item",
        "units: [xingshuban], kind: draft",
        "units: [xingshuban], items: [P1], kind: draft",
        'exceptions[1].items: a draft is made for units only; ["P1"]; name units under units',
    ),
    (
        "no supervision",
        "units: [xingshuban], kind: draft",
        "units: [xingshuban], kind: none",
        "exceptions[1].rung: only rung 5 can be left out; 3; write rung: 5, or kind: draft",
    ),
    ("an exception for nobody", "units: [xingshuban], kind: draft", "kind: draft", "excepts nobody"),
    (
        "a supervisor that owes and is alerted of itself",
        "rung: 3, unit: ducha, role: liaison, kind: alert",
        "rung: 3, unit: caizhengju, role: liaison, kind: alert",
        "who_hears[4].unit: would be alerted of itself when it is late",
    ),
    (
        "an exception twice",
        "units: [xingshuban], kind: draft",
        "units: [xingshuban, ducha], kind: draft",
        'exceptions[1].units[1]: is excepted from rung 3 already; "ducha"; remove it here or',
    ),
    ("a unit called leaders", "{id: shengtaibu,", "{id: leaders,", "stands for head and deputies"),
    ("yellow after red", "yellow_behind_points: 10", "yellow_behind_points: 40", "fewer points for yellow"),
    ("a class that is missing", "at_least: 0}", "at_least: 2}", "in no class or in two"),
    ("a rhythm from no phase", "{from_phase: 3,", "{from_phase: 9,", "the plan has 4 phases"),
    ("rhythms out of order", "{from_phase: 3,", "{from_phase: 2,", "does not come after phase 2"),
    ("a recurring thing twice", "{id: circular,", "{id: bulletin,", "rhythms.office[4].id: this id is taken"),
    (
        "recurring things called alike",
        "{id: circular,",
        "{id: briefing,",
        "rhythms.office[4].id: the codes of its turns would begin with B, as those of bulletin do",
    ),
    ("a phase key twice", "key: consolidation", "key: launch", "an earlier phase has this key"),
]


@pytest.mark.parametrize(("old", "new", "said"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
def test_an_error_refuses_the_file(old: str, new: str, said: str) -> None:
    assert old in GOOD, old
    examined = examine_text("plan.yaml", GOOD.replace(old, new, 1).encode())
    assert examined.loaded is None
    assert any(said in line for line in examined.lines("error")), examined.lines("error")


def test_warnings_are_told_and_refuse_nothing() -> None:
    examined = examine_text("plan.yaml", GOOD.encode())
    assert examined.loaded is not None
    assert examined.lines("error") == []
    assert [line.split(": ", 1)[1].split(";")[0] for line in examined.lines("warning")] == [
        "units[50]: the group hezhangzhi has no members yet, so it reaches nobody",
        "units[51]: the group mubiaokaoping has no members yet, so it reaches nobody",
        "roster[15].name: stands there already with another post",
        "roster[28].post: names a unit and no post in it",
    ]


def test_a_target_without_a_numeral_is_only_warned_of() -> None:
    """A source may print 百分之百; whether that is 100 a person sees."""
    text = GOOD.replace('target: "100"', "target: 百分之百", 1)
    examined = examine_text("plan.yaml", text.encode())
    assert examined.loaded is not None
    assert any("is not the figure of the printed target, 百分之百" in x for x in examined.lines("warning"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "units: [diweiban, ducha], kind: draft",
            "units: [diweiban], kind: draft",
            'alerted of itself when it is late: rung 3 has no exception for it; "ducha"; add one',
        ),
        (
            '"四(十二)4"',
            '"四(十三)4"',
            "duties[44].source: is not the place of D12.4, which is heading 12, duty 4",
        ),
        ('"四(二十二)4"', '"四(二十二)5"', "source: is not the place of D22.4, which is heading 22, duty 4"),
        ('"四(二十六)"', '"四(二十)"', "source: is not the place of D26.1, which is heading 26, duty 1"),
        ('"四(十)1"', '"四(一)1"', "source: is not the place of D10.1, which is heading 10, duty 1"),
    ],
)
def test_what_may_be_right_is_a_warning(old: str, new: str, said: str) -> None:
    at = GOOD.index(old, GOOD.index("\nduties:") if old[0] == '"' else 0)
    examined = examine_text("plan.yaml", (GOOD[:at] + new + GOOD[at + len(old) :]).encode())
    assert examined.loaded is not None
    assert [line for line in examined.lines("warning") if said in line], examined.lines("warning")


def test_a_supervisor_is_not_excepted_by_its_relation() -> None:
    """No run looks at it: where nobody is named the unit is alerted of itself, and that is said too."""
    text = GOOD.replace("units: [diweiban, ducha], kind: draft", "relations: [subordinate], kind: draft", 1)
    warned = examine_text("plan.yaml", text.encode()).lines("warning")
    assert [line for line in warned if "who_hears[4].unit: would be alerted of itself" in line], warned


def test_what_no_run_does_is_named_in_one_go() -> None:
    text = GOOD.replace(
        "{rung: 3, units: [xingshuban], kind: draft", "{rung: 4, relations: [vertical], kind: draft"
    )
    text = text.replace("rung: 0, unit: debtor, role: liaison", "rung: 0, unit: debtor, role: leader")
    line = text[: text.index("{rung: 4, relations")].count("\n") + 1
    assert examine_text("plan.yaml", text.encode()).lines("error") == [
        f'plan.yaml:{line - 12}: who_hears[0].role: rung 0 is told in one way only; "leader"; write liaison',
        f'plan.yaml:{line}: exceptions[1].relations: a draft is made for units only; ["vertical"]; '
        "name units under units, and remove these",
        f"plan.yaml:{line}: exceptions[1].rung: a draft stands in for the alert of rung 3 only; 4; "
        "write rung: 3, or remove it",
    ]


def test_a_source_that_is_printed_otherwise_contradicts_nothing() -> None:
    text = GOOD.replace('source: "四(十二)4"', "source: 第四章第十二节", 1)
    assert len(examine_text("plan.yaml", text.encode()).lines("warning")) == 4
