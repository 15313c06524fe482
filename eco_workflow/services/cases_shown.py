"""A case as people look at it: since when, who was told, what was signed, what follows (DOMAIN 5)."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import PAPER
from eco_workflow.domain.errors import Refused
from eco_workflow.domain.escalation import earliest_day
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import calendar_of, clock_day, ended_on
from eco_workflow.services.case_named import CasePlace, place_of
from eco_workflow.services.find import plan_named, unit_seen
from eco_workflow.services.overdue import days_late
from eco_workflow.services.papers import shown as paper_shown
from eco_workflow.services.present_rung import (
    is_on_paper,
    ladder_of,
    nobody_hears,
    told_on,
    who_hears_next,
    why_untold,
)
from eco_workflow.services.silent_rounds import silent_rounds
from eco_workflow.services.since import late_since
from eco_workflow.services.still_late import stands, waits_for_newer
from eco_workflow.services.tellings import tellings
from eco_workflow.services.waiting import Waiting, late_reviews
from eco_workflow.store.tables import (
    Acknowledgement,
    Annulment,
    Case,
    Contact,
    Message,
    Paper,
    Rung,
    Told,
)


def cases(
    session: Session,
    viewer: Viewer,
    *,
    plan: str | None,
    unit: str | None,
    everything: bool,
    now: datetime,
    days: WorkingDays,
) -> list[dict[str, Any]]:
    """The open cases of a plan, worst first; with `everything` also those that closed or were annulled."""
    plan_row = plan_named(session, plan)
    query = select(Case).where(Case.plan_id == plan_row.id)
    if unit:
        query = query.where(Case.unit_id == unit_seen(session, plan_row, viewer, unit).id)
    if not everything:
        query = query.where(col(Case.closed_on).is_(None))
    query = query.order_by(col(Case.rung).desc(), col(Case.opened_on), col(Case.id))
    return [
        _row(session, place_of(session, case), now, days)
        for case in session.exec(query).all()
        if viewer.sees(case.unit_id)
    ]


def case(
    session: Session, viewer: Viewer, place: CasePlace, *, now: datetime, days: WorkingDays
) -> dict[str, Any]:
    """Everything about one case. Raises `Refused` for who may not see the unit."""
    if not viewer.sees(place.case.unit_id):
        raise Refused(f"{viewer.name} sees the own unit's cases only; case {place.number} is another's.")
    today = clock_day(place.plan, now)
    own = calendar_of(session, place.plan, days, today)
    return {
        **_row(session, place, now, days),
        "ladder": ladder_of(session, place.case).after,
        "silent_rounds": list(silent_rounds(session, place.case)),
        "waits": [asdict(one) for one in _waiting(session, place, today, own)],
        "told": [asdict(telling) for telling in tellings(session, [place.case])[place.number]],
        "by_hand": _by_hand(session, place),
        "rungs": _rungs(session, place.case),
        "papers": [
            paper_shown(paper)
            for paper in session.exec(
                select(Paper).where(Paper.case_id == place.number).order_by(col(Paper.rung))
            )
        ],
        "acknowledged": [
            {"name": row.name, "at": row.at}
            for row in session.exec(
                select(Acknowledgement)
                .where(Acknowledgement.case_id == place.number)
                .order_by(col(Acknowledgement.at))
            )
        ],
        "annulment": _annulment(session, place.number),
    }


def _row(session: Session, place: CasePlace, now: datetime, days: WorkingDays) -> dict[str, Any]:
    case = place.case
    since = late_since(session, case)
    today = clock_day(place.plan, now)
    own = calendar_of(session, place.plan, days, today)
    until = case.closed_on or today
    waits = _waiting(session, place, today, own)
    return {
        "case": place.number,
        "unit": place.unit.short,
        "item": place.item.code if place.item else "",
        "clock": case.clock,
        "since": min((one.since for one in waits), default=since),
        "days_late": _days_late(session, case, since, until, waits, own),
        "opened_on": case.opened_on,
        "rung": case.rung,
        "told_on": told_on(session, case),
        "closed_on": case.closed_on,
        "closed_why": case.closed_why,
        "annulled_on": case.annulled_on,
        "next": _next(session, place, now, own),
    }


def _days_late(
    session: Session, case: Case, since: date | None, until: date, waits: list[Waiting], days: WorkingDays
) -> int:
    if case.clock == "review":
        return max((one.days_late for one in waits), default=0)
    if case.clock == "report":
        return days.waited(since, until) if since else 0
    return days_late(session, case, until, days)


def _waiting(session: Session, place: CasePlace, today: date, days: WorkingDays) -> list[Waiting]:
    """On the review clock: what waits for the office too long now; nothing once the case is closed."""
    if place.case.clock != "review" or place.case.closed_on is not None:
        return []
    return late_reviews(session, place.plan, today, days)


def _next(session: Session, place: CasePlace, now: datetime, days: WorkingDays) -> dict[str, Any]:
    """What follows by rule: the rung, on which day at the earliest, who hears; or what it waits for."""
    case = place.case
    if case.closed_on is not None:
        return {"rung": None, "on": None, "who": "", "waits": ""}
    held = place.plan.held_since
    if ended := ended_on(place.plan, now):
        waits = f"the plan ended on {ended}"
    else:
        waits = f"the plan is held since {held}" if held else _waits(session, case, now)
    sent_on = told_on(session, case)
    on = None
    if sent_on and not waits:
        waited_from = max(sent_on, case.waits_from or sent_on)
        on = earliest_day(case.rung, waited_from, ladder_of(session, case), days)
    if on is None:
        return {"rung": None, "on": None, "who": "", "waits": waits or _end(session, case, sent_on)}
    above = case.rung + 1
    who = who_hears_next(session, case, above)
    if not who:
        return {"rung": None, "on": None, "who": "", "waits": nobody_hears(above)}
    # A day that has passed without a run: the next one climbs.
    on = max(on, shanghai_date(now))
    return {"rung": above, "on": on, "who": who, "waits": ""}


def _end(session: Session, case: Case, sent_on: date | None) -> str:
    """That nothing follows, and how the last rung was told: sent, or signed on paper."""
    if sent_on is not None and case.told_to is not None:
        return f"rung {case.rung} was told on {sent_on}; the ladder ends here"
    signed = select(Paper).where(Paper.case_id == case.id, Paper.rung == case.rung, Paper.state == "signed")
    paper = session.exec(signed).first()
    if paper is not None:
        signed_on = f"was signed on {paper.signed_on}"
        return f"the {PAPER[paper.kind]} ({paper.addressee}) {signed_on}; the ladder ends here"
    return f"rung {case.rung} was told to nobody; the ladder ends here"


def _waits(session: Session, case: Case, now: datetime) -> str:
    late, rests = stands(session, case, now)
    if rests:
        return "the item is suspended"
    if not late:
        return "it is late no longer: the next run closes it"
    if waits_for_newer(session, case, now):
        return "a newer request is not yet due"
    if is_on_paper(session, case):
        draft = select(Paper).where(Paper.case_id == case.id, Paper.rung == case.rung, Paper.state == "draft")
        paper = session.exec(draft).first()
        if paper is not None:
            return f"the {PAPER[paper.kind]} ({paper.addressee}) waits for its signature"
        return "a leader may decide on accountability" if case.rung == 4 else ""
    return why_untold(session, case)


def _rungs(session: Session, case: Case) -> list[dict[str, Any]]:
    rows = session.exec(
        select(Rung, Contact.name)
        .join(Contact, col(Contact.id) == Rung.told_to, isouter=True)
        .where(Rung.case_id == case.id)
        .order_by(col(Rung.rung), col(Rung.on_date))
    )
    return [
        {"rung": row.rung, "on": row.on_date, "to": name or "", "released_on": row.released_on}
        for row, name in rows
    ]


def _by_hand(session: Session, place: CasePlace) -> list[dict[str, Any]]:
    """What was said by telephone or letter, in the words that were written down."""
    of_case = f"told.{place.number}."
    rows = session.exec(
        select(Told, Message, Contact.name)
        .join(Message, col(Message.id) == Told.message_id)
        .join(Contact, col(Contact.id) == Message.contact_id)
        .where(Message.plan_id == place.case.plan_id, col(Message.occasion).startswith(of_case))
        .order_by(col(Message.on_date), col(Message.id))
    )
    return [
        {"on": message.sent_on, "to": name, "means": told.means, "said": told.said, "by": told.by}
        for told, message, name in rows
    ]


def _annulment(session: Session, number: int) -> dict[str, Any] | None:
    row = session.get(Annulment, number)
    if row is None:
        return None
    return {
        "reason": row.reason,
        "asked_by": row.asked_by,
        "asked_at": row.asked_at,
        "confirmed_by": row.confirmed_by,
        "confirmed_at": row.confirmed_at,
    }
