"""A small plan for generated histories: six units, two phases, due dates in between, the real ladder."""

from dataclasses import dataclass
from typing import Any

from eco_workflow.plans.check import findings
from eco_workflow.plans.count import count
from eco_workflow.plans.load import LoadedPlan
from eco_workflow.plans.schema import Plan

UNITS = ("ban", "ducha", "xing", "shui", "lin", "cai")
"""The office, the supervision office (its own alerts are drafts), the administrative office, three others."""


@dataclass(frozen=True)
class Season:
    """The days of a plan: its two phases, and when its items fall due."""

    starts: str
    second_phase: str
    first_ends: str
    ends: str
    due: tuple[str, str, str]
    """Of the indicators."""
    policy_due: str


SPRING = Season(
    "2022-03-01", "2022-06-01", "2022-05-31", "2022-06-30",
    ("2022-04-08", "2022-05-31", "2022-05-10"), "2022-04-20",
)  # fmt: skip
"""Tomb sweeping (3 to 5 April), 1 to 4 May and the Dragon Boat Festival (3 to 5 June) lie in it."""
AUTUMN = Season(
    "2022-09-01", "2022-10-01", "2022-09-30", "2022-10-31",
    ("2022-09-26", "2022-10-12", "2022-09-30"), "2022-10-09",
)  # fmt: skip
"""Mid-autumn (10 to 12 September) and National Day (1 to 7 October, then two make-up days) lie in it."""


def small_plan(
    round_days: tuple[int, ...], *, wait_for_working_day: bool, season: Season = SPRING
) -> LoadedPlan:
    """The plan; `(3, 14)` prints rounds on the public holidays of 3 April, May and June, and of 3 October."""
    document: dict[str, Any] = {
        "id": "small",
        "title": "小方案",
        "prefecture": "某地区",
        "source": {"title": "小方案", "published": season.starts, "index": "0"},
        "rounds_from": season.starts,
        "round_days": list(round_days),
        "answer_days": 2,
        "answer_time": "17:30",
        "wait_for_working_day": wait_for_working_day,
        "summary_days": 4,
        "office": {"unit": "ban", "telephone": "0"},
        "phases": [
            {
                "id": 1, "key": "launch", "title": "启动", "start": season.starts, "end": season.first_ends,
                "source": "一", "milestones": [{"id": "M1.1", "title": "甲", "source": "一1"}],
            },
            {
                "id": 2, "key": "implementation", "title": "推进", "start": season.second_phase,
                "end": season.ends, "source": "二",
                "milestones": [{"id": "M2.1", "title": "乙", "source": "二1", "owner": "cai"}],
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
            _indicator("I01", season.due[0], lead=["shui", "cai"]),
            _indicator("I02", season.due[1], lead=["ducha"], data_providers=["lin"]),
            _indicator("I03", season.due[2], lead=["shui"], data_providers=["cai"]),
        ],
        "policies": [
            {"id": "P1", "title": "丙", "source": "三1", "due_on": season.policy_due, "lead": ["xing", "lin"]}
        ],
        "rhythms": {
            "indicator": "every_round", "data": "monthly", "policy": "every_round",
            "milestone": "every_round",
        },
        "ladder": {
            "id": "report",
            "rungs": [
                {"rung": 0, "before_due": 3, "title": "预警", "clocks": ["task"]},
                {"rung": 1, "after": 0, "title": "提醒"},
                {"rung": 2, "after": 3, "title": "催办"},
                {"rung": 3, "after": 2, "title": "督办"},
                {"rung": 4, "after": 5, "title": "督查报告", "clocks": ["task", "indicator"]},
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
    return LoadedPlan(plan, text, digest=f"{round_days}{wait_for_working_day}{season.starts}")


def _indicator(code: str, due_on: str, **owed: list[str]) -> dict[str, Any]:
    return {
        "id": code, "name": code, "domain": "域", "category": "类", "binding": True, "target": "1",
        "source": "五", "due_on": due_on, "unit": "%",
        "tests": [{"kind": "bound", "at_least": "1"}], **owed,
    }  # fmt: skip
