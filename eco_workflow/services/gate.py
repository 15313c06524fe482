"""What a phase lacks before it can be closed: the facts of every check, from the books (DOMAIN 7)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlmodel import Session, col, select

from eco_workflow.domain import gates
from eco_workflow.domain.current_figures import current, current_year
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.gates import Check, Facts, Gate, Held, Milestone, Reason
from eco_workflow.plans import schema
from eco_workflow.services import task_sheets
from eco_workflow.services.assigned import Row, rectifications
from eco_workflow.services.awaited import owing, waits_on
from eco_workflow.services.figure_ages import figure_ages
from eco_workflow.services.find import document
from eco_workflow.services.gaps import Gap, gaps
from eco_workflow.services.judged import judged_all
from eco_workflow.services.vetoes import standing_vetoes
from eco_workflow.store.tables import (
    Award,
    Contact,
    PhaseStanding,
    Plan,
    Request,
    Round,
    RoundSummary,
    Unit,
)

MISSING = {
    "none": "nobody filed it",
    "pending": "it waits for review",
    "returned": "it was returned",
    "other_year": "what was brought is of {of_year}",
}
"""Why evidence does not count yet."""


@dataclass(frozen=True)
class _Look:
    """What every check looks at; what several ask for is looked up once."""

    session: Session
    plan: Plan
    read: schema.Plan
    today: date
    until: date
    """Up to when the phase of the milestones that are looked at has to answer for what happens: the day on
    which it closed, or today.
    """

    @property
    def plan_id(self) -> int:
        assert self.plan.id is not None
        return self.plan.id

    @cached_property
    def judged(self) -> list[gates.Judged]:
        """Every indicator of the document in force."""
        return judged_all(self.session, self.plan, self.today)

    @cached_property
    def gaps(self) -> list[Gap]:
        """Every requirement of the plan that nothing proves yet."""
        return gaps(self.session, self.plan)

    @cached_property
    def rectifications(self) -> list[Row]:
        """Every rectification of the plan."""
        return rectifications(self.session, self.plan)


def phase_named(read: schema.Plan, number: int) -> schema.Phase:
    """The phase of that number. Raises `WrongInput` naming those that there are."""
    for phase in read.phases:
        if phase.id == number:
            return phase
    known = ", ".join(f"{phase.id} {phase.title}" for phase in read.phases)
    raise WrongInput(f"There is no phase {number} in the plan {read.id}. Known: {known}.")


def gate_of(session: Session, plan: Plan, number: int, today: date) -> Gate:
    """The gate of a phase as of a day; of a closed one what is still to be done of what was passed over.

    Whatever its milestones are held against, a veto item holds every one, and what was found at one of them
    and is not mended holds its own. Raises `WrongInput` for a phase that the plan has not.
    """
    read = document(session, plan)
    phase = phase_named(read, number)
    closed_on = _closed_on(session, plan, number)
    over = closed_on is not None
    look = _Look(session, plan, read, today, closed_on or today)
    found = [reason for milestone in phase.milestones for reason in _findings(look, milestone.id)]
    return Gate(
        milestones=tuple(_milestone(look, milestone, over=over) for milestone in phase.milestones),
        beside=(*(() if over else _vetoes(look)), *found),
    )


def _closed_on(session: Session, plan: Plan, number: int) -> date | None:
    row = session.get(PhaseStanding, (plan.id, number))
    return row.closed_on if row and row.state == "closed" else None


def _milestone(look: _Look, milestone: schema.Milestone, *, over: bool = False) -> Milestone:
    owed = look.session.exec(owing(look.plan, milestone.id)).one()
    owner = look.session.get_one(Unit, owed.unit_id).short
    facts = Facts(
        state=owed.state,
        due_on=owed.due_on,
        external=milestone.external,
        awaits=tuple(waits_on(look.session, look.plan, milestone.id)),
        awaits_award=milestone.opens == "award" and look.session.get(Award, look.plan_id) is None,
        over=over,
        checked=bool(milestone.evidence or milestone.checks),
        owners=(owner,),
    )
    lacking = [
        Reason("evidence", f"{milestone.id}/{gap.requirement}", gap.title, gap.units, MISSING[gap.why])
        for gap in look.gaps
        if gap.item == milestone.id
    ]
    checked = [reason for check in milestone.checks for reason in CHECKS[check](look)]
    found = [*lacking, *checked, *_findings(look, milestone.id)]
    return gates.judge(milestone.id, milestone.title, facts, found, look.today)


def not_yet(session: Session, plan: Plan, code: str, today: date) -> tuple[Reason, ...]:
    """Why a milestone cannot be closed out yet, whether its phase is closed or not; nothing of one that the
    plan in force does not name. That it waits for others' word is none: to close it out is that word.
    """
    read = document(session, plan)
    return tuple(
        reason
        for phase in read.phases
        for milestone in phase.milestones
        if milestone.id == code
        for reason in _milestone(
            _Look(session, plan, read, today, _closed_on(session, plan, phase.id) or today), milestone
        ).reasons
        if reason.kind != "external"
    )


def _people(look: _Look) -> list[Reason]:
    on_roster = [member.unit for member in look.read.roster if member.unit]
    asked = (
        select(Request.unit_id)
        .join(Round, col(Round.id) == Request.round_id)
        .where(Request.plan_id == look.plan_id, Round.on_date <= look.until)
    )
    units = look.session.exec(
        select(Unit)
        .where(Unit.plan_id == look.plan_id, col(Unit.successor_id).is_(None))
        .where(col(Unit.code).in_(on_roster) | col(Unit.id).in_(asked))
        .order_by(col(Unit.id))
    ).all()
    filled = look.session.exec(
        select(Contact.unit_id, Contact.role)
        .where(Contact.plan_id == look.plan_id)
        # Of a closed phase also who has left since: nobody ends on a later day than today.
        .where(col(Contact.ended_on).is_(None) | (col(Contact.ended_on) > look.until))
    ).all()
    return gates.people({unit.short: [role for of, role in filled if of == unit.id] for unit in units})


def _task_sheets(look: _Look) -> list[Reason]:
    return gates.task_sheets(task_sheets.delivered(look.session, look.plan))


def _rounds(look: _Look) -> list[Reason]:
    rows = look.session.exec(
        select(Round, RoundSummary)
        .outerjoin(RoundSummary, col(RoundSummary.round_id) == Round.id)
        .where(Round.plan_id == look.plan_id, Round.kind == "regular", Round.on_date <= look.until)
        .order_by(col(Round.on_date))
    ).all()
    held = [
        Held(row.on_date, row.state, bool(row.note), bool(summary and summary.released_on))
        for row, summary in rows
    ]
    return gates.rounds(held, look.until)


def _dates(look: _Look) -> list[Reason]:
    return gates.dates(look.judged, look.session.get_one(Unit, look.plan.office_unit_id).short)


def _indicators(look: _Look) -> list[Reason]:
    return gates.indicators(look.judged)


def _fallen(look: _Look) -> list[Reason]:
    return gates.fallen(look.judged)


def _current(look: _Look) -> list[Reason]:
    return current(figure_ages(look.session, look.plan), current_year(look.until))


def _gaps(look: _Look) -> list[Reason]:
    codes = {indicator.id for indicator in look.read.indicators}
    return [
        Reason(
            "gap",
            f"{gap.item}/{gap.requirement}" + (f"/{gap.year}" if gap.year else ""),
            gap.title,
            units=gap.units,
            value=MISSING[gap.why].format(of_year=gap.of_year),
            wanted=f"of {gap.year}" if gap.year else "of any year",
        )
        for gap in look.gaps
        if gap.item in codes
    ]


def _findings(look: _Look, milestone: str) -> list[Reason]:
    return [
        Reason(
            "finding",
            f"{one.item}/{one.unit_id}",
            one.title,
            units=(one.unit,),
            value=f"{one.item} {one.state}, due on {one.due_on}",
        )
        for one in look.rectifications
        if one.milestone == milestone and not one.closed
    ]


def _vetoes(look: _Look) -> list[Reason]:
    return [
        Reason("veto", f"{one.item}/{one.unit}", one.title, units=(one.unit,), value=one.state)
        for one in standing_vetoes(look.session, look.plan)
    ]


CHECKS: dict[Check, Callable[[_Look], list[Reason]]] = {
    "people": _people,
    "task_sheets": _task_sheets,
    "dates": _dates,
    "rounds": _rounds,
    "gaps": _gaps,
    "indicators": _indicators,
    "vetoes": _vetoes,
    "fallen": _fallen,
    "current": _current,
}
