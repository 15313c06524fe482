"""From the plan document and the calendar to the turns of what recurs for the office (DOMAIN 8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from eco_workflow.domain.english import near
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.rhythms import Turn, due_on, initials, opens_on, turns
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.plans.schema import OfficeRhythm
from eco_workflow.services.find import document
from eco_workflow.store.tables import Award, Occurrence, Plan


@dataclass(frozen=True)
class Scheduled:
    """A turn with a working day in the plan: its code, when the office is told of it, when it is due."""

    recurring: OfficeRhythm
    turn: Turn
    code: str
    due_on: date
    opens_on: date

    @property
    def title(self) -> str:
        """联席会议（2022年3月）."""
        return f"{self.recurring.title}（{self.turn.words}）"


def scheduled(session: Session, plan: Plan, days: WorkingDays) -> Iterator[Scheduled]:
    """Every turn of the plan in force, also those before its activation. `days`: the published calendar."""
    award = session.get(Award, plan.id)
    awarded_on = award.on_date if award else None
    for recurring in document(session, plan).rhythms.office:
        for turn in turns(recurring.every, plan.starts_on, plan.ends_on, awarded_on):
            due = due_on(turn, plan.starts_on, plan.ends_on, days)
            if due is None:
                continue
            # A pro-rata report is of the month's end: before, nobody is behind at it.
            is_of_the_day = recurring.form == "pro_rata"
            opens = due if is_of_the_day else opens_on(due, recurring.notice_days, days)
            yield Scheduled(recurring, turn, initials(recurring.id) + turn.text, due, opens)


def scheduled_named(session: Session, plan: Plan, code: str, days: WorkingDays) -> Scheduled:
    """The turn of that code. Raises `WrongInput` with near matches."""
    known = {one.code: one for one in scheduled(session, plan, days)}
    found = known.get(code.upper())
    if found is None:
        meant = near(code.upper(), known, otherwise="See: eco rhythm list")
        raise WrongInput(f"Nothing of the office recurs as {code!r} in the plan {plan.code}. {meant}")
    return found


def is_scheduled(session: Session, plan: Plan, code: str, days: WorkingDays) -> bool:
    """Whether the document in force still names a turn of that code."""
    return any(one.code == code for one in scheduled(session, plan, days))


def occurrence_named(session: Session, plan: Plan, code: str, days: WorkingDays) -> Occurrence | None:
    """What was opened or recorded under that code; None where it was not yet.

    Raises `WrongInput` with near matches for a code that is none.
    """
    found = session.get(Occurrence, (plan.id, code.upper()))
    if found is None:
        scheduled_named(session, plan, code, days)
    return found


def lock(session: Session, plan: Plan) -> None:
    """Two who open, record or number at once do so one after the other."""
    session.exec(select(Plan).where(Plan.id == plan.id).with_for_update()).one()
