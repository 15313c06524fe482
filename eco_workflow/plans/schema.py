"""What a plan file may say. Every field is checked on loading; `check` adds what spans several fields."""

from collections.abc import Iterable
from datetime import date
from itertools import chain
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from eco_workflow.domain.answers import Question
from eco_workflow.domain.english import near
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.gates import Check
from eco_workflow.domain.rhythms import Every
from eco_workflow.domain.targets import Figures
from eco_workflow.plans.fields import (
    Address,
    Code,
    Days,
    Part,
    Relation,
    Rhythm,
    RoundRhythm,
    Text,
    WallTime,
)
from eco_workflow.plans.ladder import Hearing, HearingException, Ladder, Lights, Ranking
from eco_workflow.plans.targets import Branch, Evidence, IndicatorPart, Test

LEVELS = ("地区", "州", "盟", "市", "县", "区", "旗")
"""What a local unit's name begins with, and people leave away: 地区财政局 is called 财政局."""


class Source(Part):
    """The published document that the plan follows."""

    title: Text
    published: date
    index: Text


class Office(Part):
    """The creation office and whom to call there."""

    unit: Code
    telephone: Text


class Contact(Part):
    """A person whom a unit named."""

    name: Text
    role: Literal["liaison", "leader"]
    address: Address


class Unit(Part):
    """A unit, the office, a group or a superior, with every spelling that the source prints."""

    id: Code
    name: Text
    short: Text
    kind: Literal["unit", "office", "group", "superior"] = "unit"
    relation: Relation | None = None
    aliases: list[Text] = []
    source: Text | None = None
    """Where its duties stand, e.g. `四(十六)`."""
    part_of: Code | None = None
    host: Code | None = None
    """The bureau in which the office sits."""
    members: list[Code] = []
    """Of a group; empty until filled."""
    members_from: Literal["roster"] | None = None
    """The group stands for the units of the roster, besides its members."""
    contacts: list[Contact] = []

    @property
    def spellings(self) -> list[str]:
        """Every way to write it."""
        return [self.name, self.short, *self.aliases]

    def is_called(self, text: str) -> bool:
        """Whether the text is one of its spellings without the level before it."""
        return any(level + text in self.spellings for level in LEVELS)


class Term(Part):
    """Something printed like a unit that is never dispatched."""

    printed: Text
    meaning: Text


class WorkingGroup(Part):
    """A working group: a lead unit, no members."""

    id: Code
    name: Text
    lead: Code
    source: Text


class Milestone(Part):
    """A step of a phase; the office owns it unless another unit is named."""

    id: Annotated[str, StringConstraints(pattern=r"^M\d+\.\d+$")]
    title: Text
    source: Text
    owner: Code | None = None
    external: bool = False
    """It waits for others, so it is never overdue for a unit."""
    waits_on: list[Text] = []
    """External milestones without which it cannot be done: it has no due date until they are closed."""
    opens: Literal["award"] | None = None
    evidence: list[Evidence] = []
    checks: list[Check] = []
    """What it is held against besides its own evidence (DOMAIN 7)."""


class Phase(Part):
    """A phase with its first and last day."""

    id: int
    key: Literal["launch", "implementation", "assessment", "consolidation"]
    title: Text
    start: date
    end: date
    source: Text
    milestones: list[Milestone]


class Indicator(Part):
    """An indicator as the annex names it, who answers for it, and when it is met."""

    id: Annotated[str, StringConstraints(pattern=r"^I\d\d$")]
    name: Text
    aliases: list[Text] = []
    domain: Text
    category: Text
    unit: Text | None = None
    """The measure, e.g. `%`; empty for a qualitative one."""
    figures: Figures | None = None
    """What figures it takes: `share` lies between 0 and 100, `amount` is not negative, `change` is a rate of
    change, which may be negative or above 100. Without it: share where the measure is `%`, else amount."""
    binding: bool
    scope: Text | None = None
    """Where the printed target holds, e.g. `山区`."""
    target: Text
    """As printed."""
    source: Text
    due_on: date
    lead: list[Code] = []
    supporting: list[Code] = []
    data_providers: list[Code] = []
    tests: list[Test] = []
    parts: list[IndicatorPart] = []
    branches: list[Branch] = []
    evidence: list[Evidence] = []
    linked_veto: Text | None = None
    """The veto item that speaks of the same event."""
    note: str = ""


class Policy(Part):
    """One of the policies to be carried out."""

    id: Annotated[str, StringConstraints(pattern=r"^P\d+$")]
    title: Text
    source: Text
    due_on: date
    lead: list[Code]
    supporting: list[Code] = []
    evidence: list[Evidence] = []


class Veto(Part):
    """An event that blocks the application; the lead units declare whether it occurred."""

    id: Annotated[str, StringConstraints(pattern=r"^V\d+$")]
    title: Text
    source: Text
    lead: list[Code]
    supporting: list[Code] = []
    rhythm: Rhythm | None = None
    """How often the declaration is asked, where it differs from the plan's rhythm."""


class Duty(Part):
    """A standing duty of a unit: `D12.4` is heading 12, duty 4; a joint one is the heading's unit's."""

    id: Annotated[str, StringConstraints(pattern=r"^D[1-9]\d?\.[1-9]\d?$")]
    unit: Code
    title: Text
    source: Text
    catch_all: bool = False
    """"All other work": kept, never asked, never counted."""
    yes_no: bool = False
    """Only whether there is progress is asked, nothing of its content (DOMAIN 10)."""
    rhythm: Rhythm | None = None
    """What the duty itself says; otherwise the plan's rhythm."""


class Member(Part):
    """An entry of the leading group; one person may stand there with two posts."""

    name: Text
    post: Text
    """As printed, with the unit before it."""
    role: Literal["head", "executive_deputy", "deputy", "member"]
    unit: Code | None = None
    """The plan's unit to which the post belongs."""


class DutyRhythm(Part):
    """How often duties are asked from a phase on."""

    from_phase: int = Field(ge=1)
    rhythm: Rhythm


class OfficeRhythm(Part):
    """A recurring obligation of the office, due on the period's last working day (DOMAIN 8), or at each
    anniversary of the award (DOMAIN 7)."""

    id: Code
    """Its initials begin the codes of its turns: `joint_conference` is JC2022-03."""
    title: Text
    source: Text
    every: Every
    form: Literal["meeting", "report", "series", "pro_rata"] = "meeting"
    """A meeting or report is recorded with its minutes, a series numbered and distributed to units; a
    pro-rata report is drafted on the due day of who is behind, and signed."""
    late_after: Days = 3
    """Working days after the due day that pass before it is late."""
    notice_days: Days = 5
    """Working days before, at which the office is told and the material is prepared."""


class Rhythms(Part):
    """How often each kind of obligation is asked, and what recurs for the office."""

    indicator: RoundRhythm
    data: RoundRhythm
    policy: RoundRhythm
    milestone: RoundRhythm
    duty: list[DutyRhythm] = [DutyRhythm(from_phase=1, rhythm="monthly")]
    veto: Rhythm = "monthly"
    office: list[OfficeRhythm] = []


class EvidenceRules(Part):
    """When evidence is asked for, and of which years (DOMAIN 4)."""

    required_from: date | None = None
    """From this day on a claim without its evidence is late. Without it the gates alone ask for evidence."""
    data_years: list[Annotated[int, Field(ge=1990, le=2099)]] = []
    """Each indicator's evidence is needed for each of them. Without any: of the year before the plan's last,
    or of a newer one.
    """


class Declared(Part):
    """Totals that the file declares of itself; loading counts them again. What is not there is none."""

    phases: int
    milestones: int
    units: int
    superiors: int
    groups: int
    indicators: int
    binding: int
    lead_links: int
    supporting_links: int
    data_provider_links: int
    policies: int
    policy_lead_links: int
    parts: int = 0
    branches: int = 0
    assigned_targets: int = 0
    duties: int = 0
    catch_all_duties: int = 0
    vetoes: int = 0
    veto_lead_links: int = 0
    roster: int = 0
    roster_names: int = 0


class Warned(Part):
    """Where the source is inconsistent: what is printed, what was decided, and why."""

    where: Text
    printed: Text
    decided: Text
    why: Text


class Plan(Part):
    """A creation plan."""

    id: Code
    title: Text
    prefecture: Text
    source: Source
    rounds_from: date
    round_days: list[Annotated[int, Field(ge=1, le=28)]] = Field(min_length=1)
    answer_days: Days
    answer_time: WallTime
    """Shanghai time on the last day for answers."""
    wait_for_working_day: bool = False
    summary_days: Days
    office: Office
    declared: Declared
    phases: list[Phase] = Field(min_length=1)
    units: list[Unit]
    terms: list[Term] = []
    working_groups: list[WorkingGroup] = []
    indicators: list[Indicator]
    policies: list[Policy]
    vetoes: list[Veto] = []
    duties: list[Duty] = []
    roster: list[Member] = []
    rhythms: Rhythms
    evidence: EvidenceRules = EvidenceRules()
    ladder: Ladder
    who_hears: list[Hearing]
    exceptions: list[HearingException] = []
    lights: Lights = Lights()
    ranking: Ranking = Ranking()
    warnings: list[Warned] = []

    @property
    def starts_on(self) -> date:
        """The first day of the first phase."""
        return self.phases[0].start

    @property
    def ends_on(self) -> date:
        """The last day of the last phase."""
        return self.phases[-1].end

    @property
    def working_units(self) -> list[Unit]:
        """Units that can owe an answer, the office included."""
        return [unit for unit in self.units if unit.kind in ("unit", "office")]

    def members_of(self, unit: Unit) -> list[str]:
        """The units for which a group stands, by id; none for any other kind of unit."""
        found = [member.unit for member in self.roster if member.unit] if unit.members_from else []
        return list(dict.fromkeys([*unit.members, *found]))

    def expanded(self, codes: Iterable[str]) -> list[str]:
        """Units by id, each group among them unit by unit."""
        units = map(self.unit, codes)
        found = [self.members_of(unit) if unit.kind == "group" else [unit.id] for unit in units]
        return list(dict.fromkeys(chain.from_iterable(found)))

    def phase_on(self, day: date) -> Phase | None:
        """The phase in which a day falls; None outside the plan."""
        return next((phase for phase in self.phases if phase.start <= day <= phase.end), None)

    def check_activation(self, day: date) -> None:
        """Raises `WrongInput` unless the plan can be activated from that day on."""
        if not self.starts_on <= day <= self.ends_on:
            raise WrongInput(
                f"--active-from {day} lies outside the plan {self.id}, which runs from {self.starts_on} "
                f"to {self.ends_on}. Give a date within, e.g. --active-from {self.rounds_from}."
            )

    def question(self, code: str) -> Question:
        """What the item of that code asks."""
        if any(veto.id == code for veto in self.vetoes):
            return "occurred"
        return "yes_no" if any(duty.id == code and duty.yes_no for duty in self.duties) else "progress"

    def unit(self, code: str) -> Unit:
        """The unit of that id. Raises `WrongInput` naming near matches."""
        for unit in self.units:
            if unit.id == code:
                return unit
        raise self._no_unit(code)

    def find_unit(self, text: str) -> Unit:
        """The unit of that id or spelling, or the only one so called without its level.

        Raises `WrongInput` naming near matches.
        """
        for unit in self.units:
            if text == unit.id or text in unit.spellings:
                return unit
        called = [unit for unit in self.units if unit.is_called(text)]
        if len(called) == 1:
            return called[0]
        raise self._no_unit(text)

    def _no_unit(self, text: str) -> WrongInput:
        for term in self.terms:
            if text == term.printed:
                return WrongInput(
                    f"{text!r} is printed in the plan {self.id} but is no unit: {term.meaning}."
                )
        known = dict.fromkeys(word for unit in self.units for word in (unit.id, *unit.spellings))
        meant = near(text, known, otherwise="See: eco plan show")
        return WrongInput(f"There is no unit {text!r} in the plan {self.id}. {meant}")
