"""The plan of these long runs: so many lead units, open for years, each with one indicator to report on."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tests.reliability.world import SMALL

FIRST_YEAR = 2022


def lead_unit(number: int) -> str:
    """The code of the `number`-th lead unit."""
    return f"u{number:02}"


def long_plan(folder: Path, *, units: int, last_day: date, round_days: tuple[int, ...] = (14, 28)) -> str:
    """Writes the small plan of the reliability tests with other lead units and another end; returns its path.

    The indicators are due on the last day, so that every round asks every unit.
    """
    plan: dict[str, Any] = yaml.safe_load(SMALL.read_text("utf-8"))
    pattern, numbers = plan["units"][0], range(1, units + 1)
    offices = [unit for unit in plan["units"] if unit["id"] in ("supervision", "office")]
    measure = plan["indicators"][1]
    plan["phases"][0]["end"] = last_day
    plan["round_days"] = list(round_days)
    plan["rounds_from"] = date(FIRST_YEAR, 1, 1)
    plan["units"] = [_unit(pattern, number) for number in numbers] + offices
    plan["indicators"] = [
        measure | {"id": f"I{n:02}", "name": f"第{n}项比例", "lead": [lead_unit(n)], "due_on": last_day}
        for n in numbers
    ]
    plan["policies"] = []
    plan["declared"] |= {
        "units": units + 2, "indicators": units, "binding": 0, "lead_links": units,
        "data_provider_links": 0, "policies": 0, "policy_lead_links": 0,
    }  # fmt: skip
    path = folder / "plan.yaml"
    path.write_text(json.dumps(plan, ensure_ascii=False, default=str), "utf-8")  # YAML without aliases
    return str(path)


def _unit(pattern: dict[str, Any], number: int) -> dict[str, Any]:
    code = lead_unit(number)
    people = [
        person | {"name": f"{number}号{person['name'][1:]}", "address": f"{person['role']}@{code}.example"}
        for person in pattern["contacts"]
    ]
    return pattern | {"id": code, "name": f"第{number}局", "short": f"{number}局", "contacts": people}
