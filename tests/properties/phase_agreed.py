"""What the check `dates` asks for: what is agreed on with the units, and what others than they set."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from eco_workflow.services import indicator_dates, indicator_facts
from tests.office import OPERATOR, SUPERVISOR, liaison
from tests.properties.phase_world import PhaseWorld

TARGETS = (("shuili", "I01", "90"), ("huanbao", "I02", "I02.1=80 I02.2=399"), ("shuili", "I03", "是"))
"""As strict as what the county's document prints: the figures of these histories are judged as before."""


def propose(world: PhaseWorld, chance: random.Random) -> None:
    """A lead unit proposes a date and its figure; a date past the document's needs more than that."""
    unit, item, target = chance.choice(TARGETS)
    due = chance.choice((date(2022, 6, 30), date(2022, 6, 30), world.today + timedelta(days=200)))
    world.try_(
        f"propose {unit} {item} by {due}",
        lambda: indicator_dates.propose(
            world.office.database, item, unit, due_on=due, target=target, source="本局测算",
            by=liaison(unit), **world.moment,
        ),
    )  # fmt: skip


def decide(world: PhaseWorld, chance: random.Random) -> None:
    """What was proposed last is confirmed, or declined."""
    unit, item, _ = chance.choice(TARGETS)
    by = chance.choice((SUPERVISOR if unit == "huanbao" else OPERATOR,) * 3 + (OPERATOR, SUPERVISOR))
    does: Callable[..., object] = indicator_dates.decline
    said: dict[str, Any] = {"reason": "请核实"}
    if chance.random() < 0.7:
        does, said = indicator_dates.confirm, {"reason": "", "decision": ""}
    world.try_(
        f"{does.__name__} {unit} {item}",
        lambda: does(world.office.database, item, unit, by=by, **said, **world.moment),
    )


def record(world: PhaseWorld, chance: random.Random) -> None:
    """The office records the superior's figure or the base; nobody else may."""
    by = chance.choice((OPERATOR, OPERATOR, liaison("huanbao")))
    task = indicator_facts.Task("90", "市文件", date(2022, 1, 10))
    if chance.random() < 0.5:
        world.try_(
            "superior's figure of I01",
            lambda: indicator_facts.assign(world.office.database, "I01", task, by=by, **world.moment),
        )
        return
    world.try_(
        "base of I02.2",
        lambda: indicator_facts.set_base(
            world.office.database, "I02.2", "400", period="2020", source="统计年鉴", by=by, **world.moment
        ),
    )
