"""Rung 5: a leader decides to hand a case to the discipline commission (DOMAIN 5). Never a message."""

from datetime import datetime

from sqlmodel import Session, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.case_named import CasePlace, case_numbered, check_open
from eco_workflow.services.find import document_as_named
from eco_workflow.services.papers import SignedPaper
from eco_workflow.services.still_late import stands
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Case, Paper, Rung

ACCOUNTABILITY = 5
REPORT = 4
FILE = "accountability_file"


def account(database: Database, number: int, reason: str, *, now: datetime, by: Actor) -> SignedPaper:
    """Raises the case to rung 5 with an accountability file that is signed by this decision.

    Raises `Refused` for cases of the report and review clocks, below rung 4, whose report the leaders were
    not given yet, of units that are independent or under vertical leadership, and where the plan excepts
    the item; nobody is reported for what is late no longer.
    """
    reason = bounded(reason, "--reason")
    if not reason:
        raise WrongInput("Accountability needs --reason: it stands in the file.")
    with database.write() as session:
        place = case_numbered(session, number, now)
        by.must(Action.SIGN_ACCOUNTABILITY)
        check_open(place)
        case, today = place.case, shanghai_date(now)
        addressee = _addressee(session, place)
        _check_climbed(session, place)
        late, rests = stands(session, case, now)
        if not late or rests:
            raise Refused(
                f"{place.name} " + ("rests." if rests else "is late no longer; the next run closes it.")
            )
        if case.told_on is not None and today < case.told_on:
            raise WrongInput(
                f"{place.name} reached rung {REPORT} on {case.told_on}, a later day. Correct --now."
            )
        case.rung, case.told_on, case.told_to = ACCOUNTABILITY, today, None
        session.add(Rung(case_id=number, rung=ACCOUNTABILITY, on_date=today))
        session.add(
            Paper(
                case_id=number,
                kind=FILE,
                rung=ACCOUNTABILITY,
                addressee=addressee,
                drafted_on=today,
                state="signed",
                signed_on=today,
                signed_by=by.name,
                reason=reason,
            )
        )
        detail = {"case": number, "kind": FILE, "rung": ACCOUNTABILITY, "reason": reason}
        audit.record(session, {case.plan_id: detail}, at=now, actor=by.name, action="case_account")
        assert place.item is not None
        return SignedPaper(
            number, place.unit.short, FILE, ACCOUNTABILITY, addressee, today, by.name, (place.item.code,)
        )


def _addressee(session: Session, place: CasePlace) -> str:
    """The discipline commission's name. Raises `Refused` where this case knows no rung 5."""
    plan = document_as_named(session, place.plan)
    hears = next((h for h in plan.who_hears if h.rung == ACCOUNTABILITY and h.principal), None)
    if place.item is None or hears is None:
        raise Refused(
            f"{place.name} knows no rung {ACCOUNTABILITY}: the {place.case.clock} clock ends at rung 3."
        )
    if place.unit.relation != "subordinate":
        raise Refused(
            f"{place.unit.short} is {place.unit.relation}: {place.name} knows no rung {ACCOUNTABILITY}."
        )
    for exception in plan.exceptions:
        excepted = (
            (place.item is not None and place.item.code in exception.items)
            or place.unit.code in exception.units
            or place.unit.relation in exception.relations
        )
        if exception.rung == ACCOUNTABILITY and exception.kind == "none" and excepted:
            raise Refused(f"The plan excepts {place.name} from rung {ACCOUNTABILITY}: {exception.why}")
    return plan.unit(hears.unit).name


def _check_climbed(session: Session, place: CasePlace) -> None:
    case: Case = place.case
    if case.rung != REPORT:
        where = "already" if case.rung > REPORT else f"only after rung {REPORT}"
        raise Refused(f"{place.name} stands on rung {case.rung}; accountability is decided {where}.")
    report = select(Paper.state).where(
        Paper.case_id == case.id, Paper.rung == REPORT, Paper.state == "signed"
    )
    if session.exec(report).first() is None:
        raise Refused(
            f"The supervision report of {place.name} is not signed yet: nobody is held to account before "
            f"the leaders were told. Sign it first: eco case sign {place.number} --rung {REPORT}"
        )
