"""The ladder, who hears of it, lights and ranking: the rules that a plan file may set (DOMAIN 4 to 6)."""

from typing import Literal

from pydantic import Field

from eco_workflow.domain.overdue import CLOCKS, Clock
from eco_workflow.plans.fields import Code, Days, Part, Relation, Text


class LadderRung(Part):
    """A rung, the clocks whose cases reach it, and what brings a case there: exactly one of the three."""

    rung: int = Field(ge=0, le=5)
    title: Text
    clocks: list[Clock] = list(CLOCKS)
    after: int | None = Field(default=None, ge=0)
    """Working days after the rung below was sent; 0 when the clock has run out."""
    before_due: Days | None = None
    """Working days before the due date: an early warning, no precondition of rung 1."""
    decided_by: Literal["leader"] | None = None
    """No grace leads there: a leader decides."""

    @property
    def ways_up(self) -> int:
        """How many of the three are given."""
        return sum(way is not None for way in (self.after, self.before_due, self.decided_by))


class Ladder(Part):
    """The ladder of all clocks; the report clock and the evidence clock end at rung 3."""

    id: Code
    rungs: list[LadderRung]

    def graces(self, clock: Clock) -> dict[int, int]:
        """Rung → working days after the rung below, for the rungs that a clock climbs by itself."""
        return {
            rung.rung: rung.after
            for rung in self.rungs
            if clock in rung.clocks and rung.rung >= 1 and rung.after is not None
        }


class Hearing(Part):
    """Who hears of a rung. The principal's telling counts; the others' does not.

    Rung 0 warns the debtor's liaison. Rungs 1 and 2 are told to the debtor first, rung 3 to the supervision
    office: the debtor by a reminder, a unit by an alert where it is the principal, else by a copy. Rung 4
    is a draft report to the leaders, rung 5 a signed file to a unit; nobody else hears of 0, 4 and 5.
    """

    rung: int
    unit: Code
    """`debtor`, `leaders` (head and deputies of the leading group), or a unit's id."""
    role: Literal["liaison", "leader"]
    otherwise: Literal["liaison", "leader"] | None = None
    """Who hears where nobody fills the role: for the principal of rungs 1 and 2."""
    principal: bool = False
    kind: Literal["early_warning", "reminder", "alert", "copy", "draft_report", "signed_file"]
    """A draft report and a signed file are papers: they leave only when a person signs."""


class HearingException(Part):
    """Debtors or items for which a rung is a draft to somebody above, or does not exist.

    A `draft` takes the place of the alert of rung 3, for `units`. With `none` there is no rung 5, for any of
    the three.
    """

    rung: int
    units: list[Code] = []
    relations: list[Relation] = []
    items: list[Text] = []
    kind: Literal["draft", "none"]
    addressee: Text
    why: Text


class Lights(Part):
    """When an item turns yellow or red (DOMAIN 6)."""

    yellow_before_days: Days = 3
    """Working days before the due date."""
    yellow_behind_points: int = Field(default=10, ge=0, le=100)
    """Percentage points behind pro-rata from which it is yellow."""
    red_behind_points: int = Field(default=30, ge=0, le=100)
    """Points behind beyond which it is red."""
    repaired_rounds: int = Field(default=2, ge=0)
    """Rounds for which a repaired red stays yellow."""
    review_yellow_days: Days = 3
    """The office's own light: so many whole working days after what it has not reviewed came in."""
    review_red_days: Days = 10


class RankingClass(Part):
    """Units are compared within their class only."""

    id: Code
    title: Text
    at_least: int = Field(ge=0)
    """Obligations besides duties and veto declarations, from which a unit falls into the class."""


class Ranking(Part):
    """Who is ranked with whom: the share late of obligations due, `n late of m due` (DOMAIN 6)."""

    classes: list[RankingClass] = [
        RankingClass(id="five_or_more", title="5项及以上", at_least=5),
        RankingClass(id="one_to_four", title="1至4项", at_least=1),
        RankingClass(id="duties_only", title="仅有职责", at_least=0),
    ]
    data_providers: Literal["delivery"] = "delivery"
    """By what they delivered, never by what the figure says (DOMAIN 6): there is nothing else to choose."""
    unranked: list[Relation] = ["independent", "vertical"]
