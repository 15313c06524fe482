"""Small plans for generated histories: six units, two phases, due dates in between; some drawn by chance."""

import hashlib
import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from eco_workflow.plans.check import findings
from eco_workflow.plans.count import count
from eco_workflow.plans.load import LoadedPlan
from eco_workflow.plans.schema import Plan

UNITS = ("ban", "ducha", "xing", "shui", "lin", "cai")
"""The office, the supervision office (its own alerts are drafts), the administrative office, three others."""


@dataclass(frozen=True)
class Season:
    """The days of a plan: its two phases, and the first days of histories, some just before a holiday."""

    starts: str
    second_phase: str
    first_ends: str
    ends: str
    first_days: tuple[date, ...]


SPRING = Season(
    "2022-03-01", "2022-06-01", "2022-05-31", "2022-06-30",
    (date(2022, 3, 1), date(2022, 3, 14), date(2022, 4, 1), date(2022, 4, 12), date(2022, 4, 28),
     date(2022, 5, 12), date(2022, 5, 31)),
)  # fmt: skip
"""Tomb sweeping (3 to 5 April), 1 to 4 May and the Dragon Boat Festival (3 to 5 June) lie in it."""
AUTUMN = Season(
    "2022-09-01", "2022-10-01", "2022-09-30", "2022-10-31",
    (date(2022, 9, 1), date(2022, 9, 8), date(2022, 9, 22), date(2022, 9, 29)),
)  # fmt: skip
"""Mid-autumn (10 to 12 September) and National Day (1 to 7 October, then two make-up days) lie in it."""


@dataclass(frozen=True)
class Shape:
    """What plans differ in; by default the real rhythm and ladder."""

    season: Season = SPRING
    round_days: tuple[int, ...] = (14, 28)
    wait_for_working_day: bool = False
    answer_days: int = 2
    answer_time: str = "17:30"
    summary_days: int = 4
    before_due: int = 3
    graces: tuple[int, int, int] = (3, 2, 5)
    """Working days before rungs 2, 3 and 4."""
    rhythms: tuple[str, ...] = ("every_round", "monthly", "every_round", "every_round")
    """Of indicators, of figures provided, of policies, of milestones."""
    leads: tuple[tuple[str, ...], ...] = (("shui", "cai"), ("ducha",), ("shui",), ("xing", "lin"))
    """Of I01, I02, I03 and P1."""
    providers: tuple[tuple[str, ...], ...] = ((), ("lin",), ("cai",))
    due: tuple[str, ...] = ("2022-04-08", "2022-05-31", "2022-05-10", "2022-04-20")
    owner: str = "cai"
    """Of the second phase's milestone."""
    duties: tuple[tuple[str, str], ...] = ()
    """Unit and rhythm."""
    vetoes: tuple[tuple[str, str], ...] = ()
    """The unit that declares, and the rhythm."""


def random_shape(chance: random.Random) -> Shape:
    """A plan of anybody's: other days, graces, rhythms, links and due dates."""
    season = chance.choice((SPRING, AUTUMN))
    first, last = date.fromisoformat(season.starts), date.fromisoformat(season.ends)

    def some(at_least: int) -> tuple[str, ...]:
        return tuple(chance.sample(UNITS, chance.randint(at_least, 2)))

    leads = tuple(some(1) for _ in range(4))
    return Shape(
        season=season,
        round_days=chance.choice(((14, 28), (3, 14), (10, 28), (5, 20), (7,), (1, 11, 21))),
        wait_for_working_day=chance.random() < 0.4,
        answer_days=chance.choice((1, 2, 2, 3)),
        answer_time=chance.choice(("17:30", "12:00")),
        summary_days=chance.randint(3, 5),
        before_due=chance.randint(2, 5),
        graces=(chance.randint(1, 4), chance.randint(1, 3), chance.randint(2, 5)),
        rhythms=tuple(chance.choice(("every_round", "every_round", "monthly")) for _ in range(4)),
        leads=leads,
        providers=tuple(tuple(u for u in some(0) if u not in lead) for lead in leads[:3]),
        due=tuple(str(first + timedelta(days=chance.randint(5, (last - first).days - 7))) for _ in range(4)),
        owner=chance.choice(UNITS),
        duties=tuple(zip(some(1), ("monthly", "quarterly"), strict=False)),
        vetoes=((chance.choice(UNITS), chance.choice(("monthly", "quarterly"))),),
    )


def small_plan(shape: Shape) -> LoadedPlan:
    """The plan of that shape; round days of 3 and 14 print rounds on public holidays."""
    season = shape.season
    of_indicators, of_data, of_policies, of_milestones = shape.rhythms
    document: dict[str, Any] = {
        "id": "small",
        "title": "小方案",
        "prefecture": "某地区",
        "source": {"title": "小方案", "published": season.starts, "index": "0"},
        "rounds_from": season.starts,
        "round_days": list(shape.round_days),
        "answer_days": shape.answer_days,
        "answer_time": shape.answer_time,
        "wait_for_working_day": shape.wait_for_working_day,
        "summary_days": shape.summary_days,
        "office": {"unit": "ban", "telephone": "0"},
        "phases": [
            {
                "id": 1, "key": "launch", "title": "启动", "start": season.starts, "end": season.first_ends,
                "source": "一", "milestones": [{"id": "M1.1", "title": "甲", "source": "一1"}],
            },
            {
                "id": 2, "key": "implementation", "title": "推进", "start": season.second_phase,
                "end": season.ends, "source": "二",
                "milestones": [{"id": "M2.1", "title": "乙", "source": "二1", "owner": shape.owner}],
            },
        ],
        "units": [
            {
                "id": unit,
                "name": f"{unit}局",
                "short": unit.upper(),
                "kind": "office" if unit == "ban" else "unit",
                "relation": "independent" if unit == "cai" else "subordinate",
                "contacts": [
                    {"name": f"{unit} {role}", "role": role, "address": f"{role}@{unit}.example"}
                    for role in ("liaison", "leader")
                ],
            }
            for unit in UNITS
        ],
        "indicators": [
            _indicator(code, due_on, lead=list(lead), data_providers=list(providers))
            for code, due_on, lead, providers in zip(
                ("I01", "I02", "I03"), shape.due[:3], shape.leads[:3], shape.providers, strict=True
            )
        ],
        "policies": [
            {"id": "P1", "title": "丙", "source": "三1", "due_on": shape.due[3], "lead": list(shape.leads[3])}
        ],
        "duties": [
            {"id": f"D{n}.1", "unit": unit, "title": "丁", "source": "四", "rhythm": rhythm}
            for n, (unit, rhythm) in enumerate(shape.duties, start=1)
        ],
        "vetoes": [
            {"id": f"V{n}", "title": "戊", "source": "六", "lead": [unit], "rhythm": rhythm}
            for n, (unit, rhythm) in enumerate(shape.vetoes, start=1)
        ],
        "rhythms": {
            "indicator": of_indicators, "data": of_data, "policy": of_policies, "milestone": of_milestones,
        },
        "ladder": {
            "id": "report",
            "rungs": [
                {"rung": 0, "before_due": shape.before_due, "title": "预警", "clocks": ["task"]},
                {"rung": 1, "after": 0, "title": "提醒"},
                {"rung": 2, "after": shape.graces[0], "title": "催办"},
                {"rung": 3, "after": shape.graces[1], "title": "督办"},
                {"rung": 4, "after": shape.graces[2], "title": "督查报告", "clocks": ["task", "indicator"]},
            ],
        },
        "who_hears": [
            {"rung": 0, "unit": "debtor", "role": "liaison", "kind": "early_warning", "principal": True},
            {"rung": 1, "unit": "debtor", "role": "liaison", "kind": "reminder", "principal": True},
            {
                "rung": 2, "unit": "debtor", "role": "leader", "otherwise": "liaison", "kind": "reminder",
                "principal": True,
            },
            {"rung": 2, "unit": "debtor", "role": "liaison", "kind": "reminder"},
            {"rung": 3, "unit": "ducha", "role": "liaison", "kind": "alert", "principal": True},
            {"rung": 3, "unit": "xing", "role": "liaison", "kind": "copy"},
            {"rung": 3, "unit": "ban", "role": "liaison", "kind": "copy"},
            {"rung": 4, "unit": "leaders", "role": "leader", "kind": "draft_report", "principal": True},
        ],
        "exceptions": [
            {"rung": 3, "units": ["ducha", "xing"], "kind": "draft", "addressee": "上级", "why": "自身"}
        ],
        "declared": dict.fromkeys(
            (
                "phases", "milestones", "units", "superiors", "groups", "indicators", "binding", "lead_links",
                "supporting_links", "data_provider_links", "policies", "policy_lead_links",
            ),
            0,
        ),
    }  # fmt: skip
    plan = Plan.model_validate(document)
    plan = plan.model_copy(update={"declared": count(plan)})
    assert list(findings(plan)) == []
    text = plan.model_dump_json()
    return LoadedPlan(plan, text, digest=hashlib.sha256(text.encode()).hexdigest())


def _indicator(code: str, due_on: str, **owed: list[str]) -> dict[str, Any]:
    return {
        "id": code, "name": code, "domain": "域", "category": "类", "binding": True, "target": "1",
        "source": "五", "due_on": due_on, "unit": "%",
        "tests": [{"kind": "bound", "at_least": "1"}], **owed,
    }  # fmt: skip


USUAL = small_plan(Shape())
"""The real rhythm and ladder."""
WAITING = small_plan(Shape(wait_for_working_day=True))
ON_HOLIDAYS = small_plan(Shape(round_days=(3, 14)))
"""Rounds are printed on the public holidays of 3 April, May and June."""
