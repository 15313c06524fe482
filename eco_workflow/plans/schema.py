"""What a plan file may say. Every field is checked on loading; `check` adds what spans several fields."""

import difflib
from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from eco_workflow.domain.address import why_unusable
from eco_workflow.domain.errors import WrongInput


def _one_line(text: str) -> str:
    """Text may end up in a mail's header, so it is one line."""
    if not text.strip() or text != text.strip() or not text.isprintable():
        raise ValueError("is empty, has spaces at its ends or more than one line; write one line of text")
    return text


def _mail_address(text: str) -> str:
    if unusable := why_unusable(text):
        raise ValueError(unusable)
    return text


def _wall_time(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError('has a zone or is a number of seconds; write hour and minute in Shanghai: "17:30"')
    return value


Text = Annotated[str, AfterValidator(_one_line)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
Address = Annotated[str, AfterValidator(_mail_address)]
WallTime = Annotated[time, AfterValidator(_wall_time)]
Rhythm = Literal["every_round", "monthly", "never"]


class Part(BaseModel):
    """A part of the document: nothing unknown in it, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
    relation: Literal["subordinate", "independent", "vertical"] | None = None
    """Units that are not subordinate get letters of request instead of orders."""
    aliases: list[Text] = []
    source: Text | None = None
    """Where its duties stand, e.g. `四(十六)`."""
    part_of: Code | None = None
    host: Code | None = None
    """The bureau in which the office sits."""
    members: list[Code] = []
    """Of a group; empty until filled."""
    members_from: Literal["roster"] | None = None
    """The group stands for the units of the roster."""
    contacts: list[Contact] = []

    @property
    def spellings(self) -> list[str]:
        """Every way to write it."""
        return [self.name, self.short, *self.aliases]


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
    opens: Literal["award"] | None = None


class Phase(Part):
    """A phase with its first and last day."""

    id: int
    key: Literal["launch", "implementation", "assessment", "consolidation"]
    name: Text
    start: date
    end: date
    source: Text
    milestones: list[Milestone]


class Indicator(Part):
    """An indicator as the annex names it, and who answers for it."""

    id: Annotated[str, StringConstraints(pattern=r"^I\d\d$")]
    name: Text
    aliases: list[Text] = []
    domain: Text
    category: Text
    unit: Text | None = None
    """The measure, e.g. `%`; empty for a qualitative one."""
    binding: bool
    printed_target: Text
    source: Text
    due_on: date
    lead: list[Code] = []
    supporting: list[Code] = []
    data_providers: list[Code] = []
    note: str = ""


class Policy(Part):
    """One of the policies to be carried out."""

    id: Annotated[str, StringConstraints(pattern=r"^P\d+$")]
    title: Text
    source: Text
    due_on: date
    lead: list[Code]
    supporting: list[Code] = []


class Rhythms(Part):
    """How often each kind of obligation is asked; `monthly` is the month's last round day."""

    indicator: Rhythm
    data: Rhythm
    policy: Rhythm
    milestone: Rhythm


class LadderRung(Part):
    """A rung and its grace: working days after the rung below was sent."""

    rung: int = Field(ge=1)
    after: int = Field(ge=0)
    title: Text


class Ladder(Part):
    """The ladder of the report clock."""

    id: Code
    rungs: list[LadderRung]


class Hearing(Part):
    """Who hears of a rung. The principal's telling counts; the others' does not."""

    rung: int
    unit: Code
    """`debtor`, or a unit's id."""
    role: Literal["liaison", "leader"]
    otherwise: Literal["liaison", "leader"] | None = None
    """Who hears where nobody fills the role."""
    principal: bool = False
    kind: Literal["reminder", "alert", "copy"]


class HearingException(Part):
    """Debtors or items for which a rung is a draft to somebody above, or does not exist."""

    rung: int
    units: list[Code] = []
    items: list[Text] = []
    kind: Literal["draft", "none"]
    addressee: Text
    why: Text


class Declared(Part):
    """Totals that the file declares of itself; loading counts them again."""

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
    answer_days: int = Field(ge=1)
    answer_time: WallTime
    """Shanghai time on the last day for answers."""
    wait_for_working_day: bool = False
    summary_days: int = Field(ge=1)
    office: Office
    declared: Declared
    phases: list[Phase] = Field(min_length=1)
    units: list[Unit]
    terms: list[Term] = []
    working_groups: list[WorkingGroup] = []
    indicators: list[Indicator]
    policies: list[Policy]
    rhythms: Rhythms
    ladder: Ladder
    who_hears: list[Hearing]
    exceptions: list[HearingException] = []
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

    def unit(self, code: str) -> Unit:
        """The unit of that id. Raises `WrongInput` naming near matches."""
        for unit in self.units:
            if unit.id == code:
                return unit
        raise self._no_unit(code)

    def find_unit(self, text: str) -> Unit:
        """The unit of that id or spelling. Raises `WrongInput` naming near matches."""
        for unit in self.units:
            if text == unit.id or text in unit.spellings:
                return unit
        raise self._no_unit(text)

    def _no_unit(self, text: str) -> WrongInput:
        for term in self.terms:
            if text == term.printed:
                return WrongInput(
                    f"{text!r} is printed in the plan {self.id} but is no unit: {term.meaning}."
                )
        known = dict.fromkeys(word for unit in self.units for word in (unit.id, *unit.spellings))
        near = difflib.get_close_matches(text, known, n=3, cutoff=0.4)
        return WrongInput(
            f"There is no unit {text!r} in the plan {self.id}. "
            + (f"Did you mean {', '.join(near)}?" if near else "See: eco plan show")
        )
