"""The office reviews: accepts, returns with a reason, closes out (销号) what was claimed (DOMAIN 3.4)."""

from datetime import date, datetime, time

from sqlmodel import col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.rounds import due_at
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.find import Place, entry_named
from eco_workflow.services.progress import Recorded, append, recorded, reopen_entry
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Entry, Obligation, Unit


def accept(
    database: Database,
    unit: str,
    item: str,
    *,
    now: datetime,
    actor: str,
    plan: str | None = None,
    round_on: date | None = None,
) -> Recorded:
    """Accepts a submitted answer; from then on it cannot be recalled."""
    with database.write() as session:
        place = _submitted(entry_named(session, plan, unit, item, round_on, now), "accepted")
        append(session, place, "accept", now=now, actor=actor)
        place.entry.state = "accepted"
        session.flush()
        return recorded(session, place)


def return_(
    database: Database,
    unit: str,
    item: str,
    reason: str,
    days: WorkingDays,
    *,
    now: datetime,
    actor: str,
    plan: str | None = None,
    round_on: date | None = None,
) -> Recorded:
    """Returns a submitted answer; it is due again two working days later. The first on-time mark stays."""
    if not reason.strip():
        raise WrongInput("A returned answer needs --reason: the unit must know what to mend.")
    with database.write() as session:
        place = _submitted(entry_named(session, plan, unit, item, round_on, now), "returned")
        append(session, place, "return", now=now, actor=actor, reason=reason.strip())
        reopen_entry(session, place, "returned")
        if place.request.state != "backfill":
            place.entry.due_at = due_at(
                shanghai_date(now),
                days,
                answer_days=place.plan.answer_days,
                answer_time=time.fromisoformat(place.plan.answer_time),
            )
        session.flush()
        return recorded(session, place)


def close(
    database: Database,
    unit: str,
    item: str,
    *,
    now: datetime,
    actor: str,
    plan: str | None = None,
    round_on: date | None = None,
) -> Recorded:
    """Closes out an item that every lead unit claims completed. Unreviewed claims are accepted with it.

    Raises `Refused` naming the lead units that do not claim it.
    """
    with database.write() as session:
        place = entry_named(session, plan, unit, item, round_on, now)
        owed = session.exec(
            select(Obligation, Unit)
            .join(Unit, col(Unit.id) == Obligation.unit_id)
            .where(Obligation.plan_id == place.obligation.plan_id, Obligation.item_id == place.item.id)
            .where(Obligation.role == place.obligation.role)
            .order_by(col(Unit.id))
        ).all()
        if all(obligation.state == "closed" for obligation, _ in owed):
            raise Refused(f"{place.item.code} is closed already.")
        without = [u.short for obligation, u in owed if obligation.state not in ("completed", "closed")]
        if without:
            raise Refused(
                f"{place.item.code} cannot be closed out: a claim needs every lead unit, and not claimed "
                f"by {'、'.join(without)}. They report it with: eco report submit … --status completed"
            )
        append(session, place, "close", now=now, actor=actor)
        for obligation, _ in owed:
            obligation.state = "closed"
        claims = select(Entry).where(
            Entry.item_id == place.item.id,
            col(Entry.unit_id).in_([obligation.unit_id for obligation, _ in owed]),
            Entry.state == "submitted",
        )
        for entry in session.exec(claims):
            entry.state = "accepted"
        session.flush()
        return recorded(session, place)


def _submitted(place: Place, verb: str) -> Place:
    if place.entry.state != "submitted":
        raise Refused(f"{place.name} is {place.entry.state}; only a submitted answer can be {verb}.")
    return place
