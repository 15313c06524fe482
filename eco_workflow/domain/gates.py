"""What a milestone and a phase lack before they can be closed (DOMAIN 7).

The services gather the facts of each check; here they become reasons and states. A phase closes when an
operator says so and nothing is lacking; what a leader passes conditionally is named reason by reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

Check = Literal[
    "people",
    "task_sheets",
    "dates",
    "rounds",
    "gaps",
    "indicators",
    "vetoes",
    "fallen",
    "current",
]
"""What a milestone is held against besides its own evidence; a plan names them by these words."""


class State(StrEnum):
    """Where a milestone stands."""

    CLOSED = "Closed"
    """Closed out, and what it is held against is there still."""
    READY = "Ready"
    """Nothing is missing; it is closed out with its phase."""
    WAITING = "Waiting"
    """Something is missing, and there is time."""
    OVERDUE = "Overdue"
    """Something is missing past its date."""
    EXTERNAL = "External"
    """It waits for others: nobody here is late."""


@dataclass(frozen=True)
class Kind:
    """One kind of reason: its words, whether a leader may pass over it, and whether it is about an item."""

    said: str
    passes: bool = True
    of_item: bool = True


KINDS = {
    "veto": Kind("{subject} {name}: declared, {value}", passes=False),
    "indicator": Kind("{subject} {name}: {value}; wanted is {wanted} ({units})"),
    "reference": Kind("{subject} {name}: {value}; wanted is {wanted} ({units}), and nobody waived it"),
    "fallen": Kind("{subject} {name} was closed and has fallen: {value}; wanted is {wanted} ({units})"),
    "current": Kind("{subject} {name}: {value}; wanted is a figure of {wanted} ({units})"),
    "date": Kind("{subject} {name}: no date and target figure is agreed on with {units}"),
    "figure": Kind("{subject} {name}: nobody recorded {value} ({units} is to ask for it)"),
    "finding": Kind("{name}: {units}, {value}"),
    "evidence": Kind("{subject} {name}: {value}"),
    "gap": Kind("{subject} {name}, {wanted}: {value} ({units})"),
    "round": Kind("the round of {subject} {value}", of_item=False),
    "summary": Kind("the summary of {subject} is not released", of_item=False),
    "contact": Kind("{units} has no {value}", of_item=False),
    "task_sheet": Kind("the task sheet of {units} {value}", of_item=False),
    "external": Kind("{subject} {name} has not passed"),
    "awaits": Kind("{subject} waits on {wanted}"),
    "reported": Kind("{subject} {name}: {units} has not reported it as completed"),
    "suspended": Kind("{subject} {name} is suspended"),
}


@dataclass(frozen=True)
class Reason:
    """Why something cannot be closed yet."""

    kind: str
    """One of `KINDS`."""
    subject: str
    """What it is about: the code of an item, its evidence (`M1.1/E2`), a unit's code or a printed date."""
    name: str = ""
    units: tuple[str, ...] = ()
    """Who owes it, by short name."""
    value: str = ""
    """What there is instead."""
    wanted: str = ""

    @property
    def key(self) -> str:
        """The same reason on another day has the same key, whatever its figures are by then."""
        return f"{self.kind}:{self.subject}"

    @property
    def item(self) -> str:
        """The code of the item that it is about; empty for a round, a person or a task sheet."""
        return self.subject.partition("/")[0] if KINDS[self.kind].of_item else ""

    @property
    def passes(self) -> bool:
        """Whether a leader may pass over it conditionally; never over a veto item."""
        return KINDS[self.kind].passes

    @property
    def said(self) -> str:
        """In a line for operators and logs."""
        return KINDS[self.kind].said.format(
            subject=self.subject,
            name=self.name,
            units="、".join(self.units) or "nobody",
            value=self.value,
            wanted=self.wanted,
        )


@dataclass(frozen=True)
class Facts:
    """A milestone as its rows say."""

    state: str
    """Of its obligation: `closed`, `not_applicable`, `suspended`, `completed`, …"""
    due_on: date | None
    external: bool = False
    awaits: tuple[str, ...] = ()
    """External milestones that it waits on still, by code."""
    awaits_award: bool = False
    """It opens with the award, which has not come: it blocks nothing."""
    over: bool = False
    """Whether its phase is closed."""
    checked: bool = True
    """Whether evidence or a check of the plan speaks for it; else its owner's word counts."""
    owners: tuple[str, ...] = ()
    """Who owes it, by short name."""


@dataclass(frozen=True)
class Milestone:
    """A milestone judged."""

    code: str
    title: str
    state: State
    reasons: tuple[Reason, ...]
    due_on: date | None
    blocks: bool
    """Whether its reasons keep the phase from closing."""


def judge(code: str, title: str, facts: Facts, found: Iterable[Reason], today: date) -> Milestone:
    """The state of a milestone: `found` are the reasons that its evidence and its checks gave.

    Closed out in words, it is held against them all the same until its phase closes: nobody's word takes the
    place of a figure, a file or a rectification; against what reviewers found also after a leader passed the
    phase over it. Not applicable, it needs no report and no evidence of its own; what its checks find is
    missing all the same. What waits for others is external until it has passed, whatever is missing besides.
    """

    def made(state: State, reasons: Iterable[Reason] = (), *, blocks: bool = True) -> Milestone:
        return Milestone(code, title, state, tuple(reasons), facts.due_on, blocks)

    def lacks(reasons: Iterable[Reason]) -> Milestone:
        overdue = facts.due_on is not None and facts.due_on < today
        return made(State.OVERDUE if overdue else State.WAITING, reasons)

    over = facts.over and facts.state == "closed"
    reasons = [reason for reason in found if reason.kind == "finding" or not over]
    if facts.state == "not_applicable":
        reasons = [reason for reason in reasons if reason.kind != "evidence"]
    if facts.state in ("closed", "not_applicable"):
        if reasons and not facts.awaits_award:
            return lacks(reasons)
        return made(State.CLOSED, blocks=not facts.awaits_award)
    if facts.awaits_award:
        return made(State.WAITING, [Reason("awaits", code, title, wanted="the award")], blocks=False)
    if facts.state == "suspended":
        reasons.append(Reason("suspended", code, title))
    if not facts.checked and not facts.external and facts.state != "completed":
        reasons.append(Reason("reported", code, title, units=facts.owners))
    if facts.external:
        return made(State.EXTERNAL, [*reasons, Reason("external", code, title)])
    if facts.awaits:
        waits = Reason("awaits", code, title, wanted="、".join(facts.awaits))
        return made(State.EXTERNAL, [*reasons, waits])
    return lacks(reasons) if reasons else made(State.READY)


@dataclass(frozen=True)
class Gate:
    """What stands between a phase and its end."""

    milestones: tuple[Milestone, ...]
    beside: tuple[Reason, ...] = ()
    """What the phase itself is held against, besides its milestones."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason once, in the order of the milestones."""
        of_milestones = [r for m in self.milestones if m.blocks for r in m.reasons]
        return tuple({reason.key: reason for reason in (*of_milestones, *self.beside)}.values())

    @property
    def agrees(self) -> bool:
        """Whether nothing is missing."""
        return not self.reasons


def not_covered(reasons: Iterable[Reason], passed: Iterable[str]) -> list[Reason]:
    """Of the reasons, those that a conditional pass does not cover: `passed` are the keys that it names.

    A veto item is covered by none.
    """
    keys = set(passed)
    return [reason for reason in reasons if not reason.passes or reason.key not in keys]


# The facts of each check, and the reasons that follow. One function a check.


def people(units: Mapping[str, Iterable[str]]) -> list[Reason]:
    """Every unit on the roster and every unit ever asked has a liaison and a leader in charge (M1.2).

    `units`: short name → the roles that a current contact fills.
    """
    return [
        Reason("contact", f"{unit}/{role}", units=(unit,), value=words)
        for unit, filled in units.items()
        for role, words in (("liaison", "liaison"), ("leader", "leader in charge"))
        if role not in set(filled)
    ]


def task_sheets(units: Mapping[str, str | None]) -> list[Reason]:
    """Every unit with tasks was sent its sheet (M1.3). `units`: short name → the state of the message that
    carried it, None where none was made.
    """
    return [
        Reason("task_sheet", unit, units=(unit,), value=f"is {state}" if state else "was not sent")
        for unit, state in units.items()
        if state != "sent"
    ]


@dataclass(frozen=True)
class Held:
    """A regular round of the plan."""

    on: date
    state: str
    """`planned`, `open`, `skipped` or `backfill`."""
    noted: bool = False
    """Whether somebody wrote down why it was skipped."""
    released: bool = False
    """Whether its summary was released."""


def rounds(held: Iterable[Held], today: date) -> list[Reason]:
    """Every round so far was held, backfilled or skipped with a note, and its summary released (M2.1)."""
    reasons = []
    for one in held:
        if one.on > today or one.state == "backfill":
            continue
        subject = one.on.isoformat()
        if one.state == "planned":
            reasons.append(Reason("round", subject, value="was not held"))
        elif one.state == "skipped" and not one.noted:
            reasons.append(Reason("round", subject, value="was skipped, and nobody noted why"))
        elif one.state == "open" and not one.released:
            reasons.append(Reason("summary", subject))
    return reasons


@dataclass(frozen=True)
class Judged:
    """An indicator as the gate sees it."""

    code: str
    name: str
    binding: bool
    verdict: str
    """`met`, `unmet` or `undetermined`."""
    value: str
    """The figures that stand; empty where there is none."""
    target: str
    units: tuple[str, ...]
    waived: bool = False
    fell: bool = False
    """Whether it was closed out, became unmet and so was opened again, and is not closed out since."""
    renewed: bool = False
    """Whether a figure that was given after it fell is accepted."""
    unconfirmed: tuple[str, ...] = ()
    """Lead units without a confirmed date and target figure."""
    because: str = ""
    """Why the verdict is what it is, in an official's words, where the figures do not say it."""
    unknown: tuple[str, ...] = ()
    """What the target needs from others and nobody recorded: `the superior's figure`, `the base of I02.2`."""

    @property
    def stands(self) -> str:
        """Verdict and figures, and the cause where these alone would be a riddle."""
        value = self.value or ("" if self.because else "no figure")
        because = f" ({self.because})" if self.because else ""
        return ", ".join(said for said in (self.verdict, value) if said) + because


def dates(indicators: Iterable[Judged], office: str) -> list[Reason]:
    """Every indicator has a confirmed date and its figures (M2.1). `office`: who asks others for theirs."""
    reasons = []
    for one in indicators:
        if one.unconfirmed:
            reasons.append(Reason("date", one.code, one.name, units=one.unconfirmed))
        if one.unknown:
            value = ", ".join(one.unknown)
            reasons.append(Reason("figure", one.code, one.name, units=(office,), value=value))
    return reasons


def indicators(judged: Iterable[Judged]) -> list[Reason]:
    """All are met: an unmet binding one blocks, an unmet reference one needs a recorded waiver (M2.2)."""
    return [
        Reason(
            "indicator" if one.binding else "reference",
            one.code,
            one.name,
            units=one.units,
            value=one.stands,
            wanted=one.target,
        )
        for one in judged
        if one.verdict != "met" and not (one.waived and not one.binding)
    ]


def fallen(judged: Iterable[Judged]) -> list[Reason]:
    """No indicator that was closed has fallen since (M4.1). It is mended once it is closed out again, or is
    met and a figure that was given since is accepted: a unit's own word mends nothing.
    """
    return [
        Reason("fallen", one.code, one.name, units=one.units, value=_fallen_to(one), wanted=one.target)
        for one in judged
        if one.fell and not (one.renewed and one.verdict == "met")
    ]


def _fallen_to(one: Judged) -> str:
    match one.verdict:
        case "met":
            return f"{one.value}, not accepted since"
        case "unmet" if not one.because:
            return one.value
    return one.stands
