"""Plan files of a wrong shape, each with the line that must be named: found by looking into the text."""

from dataclasses import dataclass

from tests.plans.mutations import GOOD


@dataclass(frozen=True)
class Shape:
    """A spoilt text; the line that must be named, and what must be said of it."""

    name: str
    text: str
    line: int
    said: str


def between(begin: str, end: str) -> str:
    """The text from one fragment up to another."""
    at = GOOD.index(begin)
    return GOOD[at : GOOD.index(end, at + 1)]


def shape(name: str, old: str, new: str, at: str, said: str, nth: int = 1) -> Shape:
    """The file with `new` for `old`; to be named is the line where `at` stands, for the nth time."""
    assert GOOD.count(old) == 1, (name, GOOD.count(old))
    text = GOOD.replace(old, new)
    begin = -1
    for _ in range(nth):
        begin = text.index(at, begin + 1)
    return Shape(name, text, text.count("\n", 0, begin) + 1, said)


PLAN, I33, P2, FINANCE = "id: daxinganling-2022", "- id: I33", "- {id: P2,", "- id: caizhengju"
SHORT = "    short: 地区财政局\n"
LIAISON = "- {name: 联络员·财政局, role: liaison, address: lianluo@caizhengju.dxal.example}"
LAST_DUTY = (
    '  - {id: D26.1, unit: diaochadui, title: 绿色产品与公众满意度、参与度调查, source: "四(二十六)"}\n'
)
HEAD = "  - {name: 徐向国, post: 地委副书记、行署专员, role: head}\n"
UNIT = between(f"  {FINANCE}", "  - id: gongxinju")
LEAD = "lead: [caizhengju]"
TEST = '[{kind: bound, at_least: "4.5"}]'

# Name, what is taken out, where that is named: at the part in which it is missing.
LEFT_OUT = [
    ("the plan's title", "\ntitle: 大兴安岭地区创建国家生态文明建设示范区", PLAN),
    ("the days to answer", "answer_days: 2 # working days after the day the request was really sent\n", PLAN),
    ("the source", between("source: {title: 大兴安岭", "\n# Rounds"), PLAN),
    ("the list of policies", between("policies:\n  - {id: P1", "\n# 五, third part"), PLAN),
    ("the list of indicators", between("indicators:\n  # 生态制度", "\n# 五, second part"), PLAN),
    ("the list of who hears", between("who_hears:\n", "\nexceptions:"), PLAN),
    ("a unit's name", "    name: 地区财政局\n", FINANCE),
    ("a unit's short name", SHORT, FINANCE),
    ("an indicator's name", "    name: 政府绿色采购比例\n", I33),
    ("a policy's lead units", ", lead: [shenjiju]", P2),
    ("a duty's unit", " unit: diaochadui,", "- {id: D26.1"),
    ("a rung's title", ", title: 催办", "- {rung: 2, after: 3"),
    ("a contact's address", ", address: lianluo@caizhengju.dxal.example", "- {name: 联络员·财政局"),
]  # fmt: skip

# Name, the text behind which it stands, what nobody knows.
UNKNOWN = [
    ("a field of the plan", "prefecture: 大兴安岭地区\n", "province: 黑龙江省\n"),
    ("a field of a unit", SHORT, "    fax: x\n"),
    ("a field of an indicator", "    name: 政府绿色采购比例\n", "    colour: green\n"),
    ("a field of a contact", "- {name: 联络员·财政局,", " mobile: x,"),
    ("a field of a test", TEST[:-2], ', unless: "1"'),
    ("a field of a duty", "- {id: D12.4,", " weight: 2,"),
    ("a field of the lights", "\nlights:\n", "  blue_after_days: 3\n"),
    ("a total", "\ndeclared:\n", "  meetings: 4\n"),
]

NO_LIST, NO_TEXT, NO_FIELDS = "is no list", "valid string", "is no mapping"
LIGHTS = between("lights:\n", "\n# The share")
RELATED = f"{SHORT}    relation: subordinate\n"
OTHERS = [
    shape("a mapping for a list of units", LEAD, "lead: {a: caizhengju}", "{a: caizhengju}", NO_LIST),
    shape("a word for a list of units", LEAD, "lead: caizhengju", "lead: caizhengju", NO_LIST),
    shape("nothing for a list of units", LEAD, "lead:", "lead:\n", NO_LIST),
    shape("a list in a list", LEAD, "lead: [[caizhengju]]", "[[caizhengju]]", NO_TEXT),
    shape("a list for a name", "name: 政府绿色采购比例", "name: [政府绿色采购比例]", "[政府", NO_TEXT),
    shape("a mapping for tests", TEST, TEST[1:-1], f"tests: {TEST[1:-1]}", NO_LIST),
    shape("a list for a contact", LIAISON, "- [联络员·财政局, liaison]", "[联络员·财政局", NO_FIELDS),
    shape("a word for the lights", LIGHTS, "lights: on\n", "lights: on", NO_FIELDS),
    shape("a unit twice", UNIT, UNIT + UNIT, FINANCE, "this id is taken", nth=2),
    shape("a duty twice", LAST_DUTY, LAST_DUTY * 2, "id: D26.1", "this id is taken", nth=2),
    shape("a member twice", HEAD, HEAD * 2, "徐向国", "stands there already with this post", nth=2),
    shape("a field twice", SHORT, SHORT * 2, SHORT[:-1], "stands twice", nth=2),
    shape("a unit without contacts", UNIT, UNIT[: UNIT.index("    contacts:")], FINANCE, "has 0 contacts"),
    shape("a unit without liaison", LIAISON, LIAISON.replace("liaison,", "leader,"),
          "contacts:\n      - {name: 联络员·财政局",
          "has 0 contacts in the role liaison"),
    shape("a unit without relation", RELATED, SHORT, FINANCE, "has no relation"),
    shape("a total that differs", "  duties: 102\n", "  duties: 101\n", "  duties: 101", "the 102 counted"),
    shape("an entry that is gone", LAST_DUTY, "", "  duties: 102", "differs from the 101 counted"),
]  # fmt: skip

REFUSED = [shape(f"{name} left out", old, "", at, "is missing") for name, old, at in LEFT_OUT]
REFUSED += [
    shape(f"{name} unknown", old, old + more, more.strip(" ,\n"), "is not a known field")
    for name, old, more in UNKNOWN
]
REFUSED += OTHERS

# Where a reader stops, which is the line itself or the one behind it.
NO_YAML = [
    shape(name, old, new, new.strip(" \n"), "is not YAML")
    for name, old, new in (
        ("too little indented", SHORT, SHORT[1:]),
        ("too far indented", SHORT, f" {SHORT}"),
        ("a tab", SHORT, f"\t{SHORT.strip()}\n"),
        ("a quote without end", 'telephone: "0000-0000000"', 'telephone: "0000-0000000'),
        ("a bracket without end", LEAD, LEAD[:-1]),
        ("a brace without end", LIAISON, LIAISON[:-1]),
        ("no colon", SHORT, SHORT.replace(":", "")),
    )
]
