"""The history of an entry: what is appended to it, and where the item stands by it (DOMAIN 3.4)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED, Answer, figures_in
from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.overdue import SET_ASIDE
from eco_workflow.services import standing
from eco_workflow.services.ask_to_confirm import ask_to_confirm
from eco_workflow.services.declarations import linked_to
from eco_workflow.services.find import target_for
from eco_workflow.services.find_entry import Place
from eco_workflow.services.history import last_report
from eco_workflow.services.older_figure import check_not_older
from eco_workflow.store import audit
from eco_workflow.store.tables import Figure, Report, Request, Round

SHARE_ADDED = "share_added"
"""An open share of the item came from another unit: what was claimed before does not cover it."""

SAYS_NOTHING_NEW = ("accept", "confirm")
"""Acts on an answer that change no figure and no declaration, so that no verdict can change by them."""


def append(
    session: Session,
    place: Place,
    action: str,
    *,
    now: datetime,
    actor: str,
    answer: Answer | None = None,
    reason: str = "",
    on_behalf: str = "",
) -> Report:
    """Appends to the history of an entry and to the audit chain, and judges anew what hangs on it.

    A figure beside what is closed out that fells it claims nothing, whatever came with it (decision 0033).

    Raises `WrongInput` for figures that the item does not ask for, and for an act dated before the one that
    it follows: most likely a slip in `--now`; as `check_not_older` for figures.
    """
    plan_id = place.obligation.plan_id
    before = session.exec(
        select(func.max(Report.at)).where(
            Report.round_id == place.entry.round_id,
            Report.unit_id == place.entry.unit_id,
            Report.item_id == place.entry.item_id,
        )
    ).one()
    if before is not None and now < before:
        raise WrongInput(
            f"{place.name}: the last act on it is dated {wall_time(before)}, later than the instant given. "
            "Correct --now."
        )
    said, owed = answer or Answer(), place.obligation
    beside = answer is not None and owed.state == "closed" and place.entry.state not in OWED
    report = Report(
        plan_id=plan_id,
        round_id=place.entry.round_id,
        unit_id=place.entry.unit_id,
        item_id=place.entry.item_id,
        action=action,
        status=said.status,
        note=said.note,
        blocker=said.blocker,
        no_change=said.no_change,
        occurred=said.occurred,
        progress=said.progress,
        reason=reason,
        on_behalf=on_behalf,
        actor=actor,
        at=now,
    )
    session.add(report)
    session.flush()
    assert report.id is not None
    indicator = standing.indicator_of(session, place.plan, place.item)
    target = target_for(session, indicator, owed) if indicator else None
    if target:
        target = standing.as_tasked(session, plan_id, target)
    session.add_all(
        Figure(
            report_id=report.id,
            code=figure.code,
            kind=figure.kind,
            value=figure.value,
            period=figure.period,
        )
        for figure in figures_in(said, place.item.code, target)
    )
    if said.value or said.corrects_period:
        session.flush()
        check_not_older(session, place, report, shanghai_date(now), corrects=said.corrects_period)
    if action not in SAYS_NOTHING_NEW:
        judged = [place.item, *linked_to(session, place.plan, place.item)]
        standing.refresh(session, place.plan, judged, now, actor=actor)
    if beside and owed.state != "closed":
        report.status = owed.state
    if on_behalf:  # in the words that stand from now on
        session.flush()
        ask_to_confirm(session, place, report, now)
    detail = {
        "entry": place.name,
        **({"status": report.status} if answer else {}),
        **({"occurred": said.occurred} if said.occurred is not None else {}),
        **({"on_behalf": on_behalf} if on_behalf else {}),
        **({"corrects_period": True} if said.corrects_period else {}),
    }
    audit.record(session, {plan_id: detail}, at=now, actor=actor, action=f"report_{action}")
    return report


def reopen_entry(session: Session, place: Place, state: str) -> None:
    """The entry is owed again; the item falls back to what the answer before it said, be it that of a unit
    that was merged into this one.

    Raises `Refused` for an item that was set aside: nothing is owed on it.
    """
    if place.obligation.state in SET_ASIDE:
        raise Refused(
            f"{place.unit.short} owes nothing on {place.item.code}: it is {place.obligation.state}. "
            f"Its history: eco item show {place.item.code}"
        )
    place.entry.state, place.entry.submitted_on = state, None
    # It may have been answered before the request left, or to a mail that was lost and sent again.
    if state == "awaiting" or place.entry.due_at is None:
        place.entry.due_at = place.request.due_at
    if place.request.state == "answered":
        place.request.state = "awaiting"
        if place.request.sent_at is None:
            _owe_older(session, place)
    fall_back(session, place)


def fall_back(session: Session, place: Place) -> None:
    """The item stands again as the answer before said."""
    session.flush()
    if is_said_now(session, place):
        before = last_report(session, place.entry.unit_id, place.entry.item_id)
        # What was claimed before it fell, or before an open share was added, is no claim of what is open now.
        opened = last_act(session, place, (SHARE_ADDED, "reopen"))
        own = before.status if before and (before.id or 0) > opened else None
        at_first = "in_progress" if opened else "not_started"
        place.obligation.state = own or place.obligation.taken_over_as or at_first
    session.flush()


def last_act(session: Session, place: Place, actions: Collection[str]) -> int:
    """The id of the last of these acts on what the unit owes of the item; 0 where there is none."""
    of_it = (Report.unit_id == place.entry.unit_id, Report.item_id == place.entry.item_id)
    last = select(func.max(Report.id)).where(*of_it, col(Report.action).in_(actions))
    return session.exec(last).one() or 0


def is_said_now(session: Session, place: Place) -> bool:
    """Whether an answer says where the item stands now: not once it is closed out or set aside, nor out of
    the past, nor that of a unit whose successor owes the item.
    """
    if place.moved or place.obligation.state == "closed" or place.obligation.state in SET_ASIDE:
        return False
    newer = session.exec(
        select(Report.id)
        .where(
            Report.unit_id == place.entry.unit_id,
            Report.item_id == place.entry.item_id,
            Report.round_id > place.entry.round_id,
        )
        .limit(1)
    ).first()
    return newer is None


def was_returned(session: Session, place: Place) -> bool:
    """Whether the office returned an answer to this entry: taken back, it is owed as returned."""
    returned = session.exec(
        select(Report.id)
        .where(
            Report.round_id == place.entry.round_id,
            Report.unit_id == place.entry.unit_id,
            Report.item_id == place.entry.item_id,
            Report.action == "return",
        )
        .limit(1)
    ).first()
    return returned is not None


def _owe_older(session: Session, place: Place) -> None:
    """A request that never reached the unit is owed again; so is the last one that did reach it."""
    older = session.exec(
        select(Request)
        .where(
            Request.plan_id == place.obligation.plan_id,
            Request.unit_id == place.entry.unit_id,
            Request.round_id < place.entry.round_id,
            Request.state == "superseded",
            col(Request.sent_at).is_not(None),
        )
        .order_by(col(Request.round_id).desc())
    ).first()
    if older is not None:
        older.state = "awaiting"
        session.get_one(Round, older.round_id).state = "open"
