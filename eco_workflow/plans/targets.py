"""The targets of indicators in a form that can be evaluated (DOMAIN 2, indicators).

An indicator has either tests, or parts with tests of their own, or branches of which the base decides which
one applies. All tests of a list must be met. Decimals stand in quotes, so that they stay exact.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from eco_workflow.domain.targets import Figures
from eco_workflow.plans.fields import Code, Exact, Part, Text


class Bound(Part):
    """The value keeps a bound; exactly one of the three is given."""

    kind: Literal["bound"]
    at_least: Exact | None = None
    at_most: Exact | None = None
    equals: Exact | None = None


class Trend(Part):
    """The value is not worse than the base beyond the tolerance; `strict`: it is better by more than that."""

    kind: Literal["trend"]
    better: Literal["higher", "lower"]
    tolerance: Exact = Decimal(0)
    strict: bool = False
    measure_from_assigned: bool = False
    """What is compared comes with the figure from above, and so does its direction where that differs."""


class Rise(Part):
    """The value lies so many percentage points above the base."""

    kind: Literal["rise"]
    at_least: Exact


class Assigned(Part):
    """The value reaches a figure set by the superior, a parameter with value, source and date.

    `higher`: value >= figure; `lower`: value <= figure. Without the figure the target is undetermined.
    """

    kind: Literal["assigned"]
    better: Literal["higher", "lower"]


class Stated(Part):
    """A qualitative target: the unit states that it is so."""

    kind: Literal["stated"]
    words: Text


Test = Annotated[Bound | Trend | Rise | Assigned | Stated, Field(discriminator="kind")]


class Evidence(Part):
    """A file that must be there when completion is claimed; its id is unique in its item."""

    id: Annotated[str, StringConstraints(pattern=r"^E[1-9]\d?$")]
    title: Text


class IndicatorPart(Part):
    """A part of an indicator; the indicator is met only if all its parts are."""

    id: Annotated[str, StringConstraints(pattern=r"^I\d\d\.[1-9]$")]
    name: Text
    aliases: list[Text] = []
    unit: Text | None = None
    """The measure, e.g. `%`."""
    figures: Figures | None = None
    """What figures it takes, where that is not what the measure says (`Indicator.figures`)."""
    target: Text
    """As printed."""
    tests: list[Test] = Field(min_length=1)
    lead: list[Code] = []
    """Where the part has leads of its own; otherwise the indicator's."""


class Applies(Part):
    """When a branch applies, by the base; exactly one of the two is given."""

    base_at_most: Exact | None = None
    base_above: Exact | None = None


class Branch(Part):
    """One of two alternatives; it is neither asked nor counted as a part."""

    id: Annotated[str, StringConstraints(pattern=r"^I\d\d\.[a-z]$")]
    name: Text
    target: Text
    applies: Applies
    tests: list[Test] = Field(min_length=1)
