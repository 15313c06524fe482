"""A conditional pass by the slip that a leader signed: filed by an operator, and handed out (DOMAIN 7)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.evidence import media_of
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.evidence import check_not_quarantined, lock
from eco_workflow.services.evidence_review import needed, put_away
from eco_workflow.services.evidence_shown import write_out
from eco_workflow.services.find import check_day, document, plan_named
from eco_workflow.services.gate import phase_named
from eco_workflow.services.pass_phase import Given, Passed, given_over
from eco_workflow.services.people import leading_group
from eco_workflow.settings import Settings
from eco_workflow.store.content import Content, check_ordinary
from eco_workflow.store.session import Database
from eco_workflow.store.tables import ConditionalPass, Plan

LONGEST_NAME = 100
LEADING = ("head", "executive_deputy", "deputy")
"""Who of the leading group's roster leads it."""


@dataclass(frozen=True)
class Slip:
    """The leader who signed, and the path of the file that shows it."""

    leader: str
    file: str


def pass_by_slip(
    database: Database,
    settings: Settings,
    number: int,
    slip: Slip,
    *,
    reason: str,
    until: date,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Passed:
    """Records a conditional pass that a leader signed on paper. The file is on the disk before its row is
    committed, as of evidence; a pass that is refused keeps nothing.

    Raises what `pass_conditionally` raises, `WrongInput` for a kind or size of file that is not taken, and
    `Refused` for a name that does not lead.
    """
    check_ordinary(Path(slip.file))
    name, _ = media_of(slip.file)
    leader = bounded(slip.leader, "--leader", LONGEST_NAME)
    if not leader:
        raise WrongInput("--leader is missing: who signed the slip?")
    store = Content(settings.home)
    with (
        store.arriving(Path(slip.file), max_mib=settings.evidence_max_mib) as arrived,
        database.write() as session,
    ):
        plan_row = plan_named(session, plan)
        by.must(Action.CLOSE_PHASE, doing="filing the slip of a conditional pass")
        _check_leads(session, plan_row, leader)
        lock(session)
        check_not_quarantined(session, arrived.digest)
        given = Given(leader, reason, until, slip_name=name, slip_digest=arrived.digest)
        passed = given_over(session, plan_row, number, given, now=now, by=by)
        store.keep(arrived)
        return passed


def _check_leads(session: Session, plan: Plan, name: str) -> None:
    roster = [member.name for member in document(session, plan).roster if member.role in LEADING]
    if name not in (*roster, *leading_group(session, plan)):
        raise Refused(
            f"--leader {name!r} leads nothing here: it is neither head nor deputy of the leading group nor "
            "an account of a leader. Who leads: eco plan show, eco account list"
        )


@dataclass(frozen=True)
class Shown:
    """A slip as it was filed. `n`: of the phase's conditional passes, the one that it gave."""

    phase: int
    n: int
    leader: str
    name: str
    digest: str
    given_on: date
    filed_by: str
    quarantined_on: date | None
    quarantined_by: str
    quarantine_reason: str


def one(session: Session, viewer: Viewer, number: int, *, n: int | None = None, plan: str | None) -> Shown:
    """The slip of a phase's newest pass that has one, or of its n-th.

    Raises `WrongInput` where there is none, `Refused` for who does not see every unit's content.
    """
    row = _slip(session, viewer, number, n, plan)
    return Shown(
        phase=row.phase,
        n=row.n,
        leader=row.leader,
        name=row.slip_name,
        digest=row.slip_digest,
        given_on=shanghai_date(row.at),
        filed_by=row.actor,
        quarantined_on=row.slip_quarantined_on,
        quarantined_by=row.slip_quarantined_by,
        quarantine_reason=row.slip_reason,
    )


def hand_out(
    session: Session,
    viewer: Viewer,
    settings: Settings,
    number: int,
    to: str,
    *,
    n: int | None = None,
    plan: str | None,
) -> int:
    """Writes a slip into a new file; returns its bytes. Raises as `one` and `write_out` do, and `Refused` for
    what lies in quarantine.
    """
    row = _slip(session, viewer, number, n, plan)
    if row.slip_quarantined_on is not None:
        raise Refused(
            f"The slip of phase {number} lies in quarantine: its content was removed, its digest is kept."
        )
    return write_out(settings, row.slip_digest, to, "--to")


@dataclass(frozen=True)
class Quarantined:
    """A slip that was put into quarantine, and whether there was content to remove."""

    phase: int
    n: int
    digest: str
    removed: bool


def quarantine(
    database: Database,
    settings: Settings,
    number: int,
    reason: str,
    *,
    n: int | None = None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Quarantined:
    """Takes a slip out of sight that must not be here, wherever the same content stands; as of evidence. The
    pass stands. Raises `WrongInput` where there is no slip, and without a reason.
    """
    reason = needed(reason, "A quarantine needs --reason.")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        lock(session)
        row = _slip_row(session, plan_row, number, n)
        check_day(plan_row, now)
        by.must(Action.QUARANTINE, doing="putting a slip into quarantine")
        put_away(session, row.slip_digest, reason, now, by)
        made = Quarantined(number, row.n, row.slip_digest, removed=False)
    return replace(made, removed=Content(settings.home).remove(made.digest))


def _slip(session: Session, viewer: Viewer, number: int, n: int | None, plan: str | None) -> ConditionalPass:
    plan_row = plan_named(session, plan)
    if viewer.units is not None:
        raise Refused(f"{viewer.name} sees no slips; the offices and leaders do.")
    return _slip_row(session, plan_row, number, n)


def _slip_row(session: Session, plan: Plan, number: int, n: int | None) -> ConditionalPass:
    """The pass by slip that is meant. Raises `WrongInput` where there is none."""
    phase_named(document(session, plan), number)
    rows = select(ConditionalPass).where(
        ConditionalPass.plan_id == plan.id, ConditionalPass.phase == number, ConditionalPass.slip_digest != ""
    )
    if n is not None:
        rows = rows.where(ConditionalPass.n == n)
    row = session.exec(rows.order_by(col(ConditionalPass.n).desc())).first()
    if row is None:
        which = f"{n}. conditional pass" if n is not None else "conditional pass"
        raise WrongInput(f"No {which} of phase {number} has a slip, so there is no slip to show.")
    return row
