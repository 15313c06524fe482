"""What units say of indicators in these histories: in a round, beside a closed one, by a survey."""

import random
from datetime import date
from typing import Any

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.roles import Actor
from eco_workflow.services import new_figure, progress, review, surveys
from eco_workflow.services.surveys import Held
from tests.office import OPERATOR, SUPERVISOR, liaison
from tests.properties.phase_world import PhaseWorld

RIVERS, WASTE = ("shuili", "I01"), ("huanbao", "I02")
FIGURES = (
    (*RIVERS, "95"), (*RIVERS, "85"), (*WASTE, "I02.1=85 I02.2=390"), (*WASTE, "I02.1=70 I02.2=390"),
    (*WASTE, "I02.1=85 I02.2=420"),
)  # fmt: skip
"""Some meet the target, the first of each, some miss it by one part."""
PERIODS = ("2021", "2021", "2022-02")
"""Of what has fallen by its figure of February the older ones are refused."""


def report(
    world: PhaseWorld, unit: str, item: str, status: str, by: Actor | None = None, **said: Any
) -> None:
    """The unit answers, or another for it."""
    answer, by = Answer(status, **said), by or liaison(unit)
    world.try_(
        f"report {unit} {item} {status} {said} by {by.name}",
        lambda: progress.submit(world.office.database, unit, item, answer, by=by, **world.moment),
    )


def recall(world: PhaseWorld, unit: str, item: str, by: Actor | None = None) -> None:
    """The unit takes its answer back, or another tries to."""
    by = by or liaison(unit)
    world.try_(
        f"recall {unit} {item} by {by.name}",
        lambda: progress.recall(world.office.database, unit, item, by=by, **world.moment),
    )


def answer(world: PhaseWorld, chance: random.Random) -> None:
    """A figure, or a statement, in the round that asks."""
    statements = (("shuili", "I03", "是"), ("shuili", "I03", "否"))
    unit, item, value = chance.choice((*FIGURES, *statements))
    period = "" if item == "I03" else _of(value, chance.choice(PERIODS))
    if chance.random() < 0.7:
        recall(world, unit, item)
    report(world, unit, item, chance.choice(("completed", "in_progress")), value=value, period=period)


def newer(world: PhaseWorld, chance: random.Random) -> None:
    """A figure of February beside what was closed out, which may fall by it. Mostly it is closed out first:
    else hardly any ever is.
    """
    unit, item, value = chance.choice(FIGURES)
    if chance.random() < 0.7:
        met = next(figure for of, code, figure in FIGURES if (of, code) == (unit, item))
        recall(world, unit, item)
        report(world, unit, item, "completed", value=met, period=_of(met, chance.choice(PERIODS)))
        by = SUPERVISOR if unit == "huanbao" else OPERATOR
        world.try_(
            f"close out {unit} {item}",
            lambda: review.close(world.office.database, unit, item, by=by, **world.moment),
        )
    world.try_(
        f"newer {unit} {item} {value}",
        lambda: new_figure.give(
            world.office.database, unit, item, value=value, period=_of(value, "2022-02"), by=liaison(unit),
            **world.moment,
        ),
    )  # fmt: skip


def survey(world: PhaseWorld, chance: random.Random) -> None:
    """Questionnaire and report may be contents that were brought as evidence, or lie in quarantine."""
    unit, item, value = chance.choice(FIGURES)
    papers = []
    for part in ("asked", "found"):
        file = world.office.home.parent / f"{part}.pdf"
        file.write_bytes(f"content {chance.randrange(8)}".encode())
        papers.append(str(file))
    held = Held("抽样调查", papers[0], 500, date(2022, 2, 1), date(2022, 2, 20), papers[1])
    values = value if "=" in value else f"{item}={value}"
    by = chance.choice((liaison(unit), OPERATOR))
    world.try_(
        f"survey {unit} {values}",
        lambda: surveys.record(
            world.office.database,
            world.office.settings,
            held,
            values=values,
            unit=unit,
            by=by,
            **world.moment,
        ),
    )


def _of(value: str, period: str) -> str:
    """The period behind each part that is named."""
    parts = [word.partition("=")[0] for word in value.split() if "=" in word]
    return " ".join(f"{part}={period}" for part in parts) or period
