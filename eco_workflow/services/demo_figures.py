"""The demo's figures: made up from the targets, so that what is claimed with them is met."""

from decimal import Decimal

from eco_workflow.domain.targets import WHOLE, Bound, Figures, Part, direction
from eco_workflow.plans import schema
from eco_workflow.plans.demands import target_of

PERIOD, BASE_PERIOD = "2021", "2020"
"""The period of every figure, and of the base that it is compared with."""

LEVELS: dict[Figures, Decimal] = {"share": Decimal(85), "amount": Decimal(120), "change": Decimal(6)}
"""A figure where the target prints none."""

STEP = Decimal("0.5")
"""By so much a figure is better than the superior's, and that one than the base."""


def figure_of(part: Part) -> Decimal:
    """A figure that meets a part's target once the superior's figure and the base are known."""
    kind = part.figures or ("share" if part.unit == "%" else "amount")
    bounds = [test.figure for test in part.tests if isinstance(test, Bound)]
    if not bounds:
        return LEVELS[kind]
    return min(bounds[0] + 1, WHOLE) if kind == "share" else bounds[0] + 1


def task_of(part: Part) -> Decimal:
    """What the superior sets: the figure is better by a step."""
    return figure_of(part) - STEP * _sign(part)


def base_of(part: Part) -> Decimal:
    """What a trend is compared with: the figure is better by two steps."""
    return figure_of(part) - 2 * STEP * _sign(part)


def _sign(part: Part) -> int:
    return -1 if direction(part.all_tests) == "lower" else 1


def claimed(indicator: schema.Indicator) -> str:
    """All that is reported of an indicator when it is claimed, as typed behind `--value`."""
    said = []
    for part in target_of(indicator).parts:
        named = f"{part.code}=" if part.code != indicator.id else ""
        said += [f"{named}{figure_of(part):f}"] if part.takes_number else []
        said += [f"{named}是"] if part.takes_statement else []
    return " ".join(said)
