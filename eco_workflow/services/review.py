"""The office reviews: accepts, returns with a reason, closes out (销号) what was claimed (DOMAIN 3.4).

Of its own host bureau's items the supervision office decides (DOMAIN 4).
"""

from dataclasses import replace
from datetime import date, datetime, time

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.rounds import due_at
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services import phases
from eco_workflow.services.awaited import set_due
from eco_workflow.services.calendar import calendar_of
from eco_workflow.services.declarations import check_nothing_waits
from eco_workflow.services.entry_acts import append, reopen_entry
from eco_workflow.services.excuse import excuse
from eco_workflow.services.find import host_of
from eco_workflow.services.find_entry import Place, entry_named
from eco_workflow.services.gate import not_yet
from eco_workflow.services.notices import tell_once, tell_owing
from eco_workflow.services.overdue import conclude_item
from eco_workflow.services.progress import Recorded, recorded, stands
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Entry, Obligation, Report, Request, Round, Standing, Unit


def accept(
    database: Database,
    unit: str,
    item: str,
    *,
    now: datetime,
    by: Actor,
    plan: str | None = None,
    round_on: date | None = None,
) -> Recorded:
    """Accepts a submitted answer; from then on it cannot be recalled."""
    with database.write() as session:
        place = entry_named(session, plan, unit, item, round_on, now)
        by.must(Action.REVIEW, of_host=place.of_host, doing="accepting an answer")
        _check_submitted(session, place, "accepted")
        accept_in(session, place, now, by)
        return recorded(session, place)


def accept_in(session: Session, place: Place, now: datetime, by: Actor) -> None:
    """Accepts what was submitted, in the transaction of who decides."""
    append(session, place, "accept", now=now, actor=by.name)
    place.entry.state, place.entry.submitted_on = "accepted", None
    session.flush()


def return_(
    database: Database,
    unit: str,
    item: str,
    reason: str,
    days: WorkingDays,
    *,
    now: datetime,
    by: Actor,
    plan: str | None = None,
    round_on: date | None = None,
) -> Recorded:
    """Returns a submitted answer; it is due again two working days later. The first on-time mark stays.

    `days` is the published calendar; the plan's own is made of it. Raises `WrongInput` without a reason;
    `Refused` where nothing was submitted, and for a declared veto item that waits for a decision.
    """
    reason = bounded(reason, "--reason")
    if not reason:
        raise WrongInput("A returned answer needs --reason: the unit must know what to mend.")
    with database.write() as session:
        place = entry_named(session, plan, unit, item, round_on, now)
        by.must(Action.REVIEW, of_host=place.of_host, doing="returning an answer")
        if place.moved:
            merged = place.unit.successor_id is not None
            how = "was merged into another unit" if merged else f"handed {place.item.code} over"
            raise Refused(f"{place.unit.short} {how}; nobody there can mend its answer.")
        _check_submitted(session, place, "returned")
        check_nothing_waits(session, place)
        append(session, place, "return", now=now, actor=by.name, reason=reason)
        reopen_entry(session, place, "returned")
        if place.request.state == "superseded":
            place = _into_the_newest_round(session, place)
        if place.request.state != "backfill" and place.entry.state == "returned":
            place.entry.due_at = due_at(
                shanghai_date(now),
                calendar_of(session, place.plan, days, shanghai_date(now)),
                answer_days=place.plan.answer_days,
                answer_time=time.fromisoformat(place.plan.answer_time),
            )
            _tell_unit(session, place, reason, now)
        session.flush()
        return recorded(session, place)


def _into_the_newest_round(session: Session, place: Place) -> Place:
    """A round that gave way asks nothing any more: what is returned from it is owed to the newest one.

    Where the newest round asks about the item anyway, its own question stands.
    """
    request, round_row = session.exec(
        select(Request, Round)
        .join(Round, col(Round.id) == Request.round_id)
        .where(Request.unit_id == place.entry.unit_id, Request.plan_id == place.plan.id)
        .where(col(Request.state).in_(("awaiting", "answered")))
        .order_by(col(Request.round_id).desc())
    ).first() or (place.request, place.round)
    entry = session.get(Entry, (request.round_id, place.entry.unit_id, place.entry.item_id))
    if entry is None:
        entry = Entry(
            round_id=request.round_id,
            unit_id=place.entry.unit_id,
            item_id=place.entry.item_id,
            state="returned",
            on_time=place.entry.on_time,
        )
        session.add(entry)
        if request.state == "answered":
            request.state = "awaiting"
    session.flush()
    return replace(place, round=round_row, request=request, entry=entry)


def _tell_unit(session: Session, place: Place, reason: str, now: datetime) -> None:
    entry, due = place.entry, place.entry.due_at
    assert due is not None
    times = session.exec(
        select(func.count(col(Report.id))).where(
            Report.round_id == entry.round_id,
            Report.unit_id == entry.unit_id,
            Report.item_id == entry.item_id,
            Report.action == "return",
        )
    ).one()
    key = f"returned:{entry.round_id}:{entry.unit_id}:{entry.item_id}:{times}"
    facts = {
        "item": entry.item_id,
        "entry": [entry.round_id, entry.unit_id, entry.item_id],
        "reason": reason,
        "due_at": due.isoformat(),
    }
    today = shanghai_date(now)
    tell_once(session, place.plan, entry.unit_id, "returned", key, on=today, facts=facts)


def close(
    database: Database,
    unit: str,
    item: str,
    *,
    now: datetime,
    by: Actor,
    plan: str | None = None,
    round_on: date | None = None,
    note: str = "",
) -> Recorded:
    """Closes out an item that every lead unit claims completed. Unreviewed claims are accepted with it.

    Units to which it is not applicable need not claim it. `note`: how it was verified, where that is said.

    Raises `Refused` naming the lead units that do not claim it; for an indicator that is not judged met and
    with every reason for a milestone that lacks something, since closing is the office's word that it was
    verified; and for a veto declaration, which is made anew at every turn of its rhythm.
    """
    with database.write() as session:
        place = entry_named(session, plan, unit, item, round_on, now, reviewed=True)
        owed = session.exec(
            select(Obligation, Unit)
            .join(Unit, col(Unit.id) == Obligation.unit_id)
            .where(Obligation.plan_id == place.obligation.plan_id, Obligation.item_id == place.item.id)
            .where(Obligation.role == place.obligation.role, Obligation.state != "not_applicable")
            .order_by(col(Unit.id))
        ).all()
        host = host_of(session, place.plan)
        by.must(Action.CLOSE_OUT, of_host=any(owner.code == host for _, owner in owed))
        if place.item.kind == "veto":
            raise Refused(
                f"{place.item.code} is a declaration, made anew at every turn of its rhythm; "
                "it can be accepted, not closed out."
            )
        if place.obligation.state == "not_applicable":
            raise Refused(f"{place.name} is no longer in the plan; it can be accepted, not closed out.")
        if not owed:
            raise Refused(f"{place.item.code} is not applicable to any unit that owes it.")
        if all(obligation.state == "closed" for obligation, _ in owed):
            raise Refused(f"{place.item.code} is closed already.")
        without = [u.short for obligation, u in owed if obligation.state not in ("completed", "closed")]
        if without:
            raise Refused(
                f"{place.item.code} cannot be closed out: a claim needs every lead unit, and not claimed "
                f"by {'、'.join(without)}. They report it with: eco report submit … --status completed"
            )
        if place.item.kind == "milestone":
            phases.standing(session, place.plan, lock=True)  # what is declared meanwhile is waited for
            if reasons := not_yet(session, place.plan, place.item.code, shanghai_date(now)):
                said_why = [f"{place.item.code} cannot be closed out:", *(f"  {one.said}" for one in reasons)]
                raise Refused("\n".join(said_why))
        judged = session.get(Standing, (place.obligation.plan_id, place.item.id))
        if judged is not None and judged.verdict != "met":
            owing = "" if judged.owed_by == "none" else f" The {judged.owed_by} owes what is wanting."
            raise Refused(
                f"{place.item.code} cannot be closed out: it is {judged.verdict}. {judged.reason}{owing} "
                f"See: eco indicator show {place.item.code}"
            )
        said = append(session, place, "close", now=now, actor=by.name, reason=note)
        open_still = [obligation for obligation, _ in owed if obligation.state != "closed"]
        for obligation, _ in owed:
            obligation.state = "closed"
            conclude_item(session, obligation, now, "closed_out")
        tell_owing(
            session, place.plan, open_still, "closed_out", str(said.id), on=shanghai_date(now), facts={}
        )
        claims = select(Entry).where(
            Entry.item_id == place.item.id,
            col(Entry.unit_id).in_([obligation.unit_id for obligation, _ in owed]),
            Entry.state == "submitted",
        )
        for entry in session.exec(claims):
            entry.state, entry.submitted_on = "accepted", None
        session.flush()
        set_due(session, place.plan, place.item, now)
        for obligation, _ in owed:
            excuse(session, place.plan, obligation, "settle", reason="closed out", now=now, actor=by.name)
        return recorded(session, place)


def _check_submitted(session: Session, place: Place, verb: str) -> None:
    if place.entry.state != "submitted":
        raise Refused(f"{place.name} is {stands(session, place)}; only a submitted answer can be {verb}.")
