"""Who was told of a case, when and by what means: only what was really sent, or told and written down."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import or_
from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.messages import Result
from eco_workflow.domain.words import MEANS, ROLE
from eco_workflow.store.tables import Attempt, Case, Contact, Line, Message, Rung, Told, Unit


def tellings(session: Session, cases: Sequence[Case]) -> dict[int, list[says.Telling]]:
    """Case id → who was told of which rung, when and by what means; only what was really sent."""
    told: dict[int, list[says.Telling]] = {case.id or 0: [] for case in cases}
    rows = session.exec(
        select(Rung, Contact, Unit, Message)
        .join(Contact, col(Contact.id) == Rung.told_to)
        .join(Unit, col(Unit.id) == Contact.unit_id)
        .join(
            Message,
            (col(Message.plan_id) == Contact.plan_id)
            & (col(Message.contact_id) == Contact.id)
            & (col(Message.on_date) == Rung.on_date),
        )
        .join(
            Line,
            (col(Line.message_id) == Message.id)
            & (col(Line.ref_id) == Rung.case_id)
            & (col(Line.rung) == Rung.rung)
            & col(Line.kind).in_(("reminder", "alert"))
            & col(Line.dropped).is_(False),
        )
        .where(col(Rung.case_id).in_(told), Message.state == "sent")
        .order_by(col(Rung.case_id), col(Rung.rung), col(Rung.on_date))
    )
    means_of = dict(
        session.exec(
            select(Told.message_id, Told.means)
            .join(Line, col(Line.message_id) == Told.message_id)
            .where(col(Line.ref_id).in_(told))
        ).all()
    )
    otherwise = session.exec(
        select(Attempt.message_id, Attempt.channel_id, Attempt.deputy)
        .join(Line, col(Line.message_id) == Attempt.message_id)
        .where(
            col(Line.ref_id).in_(told), or_(col(Attempt.channel_id).is_not(None), col(Attempt.deputy) != "")
        )
        .where(Attempt.result == Result.ACCEPTED.value)
    ).all()
    means_of |= {message_id: "chat" for message_id, channel_id, _ in otherwise if channel_id is not None}
    deputies = {message_id: deputy for message_id, _, deputy in otherwise if deputy}
    for rung, contact, unit, message in rows:
        deputy = deputies.get(message.id or 0)
        name = f"{deputy}代{contact.name}" if deputy else contact.name
        who = f"{unit.short}{ROLE[contact.role]}（{name}）"
        assert message.sent_on is not None
        means = MEANS[means_of.get(message.id or 0, "mail")]
        told[rung.case_id].append(says.Telling(rung.rung, message.sent_on, who, means))
    return told


def heard_before(session: Session, message: Message, cases: Collection[int]) -> set[tuple[str, int, int]]:
    """Kind, case and rung of what earlier messages told the same person: sent, or maybe sent."""
    if not cases:
        return set()
    earlier = (
        select(Line.kind, Line.ref_id, Line.rung)
        .join(Message, col(Message.id) == Line.message_id)
        .where(Message.plan_id == message.plan_id, Message.contact_id == message.contact_id)
        .where(col(Message.on_date) < message.on_date, col(Message.state).not_in(("failed", "withdrawn")))
        .where(col(Line.kind).in_(("alert", "copy")), col(Line.ref_id).in_(cases))
        .where(col(Line.dropped).is_(False))
        .distinct()
    )
    return set(session.exec(earlier))


def of_debtor(told: Iterable[says.Telling]) -> list[says.Telling]:
    """What the late unit itself was told: an alert does not count itself among the warnings."""
    return [telling for telling in told if telling.rung < SUPERVISION]
