"""The ladder's papers: drafted by the run, signed by a person, only while the facts hold (DOMAIN 5).

A row belongs to a case, since its facts come and go with it. On paper a unit gets one order or letter a day:
what is drafted for it on one day is listed and signed together.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import PAPER
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.case_named import CasePlace, case_numbered, place_of
from eco_workflow.services.find import plan_named
from eco_workflow.services.still_late import close_unless_late, stands
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Case, Item, Paper, Unit

SIGNED_AS = {
    "supervision_order": Action.SIGN_ORDER,
    "letter_of_request": Action.SIGN_ORDER,
    "report_above": Action.SIGN_ORDER,
    "supervision_report": Action.SIGN_REPORT,
    "resolution_note": Action.SIGN_REPORT,
}
"""Which act the signing of each kind of draft is; an accountability file is signed when it is decided."""

ORDERS = ("supervision_order", "letter_of_request", "report_above")
NOTE = "resolution_note"


@dataclass(frozen=True)
class SignedPaper:
    """A paper that may leave from its day on."""

    case: int
    unit: str
    kind: str
    rung: int
    addressee: str
    on: date
    by: str
    lists: tuple[str, ...]
    """The items of the cases it lists; the clock's name for a case without one."""


def sign(
    database: Database, number: int, *, rung: int | None = None, now: datetime, by: Actor
) -> SignedPaper:
    """Signs a case's draft, of the rung named or the only one there is; an order with all that it lists.

    The facts are checked once more: where the case stands no longer (for a note of its resolution: where it
    stands again), the draft is void from then on and `Refused` says so; that alone is kept of a refusal. What
    else an order lists is left out of it where it stands no longer or rests.
    """
    with database.write() as session:
        place = case_numbered(session, number, now)
        paper = _draft(session, place, rung)
        by.must(_act(paper))
        today = shanghai_date(now)
        if today < paper.drafted_on:
            raise WrongInput(
                f"The {PAPER[paper.kind]} of {place.name} was drafted on {paper.drafted_on}, a later day."
            )
        gone = _facts_gone(session, place, paper, now)
        action = "paper_void" if gone else "paper_sign"
        if gone:
            paper.state = "void"
        else:
            paper.state, paper.signed_on, paper.signed_by = "signed", today, by.name
        others = [] if gone else _sign_beside(session, place, paper, now)
        detail = {"case": number, "kind": paper.kind, "rung": paper.rung}
        if others:
            detail["with"] = [other.number for other in others]
        audit.record(session, {place.case.plan_id: detail}, at=now, actor=by.name, action=action)
        signed = SignedPaper(
            case=number,
            unit=place.unit.short,
            kind=paper.kind,
            rung=paper.rung,
            addressee=paper.addressee,
            on=today,
            by=by.name,
            lists=tuple(map(_listed_as, (place, *others))),
        )
    if gone:
        raise Refused(f"{gone} The draft ({PAPER[signed.kind]}) is void; it was not signed.")
    return signed


def _act(paper: Paper) -> Action:
    """Who signed that something is late signs that it is resolved."""
    if paper.kind == NOTE and paper.rung == SUPERVISION:
        return Action.SIGN_ORDER
    return SIGNED_AS[paper.kind]


def _sign_beside(session: Session, place: CasePlace, signed: Paper, now: datetime) -> list[CasePlace]:
    """Signs what else the order lists; what is late no longer is closed and void, what rests waits."""
    if signed.kind not in ORDERS:
        return []
    drafts = session.exec(
        select(Paper, Case)
        .join(Case, col(Case.id) == Paper.case_id)
        .where(Case.plan_id == place.case.plan_id, Case.unit_id == place.case.unit_id)
        .where(Paper.kind == signed.kind, Paper.drafted_on == signed.drafted_on, Paper.state == "draft")
        .order_by(col(Case.id))
    ).all()
    others = []
    for paper, case in drafts:
        if case.id != place.number and close_unless_late(session, case, now):
            paper.state, paper.signed_on, paper.signed_by = "signed", signed.signed_on, signed.signed_by
            others.append(place_of(session, case))
    return others


def _listed_as(place: CasePlace) -> str:
    return place.item.code if place.item else place.case.clock


def _draft(session: Session, place: CasePlace, rung: int | None) -> Paper:
    papers = session.exec(select(Paper).where(Paper.case_id == place.number).order_by(col(Paper.rung))).all()
    drafts = [paper for paper in papers if paper.state == "draft" and rung in (None, paper.rung)]
    if len(drafts) > 1:
        rungs = " or ".join(f"--rung {paper.rung}" for paper in drafts)
        raise WrongInput(f"{place.name} has {len(drafts)} drafts. Say which: {rungs}")
    if not drafts:
        known = ", ".join(f"{PAPER[paper.kind]} (rung {paper.rung}) is {paper.state}" for paper in papers)
        of_rung = f" of rung {rung}" if rung is not None else ""
        raise Refused(f"{place.name} has no draft{of_rung} to sign: {known or 'no paper yet'}.")
    return drafts[0]


def _facts_gone(session: Session, place: CasePlace, paper: Paper, now: datetime) -> str:
    """Why a draft may not be signed any more; empty while its facts hold. Raises `Refused` while it rests."""
    case = place.case
    if paper.kind == NOTE:
        return f"{place.name} is open again." if case.closed_on is None else ""
    _, rests = stands(session, case, now)
    if rests:
        raise Refused(f"{place.name} rests: the item is suspended. Sign once it goes on.")
    if close_unless_late(session, case, now):
        return ""
    return f"{place.name} is resolved since {case.closed_on}."


def listed(session: Session, viewer: Viewer, *, plan: str | None, drafts: bool) -> list[dict[str, Any]]:
    """The papers, that of the oldest case first, each with the cases it lists; only those that wait for a
    signature with `drafts`.
    """
    plan_row = plan_named(session, plan)
    query = (
        select(Paper, Case, Unit, Item.code)
        .join(Case, col(Case.id) == Paper.case_id)
        .join(Unit, col(Unit.id) == Case.unit_id)
        .join(Item, col(Item.id) == Case.item_id, isouter=True)
        .where(Case.plan_id == plan_row.id)
        .order_by(col(Case.id), col(Paper.rung), col(Paper.drafted_on))
    )
    if drafts:
        query = query.where(Paper.state == "draft")
    sheets: dict[tuple[object, ...], dict[str, Any]] = {}
    for paper, case, unit, code in session.exec(query):
        if viewer.sees(case.unit_id):
            of_case = None if paper.kind in ORDERS else case.id
            key = (case.unit_id, paper.kind, paper.drafted_on, paper.state, paper.signed_on, of_case)
            row = shown(paper)
            number = row.pop("case")
            sheet = sheets.setdefault(key, {"unit": unit.short, **row, "lists": []})
            sheet["lists"].append({"case": number, "item": code or "", "clock": case.clock})
    return list(sheets.values())


def shown(paper: Paper) -> dict[str, Any]:
    """A paper as lists show it."""
    return {
        "case": paper.case_id,
        "rung": paper.rung,
        "kind": paper.kind,
        "addressee": paper.addressee,
        "drafted_on": paper.drafted_on,
        "state": paper.state,
        "signed_on": paper.signed_on,
        "signed_by": paper.signed_by,
        "reason": paper.reason,
    }
